//! `rules_data` and `exclusion_data`.

use super::diagnostics::Section;
use super::documents::{DataDocument, DataKind};
use super::draft::Draft;
use super::problem::Problem;
use super::read::{Map, Read};
use crate::vocab::Text;
use alloc::vec::Vec;
use bartizan_object::Object;

pub(super) fn read_rules_data(
    value: &Object,
    draft: &mut Draft<'_>,
    section: &mut Section,
) -> Result<(), Problem> {
    read(value, &mut draft.documents.rules_data, section)
}

pub(super) fn read_exclusion_data(
    value: &Object,
    draft: &mut Draft<'_>,
    section: &mut Section,
) -> Result<(), Problem> {
    read(value, &mut draft.documents.exclusion_data, section)
}

fn read(value: &Object, entries: &mut Vec<DataDocument>, section: &mut Section) -> Result<(), Problem> {
    for (position, item) in <&[Object]>::read(value)?.iter().enumerate() {
        let (id, outcome) = match Map::read(item).and_then(|entry| Ok((entry, entry.need::<Text>("id")?))) {
            Ok((entry, id)) => (id.clone(), read_entry(entry, id)),
            Err(problem) => (Text::default(), Err(problem)),
        };
        match outcome {
            Ok(entry) => {
                section.loaded.push(id);
                entries.push(entry);
            }
            Err(problem) => section.fail(position, &id, &problem),
        }
    }
    Ok(())
}

fn read_entry(entry: Map<'_>, id: Text) -> Result<DataDocument, Problem> {
    let type_name: &[u8] = entry.need("type")?;
    let data: &Object = entry.need("data")?;
    let kind = match type_name {
        b"ip_with_expiration" => DataKind::Ip,
        b"data_with_expiration" => DataKind::Exact,
        _ => return Err(Problem::UnknownData(Text::from(type_name))),
    };
    let value = |item| {
        let item = Map::read(item)?;
        Ok((item.need("value")?, item.or("expiration", 0)?))
    };
    let values = <&[Object]>::read(data)?.iter().map(value).collect::<Result<_, _>>()?;
    Ok(DataDocument { id, kind, values })
}
