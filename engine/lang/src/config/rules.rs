//! `rules`, `rules_compat` and `custom_rules`.

use super::conditions::{InputDefaults, read_conditions};
use super::diagnostics::Section;
use super::documents::Namespace;
use super::draft::{Draft, Kind};
use super::interner::Interner;
use super::problem::Problem;
use super::read::{Map, Read, read_tags};
use super::transformers::read_transformers;
use crate::ruleset::{Attribute, AttributeValue, Output, Rule, RuleSource};
use crate::vocab::{Scalar, Text};
use alloc::sync::Arc;
use alloc::vec::Vec;
use bartizan_object::Object;

pub(super) fn read_base(value: &Object, draft: &mut Draft<'_>, section: &mut Section) -> Result<(), Problem> {
    read(value, draft, section, RuleSource::Base)
}

pub(super) fn read_user(value: &Object, draft: &mut Draft<'_>, section: &mut Section) -> Result<(), Problem> {
    read(value, draft, section, RuleSource::User)
}

fn read(
    value: &Object,
    draft: &mut Draft<'_>,
    section: &mut Section,
    source: RuleSource,
) -> Result<(), Problem> {
    let kind = Kind { namespace: Namespace::Rules, gated: true };
    for (position, item) in <&[Object]>::read(value)?.iter().enumerate() {
        match Map::read(item) {
            Ok(element) => draft.element(kind, position, element, section, |draft, element, id| {
                let rule = read_rule(element, id, source, draft.interner)?;
                draft.documents.rules.push(Arc::new(rule));
                Ok(())
            }),
            Err(problem) => section.fail(position, &Text::default(), &problem),
        }
    }
    Ok(())
}

fn read_rule(
    element: Map<'_>,
    id: Text,
    source: RuleSource,
    interner: &mut Interner,
) -> Result<Rule, Problem> {
    let mut defaults = InputDefaults::default();
    defaults.transformers = read_transformers(element.items("transformers")?, &mut defaults.source)?;
    let conditions = read_conditions(element.need("conditions")?, &defaults, interner)?;
    if conditions.is_empty() {
        return Err(Problem::Plain("rule has no valid conditions"));
    }
    let tags = read_tags(element.need("tags")?)?;
    if !tags.iter().any(|(key, _)| **key == *b"type") {
        return Err(Problem::MissingKey("type"));
    }
    let output = read_output(element.map("output")?, interner)?;
    let enabled = element.or("enabled", true)?;
    let name = element.need("name")?;
    let on_match: Vec<Text> = element.or("on_match", Vec::new())?;
    if !output.event && output.attributes.is_empty() {
        return Err(Problem::Useless("rule generates no events or attributes"));
    }
    let (tags, on_match) = (tags.into(), on_match.into());
    Ok(Rule { id, name, tags, source, conditions, enabled, on_match, output })
}

fn read_output(output: Map<'_>, interner: &mut Interner) -> Result<Output, Problem> {
    Ok(Output {
        event: output.or("event", true)?,
        keep: output.or("keep", true)?,
        attributes: output
            .map("attributes")?
            .entries()
            .map(|(name, value)| {
                let value = read_attribute(Map::read(value)?, interner)?;
                Ok(Attribute { name: Text::from(name), value })
            })
            .collect::<Result<_, _>>()?,
    })
}

/// Reads `{value}` or `{address, key_path?}`.
fn read_attribute(attribute: Map<'_>, interner: &mut Interner) -> Result<AttributeValue, Problem> {
    if let Some(value) = attribute.find("value") {
        return Scalar::of(value)
            .map(AttributeValue::Static)
            .ok_or(Problem::Plain("invalid type for 'value', expected scalar"));
    }
    let address: &[u8] = attribute.need("address")?;
    let key_path = attribute.or("key_path", Vec::new())?;
    Ok(AttributeValue::Address { address: interner.address(address), key_path })
}
