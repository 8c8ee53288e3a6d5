//! Shell injection: does a parameter add commands to a command line?

use alloc::{borrow::Cow, vec::Vec};
use core::{cell::OnceCell, ops::Range};

use super::occurrences::Finder;
use crate::token::shell::{Kind, Token, Tokens};

/// Parameters below this length are not looked at.
const MIN_LEN: usize = 2;

/// A command line to check parameters against.
///
/// It is cut into tokens when the first parameter is found in it, once.
///
/// ```
/// use bartizan_text::detect::shi::CommandLine;
/// let line = CommandLine::from_text(b"ls -l public; id");
/// assert_eq!(line.check(b"; id"), Some(12..16));
/// assert_eq!(line.check(b"public"), None);
/// ```
#[derive(Debug)]
pub struct CommandLine<'a> {
    text: Cow<'a, [u8]>,
    /// Where the arguments stand, if it was put together from some.
    arguments: Option<Vec<Range<usize>>>,
    finder: Finder,
    tokens: OnceCell<Vec<Token>>,
}

impl<'a> CommandLine<'a> {
    /// A command line in one piece.
    #[must_use]
    pub const fn from_text(text: &'a [u8]) -> Self {
        Self { text: Cow::Borrowed(text), arguments: None, finder: Finder::new(), tokens: OnceCell::new() }
    }

    /// The non-empty ones of these arguments, joined by spaces. A parameter must lie within one of them.
    #[must_use]
    pub fn from_arguments(arguments: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut text = Vec::new();
        let mut ranges = Vec::new();
        for argument in arguments.into_iter().filter(|argument| !argument.is_empty()) {
            if !text.is_empty() {
                text.push(b' ');
            }
            ranges.push(text.len()..text.len() + argument.len());
            text.extend_from_slice(argument);
        }
        Self {
            text: Cow::Owned(text),
            arguments: Some(ranges),
            finder: Finder::new(),
            tokens: OnceCell::new(),
        }
    }

    /// The whole line, as it is reported.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Where `param` injects a command, if it does.
    ///
    /// Each place where it stands is looked at. It injects where it reaches over more than one
    /// token (or touches the last) and any of them names an executable or redirects.
    #[must_use]
    pub fn check(&self, param: &[u8]) -> Option<Range<usize>> {
        if param.len() < MIN_LEN {
            return None;
        }
        // Index of the first harmful token at or behind the last place looked at.
        let mut harmful = 0;
        for start in self.finder.find(&self.text, param) {
            let range = start..start + param.len();
            if !self.is_within_argument(&range) {
                continue;
            }
            let tokens = self.tokens.get_or_init(|| Tokens::new(&self.text).collect());
            let first = tokens.partition_point(|token| token.end as usize <= start);
            if tokens.get(first + 1).is_some_and(|token| token.start as usize >= range.end) {
                continue;
            }
            harmful = first.max(harmful);
            while tokens
                .get(harmful)
                .is_some_and(|token| !matches!(token.kind, Kind::Executable | Kind::Redirection))
            {
                harmful += 1;
            }
            // A token that begins right behind the parameter counts.
            if tokens.get(harmful).is_some_and(|token| token.start as usize <= range.end) {
                return Some(range);
            }
        }
        None
    }

    fn is_within_argument(&self, range: &Range<usize>) -> bool {
        self.arguments.as_ref().is_none_or(|arguments| {
            let index = arguments.partition_point(|argument| argument.end <= range.start);
            arguments
                .get(index)
                .is_some_and(|argument| argument.start <= range.start && range.end <= argument.end)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn injections_into_a_text() {
        let cases: &[(&[u8], &[u8], bool)] = &[
            (b"ls; id", b"; id", true),
            (b"ls; id", b"ls; id", true),
            // A single token is harmless, unless it is the last.
            (b"ls -l x", b"ls", false),
            (b"ls;id", b"id", true),
            (b"id", b"id", true),
            (b"ls a b", b"a b", false),
            (b"ls a >b", b"a >b", true),
            (b"ls a|cat", b"a|", true),
            (b"ls \"a; b\"", b"a; b", false),
            (b"ls \"a$(id)\"", b"$(id)", true),
            (b"ls x", b"y", false),
            (b"ls ''", b"''", false),
            (b"x", b"x", false),
            (b"  ", b"  ", false),
            (b"echo id; id", b"id", true),
        ];
        for (text, param, want) in cases {
            assert_eq!(CommandLine::from_text(text).check(param).is_some(), *want, "{text:?} {param:?}");
        }
        assert_eq!(CommandLine::from_text(b"echo id -x; id").check(b"id"), Some(12..14));
    }

    #[test]
    fn arguments_are_not_straddled() {
        let line = CommandLine::from_arguments([&b"ls"[..], b"", b"a;id", b"x; y"]);
        assert_eq!(line.text(), b"ls a;id x; y");
        assert_eq!(line.check(b"a;id"), Some(3..7));
        assert_eq!(line.check(b"id x; y"), None);
        assert_eq!(line.check(b"; y"), Some(9..12));
        assert_eq!(CommandLine::from_arguments([]).check(b"ls"), None);
    }

    #[test]
    fn overlapping_places_take_linear_time() {
        let text = ";".repeat(400_000);
        assert_eq!(CommandLine::from_text(text.as_bytes()).check(&text.as_bytes()[..200_000]), None);
    }
}
