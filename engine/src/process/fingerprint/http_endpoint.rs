//! `http-<method>-<path>-<names in the query>-<names in the body>`

use super::{Field, Fields, hash, map};
use alloc::vec::Vec;
use bartizan_object::Entry;

/// Makes the fingerprint of what a request asks for. The URI counts up to its query or fragment.
pub(crate) fn http_endpoint(
    fields: &mut Fields,
    method: &[u8],
    uri: &[u8],
    query: Option<&[Entry]>,
    body: Option<&[Entry]>,
) -> Vec<u8> {
    fields.make_once(0, || Field::Text(method.to_ascii_lowercase().into()));
    fields.make_once(1, || {
        let end = uri.iter().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(uri.len());
        hash::of_lowercase(&uri[..end])
    });
    if let Some(query) = query {
        fields.make_once(2, || map::keys(query));
    }
    if let Some(body) = body {
        fields.make_once(3, || map::keys(body));
    }
    fields.join(b"http")
}
