//! `rules_override` and `processor_overrides`.

use super::diagnostics::{Section, index_id};
use super::documents::{ProcessorOverride, Reference, RuleOverride};
use super::draft::Draft;
use super::problem::Problem;
use super::read::{Map, Read};
use super::reference::{read_reference, read_references};
use crate::vocab::Text;
use alloc::sync::Arc;
use alloc::vec::Vec;
use bartizan_object::Object;

pub(super) fn read_rules(
    value: &Object,
    draft: &mut Draft<'_>,
    section: &mut Section,
) -> Result<(), Problem> {
    read(value, &mut draft.documents.rule_overrides, section, read_rule_override)
}

pub(super) fn read_processors(
    value: &Object,
    draft: &mut Draft<'_>,
    section: &mut Section,
) -> Result<(), Problem> {
    read(value, &mut draft.documents.processor_overrides, section, read_processor_override)
}

/// Overrides are known by position only, even where they have an id.
fn read<T>(
    value: &Object,
    overrides: &mut Vec<T>,
    section: &mut Section,
    read: fn(Map<'_>) -> Result<T, Problem>,
) -> Result<(), Problem> {
    for (position, item) in <&[Object]>::read(value)?.iter().enumerate() {
        match read(Map::read(item)?) {
            Ok(entry) => {
                section.loaded.push(index_id(position));
                overrides.push(entry);
            }
            Err(problem) => section.fail(position, &Text::default(), &problem),
        }
    }
    Ok(())
}

fn read_rule_override(element: Map<'_>) -> Result<RuleOverride, Problem> {
    let enabled: Option<bool> = element.may_bare("enabled")?;
    let on_match: Option<Vec<Text>> = element.may_bare("on_match")?;
    let tags: Vec<(Text, Text)> = element.may_bare("tags")?.unwrap_or_default();
    let (targets, by_tags) = read_rule_targets(element)?;
    if enabled.is_none() && on_match.is_none() && tags.is_empty() {
        return Err(Problem::Plain("rule override without side-effects"));
    }
    let Some(by_tags) = by_tags else { return Err(Problem::Plain("rule override with no targets")) };
    Ok(RuleOverride { targets, by_tags, enabled, on_match: on_match.map(Arc::from), tags })
}

/// Reads `rules_target`, or without it the `id` of one rule. Also tells whether the targets are given by
/// tags; `None` if they all name nothing.
fn read_rule_targets(element: Map<'_>) -> Result<(Vec<Reference>, Option<bool>), Problem> {
    let items = element.items("rules_target")?;
    if items.is_empty() {
        return Ok((Vec::from([Reference::Id(element.need("id")?)]), Some(false)));
    }
    let mut targets: Vec<Reference> = Vec::with_capacity(items.len());
    let mut by_tags = None;
    for item in items {
        let target = read_reference(item)?;
        let target_by_tags = match target {
            Reference::None => None,
            Reference::Id(_) => Some(false),
            Reference::Tags(_) => Some(true),
        };
        if by_tags.is_none() {
            by_tags = target_by_tags;
        } else if by_tags != target_by_tags {
            return Err(Problem::Plain("rule override targets rules and tags"));
        }
        targets.push(target);
    }
    Ok((targets, by_tags))
}

fn read_processor_override(element: Map<'_>) -> Result<ProcessorOverride, Problem> {
    let items: &[Object] = element.need("target")?;
    if items.is_empty() {
        return Err(Problem::Plain("processor override without targets"));
    }
    let target = |item| match read_reference(item)? {
        Reference::Id(id) => Ok(id),
        // Not an error, and the empty text is an id like any other.
        Reference::None => Ok(Text::default()),
        Reference::Tags(_) => Err(Problem::Plain("processor override with target by tags not supported")),
    };
    let targets = items.iter().map(target).collect::<Result<_, _>>()?;
    let scanners: Map<'_> = element.need("scanners")?;
    Ok(ProcessorOverride {
        targets,
        include: read_references(scanners, "include")?,
        exclude: read_references(scanners, "exclude")?,
    })
}
