//! Conditions of every operator, with baits.

use super::chain::{chain, disguise};
use super::noise::{splice, string};
use super::{Bait, Draft, path_value};
use crate::random::Random;
use crate::value::{Text, Value, map, text, texts};

/// What conditions are wanted, in percent.
pub(crate) struct Taste {
    pub(crate) operators: &'static [&'static str],
    pub(crate) negated: usize,
    pub(crate) transformed: usize,
    pub(crate) with_path: usize,
    pub(crate) on_keys: usize,
    /// How many inputs at most.
    pub(crate) inputs: usize,
    /// Names of data to use now and then in place of a list, where drafted.
    pub(crate) data: &'static [&'static str],
}

/// The scalar operators and `exists`.
const fn operators() -> &'static [&'static str] {
    &[
        "match_regex",
        "match_regex",
        "match_regex_with_checksum",
        "phrase_match",
        "exact_match",
        "ip_match",
        "equals",
        "equals",
        "greater_than",
        "lower_than",
        "greater_equal",
        "lower_equal",
        "is_sqli",
        "is_xss",
        "hidden_ascii_match",
        "exists",
    ]
}

/// Those that have a negated form.
fn negatable(operator: &str) -> bool {
    matches!(
        operator,
        "match_regex"
            | "match_regex_with_checksum"
            | "phrase_match"
            | "exact_match"
            | "ip_match"
            | "equals"
            | "exists"
    )
}

impl Default for Taste {
    fn default() -> Self {
        Taste {
            operators: operators(),
            negated: 25,
            transformed: 25,
            with_path: 30,
            on_keys: 12,
            inputs: 3,
            data: &[],
        }
    }
}

/// A regex, and values in which it finds something.
const REGEXES: [(&str, [&str; 3]); 14] = [
    ("^ev[ie]l$", ["evil", "EVEL", "evil"]),
    ("ev.l", ["evil", "an Evul thing", "xevxl"]),
    ("a|aa", ["xaab", "A", "bca"]),
    ("(?i)union\\s+select", ["1 UNION SELECT a", "union\tselect", "xunion  selecty"]),
    ("\\bpass(word)?\\b", ["the password", "pass", "pass-word"]),
    ("[0-9]{3,5}", ["404", "a 12345678", "99999"]),
    ("(?s)a.*z", ["a\nz", "abcz", "azzz"]),
    ("(?:\\.\\./)+", ["../../etc", "x/../y", "../"]),
    ("", ["anything", "x", "y z"]),
    ("\\x3cscript", ["<script>", "<SCRIPT", "a<script"]),
    ("[^a-z]$", ["abc1", "x ", "é"]),
    ("k", ["k", "\u{212a}", "K"]),
    ("^.{0,3}$", ["abc", "é", "x"]),
    ("(\\d+)-(\\d+)", ["10-20", "x1-2y", "00-0"]),
];

const SECRETS: [(&str, [&str; 3]); 3] = [
    (
        "\\b4\\d{3}(?:-?\\d{4}){3}\\b",
        ["4111111111111111", "no 4111111111111112 4111-1111-1111-1111", "4242424242424242"],
    ),
    ("[0-9]+", ["0", "79927398713", "1 2 18"]),
    ("(?:\\d[ -]?)+", ["4111 1111 1111 1111", "1-8", "0000"]),
];

/// Lists in which no phrase has another's beginning inside, so that there is one way to find them.
const PHRASES: [[&str; 3]; 5] = [
    ["select", "union", "drop"],
    ["/etc/passwd", "boot.ini", "cmd.exe"],
    ["hello", "world", "x-y"],
    ["é", "ß", "bonjour"],
    ["sqlmap", "nikto", "w3af"],
];

const WORDS: [&str; 8] = ["admin", "root", "GET", "é", "a\0b", "x y", "0", "a longer word than fits in"];

const IPS: [(&str, [&str; 3]); 8] = [
    ("1.2.3.4", ["1.2.3.4", "::ffff:1.2.3.4", "::ffff:102:304"]),
    ("10.0.0.0/8", ["10.1.2.3", "10.255.0.1", "11.0.0.1"]),
    ("192.168.1.77/24", ["192.168.1.1", "192.168.2.1", "192.168.1.255"]),
    ("2001:db8::/32", ["2001:db8::1", "2001:DB8:ffff::", "2001:db9::1"]),
    ("::1", ["::1", "0:0:0:0:0:0:0:1", "1::"]),
    ("0.0.0.0/0", ["8.8.8.8", "0.0.0.0", "::2"]),
    ("172.16.0.0/+12", ["172.16.5.5", "172.31.0.0", "172.32.0.0"]),
    ("fe80::%eth0", ["fe80::", "fe80::1", "x"]),
];

