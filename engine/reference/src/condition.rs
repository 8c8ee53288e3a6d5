//! Conditions: every value is looked at, every time.

use crate::memory::{Memory, Owner};
use crate::operator::{Regexes, Surroundings, check, name, pattern, supports, transform};
use crate::value::Value;
use crate::walk::{Hidden, Place, Resolved, Seen};
use bartizan_lang::Ruleset;
use bartizan_lang::ruleset::{Condition, DataSource, Input, Matcher};
use bartizan_lang::vocab::PathItem;
use std::collections::BTreeMap;

/// What a condition found in one of its arguments.
#[derive(Clone, Debug)]
pub(crate) struct Argument {
    /// `input`, or what a detector calls it.
    pub(crate) name: &'static str,
    pub(crate) address: Vec<u8>,
    pub(crate) key_path: Vec<PathItem>,
    pub(crate) value: Vec<u8>,
}

/// A condition that is true.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) operator: Vec<u8>,
    pub(crate) operator_value: Vec<u8>,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) highlights: Vec<Vec<u8>>,
}

/// Who asks: the rules of a ruleset in the light of what is remembered.
pub(crate) struct Asker<'a> {
    pub(crate) ruleset: &'a Ruleset,
    pub(crate) regexes: &'a Regexes,
    pub(crate) now_s: u64,
    pub(crate) memory: &'a mut Memory,
}

