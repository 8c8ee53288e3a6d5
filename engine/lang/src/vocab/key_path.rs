//! Paths into nested values.

use super::Text;

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathItem {
    /// The first value of this key of a map.
    Key(Text),
    /// An item of an array; negative counts from the end.
    Index(i64),
}