const SQLI: [&str; 8] = [
    "1' or '1'='1",
    "1 union select a,b from users--",
    "'; drop table users; --",
    "1 AND 1=1",
    "admin'--",
    "1; exec xp_cmdshell('dir')",
    "' or sleep(5) #",
    "1/**/union/**/select 1,2",
];

const XSS: [&str; 8] = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href=javascript:x>",
    "\"><svg onload=x>",
    "<iframe src=//x>",
    "x' onclick='y",
    "<!--<b",
    "<style>@import x</style>",
];

/// A condition. Its baits are added to the draft's.
pub(crate) fn condition(draft: &mut Draft<'_>, taste: &Taste) -> Value {
    let name = draft.random.choose(taste.operators);
    let negated = negatable(name) && draft.chance(taste.negated);
    let single = negated || name.ends_with("_equal");
    let (mut parameters, wanted) = parameters(draft, name, taste);
    let count = if single { 1 } else { draft.random.between(1, taste.inputs) };
    let inputs = (0..count).map(|_| input(draft, taste, name, &wanted, negated)).collect();
    parameters.insert(0, (Text::new("inputs"), Value::Array(inputs)));
    let mut operator = format!("{}{name}", if negated { "!" } else { "" });
    if draft.chance(2) {
        operator.push_str("@v1");
    }
    map([("operator", text(operator)), ("parameters", Value::Map(parameters))])
}

fn input(draft: &mut Draft<'_>, taste: &Taste, name: &str, wanted: &[Value], negated: bool) -> Value {
    let address = draft.address();
    let mut input = map([("address", text(&address))]);
    let path = if draft.chance(taste.with_path) { draft.path() } else { Vec::new() };
    if !path.is_empty() || draft.chance(5) {
        input.put("key_path", path_value(&path));
    }
    let mut transformers = if draft.chance(taste.transformed) { chain(draft) } else { Vec::new() };
    let on_keys = draft.chance(taste.on_keys);
    if on_keys {
        let at = draft.random.between(0, transformers.len());
        transformers.insert(at, "keys_only");
        transformers.truncate(10);
    } else if draft.chance(2) {
        transformers.push("values_only");
        transformers.truncate(10);
    }
    if !transformers.is_empty() {
        input.put("transformers", texts(&transformers));
    }
    for value in wanted {
        let value = match value {
            Value::String(text) => {
                let mut bytes = disguise(draft.random, &transformers, &text.bytes);
                if draft.random.chance(15) {
                    bytes = splice(draft.random, &bytes);
                }
                Value::String(super::untidy(draft.random, Text::new(bytes)))
            }
            other => other.clone(),
        };
        draft.baits.push(Bait { address: address.clone(), path: path.clone(), value, as_key: on_keys });
    }
    if name == "exists" && negated {
        // What is wanted is the address without the path.
        draft.baits.push(Bait { address, path: Vec::new(), value: text("x"), as_key: false });
    }
    input
}

type Parameters = Vec<(Text, Value)>;

