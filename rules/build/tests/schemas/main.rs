//! The schemas in `rules/schema`, held against what they describe.

mod validator;

use bartizan_packs::{Pack, Value};
use bartizan_wire::{Builder, Format, Request};
use serde_json::{Value as Json, json};
use std::fs;
use std::path::{Path, PathBuf};
use validator::Schema;

fn rules() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in rules").to_path_buf()
}

fn schema(name: &str) -> Schema {
    Schema::of(&rules().join("schema"), name)
}

fn holds(schema: &Schema, document: &[u8], what: &str) {
    let document = serde_json::from_slice(document).unwrap_or_else(|e| panic!("{what}: {e}"));
    if let Some(error) = schema.error(&document) {
        panic!("{what}: {error}");
    }
}

fn packs() -> Vec<PathBuf> {
    let entries = fs::read_dir(rules().join("packs")).expect("the packs are there");
    entries.map(|e| e.expect("readable").path()).filter(|p| p.is_dir()).collect()
}

#[test]
fn packs_and_their_rulesets_hold() {
    let (pack, ruleset) = (schema("pack"), schema("ruleset"));
    for dir in packs() {
        holds(&ruleset, &bartizan_packs::build(&dir).expect("it builds"), &dir.display().to_string());
        for file in fs::read_dir(&dir).expect("readable").map(|e| e.expect("readable").path()) {
            let yaml = fs::read_to_string(&file).expect("readable");
            let value = Value::from_yaml(&yaml).expect("it is YAML");
            holds(&pack, &value.to_json(), &file.display().to_string());
        }
    }
}

#[test]
fn requests_hold_and_have_ids_of_their_own() {
    let request = schema("request");
    let path = rules().join("../host-examples/requests.ndjson");
    let text = fs::read_to_string(path).expect("the requests are there");
    let mut ids = std::collections::HashSet::new();
    for line in text.lines() {
        holds(&request, line.as_bytes(), line);
        let line: Json = serde_json::from_str(line).expect("it was read before");
        assert!(ids.insert(line["id"].to_string()), "{} is there twice", line["id"]);
    }
    assert!(ids.len() >= 300);
}

#[test]
fn what_the_engine_writes_holds() {
    let (result, diagnostics) = (schema("result"), schema("diagnostics"));
    let mut seen = 0;
    for dir in packs() {
        let pack = Pack::read(&dir).expect("it builds");
        let (mut builder, mut loaded) = (Builder::new(), None);
        for case in pack.cases() {
            // Cases of one rule follow each other and share its config.
            if loaded.as_ref() != Some(&case.config) {
                let update = builder.update(b"case", &case.config, Format::Json);
                holds(&diagnostics, &update.diagnostics, &case.id);
                loaded = Some(case.config);
            }
            let mut context = builder.build().expect("every case has a rule").context();
            for run in &case.runs {
                let mut out = Vec::new();
                if context.eval(run, Request::default(), &mut out).expect("runs are maps") {
                    holds(&result, &out, &case.id);
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 100, "{seen}");
    let broken = [
        json!({ "version": "2.2", "rules": [{}, { "id": "x" }, 5], "actions": [5], "rules_data": [{ "id": 1 }] }),
        json!({ "version": "2.2", "obfuscator": { "key_regex": "(" }, "processors": 5, "scanners": [{ "id": "s", "tags": {} }] }),
        json!({ "version": "1.0" }),
        json!([]),
    ];
    for config in broken {
        let update = Builder::new().update(b"x", config.to_string().as_bytes(), Format::Json);
        holds(&diagnostics, &update.diagnostics, &config.to_string());
    }
}

#[test]
fn slips_of_the_pen_are_found() {
    let good = json!({ "version": "2.2", "rules": [ {
        "id": "r", "name": "n", "tags": { "type": "t" }, "transformers": ["lowercase"], "on_match": ["block"],
        "conditions": [ { "operator": "!match_regex@v2", "parameters": { "inputs": [ { "address": "a", "key_path": ["k", -1] } ], "regex": "x" } } ],
        "output": { "event": false, "attributes": { "x": { "value": true } } }
    } ] });
    let ruleset = schema("ruleset");
    assert_eq!(ruleset.error(&good), None);
    let slips: [(&str, Json); 9] = [
        ("/rules/0/transformers/0", json!("lower_case")),
        ("/rules/0/tags", json!({ "category": "c" })),
        ("/rules/0/conditions", json!([])),
        ("/rules/0/conditions/0/operator", json!("!is_xss")),
        ("/rules/0/conditions/0/parameters/inputs", json!([])),
        ("/rules/0/conditions/0/parameters/inputs/0", json!({ "adress": "a" })),
        ("/rules/0/output/attributes/x", json!({ "key_path": ["a"] })),
        ("/rules/0/on_match", json!("block")),
        ("/version", json!(2.2)),
    ];
    for (place, slip) in slips {
        let mut bad = good.clone();
        *bad.pointer_mut(place).expect("the place is there") = slip;
        assert!(ruleset.error(&bad).is_some(), "{place}");
    }
    for (name, bad) in [
        ("result", json!({ "events": [], "actions": {} })),
        ("diagnostics", json!({ "rule": {} })),
        ("diagnostics", json!({ "rules": { "loaded": [] } })),
        ("request", json!({ "id": "x", "class": "c", "runs": [] })),
        ("pack", json!({ "pack": "p" })),
        (
            "pack",
            json!({ "rules": [ { "id": "r", "name": "n", "tags": { "type": "t" }, "conditions": ["x"] } ] }),
        ),
    ] {
        assert!(schema(name).error(&bad).is_some(), "{name}: {bad}");
    }
}
