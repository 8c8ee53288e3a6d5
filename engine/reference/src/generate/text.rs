//! Text: patterns, and what they may find.
//!
//! Patterns and values come out of the same few letters, so that they often meet, and often just miss.

use super::random::Random;

/// Letters of random patterns and values. `k` and `s` have fold partners outside ASCII, `é` and `ς` two
/// bytes.
const LETTERS: [&str; 14] =
    ["a", "b", "k", "K", "s", "S", "1", "-", " ", "é", "É", "\u{17f}", "\u{212a}", "ς"];

/// Patterns by hand, for what random ones rarely have.
const PATTERNS: [&str; 36] = [
    "",
    "x",
    "(?s).+",
    "^probe",
    "probe$",
    r"\bkey\b",
    r"union\s+select",
    r"\b(?:union|sleep)\b",
    "sle[ae]p",
    r"\d{3}-\d{4}",
    "[0-9]+",
    "(?i)ask",
    "(?-i)ASK",
    "a|aa|aaa",
    "(?:ab){2,3}",
    "(?:ab)*c",
    "x?y?z",
    r"[^a-z]{2}",
    r"\x00",
    r"\C\C",
    "[[:punct:]]{2}",
    r"\p{Greek}",
    "straße",
    "a.c",
    "a.*c",
    r"^$",
    r"\.\./",
    r"/etc/(?:passwd|shadow)",
    "<script[^>]*>",
    r"(?:a|b|c|d)(?:1|2|3|4)(?:x|y)",
    "abcdefghijklmnopqrstuvwxyz0123456789",
    r"(?m)^line",
    "(?U)a+",
    r"[\w.]+@[\w.]+",
    "k",
    "[ks]",
];

/// Values by hand: what the patterns, phrases and detectors look for.
const VALUES: [&str; 50] = [
    "",
    "x",
    "xyz",
    "probe/1.0",
    "a probe",
    "the key",
    "keys",
    "union  select",
    "UNION\tSELECT",
    "sleep(5)",
    "555-1234",
    "ask",
    "A\u{17f}K",
    "\u{212a}",
    "aaa",
    "abab",
    "ababc",
    "a\0c",
    "abc",
    "a\nc",
    "STRASSE",
    "straße",
    "../../etc/passwd",
    "/etc/shadow",
    "<SCRIPT src=x>",
    "<script>alert(1)</script>",
    "abcdefghijklmnopqrstuvwxyz0123456789",
    "first\nline",
    "me@example.com",
    "b3x",
    "1.2.3.4",
    "10.1.2.3",
    "::ffff:1.2.3.4",
    "2001:db8::1",
    "1' OR '1'='1",
    "1 UNION SELECT password FROM users",
    "4111 1111 1111 1111",
    "4111-1111-1111-1112 4539148803436467",
    "he",
    "ushers",
    "the she",
    "blocked",
    "admin",
    "password=x y&token : 0123456789abcdef;sid=1",
    r#"{"api_key":12345,"secret" : "s3cret"}"#,
    "Bearer eyJhbGci.eyJzdWI.sig",
    "access_token=abc; \u{17f}ecret=1",
    "PGEgaHJlZj0+",
    "%3cscript%3e",
    "Ωμέγα\u{e0041}\u{e0042}",
];

/// A pattern that the dialect accepts, most of the time.
pub(super) fn pattern(random: &mut Random) -> String {
    if random.chance(40) {
        return (*random.pick(&PATTERNS)).to_owned();
    }
    let depth = random.between(1, 3);
    let (pattern, lure) = branch(random, depth);
    random.lay(&lure);
    pattern
}

/// A part of a pattern, and what it may match.
type Part = (String, String);

fn branch(random: &mut Random, depth: usize) -> Part {
    random.several(1, 4, |random| piece(random, depth)).into_iter().unzip()
}

