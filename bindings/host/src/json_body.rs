//! JSON as clients send it: within limits, and as far as it goes.
//!
//! Unlike the documents of our own interface, a body may be cut off, or be read by the application's parser more
//! generously than the standard allows. Control characters in strings, lone surrogates, a byte order mark
//! and trailing commas are taken; what was read before the text ended is kept.

use alloc::vec::Vec;
use bartizan_object::{AllocError, AllocRef, Kind, Slot, json};

#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// Levels of containers; deeper ones are left empty.
    pub(crate) depth: usize,
    /// Values of all kinds; what comes after is left out.
    pub(crate) items: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Extent {
    Full,
    /// The text ended early, or went beyond a limit.
    Partial,
    /// The text is no JSON; what was read of it may be anything.
    Malformed,
}

/// Reads a text into a slot.
pub(crate) fn read(text: &[u8], limits: Limits, slot: Slot<'_>) -> Result<Extent, AllocError> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut reader =
        Reader { text, at: 0, limits, left: limits.items, extent: Extent::Full, unescaped: Vec::new() };
    if reader.value(slot, 1)? && reader.token().is_some() {
        reader.extent = Extent::Malformed;
    }
    Ok(reader.extent)
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    limits: Limits,
    left: usize,
    extent: Extent,
    unescaped: Vec<u8>,
}

/// Whether reading goes on.
type Goes = Result<bool, AllocError>;

impl<'a> Reader<'a> {
    fn stop(&mut self, extent: Extent) -> Goes {
        // A syntax error at the very end is an early end.
        self.extent = if self.at >= self.text.len() { Extent::Partial } else { extent };
        Ok(false)
    }

