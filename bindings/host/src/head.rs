//! What a request or a response begins with: its first line and its headers.
//!
//! Two forms. Flat: byte fields with a NUL between, the first one their number in decimal, so that a value
//! with a NUL of its own is noticed. Or a map.

use crate::Error;
use crate::document::scalar_text;
use crate::multimap::{Bytes, Multimap};
use crate::url;
use alloc::borrow::Cow;
use alloc::vec::Vec;
use bartizan_object::{AllocRef, Object, Owned, View, parse_document};

/// Headers in their order, names in lower case.
pub(crate) type Headers<'a> = Vec<(Bytes<'a>, Bytes<'a>)>;

pub(crate) struct RequestHead<'a> {
    pub(crate) method: Bytes<'a>,
    pub(crate) target: Bytes<'a>,
    pub(crate) peer: Bytes<'a>,
    pub(crate) route: Bytes<'a>,
    pub(crate) headers: Headers<'a>,
    /// Members `path_params` and `addresses`, for those who send a map.
    pub(crate) path_params: Option<&'a Object>,
    pub(crate) addresses: Option<&'a Object>,
}

pub(crate) struct ResponseHead<'a> {
    pub(crate) status: Bytes<'a>,
    pub(crate) headers: Headers<'a>,
}

/// A map that was read, or nothing where the data is flat.
pub(crate) fn document(data: &[u8]) -> Result<Option<Owned>, Error> {
    if data.first().is_some_and(u8::is_ascii_digit) {
        return Ok(None);
    }
    let owned = read(data)?;
    if owned.as_map().is_none() {
        return Err(Error::Malformed("request data is not a map".into()));
    }
    Ok(Some(owned))
}

pub(crate) fn read(data: &[u8]) -> Result<Owned, Error> {
    parse_document(data, AllocRef::global())
        .map_err(|error| Error::Malformed(alloc::format!("the document cannot be read: {error}")))
}

impl<'a> RequestHead<'a> {
    pub(crate) fn flat(data: &'a [u8]) -> Result<Self, Error> {
        let mut fields = Fields::new(data)?;
        let [method, target, peer, _scheme, route] = fields.take()?;
        let headers = fields.headers()?;
        let head = Self {
            method: method.into(),
            target: target.into(),
            peer: peer.into(),
            route: route.into(),
            headers,
            path_params: None,
            addresses: None,
        };
        Ok(head)
    }

    pub(crate) fn map(map: &'a Object) -> Result<Self, Error> {
        let text = |key: &[u8]| map.get(key).map(|value| bytes(value)).unwrap_or_default();
        Ok(Self {
            method: text(b"method"),
            target: text(b"target"),
            peer: text(b"peer"),
            route: text(b"route"),
            headers: headers_of(map.get(b"headers"))?,
            path_params: map.get(b"path_params"),
            addresses: map.get(b"addresses"),
        })
    }
}

impl<'a> ResponseHead<'a> {
    pub(crate) fn flat(data: &'a [u8]) -> Result<Self, Error> {
        let mut fields = Fields::new(data)?;
        let [status] = fields.take()?;
        Ok(Self { status: status.into(), headers: fields.headers()? })
    }

    pub(crate) fn map(map: &'a Object) -> Result<Self, Error> {
        let status = map.get(b"status").map(|value| bytes(value)).unwrap_or_default();
        Ok(Self { status, headers: headers_of(map.get(b"headers"))? })
    }
}

fn bytes(value: &Object) -> Bytes<'_> {
    match value.as_bytes() {
        Some(bytes) => Cow::Borrowed(bytes),
        None => scalar_text(value).unwrap_or_default().into(),
    }
}

