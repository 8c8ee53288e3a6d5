//! The shared corpus, from YAML to a bundle, and the bundle through doors.
//!
//! `spec check FOLDER`: whether bundle and manifest are what the suites say.
//! `spec build FOLDER`: makes them so.
//! `spec bless FOLDER [--all] [--only PART]`: writes expectations into the suites, those of the twin.
//! `spec run DOOR FOLDER [--library FILE] [--only PART] [--peer]`: a line of JSON for each case of the bundle.
//! With `--peer` the library is libddwaf itself, and cases with a deviation must fail.

mod bless;
mod bundle;
mod case;
mod door;
mod event;
mod fields;
mod run;
mod shorthand;
mod suite;
#[cfg(test)]
mod tests;
mod text;
mod yaml;

use bartizan_reference::Value;
use case::Case;
use run::Outcome;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: spec check|build|bless FOLDER [--all] [--only PART], or \
    spec run twin|engine|ddwaf|wire|wire-msgpack FOLDER [--library FILE] [--only PART] [--peer]";

fn main() -> ExitCode {
    match run_task(std::env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run_task(mut words: impl Iterator<Item = String>) -> Result<(), String> {
    let (mut plain, mut library, mut only) = (Vec::new(), None, String::new());
    let (mut all, mut is_peer) = (false, false);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--library" => library = words.next(),
            "--only" => only = words.next().ok_or(USAGE)?,
            "--all" => all = true,
            "--peer" => is_peer = true,
            _ => plain.push(word),
        }
    }
    match plain.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["check", folder] => check(Path::new(folder)),
        ["build", folder] => build(Path::new(folder)),
        ["bless", folder] => bless_all(Path::new(folder), all, &only),
        ["run", door, folder] => through(door, Path::new(folder), library.as_deref(), &only, is_peer),
        _ => Err(USAGE.into()),
    }
}

/// The files that are built, with what is to be in them.
fn files(folder: &Path) -> Result<[(PathBuf, String); 2], String> {
    let suites = suite::read_all(folder)?;
    let cases: Vec<&Case> =
        suites.iter().flat_map(|suite| &suite.cases).map(|written| &written.case).collect();
    Ok([
        (folder.join("bundle.json"), bundle::write(&cases)),
        (folder.join("MANIFEST.json"), bundle::manifest(&cases)),
    ])
}

fn check(folder: &Path) -> Result<(), String> {
    for (path, text) in files(folder)? {
        if fs::read_to_string(&path).unwrap_or_default() != text {
            return Err(format!(
                "{} is not what the suites say: run `cargo xtask spec --build`",
                path.display()
            ));
        }
    }
    Ok(())
}

fn build(folder: &Path) -> Result<(), String> {
    for (path, text) in files(folder)? {
        fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    Ok(())
}

fn bless_all(folder: &Path, all: bool, only: &str) -> Result<(), String> {
    let twin = door::open("twin", None)?;
    let suites = suite::read_all(folder)?;
    let mut count = 0;
    for suite in suites.iter().filter(|suite| suite.file.to_string_lossy().contains(only)) {
        count += bless::bless(&*twin, suite, all)?;
    }
    eprintln!("{count} expectations written: read them before you commit them");
    Ok(())
}

fn through(
    name: &str,
    folder: &Path,
    library: Option<&str>,
    only: &str,
    is_peer: bool,
) -> Result<(), String> {
    let door = door::open(name, library)?;
    let name = if is_peer { run::LIBDDWAF } else { name };
    let path = folder.join("bundle.json");
    let cases = bundle::read(&fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?)?;
    let mut failed = 0;
    for case in cases.iter().filter(|case| case.id.contains(only)) {
        let outcome = run::run(&*door, name, case);
        let (result, why) = match if is_peer { run::deviating(case, outcome) } else { outcome } {
            Outcome::Passed => ("passed", None),
            Outcome::Skipped(reason) => ("skipped", Some(reason)),
            Outcome::Failed(what) => ("failed", Some(what)),
        };
        failed += usize::from(result == "failed");
        let mut line = vec![("id".into(), Value::from(&*case.id)), ("result".into(), Value::from(result))];
        line.extend(why.map(|why| ("why".into(), Value::from(&*why))));
        println!("{}", Value::Map(line).to_json());
    }
    if failed == 0 { Ok(()) } else { Err(format!("{failed} cases failed")) }
}
