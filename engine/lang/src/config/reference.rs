//! References to rules, scanners and processors.

use super::documents::Reference;
use super::problem::Problem;
use super::read::{Map, Read};
use crate::vocab::Text;
use alloc::vec::Vec;
use bartizan_object::Object;

/// Reads `{rule_id}`, `{id}` or `{tags}`; the first that is there and not empty counts.
pub(super) fn read_reference(object: &Object) -> Result<Reference, Problem> {
    let map = Map::read(object)?;
    for key in ["rule_id", "id"] {
        let id: Text = map.or(key, Text::default())?;
        if !id.is_empty() {
            return Ok(Reference::Id(id));
        }
    }
    let tags = map.map("tags")?;
    if tags.is_empty() {
        return Ok(Reference::None);
    }
    let pair = |(key, value)| Ok((Text::from(key), Text::read(value)?));
    Ok(Reference::Tags(tags.entries().map(pair).collect::<Result<_, Problem>>()?))
}

/// Reads the references under a key; none if it is absent.
pub(super) fn read_references(map: Map<'_>, key: &'static str) -> Result<Vec<Reference>, Problem> {
    map.items(key)?.iter().map(read_reference).collect()
}
