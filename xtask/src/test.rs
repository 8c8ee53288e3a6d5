//! `test`: every runner there is, counted, with one closing line. A runner that did not run, or that gave
//! no count, has failed.

use crate::counts::{Counts, of_cargo, of_line, of_node, of_unittest};
use crate::failure::{Failure, Outcome};
use crate::house::{House, files_in};
use crate::tools::{Heard, cargo, command, debian_package, listen, listen_both, shown, step, succeed};
use crate::{build, clients, ddtrace, demo, go, node, php, shop, spec, tidy, wheel};
use std::process::Command;
use std::time::Instant;

type Runner = fn(&House) -> Outcome<Counts>;

/// What is run, in order: what is quick and often fails comes first. From `what ships` on, everything is
/// asked of dist/ as it was built.
const RUNNERS: [(&str, Runner); 18] = [
    ("tidy", tidy),
    ("format", format),
    ("lints", lints),
    ("the engine without std", bare),
    ("Rust tests and documentation examples", rust),
    ("fuzz targets on stable", fuzz),
    ("what ships", ships),
    ("the shared corpus", spec::tally),
    ("C ABI", c),
    ("wasm module", wasm),
    ("Python package", python_package),
    ("Node package", node::package),
    ("Go package", go::package),
    ("PHP package", php::package),
    ("the example shops", shop::tally),
    ("every door alike, and like libddwaf", every_door),
    ("the Go binding of libddwaf on our library", clients::go),
    ("ddtrace on our library", ddtrace::compare),
];

pub(crate) fn run(house: &House) -> Outcome {
    let mut sum = Counts::default();
    let mut table = Vec::new();
    for (name, runner) in RUNNERS {
        step(format!("test: {name}"));
        let began = Instant::now();
        let counts = match runner(house) {
            Ok(counts) if counts.total() == 0 => {
                eprintln!("error: the runner `{name}` ran nothing, or gave no count");
                Counts::failed(1)
            }
            Ok(counts) => counts,
            Err(failure) => {
                eprintln!("error: {failure}");
                Counts::failed(1)
            }
        };
        sum += counts;
        table.push((name, counts, began.elapsed()));
    }
    println!();
    for (name, counts, time) in &table {
        let mark = if counts.failed == 0 { ' ' } else { '!' };
        println!("{mark} {:>6.1} s  {name}: {counts}", time.as_secs_f64());
    }
    println!();
    println!("{sum}");
    if sum.failed == 0 {
        return Ok(());
    }
    let which: Vec<_> = table.iter().filter(|(_, c, _)| c.failed > 0).map(|(name, ..)| *name).collect();
    Err(Failure::new(
        format!("{} tests failed", sum.failed),
        which.join(", "),
        "look for the first `error` or `FAILED` above",
    ))
}

fn tidy(house: &House) -> Outcome<Counts> {
    let tally = tidy::tally(house)?;
    Ok(Counts { passed: tally.passed, failed: tally.failed, skipped: 0 })
}

fn format(house: &House) -> Outcome<Counts> {
    whole(cargo(house, &["fmt", "--all", "--check"]), "run `cargo fmt --all`")
}

