//! From the text of a pattern to its tree: what stands at the top level of a group.

use alloc::rc::Rc;

use regex_syntax::hir::Look;

use super::classes::{Classes, DOT};
use super::runes;
use super::stack::Stack;
use super::tree::{Flags, Id, Node, Repeat, Tree};
use super::{Error, ErrorKind};

/// A pattern being read.
pub(super) struct Parser<'p> {
    pub(super) pattern: &'p [u8],
    /// What is still to be read.
    pub(super) rest: &'p [u8],
    pub(super) flags: Flags,
    pub(super) stack: Stack,
    pub(super) classes: Classes,
    /// Whether the rest may have a `:]`.
    pub(super) may_have_posix: bool,
}

/// Reads a pattern.
pub(super) fn parse(pattern: &[u8], fold: bool) -> Result<(Tree, Id), Error> {
    let flags = Flags { fold, ..Flags::default() };
    let classes = Classes::default();
    let stack = Stack::new();
    let mut parser = Parser { pattern, rest: pattern, flags, stack, classes, may_have_posix: true };
    // The last repetition operator, if nothing came after it.
    let mut repeated = None;
    while let Some(&byte) = parser.rest.first() {
        let before = parser.rest;
        let is_repetition = match byte {
            b'*' => parser.repetition(Repeat::Star, repeated)?,
            b'+' => parser.repetition(Repeat::Plus, repeated)?,
            b'?' => parser.repetition(Repeat::Quest, repeated)?,
            b'{' => parser.counted_repetition(repeated)?,
            _ => {
                parser.piece(byte)?;
                false
            }
        };
        repeated = is_repetition.then_some(before);
        if parser.stack.tree.is_too_large() {
            return Err(Error::new(ErrorKind::TooLarge, b""));
        }
    }
    parser.stack.finish().ok_or_else(|| Error::new(ErrorKind::MissingParenthesis, pattern))
}

impl<'p> Parser<'p> {
    /// Drops the first `count` bytes of the rest.
    pub(super) fn skip(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }

