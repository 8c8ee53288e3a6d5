//! `bartizan fuzz` as rule authors call it.

use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn rule(id: &str, kind: &str, conditions: Value) -> Value {
    json!({ "id": id, "name": id, "tags": { "type": kind }, "conditions": conditions })
}

fn condition(operator: &str, parameters: Value) -> Value {
    json!({ "operator": operator, "parameters": parameters })
}

fn on(addresses: &[&str]) -> Value {
    addresses.iter().map(|address| json!({ "address": address })).collect()
}

/// A file of one test, removed at its end.
struct File(PathBuf);

impl File {
    fn new(name: &str, rules: &Value) -> Self {
        let path = std::env::temp_dir().join(format!("bartizan-fuzz-{}-{name}.json", std::process::id()));
        fs::write(&path, json!({ "version": "2.2", "rules": rules }).to_string()).expect("writable");
        Self(path)
    }

    fn fuzz(&self, args: &[&str]) -> Output {
        fuzz(&self.0, args)
    }

    /// The report as JSON, without what differs from run to run.
    fn report(&self, rounds: &str, seed: &str) -> Value {
        let output = self.fuzz(&["--json", "--rounds", rounds, "--seed", seed]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let mut report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        report["seconds"] = 0.into();
        report
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn fuzz(rules: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bartizan"));
    command.arg("fuzz").arg(rules).args(args).output().expect("the command runs")
}

/// Evaluates an input with the command, and says which rules report it.
fn reporters(rules: &File, input: &Value) -> Vec<String> {
    let path = rules.0.with_extension("ndjson");
    fs::write(&path, input.to_string()).expect("writable");
    let mut command = Command::new(env!("CARGO_BIN_EXE_bartizan"));
    let output = command.args(["eval", "-q", "--rules"]).arg(&rules.0).arg("--input").arg(&path).output();
    let _ = fs::remove_file(&path);
    let result: Value = serde_json::from_slice(&output.expect("the command runs").stdout).expect("JSON");
    let events = result["events"].as_array().into_iter().flatten();
    events.filter_map(|event| event["rule"]["id"].as_str().map(str::to_owned)).collect()
}

fn find<'r>(report: &'r Value, id: &str) -> &'r Value {
    let rules = report["rules"].as_array().expect("rules");
    rules.iter().find(|rule| rule["id"] == id).unwrap_or_else(|| panic!("no rule {id} in {report}"))
}

#[test]
fn rules_of_every_operator_fire() {
    let injected = |resource: &str| json!({ "resource": on(&[resource]), "params": on(&["a", "b"]) });
    let number = |kind: &str, value: Value| json!({ "inputs": on(&["n"]), "type": kind, "value": value });
    let mut sql = injected("s");
    sql["db_type"] = on(&["d"]);
    let all = [
        (
            "match_regex",
            json!({ "inputs": on(&["a"]), "regex": r"^(?:un|dis)ion\s+[a-f0-9]{8}\b", "options": { "min_length": 20 } }),
        ),
        (
            "match_regex_with_checksum",
            json!({ "inputs": on(&["a"]), "regex": r"\b4\d{3}(?:[ -]?\d{4}){3}\b", "checksum": "luhn" }),
        ),
        (
            "phrase_match",
            json!({ "inputs": on(&["a", "b"]), "list": ["/etc/passwd"], "options": { "enforce_word_boundary": true } }),
        ),
        ("exact_match", json!({ "inputs": [{ "address": "a", "key_path": ["k", -1] }], "list": ["admin"] })),
        ("ip_match", json!({ "inputs": on(&["ip"]), "list": ["192.168.0.0/16", "2001:db8::/32"] })),
        ("is_sqli", json!({ "inputs": on(&["a"]) })),
        ("is_xss", json!({ "inputs": on(&["a"]) })),
        ("hidden_ascii_match", json!({ "inputs": on(&["a"]) })),
        ("equals", number("float", json!(2.5))),
        ("greater_than", number("signed", json!(-7))),
        ("lower_equal", number("unsigned", json!(40))),
        ("exists", json!({ "inputs": [{ "address": "a", "key_path": ["x"] }] })),
        ("!exists", json!({ "inputs": [{ "address": "a", "key_path": ["x"] }] })),
        ("!match_regex", json!({ "inputs": on(&["a"]), "regex": "^[0-9]+$" })),
        ("!ip_match", json!({ "inputs": on(&["ip"]), "list": ["10.0.0.0/8"] })),
        ("!equals", number("boolean", json!(true))),
        ("lfi_detector", injected("f")),
        ("ssrf_detector", injected("u")),
        ("sqli_detector", sql),
        ("shi_detector", injected("c")),
        ("cmdi_detector", injected("p")),
    ];
    let mut rules: Vec<Value> = Vec::new();
    for (at, (operator, parameters)) in all.iter().enumerate() {
        let id = format!("{operator} alone");
        rules.push(rule(&id, &format!("t{at}"), json!([condition(operator, parameters.clone())])));
    }
    let encoded = json!([{ "address": "a", "transformers": ["url_decode", "base64_decode", "keys_only"] }]);
    let encoded = condition("exact_match", json!({ "inputs": encoded, "list": ["secret word"] }));
    rules.push(rule("encoded keys", "k", json!([encoded])));
    let file = File::new("operators", &Value::from(rules.clone()));
    let report = file.report("6", "11");
    for rule in &rules {
        let id = rule["id"].as_str().expect("an id");
        let found = find(&report, id);
        assert_eq!(found["status"], "fires", "{found}");
        let ids = reporters(&file, &found["input"]);
        assert!(ids.iter().any(|reporter| reporter == id), "{id}: {ids:?}");
    }
}

#[test]
fn what_slips_past_is_shown_with_what_would_catch_it() {
    let regex =
        |inputs: Value, regex: &str| condition("match_regex", json!({ "inputs": inputs, "regex": regex }));
    let decoded = json!([{ "address": "a", "transformers": ["url_decode", "lowercase"] }]);
    let sensitive =
        json!({ "inputs": decoded, "regex": "union select", "options": { "case_sensitive": true } });
    let rules = json!([
        rule("decodes", "t1", json!([condition("match_regex", sensitive)])),
        rule("plain", "t2", json!([regex(on(&["a"]), "union select")])),
        rule("second", "t2", json!([regex(on(&["a"]), "union select")])),
        rule("torn", "t3", json!([regex(on(&["m"]), "^a$"), regex(on(&["m"]), "^(?:a|b)b$")])),
        rule(
            "never",
            "t4",
            json!([
                regex(on(&["m"]), "^a$"),
                condition("!match_regex", json!({ "inputs": on(&["m"]), "regex": "^a$" }))
            ])
        ),
    ]);
    let file = File::new("slips", &rules);
    let report = file.report("4", "3");
    let remedies = |id: &str| -> Vec<(String, Value, Vec<String>)> {
        let slips = find(&report, id)["bypasses"].as_array().expect("a list").clone();
        let slip = |slip: Value| {
            let caught = slip["caught_by"].as_array().expect("a list").iter();
            let caught = caught.filter_map(|id| id.as_str().map(str::to_owned)).collect();
            (slip["disguise"].as_str().expect("a name").to_owned(), slip["remedy"].clone(), caught)
        };
        slips.into_iter().map(slip).collect()
    };
    let plain = remedies("plain");
    let remedy = |name: &str| {
        plain.iter().find(|(disguise, ..)| disguise == name).map(|(_, remedy, _)| remedy.clone())
    };
    for (disguise, wanted) in [
        ("url encoding", json!(["url_decode"])),
        ("url encoding twice", json!(["url_decode_iis"])),
        ("base64", json!(["base64_decode"])),
        ("character references, decimal", json!(["html_entity_decode"])),
        ("NUL bytes in words", json!(["remove_nulls"])),
        ("more spaces", json!(["compress_whitespace"])),
        ("comments in words", json!(["remove_comments"])),
        ("wide letters", json!(["unicode_normalize"])),
        ("split over two values", Value::Null),
    ] {
        assert_eq!(remedy(disguise), Some(wanted), "{disguise}");
    }
    // Patterns do not mind letter case unless they are told to.
    assert_eq!(remedy("letter case"), None);
    let decoding = remedies("decodes");
    assert!(
        decoding
            .iter()
            .all(|(name, ..)| !["letter case", "url encoding", "+ for a space"].contains(&&**name))
    );
    // Each slips past, and is caught by whom the report says.
    for slip in find(&report, "plain")["bypasses"].as_array().expect("a list") {
        let ids = reporters(&file, &slip["input"]);
        assert!(!ids.iter().any(|id| id == "plain"), "{slip}");
        assert_eq!(json!(ids), slip["caught_by"], "{slip}");
    }
    assert!(plain.iter().any(|(name, _, caught)| name == "url encoding" && caught == &["decodes"]));
    assert_eq!(find(&report, "second")["status"], "hidden");
    assert_eq!(find(&report, "torn")["status"], "fires");
    let never = find(&report, "never");
    assert_eq!((&never["status"], &never["met"]), (&json!("never"), &json!(1)));
    assert_eq!(never["missing"].as_array().map(Vec::len), Some(1));
}

#[test]
fn the_dearest_inputs_cost_what_is_said() {
    let regex = |id: &str, kind: &str, regex: &str| {
        rule(id, kind, json!([condition("match_regex", json!({ "inputs": on(&["a"]), "regex": regex }))]))
    };
    let file = File::new("work", &json!([regex("one", "t1", "evil"), regex("two", "t2", "[aeiou]+x$")]));
    let report = file.report("10", "2");
    let dearest = &report["dearest"][0];
    let (units, bytes) =
        (dearest["units"].as_u64().expect("a number"), dearest["bytes"].as_u64().expect("a number"));
    assert_eq!(dearest["input"].to_string().len() as u64, bytes);
    assert!(units > bytes && bytes >= 128, "{dearest}");
    // With exactly the units that it takes the evaluation goes to its end.
    let path = file.0.with_extension("dear");
    fs::write(&path, dearest["input"].to_string()).expect("writable");
    let timeout = |budget: u64| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bartizan"));
        command.args(["eval", "-q", "--budget", &budget.to_string(), "--rules"]).arg(&file.0);
        let output = command.arg("--input").arg(&path).output().expect("the command runs");
        serde_json::from_slice::<Value>(&output.stdout).expect("JSON")["timeout"].clone()
    };
    let ends = (timeout(units + 1), timeout(units / 2));
    let _ = fs::remove_file(&path);
    assert_ne!(ends.0, json!(true), "{units} units were enough");
    assert_ne!(ends.1, json!(false), "half of them were not");
}

