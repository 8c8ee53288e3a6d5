//! URIs: the grammar of RFC 3986, with the liberties that libddwaf takes.

use core::ops::Range;

use super::{IpAddress, parse_ipv4, parse_ipv6};
use crate::ByteSet;

const UNRESERVED: ByteSet = alphanumeric().union(&ByteSet::of(b"-._~"));
/// Host and user information share all but `:`. A `%` needs no digits after it.
const HOST: ByteSet = UNRESERVED.union(&ByteSet::of(b"!$&'()*+,;=%"));
const USERINFO: ByteSet = HOST.with(b':');
const PATH: ByteSet = HOST.union(&ByteSet::of(b":@/"));
const FRAGMENT: ByteSet = PATH.with(b'?');
/// Square brackets are widespread in queries.
const QUERY: ByteSet = FRAGMENT.union(&ByteSet::of(b"[]"));
const SCHEME: ByteSet = alphanumeric().union(&ByteSet::of(b"+-."));

const fn alphanumeric() -> ByteSet {
    ByteSet::range(b'a', b'z').union(&ByteSet::range(b'A', b'Z')).union(&ByteSet::range(b'0', b'9'))
}

/// What may stand in square brackets as a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostSyntax {
    /// IPv6 in hexadecimal groups only.
    HexGroups,
    /// Also with a dotted quad at the end (`[::ffff:127.0.0.1]`).
    DottedQuad,
}

/// A parsed URI or relative reference; its parts are ranges of the text.
///
/// ```
/// use bartizan_text::net::{HostSyntax, Uri};
/// let uri = Uri::parse(b"http://u@h:80/p?q#f", HostSyntax::HexGroups).unwrap();
/// let authority = uri.authority.as_ref().unwrap();
/// assert_eq!((uri.scheme.clone(), uri.host(), authority.port), (0..4, &b"h"[..], 80));
/// assert_eq!(uri.slice_or_empty(uri.path.as_ref()), b"/p");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uri<'a> {
    /// The whole text.
    pub text: &'a [u8],
    /// Without its `:`; empty in a relative reference.
    pub scheme: Range<usize>,
    /// What follows `//`, when that is not empty.
    pub authority: Option<Authority>,
    /// Absent (not merely empty) where nothing stands at its place, as in `http://h?q`.
    pub path: Option<Range<usize>>,
    /// Without its `?`; absent when empty.
    pub query: Option<Range<usize>>,
    /// Without its `#`; absent when empty.
    pub fragment: Option<Range<usize>>,
}

/// The authority of a [`Uri`].
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Authority {
    /// All of it, up to the next `/`, `?`, `#` or the end.
    pub range: Range<usize>,
    /// Without its `@`; empty when absent.
    pub userinfo: Range<usize>,
    /// The host, without square brackets; absent when empty.
    pub host: Option<Range<usize>>,
    /// The host's address, when it is a dotted quad or stands in square brackets.
    pub host_ip: Option<IpAddress>,
    /// 0 when absent or empty.
    pub port: u16,
}

impl<'a> Uri<'a> {
    /// Parses a URI, or a reference that begins with `/`.
    ///
    /// The empty text is the empty reference. References that begin with a path segment, `?` or `#`
    /// are refused, as are bytes outside of the grammar and ports above 65535. Two oddities of libddwaf are
    /// kept: a host that begins with a foreign byte, if something follows the authority, ends the authority there
    /// (`http://u@@h/p` has the path `@h/p`, `http://\h?x` the query `h?x`); `%` needs no digits.
    #[must_use]
    pub fn parse(text: &'a [u8], syntax: HostSyntax) -> Option<Self> {
        let mut uri = Uri { text, scheme: 0..0, authority: None, path: None, query: None, fragment: None };
        let mut at = 0;
        match text.first() {
            None => return Some(uri),
            Some(b'/') => {}
            Some(first) if first.is_ascii_alphabetic() => {
                let end = span(text, 0, text.len(), &SCHEME);
                if text.get(end) != Some(&b':') {
                    return None;
                }
                uri.scheme = 0..end;
                at = end + 1;
            }
            Some(_) => return None,
        }
        if text[at..].starts_with(b"//") {
            at = uri.parse_authority(at + 2, syntax)?;
        } else if at < text.len() {
            at = uri.parse_path(at)?;
        }
        uri.parse_tail(at)?;
        Some(uri)
    }

