//! Text → object.

use super::{Error, ErrorKind, number};
use crate::pending::Pending;
use crate::{AllocRef, Object, Owned};
use alloc::vec::Vec;

/// The depth to which [`parse`] fills containers.
pub const MAX_DEPTH: usize = 20;

/// Reads one JSON document with the depth limit of the ABI, [`MAX_DEPTH`]; `None` if it is not one or the
/// allocator refused.
#[must_use]
pub fn parse(text: &[u8], alloc: AllocRef) -> Option<Owned> {
    parse_with_depth(text, MAX_DEPTH, alloc).ok()
}

/// Reads one JSON document. Containers nested deeper than `max_depth` (the root has depth 1) are checked
/// but left empty; their siblings survive.
///
/// # Errors
/// What is wrong with the text and where; [`ErrorKind::OutOfMemory`] if the allocator refused.
pub fn parse_with_depth(text: &[u8], max_depth: usize, alloc: AllocRef) -> Result<Owned, Error> {
    let mut reader = Reader {
        text,
        at: 0,
        max_depth,
        open: Vec::new(),
        pending: Pending::new(alloc),
        unescaped: Vec::new(),
    };
    reader.document()?;
    Ok(reader.pending.into_root())
}

/// A container whose closing bracket has not come yet: where its items start in `pending`, and whether it
/// is a map, in the lowest bit.
#[derive(Clone, Copy)]
struct Open(usize);

impl Open {
    fn new(start: usize, is_map: bool) -> Self {
        Self(start << 1 | usize::from(is_map))
    }

    fn is_map(self) -> bool {
        self.0 & 1 == 1
    }

    fn start(self) -> usize {
        self.0 >> 1
    }
}

