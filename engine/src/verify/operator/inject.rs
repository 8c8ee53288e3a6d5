//! `is_sqli`, `is_xss`: the value reads as an injection by itself.

use super::Highlight;
use bartizan_text::detect;

pub(super) fn sqli(value: &[u8]) -> Option<Highlight> {
    detect::sqli::is_sqli(value).map(|fingerprint| Highlight::Text(fingerprint.as_bytes().into()))
}

pub(super) fn xss(value: &[u8]) -> Option<Highlight> {
    detect::xss::is_xss(value).then_some(Highlight::Empty)
}
