//! Conditions of rules, filters and processors.

use super::random::Random;
use super::{KEYS, text};
use crate::value::Value;
use bartizan_text::transform::Transformer;

/// Ids of rule data and exclusion data, one of which never exists.
pub(super) const DATA: [&str; 4] = ["ips", "texts", "mixed", "absent"];

pub(super) fn conditions(random: &mut Random) -> Value {
    let count = *random.pick(&[1, 1, 1, 2, 2, 3]);
    Value::Array(random.several(count, count, condition))
}

fn condition(random: &mut Random) -> Value {
    let scalar =
        ["match_regex", "match_regex", "match_regex", "phrase_match", "exact_match", "ip_match", "equals"];
    match random.below(21) {
        0..9 => {
            let operator = *random.pick(&scalar);
            of(operator, parameters(random, operator), inputs(random))
        }
        9..12 => {
            let operator = *random.pick(&scalar);
            let parameters = parameters(random, operator);
            of(&format!("!{operator}"), parameters, vec![input(random)])
        }
        12 => {
            let operator = *random.pick(&["match_regex_with_checksum", "!match_regex_with_checksum"]);
            of(operator, parameters(random, "match_regex_with_checksum"), vec![input(random)])
        }
        13 => {
            let operator = *random.pick(&["greater_than", "lower_than"]);
            of(operator, parameters(random, operator), inputs(random))
        }
        14 => {
            let operator = *random.pick(&["greater_equal", "lower_equal"]);
            of(operator, parameters(random, operator), vec![input(random)])
        }
        15 => {
            let operator = *random.pick(&["is_sqli", "is_xss", "hidden_ascii_match"]);
            of(operator, vec![], inputs(random))
        }
        16 | 17 => {
            let inputs = inputs(random);
            of("exists", vec![], inputs)
        }
        18 => of("!exists", vec![], vec![input(random)]),
        _ => detector(random),
    }
}

fn of(operator: &str, mut parameters: Vec<(Vec<u8>, Value)>, inputs: Vec<Value>) -> Value {
    parameters.insert(0, ("inputs".into(), Value::Array(inputs)));
    Value::map([("operator", operator.into()), ("parameters", Value::Map(parameters))])
}

/// The parameters of an operator on one value; scanners have them too.
pub(super) fn parameters(random: &mut Random, operator: &str) -> Vec<(Vec<u8>, Value)> {
    let mut parameters: Vec<(&str, Value)> = Vec::new();
    let mut options: Vec<(&str, Value)> = Vec::new();
    match operator {
        "match_regex" | "match_regex_with_checksum" => {
            if operator == "match_regex_with_checksum" {
                parameters.push(("regex", (*random.pick(&[r"[\d\- ]{13,19}", r"\d+", "4"])).into()));
                parameters.push(("checksum", "luhn".into()));
            } else {
                parameters.push(("regex", text::pattern(random).as_str().into()));
            }
            if random.chance(30) {
                options.push(("case_sensitive", Value::Bool(random.chance(50))));
            }
            if random.chance(15) {
                options.push(("min_length", Value::Unsigned(random.below(8) as u64)));
            }
        }
        "phrase_match" => {
            let phrase = |random: &mut Random| {
                let phrases = ["he", "she", "hers", "his", "admin", "sleep", "union", "the", "/etc/", "K"];
                let phrase =
                    if random.chance(50) { (*random.pick(&phrases)).into() } else { text::word(random) };
                random.lay(&phrase);
                Value::from(&*phrase)
            };
            parameters.push(("list", Value::Array(random.several(1, 6, phrase))));
            if random.chance(40) {
                options.push(("enforce_word_boundary", Value::Bool(true)));
            }
        }
        "exact_match" | "ip_match" if random.chance(45) => {
            random.lay(if operator == "ip_match" { "1.2.3.4" } else { "blocked" });
            parameters.push(("data", (*random.pick(&DATA)).into()));
        }
        "exact_match" => {
            random.lay("admin");
            let list = random
                .several(0, 4, |random| (*random.pick(&["x", "admin", "blocked", "k", "abc", ""])).into());
            parameters.push(("list", Value::Array(list)));
        }
        "ip_match" => {
            random.lay("10.1.2.3");
            let networks = ["1.2.3.4", "10.0.0.0/8", "2001:db8::/32", "::/0", "nonsense"];
            let list = random.several(0, 3, |random| (*random.pick(&networks)).into());
            parameters.push(("list", Value::Array(list)));
        }
        "equals" => {
            let (kind, value) = random
                .pick(&[
                    ("string", Value::from("x")),
                    ("string", Value::from("")),
                    ("boolean", Value::Bool(true)),
                    ("unsigned", Value::Unsigned(5)),
                    ("signed", Value::Signed(-5)),
                    ("signed", Value::Unsigned(5)),
                    ("float", Value::Float(5.0)),
                ])
                .clone();
            parameters.push(("type", kind.into()));
            parameters.push(("value", value));
            if kind == "float" && random.chance(30) {
                parameters.push(("delta", Value::Float(0.001)));
            }
        }
        _ => {
            let bounds = [
                ("unsigned", Value::Unsigned(5)),
                ("signed", Value::Signed(-5)),
                ("float", Value::Float(5.0)),
                ("float", Value::Float(-1e19)),
            ];
            let (kind, value) = random.pick(&bounds).clone();
            parameters.push(("type", kind.into()));
            parameters.push(("value", value));
        }
    }
    if !options.is_empty() {
        parameters.push(("options", Value::Map(options.into_iter().map(|(k, v)| (k.into(), v)).collect())));
    }
    parameters.into_iter().map(|(key, value)| (key.into(), value)).collect()
}

