//! What may come after `(?`.

use super::parse::Parser;
use super::runes;
use super::unicode::Group;
use super::{Error, ErrorKind};

impl Parser<'_> {
    /// Reads `(?P<name>`, `(?flags)` or `(?flags:`.
    pub(super) fn flag_group(&mut self) -> Result<(), Error> {
        if self.rest.len() > 4 && self.rest[2..].starts_with(b"P<") {
            return self.named_group();
        }
        let before = self.rest;
        let mut flags = self.flags;
        let mut negated = false;
        let mut is_dangling = false;
        self.skip(2);
        loop {
            if self.rest.is_empty() {
                return Err(self.error_since(ErrorKind::UnknownFlag, before));
            }
            let opens = match char::from_u32(self.rune()?) {
                Some('-') if !negated => {
                    negated = true;
                    is_dangling = true;
                    continue;
                }
                Some(flag @ ('i' | 'm' | 's' | 'U')) => {
                    is_dangling = false;
                    let flag = match flag {
                        'i' => &mut flags.fold,
                        'm' => &mut flags.multi_line,
                        's' => &mut flags.dot_newline,
                        _ => &mut flags.lazy,
                    };
                    *flag = !negated;
                    continue;
                }
                Some(':') => true,
                Some(')') => false,
                _ => return Err(self.error_since(ErrorKind::UnknownFlag, before)),
            };
            if is_dangling {
                return Err(self.error_since(ErrorKind::UnknownFlag, before));
            }
            if opens {
                self.open(false)?;
            }
            self.flags = flags;
            return Ok(());
        }
    }

    /// Reads `(?P<name>`. Names may repeat.
    fn named_group(&mut self) -> Result<(), Error> {
        let before = self.rest;
        let name = &before[4..];
        let Some(end) = name.iter().position(|&byte| byte == b'>') else {
            return Err(if runes::is_valid(before) {
                Error::new(ErrorKind::InvalidGroupName, before)
            } else {
                Error::new(ErrorKind::InvalidUtf8, b"")
            });
        };
        let name = &name[..end];
        self.skip(4 + end + 1);
        if !runes::is_valid(name) {
            return Err(Error::new(ErrorKind::InvalidUtf8, b""));
        }
        if !self.is_group_name(name) {
            return Err(self.error_since(ErrorKind::InvalidGroupName, before));
        }
        self.open(true)
    }

    /// Whether a group may be called `name`: letters, marks, digits, underscores.
    fn is_group_name(&mut self, name: &[u8]) -> bool {
        let mut rest = name;
        while let Some((rune, length)) = runes::decode(rest) {
            let fits = match rest[0] {
                byte @ 0..=0x7F => byte == b'_' || byte.is_ascii_alphanumeric(),
                _ => self.classes.unicode(Group::capture_name(), false, false).contains(rune),
            };
            if !fits {
                return false;
            }
            rest = &rest[length..];
        }
        rest.is_empty() && !name.is_empty()
    }
}
