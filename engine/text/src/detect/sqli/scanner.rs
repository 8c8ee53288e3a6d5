//! Cuts a value into tokens, the way a lenient SQL server of no particular make would.

mod comment;
mod dollar;
mod number;
mod operator;
mod string;
mod word;

use super::class::Class;
use super::token::Token;

/// Which of two incompatible readings of `#` and `--x` is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Dialect {
    /// `--` always starts a comment, `#` is an operator.
    Ansi,
    /// `--` starts a comment before a blank or the end, `#` always does.
    MySql,
}

/// Reads the tokens of one value under one assumption about what stands before it.
pub(super) struct Scanner<'a> {
    input: &'a [u8],
    /// Where the next token starts.
    at: usize,
    dialect: Dialect,
    /// The quote that is open where the value starts, until the first token is read.
    inside: Option<u8>,
    /// Whether a word may start here. It may not directly after a number, a word, some operators.
    word_may_start: bool,
    broken: bool,
    count: usize,
    dialect_matters: bool,
}

/// What a token can be, judged by its first byte.
#[derive(Clone, Copy)]
enum Start {
    Blank,
    Word,
    Number,
    Quote,
    Tick,
    Bracket,
    /// A byte that is a token of its own and its own class: parentheses, braces, comma, semicolon.
    Mark(Class),
    Operator,
    /// Like `Operator`, but may be the first of two or three bytes.
    LongOperator,
    Dash,
    Hash,
    Slash,
    Backslash,
    Dollar,
    Variable,
    /// `b'01'`
    BitString,
    /// `x'0f'`
    HexString,
    /// `e'...'`
    EscapeString,
    /// `n'...'`, `nq'[...]'`
    NationalString,
    /// `q'[...]'`
    QString,
    /// `u&'...'`
    UnicodeString,
    Unknown,
}

static STARTS: [Start; 256] = starts();

const fn starts() -> [Start; 256] {
    let mut table = [Start::Word; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            0..=b' ' | 0x7f | 0xa0 => Start::Blank,
            b'0'..=b'9' | b'.' => Start::Number,
            b'\'' | b'"' => Start::Quote,
            b'`' => Start::Tick,
            b'[' => Start::Bracket,
            b'(' => Start::Mark(Class::LeftParen),
            b')' => Start::Mark(Class::RightParen),
            b'{' => Start::Mark(Class::LeftBrace),
            b'}' => Start::Mark(Class::RightBrace),
            b',' => Start::Mark(Class::Comma),
            b';' => Start::Mark(Class::Semicolon),
            b'%' | b'+' | b'^' | b'~' => Start::Operator,
            b'!' | b'&' | b'*' | b':' | b'<' | b'=' | b'>' | b'|' => Start::LongOperator,
            b'-' => Start::Dash,
            b'#' => Start::Hash,
            b'/' => Start::Slash,
            b'\\' => Start::Backslash,
            b'$' => Start::Dollar,
            b'@' => Start::Variable,
            b'?' | b']' => Start::Unknown,
            b'B' | b'b' => Start::BitString,
            b'X' | b'x' => Start::HexString,
            b'E' | b'e' => Start::EscapeString,
            b'N' | b'n' => Start::NationalString,
            b'Q' | b'q' => Start::QString,
            b'U' | b'u' => Start::UnicodeString,
            _ => Start::Word,
        };
        byte += 1;
    }
    table
}

impl<'a> Scanner<'a> {
    /// A scanner at the start of `input`, inside a string that the quote `inside` opened, if any.
    pub(super) fn new(input: &'a [u8], dialect: Dialect, inside: Option<u8>) -> Self {
        Self {
            input,
            at: 0,
            dialect,
            inside,
            word_may_start: true,
            broken: false,
            count: 0,
            dialect_matters: false,
        }
    }

