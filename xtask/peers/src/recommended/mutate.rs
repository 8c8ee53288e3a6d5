//! Requests made of others: their strings changed, spliced, encoded, nested, moved and renamed.

use super::bait::{self, Bait};
use super::key_value;
use crate::draft::{TEXTS, disguise, noise};
use crate::random::Random;
use crate::value::{Text, Value};

/// What mutations draw from.
pub(crate) struct Pool {
    /// Every string of every request.
    strings: Vec<Value>,
    addresses: Vec<String>,
    baits: Vec<Bait>,
}

impl Pool {
    pub(crate) fn new(requests: &[Vec<Value>], addresses: Vec<String>, config: &Value) -> Self {
        let mut strings: Vec<Value> = TEXTS.iter().map(|text| Value::String(Text::new(text))).collect();
        for run in requests.iter().flatten() {
            run.visit(&mut |value| match value {
                Value::String(_) => strings.push(value.clone()),
                Value::Map(entries) => strings.extend(entries.iter().map(|(key, _)| key_value(key))),
                _ => {}
            });
        }
        Pool { strings, addresses, baits: bait::of(config) }
    }

    /// A request made of others.
    pub(crate) fn request(&self, random: &mut Random, requests: &[Vec<Value>]) -> Vec<Value> {
        let mut runs = random.pick(requests).clone();
        if random.chance(15) {
            runs.extend(random.pick(requests).iter().cloned());
        }
        if random.chance(50) {
            // What some rule waits for.
            let entries = random.pick(&self.baits).entries(random);
            let at = random.below(runs.len());
            if let Value::Map(addresses) = &mut runs[at] {
                addresses.extend(entries);
            }
        }
        for run in &mut runs {
            for _ in 0..random.below(5) {
                self.change(random, run);
            }
        }
        if random.chance(10) {
            random.shuffle(&mut runs);
        }
        runs
    }

    fn change(&self, random: &mut Random, run: &mut Value) {
        let Value::Map(addresses) = run else { return };
        match random.below(12) {
            0 => {
                // A string of anywhere under an address of the rules.
                let address = Text::new(random.pick(&self.addresses));
                let value = random.pick(&self.strings).clone();
                let value = if random.chance(40) { self.nest(random, value) } else { value };
                addresses.push((address, value));
            }
            1 if !addresses.is_empty() => {
                // An address becomes another.
                let at = random.below(addresses.len());
                addresses[at].0 = Text::new(random.pick(&self.addresses));
            }
            2 if !addresses.is_empty() => {
                let at = random.below(addresses.len());
                let value = std::mem::replace(&mut addresses[at].1, Value::Null);
                addresses[at].1 = self.nest(random, value);
            }
            3 if addresses.len() > 1 => {
                addresses.remove(random.below(addresses.len()));
            }
            _ if !addresses.is_empty() => {
                let at = random.below(addresses.len());
                self.descend(random, &mut addresses[at].1);
            }
            _ => {}
        }
    }

    fn nest(&self, random: &mut Random, value: Value) -> Value {
        let key = random.pick(&self.strings).as_bytes().unwrap_or_default().to_vec();
        match random.below(4) {
            0 => Value::Array(vec![value]),
            1 => Value::Array(vec![noise(random, 1), value, random.pick(&self.strings).clone()]),
            2 => Value::Map(vec![(Text::new(key), value)]),
            _ => Value::Map(vec![(Text::new("x"), noise(random, 1)), (Text::new(key), value)]),
        }
    }

    /// Changes one place below.
    fn descend(&self, random: &mut Random, value: &mut Value) {
        match value {
            Value::Array(items) if !items.is_empty() => {
                let at = random.below(items.len());
                self.descend(random, &mut items[at]);
            }
            Value::Map(entries) if !entries.is_empty() => {
                let at = random.below(entries.len());
                match random.below(8) {
                    0 => entries[at].0 = Text::new(self.string(random, &entries[at].0.bytes)),
                    1 => {
                        let value = random.pick(&self.strings).clone();
                        entries.push((entries[at].0.clone(), value));
                    }
                    _ => self.descend(random, &mut entries[at].1),
                }
            }
            Value::String(text) => {
                let bytes = self.string(random, &text.bytes);
                *text = Text::new(bytes);
            }
            other => *other = noise(random, 2),
        }
    }

    fn string(&self, random: &mut Random, bytes: &[u8]) -> Vec<u8> {
        let other = random.pick(&self.strings).as_bytes().unwrap_or_default();
        let at = random.between(0, bytes.len());
        match random.below(10) {
            0 => other.to_vec(),
            1 => [&bytes[..at], other, &bytes[at..]].concat(),
            2 => [bytes, b" ", other].concat(),
            3 => [other, bytes].concat(),
            4 => bytes[..at].to_vec(),
            5 => bytes
                .iter()
                .map(|b| if random.chance(50) { b.to_ascii_uppercase() } else { b.to_ascii_lowercase() })
                .collect(),
            6 => {
                let mut bytes = bytes.to_vec();
                bytes.insert(at, random.next() as u8);
                bytes
            }
            7 => {
                let chain = [random.choose(&[
                    "url_decode",
                    "url_decode_iis",
                    "html_entity_decode",
                    "js_decode",
                    "css_decode",
                    "base64_decode",
                    "remove_nulls",
                    "shell_unescape",
                    "remove_comments",
                    "lowercase",
                ])];
                disguise(random, &chain, bytes)
            }
            _ => {
                // A piece of one and a piece of the other.
                let to = random.between(0, other.len());
                [&bytes[..at], &other[to..]].concat()
            }
        }
    }
}
