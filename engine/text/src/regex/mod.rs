//! The regex dialect: RE2 syntax to HIR.
//!
//! Patterns mean what they mean to RE2 of 2023 in UTF-8 mode, as libddwaf uses it: which are
//! accepted, what the error names, and what matches on any bytes, whether they are UTF-8 or
//! not. [`parse`] gives HIR for a byte-oriented engine (no UTF-8 requirement, empty matches
//! anywhere, leftmost-first), without groups; [`check`] and [`needs`] do without HIR.
//!
//! Stages, one file each: [`parse`](self::parse) reads the text into a tree, with the help of
//! its `stack` of open groups; `factor` takes out common heads of alternatives; `simplify`
//! resolves repeats; `budget` and `program` count what RE2 would make of it, since RE2 refuses
//! what gets too large; `translate` makes HIR, and `analysis` tells what every match
//! needs.
//!
//! Two things differ from RE2. Where it has no limit, there is one here: 1,000 groups may be
//! open at a time, 250 levels of alternation, concatenation and repetition may nest. And where
//! a loop is in a loop, both without captures, around a lazy piece that can be empty, as in
//! `(?:(?:a??)*)+?`, RE2 loses track of what it should prefer and finds a longer match; that
//! there is a match does not depend on it.

mod analysis;
mod bracket;
mod budget;
mod classes;
mod edge;
mod escape;
mod factor;
mod fold;
mod group;
mod holding;
pub mod literal;
pub mod need;
mod parse;
mod program;
mod rune_set;
mod runes;
mod simplify;
mod stack;
#[cfg(test)]
mod tests;
mod translate;
mod tree;
mod unicode;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use need::Needs;
use regex_syntax::hir::Hir;
use tree::{Id, Tree};

/// How to read a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether `a` and `A` differ. `(?i)` and `(?-i)` in the pattern override it.
    pub case_sensitive: bool,
}

/// Why a pattern is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What RE2 names as the cause, a part of the pattern: often empty, not always UTF-8. It
    /// ends before the first NUL, as libddwaf's message does.
    pub argument: Vec<u8>,
    /// The reason.
    pub kind: ErrorKind,
}

/// A reason to refuse a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The pattern is not UTF-8. Encoded surrogates are fine.
    InvalidUtf8,
    /// A backslash with nothing after it.
    TrailingBackslash,
    /// An escape without meaning. Groups cannot be referred to.
    UnknownEscape,
    /// `[[:name:]]` or `\p{Name}` with a name that means nothing.
    UnknownClass,
    /// A range from a later to an earlier code point.
    BackwardRange,
    /// A class that is not closed.
    MissingBracket,
    /// A group that is not closed.
    MissingParenthesis,
    /// A group that was never opened.
    UnexpectedParenthesis,
    /// A repetition operator with nothing before it.
    NothingToRepeat,
    /// A repetition operator after another.
    RepeatOfRepeat,
    /// A count above 1,000, alone or with those around it, or a maximum below the minimum.
    RepeatSize,
    /// `(?` with something unknown after it: there is no look-around, no `(?<name>`.
    UnknownFlag,
    /// A group whose name is empty, or has anything but letters, digits and underscores.
    InvalidGroupName,
    /// The program would be too large.
    TooLarge,
    /// The pattern nests too deep.
    TooDeep,
}

impl ErrorKind {
    /// What is wrong, in a few words.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::InvalidUtf8 => "the pattern is not UTF-8",
            Self::TrailingBackslash => "nothing after the last backslash",
            Self::UnknownEscape => "unknown escape",
            Self::UnknownClass => "unknown class",
            Self::BackwardRange => "the range ends before it starts",
            Self::MissingBracket => "a class is not closed",
            Self::MissingParenthesis => "a group is not closed",
            Self::UnexpectedParenthesis => "a group is closed but never opened",
            Self::NothingToRepeat => "nothing to repeat",
            Self::RepeatOfRepeat => "a repetition operator after another",
            Self::RepeatSize => "repeat count above 1000, or maximum below minimum",
            Self::UnknownFlag => "unknown flag or kind of group",
            Self::InvalidGroupName => "invalid group name",
            Self::TooLarge => "the pattern is too large",
            Self::TooDeep => "the pattern nests too deep",
        }
    }
}

impl Error {
    fn new(kind: ErrorKind, argument: &[u8]) -> Self {
        let message = argument.split(|&byte| byte == 0).next().unwrap_or_default();
        Self { argument: message.into(), kind }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.describe())?;
        if self.argument.is_empty() {
            return Ok(());
        }
        write!(f, ": {}", String::from_utf8_lossy(&self.argument))
    }
}

impl core::error::Error for Error {}

/// Reads a pattern.
///
/// Takes time and memory in proportion to the length of the pattern.
///
/// ```
/// use bartizan_text::regex::{Options, parse};
/// use regex_syntax::hir::Hir;
///
/// let options = Options { case_sensitive: true };
/// assert_eq!(parse(b"(?:ab)", options), Ok(Hir::literal(*b"ab")));
/// assert_eq!(parse(b"a(?=b)", options).map_err(|error| error.argument), Err(b"(?=".into()));
/// ```
///
/// # Errors
/// When RE2 would not accept the pattern, or when it nests beyond the limits of this crate.
pub fn parse(pattern: &[u8], options: Options) -> Result<Hir, Error> {
    let (tree, root, _) = read(pattern, options)?;
    Ok(translate::translate(&tree, root))
}

/// Whether a pattern is one that [`parse`] accepts.
///
/// # Errors
/// Those of [`parse`].
pub fn check(pattern: &[u8], options: Options) -> Result<(), Error> {
    read(pattern, options).map(drop)
}

/// What every match of a pattern needs; `None` when nothing is known.
///
/// ```
/// use bartizan_text::regex::literal::Literal;
/// use bartizan_text::regex::need::Need;
/// use bartizan_text::regex::{Options, needs};
///
/// let needed = needs(br"\bunion\s+select\b", Options { case_sensitive: true });
/// assert_eq!(needed, Ok(Some(vec![Need::Literal(Literal::of(b"union"))])));
/// ```
///
/// # Errors
/// Those of [`parse`].
pub fn needs(pattern: &[u8], options: Options) -> Result<Option<Needs>, Error> {
    let (tree, root, order) = read(pattern, options)?;
    Ok(analysis::needs(&tree, root, &order))
}

/// Reads a pattern into a tree and puts its nodes in post-order.
fn read(pattern: &[u8], options: Options) -> Result<(Tree, Id, Vec<Id>), Error> {
    let (mut tree, root) = parse::parse(pattern, !options.case_sensitive)?;
    let literals = budget::leading_literals(&tree, root);
    let order = simplify::simplify(&mut tree, root);
    if tree.is_too_large() || !budget::fits(&tree, root, &order, literals) {
        return Err(Error::new(ErrorKind::TooLarge, b""));
    }
    if translate::is_too_deep(&tree, root, &order) {
        return Err(Error::new(ErrorKind::TooDeep, b""));
    }
    Ok((tree, root, order))
}
