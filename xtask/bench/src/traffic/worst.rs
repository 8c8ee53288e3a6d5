//! What makes an engine work: texts that nearly match, that have to be decoded first, and that are wide or deep.

use super::benign::draft;
use super::words::{hex, key, token, word};
use bartizan_peers::agreement::Call;
use bartizan_peers::random::Random;
use bartizan_peers::value::{Text, Value, text};

/// Beginnings of what rules look for, none of them whole.
const NEAR: [&str; 40] = [
    "<scrip t",
    "java scrip:",
    "onerro r=",
    "uni on selec",
    "sele ct from",
    "etc/pass wd",
    "../.. /",
    "/bin/ s",
    "${jnd i",
    "{{ 7",
    "<?ph p",
    "wget htt",
    "curl -",
    "cmd.ex e",
    "eval (",
    "base64_ decode",
    "sleep (",
    "benchmar k(",
    "information_schem",
    "xp_cmdshel",
    "load_fil",
    "document.cooki",
    "window.locatio",
    "String.fromCharCod",
    "&#x6",
    "\\u00",
    "data:text/htm",
    "file:/ /",
    "php:/ /",
    "phar:/",
    "127.0.0. 1",
    "169.254.16",
    ".git/confi",
    "wp-confi",
    ".htacces",
    "process.mainModul",
    "child_proces",
    "__proto_",
    "O:8:",
    "rO0AB",
];

const ESCAPES: [&str; 14] = [
    "%3c", "%2527", "\\x3c", "\\u003c", "&lt;", "&#60;", "&#x3c;", "+", "/**/", "\\\\", "..\\", "/./", "\0",
    "%u003c",
];

/// A beginning or an escape.
pub(super) fn piece(random: &mut Random) -> &'static str {
    if random.chance(60) { random.choose(&NEAR) } else { random.choose(&ESCAPES) }
}

pub(super) fn request(random: &mut Random) -> Vec<Call> {
    let mut draft = draft(random);
    draft.method = "POST";
    let size = random.between(6_000, 22_000);
    draft.body = Some(match random.below(6) {
        0 => one(near(random, size)),
        1 => one(escapes(random, size)),
        2 => wide(random, size),
        3 => deep(random, size),
        4 => one(repeated(random, size)),
        _ => mixed(random, size),
    });
    draft.calls(random)
}

fn one(value: String) -> Value {
    Value::Map(vec![(Text::new("text"), text(value))])
}

fn near(random: &mut Random, size: usize) -> String {
    let mut out = String::new();
    while out.len() < size {
        out.push_str(random.choose(&NEAR));
        let word = word(random);
        out.push_str(random.choose(&[" ", "", "'", "\"", "=", word]));
    }
    out
}

fn escapes(random: &mut Random, size: usize) -> String {
    let mut out = String::new();
    while out.len() < size {
        match random.below(3) {
            0 => out.push_str(&hex(random, 3)),
            _ => out.push_str(random.choose(&ESCAPES)),
        }
    }
    out
}

/// One piece over and over.
fn repeated(random: &mut Random, size: usize) -> String {
    let piece = match random.below(3) {
        0 => random.choose(&NEAR).to_owned(),
        1 => random.choose(&["a", "/", "(", "<", "' ", "a.", "=1 or ", "../", "- ", "1,"]).to_owned(),
        _ => random.choose(&ESCAPES).to_owned(),
    };
    piece.repeat(size / piece.len())
}

fn short(random: &mut Random) -> Value {
    match random.below(4) {
        0 => text(token(random, 10)),
        1 => text(random.choose(&NEAR)),
        2 => text(random.choose(&ESCAPES)),
        _ => text(format!("{}{}", word(random), random.choose(&NEAR))),
    }
}

fn wide(random: &mut Random, size: usize) -> Value {
    let count = size / 20;
    Value::Map((0..count).map(|at| (Text::new(format!("{}{at}", key(random))), short(random))).collect())
}

/// Nested as deep as engines look, and a few levels beyond.
fn deep(random: &mut Random, size: usize) -> Value {
    let chains = size / 600;
    let chain = |random: &mut Random| {
        let mut value = Value::Array(vec![short(random), text(near(random, 300))]);
        for _ in 0..random.between(10, 24) {
            value = match random.below(2) {
                0 => Value::Array(vec![value, short(random)]),
                _ => Value::Map(vec![
                    (Text::new(key(random)), value),
                    (Text::new(word(random)), short(random)),
                ]),
            };
        }
        value
    };
    Value::Array((0..chains).map(|_| chain(random)).collect())
}

fn mixed(random: &mut Random, size: usize) -> Value {
    let mut items = Vec::new();
    let mut left = size;
    while left > 0 {
        let len = random.between(100, 3_000).min(left);
        items.push(text(match random.below(3) {
            0 => near(random, len),
            1 => escapes(random, len),
            _ => repeated(random, len.max(20)),
        }));
        left -= len;
    }
    Value::Array(items)
}
