//! Events.

use super::obfuscate::{REDACTED, Redaction, redact};
use super::{Ids, RuleMatch, action};
use crate::plan::Plan;
use crate::state::Scratch;
use crate::verify::{Argument, Arguments, ConditionMatch, KeyPathItem};
use bartizan_lang::ruleset::ActionKind;
use bartizan_object::{AllocError, MapWriter, Slot};

/// Writes one event.
pub(super) fn write(
    slot: Slot<'_>,
    plan: &Plan,
    found: &RuleMatch,
    ids: &Ids,
    scratch: &mut Scratch,
) -> Result<(), AllocError> {
    let stack = action::definitions(plan, found).any(|action| action.kind == ActionKind::GenerateStack);
    let blocks = action::definitions(plan, found).any(|action| action.kind.is_blocking());
    let mut event = slot.map(2 + usize::from(stack) + usize::from(blocks))?;
    rule(event.insert_literal(b"rule")?, plan, found)?;
    let mut matches = event.insert_literal(b"rule_matches")?.array(found.conditions.len())?;
    for condition in &found.conditions {
        rule_match(matches.push()?, plan, condition, scratch)?;
    }
    if stack {
        event.insert_literal(b"stack_id")?.string(&ids.stack)?;
    }
    if blocks {
        event.insert_literal(b"security_response_id")?.string(&ids.security_response)?;
    }
    Ok(())
}

fn rule(slot: Slot<'_>, plan: &Plan, found: &RuleMatch) -> Result<(), AllocError> {
    let active = &plan.ruleset.rules[found.rule as usize];
    let mut rule = slot.map(4)?;
    rule.insert_literal(b"id")?.string(&active.rule.id)?;
    rule.insert_literal(b"name")?.string(&active.rule.name)?;
    let ids = action::ids(plan, found);
    let mut on_match = rule.insert_literal(b"on_match")?.array(ids.len())?;
    for id in ids {
        on_match.push()?.string(id)?;
    }
    let mut tags = rule.insert_literal(b"tags")?.map(active.tags.len())?;
    for (name, value) in active.tags.iter() {
        tags.insert(name)?.string(value)?;
    }
    Ok(())
}

fn rule_match(
    slot: Slot<'_>,
    plan: &Plan,
    condition: &ConditionMatch,
    scratch: &mut Scratch,
) -> Result<(), AllocError> {
    let mut map = slot.map(3)?;
    map.insert_literal(b"operator")?.string(&condition.operator)?;
    map.insert_literal(b"operator_value")?.string(&condition.operator_value)?;
    let mut parameters = map.insert_literal(b"parameters")?.array(1)?;
    let redactor = plan.obfuscator.as_ref();
    let mut hide_highlights = false;
    match &condition.arguments {
        Arguments::Input(input) => {
            let mut parameter = parameters.push()?.map(4)?;
            let redaction = redact(redactor, input, scratch);
            hide_highlights |= redaction != Redaction::None;
            argument(&mut parameter, input, &redaction)?;
            highlights(&mut parameter, condition, hide_highlights)
        }
        Arguments::Injection { resource, params, db_type } => {
            let named = [
                (&b"resource"[..], Some(resource)),
                (&b"params"[..], Some(params)),
                (&b"db_type"[..], db_type.as_ref()),
            ];
            let mut parameter = parameters.push()?.map(4)?;
            for (name, value) in named {
                let Some(value) = value else { continue };
                let redaction = redact(redactor, value, scratch);
                // As in libddwaf, the last argument that is redacted decides.
                if redaction != Redaction::None {
                    hide_highlights = name == b"params";
                }
                let mut map = parameter.insert(name)?.map(3)?;
                argument(&mut map, value, &redaction)?;
            }
            highlights(&mut parameter, condition, hide_highlights)
        }
    }
}

fn argument(map: &mut MapWriter<'_>, argument: &Argument, redaction: &Redaction) -> Result<(), AllocError> {
    map.insert_literal(b"address")?.string(&argument.address)?;
    let value = map.insert_literal(b"value")?;
    match redaction {
        Redaction::None => value.string(&argument.value)?,
        Redaction::Whole => value.literal(REDACTED),
        Redaction::Partial(rest) => value.string(rest)?,
    }
    let mut key_path = map.insert_literal(b"key_path")?.array(argument.key_path.len())?;
    for item in &argument.key_path {
        match item {
            KeyPathItem::Key(key) => key_path.push()?.string(key)?,
            KeyPathItem::Index(index) => key_path.push()?.signed(*index),
        }
    }
    Ok(())
}

fn highlights(map: &mut MapWriter<'_>, condition: &ConditionMatch, hide: bool) -> Result<(), AllocError> {
    let mut list = map.insert_literal(b"highlight")?.array(condition.highlights.len())?;
    for highlight in &condition.highlights {
        if hide {
            list.push()?.literal(REDACTED);
        } else {
            list.push()?.string(highlight)?;
        }
    }
    Ok(())
}