/// Parameters beside the inputs, and values that match.
fn parameters(draft: &mut Draft<'_>, name: &str, taste: &Taste) -> (Parameters, Vec<Value>) {
    let random = &mut *draft.random;
    let entry = |key: &str, value| (Text::new(key), value);
    let strings = |of: &[&str]| of.iter().map(text).collect::<Vec<_>>();
    match name {
        "match_regex" | "match_regex_with_checksum" => {
            let checked = name == "match_regex_with_checksum";
            let (regex, hits) = if checked { random.pick(&SECRETS) } else { random.pick(&REGEXES) };
            let mut parameters = vec![entry("regex", text(regex))];
            if checked {
                parameters.push(entry("checksum", text("luhn")));
            }
            if random.chance(40) {
                let mut options = Value::Map(Vec::new());
                if random.chance(60) {
                    options.put("case_sensitive", Value::Bool(random.chance(60)));
                }
                if random.chance(60) {
                    options.put("min_length", Value::Unsigned(random.below(8) as u64));
                }
                parameters.push(entry("options", options));
            }
            (parameters, strings(hits))
        }
        "phrase_match" => {
            let list = random.pick(&PHRASES);
            let hits: Vec<_> = list
                .iter()
                .map(|phrase| match random.below(4) {
                    0 => text(phrase),
                    1 => text(format!("{phrase} xx")),
                    2 => text(format!("xx.{phrase}, ")),
                    _ => text(format!("1{phrase}2")),
                })
                .collect();
            let mut parameters = vec![entry("list", texts(list))];
            if random.chance(40) {
                let options = map([("enforce_word_boundary", Value::Bool(random.chance(80)))]);
                parameters.push(entry("options", options));
            }
            (parameters, hits)
        }
        "exact_match" | "ip_match" if !taste.data.is_empty() && random.chance(60) => {
            let id = random.pick(taste.data);
            let hits = [WORDS[0], WORDS[1], IPS[0].1[0], IPS[1].1[0], IPS[3].1[0]];
            (vec![entry("data", text(id))], strings(&hits))
        }
        "exact_match" => {
            let list: Vec<&str> = (0..random.between(1, 4)).map(|_| random.choose(&WORDS)).collect();
            let hits = strings(&list);
            (vec![entry("list", texts(list))], hits)
        }
        "ip_match" => {
            let list: Vec<_> = (0..random.between(1, 3)).map(|_| random.pick(&IPS)).collect();
            let hits = list.iter().flat_map(|(_, hits)| strings(hits)).collect();
            (vec![entry("list", texts(list.iter().map(|(net, _)| net)))], hits)
        }
        "equals" | "greater_than" | "lower_than" | "greater_equal" | "lower_equal" => numbers(random, name),
        "is_sqli" => (Vec::new(), strings(&SQLI)),
        "is_xss" => (Vec::new(), strings(&XSS)),
        "hidden_ascii_match" => {
            let hidden = |t: &str| text(format!("{t} a longer text than fits in an object"));
            (Vec::new(), vec![hidden("\u{e0041}"), hidden("x\u{e0001}\u{e007e}é"), hidden("\u{e0080}")])
        }
        _ => (Vec::new(), vec![text("x"), Value::Null, Value::Unsigned(1), Value::Map(Vec::new())]),
    }
}

fn numbers(random: &mut Random, name: &str) -> (Parameters, Vec<Value>) {
    let entry = |key: &str, value| (Text::new(key), value);
    let kinds: &[&str] = if name == "equals" {
        &["string", "boolean", "unsigned", "signed", "float"]
    } else {
        &["unsigned", "signed", "float"]
    };
    let kind = random.choose(kinds);
    let (value, mut hits) = match kind {
        "string" => {
            let word = random.choose(&["", "admin", "5", "true"]);
            (text(word), vec![text(word)])
        }
        "boolean" => {
            let value = random.chance(50);
            (Value::Bool(value), vec![Value::Bool(value)])
        }
        "unsigned" => {
            let n = random.choose(&[0u64, 5, 404, u64::MAX]);
            (Value::Unsigned(n), vec![Value::Unsigned(n), Value::Signed(n as i64), Value::Float(n as f64)])
        }
        "signed" => {
            let n = random.choose(&[0i64, 5, -5, i64::MIN, i64::MAX]);
            (Value::Signed(n), vec![Value::Signed(n), Value::Unsigned(n as u64), Value::Float(n as f64)])
        }
        _ => {
            let n = random.choose(&[0.0, 5.0, 5.4, -1.25, 1e300]);
            (Value::Float(n), vec![Value::Float(n), Value::Float(n + 0.009), Value::Float(n - 0.011)])
        }
    };
    hits.extend([Value::Unsigned(6), Value::Signed(-6), Value::Float(4.9), Value::Float(5.1)]);
    let mut parameters = vec![entry("type", text(kind)), entry("value", value)];
    if kind == "float" && random.chance(30) {
        parameters.push(entry("delta", Value::Float(random.choose(&[0.01, 0.5, 0.0, -1.0]))));
    }
    random.shuffle(&mut hits);
    hits.truncate(4);
    if random.chance(30) {
        let bytes = string(random);
        hits.push(text(bytes));
    }
    (parameters, hits)
}
