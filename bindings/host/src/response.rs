//! Block actions to responses.

use crate::document::{Members, list, string};
use crate::settings::Settings;
use crate::url::split;
use alloc::vec::Vec;
use bartizan_object::{Object, View};

/// Where the id of the block stands in templates and in locations.
const ID: &[u8] = b"[security_response_id]";

pub(crate) const JSON: &[u8] = br#"{"error":"request blocked","detail":"This request was refused by a security rule. If you think that this is a mistake, tell the operator the id below.","security_response_id":"[security_response_id]"}"#;

pub(crate) const HTML: &[u8] = br#"<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Request blocked</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem;color:#222}code{color:#666}</style></head>
<body><h1>Request blocked</h1><p>This request was refused by a security rule. If you think that this is a mistake, tell the operator the id below.</p><p><code>[security_response_id]</code></p></body></html>
"#;

const UNAVAILABLE: &[u8] =
    br#"{"error":"service unavailable","detail":"The request could not be checked, and is refused."}"#;

/// How a request is refused.
pub(crate) struct Refusal {
    status: u16,
    location: Option<Vec<u8>>,
    html: bool,
    id: Vec<u8>,
}

impl Refusal {
    /// What the actions of a result ask for; nothing when none of them refuses.
    pub(crate) fn of(actions: &Object, accept: &[u8]) -> Option<Self> {
        let redirect = actions.get(b"redirect_request");
        let (action, redirects) = match redirect {
            Some(action) => (action, true),
            None => (actions.get(b"block_request")?, false),
        };
        let id = action.get(b"security_response_id").and_then(Object::as_bytes).unwrap_or_default().to_vec();
        let status = action.get(b"status_code").and_then(number);
        let location = action.get(b"location").and_then(Object::as_bytes).filter(|_| redirects);
        if let Some(location) = location.filter(|location| !location.is_empty()) {
            let mut location = filled(location, &id);
            // Whatever a rule says, a header has one line.
            location.retain(|byte| !byte.is_ascii_control());
            let status = status.filter(|status| (300..400).contains(status)).unwrap_or(303);
            return Some(Self { status, location: Some(location), html: false, id });
        }
        let html = match action.get(b"type").and_then(Object::as_bytes) {
            Some(b"html") => true,
            Some(b"json") => false,
            _ => prefers_html(accept),
        };
        let status = status.filter(|status| (200..600).contains(status)).unwrap_or(403);
        Some(Self { status, location: None, html, id })
    }

    /// `{"status":403,"headers":[["name","value"]],"body":"text"}`.
    pub(crate) fn write(&self, settings: &Settings, out: &mut Vec<u8>) {
        if let Some(location) = &self.location {
            return write(self.status, &[(b"location", location)], b"", out);
        }
        let (template, kind): (_, &[u8]) = if self.html {
            (&settings.html_template, b"text/html; charset=utf-8")
        } else {
            (&settings.json_template, b"application/json")
        };
        write(self.status, &[(b"content-type", kind)], &filled(template, &self.id), out);
    }
}

/// The response where requests are refused because they could not be checked.
pub(crate) fn write_failure(out: &mut Vec<u8>) {
    write(503, &[(b"content-type", b"application/json")], UNAVAILABLE, out);
}

fn write(status: u16, headers: &[(&[u8], &[u8])], body: &[u8], out: &mut Vec<u8>) {
    let mut members = Members::new(out);
    members.number(b"status", status.into());
    // A refusal is nobody else's, and not for long.
    let headers = headers.iter().copied().chain([(&b"cache-control"[..], &b"no-store"[..])]);
    list(headers, members.key(b"headers"), |(name, value), out| list([name, value], out, string));
    members.text(b"body", body);
    members.end();
}

fn number(value: &Object) -> Option<u16> {
    match value.view() {
        View::Unsigned(number) => u16::try_from(number).ok(),
        View::Signed(number) => u16::try_from(number).ok(),
        View::String(text) => core::str::from_utf8(text).ok()?.parse().ok(),
        _ => None,
    }
}

fn filled(template: &[u8], id: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(template.len() + 2 * id.len());
    let mut rest = template;
    while let Some(at) = memchr::memmem::find(rest, ID) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(id);
        rest = &rest[at + ID.len()..];
    }
    out.extend_from_slice(rest);
    out
}

