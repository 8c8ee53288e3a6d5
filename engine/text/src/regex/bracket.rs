//! Classes in brackets.

use alloc::vec::Vec;

use super::classes;
use super::fold;
use super::parse::Parser;
use super::rune_set::RuneSet;
use super::{Error, ErrorKind};

impl<'p> Parser<'p> {
    /// Reads a class in brackets.
    pub(super) fn bracket(&mut self) -> Result<RuneSet, Error> {
        let whole = self.rest;
        self.skip(1);
        let negated = self.rest.first() == Some(&b'^');
        if negated {
            self.skip(1);
        }
        let mut ranges = Vec::new();
        let mut is_first = true;
        loop {
            match self.rest.first() {
                None => return Err(Error::new(ErrorKind::MissingBracket, whole)),
                // As the first thing in a class it is a member.
                Some(b']') if !is_first => break,
                Some(_) => is_first = false,
            }
            let known = ranges.len();
            self.bracket_item(whole, &mut ranges)?;
            if !self.stack.tree.spend_ranges(ranges.len() - known) {
                return Err(Error::new(ErrorKind::TooLarge, b""));
            }
        }
        self.skip(1);
        let set = RuneSet::new(ranges);
        Ok(if negated { set.negated() } else { set })
    }

    /// Reads a member, a range or a named class, and adds its ranges.
    fn bracket_item(&mut self, whole: &'p [u8], ranges: &mut Vec<(u32, u32)>) -> Result<(), Error> {
        if let Some(length) = self.posix_length() {
            let name = &self.rest[..length];
            let class = classes::posix(&name[2..length - 2]);
            let class = class.ok_or_else(|| Error::new(ErrorKind::UnknownClass, name))?;
            self.skip(length);
            ranges.extend_from_slice(self.classes.ascii(class, self.flags.fold).ranges());
            return Ok(());
        }
        // At the very end, `\p` is an escape that nobody knows.
        if !matches!(self.rest, [b'\\', b'p' | b'P'])
            && let Some(class) = self.named_class()?
        {
            ranges.extend_from_slice(class.ranges());
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
        if self.flags.fold {
            fold::add_range(ranges, first, last);
        } else {
            ranges.push((first, last));
        }
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
