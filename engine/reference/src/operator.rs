//! Operators: one value against what a condition asks for.

use crate::value::Value;
use bartizan_lang::ruleset::{Data, Matcher, Number, Regex};
use bartizan_lang::vocab::{Scalar, Text};
use bartizan_text::net::parse_ip;
use bartizan_text::phrase::PhraseSet;
use bartizan_text::transform::Transformer;
use bartizan_text::{detect, regex};
use regex_automata::Input;
use regex_automata::nfa::thompson::pikevm::{Cache, PikeVM};
use regex_automata::nfa::thompson::{NFA, WhichCaptures};
use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

/// What operators need beside themselves.
pub(crate) struct Surroundings<'a> {
    /// What `data` may name.
    pub(crate) data: &'a BTreeMap<Text, Data>,
    /// Seconds since the epoch.
    pub(crate) now_s: u64,
    pub(crate) regexes: &'a Regexes,
}

/// Whether values of this kind are looked at; others neither match nor count for a negation.
pub(crate) fn supports(matcher: &Matcher, around: &Surroundings<'_>, value: &Value) -> bool {
    match matcher {
        Matcher::Equals(Scalar::Bool(_), _) => matches!(value, Value::Bool(_)),
        Matcher::Equals(Scalar::Signed(_) | Scalar::Unsigned(_), _) => {
            matches!(value, Value::Signed(_) | Value::Unsigned(_))
        }
        Matcher::Equals(Scalar::Float(_), _) => matches!(value, Value::Float(_)),
        Matcher::GreaterThan(_) | Matcher::LowerThan(_) => {
            matches!(value, Value::Signed(_) | Value::Unsigned(_) | Value::Float(_))
        }
        Matcher::Data(id) => around.data.contains_key(id) && matches!(value, Value::Bytes(_)),
        _ => matches!(value, Value::Bytes(_)),
    }
}

/// Holds a value, transformed if it is to be, against a matcher. What is to be highlighted when it matches.
pub(crate) fn check(matcher: &Matcher, around: &Surroundings<'_>, value: &Value) -> Option<Vec<u8>> {
    let empty = |matches: bool| matches.then(Vec::new);
    match matcher {
        Matcher::Equals(wanted, delta) => return empty(equal(wanted, *delta, value)),
        Matcher::GreaterThan(bound) => return empty(compare(value, *bound) == Some(Ordering::Greater)),
        Matcher::LowerThan(bound) => return empty(compare(value, *bound) == Some(Ordering::Less)),
        _ => {}
    }
    let text = value.as_bytes().filter(|text| !text.is_empty())?;
    let part = |range: Range<usize>| text[range].to_vec();
    let whole = |matches: bool| matches.then(|| text.to_vec());
    match matcher {
        Matcher::Regex(regex) if text.len() < regex.min_length => None,
        Matcher::Regex(regex) => around.regexes.find(regex, text).map(part),
        Matcher::RegexWithChecksum(regex, _) => with_checksum(regex, around.regexes, text),
        Matcher::Phrases(phrases) => {
            let set = PhraseSet::new(&phrases.list);
            if phrases.word_boundary { set.find_bounded(text) } else { set.find(text) }.map(part)
        }
        Matcher::Exact(set) => whole(set.contains(text, around.now_s)),
        Matcher::Ip(set) => whole(set.lookup(parse_ip(text)?, around.now_s)),
        Matcher::Data(id) => match around.data.get(id)? {
            Data::Exact(set) => whole(set.contains(text, around.now_s)),
            Data::Ip(set) => whole(set.lookup(parse_ip(text)?, around.now_s)),
        },
        Matcher::IsSqli => detect::sqli::is_sqli(text).map(|print| print.as_bytes().to_vec()),
        Matcher::IsXss => empty(detect::xss::is_xss(text)),
        Matcher::HiddenAscii => {
            let is_tag = |c: char| ('\u{e0000}'..='\u{e007f}').contains(&c);
            let chunks = text.utf8_chunks();
            let hides = chunks.into_iter().any(|chunk| chunk.valid().chars().any(is_tag));
            hides.then(|| transform(&[Transformer::UnicodeNormalize], text))
        }
        Matcher::Equals(..) | Matcher::GreaterThan(_) | Matcher::LowerThan(_) => None,
    }
}

/// What events call it; of data, its own type decides.
pub(crate) fn name(matcher: &Matcher, around: &Surroundings<'_>, configured: &[u8]) -> Vec<u8> {
    let own = match matcher {
        Matcher::Data(id) => match around.data.get(id) {
            Some(Data::Exact(_)) => "exact_match",
            Some(Data::Ip(_)) => "ip_match",
            None => return configured.to_vec(),
        },
        _ => return configured.to_vec(),
    };
    let negation = if configured.starts_with(b"!") { "!" } else { "" };
    [negation, own].concat().into()
}

