//! Candidates → matches: conditions in order, each asked only of the values that may match it.

mod detector;
mod exists;
mod negated;
pub(crate) mod operator;
mod scalar;
pub(crate) mod value;

use crate::exclude::Hidden;
use crate::plan::{Plan, inputs_of};
use crate::state::{Budget, Expired, Scratch, State};
use alloc::sync::Arc;
use alloc::vec::Vec;
use bartizan_lang::ruleset::{Condition, Input};
use bartizan_lang::vocab::{PathItem, Text};
use bartizan_object::Entry;
use core::ops::Range;

/// One step of a reported key path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyPathItem {
    Key(Vec<u8>),
    Index(i64),
}

/// What a condition found in one of its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Argument {
    pub(crate) address: Text,
    pub(crate) key_path: Vec<KeyPathItem>,
    pub(crate) value: Vec<u8>,
}

/// The arguments of a match, by the shape in which they are reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Arguments {
    /// Scalar operators: one input.
    Input(Argument),
    /// Detectors.
    Injection { resource: Argument, params: Argument, db_type: Option<Argument> },
}

/// A confirmed condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConditionMatch {
    pub(crate) operator: Text,
    pub(crate) operator_value: Text,
    pub(crate) arguments: Arguments,
    pub(crate) highlights: Vec<Vec<u8>>,
}

/// What verification works with.
pub(crate) struct Verifier<'c, 'b> {
    pub(crate) plan: &'c Plan,
    pub(crate) state: &'c mut State,
    pub(crate) scratch: &'c mut Scratch,
    pub(crate) budget: &'c mut Budget<'b>,
    pub(crate) now_s: u64,
}

impl Verifier<'_, '_> {
    /// Whether all conditions are true; they are asked in order up to the first that is not. Those that
    /// are true stay so for the life of the context.
    pub(crate) fn all(&mut self, conditions: Range<u32>, hidden: &Hidden) -> Result<bool, Expired> {
        for number in conditions {
            if self.state.matched.contains_key(&number) {
                continue;
            }
            let Some(found) = self.one(number, hidden)? else { return Ok(false) };
            self.state.matched.insert(number, Arc::new(found));
        }
        Ok(true)
    }

    fn one(&mut self, number: u32, hidden: &Hidden) -> Result<Option<ConditionMatch>, Expired> {
        match self.plan.condition(number) {
            Condition::Scalar { .. } => self.scalar(number, hidden),
            Condition::Negated { .. } if self.state.refuted.contains(&number) => Ok(None),
            Condition::Negated { input, .. } => {
                let found = self.negated(number, input, hidden)?;
                if found.is_none() && self.state.store.get(input.address).is_some() {
                    self.state.refuted.insert(number);
                }
                Ok(found)
            }
            Condition::Exists { inputs } => self.exists(inputs, hidden),
            Condition::NotExists { input } => self.not_exists(input, hidden),
            detector @ Condition::Detector { .. } => self.injection(detector, hidden),
        }
    }

    /// Whether the next condition to ask cannot be true yet, seen without asking it. Those after it do not
    /// count: what is true now stays true, so it must be found while its value is there.
    pub(crate) fn hopeless(&self, mut conditions: Range<u32>) -> bool {
        let next = conditions.find(|number| !self.state.matched.contains_key(number));
        next.is_some_and(|number| match self.plan.condition(number) {
            Condition::Scalar { .. } => {
                !self.state.candidates.any(self.plan.conditions[number as usize].probes.clone())
            }
            Condition::Detector { resource, .. } => self.state.store.get(resource.address).is_none(),
            other => inputs_of(other).all(|input| self.state.store.get(input.address).is_none()),
        })
    }

    fn address(&self, input: &Input) -> Text {
        self.plan.ruleset.addresses.name(input.address).clone()
    }
}

/// A declared path as it is reported: as declared.
fn declared(path: &[PathItem]) -> Vec<KeyPathItem> {
    path.iter()
        .map(|item| match item {
            PathItem::Key(key) => KeyPathItem::Key(key.to_vec()),
            PathItem::Index(index) => KeyPathItem::Index(*index),
        })
        .collect()
}

/// One step of a discovered path.
fn discovered(entry: Option<&Entry>, step: u32) -> KeyPathItem {
    match entry {
        Some(entry) => KeyPathItem::Key(entry.key.as_bytes().unwrap_or_default().into()),
        None => KeyPathItem::Index(i64::from(step)),
    }
}
