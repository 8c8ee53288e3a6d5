//! The command as people call it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const RULES: &str = r#"{
  "version": "2.2",
  "rules": [
    {
      "id": "r1",
      "name": "one", "tags": {"type": "t1"}, "on_match": ["block"],
      "conditions": [{"operator": "match_regex", "parameters": {"inputs": [{"address": "a"}], "regex": "ev.l"}}]
    }
  ]
}
"#;

const BROKEN: &str = r#"{
  "version": "2.2",
  "rules": [
    {"id": "r1", "name": "one", "tags": {"type": "t1"},
     "conditions": [{"operator": "match_regex", "parameters": {"inputs": [{"address": "a"}], "regex": "a(?=b)"}}]},
    {"id": "r2", "name": "two", "tags": {"type": "t1"}, "min_version": "99.0.0",
     "conditions": [{"operator": "is_xss", "parameters": {"inputs": [{"address": "a"}]}}]},
    {"id": "r3", "name": "three", "tags": {"type": "t1"},
     "conditions": [{"operator": "is_odd", "parameters": {"inputs": [{"address": "a"}]}}]},
    {"name": "four", "tags": {"type": "t1"}, "conditions": []},
    {"id": "r5", "name": "five", "tags": {"type": "t1"},
     "conditions": [{"operator": "is_sqli", "parameters": {"inputs": [{"address": "a"}]}}]}
  ]
}
"#;

const YAML: &str = r"
version: '2.2'
rules:
  - id: y1
    name: yes
    tags: { type: t2 }
    conditions:
      - operator: match_regex
        parameters: { inputs: [ { address: b } ], regex: '^\d+$' }
";

/// A directory of one test, removed at its end.
struct Dir(PathBuf);

impl Dir {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("bartizan-cli-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).expect("a directory of our own");
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, text).expect("writable");
        path.display().to_string()
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn run(args: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_bartizan"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command runs");
    // A command that does not read its input closes the pipe.
    let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
    child.wait_with_output().expect("the command ends")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("the command ends by itself")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("output is text")
}

/// Output without how long evaluations took.
fn timeless(output: &[u8]) -> String {
    let output = text(output);
    let mut parts = output.split("\"duration\":");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |out, part| out + part.trim_start_matches(|c: char| c.is_ascii_digit()))
}

fn json(line: &str) -> serde_json::Value {
    serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))
}

#[test]
fn rules_without_findings_are_accepted() {
    let dir = Dir::new("fine");
    let (rules, yaml) = (dir.file("r.json", RULES), dir.file("r.yaml", YAML));
    let output = run(&["check", &rules, &yaml], "");
    assert_eq!(code(&output), 0, "{}", text(&output.stdout));
    assert_eq!(
        text(&output.stdout),
        format!("{rules}: accepted, loaded 1 rules\n{yaml}: accepted, loaded 1 rules\n")
    );
}

#[test]
fn findings_say_what_where_and_what_to_do() {
    let dir = Dir::new("broken");
    let rules = dir.file("r.json", BROKEN);
    let output = run(&["check", &rules], "");
    assert_eq!(code(&output), 1);
    let said = text(&output.stdout);
    for want in [
        "error: invalid regular expression",
        &format!("  --> {rules}:4, section rules, item r1\n"),
        "  help: the dialect is RE2",
        "note: it is for another version of the engine\n",
        &format!("  --> {rules}:6, section rules, item r2\n"),
        "warning: unknown operator: 'is_odd'\n",
        "item 3 (counted from 0, it has no id)",
        "  help: give the item an id of its own\n",
        ": accepted, loaded 1 rules\n",
    ] {
        assert!(said.contains(want), "wanted {want} in\n{said}");
    }
}

