//! The ways into the engine that `demo` shows, each as a program that takes rules and requests.

use crate::failure::{Failure, Outcome};
use crate::house::{House, make_dir, read_text};
use crate::tools::{cargo, output};
use std::path::Path;
use std::process::Command;

/// What a door gave: one result document per request, and the time for all of them.
pub(crate) struct Ran {
    pub(crate) results: Vec<String>,
    pub(crate) ns: u64,
}

/// A way into the engine.
#[derive(Clone, Copy)]
pub(crate) enum Door {
    /// The crate, inside a Rust program.
    Native,
    /// The ddwaf functions of the C library.
    Ddwaf,
    /// The bartizan functions of the C library.
    Wire,
}

pub(crate) fn all() -> [Door; 3] {
    [Door::Native, Door::Ddwaf, Door::Wire]
}

impl Door {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Door::Native => "Rust, the crate",
            Door::Ddwaf => "C, ddwaf functions",
            Door::Wire => "C, bartizan functions",
        }
    }

    pub(crate) fn run(self, house: &House, rules: &Path, requests: &Path) -> Outcome<Ran> {
        let library = house.dist("libbartizan.so");
        match self {
            Door::Native => own(house, "native", &library, rules, requests),
            Door::Ddwaf => own(house, "ddwaf", &library, rules, requests),
            Door::Wire => own(house, "wire", &library, rules, requests),
        }
    }
}

/// The ddwaf functions of any library that has them.
pub(crate) fn ddwaf(house: &House, library: &Path, rules: &Path, requests: &Path) -> Outcome<Ran> {
    own(house, "ddwaf", library, rules, requests)
}

/// A door that the program `doors` opens, built as what ships is built.
fn own(house: &House, door: &str, library: &Path, rules: &Path, requests: &Path) -> Outcome<Ran> {
    let results = house.path("target/demo").join(format!("{door}.ndjson"));
    make_dir(&house.path("target/demo"))?;
    let mut run = cargo(house, &["run", "--quiet", "--release", "--package", "doors", "--", door]);
    run.arg(library).arg(rules).arg(requests).arg(&results);
    timed(run, &results)
}

/// Runs a program that writes its results to a file and says its time on standard output.
fn timed(run: Command, results: &Path) -> Outcome<Ran> {
    let line = crate::tools::shown(&run);
    let said = output(run, "see the message above")?;
    let said: serde_json::Value = serde_json::from_str(said.trim()).unwrap_or_default();
    let ns = said["ns"].as_u64().ok_or_else(|| {
        Failure::new("a door did not say its time", line, "mend what the program prints last")
    })?;
    Ok(Ran { results: read_text(results)?.lines().map(str::to_owned).collect(), ns })
}
