//! `scanners`.

use super::diagnostics::Section;
use super::documents::Namespace;
use super::draft::{Draft, Kind};
use super::operators::read_matcher;
use super::problem::Problem;
use super::read::{Map, read_tags};
use crate::ruleset::{Matcher, Scanner};
use crate::vocab::Text;
use alloc::sync::Arc;
use bartizan_object::Object;

pub(super) fn read(value: &Object, draft: &mut Draft<'_>, section: &mut Section) -> Result<(), Problem> {
    let kind = Kind { namespace: Namespace::Scanners, gated: true };
    draft.elements(kind, value, section, |draft, element, id| {
        let scanner = read_scanner(element, id)?;
        draft.documents.scanners.push(Arc::new(scanner));
        Ok(())
    })
}

fn read_scanner(element: Map<'_>, id: Text) -> Result<Scanner, Problem> {
    let tags = read_tags(element.need("tags")?)?;
    let key = element.may_bare("key")?.map(read_side).transpose()?.flatten();
    let value = element.may_bare("value")?.map(read_side).transpose()?.flatten();
    if key.is_none() && value.is_none() {
        return Err(Problem::Useless("scanner has no key or value matcher"));
    }
    Ok(Scanner { id, tags, key, value })
}

/// Reads `{operator, parameters}`. Data that names nothing is no matcher at all.
fn read_side(side: Map<'_>) -> Result<Option<Matcher>, Problem> {
    let operator: &[u8] = side.need("operator")?;
    match read_matcher(operator, side.need("parameters")?)? {
        Matcher::Data(data) if data.is_empty() => Ok(None),
        Matcher::Data(_) => Err(Problem::Plain("dynamic data on scanner condition")),
        matcher => Ok(Some(matcher)),
    }
}
