//! The packs of this repository, and packs that must be refused.

use bartizan_packs::{Pack, Value, build};
use std::fs;
use std::path::{Path, PathBuf};

fn packs() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packs");
    let entries = fs::read_dir(dir).expect("the packs stand beside this crate");
    let mut packs: Vec<PathBuf> =
        entries.map(|e| e.expect("readable").path()).filter(|p| p.is_dir()).collect();
    packs.sort();
    packs
}

#[test]
fn every_pack_builds_and_brings_tests_with_names_of_their_own() {
    let packs = packs();
    assert!(packs.len() >= 2, "{packs:?}");
    for dir in packs {
        let pack = Pack::read(&dir).unwrap_or_else(|e| panic!("{e}"));
        let json = build(&dir).expect("it has just been read");
        let ruleset = Value::from_json(&json).expect("a ruleset is JSON");
        let rules = ruleset.get("rules").or_else(|| ruleset.get("custom_rules")).and_then(Value::as_array);
        assert_eq!(rules.expect("a section of rules").len(), pack.rule_ids().count());
        for rule in rules.expect("a section of rules") {
            for key in ["intent", "false_positives", "tests", "hits", "misses", "probe", "for_each"] {
                assert!(rule.get(key).is_none(), "{key} is for people, not for the ruleset");
            }
        }
        let mut ids: Vec<String> = pack.cases().into_iter().map(|case| case.id).collect();
        let all = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), all, "two tests of {} have one name", pack.name());
    }
}

#[test]
fn what_is_wrong_with_a_pack_is_said_with_its_place() {
    let rule = "intent: i\n    false_positives: f\n    name: n\n    tags: { type: t }\n    conditions: []";
    let tests = "probe: q\n    hits: [a]\n    misses: [b]";
    let head = "pack: p\ntitle: t\nversion: 1.0.0\nschema: '2.2'\nsection: rules\nintent: i\nprobes: { q: { a: '{value}' } }\n";
    let good = format!("{head}rules:\n  - id: r\n    {rule}\n    {tests}\n");
    let dir = std::env::temp_dir().join(format!("bartizan-packs-{}", std::process::id())).join("p");
    fs::create_dir_all(&dir).expect("a directory of our own");
    let outcome = |text: &str| {
        fs::write(dir.join("pack.yaml"), text).expect("writable");
        build(&dir).map_err(|e| e.what().to_owned())
    };
    assert!(outcome(&good).is_ok());
    let cases = [
        (good.replace("intent: i\n    ", ""), "rule r: `intent` is missing"),
        (good.replace("false_positives: f\n    ", ""), "rule r: `false_positives` is missing"),
        (good.replace("hits: [a]", "hits: []"), "a rule needs a test that matches and one that does not"),
        (good.replace("misses: [b]", ""), "a rule needs a test that matches and one that does not"),
        (good.replace("probe: q", "probe: x"), "no probe named `x`"),
        (good.replace("tags:", "tag:"), "rule r: unknown key `tag`"),
        (good.replace("conditions: []", "conditions: [nothing]"), "no shared condition named `nothing`"),
        (good.replace("section: rules", "section: rule"), "`section` is neither"),
        (good.replace("pack: p", "pack: q"), "not the name of its directory"),
        (format!("{good}extra: 1\n"), "pack: unknown key `extra`"),
        (format!("{good}include: [gone.yaml]\n"), ""),
        (format!("{good}  - id: r\n    {rule}\n    {tests}\n"), "rule r: this id is taken"),
        (
            format!("{good}tests:\n  - {{ name: x, runs: [{{}}], want: something }}\n"),
            "test `x`: `want` is not",
        ),
        (head.to_owned(), "the pack has no rules"),
        ("[".to_owned(), "line 1"),
    ];
    for (text, why) in cases {
        let what = outcome(&text).expect_err(why);
        assert!(what.contains(why), "wanted {why}, got {what}");
    }
    fs::remove_dir_all(dir.parent().expect("it has one")).expect("it is ours");
}