/// Headers as a list of pairs, or as a map to a value or a list of values.
fn headers_of(value: Option<&Object>) -> Result<Headers<'_>, Error> {
    let mut headers = Vec::new();
    match value.map(Object::view) {
        None | Some(View::Null) => {}
        Some(View::Array(pairs)) => {
            for pair in pairs {
                let Some([name, value]) = pair.as_array() else {
                    return Err(Error::Malformed("headers: not a list of pairs of name and value".into()));
                };
                headers.push((lower(bytes(name)), bytes(value)));
            }
        }
        Some(View::Map(entries)) => {
            for entry in entries {
                let name = lower(bytes(&entry.key));
                match entry.value.as_array() {
                    Some(values) => headers.extend(values.iter().map(|value| (name.clone(), bytes(value)))),
                    None => headers.push((name, bytes(&entry.value))),
                }
            }
        }
        Some(_) => return Err(Error::Malformed("headers: neither a list of pairs nor a map".into())),
    }
    Ok(headers)
}

fn lower(name: Bytes<'_>) -> Bytes<'_> {
    if name.iter().any(u8::is_ascii_uppercase) { Cow::Owned(name.to_ascii_lowercase()) } else { name }
}

/// The header that a CGI variable stands for.
fn cgi(name: &[u8]) -> Option<Bytes<'_>> {
    let name = match name.strip_prefix(b"HTTP_") {
        Some(name) => name,
        None if matches!(name, b"CONTENT_TYPE" | b"CONTENT_LENGTH") => name,
        None => return None,
    };
    let header = |byte: &u8| if *byte == b'_' { b'-' } else { byte.to_ascii_lowercase() };
    Some(Cow::Owned(name.iter().map(header).collect()))
}

struct Fields<'a> {
    rest: &'a [u8],
    left: usize,
}

impl<'a> Fields<'a> {
    fn new(data: &'a [u8]) -> Result<Self, Error> {
        let (count, rest) = url::split(data, 0);
        let number = count.iter().try_fold(0_usize, |number, byte| {
            let digit = char::from(*byte).to_digit(10)?;
            number.checked_mul(10)?.checked_add(digit as usize)
        });
        let actual = 1 + memchr::memchr_iter(0, data).count();
        if number != Some(actual) {
            return Err(Error::Malformed(alloc::format!(
                "flat data of {actual} fields says that it has another number of them; a value with a NUL? Send a map"
            )));
        }
        Ok(Self { rest, left: actual - 1 })
    }

    fn next(&mut self) -> Option<&'a [u8]> {
        self.left = self.left.checked_sub(1)?;
        let (field, rest) = url::split(self.rest, 0);
        self.rest = rest;
        Some(field)
    }

    fn take<const N: usize>(&mut self) -> Result<[&'a [u8]; N], Error> {
        if self.left < N {
            return Err(Error::Malformed("flat data: fields are missing at the front".into()));
        }
        Ok([(); N].map(|()| self.next().unwrap_or_default()))
    }

    fn headers(mut self) -> Result<Headers<'a>, Error> {
        let is_cgi = match self.next() {
            Some(b"cgi") => true,
            Some(b"") | None => false,
            Some(_) => return Err(Error::Malformed("flat data: the style is neither empty nor cgi".into())),
        };
        if !self.left.is_multiple_of(2) {
            return Err(Error::Malformed("flat data: a header name without a value".into()));
        }
        let mut headers = Vec::with_capacity(self.left / 2);
        while let (Some(name), Some(value)) = (self.next(), self.next()) {
            let name = if is_cgi { cgi(name) } else { Some(lower(name.into())) };
            headers.extend(name.filter(|name| !name.is_empty()).map(|name| (name, value.into())));
        }
        Ok(headers)
    }
}

/// All values of a header, joined.
pub(crate) fn joined(headers: &Headers<'_>, name: &[u8]) -> Option<Vec<u8>> {
    let mut values = headers.iter().filter(|(found, _)| **found == *name).map(|(_, value)| value);
    let mut all = values.next()?.to_vec();
    for value in values {
        all.push(b',');
        all.extend_from_slice(value);
    }
    Some(all)
}