    /// The next token; `None` at the end, and where the value stops to look like SQL.
    pub(super) fn next(&mut self) -> Option<Token<'a>> {
        let token = match self.inside.take() {
            Some(quote) => self.rest_of_string(quote),
            None => self.scan()?,
        };
        self.count += 1;
        Some(token)
    }

    /// Whether scanning ended because the value does not look like SQL.
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    /// How many tokens were read so far.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Whether a token was read that is another one in the other dialect.
    pub(super) fn dialect_matters(&self) -> bool {
        self.dialect_matters
    }

    fn scan(&mut self) -> Option<Token<'a>> {
        while let Some(&byte) = self.input.get(self.at) {
            return match STARTS[byte as usize] {
                Start::Blank => {
                    self.word_may_start = true;
                    self.at += 1;
                    continue;
                }
                Start::Word => self.word(),
                Start::Number => Some(self.number()),
                Start::Quote => Some(self.string(byte, 1)),
                Start::Tick => Some(self.ticked()),
                Start::Bracket => Some(self.bracketed()),
                Start::Mark(class) => Some(self.before_word(class, 1)),
                Start::Operator => Some(self.token(Class::Operator, 1)),
                Start::LongOperator => Some(self.long_operator()),
                Start::Dash => Some(self.dash()),
                Start::Hash => Some(self.hash()),
                Start::Slash => Some(self.slash()),
                Start::Backslash => Some(self.backslash()),
                Start::Dollar => self.dollar(),
                Start::Variable => Some(self.variable()),
                Start::BitString => self.digit_string(|b| matches!(b, b'0' | b'1')),
                Start::HexString => self.digit_string(|b| b.is_ascii_hexdigit()),
                Start::EscapeString => self.prefixed_string(),
                Start::NationalString => self.national_string(),
                Start::QString => self.q_string(0),
                Start::UnicodeString => self.unicode_string(),
                Start::Unknown => Some(self.token(Class::Unknown, 1)),
            };
        }
        None
    }

    /// The byte `ahead` of the current one.
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.input.get(self.at + ahead).copied()
    }

    /// What is left, from `ahead` of the current byte on.
    fn rest(&self, ahead: usize) -> &'a [u8] {
        self.input.get(self.at + ahead..).unwrap_or_default()
    }

    /// Takes the next `len` bytes as a token after which no word may start.
    fn token(&mut self, class: Class, len: usize) -> Token<'a> {
        let token = Token::new(class, &self.input[self.at..self.at + len]);
        self.at += len;
        self.word_may_start = false;
        token
    }

    /// Takes the next `len` bytes as a token after which a word may start.
    fn before_word(&mut self, class: Class, len: usize) -> Token<'a> {
        let token = self.token(class, len);
        self.word_may_start = true;
        token
    }
}

/// How many leading bytes of `text` satisfy `accept`.
///
/// NUL counts as satisfying: spans are those of a C library that finds NUL in every set.
fn span(text: &[u8], accept: impl Fn(u8) -> bool) -> usize {
    text.iter().position(|&b| b != 0 && !accept(b)).unwrap_or(text.len())
}

/// Where `pair` first stands in `text`.
fn find_pair(text: &[u8], pair: [u8; 2]) -> Option<usize> {
    text.windows(2).position(|window| window == pair)
}

#[cfg(test)]
mod tests {
    use super::{Dialect, Scanner};
    use alloc::{format, string::String};

    /// The tokens of `input`, as class letters with texts, and a cross where the scan breaks.
    fn scan(input: &[u8], dialect: Dialect, inside: Option<u8>) -> String {
        let mut scanner = Scanner::new(input, dialect, inside);
        let mut read = String::new();
        while let Some(token) = scanner.next() {
            read += &format!("{}<{}>", char::from(token.class.letter()), token.text.escape_ascii());
        }
        read + if scanner.is_broken() { "x" } else { "" }
    }

    #[track_caller]
    fn check(cases: &[(&str, &str)]) {
        for &(input, tokens) in cases {
            assert_eq!(scan(input.as_bytes(), Dialect::Ansi, None), tokens, "{input}");
        }
    }

    #[test]
    fn numbers() {
        check(&[
            ("1 23. .5 6.7", "1<1>1<23.>1<.5>1<6.7>"),
            (". ..", ".<.>.<.>.<.>"),
            ("1e5 1e+5 1.5E-7", "1<1e5>1<1e+5>1<1.5E-7>"),
            ("1e 1e+ .e5", "n<1e>n<1e+>.<.>x"),
            ("0x1F 0b10 0x 0B", "1<0x1F>1<0b10>n<0x>n<0B>"),
            ("0x1\0 0b1\0", r"1<0x1\x00>1<0b1\x00>"),
            ("1d 1f; 1e1D", "1<1d>1<1f>;<;>1<1e1D>"),
            ("1fUNION", "1<1f>x"),
            ("1from", "1<1>x"),
            (r"\N \n", r"1<\\N>\<\\>x"),
        ]);
    }