struct Reader<'a> {
    text: &'a [u8],
    /// The next byte to look at.
    at: usize,
    max_depth: usize,
    open: Vec<Open>,
    pending: Pending,
    /// The current string if it has escapes.
    unescaped: Vec<u8>,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<(), Error> {
        loop {
            if self.value()? && self.after_value()? {
                break;
            }
        }
        match self.next_token() {
            // The NUL is where a C string would have ended.
            None | Some(0) => Ok(()),
            Some(_) => Err(self.error(ErrorKind::TrailingData)),
        }
    }

    /// Reads a value, or the opening of a container with items: then it returns false, and the next value
    /// is the first item.
    fn value(&mut self) -> Result<bool, Error> {
        let keep = self.keeps_items();
        let plain = match self.next_token() {
            Some(b'"') => {
                self.string(keep)?;
                return Ok(true);
            }
            Some(b'{') => return self.open_container(true),
            Some(b'[') => return self.open_container(false),
            Some(b'-' | b'0'..=b'9') => {
                let (value, end) = number::read(self.text, self.at)?;
                self.at = end;
                value
            }
            Some(b't') => self.word(b"true", Object::bool(true))?,
            Some(b'f') => self.word(b"false", Object::bool(false))?,
            Some(b'n') => self.word(b"null", Object::null())?,
            _ => return Err(self.error(ErrorKind::ExpectedValue)),
        };
        if keep {
            self.pending.push_plain(plain).map_err(Error::out_of_memory(self.at))?;
        }
        Ok(true)
    }

    /// Goes from the end of a value to the start of the next one; true when the root was the last.
    fn after_value(&mut self) -> Result<bool, Error> {
        loop {
            let Some(&open) = self.open.last() else { return Ok(true) };
            match (self.next_token(), open.is_map()) {
                (Some(b','), true) => {
                    self.at += 1;
                    self.key()?;
                    return Ok(false);
                }
                (Some(b','), false) => {
                    self.at += 1;
                    return Ok(false);
                }
                (Some(b'}'), true) | (Some(b']'), false) => {
                    self.at += 1;
                    self.close_container(open)?;
                }
                (_, true) => return Err(self.error(ErrorKind::ExpectedCommaOrBrace)),
                (_, false) => return Err(self.error(ErrorKind::ExpectedCommaOrBracket)),
            }
        }
    }

    fn open_container(&mut self, is_map: bool) -> Result<bool, Error> {
        self.at += 1;
        if self.open.len() == self.open.capacity() {
            self.open.try_reserve(1).map_err(|_| Error { kind: ErrorKind::OutOfMemory, offset: self.at })?;
        }
        let open = Open::new(self.pending.len(), is_map);
        self.open.push(open);
        let closing = if is_map { b'}' } else { b']' };
        if self.next_token() == Some(closing) {
            self.at += 1;
            self.close_container(open)?;
            return Ok(true);
        }
        if is_map {
            self.key()?;
        }
        Ok(false)
    }

    /// Takes the innermost open container off; if its own parent keeps its items, it becomes a value.
    fn close_container(&mut self, open: Open) -> Result<(), Error> {
        self.open.pop();
        if self.keeps_items() {
            let closed = if open.is_map() {
                self.pending.close_map(open.start())
            } else {
                self.pending.close_array(open.start())
            };
            closed.map_err(Error::out_of_memory(self.at))?;
        }
        Ok(())
    }

    /// Whether what comes next is part of the result, and not below the depth limit.
    fn keeps_items(&self) -> bool {
        self.open.len() <= self.max_depth
    }

    fn key(&mut self) -> Result<(), Error> {
        if self.next_token() != Some(b'"') {
            return Err(self.error(ErrorKind::ExpectedKey));
        }
        self.string(self.keeps_items())?;
        if self.next_token() != Some(b':') {
            return Err(self.error(ErrorKind::ExpectedColon));
        }
        self.at += 1;
        Ok(())
    }

    fn word(&mut self, word: &[u8], value: Object) -> Result<Object, Error> {
        if !self.text[self.at..].starts_with(word) {
            return Err(Error { kind: ErrorKind::ExpectedValue, offset: self.at });
        }
        self.at += word.len();
        Ok(value)
    }

    /// Reads the string whose opening quote is the next byte.
    fn string(&mut self, keep: bool) -> Result<(), Error> {
        self.at += 1;
        let start = self.at;
        self.at += plain_len(&self.text[start..]);
        if self.text.get(self.at) == Some(&b'"') {
            let bytes = &self.text[start..self.at];
            self.at += 1;
            if keep {
                self.pending.push_string(bytes).map_err(Error::out_of_memory(start))?;
            }
            return Ok(());
        }
        self.unescaped.clear();
        self.append(start)?;
        loop {
            match self.text.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => self.escape()?,
                Some(_) => return Err(self.error(ErrorKind::ControlCharacter)),
                None => return Err(self.error(ErrorKind::UnexpectedEnd)),
            }
            let start = self.at;
            self.at += plain_len(&self.text[start..]);
            self.append(start)?;
        }
        self.at += 1;
        if keep {
            self.pending.push_string(&self.unescaped).map_err(Error::out_of_memory(start))?;
        }
        Ok(())
    }

    /// Appends the text from `start` to here to the current string.
    fn append(&mut self, start: usize) -> Result<(), Error> {
        let bytes = &self.text[start..self.at];
        self.reserve(bytes.len())?;
        self.unescaped.extend_from_slice(bytes);
        Ok(())
    }

    fn reserve(&mut self, len: usize) -> Result<(), Error> {
        self.unescaped.try_reserve(len).map_err(|_| Error { kind: ErrorKind::OutOfMemory, offset: self.at })
    }

    /// Reads an escape, whose backslash is the next byte, into the current string.
    fn escape(&mut self) -> Result<(), Error> {
        let byte = match self.text.get(self.at + 1) {
            Some(&byte @ (b'"' | b'\\' | b'/')) => byte,
            Some(b'b') => 0x08,
            Some(b'f') => 0x0c,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => return self.unicode_escape(),
            Some(_) => return Err(self.error(ErrorKind::InvalidEscape)),
            None => {
                self.at += 1;
                return Err(self.error(ErrorKind::UnexpectedEnd));
            }
        };
        self.at += 2;
        self.reserve(1)?;
        self.unescaped.push(byte);
        Ok(())
    }

    /// Reads `\uXXXX`, or two of them that are a surrogate pair.
    fn unicode_escape(&mut self) -> Result<(), Error> {
        let start = self.at;
        let mut code = self.hex_escape()?;
        if (0xd800..0xdc00).contains(&code) && self.text[self.at..].starts_with(b"\\u") {
            let low = self.hex_escape()?;
            if (0xdc00..0xe000).contains(&low) {
                code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            }
        }
        let Some(character) = char::from_u32(code) else {
            return Err(Error { kind: ErrorKind::LoneSurrogate, offset: start });
        };
        self.reserve(4)?;
        self.unescaped.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        Ok(())
    }

    fn hex_escape(&mut self) -> Result<u32, Error> {
        let mut code = 0;
        for offset in self.at + 2..self.at + 6 {
            let digit = match self.text.get(offset) {
                Some(&byte) => char::from(byte).to_digit(16),
                None => return Err(Error { kind: ErrorKind::UnexpectedEnd, offset: self.text.len() }),
            };
            code = code << 4 | digit.ok_or(self.error(ErrorKind::InvalidEscape))?;
        }
        self.at += 6;
        Ok(code)
    }

    /// Skips white space and looks at the byte after it.
    fn next_token(&mut self) -> Option<u8> {
        while let Some(&byte) = self.text.get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    fn error(&self, kind: ErrorKind) -> Error {
        let kind = if self.at >= self.text.len() { ErrorKind::UnexpectedEnd } else { kind };
        Error { kind, offset: self.at }
    }
}

/// Number of leading bytes that stand for themselves in a string: no quote, backslash or control.
pub(super) fn plain_len(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let quote = word ^ (ONES * u64::from(b'"'));
        let backslash = word ^ (ONES * u64::from(b'\\'));
        // A byte's high bit is set where it is zero (below 0x20 for the last). Borrows can only raise
        // false alarms above a true one, and the lowest counts.
        let found = (quote.wrapping_sub(ONES) & !quote
            | backslash.wrapping_sub(ONES) & !backslash
            | word.wrapping_sub(ONES * 0x20) & !word)
            & HIGH;
        if found != 0 {
            return index * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | ..0x20);
    bytes.len() - rest.len() + rest.iter().position(special).unwrap_or(rest.len())
}
