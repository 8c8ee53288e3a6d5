//! What was put to work, how often it showed and how often it did not.

use crate::case::{Case, Manner, Step};
use crate::compare::rule_of;
use crate::value::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Per feature: how often it fired, and how often it was there without firing.
#[derive(Default)]
pub(crate) struct Fired {
    pub(crate) counts: BTreeMap<String, [u64; 2]>,
}

const RULES: [&str; 3] = ["rules", "rules_compat", "custom_rules"];

impl Fired {
    fn count(&mut self, name: impl Into<String>, fired: bool) {
        self.counts.entry(name.into()).or_default()[usize::from(!fired)] += 1;
    }

    /// Looks at what a library answered to a case.
    pub(crate) fn see(&mut self, case: &Case, answers: &[Value]) {
        self.count(format!("case {}", case.feature), true);
        let mut matched = BTreeSet::new();
        let mut shown = BTreeSet::new();
        for (step, answer) in case.steps.iter().zip(answers) {
            self.answer(step, answer, &mut matched, &mut shown);
        }
        // What broken configurations name need not exist.
        if matches!(case.feature.as_str(), "broken" | "builder") {
            return;
        }
        for config in case.steps.iter().filter_map(|step| match step {
            Step::Config { value, .. } | Step::Init { value } => Some(value),
            _ => None,
        }) {
            self.config(config, &matched, &shown);
        }
    }

    fn answer(
        &mut self,
        step: &Step,
        answer: &Value,
        matched: &mut BTreeSet<String>,
        shown: &mut BTreeSet<String>,
    ) {
        if let Some(Value::Signed(code)) = answer.get("code") {
            self.count(format!("code {code}"), true);
        }
        if let Some(Value::Signed(out)) = answer.get("out") {
            self.count("an allocator of the caller is settled at the end", *out == 0);
        }
        if let Step::Eval { manner: Manner::Blind, .. } = step {
            self.count("nobody wants the result", answer.get("code") == Some(&Value::Signed(1)));
        }
        if let Step::Threads { .. } = step {
            self.count("threads match", answer.get("code") == Some(&Value::Signed(1)));
        }
        if let Step::Log { .. } = step {
            self.count("messages", true);
        }
        for flag in ["taken", "removed", "built", "read"] {
            if let Some(Value::Bool(value)) = answer.get(flag) {
                self.count(flag, *value);
            }
        }
        for (section, members) in answer.get("diagnostics").map(Value::entries).unwrap_or_default() {
            let section = String::from_utf8_lossy(&section.bytes);
            for kind in ["errors", "warnings"] {
                for (message, _) in members.get(kind).map(Value::entries).unwrap_or_default() {
                    self.count(format!("message {}", category(&message.bytes)), true);
                }
            }
            if let Some(error) = members.get("error") {
                self.count(format!("section error {}", category(error.as_bytes().unwrap_or_default())), true);
            }
            if !members.get("skipped").map(Value::items).unwrap_or_default().is_empty() {
                self.count(format!("skipped {section}"), true);
            }
        }
        let Some(result) = answer.get("result") else { return };
        for flag in ["keep", "timeout"] {
            self.count(flag, matches!(result.get(flag), Some(Value::Bool(true))));
        }
        if let Step::Again { .. } = step {
            self.count("the same objects again", true);
        }
        for event in result.get("events").map(Value::items).unwrap_or_default() {
            matched.insert(rule_of(event));
            let json = event.to_json().to_string();
            self.count("redaction", json.contains("<Redacted>"));
        }
        for (kind, _) in result.get("actions").map(Value::entries).unwrap_or_default() {
            self.count(format!("action {}", String::from_utf8_lossy(&kind.bytes)), true);
        }
        for (name, _) in result.get("attributes").map(Value::entries).unwrap_or_default() {
            shown.insert(String::from_utf8_lossy(&name.bytes).into_owned());
        }
    }

    fn config(&mut self, config: &Value, matched: &BTreeSet<String>, shown: &BTreeSet<String>) {
        let items = |section: &str| config.get(section).map(Value::items).unwrap_or_default();
        for rule in RULES.into_iter().flat_map(items) {
            let id = rule.get("id").map(Value::shown).unwrap_or_default();
            let fired = matched.contains(&id);
            for condition in rule.get("conditions").map(Value::items).unwrap_or_default() {
                let operator = condition.get("operator").map(Value::shown).unwrap_or_default();
                self.count(format!("operator {}", operator.split('@').next().unwrap_or_default()), fired);
                let parameters = condition.get("parameters");
                if parameters.is_some_and(|p| p.get("data").is_some()) {
                    self.count("data", fired);
                }
                let mut input = |input: &Value| {
                    for name in input.get("transformers").map(Value::items).unwrap_or_default() {
                        self.count(format!("transformer {}", name.shown()), fired);
                    }
                    if input.get("key_path").is_some() {
                        self.count("key path", fired);
                    }
                };
                for (_, inputs) in parameters.map(Value::entries).unwrap_or_default() {
                    inputs.items().iter().for_each(&mut input);
                }
            }
            for name in rule.get("transformers").map(Value::items).unwrap_or_default() {
                self.count(format!("rule's transformer {}", name.shown()), fired);
            }
            if let Some(module) = rule.get("tags").and_then(|tags| tags.get("module")) {
                self.count(format!("module {}", module.shown()), fired);
            }
            for (name, value) in
                rule.get("output").and_then(|o| o.get("attributes")).map(Value::entries).unwrap_or_default()
            {
                let kind = if value.get("value").is_some() { "static" } else { "by address" };
                let name = String::from_utf8_lossy(&name.bytes).into_owned();
                self.count(format!("attribute {kind}"), shown.contains(&name));
            }
            // A rule and its twin have the same conditions; filters and overrides aim at the rule only.
            if matched.contains(&format!("twin {id}")) {
                self.count("a rule held back while its twin matched", !fired);
            }
        }
        for processor in items("processors") {
            let generator = processor.get("generator").map(Value::shown).unwrap_or_default();
            let mappings = processor.get("parameters").and_then(|p| p.get("mappings"));
            let outputs =
                mappings.map(Value::items).unwrap_or_default().iter().filter_map(|m| m.get("output"));
            for output in outputs {
                self.count(format!("processor {generator}"), shown.contains(&output.shown()));
            }
        }
        for section in ["exclusions", "rules_override", "processor_overrides", "scanners", "exclusion_data"] {
            for item in items(section) {
                let mode = item.get("on_match").map(Value::shown).unwrap_or_default();
                self.count(format!("section {section} {mode}").trim(), true);
            }
        }
    }
}

/// A message without what it quotes.
fn category(message: &[u8]) -> String {
    let mut out = String::new();
    let mut quoted = false;
    for c in String::from_utf8_lossy(message).chars() {
        if c == '\'' {
            quoted = !quoted;
        } else if !quoted {
            out.push(c);
        }
    }
    match out.split_once(": ") {
        Some((head, _)) if head.starts_with("invalid regular") || head.starts_with("unknown") => {
            head.to_owned()
        }
        _ => out.chars().take(60).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::category;

    #[test]
    fn messages_are_counted_by_what_they_say_not_by_what_they_quote() {
        assert_eq!(category(b"missing key 'id'"), "missing key ");
        assert_eq!(category(b"invalid regular expression: (?="), "invalid regular expression");
    }
}
