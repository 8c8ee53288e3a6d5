//! What a call found, as events, actions and attributes.

use crate::condition::Found;
use crate::memory::{Memory, PendingAttribute};
use crate::operator::Regexes;
use crate::redact::{REDACTED, Redaction, redact};
use crate::rules::RuleMatch;
use crate::value::Value;
use crate::walk::{Hidden, Place, Resolved};
use bartizan_lang::Ruleset;
use bartizan_lang::ruleset::{Action, ActionKind, AttributeValue};
use bartizan_lang::vocab::{PathItem, Text};

/// What stands for the ids that the engine draws.
pub const RESPONSE_ID: &str = "<security response id>";
/// Likewise.
pub const STACK_ID: &str = "<stack id>";

/// What one call found.
#[derive(Default)]
pub(crate) struct Report {
    pub(crate) matches: Vec<RuleMatch>,
    /// In the order in which they were set.
    pub(crate) attributes: Vec<(Vec<u8>, Value)>,
    pub(crate) timeout: bool,
    pub(crate) evaluated: u64,
}

impl Report {
    /// Sets the attributes of a rule that matched, or puts them off until their address arrives. The first to
    /// set a name in a call wins, and so does the first to wait for an address with it.
    pub(crate) fn set_attributes(&mut self, ruleset: &Ruleset, rule: usize, memory: &mut Memory) {
        for attribute in &ruleset.rules[rule].rule.output.attributes {
            let name = attribute.name.to_vec();
            if self.attributes.iter().any(|(known, _)| *known == name) {
                continue;
            }
            let waits = memory.pending.iter().any(|pending| pending.name == name);
            match &attribute.value {
                AttributeValue::Static(value) => {
                    memory.pending.retain(|pending| pending.name != name);
                    self.attributes.push((name, value.into()));
                }
                AttributeValue::Address { .. } if waits => {}
                AttributeValue::Address { address, key_path } => {
                    let pending = PendingAttribute { name, address: *address, key_path: key_path.clone() };
                    if !self.settle(&pending, memory) {
                        memory.pending.push(pending);
                    }
                }
            }
        }
    }

    /// Sets what was put off and has arrived.
    pub(crate) fn settle_pending(&mut self, memory: &mut Memory) {
        let pending = std::mem::take(&mut memory.pending);
        memory.pending = pending.into_iter().filter(|pending| !self.settle(pending, memory)).collect();
    }

    /// Sets an attribute that a processor computed, in place of any other of its name.
    pub(crate) fn replace(&mut self, name: &[u8], value: Value, memory: &mut Memory) {
        memory.pending.retain(|pending| pending.name != name);
        match self.attributes.iter_mut().find(|(known, _)| known == name) {
            Some((_, former)) => *former = value,
            None => self.attributes.push((name.to_vec(), value)),
        }
    }

    /// Whether the attribute is settled: set, or dropped because what arrived holds no scalar for it.
    fn settle(&mut self, pending: &PendingAttribute, memory: &Memory) -> bool {
        let Some(arrived) = memory.store.get(&pending.address) else { return false };
        if let Resolved::Found(place) = Place::root(arrived).resolve(&pending.key_path, &Hidden::new()) {
            let value = match place.value {
                Value::Array(items) => items.first(),
                value => Some(value),
            };
            let is_set = self.attributes.iter().any(|(known, _)| *known == pending.name);
            match value {
                None | Some(Value::Invalid | Value::Null | Value::Array(_) | Value::Map(_)) => {}
                Some(_) if is_set => {}
                Some(scalar) => self.attributes.push((pending.name.clone(), scalar.clone())),
            }
        }
        true
    }

    /// The result document.
    pub(crate) fn to_value(&self, ruleset: &Ruleset, regexes: &Regexes) -> Value {
        let output = |found: &RuleMatch| &ruleset.rules[found.rule].rule.output;
        let events = self.matches.iter().filter(|found| output(found).event);
        Value::map([
            ("events", Value::Array(events.map(|found| event(ruleset, regexes, found)).collect())),
            ("actions", actions(ruleset, &self.matches)),
            ("duration", Value::Unsigned(0)),
            ("timeout", Value::Bool(self.timeout)),
            ("attributes", Value::Map(self.attributes.clone())),
            ("keep", Value::Bool(self.matches.iter().any(|found| output(found).keep))),
            ("evaluated", Value::Unsigned(self.evaluated)),
        ])
    }
}

/// The action ids of a match: a modal one of a filter in place of the rule's own modal ones.
fn action_ids(ruleset: &Ruleset, found: &RuleMatch) -> Vec<Text> {
    let own = ruleset.rules[found.rule].on_match.iter().cloned();
    let is_modal = |id: &Text| ruleset.actions.get(id).is_some_and(|action| action.kind.is_modal());
    match &found.override_action {
        Some(id) if is_modal(id) => [id.clone()].into_iter().chain(own.filter(|id| !is_modal(id))).collect(),
        _ => own.collect(),
    }
}

