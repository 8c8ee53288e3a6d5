//! Transformer chains, and values that become what is wanted when they have gone through.

use super::Draft;
use crate::random::Random;

/// Every transformer by its name and its former one.
const TRANSFORMERS: [(&str, &str); 19] = [
    ("lowercase", "lowercase"),
    ("remove_nulls", "removeNulls"),
    ("compress_whitespace", "compressWhiteSpace"),
    ("normalize_path", "normalizePath"),
    ("normalize_path_win", "normalizePathWin"),
    ("url_decode", "urlDecode"),
    ("url_decode_iis", "urlDecodeUni"),
    ("css_decode", "cssDecode"),
    ("js_decode", "jsDecode"),
    ("html_entity_decode", "htmlEntityDecode"),
    ("base64_decode", "base64Decode"),
    ("base64url_decode", "base64url_decode"),
    ("base64_encode", "base64Encode"),
    ("shell_unescape", "cmdLine"),
    ("url_basename", "_sqr_basename"),
    ("url_path", "_sqr_filename"),
    ("url_querystring", "_sqr_querystring"),
    ("remove_comments", "removeComments"),
    ("unicode_normalize", "unicode_normalize"),
];

/// A chain of transformers, by either name.
pub(crate) fn chain(draft: &mut Draft<'_>) -> Vec<&'static str> {
    let length = match draft.random.below(10) {
        0..6 => 1,
        6..8 => 2,
        8 => draft.random.between(3, 5),
        _ => draft.random.between(5, 10),
    };
    let name = |random: &mut Random| {
        let (name, former) = random.pick(&TRANSFORMERS);
        if random.chance(25) { *former } else { *name }
    };
    (0..length).map(|_| name(draft.random)).collect()
}

/// Undoes a chain where that is easy; the result need not come out as wanted.
pub(crate) fn disguise(random: &mut Random, chain: &[&str], wanted: &[u8]) -> Vec<u8> {
    let mut bytes = wanted.to_vec();
    for name in chain.iter().rev() {
        let at = random.between(0, bytes.len());
        let insert = |what: &[u8]| [&bytes[..at], what, &bytes[at..]].concat();
        bytes = match *name {
            "lowercase" => {
                bytes.iter().map(|b| if random.chance(50) { b.to_ascii_uppercase() } else { *b }).collect()
            }
            "remove_nulls" | "removeNulls" => insert(b"\0"),
            "compress_whitespace" | "compressWhiteSpace" => bytes
                .iter()
                .flat_map(|b| if *b == b' ' { &b"  "[..] } else { std::slice::from_ref(b) })
                .copied()
                .collect(),
            "normalize_path" | "normalizePath" if bytes.contains(&b'/') => replace(&bytes, b"/", b"/./"),
            "normalize_path_win" | "normalizePathWin" => replace(&bytes, b"/", b"\\"),
            "url_decode" | "urlDecode" => encode(random, &bytes, |b| format!("%{b:02x}")),
            "url_decode_iis" | "urlDecodeUni" => {
                let once = encode(random, &bytes, |b| format!("%u00{b:02X}"));
                if random.chance(30) { replace(&once, b"%", b"%25") } else { once }
            }
            "css_decode" | "cssDecode" => encode(random, &bytes, |b| format!("\\{b:06x}")),
            "js_decode" | "jsDecode" => encode(random, &bytes, |b| format!("\\x{b:02x}")),
            "html_entity_decode" | "htmlEntityDecode" => encode(random, &bytes, |b| format!("&#{b};")),
            "base64_decode" | "base64Decode" => base64(&bytes, b"+/", random.chance(60)),
            "base64url_decode" => base64(&bytes, b"-_", random.chance(60)),
            "shell_unescape" | "cmdLine" => insert(random.choose(&[&b"\\"[..], b"\"", b"^", b"'"])),
            "url_basename" | "_sqr_basename" => [b"x/y/", &bytes[..], b"?q"].concat(),
            "url_path" | "_sqr_filename" => [&bytes[..], b"?q=1"].concat(),
            "url_querystring" | "_sqr_querystring" => [b"p?", &bytes[..], b"#f"].concat(),
            "remove_comments" | "removeComments" => {
                insert(random.choose(&[&b"/* c */"[..], b"<!--c-->", b"/**/"]))
            }
            "unicode_normalize" => replace(&bytes, b"e", "é".as_bytes()),
            _ => bytes,
        };
        if bytes.len() > 4096 {
            break;
        }
    }
    bytes
}

fn encode(random: &mut Random, bytes: &[u8], form: impl Fn(u8) -> String) -> Vec<u8> {
    let share = random.choose(&[20, 50, 100]);
    let mut out = Vec::new();
    for byte in bytes {
        if random.chance(share) {
            out.extend_from_slice(form(*byte).as_bytes());
        } else {
            out.push(*byte);
        }
    }
    out
}

fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at..].starts_with(from) {
            out.extend_from_slice(to);
            at += from.len();
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    out
}

/// With the two last letters of the alphabet given, padded or not.
fn base64(bytes: &[u8], last: &[u8; 2], pad: bool) -> Vec<u8> {
    let mut alphabet: Vec<u8> = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').collect();
    alphabet.extend_from_slice(last);
    let mut out = Vec::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, b| word << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            if place <= chunk.len() {
                out.push(alphabet[(word >> (18 - 6 * place)) as usize & 63]);
            } else if pad {
                out.push(b'=');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_pads_or_not() {
        assert_eq!(base64(b"admin", b"+/", true), b"YWRtaW4=");
        assert_eq!(base64(b"\xff\xff", b"-_", false), b"__8");
    }
}
