//! The regex dialect: patterns from a grammar, and strings to find them in.

use crate::case::{Manner, Step};
use crate::draft::Draft;
use crate::random::Random;
use crate::value::{Text, Value, map, text};

const ATOMS: [&str; 44] = [
    "a",
    "b",
    "c",
    "é",
    "k",
    "K",
    "ſ",
    "ß",
    "0",
    "_",
    " ",
    ".",
    "\\d",
    "\\D",
    "\\w",
    "\\W",
    "\\s",
    "\\S",
    "[a-c]",
    "[^a]",
    "[[:alpha:]]",
    "[^[:space:]b]",
    "[\\d\\-x]",
    "\\pL",
    "\\p{Greek}",
    "\\P{Lu}",
    "\\p{^Ll}",
    "\\x41",
    "\\x{e9}",
    "\\Qa.b\\E",
    "\\C",
    "\\.",
    "\\n",
    "\\t",
    "\\x00",
    "[é-ü]",
    "[k]",
    "[^\\n]",
    "\\101",
    "[]a]",
    "[a-]",
    "\\pN",
    "(?:)",
    "\\x{10ffff}",
];

const ANCHORS: [&str; 8] = ["^", "$", "\\b", "\\B", "\\A", "\\z", "(?m:^)", "(?m:$)"];

const REPEATS: [&str; 16] = [
    "*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{2,}", "{0,1}?", "{0}", "{,2}", "{1,3}?", "{3,2}",
    "{a", "*+",
];

const GROUPS: [&str; 12] =
    ["(", "(?:", "(?P<n>", "(?i:", "(?-i:", "(?s:", "(?s-i:", "(?U:", "(?m:", "(?i)(", "(?P<m>", "(?ms:"];

/// What the dialect refuses, or takes for something plain.
const ODD: [&str; 34] = [
    "(?=a)",
    "(?!a)",
    "(?<=a)",
    "(?<n>a)",
    "\\1",
    "\\Z",
    "\\G",
    "a**",
    "a{1001}",
    "(a{100}){100}",
    "[b-a]",
    "[a",
    "(a",
    "a)",
    "\\",
    "\\8",
    "\\pX",
    "\\p{Nope}",
    "(?P<n",
    "(?P<1>a)",
    "(?z)",
    "[[:foo:]]",
    "[[.a.]]",
    "\\x{110000}",
    "\\xg",
    "+a",
    "|",
    "(|a)",
    "a||b",
    "\\Qx",
    "(?i",
    "\\E",
    "\\k<n>",
    "(?#c)",
];

const LETTERS: [&str; 24] = [
    "a",
    "b",
    "c",
    "A",
    "B",
    "k",
    "K",
    "\u{212a}",
    "ſ",
    "s",
    "S",
    "é",
    "É",
    "ß",
    "ẞ",
    "0",
    "9",
    "_",
    " ",
    "\n",
    "\t",
    "α",
    "\u{10ffff}",
    "]",
];

fn pattern(random: &mut Random, depth: usize) -> String {
    let mut out = String::new();
    for at in 0..random.between(1, 4) {
        if at > 0 && random.chance(15) {
            out.push('|');
        }
        match random.below(if depth == 0 { 8 } else { 11 }) {
            0 => out.push_str(random.choose(&ANCHORS)),
            8..=10 => {
                out.push_str(random.choose(&GROUPS));
                out.push_str(&pattern(random, depth - 1));
                out.push(')');
            }
            _ => out.push_str(random.choose(&ATOMS)),
        }
        if random.chance(30) {
            out.push_str(random.choose(&REPEATS));
        }
        if random.chance(2) {
            out.push_str(random.choose(&ODD));
        }
    }
    out
}

fn haystack(random: &mut Random) -> Vec<u8> {
    let mut out = Vec::new();
    for _ in 0..random.between(0, 10) {
        if random.chance(4) {
            out.push(random.next() as u8);
        } else {
            out.extend_from_slice(random.pick(&LETTERS).as_bytes());
        }
    }
    out
}

pub(crate) fn generate(draft: &mut Draft<'_>) {
    for _ in 0..draft.random.between(1, 5) {
        let mut pattern = pattern(draft.random, 3).into_bytes();
        match draft.random.below(60) {
            0 => pattern.insert(draft.random.between(0, pattern.len()), 0xff),
            1 => pattern = draft.random.pick(&ODD).as_bytes().to_vec(),
            2 => pattern.truncate(draft.random.between(0, pattern.len())),
            _ => {}
        }
        let checked = draft.chance(3);
        let mut parameters = map([
            ("inputs", Value::Array(vec![map([("address", text("a"))])])),
            ("regex", Value::String(Text::new(pattern))),
        ]);
        if checked {
            parameters.put("checksum", text("luhn"));
        }
        if draft.chance(60) {
            let case = draft.random.chance(60);
            parameters.put("options", map([("case_sensitive", Value::Bool(case))]));
        }
        let name = if checked { "match_regex_with_checksum" } else { "match_regex" };
        let rule = draft.rule(vec![map([("operator", text(name)), ("parameters", parameters)])]);
        draft.add("rules", rule);
    }
    draft.build();
    for _ in 0..draft.random.between(2, 6) {
        let context = draft.fresh();
        draft.steps.push(Step::Open { context });
        let id = draft.fresh();
        let data = map([("a", Value::String(Text::new(haystack(draft.random))))]);
        draft.steps.push(Step::Eval {
            context,
            id,
            data,
            batches: false,
            manner: Manner::Lent,
            timeout_us: 60_000_000,
        });
    }
}
