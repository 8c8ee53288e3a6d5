//! What a call costs in work units: it grows with the input and hardly with the rules, and a budget is kept.

use bartizan_engine::{Builder, Call, Instance};
use bartizan_object::{AllocRef, Input, json};

/// A budget that nothing here spends.
const AMPLE: u64 = 1 << 60;

const WORDS: [&str; 12] = [
    "select", "passwd", "script", "eval", "system", "union", "cmd", "exec", "include", "import", "sleep",
    "shell",
];

/// Rules as rule sets have them: a pattern of some words and what may stand around them, a list of phrases, detectors, most of
/// them after transformers, and over the usual addresses.
fn rules(count: usize) -> String {
    let inputs =
        r#"[{"address":"query"},{"address":"body"},{"address":"headers","key_path":["user-agent"]}]"#;
    let rule = |n: usize| {
        let (a, b) = (WORDS[n % 12], WORDS[(n / 12 + n) % 12]);
        let condition = match n % 5 {
            0 => format!(
                r#"{{"operator":"phrase_match","parameters":{{"inputs":{inputs},"list":["{a}-{n}","{b}_{n}("]}}}}"#
            ),
            1 => format!(r#"{{"operator":"is_sqli","parameters":{{"inputs":{inputs}}}}}"#),
            2 => format!(
                r#"{{"operator":"match_regex","parameters":{{"inputs":{inputs},"regex":"\\b{a}{n}\\s*[\\(\\[=]"}}}}"#
            ),
            3 => format!(
                r#"{{"operator":"match_regex","parameters":{{"inputs":{inputs},"regex":"(?:{a}|{b})[^a-z]{{0,8}}{n}[a-f]+;"}}}}"#
            ),
            _ => format!(
                r#"{{"operator":"match_regex","parameters":{{"inputs":{inputs},"regex":"^{b}[/.:]+{a}{n}"}}}}"#
            ),
        };
        // One is_sqli over an address says it all; the rest look for something of their own.
        let condition = if n % 5 == 1 && n > 1 { condition.replace("is_sqli", "is_xss") } else { condition };
        let chain =
            [r#"[]"#, r#"["lowercase"]"#, r#"["urlDecodeUni","lowercase"]"#, r#"["removeNulls"]"#][n % 4];
        format!(
            r#"{{"id":"r{n}","name":"r","tags":{{"type":"t{n}"}},"conditions":[{condition}],"transformers":{chain}}}"#
        )
    };
    let rules: Vec<_> = (0..count).filter(|n| n % 5 != 1 || *n == 1 || *n == 6).map(rule).collect();
    format!(r#"{{"version":"2.1","rules":[{}]}}"#, rules.join(","))
}

fn instance(rules: &str) -> Instance {
    let rules = json::parse(rules.as_bytes(), AllocRef::global()).expect("JSON");
    let mut builder = Builder::new();
    assert!(builder.update(b"rules", &rules).accepted);
    builder.build().expect("rules that run")
}

/// The units that a request takes of a budget, and whether that was not enough.
fn units(instance: &Instance, request: &str, budget: u64) -> (u64, bool) {
    let data = json::parse(request.as_bytes(), AllocRef::global()).expect("JSON");
    let mut context = instance.context();
    let outcome =
        context.eval(Input::from(data), &Call { budget, ..Call::default() }).expect("a map of addresses");
    (budget - outcome.units_left(), outcome.timed_out())
}

/// Requests of one kind whose input is so many times as long. Each kind brings something that some stage may stumble over.
fn requests(times: usize) -> Vec<(&'static str, String)> {
    let text = |piece: &str| format!(r#"{{"query":{{"q":"{}"}}}}"#, piece.repeat(400 / piece.len() * times));
    let list = |item: &str| format!(r#"{{"body":[{}]}}"#, vec![format!("\"{item}\""); 40 * times].join(","));
    vec![
        ("prose", text("the quick brown fox jumps over the lazy dog and reads a book. ")),
        ("one letter", text("a")),
        ("words that rules look for", text("select passwd script union exec ")),
        ("near misses", text("eval14 [ select2 system3 sleep4; ")),
        ("escapes", text("%2573%65%6c&lt;\\\\u0041")),
        ("markup", text("<a b=c><script ")),
        ("quotes", text("' or '1'='")),
        ("many short values", list("item 1")),
        ("many empty values", list("")),
    ]
}

#[test]
fn ten_times_the_input_is_at_most_ten_times_the_work() {
    let instance = instance(&rules(200));
    for ((name, short), (_, long)) in requests(1).into_iter().zip(requests(10)) {
        let (short, long) = (units(&instance, &short, AMPLE).0, units(&instance, &long, AMPLE).0);
        assert!(short > 0 && long <= 10 * short, "{name}: {short} units became {long}");
    }
}

#[test]
fn ten_times_the_rules_at_most_double_the_work_of_ordinary_requests() {
    let (few, many) = (instance(&rules(200)), instance(&rules(2_000)));
    for (name, request) in requests(1) {
        let (few, many) = (units(&few, &request, AMPLE).0, units(&many, &request, AMPLE).0);
        let ordinary = !matches!(name, "words that rules look for" | "near misses" | "markup");
        // What looks like an attack may be looked at by as many rules as there are, and by no more.
        let most = if ordinary { 2 * few } else { 10 * few };
        assert!(many <= most, "{name}: {few} units became {many}");
    }
}

#[test]
fn a_budget_is_enough_from_the_amount_on_that_the_request_takes() {
    let instance = instance(&rules(200));
    for (name, request) in requests(1) {
        let (needed, _) = units(&instance, &request, AMPLE);
        assert_eq!(units(&instance, &request, needed + 1), (needed, false), "{name}");
        for budget in [0, 1, needed / 100, needed / 3, needed - 1, needed] {
            let (spent, expired) = units(&instance, &request, budget);
            assert!(expired && spent <= budget, "{name}: {spent} of {budget}, of {needed} needed");
        }
    }
}