    /// The bytes of a part.
    #[must_use]
    pub fn slice(&self, part: &Range<usize>) -> &'a [u8] {
        &self.text[part.clone()]
    }

    /// The bytes of a part that may be absent; empty then.
    #[must_use]
    pub fn slice_or_empty(&self, part: Option<&Range<usize>>) -> &'a [u8] {
        part.map_or(&[], |part| self.slice(part))
    }

    /// The host, empty when absent.
    #[must_use]
    pub fn host(&self) -> &'a [u8] {
        self.slice_or_empty(self.authority.as_ref().and_then(|authority| authority.host.as_ref()))
    }

    /// Scheme and authority, `http://h:80`; empty without an authority.
    #[must_use]
    pub fn scheme_and_authority(&self) -> &'a [u8] {
        &self.text[..self.authority.as_ref().map_or(0, |authority| authority.range.end)]
    }

    /// Parses from behind `//`; returns where the path, query or fragment begins.
    fn parse_authority(&mut self, start: usize, syntax: HostSyntax) -> Option<usize> {
        let text = self.text;
        let end = text[start..]
            .iter()
            .position(|byte| b"/?#".contains(byte))
            .map_or(text.len(), |length| start + length);
        if end > start {
            let mut authority = Authority { range: start..end, ..Authority::default() };
            let next = authority.parse(text, syntax);
            self.authority = Some(authority);
            // The bytes that the authority left over belong to the part that follows it.
            match (next?, text.get(end)) {
                (next, Some(b'/')) => return self.parse_path(next),
                (next, Some(b'?')) if next < end => return self.parse_query(next),
                (next, _) if next < end => return None,
                _ => {}
            }
        } else if text.get(end) == Some(&b'/') {
            return self.parse_path(end);
        }
        Some(end)
    }

    fn parse_tail(&mut self, mut at: usize) -> Option<()> {
        if self.text.get(at) == Some(&b'?') {
            at = self.parse_query(at)?;
        }
        if self.text.get(at) == Some(&b'#') {
            self.parse_fragment(at)?;
        }
        Some(())
    }

    fn parse_path(&mut self, start: usize) -> Option<usize> {
        let end = span(self.text, start, self.text.len(), &PATH);
        self.path = Some(start..end);
        matches!(self.text.get(end), None | Some(b'?' | b'#')).then_some(end)
    }

    /// Parses the query behind the byte at `mark`, which is `?` but for the oddity above.
    fn parse_query(&mut self, mark: usize) -> Option<usize> {
        let end = span(self.text, mark + 1, self.text.len(), &QUERY);
        if end > mark + 1 {
            self.query = Some(mark + 1..end);
        }
        matches!(self.text.get(end), None | Some(b'#')).then_some(end)
    }

    fn parse_fragment(&mut self, mark: usize) -> Option<usize> {
        let end = span(self.text, mark + 1, self.text.len(), &FRAGMENT);
        if end > mark + 1 {
            self.fragment = Some(mark + 1..end);
        }
        (end == self.text.len()).then_some(end)
    }
}

impl Authority {
    /// Fills in the parts of `range`; returns the end of what it took, which falls short only of a host that begins with a foreign byte.
    fn parse(&mut self, text: &[u8], syntax: HostSyntax) -> Option<usize> {
        let Range { start, end } = self.range;
        let mut at = start;
        if text[start..end].contains(&b'@') {
            let sign = span(text, start, end, &USERINFO);
            if text[sign] != b'@' {
                return None;
            }
            self.userinfo = start..sign;
            at = sign + 1;
        }
        if at == end {
            return Some(end);
        }
        match text[at] {
            b'[' => at = self.parse_bracketed(text, at + 1, syntax)?,
            b':' => {}
            byte if HOST.contains(byte) => {
                let host_end = span(text, at, end, &HOST);
                self.host_ip = parse_ipv4(&text[at..host_end]);
                self.host = Some(at..host_end);
                at = host_end;
            }
            _ => return Some(at),
        }
        if at == end {
            return Some(end);
        }
        if text[at] != b':' {
            return None;
        }
        self.port = port(&text[at + 1..end])?;
        Some(end)
    }

    fn parse_bracketed(&mut self, text: &[u8], start: usize, syntax: HostSyntax) -> Option<usize> {
        let length = text[start..self.range.end].iter().position(|&byte| byte == b']')?;
        let host = start..start + length;
        let allowed = |byte: &u8| match byte {
            b':' => true,
            b'.' => syntax == HostSyntax::DottedQuad,
            _ => byte.is_ascii_hexdigit(),
        };
        if !text[host.clone()].iter().all(allowed) {
            return None;
        }
        self.host_ip = Some(parse_ipv6(&text[host.clone()])?);
        self.host = Some(host.clone());
        Some(host.end + 1)
    }
}

