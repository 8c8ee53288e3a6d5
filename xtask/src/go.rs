//! The Go module as it ships: its tests, the shared corpus, and a program that gets it as any other module.

use crate::counts::{Counts, of_go};
use crate::failure::{Failure, Outcome};
use crate::house::{House, empty_dir, install, read_text, write};
use crate::stage::Task;
use crate::tools::{command, listen, listen_quietly, output, run as call, step};
use std::path::Path;
use std::process::Command;

const MODULE: &str = "example.invalid/bartizan";
const VERSION: &str = concat!("v", env!("CARGO_PKG_VERSION"));
const REMEDY: &str =
    "install Go 1.25 or newer, and check that the module proxy is reachable (`go env GOPROXY`)";

/// Where a fresh program is made.
const FOLDER: &str = "target/packages/go";

pub(crate) fn run(house: &House, task: &Task) -> Outcome {
    match task {
        Task::Bench => bench(house),
        Task::Soak => {
            let mut soak =
                go(&["test", "-v", "-count=1", "-timeout", "60m", "-run", "TestNothingIsLost", "."]);
            soak.current_dir(house.dist("go")).env("BARTIZAN_SOAK", "1");
            listen_quietly(soak, REMEDY)
        }
    }
}

pub(crate) fn package(house: &House) -> Outcome<Counts> {
    let mut tests = go(&["test", "-v", "-count=1", "./..."]);
    tests.current_dir(house.dist("go")).env("BARTIZAN_FORCED_PANIC", crate::build::forced_panic(house)?);
    let heard = listen(tests, REMEDY)?;
    let mut counts = crate::test::judged(of_go, &heard);
    step("go get in an empty module, without cgo");
    counts += fresh(house)?;
    Ok(counts)
}

/// The shared corpus through the package: Go values, or JSON documents.
pub(crate) fn corpus(house: &House, json: bool) -> Command {
    let mut run = go(&["run", "./internal/corpus"]);
    if json {
        run.arg("-json");
    }
    run.arg(house.path("rules/spec/bundle.json")).current_dir(house.dist("go"));
    run
}

/// What a request costs on the recommended rules, beside Datadog's binding.
fn bench(house: &House) -> Outcome {
    let mut run = go(&["run", "-tags", "appsec", "."]);
    run.arg(crate::oracle::fetch(house)?.rules).current_dir(house.path("xtask/cost/go"));
    call(run, REMEDY)
}

/// The example shop.
pub(crate) fn shop(house: &House) -> Outcome<Command> {
    let program = house.path("target/shop/go-shop");
    let mut build = go(&["build", "-o"]);
    build.arg(&program).arg("./shop").current_dir(house.path("host-examples/go"));
    call(build, REMEDY)?;
    Ok(Command::new(program))
}

fn go(arguments: &[&str]) -> Command {
    let mut go = command("go", arguments);
    go.env("CGO_ENABLED", "0").env("GOWORK", "off");
    go
}

/// The example of the README, unchanged, in a module that gets ours from a proxy.
fn fresh(house: &House) -> Outcome<Counts> {
    let folder = house.path(FOLDER);
    let (proxy, program) = (folder.join("proxy"), folder.join("program"));
    serve(house, &folder, &proxy)?;
    empty_dir(&program)?;
    let example = example(house)?;
    write(&program.join("main.go"), example.0.as_bytes())?;
    let proxies = output(command("go", &["env", "GOPROXY"]), REMEDY)?;
    let here = |arguments: &[&str]| {
        let mut go = go(arguments);
        go.current_dir(&program).env("GOPROXY", format!("file://{},{}", proxy.display(), proxies.trim()));
        // What is not public has no public checksum; nor may a former build of the same version be taken for this one.
        go.env("GONOSUMDB", MODULE).env("GOMODCACHE", folder.join("modules")).env("GOFLAGS", "-modcacherw");
        go
    };
    call(here(&["mod", "init", "example.invalid/program"]), REMEDY)?;
    call(here(&["get", MODULE]), REMEDY)?;
    let said = output(here(&["run", "."]), "see the message above")?;
    if said.trim() == example.1 {
        return Ok(Counts::passed(1));
    }
    println!("    the README says `{}`, the program `{}`", example.1, said.trim());
    Ok(Counts::failed(1))
}

/// Packs the files of a folder, without entries for the folders themselves, which Go takes for files that do not
/// belong there.
const ZIP: &str = "\
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as archive:
    for folder, _, names in os.walk(sys.argv[2]):
        for name in names:
            archive.write(os.path.join(folder, name))
";

/// A module proxy in a folder.
fn serve(house: &House, folder: &Path, proxy: &Path) -> Outcome {
    empty_dir(&folder.join("modules"))?;
    empty_dir(proxy)?;
    let root = folder.join("zip");
    empty_dir(&root)?;
    crate::stage::copy(&house.dist("go"), &root.join(format!("{MODULE}@{VERSION}")))?;
    let versions = proxy.join(MODULE).join("@v");
    write(&versions.join("list"), format!("{VERSION}\n").as_bytes())?;
    write(&versions.join(format!("{VERSION}.info")), format!("{{\"Version\":\"{VERSION}\"}}").as_bytes())?;
    install(&house.dist("go/go.mod"), &versions.join(format!("{VERSION}.mod")))?;
    let mut zip = command("python3", &["-c", ZIP]);
    zip.arg(versions.join(format!("{VERSION}.zip"))).arg("example.invalid").current_dir(&root);
    call(zip, "install Python 3")
}

/// The program in the README, and what it says that it prints.
fn example(house: &House) -> Outcome<(String, String)> {
    let path = house.dist("go/README.md");
    let text = read_text(&path)?;
    let program = text.split_once("```go\n").and_then(|(_, rest)| rest.split_once("\n```\n"));
    let said =
        program.and_then(|(_, rest)| rest.split_once("It prints `")).and_then(|(_, r)| r.split_once("`."));
    match (program, said) {
        (Some((program, _)), Some((said, _))) => Ok((program.to_owned(), said.to_owned())),
        _ => Err(Failure::new(
            "no example: a go block and, below it, what it prints",
            house.show(&path),
            "write one",
        )),
    }
}
