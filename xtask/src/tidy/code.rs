//! Rust source without what is not code: comments and the insides of strings become blanks.

/// Same length and same lines as the source, so positions stay true.
pub(crate) fn only(source: &str) -> String {
    let bytes = source.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => line_end(bytes, at),
            b'/' if bytes.get(at + 1) == Some(&b'*') => block_end(bytes, at),
            b'"' => string_end(bytes, at),
            b'r' if starts_word(bytes, at) => match raw_end(bytes, at) {
                Some(end) => end,
                None => {
                    at += 1;
                    continue;
                }
            },
            b'\'' => match char_end(bytes, at) {
                Some(end) => end,
                None => {
                    at += 1;
                    continue;
                }
            },
            _ => {
                at += 1;
                continue;
            }
        };
        for byte in &mut out[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end;
    }
    String::from_utf8(out).expect("whole literals and comments were blanked, byte by byte")
}

/// Raw strings may follow `b` or `c`, but `r` inside a longer name starts nothing.
fn starts_word(bytes: &[u8], at: usize) -> bool {
    let named = |b: u8| b == b'_' || b.is_ascii_alphanumeric();
    match at.checked_sub(1).map(|i| bytes[i]) {
        Some(b'b' | b'c') => at < 2 || !named(bytes[at - 2]),
        Some(b) => !named(b),
        None => true,
    }
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |n| at + n)
}

fn block_end(bytes: &[u8], at: usize) -> usize {
    let mut depth = 0usize;
    let mut i = at;
    while i + 1 < bytes.len() {
        match &bytes[i..i + 2] {
            b"/*" => {
                depth += 1;
                i += 2;
            }
            b"*/" => {
                depth -= 1;
                i += 2;
                if depth == 0 {
                    return i;
                }
            }
            _ => i += 1,
        }
    }
    bytes.len()
}

fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut i = at + 1;
    while i < bytes.len() {
        match bytes[i] {
            b'\\' => i += 2,
            b'"' => return i + 1,
            _ => i += 1,
        }
    }
    bytes.len()
}

fn raw_end(bytes: &[u8], at: usize) -> Option<usize> {
    let hashes = bytes[at + 1..].iter().take_while(|b| **b == b'#').count();
    let open = at + 1 + hashes;
    if bytes.get(open) != Some(&b'"') {
        return None;
    }
    let close = |i: &usize| {
        bytes[*i] == b'"' && bytes[i + 1..].iter().take(hashes).filter(|b| **b == b'#').count() == hashes
    };
    Some((open + 1..bytes.len()).find(close).map_or(bytes.len(), |i| i + 1 + hashes))
}

/// A character literal, or nothing when the quote starts a lifetime or label.
fn char_end(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at + 1)? {
        b'\\' => bytes[at + 3..].iter().position(|b| *b == b'\'').map(|n| at + 3 + n + 1),
        first => {
            let width = match first {
                0..=0x7f => 1,
                0x80..=0xdf => 2,
                0xe0..=0xef => 3,
                _ => 4,
            };
            (bytes.get(at + 1 + width) == Some(&b'\'')).then_some(at + 2 + width)
        }
    }
}

/// A name or a single mark, with the line it stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) text: &'a str,
    pub(crate) line: usize,
}

/// Names and marks of source that went through [`only`].
pub(crate) fn tokens(code: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut line = 1;
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let named = |c: char| c == '_' || c.is_alphanumeric();
        let length = if named(first) {
            rest.find(|c| !named(c)).unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        if !first.is_whitespace() {
            found.push(Token { text: &rest[..length], line });
        }
        line += usize::from(first == '\n');
        rest = &rest[length..];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{only, tokens};

    #[test]
    fn strings_and_comments_are_blanked_and_code_stays() {
        for (source, code) in [
            ("a // unsafe\nb", "a          \nb"),
            ("/* x /* y */ z */ f", "                  f"),
            (r#"f("\" // no", g)"#, r#"f(           , g)"#),
            ("r#\"a\"b\"# h", "          h"),
            ("br\"x\" h", "b     h"),
            ("'a' 'x: '\\'' 'é' 'static", "    'x:            'static"),
            ("for r in b\"'\" {}", "for r in b    {}"),
        ] {
            let got = only(source);
            assert_eq!(
                got.split_whitespace().collect::<Vec<_>>(),
                code.split_whitespace().collect::<Vec<_>>(),
                "{source}"
            );
            assert_eq!(got.lines().count(), source.lines().count(), "{source}");
        }
    }

    #[test]
    fn tokens_know_their_lines() {
        let got: Vec<_> = tokens("use a::b;\n  c").into_iter().map(|t| (t.text, t.line)).collect();
        assert_eq!(got, [("use", 1), ("a", 1), ("::", 1), ("b", 1), (";", 1), ("c", 2)]);
    }
}
