//! The one frame that is no attack: a video of YouTube's.

const TRUSTED: &[u8] = b"https://www.youtube.com/";

/// Whether the tag at whose name `onward` starts has a ` src="..."` with a trusted link.
///
/// Looks at the first attribute of that name that has a double quote directly behind its `=`.
/// What is in quotes or behind a backslash is passed over, and so are four bytes behind each
/// space that do not name it.
pub(super) fn is_trusted(onward: &[u8]) -> bool {
    let Some(end) = onward.iter().position(|&b| b == b'>') else { return false };
    let tag = &onward[..end];
    let mut at = 1;
    while at < tag.len() {
        match tag[at] {
            b'\\' => at += 1,
            quote @ (b'\'' | b'"') => at = end_of_quotes(tag, at + 1, quote),
            b' ' => {
                at += tag[at..].iter().position(|&b| b != b' ').unwrap_or(tag.len() - at);
                match &tag[at..] {
                    [_, _, _, _, _] | [_, _, _, _] | [_, _, _] | [_, _] | [_] | [] => {}
                    [s, r, c, b'=', b'"', link @ ..] if is_src([*s, *r, *c]) => {
                        return link.len() > TRUSTED.len() && link.starts_with(TRUSTED);
                    }
                    [s, r, c, b'=', ..] if is_src([*s, *r, *c]) => at += 5,
                    [s, r, c, ..] if is_src([*s, *r, *c]) => at += 4,
                    _ => at += 3,
                }
            }
            _ => {}
        }
        at += 1;
    }
    false
}

fn is_src(name: [u8; 3]) -> bool {
    name.eq_ignore_ascii_case(b"src")
}

/// Where the `quote` stands that is not behind a backslash, from `at` on; or the end.
fn end_of_quotes(tag: &[u8], mut at: usize, quote: u8) -> usize {
    while let Some(&byte) = tag.get(at) {
        match byte {
            b'\\' => at += 2,
            _ if byte == quote => return at,
            _ => at += 1,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::is_trusted;

    #[test]
    fn a_trusted_link_in_plain_sight() {
        for (tag, trusted) in [
            (r#"iframe src="https://www.youtube.com/embed/x">"#, true),
            (r#"iframe width='1'   SRC="https://www.youtube.com/x" height=1>"#, true),
            (r#"iframe src="https://www.youtube.com/">"#, true),
            (r#"iframe src="https://www.youtube.com/>"#, false),
            (r#"iframe src="https://www.youtube.com/x"#, false),
            (r#"iframe src="https://www.youtube.com.example/">"#, false),
            (r#"iframe src='https://www.youtube.com/x'>"#, false),
            (r#"iframe src=https://www.youtube.com/x>"#, false),
            (r#"iframe/src="https://www.youtube.com/x">"#, false),
            (r#"iframe src="x" src="https://www.youtube.com/x">"#, false),
            (r#"iframe src='x' src="https://www.youtube.com/x">"#, false),
            (r#"iframe name='x' src="https://www.youtube.com/x">"#, true),
            (r#"iframe a=' src="https://www.youtube.com/x"'>"#, false),
            (r#"iframe a='\' src="https://www.youtube.com/x"'>"#, false),
            (r#"iframe a\ src="https://www.youtube.com/x">"#, false),
            // The fourth byte behind a space is passed over, here a space and a quote.
            (r#"iframe abc src="https://www.youtube.com/x">"#, false),
            (r#"iframe abc" src="https://www.youtube.com/x">"#, true),
            (r#"iframe src=>"#, false),
            ("iframe     >", false),
            ("", false),
        ] {
            assert_eq!(is_trusted(tag.as_bytes()), trusted, "{tag}");
        }
    }
}