/// Headers without the one that carries cookies.
pub(crate) fn without<'a>(headers: &'a Headers<'_>, cookies: &[u8]) -> Multimap<'a> {
    let mut map = Multimap::default();
    for (name, value) in headers.iter().filter(|(name, _)| **name != *cookies) {
        map.push(Cow::Borrowed(&**name), Cow::Borrowed(&**value));
    }
    map
}

/// The cookies of a request, decoded.
pub(crate) fn cookies<'a>(headers: &'a Headers<'_>) -> Multimap<'a> {
    let mut map = Multimap::default();
    for (_, value) in headers.iter().filter(|(name, _)| **name == *b"cookie") {
        for pair in value.split(|byte| *byte == b';') {
            let (name, value) = url::split(pair, b'=');
            let (name, value) = (name.trim_ascii(), value.trim_ascii());
            let quoted = value.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
            if !(name.is_empty() && value.is_empty()) {
                map.push(url::decode(name, false), url::decode(quoted.unwrap_or(value), false));
            }
        }
    }
    map
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(fields: &[&str]) -> Vec<u8> {
        let mut all = alloc::vec![alloc::format!("{}", fields.len() + 1)];
        all.extend(fields.iter().map(|field| (*field).into()));
        all.join("\0").into_bytes()
    }

    fn names(headers: &Headers<'_>) -> Vec<alloc::string::String> {
        headers.iter().map(|(n, v)| alloc::format!("{}: {}", n.escape_ascii(), v.escape_ascii())).collect()
    }

    #[test]
    fn flat_and_map_say_the_same() {
        let data = flat(&["GET", "/a?b", "::1", "http", "", "", "Host", "x", "X-A", "1", "x-a", "2"]);
        let head = RequestHead::flat(&data).unwrap();
        assert_eq!((&*head.method, &*head.target, &*head.peer), (&b"GET"[..], &b"/a?b"[..], &b"::1"[..]));
        assert_eq!(names(&head.headers), ["host: x", "x-a: 1", "x-a: 2"]);

        let map = br#"{"method":"GET","target":"/a?b","peer":"::1","headers":{"Host":"x","X-A":["1",2]}}"#;
        let map = document(map).unwrap().unwrap();
        let head = RequestHead::map(&map).unwrap();
        assert_eq!(names(&head.headers), ["host: x", "x-a: 1", "x-a: 2"]);
        assert_eq!(without(&head.headers, b"host").get(b"x-a"), Some(&b"1"[..]));
    }

    #[test]
    fn cgi_names_are_headers() {
        let data = flat(&[
            "GET",
            "/",
            "",
            "",
            "",
            "cgi",
            "HTTP_X_A",
            "1",
            "PATH",
            "no",
            "CONTENT_TYPE",
            "t",
            "HTTP_",
            "",
        ]);
        assert_eq!(names(&RequestHead::flat(&data).unwrap().headers), ["x-a: 1", "content-type: t"]);
    }

    #[test]
    fn a_nul_inside_a_value_is_noticed() {
        let mut data = flat(&["GET", "/", "", "", "", "", "a", "b"]);
        data.extend_from_slice(b"\0c\0d");
        assert!(RequestHead::flat(&data).is_err());
        for bad in [&b"3"[..], b"99999999999999999999999\0", b"3\0GET\0/", b"8\0G\0/\0\0\0\0\0a"] {
            assert!(RequestHead::flat(bad).is_err());
        }
        assert!(ResponseHead::flat(&flat(&["200"])).unwrap().headers.is_empty());
    }

    #[test]
    fn cookies_are_decoded() {
        let headers = alloc::vec![(b"cookie"[..].into(), b"a=1; b=\"x%20y\";c;=;a=%zz+"[..].into())];
        let map = cookies(&headers);
        assert_eq!((map.get(b"a"), map.get(b"b")), (Some(&b"1"[..]), Some(&b"x y"[..])));
        assert_eq!(map.get(b"c"), Some(&b""[..]));
        assert!(without(&headers, b"cookie").is_empty());
    }
}
