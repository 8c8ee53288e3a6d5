//! `node`: the npm package alone, for those who work on it. The same runners are among those of `test`.

use crate::build;
use crate::counts::{Counts, of_node};
use crate::failure::{Failure, Outcome};
use crate::house::{House, empty_dir, files_in, install, read_text, write};
use crate::npm;
use crate::oracle;
use crate::test::judged;
use crate::tools::{command, debian_package, have, listen, listen_quietly, output, run as call, step};
use std::path::PathBuf;
use std::process::Command;

/// What is wanted of the package.
#[derive(clap::Subcommand)]
pub(crate) enum Task {
    /// Build dist/js and nothing else
    Build,
    /// Build it, and run its tests
    Test,
    /// Build it, and measure what a request costs beside Datadog's binding
    Bench,
    /// Build it, and send a million requests to eight workers while rules are swapped and broken a thousand times
    Soak,
}

pub(crate) fn run(house: &House, task: &Task) -> Outcome {
    npm::package(house, &build::javascript(house, &[])?)?;
    match task {
        Task::Build => Ok(()),
        Task::Bench => bench(house),
        Task::Soak => soak(house),
        Task::Test => {
            let counts = package(house)?;
            println!("{counts}");
            if counts.failed == 0 {
                return Ok(());
            }
            Err(Failure::new(format!("{} tests failed", counts.failed), "bindings/js/tests", "see above"))
        }
    }
}

/// The package's tests: on dist/js as npm packs and installs it, in Node, in a bundler and in a browser.
pub(crate) fn package(house: &House) -> Outcome<Counts> {
    let forced = house.path("target/forced-panic/js");
    npm::package_into(house, &build::javascript(house, &["--features", "forced-panic"])?, &forced)?;
    debian_package("chromium", &["--version"], "chromium")?;
    let peers = peers(house)?;
    let project = project(house)?;
    let mut node = command("node", &["--expose-gc", "--test", "--test-reporter=tap"]);
    let files = files_in(&house.path("bindings/js/tests"))?;
    node.args(files.iter().filter(|f| f.to_string_lossy().contains(".test."))).current_dir(house.root());
    node.env("BARTIZAN_PEERS", peers).env("BARTIZAN_PROJECT", project).env("BARTIZAN_FORCED_PANIC", forced);
    Ok(judged(of_node, &listen(node, "install Node 20 or newer")?))
}

fn soak(house: &House) -> Outcome {
    build::packs(house)?;
    let mut node = command("node", &["bindings/js/tests/soak.mjs"]);
    node.arg(project(house)?).arg("--rules").arg(house.dist("packs/waf-starter.json"));
    node.current_dir(house.root());
    call(node, "the line that it printed says what is wrong")
}

/// On the recommended rules, beside Datadog's binding where npm can install it.
fn bench(house: &House) -> Outcome {
    const PEER: &str = "@datadog/native-appsec@11.0.3";
    let rules = oracle::fetch(house)?.rules;
    let peer = house.path("target/npm-bench");
    write(&peer.join("package.json"), b"{\n  \"private\": true\n}\n")?;
    step(format!("installing {PEER} into target/npm-bench"));
    let mut install = command("npm", &["install", "--no-audit", "--no-fund", "--loglevel=error", PEER]);
    install.current_dir(&peer);
    let installed = call(install, "it runs on few platforms only");
    let mut node = command("node", &["bindings/js/bench/cost.mjs"]);
    node.arg(project(house)?).arg(rules).current_dir(house.root());
    match installed {
        Ok(()) => {
            node.arg(peer);
        }
        Err(failure) => eprintln!("    measured alone: {failure}"),
    }
    call(node, "install Node 20 or newer")
}

/// The shared corpus through the package as npm installed it: all as `documents`, or as `values` where they can be.
pub(crate) fn corpus(house: &House, form: &str) -> Outcome<Command> {
    let mut node = command("node", &["bindings/js/tests/corpus.mjs"]);
    node.arg(project(house)?).arg(form).current_dir(house.root());
    Ok(node)
}

/// A project that has installed dist/js as npm packs it.
pub(crate) fn project(house: &House) -> Outcome<PathBuf> {
    let folder = house.path("target/npm-project");
    empty_dir(&folder)?;
    write(&folder.join("package.json"), b"{\n  \"private\": true\n}\n")?;
    let remedy = "install Node 20 or newer with npm";
    let mut pack = command("npm", &["pack", "--silent", "--pack-destination"]);
    pack.arg(&folder).arg(house.dist("js")).current_dir(house.root());
    let packed = output(pack, remedy)?;
    let mut install = command("npm", &["install", "--offline", "--no-audit", "--no-fund", "--silent"]);
    install.arg(folder.join(packed.trim())).current_dir(&folder);
    call(install, remedy)?;
    Ok(folder)
}

/// What the tests need of the world: a bundler, a compiler of types, Express… in target/npm, as locked.
pub(crate) fn peers(house: &House) -> Outcome<PathBuf> {
    let folder = house.path("target/npm");
    let stamp = folder.join("installed");
    let wanted = read_text(&house.path("bindings/js/tests/package-lock.json"))?;
    if std::fs::read_to_string(&stamp).is_ok_and(|had| had == wanted) {
        return Ok(folder);
    }
    step("installing what the tests of the npm package need into target/npm");
    if !have("npm", &["--version"]) {
        return Err(Failure::new(
            "npm does not answer",
            "npm --version",
            "install Node 20 or newer with npm",
        ));
    }
    for file in ["package.json", "package-lock.json"] {
        install(&house.path("bindings/js/tests").join(file), &folder.join(file))?;
    }
    let mut npm = command("npm", &["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    npm.current_dir(&folder);
    listen_quietly(npm, "check that the npm registry can be reached")?;
    write(&stamp, wanted.as_bytes())?;
    Ok(folder)
}
