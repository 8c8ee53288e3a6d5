//! Fingerprints: a name and fields, joined by `-`. A field is empty, a short text, or the beginning of a
//! hash, so that a fingerprint tells requests apart without telling what was in them.

mod hash;
mod header_name;
mod http_endpoint;
mod http_header;
mod http_network;
mod map;
mod session;

pub(crate) use http_endpoint::http_endpoint;
pub(crate) use http_header::http_header;
pub(crate) use http_network::http_network;
pub(crate) use session::session;

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;

/// One field.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Field {
    Empty,
    /// The first eight hexadecimal digits of a SHA-256.
    Digits([u8; 8]),
    Text(Box<[u8]>),
}

/// Four fields that arrive one by one. What was made once stays for the life of a context, whatever else
/// its input is later.
#[derive(Clone, Default)]
pub(crate) struct Fields([Option<Field>; 4]);

impl Fields {
    fn make_once(&mut self, place: usize, make: impl FnOnce() -> Field) {
        self.0[place].get_or_insert_with(make);
    }

    fn join(&self, name: &[u8]) -> Vec<u8> {
        let mut fingerprint = Vec::with_capacity(48);
        fingerprint.extend_from_slice(name);
        for field in &self.0 {
            push(&mut fingerprint, field.as_ref().unwrap_or(&Field::Empty));
        }
        fingerprint
    }
}

/// Appends a field.
fn push(fingerprint: &mut Vec<u8>, field: &Field) {
    fingerprint.push(b'-');
    match field {
        Field::Empty => {}
        Field::Digits(digits) => fingerprint.extend_from_slice(digits),
        Field::Text(text) => fingerprint.extend_from_slice(text),
    }
}

/// Appends a number as a field.
fn push_number(fingerprint: &mut Vec<u8>, number: usize) {
    fingerprint.push(b'-');
    match number {
        0..10 => fingerprint.push(b'0' + number as u8),
        _ => fingerprint.extend_from_slice(number.to_string().as_bytes()),
    }
}

#[cfg(test)]
mod tests;