#[test]
fn findings_as_json_hold_the_same() {
    let dir = Dir::new("json");
    let rules = dir.file("r.json", BROKEN);
    let output = run(&["check", "--json", &rules], "");
    assert_eq!(code(&output), 1);
    let document = json(&text(&output.stdout));
    assert_eq!(document["builds"], true);
    let file = &document["files"][0];
    assert_eq!((&file["accepted"], &file["loaded"]["rules"]), (&true.into(), &1.into()));
    let findings = file["findings"].as_array().expect("a list");
    assert_eq!(findings.len(), 4);
    let of = |item: &str| findings.iter().find(|f| f["item"] == item).unwrap_or_else(|| panic!("{item}"));
    assert_eq!(of("r1")["severity"], "error");
    assert_eq!(of("r1")["line"], 4);
    assert_eq!(of("r2")["severity"], "note");
    assert_eq!(of("r3")["severity"], "warning");
    assert_eq!(of("index:3")["section"], "rules");
    assert!(findings.iter().all(|f| f["hint"].as_str().is_some_and(|hint| !hint.is_empty())));
}

#[test]
fn only_notes_are_no_reason_to_fail() {
    let dir = Dir::new("notes");
    let skipped = r#"{"id": "old", "name": "n", "tags": {"type": "t"}, "max_version": "1.0.0",
        "conditions": [{"operator": "is_xss", "parameters": {"inputs": [{"address": "a"}]}}]},"#;
    let rules = dir.file("r.json", &RULES.replacen("\"rules\": [", &format!("\"rules\": [{skipped}"), 1));
    let output = run(&["check", &rules], "");
    assert_eq!((code(&output), text(&output.stdout).contains("note: ")), (0, true));
}

