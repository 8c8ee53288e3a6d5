//! Documents of either format.

use crate::{AllocRef, Owned, ReadError, json, msgpack};

/// Reads a JSON or MessagePack document, with the depth limit of both (containers nested deeper than
/// [`json::MAX_DEPTH`] are left empty).
///
/// It is JSON when it starts with `{`, `[` or white space, else MessagePack. As MessagePack those bytes
/// would be small integers, which are no documents.
///
/// ```
/// use bartizan_object::{AllocRef, parse_document};
/// let json = parse_document(b"{\"a\":1}", AllocRef::global())?;
/// let msgpack = parse_document(b"\x81\xa1a\x01", AllocRef::global())?;
/// assert_eq!(format!("{json:?}"), format!("{msgpack:?}"));
/// # Ok::<(), bartizan_object::ReadError>(())
/// ```
///
/// # Errors
/// What is wrong and where, for the format that was read.
pub fn parse_document(bytes: &[u8], alloc: AllocRef) -> Result<Owned, ReadError> {
    match bytes.first() {
        Some(b'{' | b'[' | b' ' | b'\t' | b'\n' | b'\r') => {
            json::parse_with_depth(bytes, json::MAX_DEPTH, alloc)
        }
        _ => msgpack::parse(bytes, alloc),
    }
}