impl Asker<'_> {
    /// Whether all conditions are true. They are asked in order, up to the first that is not; those that are
    /// true stay so.
    pub(crate) fn all(&mut self, owner: Owner, conditions: &[Condition], hidden: &Hidden) -> bool {
        for (number, condition) in conditions.iter().enumerate() {
            if self.memory.matched.contains_key(&(owner, number)) {
                continue;
            }
            match self.one((owner, number), condition, hidden) {
                Some(found) => self.memory.matched.insert((owner, number), found),
                None => return false,
            };
        }
        true
    }

    fn one(&mut self, place: (Owner, usize), condition: &Condition, hidden: &Hidden) -> Option<Found> {
        match condition {
            Condition::Scalar { operator, matcher, inputs } => {
                inputs.iter().enumerate().find_map(|(at, input)| {
                    self.is_unexamined(place, at, input)
                        .then(|| self.scalar(place.0, operator, matcher, input, hidden))?
                })
            }
            Condition::Negated { operator, matcher, input } => self
                .is_unexamined(place, 0, input)
                .then(|| self.negated(place.0, operator, matcher, input, hidden))?,
            Condition::Exists { inputs } => inputs
                .iter()
                .find(|input| matches!(self.resolve(input, hidden), Some(Resolved::Found(_))))
                .map(|input| self.presence("exists", input)),
            Condition::NotExists { input } => matches!(self.resolve(input, hidden), Some(Resolved::Absent))
                .then(|| self.presence("!exists", input)),
            Condition::Detector { operator, detector, resource, params, db_type } => {
                self.injection(operator, detector, resource, params, db_type.as_ref(), hidden)
            }
        }
    }

    /// Whether an input has a value that its condition has not looked at before. It has from now on: what is
    /// hidden or shown to it later makes no difference.
    fn is_unexamined(&mut self, (owner, condition): (Owner, usize), at: usize, input: &Input) -> bool {
        let Some(arrived) = self.memory.store.get(&input.address) else { return false };
        self.memory.examined.insert((owner, condition, at), arrived.number) != Some(arrived.number)
    }

    /// Where an input's path ends; `None` without the address.
    fn resolve(&self, input: &Input, hidden: &Hidden) -> Option<Resolved<'_>> {
        let arrived = self.memory.store.get(&input.address)?;
        Some(Place::root(arrived).resolve(&input.key_path, hidden))
    }

    fn find(&self, input: &Input, hidden: &Hidden) -> Option<Place<'_>> {
        match self.resolve(input, hidden)? {
            Resolved::Found(place) => Some(place),
            Resolved::Absent | Resolved::Hidden => None,
        }
    }

    pub(crate) fn argument(&self, name: &'static str, input: &Input, value: Vec<u8>) -> Argument {
        let address = self.ruleset.addresses.name(input.address).to_vec();
        Argument { name, address, key_path: input.key_path.clone(), value }
    }

    /// True at the first value, or key, that matches.
    fn scalar(
        &self,
        owner: Owner,
        operator: &[u8],
        matcher: &Matcher,
        input: &Input,
        hidden: &Hidden,
    ) -> Option<Found> {
        let around = self.around(owner);
        let arrived = self.memory.store.get(&input.address)?;
        let place = Place::root(arrived).resolve_for_values(&input.key_path, hidden)?;
        place.visits(hidden).into_iter().find_map(|visit| {
            let value = looked_at(visit.seen, input, |value| supports(matcher, &around, value))?;
            let highlight = check(matcher, &around, &value)?;
            let mut argument = self.argument("input", input, value.text());
            argument.key_path.extend(visit.path);
            Some(Found {
                operator: name(matcher, &around, operator),
                operator_value: pattern(matcher),
                arguments: vec![argument],
                highlights: vec![highlight],
            })
        })
    }

    /// True when there are values that could match and none does.
    fn negated(
        &self,
        owner: Owner,
        operator: &[u8],
        matcher: &Matcher,
        input: &Input,
        hidden: &Hidden,
    ) -> Option<Found> {
        let around = self.around(owner);
        let place = self.find(input, hidden)?;
        if input.source == DataSource::Keys && !matches!(place.value, Value::Map(_)) {
            return None;
        }
        let values: Vec<Value> = place
            .visits(hidden)
            .into_iter()
            .filter_map(|visit| looked_at(visit.seen, input, |value| supports(matcher, &around, value)))
            .collect();
        if values.is_empty() || values.iter().any(|value| check(matcher, &around, value).is_some()) {
            return None;
        }
        // The event shows all that was looked at, when that is a single value: as it came.
        let shown = match (input.source, place.value) {
            (DataSource::Keys, _) => Vec::new(),
            (DataSource::Values, Value::Array(items)) if items.len() == 1 => items[0].text(),
            (DataSource::Values, value) => value.text(),
        };
        Some(Found {
            operator: name(matcher, &around, operator),
            operator_value: pattern(matcher),
            highlights: if shown.is_empty() { Vec::new() } else { vec![shown.clone()] },
            arguments: vec![self.argument("input", input, shown)],
        })
    }

    fn presence(&self, operator: &str, input: &Input) -> Found {
        Found {
            operator: operator.into(),
            operator_value: Vec::new(),
            arguments: vec![self.argument("input", input, Vec::new())],
            highlights: Vec::new(),
        }
    }

    pub(crate) fn around(&self, owner: Owner) -> Surroundings<'_> {
        static NOTHING: BTreeMap<bartizan_lang::vocab::Text, bartizan_lang::ruleset::Data> = BTreeMap::new();
        let data = match owner {
            Owner::Rule(_) => &self.ruleset.rules_data,
            Owner::RuleFilter(_) | Owner::InputFilter(_) => &self.ruleset.exclusion_data,
            Owner::Processor(_) => &NOTHING,
        };
        Surroundings { data, now_s: self.now_s, regexes: self.regexes }
    }
}

/// The value to hold against an operator, strings and keys transformed; `None` for what is not looked at.
fn looked_at(seen: Seen<'_>, input: &Input, supported: impl Fn(&Value) -> bool) -> Option<Value> {
    let value = match (seen, input.source) {
        (Seen::Key(key), DataSource::Keys) => Value::bytes(key),
        (Seen::Scalar(value), DataSource::Values) => value.clone(),
        _ => return None,
    };
    supported(&value).then(|| match value {
        Value::Bytes(text) => Value::Bytes(transform(&input.transformers, &text)),
        value => value,
    })
}
