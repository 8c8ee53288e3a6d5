//! JSON documents, written member by member.

use alloc::vec::Vec;
use bartizan_object::{AllocRef, Object, Owned, json};

/// A JSON object under construction at the end of a buffer.
pub(crate) struct Members<'a> {
    out: &'a mut Vec<u8>,
    any: bool,
}

impl<'a> Members<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, any: false }
    }

    pub(crate) fn end(self) {
        self.out.push(b'}');
    }

    /// Starts a member; its value is what is appended next.
    pub(crate) fn key(&mut self, key: &[u8]) -> &mut Vec<u8> {
        if self.any {
            self.out.push(b',');
        }
        self.any = true;
        string(key, self.out);
        self.out.push(b':');
        self.out
    }

    pub(crate) fn text(&mut self, key: &[u8], value: &[u8]) {
        let out = self.key(key);
        string(value, out);
    }

    pub(crate) fn bool(&mut self, key: &[u8], value: bool) {
        self.key(key).extend_from_slice(if value { b"true" } else { b"false" });
    }

    pub(crate) fn number(&mut self, key: &[u8], value: u64) {
        json::write(&Object::unsigned(value), self.key(key));
    }

    pub(crate) fn object(&mut self, key: &[u8], value: &Object) {
        json::write(value, self.key(key));
    }

    pub(crate) fn texts<'t>(&mut self, key: &[u8], values: impl IntoIterator<Item = &'t [u8]>) {
        let out = self.key(key);
        list(values, out, string);
    }
}

/// Appends an array.
pub(crate) fn list<T>(
    items: impl IntoIterator<Item = T>,
    out: &mut Vec<u8>,
    mut write: impl FnMut(T, &mut Vec<u8>),
) {
    out.push(b'[');
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write(item, out);
    }
    out.push(b']');
}

/// Appends a string in quotes.
pub(crate) fn string(value: &[u8], out: &mut Vec<u8>) {
    if let Some(small) = Object::small(value) {
        return json::write(&small, out);
    }
    let mut owned = Owned::new(AllocRef::global());
    if owned.slot().string(value).is_ok() {
        json::write(&owned, out);
    } else {
        out.extend_from_slice(b"\"\"");
    }
}

/// The text of a scalar as people write it; nothing of containers and null.
pub(crate) fn scalar_text(value: &Object) -> Option<Vec<u8>> {
    use bartizan_object::View;
    match value.view() {
        View::String(bytes) => Some(bytes.to_vec()),
        View::Bool(_) | View::Signed(_) | View::Unsigned(_) | View::Float(_) => {
            let mut out = Vec::new();
            json::write(value, &mut out);
            Some(out)
        }
        _ => None,
    }
}
