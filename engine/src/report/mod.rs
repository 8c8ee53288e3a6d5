//! What a call found, as events, actions and attributes.

mod action;
mod attribute;
mod event;
mod id;
mod obfuscate;

pub(crate) use attribute::{PendingAttribute, replace_attribute, resolve_pending, set_attributes};
pub(crate) use id::Ids;

use crate::plan::Plan;
use crate::state::Scratch;
use crate::verify::ConditionMatch;
use alloc::sync::Arc;
use alloc::vec::Vec;
use bartizan_lang::ruleset::Verdict;
use bartizan_lang::vocab::Text;
use bartizan_object::{AllocError, AllocRef, Owned};

/// A rule that matched.
pub(crate) struct RuleMatch {
    pub(crate) rule: u32,
    pub(crate) conditions: Vec<Arc<ConditionMatch>>,
    pub(crate) verdict: Verdict,
    /// The action that a filter put in place of the rule's own.
    pub(crate) override_action: Option<Text>,
}

/// What one call found.
#[derive(Default)]
pub(crate) struct Report {
    pub(crate) matches: Vec<RuleMatch>,
    pub(crate) attributes: Vec<(Text, Owned)>,
    pub(crate) keep: bool,
    pub(crate) timeout: bool,
    pub(crate) duration_ns: u64,
    pub(crate) evaluated: u64,
}

impl Report {
    /// Whether the call has anything to tell.
    pub(crate) fn is_match(&self, plan: &Plan) -> bool {
        !self.attributes.is_empty()
            || self.matches.iter().any(|found| {
                plan.ruleset.rules[found.rule as usize].rule.output.event || action::any(plan, found)
            })
    }

    /// Writes the result: a map of `events`, `actions`, `duration`, `timeout`, `attributes`, `keep`,
    /// `evaluated`.
    pub(crate) fn write(
        &self,
        plan: &Plan,
        ids: &Ids,
        scratch: &mut Scratch,
        alloc: AllocRef,
    ) -> Result<Owned, AllocError> {
        let mut owned = Owned::new(alloc);
        let mut result = owned.slot().map(7)?;
        let events =
            self.matches.iter().filter(|found| plan.ruleset.rules[found.rule as usize].rule.output.event);
        let mut list = result.insert_literal(b"events")?.array(events.clone().count())?;
        for found in events {
            event::write(list.push()?, plan, found, ids, scratch)?;
        }
        action::write(result.insert_literal(b"actions")?, plan, &self.matches, ids)?;
        result.insert_literal(b"duration")?.unsigned(self.duration_ns);
        result.insert_literal(b"timeout")?.bool(self.timeout);
        let mut attributes = result.insert_literal(b"attributes")?.map(self.attributes.len())?;
        for (name, value) in &self.attributes {
            attributes.insert(name)?.copy_of(value)?;
        }
        result.insert_literal(b"keep")?.bool(self.keep);
        result.insert_literal(b"evaluated")?.unsigned(self.evaluated);
        Ok(owned)
    }
}
