//! Ways to write a value so that it means the same to whoever decodes it and looks different to who does not.

use bartizan_text::transform::Transformer;
use serde_json::{Value as Json, json};

/// A way to write a value otherwise.
pub(super) struct Disguise {
    /// For people.
    pub(super) name: &'static str,
    apply: fn(&str) -> Json,
    /// Whether what comes of a single word may still be taken for it by people and tolerant programs.
    pub(super) keeps_word: bool,
    /// Chains of transformers that may see through it, the likeliest first.
    pub(super) seen_by: &'static [&'static [&'static str]],
}

const fn disguise(
    name: &'static str,
    apply: fn(&str) -> Json,
    seen_by: &'static [&'static [&'static str]],
) -> Disguise {
    Disguise { name, apply, keeps_word: false, seen_by }
}

const fn of_words(
    name: &'static str,
    apply: fn(&str) -> Json,
    seen_by: &'static [&'static [&'static str]],
) -> Disguise {
    Disguise { keeps_word: true, ..disguise(name, apply, seen_by) }
}

impl Disguise {
    /// The value in disguise; nothing where that changes nothing.
    pub(super) fn of(&self, text: &str) -> Option<Json> {
        let disguised = (self.apply)(text);
        (disguised.as_str() != Some(text)).then_some(disguised)
    }
}

/// All of them. Those whose value is no text split or move it.
pub(super) const DISGUISES: [Disguise; 27] = [
    of_words("letter case", |t| case(t).into(), &[&["lowercase"]]),
    disguise("url encoding", |t| url(t).into(), &[&["url_decode"], &["url_decode_iis"]]),
    disguise(
        "url encoding of every byte",
        |t| percent(t, |_| true).into(),
        &[&["url_decode"], &["url_decode_iis"]],
    ),
    disguise(
        "url encoding twice",
        |t| url(&url(t)).into(),
        &[&["url_decode_iis"], &["url_decode", "url_decode"]],
    ),
    disguise("+ for a space", |t| t.replace(' ', "+").into(), &[&["url_decode"]]),
    disguise("%u escapes", |t| each(t, |c| format!("%u{:04x}", u32::from(c))).into(), &[&["url_decode_iis"]]),
    disguise("base64", |t| base64(t).into(), &[&["base64_decode"]]),
    disguise(
        "base64 for URLs",
        |t| base64(t).replace('+', "-").replace('/', "_").trim_end_matches('=').into(),
        &[&["base64url_decode"]],
    ),
    disguise(
        "character references, decimal",
        |t| each(t, |c| format!("&#{};", u32::from(c))).into(),
        &[&["html_entity_decode"]],
    ),
    disguise(
        "character references, hexadecimal",
        |t| each(t, |c| format!("&#x{:x};", u32::from(c))).into(),
        &[&["html_entity_decode"]],
    ),
    disguise(
        "named character references",
        |t| t.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").into(),
        &[&["html_entity_decode"]],
    ),
    disguise("script escapes", |t| each(t, |c| format!("\\x{:02x}", u32::from(c))).into(), &[&["js_decode"]]),
    disguise(
        "script escapes, unicode",
        |t| each(t, |c| format!("\\u{:04x}", u32::from(c))).into(),
        &[&["js_decode"]],
    ),
    disguise(
        "style sheet escapes",
        |t| each(t, |c| format!("\\{:06x}", u32::from(c))).into(),
        &[&["css_decode"]],
    ),
    disguise("more spaces", |t| t.replace(' ', "   ").into(), &[&["compress_whitespace"]]),
    disguise("tabs for spaces", |t| t.replace(' ', "\t").into(), &[&["shell_unescape"]]),
    disguise("line feeds for spaces", |t| t.replace(' ', "\n").into(), &[&["shell_unescape"]]),
    disguise("comments for spaces", |t| t.replace(' ', "/**/").into(), &[&["remove_comments"]]),
    disguise("comments in words", |t| inside(t, "/**/").into(), &[&["remove_comments"]]),
    of_words("NUL bytes in words", |t| inside(t, "\0").into(), &[&["remove_nulls"]]),
    disguise("quotes in words", |t| inside(t, "''").into(), &[&["shell_unescape"]]),
    disguise("backslashes in words", |t| inside(t, "\\").into(), &[&["shell_unescape"]]),
    of_words("wide letters", |t| wide(t).into(), &[&["unicode_normalize"]]),
    of_words("accents", |t| accented(t).into(), &[&["unicode_normalize"]]),
    disguise("detours in paths", |t| t.replace('/', "/x/.././").into(), &[&["normalize_path"]]),
    disguise("backslashes in paths", |t| t.replace('/', "\\").into(), &[&["normalize_path_win"]]),
    disguise("split over two values", split, &[]),
];

/// A value that a chain of transformers turns into `text`, more or less: encoded where the chain would decode it.
pub(super) fn undone(transformers: &[String], text: &str) -> String {
    let mut text = text.to_owned();
    for name in transformers.iter().rev() {
        let Some(transformer) = Transformer::from_name(name.as_bytes()) else { continue };
        text = match transformer {
            Transformer::Base64Decode => base64(&text),
            Transformer::Base64UrlDecode => base64(&text).replace('+', "-").replace('/', "_"),
            Transformer::UrlBasename => format!("/x/{text}"),
            Transformer::UrlQuerystring => format!("/x?{text}"),
            Transformer::UrlDecode | Transformer::UrlDecodeIis if text.contains(['%', '+']) => url(&text),
            Transformer::HtmlEntityDecode if text.contains('&') => text.replace('&', "&amp;"),
            Transformer::JsDecode | Transformer::CssDecode | Transformer::ShellUnescape
                if text.contains('\\') =>
            {
                text.replace('\\', "\\\\")
            }
            Transformer::Base64Encode => unencoded(&text).unwrap_or(text),
            _ => text,
        };
    }
    text
}

fn unencoded(text: &str) -> Option<String> {
    let mut out = Vec::new();
    Transformer::Base64Decode.apply(text.as_bytes(), &mut out).then(|| String::from_utf8(out).ok())?
}

fn base64(text: &str) -> String {
    let mut out = Vec::new();
    let is_changed = Transformer::Base64Encode.apply(text.as_bytes(), &mut out);
    if is_changed { String::from_utf8_lossy(&out).into_owned() } else { text.to_owned() }
}

fn each(text: &str, write: impl Fn(char) -> String) -> String {
    text.chars().map(|c| if u32::from(c) < 0x80 { write(c) } else { c.to_string() }).collect()
}

fn url(text: &str) -> String {
    percent(text, |byte| !byte.is_ascii_alphanumeric() && !b"-_.~".contains(&byte))
}

fn percent(text: &str, is_escaped: impl Fn(u8) -> bool) -> String {
    let write = |byte| match byte {
        byte if is_escaped(byte) || byte >= 0x80 => format!("%{byte:02X}"),
        byte => char::from(byte).to_string(),
    };
    text.bytes().map(write).collect()
}

fn case(text: &str) -> String {
    let other = |(at, c): (usize, char)| match c {
        c if at % 2 == 0 && c.is_ascii_lowercase() => c.to_ascii_uppercase(),
        c if at % 2 == 0 && c.is_ascii_uppercase() => c.to_ascii_lowercase(),
        c => c,
    };
    text.chars().enumerate().map(other).collect()
}

/// Something after the first letter of each word that is long enough.
fn inside(text: &str, what: &str) -> String {
    let mut out = String::new();
    let mut letters = 0;
    for (at, c) in text.char_indices() {
        letters = if c.is_ascii_alphabetic() { letters + 1 } else { 0 };
        let is_long = text[at..].chars().take(3).filter(char::is_ascii_alphabetic).count() == 3;
        out.push(c);
        if letters == 1 && is_long {
            out.push_str(what);
        }
    }
    out
}

fn wide(text: &str) -> String {
    let wide = |c: char| match c {
        '!'..='~' => char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c),
        c => c,
    };
    text.chars().map(wide).collect()
}

fn accented(text: &str) -> String {
    const PLAIN: [(char, char); 8] =
        [('a', 'á'), ('e', 'é'), ('i', 'í'), ('o', 'ó'), ('u', 'ú'), ('n', 'ñ'), ('c', 'ç'), ('s', 'ş')];
    let accent = |c: char| PLAIN.iter().find(|(plain, _)| *plain == c).map_or(c, |(_, accented)| *accented);
    text.chars().map(accent).collect()
}

fn split(text: &str) -> Json {
    let half = text.chars().count() / 2;
    let (first, second): (String, String) =
        (text.chars().take(half).collect(), text.chars().skip(half).collect());
    if half == 0 { text.into() } else { json!([first, second]) }
}

#[cfg(test)]
mod tests {
    use super::{DISGUISES, undone};
    use bartizan_text::transform::Transformer;

    fn through(chain: &[&str], text: &str) -> String {
        let mut value = text.as_bytes().to_vec();
        for name in chain {
            let mut out = Vec::new();
            if Transformer::from_name(name.as_bytes()).expect("a name").apply(&value, &mut out) {
                value = out;
            }
        }
        String::from_utf8(value).expect("text")
    }

    #[test]
    fn disguises_are_seen_through_by_what_they_name() {
        let plain = "union select <b>&\"c\" from/etc/passwd";
        for disguise in &DISGUISES {
            let disguised = disguise.of(plain).expect("another value");
            for chain in disguise.seen_by {
                let seen = through(chain, disguised.as_str().expect("text"));
                let squeezed = |text: &str| text.split_whitespace().collect::<String>().to_lowercase();
                assert!(
                    seen == plain || squeezed(&seen).contains(&squeezed("union select")),
                    "{}: {chain:?} makes {seen:?} of {disguised}",
                    disguise.name
                );
            }
        }
        assert!(
            DISGUISES.iter().all(|disguise| disguise.of("~").is_none() || disguise.name != "letter case")
        );
    }

    #[test]
    fn chains_are_undone() {
        let cases = [
            (&["base64_decode"][..], "a+b %20 c"),
            (&["url_decode", "base64_decode"], "a+b %20 c"),
            (&["url_querystring"], "a+b %20 c"),
            (&["html_entity_decode"], "a&lt;b"),
            (&["js_decode"], r"a b"),
            // Nothing that decodes to the end leaves anything encoded.
            (&["urlDecodeUni"], "a/b c"),
        ];
        for (chain, text) in cases {
            let names: Vec<String> = chain.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(through(chain, &undone(&names, text)), text, "{chain:?}");
        }
    }
}
