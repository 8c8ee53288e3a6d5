//! `spec`: the shared corpus in rules/spec, through every door. A runner that does not name each case of the
//! manifest, once, has failed.

use crate::counts::Counts;
use crate::failure::{Failure, Outcome};
use crate::house::{House, read};
use crate::tools::{cargo, command, hear, run as call, step};
use crate::{build, go, node, php, wheel};
use std::collections::BTreeSet;
use std::process::Command;

const FOLDER: &str = "rules/spec";

/// What `spec` is asked to do.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Write the expectations that suites lack, those of the naive twin, and build
    #[arg(long)]
    bless: bool,
    /// Build bundle.json and MANIFEST.json from the suites
    #[arg(long)]
    build: bool,
}

/// A way into something that evaluates.
struct Door {
    name: &'static str,
    command: fn(&House) -> Outcome<Command>,
}

const DOORS: [Door; 13] = [
    Door { name: "the naive twin", command: |house| Ok(runner(house, &["run", "twin", FOLDER])) },
    Door { name: "the engine as a crate", command: |house| Ok(runner(house, &["run", "engine", FOLDER])) },
    Door { name: "the ddwaf functions", command: |house| Ok(library(house, "ddwaf")) },
    Door { name: "the wire, JSON", command: |house| Ok(library(house, "wire")) },
    Door { name: "the wire, MessagePack", command: |house| Ok(library(house, "wire-msgpack")) },
    Door { name: "the wasm module", command: |house| Ok(wasm(house)) },
    Door { name: "the Python package, native", command: |house| wheel::corpus(house, "native") },
    Door { name: "the Python package, wasm", command: |house| wheel::corpus(house, "wasm") },
    Door { name: "the Node package, documents", command: |house| node::corpus(house, "documents") },
    Door { name: "the Node package, values", command: |house| node::corpus(house, "values") },
    Door { name: "the Go package", command: |house| Ok(go::corpus(house, false)) },
    Door { name: "the Go package, JSON", command: |house| Ok(go::corpus(house, true)) },
    Door { name: "the PHP package", command: |house| Ok(php::corpus(house)) },
];

pub(crate) fn run(house: &House, options: &Options) -> Outcome {
    if options.bless {
        call(runner(house, &["bless", FOLDER]), "mend the suite that the message names")?;
    }
    if options.bless || options.build {
        return call(runner(house, &["build", FOLDER]), "mend the suite that the message names");
    }
    build::build(house)?;
    let counts = tally(house)?;
    println!("{counts}");
    if counts.failed == 0 {
        return Ok(());
    }
    Err(Failure::new(
        format!("{} cases failed", counts.failed),
        "the lines above",
        "find out who is right, the engine or the case; the twin and libddwaf can be asked",
    ))
}

/// Runs the corpus through dist/ as it was built.
pub(crate) fn tally(house: &House) -> Outcome<Counts> {
    call(runner(house, &["check", FOLDER]), "run `cargo xtask spec --build`")?;
    let manifest = ids(house)?;
    let mut sum = Counts::default();
    for door in &DOORS {
        let counts = through(house, door, &manifest)?;
        step(format!("spec: {}: {counts}", door.name));
        sum += counts;
    }
    Ok(sum)
}

fn through(house: &House, door: &Door, manifest: &BTreeSet<String>) -> Outcome<Counts> {
    let heard = hear((door.command)(house)?, "build first: `cargo xtask build`")?;
    let (counts, findings) = judge(&String::from_utf8_lossy(&heard.stdout), manifest);
    for finding in findings {
        println!("    {finding}");
    }
    if !heard.status.success() && counts.failed == 0 {
        return Err(Failure::new(
            format!("the runner ended with {}", heard.status),
            String::from_utf8_lossy(&heard.stderr).trim().to_owned(),
            "run it by hand",
        ));
    }
    Ok(counts)
}

/// What a runner's lines come to. Each case of the manifest must be named once, and no other; a skip needs a
/// reason.
fn judge(lines: &str, manifest: &BTreeSet<String>) -> (Counts, Vec<String>) {
    let mut counts = Counts::default();
    let mut findings = Vec::new();
    let mut named = BTreeSet::new();
    for line in lines.lines() {
        let Ok(line) = serde_json::from_str::<serde_json::Value>(line) else { continue };
        let Some(id) = line["id"].as_str() else { continue };
        let why = line["why"].as_str().unwrap_or_default();
        match line["result"].as_str() {
            Some("passed") => counts.passed += 1,
            Some("skipped") if !why.is_empty() => counts.skipped += 1,
            Some("skipped") => findings.push(format!("{id}: skipped without a reason")),
            _ => findings.push(format!("{id}: {why}")),
        }
        if !named.insert(id.to_owned()) {
            findings.push(format!("{id}: named twice"));
        }
    }
    findings.extend(manifest.difference(&named).map(|id| format!("{id}: not run")));
    findings.extend(named.difference(manifest).map(|id| format!("{id}: not in the manifest")));
    counts.failed = findings.len();
    (counts, findings)
}

fn ids(house: &House) -> Outcome<BTreeSet<String>> {
    let path = house.path(FOLDER).join("MANIFEST.json");
    let broken = || Failure::new("not a manifest", house.show(&path), "run `cargo xtask spec --build`");
    let manifest: serde_json::Value = serde_json::from_slice(&read(&path)?).map_err(|_| broken())?;
    let ids = manifest["ids"].as_array().ok_or_else(broken)?;
    Ok(ids.iter().filter_map(|id| id.as_str().map(str::to_owned)).collect())
}

fn runner(house: &House, arguments: &[&str]) -> Command {
    let mut run = cargo(house, &["run", "--quiet", "--package", "bartizan-spec", "--"]);
    run.args(arguments);
    run
}

fn library(house: &House, door: &str) -> Command {
    let mut run = runner(house, &["run", door, FOLDER, "--library"]);
    run.arg(house.dist("libbartizan.so"));
    run
}

fn wasm(house: &House) -> Command {
    let mut node = command("node", &[]);
    node.arg(house.path(FOLDER).join("wasm.mjs")).arg(house.dist("bartizan.wasm"));
    node
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::counts::Counts;

    #[test]
    fn every_case_is_accounted_for() {
        let manifest = ["a", "b"].map(str::to_owned).into();
        let a = r#"{"id":"a","result":"passed"}"#;
        let b = r#"{"id":"b","result":"skipped","why":"no clock"}"#;
        let judged = |lines: &[&str]| judge(&lines.join("\n"), &manifest);
        assert_eq!(judged(&[a, "noise", b]), (Counts { passed: 1, failed: 0, skipped: 1 }, Vec::new()));
        let unexplained = r#"{"id":"b","result":"skipped"}"#;
        let failed = r#"{"id":"b","result":"failed","why":"x"}"#;
        let unknown = r#"{"id":"b","result":"well"}"#;
        let foreign = r#"{"id":"c","result":"passed"}"#;
        for lines in
            [&[a][..], &[], &[a, unexplained], &[a, failed], &[a, unknown], &[a, b, b], &[a, b, foreign]]
        {
            assert!(judged(lines).0.failed > 0, "{lines:?}");
        }
    }
}
