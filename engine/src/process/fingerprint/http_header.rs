//! `hdr-<which standard headers>-<user agent>-<how many others>-<their names>`

use super::hash::{self, Hasher, header_byte};
use super::header_name::{HeaderName, STANDARD};
use super::map::{key_of, leading, string_of};
use super::{Field, push, push_number};
use alloc::vec::Vec;
use bartizan_object::Entry;

/// Makes the fingerprint of a request's headers.
pub(crate) fn http_header(headers: &[Entry]) -> Vec<u8> {
    let mut standard = [b'0'; STANDARD];
    let mut user_agent = &b""[..];
    let mut others: Vec<(u64, u32)> = Vec::with_capacity(headers.len());
    for (header, index) in headers.iter().zip(0..) {
        let name = key_of(header);
        match HeaderName::of(name) {
            HeaderName::Standard(place) => standard[usize::from(place)] = b'1',
            HeaderName::UserAgent => user_agent = string_of(&header.value),
            HeaderName::Other => others.push((leading(name, |byte| header_byte(*byte)), index)),
            HeaderName::IpOrigin(_) | HeaderName::Tracing => {}
        }
    }
    let mut fingerprint = Vec::with_capacity(48);
    fingerprint.extend_from_slice(b"hdr-");
    fingerprint.extend_from_slice(&standard);
    push(&mut fingerprint, &hash::of_lowercase(user_agent));
    push_number(&mut fingerprint, others.len());
    push(&mut fingerprint, &names(headers, others));
    fingerprint
}

/// The hash of normalised names in order. Each comes as its leading bytes and its place in the headers.
fn names(headers: &[Entry], mut names: Vec<(u64, u32)>) -> Field {
    if names.is_empty() {
        return Field::Empty;
    }
    let name = |index: u32| key_of(&headers[index as usize]);
    names.sort_unstable_by(|(a, a_index), (b, b_index)| {
        a.cmp(b).then_with(|| {
            let bytes = |index: u32| name(index).iter().map(|byte| header_byte(*byte));
            bytes(*a_index).cmp(bytes(*b_index))
        })
    });
    let mut hasher = Hasher::new();
    for (at, (_, index)) in names.iter().enumerate() {
        if at > 0 {
            hasher.add(b",");
        }
        hasher.add_header_name(name(*index));
    }
    hasher.finish()
}
