//! Styles that execute script or load from elsewhere.

/// What such styles contain, comments removed.
const WORDS: [&[u8]; 3] = [b"javascript", b"expression", b"url"];

/// Whether `style` contains such a word, in lower case and before any NUL.
///
/// A comment ends at `*/`, and also at a colon, so that none can hide a property.
pub(super) fn is_executable(style: &[u8]) -> bool {
    let mut recent = Recent(0);
    let mut in_comment = false;
    let mut at = 0;
    while at < style.len() {
        if style[at..].starts_with(b"/*") {
            in_comment = true;
            at += 1;
        }
        let ends_comment = style[at..].starts_with(b"*/");
        if ends_comment {
            in_comment = false;
            at += 1;
        }
        let byte = style[at];
        at += 1;
        in_comment &= byte != b':';
        if in_comment || ends_comment {
            continue;
        }
        if byte == 0 {
            return false;
        }
        recent.push(byte);
        if WORDS.iter().any(|word| recent.ends_with(word)) {
            return true;
        }
    }
    false
}

/// The last 16 bytes of a text.
struct Recent(u128);

impl Recent {
    fn push(&mut self, byte: u8) {
        self.0 = self.0 << 8 | u128::from(byte);
    }

    /// Whether the text ends with `word`, at most 16 bytes.
    fn ends_with(&self, word: &[u8]) -> bool {
        self.0.to_be_bytes().ends_with(word)
    }
}

#[cfg(test)]
mod tests {
    use super::is_executable;

    #[test]
    fn words_count_outside_comments() {
        for (style, executes) in [
            ("width: expression(1)", true),
            ("background: url(x)", true),
            ("x:javascript", true),
            ("expreexpression", true),
            ("ex/**/pression", true),
            ("ex/* x */pre/* */ssion", true),
            ("/* url */", false),
            ("/* : url */", true),
            ("/*/url", true),
            ("/* url", false),
            ("ur/*x:l", false),
            ("URL(x)", false),
            ("a\0url", false),
            ("u\0rl", false),
            ("color: red", false),
            ("ur", false),
            ("", false),
            ("/", false),
            ("/*", false),
            ("*/url", true),
        ] {
            assert_eq!(is_executable(style.as_bytes()), executes, "{style:?}");
        }
    }
}
