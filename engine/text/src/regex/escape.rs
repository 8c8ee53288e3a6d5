//! Backslash escapes: code points and classes.

use alloc::rc::Rc;

use super::classes;
use super::parse::Parser;
use super::rune_set::RuneSet;
use super::runes::{self, MAX};
use super::unicode::Group;
use super::{Error, ErrorKind};

impl<'p> Parser<'p> {
    /// Reads an escape that stands for one code point.
    pub(super) fn escape(&mut self) -> Result<u32, Error> {
        let before = self.rest;
        self.skip(1);
        if self.rest.is_empty() {
            return Err(Error::new(ErrorKind::TrailingBackslash, b""));
        }
        let rune = self.rune()?;
        let Ok(byte @ 0..=0x7F) = u8::try_from(rune) else {
            return Err(self.error_since(ErrorKind::UnknownEscape, before));
        };
        match byte {
            b'1'..=b'7' if !self.rest.first().is_some_and(is_octal) => {
                // It would be a reference to a group.
                Err(self.error_since(ErrorKind::UnknownEscape, before))
            }
            b'0'..=b'7' => {
                let more = self.rest.iter().take(2).take_while(|byte| is_octal(byte)).count();
                let digits = &self.rest[..more];
                self.skip(more);
                Ok(digits.iter().fold(rune - 0x30, |rune, digit| rune << 3 | u32::from(digit - b'0')))
            }
            b'x' => self.hexadecimal(before),
            b'n' => Ok('\n'.into()),
            b'r' => Ok('\r'.into()),
            b't' => Ok('\t'.into()),
            b'a' => Ok(7),
            b'f' => Ok(12),
            b'v' => Ok(11),
            _ if byte.is_ascii_alphanumeric() => Err(self.error_since(ErrorKind::UnknownEscape, before)),
            _ => Ok(rune),
        }
    }

    /// Reads what comes after `\x`: two digits, or any number of them in braces.
    fn hexadecimal(&mut self, before: &'p [u8]) -> Result<u32, Error> {
        let digit = |rune| char::from_u32(rune).and_then(|c| c.to_digit(16));
        if self.rest.is_empty() {
            return Err(self.error_since(ErrorKind::UnknownEscape, before));
        }
        let first = self.rune()?;
        if first != '{'.into() {
            if self.rest.is_empty() {
                return Err(self.error_since(ErrorKind::UnknownEscape, before));
            }
            let second = self.rune()?;
            return match (digit(first), digit(second)) {
                (Some(high), Some(low)) => Ok(high << 4 | low),
                _ => Err(self.error_since(ErrorKind::UnknownEscape, before)),
            };
        }
        let mut next = self.rune()?;
        let mut value = None;
        while let Some(digit) = digit(next) {
            let so_far = value.unwrap_or(0) << 4 | digit;
            if so_far > MAX || self.rest.is_empty() {
                return Err(self.error_since(ErrorKind::UnknownEscape, before));
            }
            value = Some(so_far);
            next = self.rune()?;
        }
        match value {
            Some(value) if next == '}'.into() => Ok(value),
            _ => Err(self.error_since(ErrorKind::UnknownEscape, before)),
        }
    }

    /// Reads an escape that stands for a class, if there is one: `\d`, `\W`, `\pL`, `\P{Greek}`.
    pub(super) fn named_class(&mut self) -> Result<Option<Rc<RuneSet>>, Error> {
        let Some(&[b'\\', letter]) = self.rest.get(..2) else { return Ok(None) };
        if letter == b'p' || letter == b'P' {
            return self.unicode_class(letter == b'P').map(Some);
        }
        let Some(class) = classes::perl(letter) else { return Ok(None) };
        self.skip(2);
        Ok(Some(self.classes.ascii(class, self.flags.fold)))
    }

    /// Reads `\pL`, `\p{Greek}` or `\p{^Greek}`.
    fn unicode_class(&mut self, mut negated: bool) -> Result<Rc<RuneSet>, Error> {
        let before = self.rest;
        self.skip(2);
        let name = if self.rest.first() == Some(&b'{') {
            let Some(end) = self.rest.iter().position(|&byte| byte == b'}') else {
                return Err(if runes::is_valid(before) {
                    Error::new(ErrorKind::UnknownClass, before)
                } else {
                    Error::new(ErrorKind::InvalidUtf8, b"")
                });
            };
            let name = &self.rest[1..end];
            self.skip(end + 1);
            if !runes::is_valid(name) {
                return Err(Error::new(ErrorKind::InvalidUtf8, b""));
            }
            name
        } else {
            let length = runes::decode(self.rest).map_or(0, |(_, length)| length);
            let name = &self.rest[..length];
            self.skip(length);
            name
        };
        let name = match name.strip_prefix(b"^") {
            Some(name) => {
                negated = !negated;
                name
            }
            None => name,
        };
        match Group::named(name) {
            Some(group) => Ok(self.classes.unicode(group, self.flags.fold, negated)),
            None => Err(self.error_since(ErrorKind::UnknownClass, before)),
        }
    }
}

fn is_octal(byte: &u8) -> bool {
    (b'0'..=b'7').contains(byte)
}
