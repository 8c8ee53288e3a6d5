//! Shell commands.

mod commands;
mod lexer;

use commands::Commands;
use lexer::{Lexeme, Lexer};

/// A token of a shell command: the bytes `start..end` of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What the token is.
    pub kind: Kind,
    /// Offset of its first byte.
    pub start: u32,
    /// Offset behind its last byte.
    pub end: u32,
}

/// What a shell token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The word that names the program of a command.
    Executable,
    /// An unquoted word, or a whole array `(a b)` behind `=`.
    Word,
    /// `$name`, `$1`, `$?` or a whole `${…}`.
    Variable,
    /// `'…'`.
    SingleQuoted,
    /// A whole `"…"` without anything expanded in it.
    DoubleQuoted,
    /// The name before a `=`.
    Assignment,
    /// `=`.
    Equals,
    /// `;`, a line feed, `!`, `|`, `||`, `&` or `&&`.
    Control,
    /// `>`, `2>&1`, `<<<` and the like, or a whole `$(<…)`.
    Redirection,
    /// A whole `$((…))`, `((…))` or `$[…]`.
    Arithmetic,
    /// Where a construct opens that holds further tokens.
    Open(Construct),
    /// Where such a construct closes.
    Close(Construct),
    /// A bracket that opens or closes nothing known.
    Bracket,
}

/// Constructs that hold tokens of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Construct {
    /// `"…"`
    DoubleQuotes,
    /// `` `…` ``
    Backticks,
    /// `$(…)`
    CommandSubstitution,
    /// `{ …; }`
    CompoundCommand,
    /// `(…)`
    Subshell,
    /// `<(…)` or `>(…)`
    ProcessSubstitution,
    /// `$[…]`
    LegacyArithmetic,
    /// `$((…))` or `((…))`
    Arithmetic,
    /// `=(…)`
    Array,
    /// `$(<…)`
    FileRedirection,
    /// `${…}`
    ParameterExpansion,
}

/// The tokens of a shell command, in ascending order and disjoint; white space gives none.
///
/// ```
/// use bartizan_text::token::shell::{Kind, Tokens};
/// let kinds: Vec<Kind> = Tokens::new(b"ls -l; id").map(|token| token.kind).collect();
/// assert_eq!(kinds, [Kind::Executable, Kind::Word, Kind::Control, Kind::Executable]);
/// ```
#[derive(Debug)]
pub struct Tokens<'a> {
    lexer: Lexer<'a>,
    commands: Commands,
}

impl<'a> Tokens<'a> {
    /// Of a text longer than 4 GiB only the beginning is read.
    #[must_use]
    pub fn new(text: &'a [u8]) -> Self {
        Self { lexer: Lexer::new(&text[..text.len().min(u32::MAX as usize)]), commands: Commands::new() }
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        loop {
            let Lexeme { kind, start, end } = self.lexer.next()?;
            if let Some(kind) = self.commands.classify(kind) {
                return Some(Token { kind, start: start as u32, end: end as u32 });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::{string::String, vec::Vec};

    use super::*;

    /// One letter per kind and the token's text.
    fn show(text: &str) -> String {
        let tokens: Vec<String> = Tokens::new(text.as_bytes())
            .map(|token| {
                let letter = match token.kind {
                    Kind::Executable => 'x',
                    Kind::Word => 'w',
                    Kind::Variable => 'v',
                    Kind::SingleQuoted | Kind::DoubleQuoted => 'q',
                    Kind::Assignment => 'd',
                    Kind::Equals => 'e',
                    Kind::Control => 'c',
                    Kind::Redirection => 'r',
                    Kind::Arithmetic => 'a',
                    Kind::Open(_) => 'o',
                    Kind::Close(_) => 'z',
                    Kind::Bracket => 'b',
                };
                let mut shown = String::from(letter);
                shown.push_str(&text[token.start as usize..token.end as usize]);
                shown
            })
            .collect();
        tokens.join(" ")
    }

    #[test]
    fn commands_and_their_executables() {
        let cases = [
            ("", ""),
            (" \t", ""),
            ("ls -l|wc && a", "xls w-l c| xwc c&& xa"),
            ("A=1 B=$x ls", "dA e= w1 dB e= v$x xls"),
            ("! ls\nid &", "c! xls c\n xid c&"),
            ("'ls' \"a b\"", "x'ls' q\"a b\""),
            ("$x y", "x$x wy"),
            ("${a} ${b}c", "x${a} v${b} wc"),
            ("$1a $", "x$1 wa"),
            ("#c", "x#c"),
        ];
        for (text, want) in cases {
            assert_eq!(show(text), want, "{text}");
        }
    }

    #[test]
    fn constructs() {
        let cases = [
            ("`ls` a", "o` xls z` wa"),
            ("echo $(ls \"$(id)\")", "xecho o$( xls o\" o$( xid z) z\" z)"),
            ("(ls; id)", "o( xls c; xid z)"),
            // A subshell is only seen at the very beginning of a command.
            (" (ls)", "b( xls b)"),
            ("{ ls; }", "o{ xls c; z}"),
            ("{ ls }", "o{ xls b}"),
            ("{ls}", "b{ xls b}"),
            ("cat <(ls) >(id)", "xcat o<( xls z) o>( xid z)"),
            ("a=(1 2) x", "da e= w(1 2) xx"),
            ("a=($(ls) 2)", "da e= o( o$( xls z) z)"),
            ("$((1+2)) $[1] x", "a$((1+2)) a$[1] xx"),
            ("((`ls`))", "o(( o` xls z` z)"),
            ("x $(<file) y", "xx r$(<file) wy"),
            // A backslash counts until the next one, not just for the byte behind it.
            ("\"a\\\"b\" c", "o\""),
            ("\"a\\\\b\" c", "x\"a\\\\b\" wc"),
            ("\"a", "o\""),
            ("${a`ls`}", "o${ o` xls z` z}"),
        ];
        for (text, want) in cases {
            assert_eq!(show(text), want, "{text}");
        }
    }

    #[test]
    fn redirections() {
        let cases = [
            ("a >b", "xa r> wb"),
            ("a &>>b", "xa r&>> wb"),
            ("a >&2- b", "xa r>&2- wb"),
            ("a <<<b <<-c <>d", "xa r<<< wb r<<- wc r<> wd"),
            ("a >|b", "xa r>| wb"),
            // A numbered redirection swallows the byte that follows it.
            ("a 2>&1;b", "xa r2>&1 wb"),
            ("12 1a", "x12 w1a"),
        ];
        for (text, want) in cases {
            assert_eq!(show(text), want, "{text}");
        }
    }

    #[test]
    fn deep_nesting_and_any_bytes_end() {
        let deep = "$(\"`".repeat(10_000);
        assert_eq!(Tokens::new(deep.as_bytes()).count(), 30_000);
        let all: Vec<u8> = (0..=255).chain((0..=255).rev()).collect();
        assert!(Tokens::new(&all).all(|token| token.start < token.end));
    }
}