/// Whether the header Accept prefers a page to JSON: by quality, then by what is named first. Those who name
/// neither are programs.
fn prefers_html(accept: &[u8]) -> bool {
    let (mut html, mut json) = (0, 0);
    let mut html_first = false;
    for range in accept.split(|byte| *byte == b',') {
        let (media, parameters) = split(range, b';');
        let media = media.trim_ascii();
        let named = |names: &[&str]| names.iter().any(|name| media.eq_ignore_ascii_case(name.as_bytes()));
        if named(&["text/html", "application/xhtml+xml", "text/*"]) {
            html_first |= json == 0;
            html = html.max(quality(parameters));
        } else if named(&["application/json", "application/*"]) || media.ends_with(b"+json") {
            json = json.max(quality(parameters));
        }
    }
    html > json || html == json && html > 0 && html_first
}

/// The parameter `q` in thousandths.
fn quality(parameters: &[u8]) -> u32 {
    let given = parameters.split(|byte| *byte == b';').find_map(|parameter| {
        let (name, value) = split(parameter.trim_ascii(), b'=');
        name.trim_ascii().eq_ignore_ascii_case(b"q").then_some(value.trim_ascii())
    });
    let Some(text) = given else { return 1000 };
    let (whole, fraction) = split(text, b'.');
    if whole == b"1" {
        return 1000;
    }
    let digits = fraction.iter().chain(b"000").take(3);
    digits.fold(0, |sum, digit| sum * 10 + char::from(*digit).to_digit(10).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use bartizan_object::{AllocRef, json};

    fn answer(actions: &str, accept: &str) -> Option<String> {
        let actions = json::parse(actions.as_bytes(), AllocRef::global()).unwrap();
        let (settings, _) = Settings::read(b"{\"html_template\":\"<[security_response_id]>\"}").unwrap();
        let mut out = Vec::new();
        Refusal::of(&actions, accept.as_bytes())?.write(&settings, &mut out);
        Some(String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_block_is_json_or_a_page() {
        let auto = r#"{"block_request":{"status_code":403,"type":"auto","security_response_id":"7"}}"#;
        let page = answer(auto, "text/html,application/xhtml+xml,*/*;q=0.8").unwrap();
        assert_eq!(
            page,
            r#"{"status":403,"headers":[["content-type","text/html; charset=utf-8"],["cache-control","no-store"]],"body":"<7>"}"#
        );
        assert!(answer(auto, "*/*").unwrap().contains(r#"\"security_response_id\":\"7\""#));
        let json = r#"{"block_request":{"status_code":"451","type":"json"}}"#;
        assert!(
            answer(json, "text/html")
                .unwrap()
                .starts_with(r#"{"status":451,"headers":[["content-type","application/json"]"#)
        );
        assert!(
            answer(r#"{"block_request":{"status_code":7}}"#, "").unwrap().starts_with(r#"{"status":403"#)
        );
        assert_eq!(answer(r#"{"generate_stack":{}}"#, ""), None);
    }

    #[test]
    fn a_redirect_has_a_place_to_go() {
        let to = r#"{"redirect_request":{"status_code":302,"location":"/x\r\n?i=[security_response_id]","security_response_id":"9"}}"#;
        assert!(answer(to, "").unwrap().starts_with(r#"{"status":302,"headers":[["location","/x?i=9"]"#));
        let odd = r#"{"redirect_request":{"status_code":200,"location":"/x"}}"#;
        assert!(answer(odd, "").unwrap().starts_with(r#"{"status":303"#));
    }

    #[test]
    fn accept_decides() {
        for (accept, html) in [
            ("", false),
            ("*/*", false),
            ("text/html", true),
            ("application/json, text/html", false),
            ("text/html, application/json", true),
            ("text/html;q=0.5, application/json;q=0.6", false),
            ("text/html;q=0.75, application/json;q=0.7", true),
            ("text/html;q=0", false),
            ("application/problem+json, text/html;q=0.9", false),
        ] {
            assert_eq!(prefers_html(accept.as_bytes()), html, "{accept}");
        }
    }
}
