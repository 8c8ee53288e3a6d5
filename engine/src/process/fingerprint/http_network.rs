//! `net-<how many addresses>-<in which headers>`

use super::header_name::{HeaderName, IP_ORIGIN};
use super::map::{key_of, string_of};
use super::push_number;
use alloc::vec::Vec;
use bartizan_object::Entry;

/// Makes the fingerprint of the proxies that a request came through: the addresses are counted in the
/// header of the highest precedence that has any.
pub(crate) fn http_network(headers: &[Entry]) -> Vec<u8> {
    let mut origins = [b'0'; IP_ORIGIN];
    let mut chosen = (IP_ORIGIN as u8, &b""[..]);
    for header in headers {
        let HeaderName::IpOrigin(place) = HeaderName::of(key_of(header)) else { continue };
        origins[usize::from(place)] = b'1';
        let value = string_of(&header.value);
        if place < chosen.0 && !value.is_empty() {
            chosen = (place, value);
        }
    }
    let addresses = if chosen.1.is_empty() { 0 } else { chosen.1.split(|byte| *byte == b',').count() };
    let mut fingerprint = Vec::with_capacity(24);
    fingerprint.extend_from_slice(b"net");
    push_number(&mut fingerprint, addresses);
    fingerprint.push(b'-');
    fingerprint.extend_from_slice(&origins);
    fingerprint
}