/// What events show of its parameters: the pattern, where there is one.
pub(crate) fn pattern(matcher: &Matcher) -> Vec<u8> {
    match matcher {
        Matcher::Regex(regex) | Matcher::RegexWithChecksum(regex, _) => regex.pattern.text.to_vec(),
        _ => Vec::new(),
    }
}

/// Applies transformers one after the other.
pub(crate) fn transform(transformers: &[Transformer], text: &[u8]) -> Vec<u8> {
    let mut made = text.to_vec();
    let mut is_changed = false;
    for transformer in transformers {
        let mut output = Vec::new();
        if let Some(counts) = transformer.apply_in_chain(&made, &mut output) {
            made = output;
            is_changed |= counts;
        }
    }
    if is_changed { made } else { text.to_vec() }
}

fn equal(wanted: &Scalar, delta: f64, value: &Value) -> bool {
    match (wanted, value) {
        (Scalar::Bool(wanted), Value::Bool(value)) => wanted == value,
        (Scalar::String(wanted), Value::Bytes(value)) => **wanted == **value,
        (Scalar::Float(wanted), Value::Float(value)) => (wanted - value).abs() < delta,
        (Scalar::Signed(_) | Scalar::Unsigned(_), Value::Signed(_) | Value::Unsigned(_)) => {
            integer(wanted.into()) == integer(value.clone())
        }
        _ => false,
    }
}

fn integer(value: Value) -> Option<i128> {
    match value {
        Value::Signed(value) => Some(value.into()),
        Value::Unsigned(value) => Some(value.into()),
        _ => None,
    }
}

/// Integers exactly, with a float as floats; `None` when one is no number.
fn compare(value: &Value, bound: Number) -> Option<Ordering> {
    let bound = match bound {
        Number::Signed(bound) => Value::Signed(bound),
        Number::Unsigned(bound) => Value::Unsigned(bound),
        Number::Float(bound) => Value::Float(bound),
    };
    match (integer(value.clone()), integer(bound.clone())) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => float(value)?.partial_cmp(&float(&bound)?),
    }
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Signed(value) => Some(*value as f64),
        Value::Unsigned(value) => Some(*value as f64),
        Value::Float(value) => Some(*value),
        _ => None,
    }
}

/// Successive matches, each on what follows the last, until one passes the check on its digits.
fn with_checksum(regex: &Regex, regexes: &Regexes, text: &[u8]) -> Option<Vec<u8>> {
    let mut rest = text;
    while !rest.is_empty() && rest.len() >= regex.min_length {
        let found = regexes.find(regex, rest)?;
        if found.is_empty() {
            return None;
        }
        if luhn(&rest[found.clone()]) {
            return Some(rest[found].to_vec());
        }
        rest = &rest[found.end..];
    }
    None
}

/// From the right, every second digit counts double; there must be a digit.
fn luhn(text: &[u8]) -> bool {
    let digits = text.iter().rev().filter(|byte| byte.is_ascii_digit()).map(|byte| u32::from(byte - b'0'));
    let doubled = |digit: u32| digit * 2 / 10 + digit * 2 % 10;
    let weighted: Vec<u32> =
        digits.enumerate().map(|(at, digit)| if at % 2 == 1 { doubled(digit) } else { digit }).collect();
    !weighted.is_empty() && weighted.iter().sum::<u32>() % 10 == 0
}

/// Regexes that were compiled before, by pattern and whether case counts.
#[derive(Default)]
pub(crate) struct Regexes(RefCell<BTreeMap<(Text, bool), Rc<Compiled>>>);

struct Compiled {
    machine: PikeVM,
    cache: RefCell<Cache>,
}

impl Regexes {
    /// The leftmost match, of those the one that a backtracking search would find first.
    pub(crate) fn find(&self, regex: &Regex, text: &[u8]) -> Option<Range<usize>> {
        let key = (regex.pattern.text.clone(), regex.pattern.case_sensitive);
        let compiled = self.0.borrow_mut().entry(key).or_insert_with(|| Rc::new(compile(regex))).clone();
        let mut slots = [None; 2];
        compiled.machine.search_slots(&mut compiled.cache.borrow_mut(), &Input::new(text), &mut slots)?;
        Some(slots[0]?.get()..slots[1]?.get())
    }
}

fn compile(spec: &Regex) -> Compiled {
    let options = regex::Options { case_sensitive: spec.pattern.case_sensitive };
    let tree = regex::parse(&spec.pattern.text, options).expect("configuration was checked");
    let config = NFA::config().utf8(false).which_captures(WhichCaptures::Implicit);
    let program = NFA::compiler().configure(config).build_from_hir(&tree).expect("no size limit");
    let machine = PikeVM::new_from_nfa(program).expect("no configuration is refused");
    let cache = RefCell::new(machine.create_cache());
    Compiled { machine, cache }
}