#[test]
fn what_is_no_configuration_is_refused() {
    let dir = Dir::new("refused");
    let cases = [
        ("cut.json", "{\"version\": \"2.2\", \"rules\": [", "cannot be read"),
        ("list.json", "[]", "invalid configuration type"),
        ("old.json", r#"{"version": "1.0", "rules": []}"#, "unsupported schema version"),
        ("twice.yaml", "a: 1\na: 2\n", "line 2"),
        ("empty.json", r#"{"version": "2.2"}"#, "nothing here would ever run"),
    ];
    for (name, rules, why) in cases {
        let output = run(&["check", &dir.file(name, rules)], "");
        assert_eq!(code(&output), 1, "{name}");
        assert!(text(&output.stdout).contains(why), "{name}: {}", text(&output.stdout));
    }
    let twice = [dir.file("a.json", RULES), dir.file("b.json", RULES)];
    let output = run(&["check", &twice[0], &twice[1]], "");
    assert_eq!(code(&output), 1);
    assert!(text(&output.stdout).contains("error: duplicate rule\n"), "{}", text(&output.stdout));
}

#[test]
fn requests_are_evaluated_line_by_line() {
    let dir = Dir::new("eval");
    let (rules, yaml) = (dir.file("r.json", RULES), dir.file("r.yml", YAML));
    let requests = "{\"a\": \"an evil word\"}\n\n{\"a\": \"fine\"}\r\n\
        {\"id\": \"x\", \"class\": \"c\", \"runs\": [{\"a\": \"fine\"}, {\"b\": \"42\"}]}\n{\"runs\": []}";
    let args = ["eval", "--rules", &rules, &yaml, "--entropy", "7", "--now", "5"];
    let output = run(&args, requests);
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    let said = text(&output.stdout);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 4, "{said}");
    let first = json(lines[0]);
    assert_eq!(first["events"][0]["rule"]["id"], "r1");
    assert_eq!(first["events"][0]["rule_matches"][0]["parameters"][0]["highlight"][0], "evil");
    assert_eq!(first["actions"]["block_request"]["status_code"], 403);
    assert_eq!(lines[1], "null");
    let third = json(lines[2]);
    assert_eq!((&third["id"], &third["results"][0]), (&"x".into(), &serde_json::Value::Null));
    assert_eq!(third["results"][1]["events"][0]["rule"]["id"], "y1");
    assert_eq!(lines[3], r#"{"id":null,"results":[]}"#);
    let summary = text(&output.stderr);
    assert!(
        summary.starts_with("4 requests (0 refused), 4 evaluations: 2 matched, 2 events, 1 to block; "),
        "{summary}"
    );
    let again = run(&args, requests);
    assert_eq!(timeless(&again.stdout), timeless(&output.stdout), "the same entropy gives the same ids");
    let file = dir.file("in.ndjson", requests);
    let quiet =
        run(&["eval", "-q", "-r", &rules, "-r", &yaml, "-i", &file, "--entropy", "7", "--now", "5"], "");
    assert_eq!((timeless(&quiet.stdout), text(&quiet.stderr)), (timeless(&output.stdout), String::new()));
}

#[test]
fn lines_that_cannot_be_evaluated_are_told() {
    let dir = Dir::new("lines");
    let rules = dir.file("r.json", RULES);
    let output =
        run(&["eval", "--rules", &rules], "{\"a\": \n[1]\n{\"id\": 5, \"runs\": [5]}\n{\"a\": \"evil\"}\n");
    assert_eq!(code(&output), 1);
    let said = text(&output.stdout);
    let lines: Vec<_> = said.lines().map(json).collect();
    assert!(lines[0]["error"].is_string() && lines[1]["error"].is_string(), "{said}");
    assert_eq!((&lines[2]["id"], lines[2]["error"].is_string()), (&5.into(), true));
    assert_eq!(lines[3]["events"][0]["rule"]["id"], "r1");
    assert!(text(&output.stderr).contains("request 2: "), "{}", text(&output.stderr));
}

#[test]
fn rules_that_are_refused_end_the_evaluation() {
    let dir = Dir::new("norules");
    let output = run(&["eval", "--rules", &dir.file("r.json", "[]")], "{\"a\": \"evil\"}\n");
    assert_eq!((code(&output), output.stdout.len()), (1, 0));
    assert!(text(&output.stderr).contains("invalid configuration type"), "{}", text(&output.stderr));
}

#[test]
fn packs_are_rules_too() {
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules/packs/waf-starter");
    let pack = pack.display().to_string();
    let output = run(&["check", &pack], "");
    assert_eq!(code(&output), 0, "{}", text(&output.stdout));
    let line = r#"{"server.request.headers.no_cookies": {"user-agent": "dd-test-scanner-log-block"}}"#;
    let output = run(&["eval", "--rules", &pack], line);
    assert!(json(&text(&output.stdout))["actions"]["block_request"].is_object());
}

#[test]
fn exit_codes_are_kept_apart() {
    let help = run(&["eval", "--help"], "");
    assert_eq!(code(&help), 0);
    assert!(text(&help.stdout).contains("Exit codes:\n  0  everything was fine"));
    assert_eq!(code(&run(&["check"], "")), 2);
    assert_eq!(code(&run(&["eval", "--rules"], "")), 2);
    assert_eq!(code(&run(&["check", "there/is/no/such.json"], "")), 3);
    let dir = Dir::new("codes");
    let rules = dir.file("r.json", RULES);
    assert_eq!(code(&run(&["eval", "--rules", &rules, "--input", "there/is/no/such"], "")), 3);
}

#[test]
fn a_bundle_evaluates_like_its_rules() {
    let dir = Dir::new("bundle");
    let (rules, yaml) = (dir.file("r.json", RULES), dir.file("r.yaml", YAML));
    let bundle = dir.0.join("rules.bundle").display().to_string();
    let output = run(&["build", &rules, &yaml, "-o", &bundle], "");
    assert_eq!((code(&output), text(&output.stderr)), (0, String::new()));
    let requests = "{\"a\": \"evil\"}\n{\"b\": \"12\"}\n{\"a\": \"good\"}\n";
    let plain = run(&["eval", "-q", "--entropy", "1", "--rules", &rules, &yaml], requests);
    let loaded = run(&["eval", "-q", "--entropy", "1", "--rules", &bundle], requests);
    assert_eq!(code(&loaded), 0);
    assert_eq!(timeless(&loaded.stdout), timeless(&plain.stdout));

    let mut bytes = fs::read(&bundle).expect("the bundle was written");
    let end = bytes.len() - 1;
    bytes[end] ^= 1;
    fs::write(&bundle, &bytes).expect("writable");
    let output = run(&["check", &bundle], "");
    assert_eq!(code(&output), 1);
    assert!(text(&output.stdout).contains("damaged or cut short"), "{}", text(&output.stdout));
}

#[test]
fn rules_that_are_refused_make_no_bundle() {
    let dir = Dir::new("no-bundle");
    let rules = dir.file("r.json", "[]");
    let bundle = dir.0.join("rules.bundle").display().to_string();
    let output = run(&["build", &rules, "-o", &bundle], "");
    assert_eq!(code(&output), 1);
    assert!(!Path::new(&bundle).exists());
}