    #[test]
    fn words_end_at_operators_and_keywords_at_dots() {
        check(&[
            ("select foo", "E<select>n<foo>"),
            ("foo.bar foo.select", "n<foo.bar>n<foo.select>"),
            ("select.1 SELECT`a`", "E<select>1<.1>E<SELECT>n<a>"),
            ("sys.stragg dbms_lock.sleep", "f<sys.stragg>f<dbms_lock.sleep>"),
            ("a=b a-b a,b", "n<a>o<=>n<b>n<a>o<->n<b>n<a>,<,>n<b>"),
            // Behind these no word starts without a blank.
            ("a+b", "n<a>o<+>x"),
            ("a?b", "n<a>?<?>x"),
            ("[a]b", "n<[a]>x"),
            ("a}b", "n<a>}<}>n<b>"),
            ("abcdefghijklmnopqrstuvwxyz0123456789", "n<abcdefghijklmnopqrstuvwxyz01234>"),
            ("abcdefghijklmnopqrstuvwxyz01234.select.1", "n<abcdefghijklmnopqrstuvwxyz01234>"),
            ("[a b] [c", "n<[a b]>n<[c>"),
            ("`a` `abs` `", "n<a>f<abs>n<>"),
        ]);
    }

    #[test]
    fn variables() {
        check(&[
            ("@a @@b @ @@", "v<a>v<b>v<>v<>"),
            ("@`a b` @'c' @\"d", "v<a b>v<c>v<d>"),
            ("@a.b[1]=1", "v<a.b[1]>o<=>1<1>"),
            ("@a$b", "v<a$b>"),
        ]);
    }

    #[test]
    fn strings() {
        check(&[
            ("'a' \"b\" 'c", "s<a>s<b>s<c>"),
            (r"'a\'b' 'a''b'", r"s<a\\\'b>s<a\'\'b>"),
            ("e'a' N'b' u&'c' U&'d", "s<a>s<b>s<c>s<d>"),
            ("e' N' u&'", "s< N>s<>"),
            ("e'", "n<e>s<>"),
            ("u&", "n<u>o<&>"),
            ("q'[a]' Q'!b!' nq'(c)' q'<d", "s<a>s<b>s<c>s<d>"),
            ("q'\u{e9}", r"n<q>s<\xc3\xa9>"),
            ("x'0F' b'01' x'0g' b'2'", "1<x\\'0F\\'>1<b\\'01\\'>n<x>s<0g>n<b>s<2>"),
            ("$$a$$ $$b", "s<a>s<b>"),
        ]);
        assert_eq!(scan(br"a\'b' c", Dialect::Ansi, Some(b'\'')), r"s<a\\\'b>n<c>");
        assert_eq!(scan(b"'", Dialect::Ansi, Some(b'\'')), "s<>");
    }

    #[test]
    fn dollars() {
        check(&[
            ("$1,000.00 $. $", "1<$1,000.00>n<$.>n<$>"),
            ("$a$ b $a$ c", "s< b >n<c>"),
            // Beyond the delimiter's length from the start the end is not seen any more.
            ("1234 $a$ b $a$ c", "1<1234>s< b $a$ c>"),
            ("$abc $a!", "n<$>n<abc>n<$>n<a>o<!>"),
            ("$= $\u{e9}", "n<$>o<=>n<$>x"),
        ]);
    }

    #[test]
    fn operators_and_marks() {
        check(&[
            ("<=> <= < != !! ! !a", "o<<=>>o<<=>o<<>o<!=>o<!!>o<!>o<!>n<a>"),
            ("&& || & | |/ <@", "&<&&>&<||>o<&>o<|>o<|/>o<<@>"),
            (":: := :a :", "o<::>o<:=>:<:>n<a>o<:>"),
            ("(){},;?]", "(<(>)<)>{<{>}<}>,<,>;<;>?<?>?<]>"),
            ("== ^= %=", "o<=>o<=>o<^>o<=>o<%>o<=>"),
        ]);
    }

    #[test]
    fn comments() {
        check(&[
            ("--a\nb", "c<--a>n<b>"),
            ("a/**/b /* c */ /* d", "n<a>c</**/>n<b>c</* c */>c</* d>"),
            ("/*!*/ /*/**/ /*/", "X</*!*/>X</*/**/>c</*/>"),
            ("/* /* /*", "c</* /* /*>"),
            ("a#b", "n<a>o<#>x"),
        ]);
        for (input, tokens) in [
            ("--a", "o<->o<->n<a>"),
            ("-- a\nb", "c<-- a>n<b>"),
            ("--", "c<-->"),
            ("a#b\n#", "n<a>c<#b>c<#>"),
        ] {
            assert_eq!(scan(input.as_bytes(), Dialect::MySql, None), tokens, "{input}");
        }
    }

    #[test]
    fn blanks_and_foreign_bytes() {
        // DEL and most control bytes are blank between words and part of them within.
        assert_eq!(
            scan(b"a\0b\xa0c\x7fd\x01e \x01\xff", Dialect::Ansi, None),
            r"n<a>n<b>n<c\x7fd\x01e>n<\xff>"
        );
    }
}