/// The definitions of a match's actions.
fn definitions<'a>(ruleset: &'a Ruleset, found: &RuleMatch) -> Vec<&'a Action> {
    action_ids(ruleset, found).iter().filter_map(|id| ruleset.actions.get(id)).collect()
}

/// At most one action blocks: of the highest kind, the first. Of others each type is given once.
fn actions(ruleset: &Ruleset, matches: &[RuleMatch]) -> Value {
    let all: Vec<&Action> = matches.iter().flat_map(|found| definitions(ruleset, found)).collect();
    let blocking = all.iter().filter(|action| action.kind.is_blocking());
    let highest = blocking.clone().map(|action| action.kind).max();
    let chosen = blocking.copied().find(|action| Some(action.kind) == highest);
    let others = all.iter().copied().filter(|action| !action.kind.is_modal());
    let mut map: Vec<(Vec<u8>, Value)> = Vec::new();
    for action in chosen.into_iter().chain(others) {
        if map.iter().any(|(known, _)| **known == *action.type_name) {
            continue;
        }
        let mut parameters: Vec<(Vec<u8>, Value)> =
            action.parameters.iter().map(|(name, value)| (name.to_vec(), value.into())).collect();
        if action.kind == ActionKind::GenerateStack {
            parameters = vec![("stack_id".into(), STACK_ID.into())];
        } else if action.kind.is_blocking() {
            parameters.push(("security_response_id".into(), RESPONSE_ID.into()));
        }
        map.push((action.type_name.to_vec(), Value::Map(parameters)));
    }
    Value::Map(map)
}

fn event(ruleset: &Ruleset, regexes: &Regexes, found: &RuleMatch) -> Value {
    let active = &ruleset.rules[found.rule];
    let tags = active.tags.iter().map(|(name, value)| (name.to_vec(), Value::bytes(value)));
    let rule = Value::map([
        ("id", Value::bytes(&active.rule.id)),
        ("name", Value::bytes(&active.rule.name)),
        ("on_match", Value::Array(action_ids(ruleset, found).iter().map(Value::bytes).collect())),
        ("tags", Value::Map(tags.collect())),
    ]);
    let matches = found.conditions.iter().map(|condition| rule_match(ruleset, regexes, condition)).collect();
    let mut event = vec![("rule".into(), rule), ("rule_matches".into(), Value::Array(matches))];
    let actions = definitions(ruleset, found);
    if actions.iter().any(|action| action.kind == ActionKind::GenerateStack) {
        event.push(("stack_id".into(), STACK_ID.into()));
    }
    if actions.iter().any(|action| action.kind.is_blocking()) {
        event.push(("security_response_id".into(), RESPONSE_ID.into()));
    }
    Value::Map(event)
}

fn rule_match(ruleset: &Ruleset, regexes: &Regexes, condition: &Found) -> Value {
    let obfuscator = ruleset.obfuscator.as_deref();
    let redactions: Vec<Redaction> =
        condition.arguments.iter().map(|argument| redact(obfuscator, regexes, argument)).collect();
    // As in libddwaf, the last argument that is redacted decides.
    let redacted = condition.arguments.iter().zip(&redactions).rfind(|(_, r)| **r != Redaction::Nothing);
    let hide_highlights = redacted.is_some_and(|(argument, _)| matches!(argument.name, "input" | "params"));
    let highlights = condition.highlights.iter();
    let highlights =
        highlights.map(|text| Value::bytes(if hide_highlights { REDACTED } else { text })).collect();
    let mut parameter: Vec<(Vec<u8>, Value)> = Vec::new();
    for (argument, redaction) in condition.arguments.iter().zip(redactions) {
        let shown = [
            ("address".into(), Value::bytes(&argument.address)),
            (
                "value".into(),
                match redaction {
                    Redaction::Nothing => Value::bytes(&argument.value),
                    Redaction::Whole => Value::bytes(REDACTED),
                    Redaction::Part(rest) => Value::Bytes(rest),
                },
            ),
            ("key_path".into(), Value::Array(argument.key_path.iter().map(path_item).collect())),
        ];
        match argument.name {
            "input" => parameter.extend(shown),
            name => parameter.push((name.into(), Value::Map(shown.into()))),
        }
    }
    parameter.push(("highlight".into(), Value::Array(highlights)));
    Value::map([
        ("operator", Value::bytes(&condition.operator)),
        ("operator_value", Value::bytes(&condition.operator_value)),
        ("parameters", Value::Array(vec![Value::Map(parameter)])),
    ])
}

fn path_item(item: &PathItem) -> Value {
    match item {
        PathItem::Key(key) => Value::bytes(key),
        PathItem::Index(index) => Value::Signed(*index),
    }
}
