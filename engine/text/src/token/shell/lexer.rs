//! From bytes to lexemes, white space included.

use alloc::vec::Vec;

use super::{Construct, Kind};
use crate::ByteSet;

/// End an unquoted word.
const DELIMITERS: ByteSet = ByteSet::of(b"`${}[]()'\"#=|<>;&\n\t ");
/// Follow a `$` as a variable of one letter; digits do as well.
const SPECIAL: ByteSet = ByteSet::of(b"-?@#*$!");

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lexed {
    Blanks,
    Token(Kind),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Lexeme {
    pub(super) kind: Lexed,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Cuts a text into lexemes.
///
/// Holds the latest one back, because what follows may change it: the opening of a construct becomes
/// one whole token if it closes right away, a word before `=` an assignment.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
    /// The constructs around `at`, outermost first.
    constructs: Vec<Construct>,
    latest: Option<Lexeme>,
    before_latest: Option<Lexeme>,
}

/// What to do with the bytes at the current position.
enum Step {
    /// A lexeme of this many bytes.
    Take(Lexed, usize),
    /// A lexeme, and bytes behind it that belong to nothing.
    TakeAndSkip(Lexed, usize, usize),
    /// A token that opens a construct, and bytes behind it that belong to nothing.
    Open(Construct, usize, usize),
    /// A token of one byte that closes the current construct.
    Close(Construct),
    /// A byte that belongs to nothing.
    Skip,
}

impl<'a> Lexer<'a> {
    pub(super) const fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, constructs: Vec::new(), latest: None, before_latest: None }
    }

    fn byte(&self, offset: usize) -> Option<u8> {
        self.text.get(self.at + offset).copied()
    }

    /// Makes `kind` the latest lexeme and gives the one before it.
    fn emit(&mut self, kind: Lexed, len: usize) -> Option<Lexeme> {
        let start = self.at;
        self.at = self.text.len().min(start + len);
        self.before_latest = self.latest.replace(Lexeme { kind, start, end: self.at });
        self.before_latest
    }

    fn apply(&mut self, step: Step) -> Option<Lexeme> {
        match step {
            Step::Skip => {
                self.at += 1;
                None
            }
            Step::Take(kind, len) => self.emit(kind, len),
            Step::TakeAndSkip(kind, len, skipped) => {
                let done = self.emit(kind, len);
                self.at += skipped;
                done
            }
            Step::Open(construct, len, skipped) => {
                let done = self.emit(Lexed::Token(Kind::Open(construct)), len);
                self.constructs.push(construct);
                self.at += skipped;
                done
            }
            Step::Close(construct) => {
                self.constructs.pop();
                self.emit(Lexed::Token(Kind::Close(construct)), 1)
            }
        }
    }

    /// Whether a command may begin here: at the start of the text, or where the last token (with at most one
    /// run of blanks behind it) ends a command or opens a construct of commands.
    fn at_command(&self) -> bool {
        self.latest.is_none()
            || match self.last_token() {
                Some(Lexeme { kind: Lexed::Token(Kind::Control), .. }) => true,
                Some(Lexeme { kind: Lexed::Token(Kind::Open(construct)), .. }) => construct.holds_commands(),
                _ => false,
            }
    }

    fn last_token(&self) -> Option<Lexeme> {
        match self.latest {
            Some(Lexeme { kind: Lexed::Blanks, .. }) => self.before_latest,
            latest => latest,
        }
    }

    /// Within quotes, expansions and arrays: looks for the end, or for something expanded inside.
    fn expandable(&mut self, construct: Construct, closer: &[u8]) -> Option<Lexeme> {
        let mut escaped = false;
        let mut closing = 0;
        while let Some(byte) = self.byte(0) {
            if !escaped && byte == closer[closing] {
                closing += 1;
                if closing == closer.len() {
                    return self.close_expandable(construct);
                }
            } else {
                closing = 0;
            }
            match byte {
                b'$' if !escaped => {
                    if let Some(step) = self.expansion() {
                        return self.apply(step);
                    }
                }
                b'`' => return self.apply(Step::Open(Construct::Backticks, 1, 0)),
                // Only the next backslash takes this one back, not the byte that it escapes.
                b'\\' => escaped = !escaped,
                _ => {}
            }
            self.at += 1;
        }
        None
    }

    /// Closes at the last byte of the closer.
    fn close_expandable(&mut self, construct: Construct) -> Option<Lexeme> {
        match &mut self.latest {
            // Nothing came since the opening.
            Some(latest) if latest.kind == Lexed::Token(Kind::Open(construct)) => {
                self.constructs.pop();
                latest.kind = Lexed::Token(construct.whole());
                self.at += 1;
                latest.end = self.at;
                None
            }
            _ => self.apply(Step::Close(construct)),
        }
    }

    /// What a `$` and a bracket open.
    fn expansion(&self) -> Option<Step> {
        Some(match (self.byte(1)?, self.byte(2)) {
            (b'(', Some(b'(')) => Step::Open(Construct::Arithmetic, 3, 0),
            (b'(', Some(b'<')) => Step::Open(Construct::FileRedirection, 3, 0),
            (b'(', _) => Step::Open(Construct::CommandSubstitution, 2, 0),
            (b'[', _) => Step::Open(Construct::LegacyArithmetic, 2, 0),
            (b'{', _) => Step::Open(Construct::ParameterExpansion, 2, 0),
            _ => return None,
        })
    }

    fn command(&self, byte: u8) -> Step {
        let next = self.byte(1);
        let token = |kind, len| Step::Take(Lexed::Token(kind), len);
        match byte {
            b' ' | b'\t' => Step::Take(Lexed::Blanks, self.run(0, |byte| matches!(byte, b' ' | b'\t'))),
            b'"' => Step::Open(Construct::DoubleQuotes, 1, 0),
            b'$' => self.dollar(),
            b'(' => self.open_parenthesis(),
            b')' => match self.constructs.last() {
                Some(
                    construct @ (Construct::CommandSubstitution
                    | Construct::ProcessSubstitution
                    | Construct::Subshell),
                ) => Step::Close(*construct),
                _ => token(Kind::Bracket, 1),
            },
            b'`' if self.constructs.last() == Some(&Construct::Backticks) => {
                Step::Close(Construct::Backticks)
            }
            b'`' => Step::Open(Construct::Backticks, 1, 0),
            b'=' => token(Kind::Equals, 1),
            b'\n' | b';' | b'!' => token(Kind::Control, 1),
            b'|' => token(Kind::Control, if next == Some(b'|') { 2 } else { 1 }),
            b'&' if next == Some(b'>') => {
                token(Kind::Redirection, if self.byte(2) == Some(b'>') { 3 } else { 2 })
            }
            b'&' => token(Kind::Control, if next == Some(b'&') { 2 } else { 1 }),
            b'{' if next == Some(b' ') && self.at_command() => Step::Open(Construct::CompoundCommand, 1, 1),
            b'}' if self.constructs.last() == Some(&Construct::CompoundCommand)
                && self.behind_separator() =>
            {
                Step::Close(Construct::CompoundCommand)
            }
            b'{' | b'}' => token(Kind::Bracket, 1),
            b'\'' => {
                let closing = self.text[self.at + 1..].iter().position(|&byte| byte == b'\'');
                token(Kind::SingleQuoted, closing.map_or(self.text.len() - self.at, |length| length + 2))
            }
            b'<' | b'>' if next == Some(b'(') => Step::Open(Construct::ProcessSubstitution, 2, 0),
            b'<' | b'>' => token(Kind::Redirection, self.redirection(0)),
            b'0'..=b'9' => self.number(),
            _ => {
                let len = self.run(1, |byte| !DELIMITERS.contains(byte));
                token(if self.byte(len) == Some(b'=') { Kind::Assignment } else { Kind::Word }, len)
            }
        }
    }

    fn dollar(&self) -> Step {
        let variable = |len| Step::Take(Lexed::Token(Kind::Variable), len);
        match self.byte(1) {
            Some(byte) if SPECIAL.contains(byte) || byte.is_ascii_digit() => variable(2),
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => {
                variable(self.run(1, |byte| byte.is_ascii_alphanumeric() || byte == b'_'))
            }
            _ => self.expansion().unwrap_or(Step::Skip),
        }
    }

    fn open_parenthesis(&self) -> Step {
        if self.latest.is_some_and(|latest| latest.kind == Lexed::Token(Kind::Equals)) {
            Step::Open(Construct::Array, 1, 0)
        } else if self.byte(1) == Some(b'(') {
            Step::Open(Construct::Arithmetic, 2, 0)
        } else if self.at_command() {
            Step::Open(Construct::Subshell, 1, 0)
        } else {
            Step::Take(Lexed::Token(Kind::Bracket), 1)
        }
    }

    /// A word that begins with a digit, or a redirection of that descriptor.
    fn number(&self) -> Step {
        let digits = self.run(0, |byte| byte.is_ascii_digit());
        if matches!(self.byte(digits), Some(b'<' | b'>')) {
            // The byte behind a numbered redirection is lost.
            return Step::TakeAndSkip(Lexed::Token(Kind::Redirection), digits + self.redirection(digits), 1);
        }
        Step::Take(Lexed::Token(Kind::Word), self.run(digits, |byte| !DELIMITERS.contains(byte)))
    }

    /// Length of the redirection whose `<` or `>` stands at `offset`.
    fn redirection(&self, offset: usize) -> usize {
        let rest = &self.text[self.at + offset..];
        match rest {
            [_, b'&', ..] => {
                let digits = rest[2..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                2 + digits + usize::from(rest.get(2 + digits) == Some(&b'-'))
            }
            [b'<', b'<', b'<' | b'-', ..] => 3,
            [b'<', b'<' | b'>', ..] | [b'>', b'|' | b'>', ..] => 2,
            _ => 1,
        }
    }

    fn behind_separator(&self) -> bool {
        self.last_token().is_some_and(|token| matches!(&self.text[token.start..token.end], b";" | b"\n"))
    }

    /// Offset behind the run of bytes that `belongs` from `offset` on.
    fn run(&self, offset: usize, belongs: impl Fn(u8) -> bool) -> usize {
        offset + self.text[self.at + offset..].iter().take_while(|byte| belongs(**byte)).count()
    }
}

impl Iterator for Lexer<'_> {
    type Item = Lexeme;

    fn next(&mut self) -> Option<Lexeme> {
        while let Some(byte) = self.byte(0) {
            let done = match self.constructs.last() {
                Some(construct) if !construct.holds_commands() => {
                    self.expandable(*construct, construct.closer())
                }
                _ => self.apply(self.command(byte)),
            };
            if done.is_some() {
                return done;
            }
        }
        self.latest.take()
    }
}

impl Construct {
    /// The bytes that end a construct without commands.
    const fn closer(self) -> &'static [u8] {
        match self {
            Self::DoubleQuotes => b"\"",
            Self::ParameterExpansion => b"}",
            Self::Arithmetic => b"))",
            Self::LegacyArithmetic => b"]",
            _ => b")",
        }
    }

    /// What a construct is if nothing is expanded in it.
    const fn whole(self) -> Kind {
        match self {
            Self::DoubleQuotes => Kind::DoubleQuoted,
            Self::ParameterExpansion => Kind::Variable,
            Self::Arithmetic | Self::LegacyArithmetic => Kind::Arithmetic,
            Self::FileRedirection => Kind::Redirection,
            _ => Kind::Word,
        }
    }
}
