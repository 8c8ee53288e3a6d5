//! The engine answers what its twin answers, on generated cases.
//!
//! `BARTIZAN_CASES` sets how many, `BARTIZAN_SEED` where they start. A case that fails is made small and printed
//! as one of the shared corpus.

use bartizan_reference::generate::{Case, Step, case};
use bartizan_reference::judge::{Agreement, judge};
use bartizan_reference::shrink::shrink;
use bartizan_reference::{Call, Twin, Value};

/// How often a case may be tried while it is made small.
const TRIES: usize = 5_000;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn engine_and_twin_agree() {
    let (first, count) = (number("BARTIZAN_SEED", 1), number("BARTIZAN_CASES", 3_000));
    let mut sum = Agreement::default();
    for seed in first..first + count {
        match judge(&case(seed)) {
            Ok(agreement) => {
                sum.evaluations += agreement.evaluations;
                sum.matches += agreement.matches;
                sum.events += agreement.events;
            }
            Err(_) => {
                let small = shrink(&case(seed), TRIES, |case| judge(case).is_err());
                let difference = judge(&small).expect_err("a case is made small as long as it fails");
                panic!("seed {seed}:\n{small}{difference}");
            }
        }
    }
    println!("{count} cases: {sum:?}");
    // Cases without matches would say little.
    assert!(sum.evaluations as u64 > 2 * count && sum.matches * 8 > sum.evaluations, "{sum:?}");
}

#[test]
fn a_case_is_made_small() {
    let has_subcontext = |case: &Case| case.steps.iter().any(|step| matches!(step, Step::Subcontext { .. }));
    let seed = (1..).find(|seed| has_subcontext(&case(*seed))).expect("one in a few has a subcontext");
    let small = shrink(&case(seed), TRIES, has_subcontext);
    assert_eq!(small.steps, [Step::Open, Step::Subcontext { of: 0 }]);
    let text = small.to_string();
    assert!(text.contains("- open: c0\n      - subcontext: c1\n        of: c0"), "{text}");
}

#[test]
fn the_twin_finds_what_there_is() {
    let rule = r#"{"rules":[{"id":"1","name":"n","tags":{"type":"t"},"conditions":[{"operator":"match_regex",
        "parameters":{"regex":"b+","inputs":[{"address":"a","key_path":["k"],"transformers":["lowercase"]}]}}]}]}"#;
    let parse = |text: &str| {
        bartizan_object::json::parse(text.as_bytes(), bartizan_object::AllocRef::global()).expect("JSON")
    };
    let mut content = bartizan_lang::Content::new();
    assert!(content.update(b"p", &parse(rule)).accepted);
    let mut context = Twin::new(content.compile().expect("a rule")).context();
    let mut eval = |text: &str| context.eval(&parse(text), Call::default()).expect("a map").result.to_json();
    assert!(!eval(r#"{"a":{"k":["x",{"j":"y"}]}}"#).contains("rule_matches"));
    let found = r#""parameters":[{"address":"a","value":"abbc","key_path":["k",1,"j"],"highlight":["bb"]}]"#;
    assert!(eval(r#"{"a":{"k":["x",{"j":"ABBC"}]}}"#).contains(found));
    assert!(!eval(r#"{"a":{"k":["x",{"j":"ABBC"}]}}"#).contains("rule_matches"), "a rule matches once");
    assert!(context.eval(&Value::Null.to_object(), Call::default()).is_err());
}