#[test]
fn a_seed_gives_the_same_report_again() {
    let rules = json!([
        rule("one", "t1", json!([condition("is_sqli", json!({ "inputs": on(&["a"]) }))])),
        rule(
            "two",
            "t2",
            json!([condition("match_regex", json!({ "inputs": on(&["a"]), "regex": "[a-z]{3}\\d" }))])
        ),
    ]);
    let file = File::new("seed", &rules);
    assert_eq!(file.report("3", "8"), file.report("3", "8"));
    assert_ne!(file.report("3", "8"), file.report("3", "9"));
}

#[test]
fn people_read_what_json_says() {
    let conditions =
        json!([condition("phrase_match", json!({ "inputs": on(&["a"]), "list": ["/etc/passwd"] }))]);
    let mut unknown = rule("odd", "t1", json!([condition("is_odd", json!({ "inputs": on(&["a"]) }))]));
    unknown["id"] = "odd".into();
    let file = File::new("people", &json!([rule("files", "t1", conditions), unknown]));
    let output = file.fuzz(&["--time", "300ms", "--seed", "5"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    for wanted in [
        "files  fires: {\"a\":",
        "slips past without url_decode: url encoding; ",
        "slips past without normalize_path: detours in paths\n",
        "slips past whatever it transforms: split over two values\n",
        "odd  did not load\n",
        "1 rules: 1 fire, 0 fire only alone, 0 never fired; ",
        "seed 5, ",
    ] {
        assert!(said.contains(wanted), "wanted {wanted} in\n{said}");
    }
    assert!(String::from_utf8_lossy(&output.stderr).contains("unknown operator: 'is_odd'"));
}

#[test]
fn what_cannot_be_searched_is_refused() {
    let file = File::new("nothing", &json!([]));
    let output = file.fuzz(&["--rounds", "1"]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(file.fuzz(&["--time", "5 parsecs"]).status.code(), Some(2));
    assert_eq!(fuzz(Path::new("there/is/no/such.json"), &[]).status.code(), Some(3));
}