fn piece(random: &mut Random, depth: usize) -> Part {
    const CLASSES: [(&str, &str); 8] = [
        ("[abk]", "K"),
        ("[^a]", "b"),
        ("[a-s]", "\u{17f}"),
        (r"\w", "s"),
        (r"\d", "1"),
        (r"\s", " "),
        ("[é-ς]", "É"),
        (r"\W", "é"),
    ];
    const LOOKS: [&str; 6] = ["^", "$", r"\b", r"\B", "(?i)", "(?-i)"];
    let (atom, lure) = match random.below(if depth == 0 { 16 } else { 24 }) {
        0..11 => {
            let text = random.several(1, 3, literal).concat();
            (text.clone(), text)
        }
        11 | 12 => (".".into(), "-".into()),
        13 | 14 => {
            let (class, lure) = *random.pick(&CLASSES);
            (class.into(), lure.into())
        }
        15 => return ((*random.pick(&LOOKS)).into(), String::new()),
        16..20 => {
            let (inner, lure) = branch(random, depth - 1);
            (format!("({inner})"), lure)
        }
        _ => {
            let (branches, lures): (Vec<_>, Vec<_>) =
                random.several(2, 4, |random| branch(random, depth - 1)).into_iter().unzip();
            (format!("(?:{})", branches.join("|")), random.pick(&lures).clone())
        }
    };
    if !atom.starts_with('(') && atom.chars().count() > 1 {
        return (atom, lure);
    }
    match random.below(10) {
        0 => (atom + "*", lure.repeat(random.below(3))),
        1 => (atom + "?", lure.repeat(random.below(2))),
        2 => (atom + "+", lure.repeat(random.between(1, 3))),
        3 => {
            let count = random.between(2, 3);
            (format!("{atom}{{{count}}}"), lure.repeat(count))
        }
        4 => (format!("{atom}{{1,{}}}", random.between(1, 3)), lure),
        _ => (atom, lure),
    }
}

fn literal(random: &mut Random) -> &'static str {
    LETTERS[random.below(LETTERS.len())]
}

/// A short text of the letters.
pub(super) fn word(random: &mut Random) -> String {
    random.several(1, 6, literal).concat()
}

/// A value: something to be found, perhaps in other text, perhaps in a disguise, perhaps spoilt.
pub(super) fn value(random: &mut Random) -> Vec<u8> {
    let mut text: Vec<u8> = match random.below(10) {
        0 | 1 => (*random.pick(&VALUES)).into(),
        2 | 3 => word(random).into(),
        4..8 => random.lure().into(),
        8 => [&**random.pick(&VALUES), " ", &word(random), &**random.pick(&VALUES)].concat().into(),
        _ => {
            let filling = word(random).repeat(random.between(20, 60));
            [&*filling, &*random.lure(), &*filling].concat().into()
        }
    };
    // Disguises multiply: a tape of nothing but ones must come to an end.
    while text.len() < 4096 && random.chance(18) {
        text = disguise(random, text);
    }
    if random.chance(4) {
        let at = random.below(text.len() + 1);
        text.insert(at, *random.pick(&[0xff, 0xc3, 0x80, 0x00, b'\\']));
    }
    text
}

/// What a transformer may undo.
fn disguise(random: &mut Random, text: Vec<u8>) -> Vec<u8> {
    let each = |text: &[u8], write: &dyn Fn(u8) -> String| -> Vec<u8> {
        text.iter().map(|byte| write(*byte)).collect::<String>().into()
    };
    match random.below(9) {
        0 => text.to_ascii_uppercase(),
        1 => each(&text, &|byte| format!("%{byte:02x}")),
        2 => each(&text, &|byte| format!("&#{byte};")),
        3 => each(&text, &|byte| format!("\\x{byte:02x}")),
        4 => base64(&text),
        5 => [&text[..text.len() / 2], b"\0", &text[text.len() / 2..]].concat(),
        6 => [&text[..text.len() / 2], b"/**/", &text[text.len() / 2..]].concat(),
        7 => [b"/a/./b/../", &text[..], b"?q=1#f"].concat(),
        _ => [&text[..text.len() / 2], b"   ", &text[text.len() / 2..]].concat(),
    }
}

fn base64(text: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::new();
    for chunk in text.chunks(3) {
        let bits =
            chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            out.push(DIGITS[(bits >> (18 - 6 * place)) as usize & 63]);
        }
    }
    out
}