fn inputs(random: &mut Random) -> Vec<Value> {
    let most = if random.chance(25) { 3 } else { 1 };
    random.several(1, most, input)
}

fn input(random: &mut Random) -> Value {
    let mut input =
        vec![("address".into(), Value::from(*random.pick(&["a", "a", "a", "b", "b", "c", "o1", "params"])))];
    if random.chance(4) {
        input[0].1 = "waf.context.event".into();
    }
    if random.chance(20) {
        input.push(("key_path".into(), key_path(random)));
    }
    if random.chance(30) {
        input.push(("transformers".into(), transformers(random)));
    }
    Value::Map(input)
}

pub(super) fn key_path(random: &mut Random) -> Value {
    Value::Array(random.several(0, 2, |random| match random.below(4) {
        0 => Value::Unsigned(random.below(3) as u64),
        1 => Value::Signed(-1 - random.below(2) as i64),
        _ => (*random.pick(&KEYS)).into(),
    }))
}

pub(super) fn transformers(random: &mut Random) -> Value {
    Value::Array(random.several(1, 3, |random| match random.below(9) {
        0 | 1 => "keys_only".into(),
        2 => "values_only".into(),
        _ => random.pick(&Transformer::ALL).name().into(),
    }))
}

fn detector(random: &mut Random) -> Value {
    let (operator, resource) = *random.pick(&[
        ("lfi_detector", "file"),
        ("ssrf_detector", "url"),
        ("sqli_detector", "statement"),
        ("shi_detector", "shell"),
        ("cmdi_detector", "shell"),
    ]);
    let one = |address: &str| Value::Array(vec![Value::map([("address", address.into())])]);
    let mut params = vec![Value::map([("address", "params".into())])];
    if random.chance(40) {
        params.insert(random.below(2), input(random));
    }
    let mut parameters: Vec<(Vec<u8>, Value)> =
        vec![("resource".into(), one(resource)), ("params".into(), Value::Array(params))];
    match operator {
        "sqli_detector" => parameters.push(("db_type".into(), one("system"))),
        "ssrf_detector" if random.chance(70) => {
            let mut options = Vec::new();
            for (option, percent) in [
                ("path-inspection", 60),
                ("query-inspection", 60),
                ("enforce-policy-without-injection", 20),
                ("forbid-full-url-injection", 20),
            ] {
                options.push((option.into(), Value::Bool(random.chance(percent))));
            }
            parameters.push(("options".into(), Value::Map(options)));
        }
        _ => {}
    }
    Value::map([("operator", operator.into()), ("parameters", Value::Map(parameters))])
}
