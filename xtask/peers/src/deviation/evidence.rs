//! What deviations rest on, worked out from rules and strings.

use crate::value::{Form, Text, Value};
use bartizan_text::transform::Transformer;
use std::net::Ipv4Addr;
use std::ops::Range;

/// A string after its chain, by our transformers.
pub(crate) fn transformed(chain: &[String], text: &[u8]) -> Vec<u8> {
    through(chain, text, &mut |_, _, _| {})
}

/// The deviation by which a chain makes something else of a string, if there is one.
pub(crate) fn chain_differs(chain: &[String], text: &[u8]) -> Option<&'static str> {
    let mut cause = None;
    let theirs = through(chain, text, &mut |transformer, input, output| {
        let name = match transformer {
            Transformer::Base64Encode => "base64_encode uses the right alphabet",
            Transformer::RemoveComments => "remove_comments ends where the line ends",
            _ => return,
        };
        let theirs = theirs(transformer, input);
        if theirs != *output {
            cause.get_or_insert(name);
            *output = theirs;
        }
    });
    cause.filter(|_| theirs != transformed(chain, text))
}

/// Applies a chain; `adjust` sees the input and may change the output of each transformer.
fn through(
    chain: &[String],
    text: &[u8],
    adjust: &mut impl FnMut(Transformer, &[u8], &mut Vec<u8>),
) -> Vec<u8> {
    let mut value = text.to_vec();
    for transformer in chain.iter().filter_map(|name| Transformer::from_name(name.as_bytes())) {
        let mut output = Vec::new();
        if !value.is_empty() && transformer.apply(&value, &mut output) {
            adjust(transformer, &value, &mut output);
            value = output;
        }
    }
    value
}

/// What the genuine transformer makes of an input that it changes.
fn theirs(transformer: Transformer, input: &[u8]) -> Vec<u8> {
    let mut output = Vec::new();
    if transformer == Transformer::Base64Encode {
        transformer.apply(input, &mut output);
        output.iter_mut().filter(|b| **b == b'/').for_each(|b| *b = b'-');
        return output;
    }
    // Comments take the rest where no line ends: so another byte stands for the ends of lines.
    let stand_ins: Vec<u8> = (128..=255u8).filter(|b| !input.contains(b)).take(2).collect();
    let [feed, carriage] = stand_ins[..] else { return input.to_vec() };
    let swap = |bytes: &mut [u8], pairs: [(u8, u8); 2]| {
        for byte in bytes {
            if let Some((_, to)) = pairs.iter().find(|(from, _)| from == byte) {
                *byte = *to;
            }
        }
    };
    let mut joined = input.to_vec();
    swap(&mut joined, [(b'\n', feed), (b'\r', carriage)]);
    transformer.apply(&joined, &mut output);
    swap(&mut output, [(feed, b'\n'), (carriage, b'\r')]);
    output
}

/// Whether a phrase stands between boundaries.
pub(crate) fn is_bounded(text: &[u8], range: &Range<usize>) -> bool {
    let boundary = |at: usize| text.get(at).is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
    let before = range.start.checked_sub(1).is_none_or(boundary);
    (before || boundary(range.start)) && (boundary(range.end - 1) || boundary(range.end))
}

/// Whether a string lies on the heap, where the genuine `hidden_ascii_match` looks; `given` ones are stored
/// by the library.
pub(crate) fn is_heap(text: &Text, given: bool) -> bool {
    match text.form {
        Form::Heap if !given => true,
        Form::Natural | Form::Heap => text.bytes.len() > 14,
        Form::Literal => false,
    }
}

/// Whether there are tag characters, U+E0000 to U+E007F.
pub(crate) fn has_tags(text: &[u8]) -> bool {
    text.windows(3).any(|w| w[0] == 0xf3 && w[1] == 0xa0 && matches!(w[2], 0x80 | 0x81))
}

const DOMAINS: [&str; 8] = [
    "metadata.google",
    "burpcollaborator.net",
    ".local",
    ".internal",
    "ram.aliyuncs.com",
    "ifconfig.pro",
    "localhost",
    "localtest.me",
];

/// Whether a URL's host has a form that only we see through, or ends like a domain amid a label.
pub(crate) fn has_odd_host(url: &[u8], condition: &Value) -> bool {
    let url = String::from_utf8_lossy(url);
    let Some((_, rest)) = url.split_once("//") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    if let Some(inner) = host.strip_prefix('[') {
        return inner.contains('.');
    }
    let host = host.split(':').next().unwrap_or_default();
    let labels = host.trim_end_matches('.').split('.');
    let numeric = !host.is_empty()
        && labels.clone().all(|label| {
            label.starts_with(|c: char| c.is_ascii_digit())
                && label.chars().all(|c| c.is_ascii_hexdigit() || "xX".contains(c))
        });
    let odd_number = numeric && host.parse::<Ipv4Addr>().is_err();
    let configured = condition.get("parameters").and_then(|p| p.get("policy"));
    let configured = configured.and_then(|p| p.get("forbidden-domains")).map(Value::items);
    let configured: Option<Vec<String>> = configured.map(|list| list.iter().map(Value::shown).collect());
    let domains = configured.unwrap_or_else(|| DOMAINS.map(str::to_owned).to_vec());
    let amid = domains.iter().any(|domain| {
        let before = host.strip_suffix(domain.as_str());
        !domain.starts_with('.') && before.is_some_and(|b| !b.is_empty() && !b.ends_with('.'))
    });
    host.contains(|c: char| c.is_ascii_uppercase()) || host.ends_with('.') || odd_number || amid
}

#[cfg(test)]
mod tests {
    use super::{chain_differs, has_odd_host, transformed};
    use crate::value::Value;

    #[test]
    fn chains_differ_only_for_a_cause() {
        let chain = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        for (names, text, differs) in [
            (&["base64_encode"][..], &b"\xff\xff\xff"[..], true),
            (&["base64Encode", "lowercase"], b"abc", false),
            (&["remove_comments"], b"a # b\nc", true),
            (&["remove_comments"], b"a # b", false),
            (&["remove_comments"], b"a /* b\n */ c", false),
            (&["url_decode", "removeComments"], b"a --%0ab", true),
            (&["lowercase"], b"\xff # \n x", false),
        ] {
            assert_eq!(chain_differs(&chain(names), text).is_some(), differs, "{names:?}");
        }
        assert_eq!(transformed(&chain(&["remove_comments"]), b"a # b\nc"), b"a \nc");
    }

    #[test]
    fn hosts_that_only_we_see_through() {
        for (url, odd) in [
            ("http://LOCALHOST/", true),
            ("http://a@localhost./x", true),
            ("//2130706433", true),
            ("http://0x7f.1:80/", true),
            ("http://[::ffff:127.0.0.1]/", true),
            ("http://evillocalhost", true),
            ("http://localhost/", false),
            ("http://127.0.0.1/", false),
            ("http://[::1]/A", false),
            ("http://a.localhost:80/", false),
            ("x", false),
        ] {
            assert_eq!(has_odd_host(url.as_bytes(), &Value::Null), odd, "{url}");
        }
    }
}