fn lints(house: &House) -> Outcome<Counts> {
    let clippy = cargo(house, &["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]);
    whole(clippy, "mend what clippy says")
}

fn bare(house: &House) -> Outcome<Counts> {
    build::bare(house)?;
    Ok(Counts::passed(1))
}

/// A workspace of its own: the same targets hunt on nightly.
fn fuzz(house: &House) -> Outcome<Counts> {
    let manifest = house.path("fuzz/Cargo.toml");
    let mut test = cargo(house, &["test", "--no-fail-fast", "--manifest-path"]);
    test.arg(manifest).env("CARGO_TARGET_DIR", house.path("target/fuzz"));
    let heard = listen(test, "look at fuzz/README.md")?;
    Ok(judged(of_cargo, &heard))
}

fn rust(house: &House) -> Outcome<Counts> {
    let heard = listen(cargo(house, &["test", "--workspace", "--no-fail-fast"]), "install Rust")?;
    Ok(judged(of_cargo, &heard))
}

fn ships(house: &House) -> Outcome<Counts> {
    build::build(house)?;
    let held = build::check(house)?;
    for line in &held {
        println!("    {line}");
    }
    Ok(Counts::passed(held.len()))
}

/// Each C program of bindings/capi/tests is built against the headers: as C11 and as C++11 with the shared
/// library, and as C11 with the static one. The last runs under Valgrind.
fn c(house: &House) -> Outcome<Counts> {
    debian_package("valgrind", &["--version"], "valgrind")?;
    let mut counts = Counts::default();
    let out = house.path("target/c");
    crate::house::make_dir(&out)?;
    let programs = files_in(&house.path("bindings/capi/tests"))?;
    for source in programs.iter().filter(|p| p.extension().is_some_and(|e| e == "c")) {
        let name = source.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for (kind, compiler, standard) in [
            ("shared", "cc", &["-std=c11"][..]),
            ("shared-c++", "c++", &["-std=c++11", "-x", "c++"]),
            ("static", "cc", &["-std=c11"]),
        ] {
            let program = out.join(format!("{name}-{kind}"));
            let mut cc = command(compiler, standard);
            cc.args(["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g", "-O1"]);
            cc.arg("-I").arg(house.dist("include")).arg(source).args(["-x", "none", "-o"]).arg(&program);
            if kind == "static" {
                cc.arg(house.dist("libbartizan.a"));
            } else {
                cc.arg(house.dist("libbartizan.so")).arg(format!("-Wl,-rpath,{}", house.dist("").display()));
            }
            cc.args(["-lpthread", "-ldl", "-lm"]);
            crate::tools::run(cc, "install a C and C++ compiler, or mend the program or the header")?;
            let run = if kind == "static" {
                let mut valgrind =
                    command("valgrind", &["--quiet", "--error-exitcode=99", "--leak-check=full"]);
                valgrind.args(["--errors-for-leak-kinds=definite,indirect,possible"]).arg(&program);
                valgrind
            } else {
                Command::new(&program)
            };
            counts += judged(of_line, &listen(run, "run the test again")?);
        }
    }
    Ok(counts)
}

/// Node's own runner, on the module as it ships.
fn wasm(house: &House) -> Outcome<Counts> {
    let mut node = command("node", &["--test", "--test-reporter=tap"]);
    let files = files_in(&house.path("xtask/wasm"))?;
    node.args(files.iter().filter(|f| f.to_string_lossy().contains(".test."))).current_dir(house.root());
    Ok(judged(of_node, &listen(node, "install Node 20 or newer")?))
}

fn python_package(house: &House) -> Outcome<Counts> {
    let python = wheel::installed(house)?;
    let mut unittest =
        command(python, &["-m", "unittest", "discover", "--start-directory", "bindings/python/tests"]);
    unittest.current_dir(house.root()).env_remove("PYTHONPATH").env("PYTHONDONTWRITEBYTECODE", "1");
    unittest.env("BARTIZAN_FORCED_PANIC", build::forced_panic(house)?).env("RUST_BACKTRACE", "0");
    Ok(judged(of_unittest, &listen_both(unittest, "install Python 3.9 or newer")?))
}

/// One test per door that has to agree, and one per comparison with libddwaf.
fn every_door(house: &House) -> Outcome<Counts> {
    demo::show(house)
}

/// A program that is one test: it succeeds or it does not.
fn whole(command: Command, remedy: &str) -> Outcome<Counts> {
    let line = shown(&command);
    let heard = listen(command, remedy)?;
    succeed(heard.status, &line, remedy)?;
    Ok(Counts::passed(1))
}

/// What was counted, held against how the program ended: one that failed has failed at least once.
pub(crate) fn judged(count: fn(&str) -> Counts, heard: &Heard) -> Counts {
    let mut counts = count(&heard.text);
    if !heard.status.success() && counts.failed == 0 {
        counts.failed = 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::{Heard, judged};
    use crate::counts::{Counts, of_line};
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    #[test]
    fn a_program_that_fails_is_not_believed() {
        let heard =
            |code| Heard { text: "runner: {\"passed\":3}".to_owned(), status: ExitStatus::from_raw(code) };
        assert_eq!(judged(of_line, &heard(0)), Counts::passed(3));
        assert_eq!(judged(of_line, &heard(1 << 8)), Counts { passed: 3, failed: 1, skipped: 0 });
    }
}
