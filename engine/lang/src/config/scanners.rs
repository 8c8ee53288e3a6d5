//! `scanners`.

use super::diagnostics::Section;
use super::documents::Namespace;
use super::draft::{Draft, Kind};
use super::interner::Interner;
use super::operators::read_matcher;
use super::problem::Problem;
use super::read::{Map, read_tags};
use crate::ruleset::{Depth, Matcher, Scanner};
use crate::vocab::Text;
use alloc::sync::Arc;
use bartizan_object::Object;

pub(super) fn read(value: &Object, draft: &mut Draft<'_>, section: &mut Section) -> Result<(), Problem> {
    let kind = Kind { namespace: Namespace::Scanners, gated: true };
    draft.elements(kind, value, section, |draft, element, id| {
        let scanner = read_scanner(element, id, draft.interner)?;
        draft.documents.scanners.push(Arc::new(scanner));
        Ok(())
    })
}

fn read_scanner(element: Map<'_>, id: Text, interner: &mut Interner) -> Result<Scanner, Problem> {
    let tags = read_tags(element.need("tags")?)?;
    let mut side = |name, depth| match element.may_bare(name)? {
        Some(side) => read_side(side, depth, interner),
        None => Ok(None),
    };
    // Keys are scanned for what any of them may match; values are only held against what is left.
    let (key, value) = (side("key", Depth::Needs)?, side("value", Depth::Validity)?);
    if key.is_none() && value.is_none() {
        return Err(Problem::Useless("scanner has no key or value matcher"));
    }
    Ok(Scanner { id, tags, key, value })
}

/// Reads `{operator, parameters}`. Data that names nothing is no matcher at all.
fn read_side(side: Map<'_>, depth: Depth, interner: &mut Interner) -> Result<Option<Matcher>, Problem> {
    let operator: &[u8] = side.need("operator")?;
    match read_matcher(operator, side.need("parameters")?, depth, interner)? {
        Matcher::Data(data) if data.is_empty() => Ok(None),
        Matcher::Data(_) => Err(Problem::Plain("dynamic data on scanner condition")),
        matcher => Ok(Some(matcher)),
    }
}
