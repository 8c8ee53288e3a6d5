//! `exclusions`: rule filters and input filters.

use super::conditions::{InputDefaults, read_conditions};
use super::diagnostics::Section;
use super::documents::{InputFilterDocument, Namespace, Reference, RuleFilterDocument};
use super::draft::{Draft, Kind};
use super::interner::Interner;
use super::problem::Problem;
use super::read::{Map, Read};
use super::reference::read_references;
use crate::ruleset::{Condition, FilterInput, FilterMode, GlobItem};
use crate::vocab::{AddressId, Text};
use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use alloc::vec::Vec;
use bartizan_object::Object;

const EMPTY: Problem = Problem::Plain("empty exclusion filter");

pub(super) fn read(value: &Object, draft: &mut Draft<'_>, section: &mut Section) -> Result<(), Problem> {
    let kind = Kind { namespace: Namespace::Filters, gated: true };
    draft.elements(kind, value, section, |draft, element, id| {
        if element.find("inputs").is_some() {
            let filter = read_input_filter(element, id, draft.interner)?;
            draft.documents.input_filters.push(filter);
        } else {
            let filter = read_rule_filter(element, id, draft.interner)?;
            draft.documents.rule_filters.push(filter);
        }
        Ok(())
    })
}

/// Reads what both kinds have.
fn read_scope(
    element: Map<'_>,
    interner: &mut Interner,
) -> Result<(Arc<[Condition]>, Vec<Reference>), Problem> {
    let conditions = read_conditions(element.items("conditions")?, &InputDefaults::default(), interner)?;
    Ok((conditions.into(), read_references(element, "rules_target")?))
}

fn read_rule_filter(
    element: Map<'_>,
    id: Text,
    interner: &mut Interner,
) -> Result<RuleFilterDocument, Problem> {
    let (conditions, targets) = read_scope(element, interner)?;
    let mode = match element.or("on_match", &b"bypass"[..])? {
        b"bypass" => FilterMode::Bypass,
        b"monitor" => FilterMode::Monitor,
        b"" => return Err(Problem::Plain("empty on_match value")),
        action => FilterMode::Custom(Text::from(action)),
    };
    if conditions.is_empty() && targets.is_empty() {
        return Err(EMPTY);
    }
    Ok(RuleFilterDocument { id, conditions, targets, mode })
}

fn read_input_filter(
    element: Map<'_>,
    id: Text,
    interner: &mut Interner,
) -> Result<InputFilterDocument, Problem> {
    let (conditions, targets) = read_scope(element, interner)?;
    let inputs: &[Object] = element.need("inputs")?;
    let mut inputs: Vec<FilterInput> =
        inputs.iter().map(|input| read_input(Map::read(input)?, interner)).collect::<Result<_, _>>()?;
    inputs.sort_by_key(|input| input.address);
    // Where there are paths, the address alone says nothing: so does libddwaf read the two together.
    let paths: BTreeSet<AddressId> =
        inputs.iter().filter(|input| !input.key_path.is_empty()).map(|input| input.address).collect();
    inputs.retain(|input| !input.key_path.is_empty() || !paths.contains(&input.address));
    if conditions.is_empty() && inputs.is_empty() {
        return Err(EMPTY);
    }
    Ok(InputFilterDocument { id, conditions, targets, inputs: inputs.into() })
}

fn read_input(input: Map<'_>, interner: &mut Interner) -> Result<FilterInput, Problem> {
    let address: Text = input.need("address")?;
    let key_path: Vec<&[u8]> = input.or("key_path", Vec::new())?;
    let step = |key: &[u8]| if key == b"*" { GlobItem::Any } else { GlobItem::Key(Text::from(key)) };
    Ok(FilterInput {
        address: interner.address(&address),
        key_path: key_path.into_iter().map(step).collect(),
    })
}
