//! Values that the rules of a configuration wait for: strings in which a regex finds something, phrases, and so on.

use crate::draft::disguise;
use crate::random::Random;
use crate::value::{Text, Value, text};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

/// What the conditions of one rule wait for.
pub(crate) struct Bait(Vec<Condition>);

struct Condition {
    inputs: Vec<Input>,
    wanted: Wanted,
}

struct Input {
    address: String,
    key_path: Vec<Value>,
    chain: Vec<String>,
}

enum Wanted {
    Regex(Box<Hir>),
    OneOf(Vec<Value>),
}

/// The baits of all rules whose conditions are understood.
pub(crate) fn of(config: &Value) -> Vec<Bait> {
    let rules = ["rules", "rules_compat"].into_iter().filter_map(|section| config.get(section));
    let bait = |rule: &Value| {
        let conditions = rule.get("conditions").map(Value::items).unwrap_or_default();
        conditions.iter().map(|c| condition(rule, c)).collect::<Option<Vec<_>>>().map(Bait)
    };
    rules.flat_map(Value::items).filter_map(bait).collect()
}

fn condition(rule: &Value, condition: &Value) -> Option<Condition> {
    let parameters = condition.get("parameters")?;
    let names =
        |of: &Value| of.get("transformers").map(|list| list.items().iter().map(Value::shown).collect());
    let input = |input: &Value| Input {
        address: input.get("address").map(Value::shown).unwrap_or_default(),
        key_path: input.get("key_path").map(Value::items).unwrap_or_default().to_vec(),
        chain: names(input).or_else(|| names(rule)).unwrap_or_default(),
    };
    let inputs = parameters.get("inputs")?.items().iter().map(input).collect();
    let wanted = match condition.get("operator")?.shown().as_str() {
        "match_regex" => {
            let sensitive = parameters.get("options").and_then(|o| o.get("case_sensitive"));
            let folds = !matches!(sensitive, Some(Value::Bool(true)));
            let mut parser = ParserBuilder::new();
            // Folding is left to chance below, classes of bytes are enough.
            let parser = parser.unicode(false).utf8(false).case_insensitive(folds);
            Wanted::Regex(Box::new(parser.build().parse(&parameters.get("regex")?.shown()).ok()?))
        }
        "phrase_match" | "exact_match" => Wanted::OneOf(parameters.get("list")?.items().to_vec()),
        "equals" => Wanted::OneOf(vec![parameters.get("value")?.clone()]),
        "is_sqli" => Wanted::OneOf(vec![text("1' or '1'='1"), text("1 union select a from b--")]),
        "is_xss" => Wanted::OneOf(vec![text("<script>alert(1)</script>"), text("\"><svg onload=x>")]),
        _ => Wanted::OneOf(vec![text("x"), text("1.2.3.4"), Value::Bool(true)]),
    };
    Some(Condition { inputs, wanted })
}

impl Bait {
    /// An address and a value for each condition.
    pub(crate) fn entries(&self, random: &mut Random) -> Vec<(Text, Value)> {
        let entry = |condition: &Condition| {
            let input = random.pick(&condition.inputs);
            let mut value = match &condition.wanted {
                Wanted::OneOf(values) if values.is_empty() => Value::Null,
                Wanted::OneOf(values) => random.pick(values).clone(),
                Wanted::Regex(hir) => {
                    let mut out = Vec::new();
                    sample(random, hir, &mut out);
                    text(out)
                }
            };
            if let Value::String(string) = &value {
                let chain: Vec<&str> = input.chain.iter().map(String::as_str).collect();
                let bytes = if random.chance(50) {
                    disguise(random, &chain, &string.bytes)
                } else {
                    string.bytes.clone()
                };
                let bytes = if random.chance(40) { [b"a ", &bytes[..], b" z"].concat() } else { bytes };
                value = text(bytes);
            }
            if input.chain.iter().any(|name| name == "keys_only") {
                let key = value.as_bytes().unwrap_or(b"k").to_vec();
                value = Value::Map(vec![(Text::new(key), Value::Null)]);
            }
            for item in input.key_path.iter().rev() {
                value = match item {
                    Value::String(key) => Value::Map(vec![(key.clone(), value)]),
                    _ => Value::Array(vec![value]),
                };
            }
            (Text::new(&input.address), value)
        };
        self.0.iter().map(entry).collect()
    }
}

/// Writes a string in which the expression finds something, if assertions are kind.
fn sample(random: &mut Random, hir: &Hir, out: &mut Vec<u8>) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.extend_from_slice(&literal.0),
        HirKind::Class(Class::Bytes(class)) => {
            let ranges = class.ranges();
            if !ranges.is_empty() {
                let range = random.pick(ranges);
                out.push(random.between(range.start().into(), range.end().into()) as u8);
            }
        }
        HirKind::Class(Class::Unicode(class)) => {
            let ranges = class.ranges();
            if !ranges.is_empty() {
                let range = random.pick(ranges);
                let mut buffer = [0; 4];
                out.extend_from_slice(range.start().encode_utf8(&mut buffer).as_bytes());
            }
        }
        HirKind::Repetition(repetition) => {
            let least = repetition.min.min(20) as usize;
            let most = repetition.max.map_or(least + 3, |most| (most as usize).clamp(least, least + 3));
            for _ in 0..random.between(least, most) {
                sample(random, &repetition.sub, out);
            }
        }
        HirKind::Capture(capture) => sample(random, &capture.sub, out),
        HirKind::Concat(parts) => parts.iter().for_each(|part| sample(random, part, out)),
        HirKind::Alternation(parts) => {
            let part = random.pick(parts);
            sample(random, part, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::random::Random;
    use crate::value::{Value, map, text};

    #[test]
    fn a_sample_is_what_the_regex_describes() {
        let parameters = map([
            (
                "inputs",
                Value::Array(vec![map([
                    ("address", text("a")),
                    ("key_path", Value::Array(vec![text("k")])),
                ])]),
            ),
            ("regex", text("^x[0-9]{2,3}(?:yes|no)$")),
            ("options", map([("case_sensitive", Value::Bool(true))])),
        ]);
        let condition = map([("operator", text("match_regex")), ("parameters", parameters)]);
        let rule = map([("conditions", Value::Array(vec![condition]))]);
        let baits = of(&map([("rules", Value::Array(vec![rule]))]));
        for seed in 0..50 {
            let entries = baits[0].entries(&mut Random::new(seed, 0));
            let (address, value) = &entries[0];
            let sample = value.get("k").expect("below the path").shown();
            let sample = sample.trim_start_matches("a ").trim_end_matches(" z");
            assert_eq!(address.bytes, b"a");
            assert!(
                sample.starts_with('x') && (sample.ends_with("yes") || sample.ends_with("no")),
                "{sample}"
            );
        }
    }
}
