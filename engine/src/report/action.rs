//! Actions of a call: at most one blocks.

use super::{Ids, RuleMatch};
use crate::plan::Plan;
use alloc::vec::Vec;
use bartizan_lang::ruleset::{Action, ActionKind};
use bartizan_lang::vocab::{Scalar, Text};
use bartizan_object::{AllocError, Slot};

/// The action ids of a match: a modal override first, in place of the rule's own modal actions.
pub(super) fn ids<'p>(plan: &'p Plan, found: &'p RuleMatch) -> Vec<&'p Text> {
    let own = plan.ruleset.rules[found.rule as usize].on_match.iter();
    let kind = |id: &Text| plan.ruleset.actions.get(id).map(|action| action.kind);
    match &found.override_action {
        Some(id) if kind(id).is_some_and(ActionKind::is_modal) => {
            core::iter::once(id).chain(own.filter(|id| !kind(id).is_some_and(ActionKind::is_modal))).collect()
        }
        _ => own.collect(),
    }
}

/// The definitions of a match's actions; ids without one give nothing.
pub(super) fn definitions<'p>(plan: &'p Plan, found: &'p RuleMatch) -> impl Iterator<Item = &'p Action> {
    ids(plan, found).into_iter().filter_map(|id| plan.ruleset.actions.get(id))
}

/// Whether a match puts out any action.
pub(super) fn any(plan: &Plan, found: &RuleMatch) -> bool {
    definitions(plan, found).any(|action| action.kind != ActionKind::Monitor)
}

/// Writes the map of action type → parameters. Of blocking actions the highest kind wins, then the
/// first; of other actions each type is given once.
pub(super) fn write(slot: Slot<'_>, plan: &Plan, matches: &[RuleMatch], ids: &Ids) -> Result<(), AllocError> {
    let mut blocking: Option<&Action> = None;
    let mut others: Vec<&Action> = Vec::new();
    for action in matches.iter().flat_map(|found| definitions(plan, found)) {
        if action.kind.is_blocking() {
            if blocking.is_none_or(|chosen| action.kind > chosen.kind) {
                blocking = Some(action);
            }
        } else if action.kind != ActionKind::Monitor
            && others.iter().all(|other| other.type_name != action.type_name)
        {
            others.push(action);
        }
    }
    let mut map = slot.map(others.len() + usize::from(blocking.is_some()))?;
    for action in blocking.into_iter().chain(others) {
        let slot = map.insert(&action.type_name)?;
        if action.kind == ActionKind::GenerateStack {
            let mut parameters = slot.map(1)?;
            parameters.insert_literal(b"stack_id")?.string(&ids.stack)?;
            continue;
        }
        let mut parameters = slot.map(action.parameters.len() + usize::from(action.kind.is_blocking()))?;
        for (name, value) in &action.parameters {
            scalar(parameters.insert(name)?, value)?;
        }
        if action.kind.is_blocking() {
            parameters.insert_literal(b"security_response_id")?.string(&ids.security_response)?;
        }
    }
    Ok(())
}

/// Writes a scalar of the configuration.
pub(super) fn scalar(slot: Slot<'_>, value: &Scalar) -> Result<(), AllocError> {
    match value {
        Scalar::Bool(value) => slot.bool(*value),
        Scalar::Signed(value) => slot.signed(*value),
        Scalar::Unsigned(value) => slot.unsigned(*value),
        Scalar::Float(value) => slot.float(*value),
        Scalar::String(value) => return slot.string(value),
    }
    Ok(())
}