    /// What was read since the rest was `before`.
    pub(super) fn since(&self, before: &'p [u8]) -> &'p [u8] {
        &before[..before.len() - self.rest.len()]
    }

    /// An error about what was read since the rest was `before`.
    pub(super) fn error_since(&self, kind: ErrorKind, before: &'p [u8]) -> Error {
        Error::new(kind, self.since(before))
    }

    /// Reads a code point.
    pub(super) fn rune(&mut self) -> Result<u32, Error> {
        let (rune, length) =
            runes::decode(self.rest).ok_or_else(|| Error::new(ErrorKind::InvalidUtf8, b""))?;
        self.skip(length);
        Ok(rune)
    }

    /// Reads anything but a repetition operator.
    fn piece(&mut self, byte: u8) -> Result<(), Error> {
        match byte {
            b'(' if self.rest.get(1) == Some(&b'?') => self.flag_group()?,
            b'(' => {
                self.skip(1);
                self.open(true)?;
            }
            b'|' => {
                self.skip(1);
                self.stack.bar();
            }
            b')' => {
                self.flags = self
                    .stack
                    .close()
                    .ok_or_else(|| Error::new(ErrorKind::UnexpectedParenthesis, self.pattern))?;
                self.skip(1);
            }
            b'^' => {
                self.stack.push_look(if self.flags.multi_line { Look::StartLF } else { Look::Start });
                self.skip(1);
            }
            b'$' if self.flags.multi_line => {
                self.stack.push_look(Look::EndLF);
                self.skip(1);
            }
            b'$' => {
                self.stack.push(Node::Look { look: Look::End, dollar: true });
                self.skip(1);
            }
            b'.' if self.flags.dot_newline => {
                self.stack.push(Node::AnyRune);
                self.skip(1);
            }
            b'.' => {
                let set = self.classes.ascii(DOT, false);
                self.stack.push(Node::Class(set));
                self.skip(1);
            }
            b'[' => {
                let set = self.bracket()?;
                self.stack.push_class(Rc::new(set), self.flags.fold);
            }
            b'\\' => self.backslash()?,
            _ => self.text()?,
        }
        Ok(())
    }

    /// Reads a code point that stands for itself or, faster, all that do up to one that may be repeated.
    fn text(&mut self) -> Result<(), Error> {
        let fold = self.flags.fold;
        let plain = self.rest.iter().take_while(|&&byte| is_plain(byte, fold)).count();
        // Flags and quotes may hold nothing, and have an operator after them.
        let repeats = match self.rest[plain..] {
            [b'*' | b'+' | b'?' | b'{', ..] | [b'\\', b'Q', ..] => true,
            [b'(', b'?', kind, ..] => kind != b':',
            _ => false,
        };
        let text = &self.rest[..plain - usize::from(repeats && plain > 0)];
        if text.len() > 1 {
            self.stack.push_ascii(text, fold);
            self.skip(text.len());
            return Ok(());
        }
        let rune = self.rune()?;
        self.push_rune(rune);
        Ok(())
    }

    /// Adds a code point that stands for itself.
    fn push_rune(&mut self, rune: u32) {
        let fold = self.flags.fold;
        match u8::try_from(rune) {
            // The two letters that have a form outside ASCII.
            Ok(letter @ (b'k' | b's' | b'K' | b'S')) if fold => {
                let set = self.classes.letter(letter.to_ascii_lowercase());
                self.stack.push(Node::Class(set));
            }
            Ok(byte @ 0..0x80) => {
                let byte = if fold { byte.to_ascii_lowercase() } else { byte };
                self.stack.push(Node::Char { rune: byte.into(), fold });
            }
            _ => self.stack.push_rune(rune, fold),
        }
    }

    /// Opens a group, which will return to the current flags.
    pub(super) fn open(&mut self, captures: bool) -> Result<(), Error> {
        if self.stack.open(captures, self.flags) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::TooDeep, b""))
    }

    /// Reads a backslash and what belongs to it.
    fn backslash(&mut self) -> Result<(), Error> {
        let look = match self.rest.get(1) {
            Some(b'b') => Look::WordAscii,
            Some(b'B') => Look::WordAsciiNegate,
            Some(b'A') => Look::Start,
            Some(b'z') => Look::End,
            Some(b'C') => {
                self.stack.push(Node::AnyByte);
                self.skip(2);
                return Ok(());
            }
            Some(b'Q') => {
                self.skip(2);
                return self.quoted();
            }
            _ => {
                if let Some(set) = self.named_class()? {
                    self.stack.push_class(set, self.flags.fold);
                } else {
                    let rune = self.escape()?;
                    self.push_rune(rune);
                }
                return Ok(());
            }
        };
        self.stack.push_look(look);
        self.skip(2);
        Ok(())
    }

    /// Reads what stands between `\Q` and `\E`, or the end.
    fn quoted(&mut self) -> Result<(), Error> {
        while !self.rest.is_empty() {
            if self.rest.starts_with(b"\\E") {
                self.skip(2);
                break;
            }
            let rune = self.rune()?;
            self.push_rune(rune);
        }
        Ok(())
    }

    /// Reads `*`, `+` or `?`.
    fn repetition(&mut self, repeat: Repeat, repeated: Option<&'p [u8]>) -> Result<bool, Error> {
        let before = self.rest;
        self.skip(1);
        let flags = self.repetition_flags(repeated)?;
        if self.stack.repeat(repeat, flags) {
            return Ok(true);
        }
        Err(self.error_since(ErrorKind::NothingToRepeat, before))
    }

    /// Reads `{2}`, `{2,}` or `{2,3}`. Any other thing in braces is text: then this reads the
    /// brace and returns `false`.
    fn counted_repetition(&mut self, repeated: Option<&'p [u8]>) -> Result<bool, Error> {
        let before = self.rest;
        let Some((min, max, rest)) = counts(&before[1..]) else {
            self.skip(1);
            self.push_rune('{'.into());
            return Ok(false);
        };
        self.rest = rest;
        let flags = self.repetition_flags(repeated)?;
        match self.stack.count(min, max, flags) {
            Ok(()) => Ok(true),
            Err(kind) => Err(self.error_since(kind, before)),
        }
    }

    /// Reads the `?` that may come after a repetition operator. An operator after an operator
    /// is an error.
    fn repetition_flags(&mut self, repeated: Option<&'p [u8]>) -> Result<Flags, Error> {
        let mut flags = self.flags;
        if self.rest.first() == Some(&b'?') {
            self.skip(1);
            flags.lazy = !flags.lazy;
        }
        match repeated {
            Some(before) => Err(self.error_since(ErrorKind::RepeatOfRepeat, before)),
            None => Ok(flags),
        }
    }
}

/// Whether a byte is a code point that means itself whatever comes before or after it, and has no form
/// outside ASCII when it folds.
fn is_plain(byte: u8, fold: bool) -> bool {
    match byte {
        b'k' | b's' | b'K' | b'S' => !fold,
        b'(' | b')' | b'[' | b'|' | b'^' | b'$' | b'.' | b'\\' | b'*' | b'+' | b'?' | b'{' => false,
        _ => byte.is_ascii(),
    }
}

/// Reads `2}`, `2,}` or `2,3}` and returns the counts and what follows.
fn counts(text: &[u8]) -> Option<(u32, Option<u32>, &[u8])> {
    let (min, text) = decimal(text)?;
    let (&after, text) = text.split_first()?;
    match (after, text) {
        (b'}', _) => Some((min, Some(min), text)),
        (b',', [b'}', text @ ..]) => Some((min, None, text)),
        (b',', _) => {
            let (max, text) = decimal(text)?;
            Some((min, Some(max), text.strip_prefix(b"}")?))
        }
        _ => None,
    }
}

/// Reads a number of at most nine digits and no leading zero.
fn decimal(text: &[u8]) -> Option<(u32, &[u8])> {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(length);
    if digits.is_empty() || length > 9 || (length > 1 && digits[0] == b'0') {
        return None;
    }
    Some((digits.iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0')), rest))
}
