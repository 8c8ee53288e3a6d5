//! Unicode properties, as of Unicode 14, which is what RE2 knows.
//!
//! The tables say what `regex-syntax` says, less whatever came after Unicode 14 and in a
//! form that takes a tenth of the space; the tests compare them.

mod tables;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use self::tables::{CATEGORIES, CATEGORY_NAMES, SCRIPT_NAMES, SCRIPTS};
use super::runes::MAX;

pub(super) use self::tables::FOLDS;

/// A named group of code points, as `\p{…}` and `\P{…}` know them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// `Any`: every code point.
    Any,
    /// General categories, one bit each, in the order of their names.
    Categories(u32),
    /// One script, by its place among the names.
    Script(usize),
}

impl Group {
    /// What a capture may be called: letters, marks (not enclosing ones), decimal and letter
    /// numbers, connectors.
    pub(super) fn capture_name() -> Self {
        let names = ["Lu", "Ll", "Lt", "Lm", "Lo", "Nl", "Mn", "Mc", "Nd", "Pc"];
        Self::Categories(categories(|name| names.contains(&name)))
    }

    /// The group called `name`: `Any`, a category such as `L` or `Lu`, a script such as `Greek`.
    /// Case counts.
    pub(super) fn named(name: &[u8]) -> Option<Self> {
        let name = core::str::from_utf8(name).ok()?;
        if name == "Any" {
            return Some(Self::Any);
        }
        let categories = match name.len() {
            1 => categories(|category| category.starts_with(name)),
            2 => categories(|category| category == name),
            _ => 0,
        };
        if categories != 0 {
            return Some(Self::Categories(categories));
        }
        SCRIPT_NAMES.split(' ').position(|script| script == name).map(Self::Script)
    }

    /// The ranges of the group, ascending; neighbours may touch.
    pub(super) fn ranges(self) -> Vec<(u32, u32)> {
        match self {
            Self::Any => [(0, MAX)].into(),
            Self::Categories(bits) => runs(CATEGORIES, 1)
                .filter(|run| bits & category_bit(run.code[0]) != 0)
                .map(|run| (run.first, run.last))
                .collect(),
            Self::Script(script) => {
                let code = [b'A' + (script / 26) as u8, b'a' + (script % 26) as u8];
                runs(SCRIPTS, 2).filter(|run| run.code == code).map(|run| (run.first, run.last)).collect()
            }
        }
    }
}

/// The bits of the categories whose name satisfies `wanted`.
fn categories(wanted: impl Fn(&str) -> bool) -> u32 {
    let names = CATEGORY_NAMES.split(' ').enumerate();
    names.filter(|(_, name)| wanted(name)).fold(0, |bits, (place, _)| bits | 1 << place)
}

/// The bit of the category with this letter: `A` to `Z`, then `a` to `c`. No bit otherwise.
fn category_bit(letter: u8) -> u32 {
    match letter {
        b'A'..=b'Z' => 1 << (letter - b'A'),
        b'a'..=b'c' => 1 << (letter - b'a' + 26),
        _ => 0,
    }
}

/// Neighbouring code points with one property.
struct Run {
    code: &'static [u8],
    first: u32,
    last: u32,
}

/// The runs of a table, which tells of all code points from 0 on: the code of a property
/// (`width` letters, or `-` for none), then how many code points have it, if not one.
fn runs(table: &'static str, width: usize) -> impl Iterator<Item = Run> {
    let mut rest = table.as_bytes();
    let mut first = 0;
    core::iter::from_fn(move || {
        let width = if *rest.first()? == b'-' { 1 } else { width };
        let (code, tail) = rest.split_at_checked(width)?;
        let digits = tail.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let count = tail[..digits].iter().fold(0, |count, digit| count * 10 + u32::from(digit - b'0'));
        rest = &tail[digits..];
        let last = first + count.max(1) - 1;
        let run = Run { code, first, last };
        first = last + 1;
        Some(run)
    })
}
