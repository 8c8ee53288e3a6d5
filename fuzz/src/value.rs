//! Values and configurations that a tape chooses.

use crate::tape::Tape;
use bartizan_object::{AllocRef, json};
use bartizan_reference::Value;
use std::sync::LazyLock;

/// The addresses that [`RULES`] look at.
pub(crate) const ADDRESSES: [&str; 20] = [
    "a",
    "b",
    "c",
    "ip",
    "user",
    "session",
    "method",
    "uri",
    "url",
    "headers",
    "cookies",
    "extract",
    "statement",
    "system",
    "file",
    "shell",
    "program",
    "token.parts",
    "waf.context.event",
    "unknown",
];

/// Keys, some of which mean something to rules and processors.
const KEYS: [&str; 14] = [
    "k",
    "x",
    "K",
    "",
    "0",
    "pass",
    "schema",
    "host",
    "header",
    "authorization",
    "X-Forwarded-For",
    "User-Agent",
    "Cookie",
    "a.b[c]",
];

/// What conditions, detectors and processors are after.
const TEXTS: [&str; 30] = [
    "evil",
    "admin",
    "blocked",
    "x12y",
    "union select",
    "sleep(5)",
    "1' OR '1'='1",
    "UNION SELECT password",
    "<script>",
    "a onerror=1 ",
    "../../etc/passwd",
    "/etc/shadow",
    "; cat /etc/passwd",
    "$(id)",
    "-c",
    "/bin/sh",
    "1.2.3.4",
    "::ffff:10.0.0.1",
    "2001:db8::1",
    "4111 1111 1111 1111",
    "http://u@127.1:80/p?q=1#f",
    "169.254.169.254",
    "Bearer eyJhIjoxfQ.eyJiIjpbXX0.c",
    "POST",
    "/a/b?x=1#f",
    "mysql",
    "postgresql",
    "PGEgaHJlZj0+",
    "%253cscript%253e",
    "\u{e0041}\u{e0042}\u{17f}\u{212a}",
];

/// Any value; containers hold others so many levels down, and one kind of them many more.
pub(crate) fn value(tape: &mut Tape<'_>, depth: usize) -> Value {
    match tape.below(if depth == 0 { 9 } else { 16 }) {
        0 | 1 => Value::bytes(tape.bytes()),
        2..5 => (*tape.pick(&TEXTS)).into(),
        5 => Value::Unsigned(tape.word()),
        6 => Value::Signed(i64::from(tape.byte() as i8)),
        7 => Value::Float(f64::from_bits(tape.word())),
        8 => tape.pick(&[Value::Null, Value::Bool(true), Value::Bool(false), Value::Invalid]).clone(),
        9 | 10 => Value::Array((0..tape.below(5)).map(|_| value(tape, depth - 1)).collect()),
        11..14 => Value::Map((0..tape.below(5)).map(|_| (key(tape), value(tape, depth - 1))).collect()),
        14 => {
            let levels = tape.below(64);
            (0..levels).fold(value(tape, 0), |inner, level| match level % 3 {
                0 => Value::map([("k", inner)]),
                _ => Value::Array(vec![inner]),
            })
        }
        _ => {
            let count = tape.below(300);
            match (tape.below(3), value(tape, 0)) {
                (0, Value::Bytes(text)) => Value::Bytes(text.repeat(count)),
                (1, item) => Value::Array(vec![Value::Map(vec![(key(tape), item)]); count]),
                (_, item) => Value::Array(vec![item; count]),
            }
        }
    }
}

fn key(tape: &mut Tape<'_>) -> Vec<u8> {
    match tape.below(4) {
        0 => tape.bytes().into(),
        _ => (*tape.pick(&KEYS)).into(),
    }
}

/// A map from address to value; one in eight times a value of any kind.
pub(crate) fn request(tape: &mut Tape<'_>) -> Value {
    match tape.below(8) {
        7 => value(tape, 3),
        6 => TOUR.clone(),
        count => Value::Map((0..=count).map(|_| ((*tape.pick(&ADDRESSES)).into(), value(tape, 3))).collect()),
    }
}

/// Four of the seeds of `config_text`, as rulesets: together they use all sections, operators, transformers and processors.
pub(crate) static RULES: LazyLock<[Value; 4]> = LazyLock::new(|| {
    [
        read(include_str!("../seeds/config_text/waf.json")),
        read(include_str!("../seeds/config_text/rasp.json")),
        read(include_str!("../seeds/config_text/processors.json")),
        read(include_str!("../seeds/config_text/exclusions.json")),
    ]
});

/// A request that takes most rules of [`RULES`] along their way.
pub(crate) static TOUR: LazyLock<Value> = LazyLock::new(|| read(include_str!("tour.json")));

fn read(text: &str) -> Value {
    (&*json::parse(text.as_bytes(), AllocRef::global()).expect("ours are JSON")).into()
}