    fn token(&mut self) -> Option<u8> {
        while let Some(&byte) = self.text.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    fn value(&mut self, slot: Slot<'_>, depth: usize) -> Goes {
        let Some(left) = self.left.checked_sub(1) else {
            slot.null();
            self.extent = Extent::Partial;
            return Ok(false);
        };
        self.left = left;
        match self.token() {
            Some(b'"') => self.string(|bytes| slot.string(bytes)),
            Some(b'{') if depth <= self.limits.depth => self.map(slot, depth),
            Some(b'[') if depth <= self.limits.depth => self.array(slot, depth),
            Some(b'{') => slot.map(0).map(drop).and_then(|()| self.skip()),
            Some(b'[') => slot.array(0).map(drop).and_then(|()| self.skip()),
            Some(b'-' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z') => self.plain(slot),
            _ => {
                slot.null();
                self.stop(Extent::Malformed)
            }
        }
    }

    /// A number or a word.
    fn plain(&mut self, slot: Slot<'_>) -> Goes {
        let start = self.at;
        let part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
        self.at += self.text[start..].iter().take_while(|byte| part(byte)).count();
        let text = &self.text[start..self.at];
        match text {
            b"true" => slot.bool(true),
            b"false" => slot.bool(false),
            b"null" | b"NaN" | b"Infinity" | b"-Infinity" => slot.null(),
            _ => match json::parse(text, AllocRef::global()) {
                Some(number) if matches!(number.kind(), Kind::Signed | Kind::Unsigned | Kind::Float) => {
                    slot.copy_of(&number)?;
                }
                _ => {
                    slot.string(text)?;
                    return self.stop(Extent::Malformed);
                }
            },
        }
        Ok(true)
    }

    fn array(&mut self, slot: Slot<'_>, depth: usize) -> Goes {
        self.at += 1;
        let mut array = slot.array(0)?;
        loop {
            match self.token() {
                Some(b']') => {
                    self.at += 1;
                    return Ok(true);
                }
                None => return self.stop(Extent::Partial),
                Some(_) => {}
            }
            if self.left == 0 {
                self.extent = Extent::Partial;
                return Ok(false);
            }
            if !self.value(array.push()?, depth + 1)? {
                return Ok(false);
            }
            match self.token() {
                Some(b',') => self.at += 1,
                Some(b']') => {}
                _ => return self.stop(Extent::Malformed),
            }
        }
    }

    fn map(&mut self, slot: Slot<'_>, depth: usize) -> Goes {
        self.at += 1;
        let mut map = slot.map(0)?;
        loop {
            match self.token() {
                Some(b'}') => {
                    self.at += 1;
                    return Ok(true);
                }
                Some(b'"') if self.left > 0 => {}
                Some(b'"') => {
                    self.extent = Extent::Partial;
                    return Ok(false);
                }
                _ => return self.stop(Extent::Malformed),
            }
            let mut key = Vec::new();
            let whole = self.string(|bytes| {
                key.extend_from_slice(bytes);
                Ok(())
            })?;
            // A key without a value may be the attack too.
            let value = map.insert(&key)?;
            if !whole {
                value.null();
                return Ok(false);
            }
            if self.token() != Some(b':') {
                value.null();
                return self.stop(Extent::Malformed);
            }
            self.at += 1;
            if !self.value(value, depth + 1)? {
                return Ok(false);
            }
            match self.token() {
                Some(b',') => self.at += 1,
                Some(b'}') => {}
                _ => return self.stop(Extent::Malformed),
            }
        }
    }

    /// Goes past a container that is too deep, without recursion.
    fn skip(&mut self) -> Goes {
        self.extent = Extent::Partial;
        let mut open = 0_usize;
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b'{' | b'[' => open += 1,
                b'}' | b']' => open -= 1,
                b'"' => self.at += self.rest_of_string(),
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// From the opening quote to the byte before the closing one.
    fn rest_of_string(&self) -> usize {
        let inner = &self.text[self.at + 1..];
        let mut at = 0;
        while let Some(found) = memchr::memchr2(b'"', b'\\', &inner[at..]) {
            at += found;
            if inner[at] == b'"' {
                return at + 1;
            }
            at = (at + 2).min(inner.len());
        }
        inner.len()
    }

    /// Gives the string whose opening quote is the next byte to `take`; false when the text ends in it.
    fn string(&mut self, take: impl FnOnce(&[u8]) -> Result<(), AllocError>) -> Goes {
        self.at += 1;
        let start = self.at;
        let rest = &self.text[start..];
        match memchr::memchr2(b'"', b'\\', rest) {
            Some(end) if rest[end] == b'"' => {
                self.at += end + 1;
                take(&rest[..end])?;
                return Ok(true);
            }
            None => {
                self.at = self.text.len();
                take(rest)?;
                return self.stop(Extent::Partial);
            }
            Some(_) => {}
        }
        let mut text = core::mem::take(&mut self.unescaped);
        text.clear();
        let whole = self.unescape(&mut text);
        take(&text)?;
        self.unescaped = text;
        if whole { Ok(true) } else { self.stop(Extent::Partial) }
    }

    fn unescape(&mut self, out: &mut Vec<u8>) -> bool {
        loop {
            let rest = &self.text[self.at..];
            let Some(found) = memchr::memchr2(b'"', b'\\', rest) else {
                out.extend_from_slice(rest);
                self.at = self.text.len();
                return false;
            };
            out.extend_from_slice(&rest[..found]);
            self.at += found + 1;
            if rest[found] == b'"' {
                return true;
            }
            let Some(&byte) = self.text.get(self.at) else { return false };
            self.at += 1;
            match byte {
                b'b' => out.push(0x08),
                b'f' => out.push(0x0c),
                b'n' => out.push(b'\n'),
                b'r' => out.push(b'\r'),
                b't' => out.push(b'\t'),
                b'u' => self.unicode(out),
                _ => out.push(byte),
            }
        }
    }

    /// The four digits after `\u`, and those of the second half of a pair.
    fn unicode(&mut self, out: &mut Vec<u8>) {
        let Some(mut code) = self.hex(self.at) else { return out.extend_from_slice(b"\\u") };
        self.at += 4;
        if (0xd800..0xdc00).contains(&code)
            && self.text[self.at..].starts_with(b"\\u")
            && let Some(low) = self.hex(self.at + 2).filter(|low| (0xdc00..0xe000).contains(low))
        {
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            self.at += 6;
        }
        let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }

    fn hex(&self, at: usize) -> Option<u32> {
        let digits = self.text.get(at..at + 4)?;
        digits.iter().try_fold(0, |code, digit| Some(code << 4 | char::from(*digit).to_digit(16)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bartizan_object::Owned;

    fn shown(text: &str, depth: usize, items: usize) -> (alloc::string::String, Extent) {
        let mut owned = Owned::new(AllocRef::global());
        let extent = read(text.as_bytes(), Limits { depth, items }, owned.slot()).unwrap();
        (alloc::format!("{owned:?}"), extent)
    }

    #[test]
    fn what_is_right_is_read_whole() {
        for (text, want) in [
            (
                r#" {"a":[1,-2,1.5,true,null,"x\u00e9\ud83d\ude00\n\/"],"b":{}} "#,
                r#"{"a":[1,-2,1.5,true,null,"xé😀\n/"],"b":{}}"#,
            ),
            ("\u{feff}[]", "[]"),
            ("\"a\tb\"", r#""a\tb""#),
            (r#"["\ud800",]"#, "[\"\u{fffd}\"]"),
            (r#"{"a":1,"a":2}"#, r#"{"a":1,"a":2}"#),
            ("7", "7"),
        ] {
            assert_eq!(shown(text, 20, 99), (want.into(), Extent::Full), "{text}");
        }
    }

    #[test]
    fn what_was_read_before_the_end_is_kept() {
        for (text, want) in [
            (r#"{"a":["x","y"#, r#"{"a":["x","y"]}"#),
            (r#"{"a":{"b":"c\"#, r#"{"a":{"b":"c"}}"#),
            (r#"{"a":1,"evil"#, r#"{"a":1,"evil":null}"#),
            (r#"{"a":"#, r#"{"a":null}"#),
            ("[1,2", "[1,2]"),
            (r#"["\u00"#, r#"["\\u00"]"#),
        ] {
            assert_eq!(shown(text, 20, 99), (want.into(), Extent::Partial), "{text}");
        }
    }

    #[test]
    fn limits_hold() {
        assert_eq!(shown(r#"[[["]",{"x":1}]],2]"#, 2, 99), ("[[[]],2]".into(), Extent::Partial));
        assert_eq!(shown("[1,2,3]", 20, 3), ("[1,2]".into(), Extent::Partial));
        assert_eq!(shown(r#"{"a":1,"b":2}"#, 20, 2), (r#"{"a":1}"#.into(), Extent::Partial));
        let deep = "[".repeat(100_000);
        assert_eq!(shown(&deep, 3, 1_000_000), ("[[[[]]]]".into(), Extent::Partial));
    }

    #[test]
    fn what_is_no_json_says_so() {
        for text in ["{a:1}", "[1 2]", "{\"a\" 1}", "no thing", "[1]x", "{'a':1}", "[}", "[01]"] {
            assert_eq!(shown(text, 20, 99).1, Extent::Malformed, "{text}");
        }
    }
}
