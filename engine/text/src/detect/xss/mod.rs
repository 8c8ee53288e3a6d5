//! Cross-site scripting: the answers of libinjection as libddwaf 2.1.0 has it.
//!
//! A value is read as HTML (`html`) in five ways: as text, as the inside of a tag, and as the
//! inside of an attribute's value in each kind of quotes. It is an attack if a tag, attribute,
//! link, style or comment occurs that can execute something.

mod handlers;
mod html;
mod link;
mod name;
mod style;
mod trusted_frame;

use crate::ByteSet;
use html::{Context, Html, Piece};
use name::Attribute;

/// The bytes of which at least one is in every value that [`is_xss`] finds: a tag starts with the
/// one, and the other stands between an attribute's name and value.
pub const TRIGGERS: ByteSet = ByteSet::of(b"<=");

/// Whether `value` looks like it would execute a script where HTML is expected; an empty value
/// never does.
///
/// Takes linear time and no memory.
///
/// ```
/// use bartizan_text::detect::xss::is_xss;
/// assert!(is_xss(b"<script>alert(1)</script>"));
/// assert!(is_xss(b"' onclick='alert(1)"));
/// assert!(!is_xss(b"a < b and <b>bold</b>"));
/// ```
#[must_use]
pub fn is_xss(value: &[u8]) -> bool {
    let has = |byte: u8| value.contains(&byte);
    // Without these bytes the readings that are left out show nothing.
    let marked_up = has(b'<');
    if !marked_up && !has(b'=') {
        return false;
    }
    marked_up && executes(value, Context::Text)
        || executes(value, Context::Tag)
        || [b'\'', b'"', b'`'].into_iter().any(|quote| has(quote) && executes(value, Context::Value(quote)))
}

/// Whether `value` would execute something in `context`.
fn executes(value: &[u8], context: Context) -> bool {
    let mut html = Html::new(value, context);
    let mut attribute = Attribute::Harmless;
    while let Some(piece) = html.next() {
        match piece {
            Piece::Doctype => return true,
            Piece::Tag { name, onward } => {
                if name::is_banned_tag(name, onward) {
                    return true;
                }
            }
            Piece::Attribute(name) => attribute = name::attribute(name),
            Piece::Value(text) => {
                let found = match attribute {
                    Attribute::Harmless => false,
                    Attribute::Banned => true,
                    Attribute::Link => link::is_executable(text),
                    Attribute::Style => style::is_executable(text),
                    Attribute::Naming => name::attribute(text) != Attribute::Harmless,
                };
                if found {
                    return true;
                }
                attribute = Attribute::Harmless;
            }
            Piece::Comment(text) => {
                if is_executable_comment(text) {
                    return true;
                }
            }
        }
    }
    false
}

/// Whether old browsers act on a comment: `<!--[if ...`, `<?xml ...`, `<?import ...`, `<!ENTITY ...`.
fn is_executable_comment(text: &[u8]) -> bool {
    let starts = |word: &[u8]| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    (text.len() > 3 && (starts(b"[if") || starts(b"xml"))) || starts(b"import") || starts(b"entity")
}

#[cfg(test)]
mod tests;
