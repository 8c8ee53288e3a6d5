//! `test`: every runner there is, counted, with one closing line. A runner that did not run, or that gave
//! no count, has failed.

use crate::counts::{Counts, of_cargo};
use crate::failure::{Failure, Outcome};
use crate::house::House;
use crate::tools::{cargo, listen, shown, step, succeed};
use crate::{build, ddtrace, tidy};
use std::process::Command;
use std::time::Instant;

type Runner = fn(&House) -> Outcome<Counts>;

/// What is run, in order: what is quick and often fails comes first.
const RUNNERS: [(&str, Runner); 7] = [
    ("tidy", tidy),
    ("format", format),
    ("lints", lints),
    ("the engine without std", bare),
    ("Rust tests and documentation examples", rust),
    ("what ships", ships),
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
        "look for the first `error` or `FAILED` above; each runner can be run alone as it was printed",
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

fn rust(house: &House) -> Outcome<Counts> {
    let counted = listen(cargo(house, &["test", "--workspace", "--no-fail-fast"]), "install Rust")?;
    judged(of_cargo(&counted.stdout), counted.status.success())
}

fn ships(house: &House) -> Outcome<Counts> {
    build::build(house)?;
    let held = build::check(house)?;
    for line in &held {
        println!("    {line}");
    }
    Ok(Counts::passed(held.len()))
}

/// A program that is one test: it succeeds or it does not.
fn whole(command: Command, remedy: &str) -> Outcome<Counts> {
    let line = shown(&command);
    let heard = listen(command, remedy)?;
    succeed(heard.status, &line, remedy)?;
    Ok(Counts::passed(1))
}

/// Counts that agree with how the program ended: a program that fails has failed at least once.
fn judged(mut counts: Counts, succeeded: bool) -> Outcome<Counts> {
    if !succeeded && counts.failed == 0 {
        counts.failed = 1;
    }
    Ok(counts)
}
