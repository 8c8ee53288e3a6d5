//! `ssn-<user>-<names of cookies>-<their values>-<session>`

use super::{Fields, hash, map};
use alloc::vec::Vec;
use bartizan_object::Entry;

/// Makes the fingerprint of who a request comes from.
pub(crate) fn session(
    fields: &mut Fields,
    cookies: Option<&[Entry]>,
    session_id: Option<&[u8]>,
    user_id: Option<&[u8]>,
) -> Vec<u8> {
    if let Some(id) = user_id {
        fields.make_once(0, || hash::of_lowercase(id));
    }
    if let (Some(cookies), None) = (cookies, &fields.0[1]) {
        let (names, values) = map::keys_and_values(cookies);
        fields.0[1] = Some(names);
        fields.0[2] = Some(values);
    }
    if let Some(id) = session_id {
        fields.make_once(3, || hash::of_lowercase(id));
    }
    fields.join(b"ssn")
}
