//! Lists of transformers.

use super::problem::{Named, Problem};
use super::read::Read;
use crate::ruleset::DataSource;
use crate::vocab::{MAX_TRANSFORMERS, Text};
use alloc::vec::Vec;
use bartizan_object::Object;
use bartizan_text::transform::Transformer;

/// Reads a list. `keys_only` and `values_only` in it set the data source, the last one for good; without
/// them it stays what it is.
pub(super) fn read_transformers(
    items: &[Object],
    source: &mut DataSource,
) -> Result<Vec<Transformer>, Problem> {
    if items.len() > MAX_TRANSFORMERS {
        return Err(Problem::Plain("number of transformers beyond allowed limit"));
    }
    let mut transformers = Vec::with_capacity(items.len());
    for item in items {
        let name = <&[u8]>::read(item)?;
        if let Some(transformer) = Transformer::from_name(name) {
            transformers.push(transformer);
        } else if name == b"keys_only" {
            *source = DataSource::Keys;
        } else if name == b"values_only" {
            *source = DataSource::Values;
        } else {
            return Err(Problem::Unknown(Named::Transformer, Text::from(name)));
        }
    }
    Ok(transformers)
}
