//! Classes in brackets.

use alloc::vec::Vec;

use super::classes;
use super::fold::{self, KELVIN, LONG_S};
use super::parse::Parser;
use super::rune_set::RuneSet;
use super::{Error, ErrorKind};

/// What stands in the brackets so far.
#[derive(Default)]
struct Members {
    /// ASCII members, without the other forms of letters.
    ascii: u128,
    others: Vec<(u32, u32)>,
}

impl Members {
    /// Adds a range and, with `fold`, the other forms of those beyond ASCII.
    fn add(&mut self, first: u32, last: u32, fold: bool) {
        if first < 0x80 {
            self.ascii |= u128::MAX >> (127 - last.min(127)) & u128::MAX << first;
        }
        if last >= 0x80 {
            let first = first.max(0x80);
            if fold {
                fold::add_range(&mut self.others, first, last);
            } else {
                self.others.push((first, last));
            }
        }
    }

    /// Adds a set that has all forms of its members if they are to count.
    fn add_set(&mut self, set: &RuneSet) {
        for &(first, last) in set.ranges() {
            self.add(first, last, false);
        }
    }

    /// The set, with `fold` completed by the other forms of ASCII letters.
    fn into_set(mut self, fold: bool) -> RuneSet {
        const LETTERS: u128 = (1 << 26) - 1;
        if fold {
            let letters = (self.ascii >> b'A' | self.ascii >> b'a') & LETTERS;
            self.ascii |= letters << b'A' | letters << b'a';
            for (letter, other) in [(b'k', KELVIN), (b's', LONG_S)] {
                if self.ascii >> letter & 1 != 0 {
                    self.others.push((other, other));
                }
            }
        }
        RuneSet::with_ascii(self.ascii, &self.others)
    }
}

impl<'p> Parser<'p> {
    /// Reads a class in brackets.
    pub(super) fn bracket(&mut self) -> Result<RuneSet, Error> {
        let whole = self.rest;
        self.skip(1);
        let negated = self.rest.first() == Some(&b'^');
        if negated {
            self.skip(1);
        }
        let mut members = Members::default();
        let mut is_first = true;
        loop {
            match self.rest.first() {
                None => return Err(Error::new(ErrorKind::MissingBracket, whole)),
                // As the first thing in a class it is a member.
                Some(b']') if !is_first => break,
                Some(_) => is_first = false,
            }
            let known = members.others.len();
            self.bracket_item(whole, &mut members)?;
            if !self.stack.tree.spend_ranges(members.others.len() - known) {
                return Err(Error::new(ErrorKind::TooLarge, b""));
            }
        }
        self.skip(1);
        let set = members.into_set(self.flags.fold);
        Ok(if negated { set.negated() } else { set })
    }

    /// Reads a member, a range or a named class, and adds its ranges.
    fn bracket_item(&mut self, whole: &'p [u8], members: &mut Members) -> Result<(), Error> {
        if let Some(length) = self.posix_length() {
            let name = &self.rest[..length];
            let class = classes::posix(&name[2..length - 2]);
            let class = class.ok_or_else(|| Error::new(ErrorKind::UnknownClass, name))?;
            self.skip(length);
            members.add_set(&self.classes.ascii(class, self.flags.fold));
            return Ok(());
        }
        // At the very end, `\p` is an escape that nobody knows.
        if !matches!(self.rest, [b'\\', b'p' | b'P'])
            && let Some(class) = self.named_class()?
        {
            members.add_set(&class);
            return Ok(());
        }
        let before = self.rest;
        let first = self.bracket_rune(whole)?;
        let mut last = first;
        // A hyphen at the end is a member.
        if self.rest.first() == Some(&b'-') && self.rest.get(1).is_some_and(|&byte| byte != b']') {
            self.skip(1);
            last = self.bracket_rune(whole)?;
            if last < first {
                return Err(self.error_since(ErrorKind::BackwardRange, before));
            }
        }
        members.add(first, last, self.flags.fold);
        Ok(())
    }

    /// Reads one code point, which may be escaped.
    fn bracket_rune(&mut self, whole: &'p [u8]) -> Result<u32, Error> {
        match self.rest.first() {
            None => Err(Error::new(ErrorKind::MissingBracket, whole)),
            Some(b'\\') => self.escape(),
            Some(_) => self.rune(),
        }
    }

    /// The length of `[:name:]`, if it comes next.
    fn posix_length(&mut self) -> Option<usize> {
        let name = self.rest.strip_prefix(b"[:").filter(|_| self.may_have_posix)?;
        let end = name.windows(2).position(|pair| pair == b":]");
        // Looking for the end of what has none, again and again, would take quadratic time.
        self.may_have_posix = end.is_some();
        end.map(|end| end + 4)
    }
}