/// The end of the run of `set` members from `start`, at most `end`.
fn span(text: &[u8], start: usize, end: usize, set: &ByteSet) -> usize {
    text[start..end].iter().position(|&byte| !set.contains(byte)).map_or(end, |length| start + length)
}

fn port(digits: &[u8]) -> Option<u16> {
    digits.iter().try_fold(0_u16, |port, byte| {
        let digit = byte.is_ascii_digit().then(|| byte - b'0')?;
        port.checked_mul(10)?.checked_add(u16::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::String};

    use super::*;

    /// All parts, `-` for the absent ones.
    fn parts(text: &str, syntax: HostSyntax) -> Option<String> {
        let uri = Uri::parse(text.as_bytes(), syntax)?;
        let show = |part: Option<&Range<usize>>| part.map_or("-", |part| &text[part.clone()]);
        let authority = match &uri.authority {
            None => String::from("-"),
            Some(a) => format!("{}|{}|{}", &text[a.userinfo.clone()], show(a.host.as_ref()), a.port),
        };
        let [path, query, fragment] = [&uri.path, &uri.query, &uri.fragment].map(|part| show(part.as_ref()));
        Some(format!("{} {authority} {path} {query} {fragment}", &text[uri.scheme.clone()]))
    }

    #[test]
    fn parts_of_uris() {
        let cases = [
            ("", Some(" - - - -")),
            ("http://u:p@h.com:080/a/b?c[]=d#e?f", Some("http u:p|h.com|80 /a/b c[]=d e?f")),
            ("//h", Some(" |h|0 - - -")),
            ("/", Some(" - / - -")),
            ("a:", Some("a - - - -")),
            ("a:b:c?#", Some("a - b:c - -")),
            ("http://?x", Some("http - - x -")),
            ("http:///x", Some("http - /x - -")),
            ("http://u@", Some("http u|-|0 - - -")),
            ("http://:1/", Some("http |-|1 / - -")),
            ("http://h:#f", Some("http |h|0 - - f")),
            ("http://h/%zz?%", Some("http |h|0 /%zz % -")),
            ("http://[::1]:9?q", Some("http |::1|9 - q -")),
            // A foreign first byte of the host.
            ("http://u@@h/p", Some("http u|-|0 @h/p - -")),
            ("http://\\h?x", Some("http |-|0 - h?x -")),
            ("http://\\h", None),
            ("http://\\h/", None),
            ("http://\\#", None),
            ("x", None),
            ("?x", None),
            ("#x", None),
            ("1:x", None),
            ("a b:", None),
            ("http://h:65536", None),
            ("http://h:8a", None),
            ("http://h\"", None),
            ("http://u\"@h", None),
            ("http://[]", None),
            ("http://[::1", None),
            ("http://[::1]x", None),
            ("http://[::1/]", None),
            ("http://[::ffff:1.2.3.4]", None),
            ("http://h/[", None),
            ("http://h/\u{e9}", None),
            ("http://h/#a#", None),
        ];
        for (text, want) in cases {
            assert_eq!(parts(text, HostSyntax::HexGroups).as_deref(), want, "{text}");
        }
        assert!(parts("http://[::ffff:1.2.3.4]:1/", HostSyntax::DottedQuad).is_some());
        assert!(parts("http://[::g]", HostSyntax::DottedQuad).is_none());
    }

    #[test]
    fn hosts_that_are_addresses() {
        for (text, ip) in
            [("//1.2.3.4:80", "1.2.3.4"), ("//[::1]", "::1"), ("//[::ffff:102:304]/", "1.2.3.4")]
        {
            let uri = Uri::parse(text.as_bytes(), HostSyntax::HexGroups).expect("a URI");
            assert_eq!(
                uri.authority.and_then(|a| a.host_ip),
                super::super::parse_ip(ip.as_bytes()),
                "{text}"
            );
        }
        let uri = Uri::parse(b"http://u@1.2.3.4x:1/p", HostSyntax::HexGroups).expect("a URI");
        assert_eq!((uri.host(), uri.scheme_and_authority()), (&b"1.2.3.4x"[..], &b"http://u@1.2.3.4x:1"[..]));
        assert_eq!(uri.authority.and_then(|a| a.host_ip), None);
    }
}
