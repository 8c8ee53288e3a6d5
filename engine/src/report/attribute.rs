//! Attributes that rules set.

use super::{Report, action};
use crate::plan::Plan;
use crate::scan::path::{self, Resolved};
use crate::state::State;
use alloc::vec::Vec;
use bartizan_lang::ruleset::AttributeValue;
use bartizan_lang::vocab::{AddressId, PathItem, Text};
use bartizan_object::{AllocError, AllocRef, Kind, Object, Owned, View};

/// An attribute whose address has not arrived yet.
#[derive(Clone)]
pub(crate) struct PendingAttribute {
    name: Text,
    address: AddressId,
    key_path: Vec<PathItem>,
}

/// Sets the attributes of a rule that matched. The first to set a name in a call wins, and so does the
/// first to wait for an address with it.
pub(crate) fn set_attributes(
    plan: &Plan,
    rule: u32,
    state: &mut State,
    report: &mut Report,
) -> Result<(), AllocError> {
    for attribute in &plan.ruleset.rules[rule as usize].rule.output.attributes {
        if is_set(report, &attribute.name) {
            continue;
        }
        let mut waiting = state.pending_attributes.iter();
        let waiting = waiting.position(|pending| pending.name == attribute.name);
        match &attribute.value {
            AttributeValue::Static(value) => {
                let mut owned = Owned::new(AllocRef::global());
                action::scalar(owned.slot(), value)?;
                report.attributes.push((attribute.name.clone(), owned));
                if let Some(at) = waiting {
                    state.pending_attributes.remove(at);
                }
            }
            AttributeValue::Address { address, key_path } if waiting.is_none() => {
                let pending = PendingAttribute {
                    name: attribute.name.clone(),
                    address: *address,
                    key_path: key_path.clone(),
                };
                if !try_set(&pending, state, report)? {
                    state.pending_attributes.push(pending);
                }
            }
            AttributeValue::Address { .. } => {}
        }
    }
    Ok(())
}

/// Sets an attribute that a processor computed, in place of any other of this name.
pub(crate) fn replace_attribute(name: Text, value: Owned, state: &mut State, report: &mut Report) {
    state.pending_attributes.retain(|pending| pending.name != name);
    match report.attributes.iter_mut().find(|(known, _)| *known == name) {
        Some((_, former)) => *former = value,
        None => report.attributes.push((name, value)),
    }
}

/// Sets pending attributes whose address has arrived by now.
pub(crate) fn resolve_pending(state: &mut State, report: &mut Report) -> Result<(), AllocError> {
    let pending = core::mem::take(&mut state.pending_attributes);
    for attribute in pending {
        if !try_set(&attribute, state, report)? {
            state.pending_attributes.push(attribute);
        }
    }
    Ok(())
}

fn is_set(report: &Report, name: &Text) -> bool {
    report.attributes.iter().any(|(known, _)| known == name)
}

/// Whether the attribute is settled: set, or dropped because what arrived holds no scalar for it.
fn try_set(attribute: &PendingAttribute, state: &State, report: &mut Report) -> Result<bool, AllocError> {
    let Some(root) = state.store.get(attribute.address) else { return Ok(false) };
    let value = match path::resolve(root, &attribute.key_path, |_| false) {
        Resolved::Found(value) => scalar_of(value),
        Resolved::Absent | Resolved::Hidden => None,
    };
    if let Some(value) = value
        && !is_set(report, &attribute.name)
    {
        let mut owned = Owned::new(AllocRef::global());
        owned.slot().copy_of(value)?;
        report.attributes.push((attribute.name.clone(), owned));
    }
    Ok(true)
}

/// A scalar itself, or the first item of an array when it is one.
fn scalar_of(value: &Object) -> Option<&Object> {
    let value = match value.view() {
        View::Array(items) => items.first()?,
        _ => value,
    };
    match value.kind() {
        Kind::Bool | Kind::Signed | Kind::Unsigned | Kind::Float | Kind::String => Some(value),
        _ => None,
    }
}
