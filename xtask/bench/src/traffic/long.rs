//! Bodies of some kilobytes: articles, lists of records, code, encoded files.

use super::benign::{draft, json};
use super::words::{key, person, prose, token, value, word};
use bartizan_peers::agreement::Call;
use bartizan_peers::random::Random;
use bartizan_peers::value::{Text, Value, text};

pub(super) fn request(random: &mut Random) -> Vec<Call> {
    let mut draft = draft(random);
    draft.method = "POST";
    let size = random.between(4_200, 12_000);
    draft.body = Some(match random.below(5) {
        0 => article(random, size),
        1 | 2 => records(random, size),
        3 => code(random, size),
        _ => encoded(random, size),
    });
    draft.calls(random)
}

fn article(random: &mut Random, size: usize) -> Value {
    let mut paragraphs = Vec::new();
    let mut left = size;
    while left > 0 {
        let len = random.between(300, 1_500).min(left.max(300));
        paragraphs.push(text(prose(random, len)));
        left = left.saturating_sub(len);
    }
    Value::Map(vec![
        (Text::new("title"), text(prose(random, 48))),
        (Text::new("author"), text(person(random))),
        (Text::new("text"), Value::Array(paragraphs)),
    ])
}

fn records(random: &mut Random, size: usize) -> Value {
    let mut items = Vec::new();
    let mut bytes = 0;
    while bytes < size {
        let item = json(random, 2);
        bytes += super::bytes(&item);
        items.push(item);
    }
    Value::Map(vec![(Text::new("items"), Value::Array(items))])
}

/// A template or a program that a person edits.
fn code(random: &mut Random, size: usize) -> Value {
    let mut lines = String::new();
    while lines.len() < size {
        let (a, b, c) = (word(random), word(random), word(random));
        lines.push_str(&match random.below(7) {
            0 => format!("const {a} = {b}({c}, {});\n", random.below(100)),
            1 => format!("  if ({a}.{b} > {}) {{ return {c}; }}\n", random.below(100)),
            2 => format!("// {}\n", prose(random, 60)),
            3 => format!("<div class=\"{a} {b}\">{c}</div>\n"),
            4 => format!(
                ".{a} {{ color: #{}; margin: {}px }}\n",
                super::words::hex(random, 6),
                random.below(40)
            ),
            5 => format!("{a}: \"{b} {c}\"\n"),
            _ => format!("def {a}({b}): return {b}[\"{c}\"]\n"),
        });
    }
    Value::Map(vec![
        (Text::new("file"), text(format!("{}.txt", word(random)))),
        (Text::new("content"), text(lines)),
    ])
}

fn encoded(random: &mut Random, size: usize) -> Value {
    let mut entries = vec![(Text::new("filename"), text(format!("{}.png", word(random))))];
    let data = format!("data:image/png;base64,{}==", token(random, size).replace('_', "/").replace('-', "+"));
    entries.push((Text::new("data"), text(data)));
    for _ in 0..random.below(6) {
        entries.push((Text::new(key(random)), text(value(random))));
    }
    Value::Map(entries)
}
