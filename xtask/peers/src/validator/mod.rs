//! The black-box suite that libddwaf publishes, run through a door.
//!
//! A folder has a `ruleset.yaml`; each other file below it is a test: runs of one context, where a list in the
//! place of a run holds the runs of a subcontext. What a run expects is laid down in [`check`].

mod check;
mod door;
mod wasm;
mod yaml;

use crate::library::Library;
use crate::value::Value;
use crate::{Arguments, Outcome};
use door::{Door, Native};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use wasm::Wasm;

/// Passed and failed, by folder.
type Tally = BTreeMap<String, [usize; 2]>;

/// Runs all tests through the C ABI of our library and, when a module is named, through that.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let library = Library::open(&arguments.ours)?;
    let mut failed = through(&mut Native::new(&library), &arguments.file)?;
    if !arguments.wasm.is_empty() {
        failed += through(&mut Wasm::open(&arguments.wasm)?, &arguments.file)?;
    }
    if failed == 0 { Ok(()) } else { Err(format!("{failed} tests failed")) }
}

/// How many tests fail through a door.
fn through<D: Door>(door: &mut D, root: &str) -> Outcome<usize> {
    let root = Path::new(root);
    let mut tally = Tally::new();
    folder(door, root, root, None, &mut tally)?;
    println!("{}:", door.name());
    let mut sum = [0; 2];
    for (folder, [passed, failed]) in &tally {
        println!("  {passed:>4} passed, {failed:>3} failed  {folder}");
        sum[0] += passed;
        sum[1] += failed;
    }
    println!("{} passed, {} failed", sum[0], sum[1]);
    if sum[0] + sum[1] == 0 {
        return Err(format!("no tests in {}", root.display()));
    }
    Ok(sum[1])
}

fn folder<D: Door>(
    door: &mut D,
    root: &Path,
    path: &Path,
    ruleset: Option<&Value>,
    tally: &mut Tally,
) -> Outcome {
    let mut entries: Vec<PathBuf> = fs::read_dir(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|e| format!("cannot list {}: {e}", path.display()))?
        .into_iter()
        .map(|entry| entry.path())
        .collect();
    entries.sort();
    let own = path.join("ruleset.yaml");
    let own = own.exists().then(|| read(&own)).transpose()?;
    let ruleset = own.as_ref().or(ruleset);
    let loaded = ruleset.map(|ruleset| door.load(ruleset)).transpose()?;
    let name = path.strip_prefix(root).unwrap_or(path).display().to_string();
    for entry in &entries {
        let is_test = entry.extension().is_some_and(|e| e == "yaml") && !entry.ends_with("ruleset.yaml");
        if !is_test {
            continue;
        }
        let test = read(entry)?;
        let held = |flag: &str| matches!(test.get(flag), Some(Value::Bool(true)));
        if held("self-test") {
            continue;
        }
        let outcome = match (ruleset, loaded) {
            (Some(ruleset), Some(true)) => check::test(door, &test, ruleset),
            _ => Err("the ruleset was not loaded".to_owned()),
        };
        let passed = outcome.is_ok() != held("expected-fail");
        tally.entry(name.clone()).or_default()[usize::from(!passed)] += 1;
        if !passed {
            let why = outcome.err().unwrap_or_else(|| "it passes, though it must fail".to_owned());
            println!("FAILED {}: {why}", entry.strip_prefix(root).unwrap_or(entry).display());
        }
    }
    for entry in entries.iter().filter(|entry| entry.is_dir()) {
        folder(door, root, entry, ruleset, tally)?;
        // What lies deeper may have loaded rules of its own.
    }
    Ok(())
}

fn read(path: &Path) -> Outcome<Value> {
    let source = fs::read_to_string(path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
    yaml::parse(&source).map_err(|e| format!("{}: {e}", path.display()))
}
