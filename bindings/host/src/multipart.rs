//! Forms with files (`multipart/form-data`).

use crate::multimap::{Bytes, Multimap};
use crate::url::{decode, split};
use alloc::borrow::Cow;
use alloc::vec::Vec;
use memchr::memmem;

#[derive(Default)]
pub(crate) struct Form<'a> {
    pub(crate) fields: Multimap<'a>,
    pub(crate) files: Vec<File<'a>>,
}

pub(crate) struct File<'a> {
    pub(crate) field: Bytes<'a>,
    pub(crate) name: Bytes<'a>,
    pub(crate) content: &'a [u8],
}

/// The parts of a body, at most `limit`. Also says whether the body had its end and no more parts.
pub(crate) fn read<'a>(body: &'a [u8], boundary: &[u8], limit: usize) -> (Form<'a>, bool) {
    let mut form = Form::default();
    let delimiter = [b"--", boundary].concat();
    let finder = memmem::Finder::new(&delimiter);
    let Some(first) = finder.find(body) else { return (form, false) };
    let mut rest = &body[first + delimiter.len()..];
    let mut room = limit;
    loop {
        if rest.starts_with(b"--") {
            return (form, true);
        }
        if room == 0 {
            return (form, false);
        }
        room -= 1;
        let end = finder.find(rest);
        add(&rest[..end.unwrap_or(rest.len())], end.is_some(), &mut form);
        let Some(end) = end else { return (form, false) };
        rest = &rest[end + delimiter.len()..];
    }
}

/// One part: headers, an empty line, content.
fn add<'a>(part: &'a [u8], whole: bool, form: &mut Form<'a>) {
    let part = trim_line(part);
    let (mut headers, mut content) = match memmem::find(part, b"\r\n\r\n") {
        Some(at) => (&part[..at], &part[at + 4..]),
        None => match memmem::find(part, b"\n\n") {
            Some(at) => (&part[..at], &part[at + 2..]),
            None => (part, &b""[..]),
        },
    };
    if part.starts_with(b"\r\n") || part.starts_with(b"\n") {
        (headers, content) = (b"", trim_line(part));
    }
    if whole {
        content = content.strip_suffix(b"\n").unwrap_or(content);
        content = content.strip_suffix(b"\r").unwrap_or(content);
    }
    let (mut field, mut file) = (None, None);
    for line in headers.split(|byte| *byte == b'\n') {
        let (name, value) = split(line, b':');
        if name.trim_ascii().eq_ignore_ascii_case(b"content-disposition") {
            field = field.or_else(|| parameter(value, b"name"));
            file = file.or_else(|| extended(value)).or_else(|| parameter(value, b"filename"));
        }
    }
    let field = field.unwrap_or_default();
    match file {
        Some(name) => form.files.push(File { field, name, content }),
        None => form.fields.push(field, Cow::Borrowed(content)),
    }
}

/// Without the line break that a delimiter ends with.
fn trim_line(text: &[u8]) -> &[u8] {
    let text = text.strip_prefix(b"\r").unwrap_or(text);
    text.strip_prefix(b"\n").unwrap_or(text)
}

/// `filename*=UTF-8''a%20b`.
fn extended(value: &[u8]) -> Option<Bytes<'_>> {
    let Cow::Borrowed(value) = parameter(value, b"filename*")? else { return None };
    let (_, rest) = split(value, b'\'');
    Some(decode(split(rest, b'\'').1, false))
}

/// A parameter of a header value, without its quotes.
pub(crate) fn parameter<'a>(value: &'a [u8], wanted: &[u8]) -> Option<Bytes<'a>> {
    let mut rest = split(value, b';').1;
    while !rest.is_empty() {
        let (name, after) = split(rest, b'=');
        // A parameter without a value ends at the next semicolon.
        if let Some(semicolon) = memchr::memchr(b';', name) {
            rest = &rest[semicolon + 1..];
            continue;
        }
        let after = after.trim_ascii_start();
        let (text, left) = match after.strip_prefix(b"\"") {
            Some(quoted) => quoted_string(quoted),
            None => {
                let (text, left) = split(after, b';');
                (Cow::Borrowed(text.trim_ascii()), left)
            }
        };
        if name.trim_ascii().eq_ignore_ascii_case(wanted) {
            return Some(text);
        }
        rest = left;
    }
    None
}

/// What stands before the closing quote, and what after the semicolon that follows it.
fn quoted_string(text: &[u8]) -> (Bytes<'_>, &[u8]) {
    let mut at = 0;
    let mut escaped = false;
    while let Some(found) = memchr::memchr2(b'"', b'\\', &text[at..]) {
        at += found;
        // Browsers send paths with backslashes that escape nothing.
        if text[at] == b'\\' {
            if text.get(at + 1) == Some(&b'"') {
                escaped = true;
                at += 1;
            }
            at += 1;
            continue;
        }
        break;
    }
    let at = if text.get(at) == Some(&b'"') { at } else { text.len() };
    let inner = &text[..at];
    let left = text.get(at + 1..).map_or(&b""[..], |rest| split(rest, b';').1);
    if !escaped {
        return (Cow::Borrowed(inner), left);
    }
    let mut plain = Vec::with_capacity(inner.len());
    for (at, byte) in inner.iter().enumerate() {
        if !(*byte == b'\\' && inner.get(at + 1) == Some(&b'"')) {
            plain.push(*byte);
        }
    }
    (Cow::Owned(plain), left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_files() {
        let body = b"preamble\r\n--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
            --X\r\ncontent-disposition: form-data; name=f; filename=\"c:\\\\t\\\"x\\\".php\"\r\nContent-Type: text/plain\r\n\r\n<?php\r\n\
            --X\r\nContent-Disposition: form-data; name=\"g\"; filename=\"no\"; filename*=UTF-8''a%20b.txt\r\n\r\n\r\n\
            --X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n2\r\n--X--\r\nrest";
        let (form, whole) = read(body, b"X", 99);
        assert!(whole);
        assert_eq!(form.fields.get(b"a"), Some(&b"1"[..]));
        assert_eq!(form.files.len(), 2);
        assert_eq!(&*form.files[0].name, b"c:\\\\t\"x\".php");
        assert_eq!((&*form.files[0].field, form.files[0].content), (&b"f"[..], &b"<?php"[..]));
        assert_eq!((&*form.files[1].name, form.files[1].content), (&b"a b.txt"[..], &b""[..]));
    }

    #[test]
    fn what_is_cut_off_is_kept_as_far_as_it_goes() {
        let (form, whole) =
            read(b"--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n' or 1=", b"X", 99);
        assert!(!whole);
        assert_eq!(form.fields.get(b"a"), Some(&b"' or 1="[..]));
        assert!(!read(b"no delimiter", b"X", 9).1);
        assert!(!read(b"--X\n\na\n--X\n\nb\n--X\n\nc", b"X", 2).1);
        assert!(!read(b"", b"", 2).1);
    }

    #[test]
    fn parameters() {
        for (value, want) in [
            ("multipart/form-data; boundary=abc", Some("abc")),
            ("multipart/form-data; charset=utf-8; Boundary=\"a;b\" ; x", Some("a;b")),
            ("multipart/form-data; flag; boundary = q ;z=1", Some("q")),
            ("multipart/form-data", None),
            ("x; boundary=\"open", Some("open")),
        ] {
            let found = parameter(value.as_bytes(), b"boundary");
            assert_eq!(found.as_deref(), want.map(str::as_bytes), "{value}");
        }
    }
}
