//! How much of the engine each target reaches: seeds, regressions and what hunts have collected, replayed with a counter in
//! every line.

use crate::failure::{Failure, Outcome};
use crate::house::{House, empty_dir, files_in};
use crate::tools::{command, output, run as call, step};
use std::path::PathBuf;

pub(super) fn show(house: &House, targets: &[String]) -> Outcome {
    let tools = tools()?;
    let folder = house.path("target/fuzz/coverage");
    step("building the replay with counters");
    let mut build =
        command("cargo", &["+nightly", "test", "--no-run", "--message-format=json", "--test", "replay"]);
    build
        .current_dir(house.path("fuzz"))
        .env("RUSTFLAGS", "-Cinstrument-coverage")
        .env("CARGO_TARGET_DIR", &folder);
    build.env_remove("CARGO").env_remove("RUSTUP_TOOLCHAIN");
    let said = output(build, "mend what the compiler says")?;
    let program = said
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .find_map(|line| line["executable"].as_str().map(PathBuf::from))
        .ok_or_else(|| Failure::new("no program was built", "fuzz/tests/replay.rs", "build it by hand"))?;
    println!("{:>14}  {:>8}  {:>22}  in files that it reaches, of all", "target", "inputs", "lines");
    for target in targets {
        let counts = folder.join("counts");
        empty_dir(&counts)?;
        let mut replay = command(&program, &["--quiet", "--exact"]);
        replay
            .arg(target)
            .current_dir(house.path("fuzz"))
            .env("LLVM_PROFILE_FILE", counts.join("%p.profraw"));
        let corpus = house.path("target/fuzz/corpus");
        replay.env("BARTIZAN_CORPUS", &corpus).stdout(std::process::Stdio::null());
        if target == "oracle" {
            replay.env("BARTIZAN_ORACLE", crate::oracle::fetch(house)?.library);
        }
        output(replay, "run `cargo test` in fuzz/")?;
        let merged = counts.join("merged");
        let mut merge = command(tools.join("llvm-profdata"), &["merge", "-sparse", "-o"]);
        merge.arg(&merged).args(files_in(&counts)?);
        call(merge, "run it again")?;
        let mut export = command(tools.join("llvm-cov"), &["export", "-summary-only"]);
        export.arg(&program).arg("-instr-profile").arg(&merged);
        let said = output(export, "run it again")?;
        let inputs = files_in(&corpus.join(target)).map_or(0, |files| files.len());
        println!("{target:>14}  {inputs:>8}  {}", lines(house, &said));
    }
    Ok(())
}

/// Lines of the engine and of the doors: those run, and all in files of which some were.
fn lines(house: &House, export: &str) -> String {
    let said: serde_json::Value = serde_json::from_str(export).unwrap_or_default();
    let (mut run, mut reached, mut all) = (0, 0, 0);
    for file in said["data"][0]["files"].as_array().into_iter().flatten() {
        let name = file["filename"].as_str().unwrap_or_default();
        let inside = |folder: &str| name.starts_with(&*house.path(folder).to_string_lossy());
        if !(inside("engine") || inside("bindings")) || inside("engine/reference") || name.contains("/tests/")
        {
            continue;
        }
        let number = |what: &str| file["summary"]["lines"][what].as_u64().unwrap_or(0);
        run += number("covered");
        all += number("count");
        reached += if number("covered") > 0 { number("count") } else { 0 };
    }
    let share = |of: u64| if of == 0 { 0.0 } else { run as f64 * 100.0 / of as f64 };
    format!("{run:>6} of {reached:>6}, {:>4.1} %  {:>4.1} % of {all}", share(reached), share(all))
}

/// The nightly toolchain's own tools, since they must be of its version.
fn tools() -> Outcome<PathBuf> {
    let place = |what: &str| {
        output(command("rustc", &["+nightly", "--print", what]), "install a nightly toolchain")
            .map(|t| t.trim().to_owned())
    };
    let tools = PathBuf::from(place("target-libdir")?).with_file_name("bin");
    if !tools.join("llvm-cov").exists() {
        step("installing llvm-tools of the nightly toolchain");
        let rustup = command("rustup", &["component", "add", "llvm-tools", "--toolchain", "nightly"]);
        call(rustup, "install the component llvm-tools by hand")?;
    }
    Ok(tools)
}
