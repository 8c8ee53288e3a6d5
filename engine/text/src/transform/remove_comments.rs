//! `remove_comments`: takes out `<!-- -->` and `/* */`, and `--`, `#`, `//` up to the line's end.

use super::find::{find, find_pair};
use crate::ByteSet;
use alloc::vec::Vec;

pub(super) const TRIGGERS: ByteSet = ByteSet::of(b"#-/");

pub(super) fn apply(input: &[u8], output: &mut Vec<u8>) -> bool {
    let mut rest = input;
    let mut changed = false;
    while let Some((start, comment)) = next_comment(rest) {
        output.extend_from_slice(&rest[..start]);
        rest = &rest[start + comment.mark().len()..];
        rest = &rest[comment.len(rest)..];
        changed = true;
    }
    if changed {
        output.extend_from_slice(rest);
    }
    changed
}

enum Comment {
    /// `<!-- -->`
    Markup,
    /// `/* */`
    Block,
    /// `--`, `#`, `//`
    Line(&'static [u8]),
}

impl Comment {
    const fn mark(&self) -> &'static [u8] {
        match self {
            Self::Markup => b"<!--",
            Self::Block => b"/*",
            Self::Line(mark) => mark,
        }
    }

    /// How much of `rest`, the text after the mark, belongs to the comment. What never ends takes all.
    fn len(&self, rest: &[u8]) -> usize {
        let end = match self {
            Self::Markup => end_of_markup(rest),
            Self::Block => find_pair(rest, |a, b| a == b'*' && b == b'/').map(|at| at + 2),
            Self::Line(_) => find(rest, |byte| byte == b'\n' || byte == b'\r'),
        };
        end.unwrap_or(rest.len())
    }
}

fn end_of_markup(rest: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += find_pair(&rest[at..], |a, b| a == b'-' && b == b'>')?;
        if rest[..at].ends_with(b"-") {
            return Some(at + 2);
        }
        at += 2;
    }
}

fn next_comment(input: &[u8]) -> Option<(usize, Comment)> {
    let mut at = 0;
    loop {
        let may_start = |a, b| {
            (a == b'#')
                | ((a == b'-') & (b == b'-'))
                | ((a == b'/') & ((b == b'*') | (b == b'/')))
                | ((a == b'<') & (b == b'!'))
        };
        match find_pair(&input[at..], may_start) {
            Some(offset) => at += offset,
            // The one mark that needs no second byte.
            None if input[at..].ends_with(b"#") => at = input.len() - 1,
            None => return None,
        }
        let comment = match &input[at..] {
            [b'<', b'!', b'-', b'-', ..] => Comment::Markup,
            [b'/', b'*', ..] => Comment::Block,
            [b'/', b'/', ..] => Comment::Line(b"//"),
            [b'-', b'-', ..] => Comment::Line(b"--"),
            [b'#', ..] => Comment::Line(b"#"),
            _ => {
                at += 1;
                continue;
            }
        };
        return Some((at, comment));
    }
}

#[cfg(test)]
mod tests {
    use crate::transform::{Transformer, tests::check};

    #[test]
    fn comments() {
        check(
            Transformer::RemoveComments,
            &[
                (b"a - b / c * d < e <!- f *> -> g", None),
                (b"un/**/ion/*x*/ all", Some(b"union all")),
                (b"a<!--b-->c<!---->d", Some(b"acd")),
                (b"a<!-->b", Some(b"a")),
                (b"a<!-- - -- --->b", Some(b"ab")),
                (b"a/*/b", Some(b"a")),
                (b"a/***/b", Some(b"ab")),
                (b"/*", Some(b"")),
                (b"a#b", Some(b"a")),
                (b"http://x", Some(b"http:")),
                (b"a--b/*", Some(b"a")),
                (b"a-->b", Some(b"a")),
            ],
        );
    }

    /// libddwaf drops all that follows a line comment; here the next line counts again.
    #[test]
    fn a_line_comment_ends_with_its_line() {
        check(
            Transformer::RemoveComments,
            &[
                (b"a--b\nc", Some(b"a\nc")),
                (b"a#b\r\nc//d\re", Some(b"a\r\nc\re")),
                (b"#\n#\n/*\n*/x", Some(b"\n\nx")),
                (b"--/*\n*/", Some(b"\n*/")),
            ],
        );
    }
}
