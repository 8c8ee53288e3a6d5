//! The corpus of this repository: built as the suites say, and passed by twin and engine.

use crate::door;
use crate::run::{Outcome, run};
use crate::{bundle, files};
use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the runner stands in the corpus").to_owned()
}

#[test]
fn bundle_and_manifest_are_what_the_suites_say() {
    for (path, text) in files(&folder()).expect("suites that can be read") {
        let built = fs::read_to_string(&path).expect("a built file");
        assert!(built == text, "{}: run `cargo xtask spec --build`", path.display());
    }
}

#[test]
fn twin_and_engine_pass_every_case() {
    let text = fs::read(folder().join("bundle.json")).expect("a bundle");
    let cases = bundle::read(&text).expect("a bundle that can be read");
    assert!(cases.len() > 1_000);
    for name in ["twin", "engine"] {
        let door = door::open(name, None).expect("a door without a library");
        let outcomes: Vec<_> = cases.iter().map(|case| (&case.id, run(&*door, name, case))).collect();
        let failed: Vec<_> =
            outcomes.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Failed(_))).collect();
        assert!(failed.is_empty(), "{name}: {failed:#?}");
        let passed = outcomes.iter().filter(|(_, outcome)| *outcome == Outcome::Passed).count();
        assert!(passed * 100 > cases.len() * 97, "{name} passes only {passed} of {}", cases.len());
    }
}

#[test]
fn the_list_of_deviations_names_its_cases() {
    let list = fs::read_to_string(folder().join("../../docs/deviations.md")).expect("a list");
    let named: Vec<&str> = list
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("- case `")?.strip_suffix('`'))
        .collect();
    let cases = bundle::read(&fs::read(folder().join("bundle.json")).expect("a bundle")).expect("cases");
    for name in &named {
        assert!(cases.iter().any(|case| case.id == *name), "there is no case `{name}`");
    }
    for case in cases.iter().filter(|case| case.deviation.is_some()) {
        assert!(named.contains(&case.id.as_str()), "docs/deviations.md does not name `{}`", case.id);
    }
}
