//! `bartizan`: checks rules, evaluates requests, and looks for what rules miss.
#![forbid(unsafe_code)]

mod args;
mod build;
mod check;
mod eval;
mod finding;
mod fuzz;
mod hint;
mod progress;
mod rules;

use args::{Args, Command};
use clap::Parser;
use std::fmt;
use std::process::ExitCode;

/// How a command ended, as its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Everything was fine.
    Fine = 0,
    /// Rules or requests were refused, or have findings.
    Refused = 1,
    // 2 is clap's, for a command line that is wrong.
    /// A file cannot be read or written.
    Io = 3,
}

/// A file that cannot be read or written.
#[derive(Debug)]
struct IoError(String);

impl IoError {
    fn new(what: impl fmt::Display, error: &std::io::Error) -> Self {
        Self(format!("{what}: {error}"))
    }
}

fn main() -> ExitCode {
    let outcome = match Args::parse().command {
        Command::Build(build) => build::run(&build),
        Command::Check(check) => check::run(&check),
        Command::Eval(eval) => eval::run(&eval),
        Command::Fuzz(fuzz) => fuzz::run(&fuzz),
    };
    let end = outcome.unwrap_or_else(|IoError(what)| {
        eprintln!("bartizan: {what}");
        End::Io
    });
    ExitCode::from(end as u8)
}
