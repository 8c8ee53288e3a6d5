//! Drafting cases: configurations, the data that their rules wait for, and what is done with both.

mod chain;
mod condition;
mod noise;
mod session;

pub(crate) use chain::{chain, disguise};
pub(crate) use condition::{Taste, condition};
pub(crate) use noise::{TEXTS, noise, splice, string, untidy};
pub(crate) use session::laid;

use crate::case::Step;
use crate::random::Random;
use crate::value::{Text, Value, map, text, texts};

/// The addresses that rules ask for.
pub(crate) const ADDRESSES: [&str; 6] = ["a", "b", "c", "server.request.query", "usr.id", "é f"];
/// Keys of maps, and thus of key paths.
pub(crate) const KEYS: [&str; 8] = ["k", "q", "id", "0", "x-y", "K", "password", "é"];

/// A step of a key path.
#[derive(Clone, Debug)]
pub(crate) enum PathItem {
    Key(Text),
    Index(i64),
}

/// A value that some condition waits for, and where.
#[derive(Clone, Debug)]
pub(crate) struct Bait {
    pub(crate) address: String,
    pub(crate) path: Vec<PathItem>,
    pub(crate) value: Value,
    /// The condition looks at keys.
    pub(crate) as_key: bool,
}

/// A case in the making.
pub(crate) struct Draft<'r> {
    pub(crate) random: &'r mut Random,
    /// Sections of a configuration, by name.
    pub(crate) sections: Vec<(&'static str, Value)>,
    pub(crate) baits: Vec<Bait>,
    pub(crate) steps: Vec<Step>,
    /// An address that is sent now and then.
    pub(crate) address_data: Option<(Text, Value)>,
    ids: u32,
}

impl<'r> Draft<'r> {
    pub(crate) fn new(random: &'r mut Random) -> Self {
        Draft {
            random,
            sections: Vec::new(),
            baits: Vec::new(),
            steps: Vec::new(),
            address_data: None,
            ids: 0,
        }
    }

    /// A number that no other thing of the case has.
    pub(crate) fn fresh(&mut self) -> u32 {
        self.ids += 1;
        self.ids
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.random.chance(percent)
    }

    /// Adds an item to a section.
    pub(crate) fn add(&mut self, section: &'static str, item: Value) {
        match self.sections.iter_mut().find(|(name, _)| *name == section) {
            Some((_, Value::Array(items))) => items.push(item),
            _ => self.sections.push((section, Value::Array(vec![item]))),
        }
    }

    /// Takes the sections drafted so far as a configuration.
    pub(crate) fn config(&mut self) -> Value {
        let mut config = Value::Map(Vec::new());
        if self.chance(70) {
            config.put("version", text("2.2"));
        }
        if self.chance(20) {
            config.put("metadata", map([("rules_version", text("1.2.3"))]));
        }
        for (name, items) in std::mem::take(&mut self.sections) {
            config.put(name, items);
        }
        if self.chance(4) {
            restore(self.random, &mut config);
        }
        config
    }

    /// Ends a configuration and builds an instance of it, in one of the ways there are.
    pub(crate) fn build(&mut self) {
        let value = self.config();
        if self.chance(25) {
            self.steps.push(Step::Init { value });
            return;
        }
        let split = self.chance(25);
        let parts = match value {
            Value::Map(entries) if split => {
                // Each section under a path of its own.
                entries.into_iter().map(|entry| Value::Map(vec![entry])).collect()
            }
            whole => vec![whole],
        };
        for (at, value) in parts.into_iter().enumerate() {
            self.steps.push(Step::Config { path: format!("p{at}"), value });
        }
        self.steps.push(Step::Build);
    }

    /// A rule of a type of its own, so that nothing depends on which rule of a type comes first.
    pub(crate) fn rule(&mut self, conditions: Vec<Value>) -> Value {
        let id = format!("r{}", self.fresh());
        self.rule_named(&id, &id.clone(), conditions)
    }

    pub(crate) fn rule_named(&mut self, id: &str, kind: &str, conditions: Vec<Value>) -> Value {
        map([
            ("id", text(id)),
            ("name", text(format!("rule {id}"))),
            ("tags", map([("type", text(kind)), ("category", text("c"))])),
            ("conditions", Value::Array(conditions)),
        ])
    }

    /// A condition that is easily met, on an address, and its bait.
    pub(crate) fn plain(&mut self, address: &str, word: &str) -> Value {
        self.baits.push(Bait {
            address: address.to_owned(),
            path: Vec::new(),
            value: text(word),
            as_key: false,
        });
        let inputs = Value::Array(vec![map([("address", text(address))])]);
        if self.chance(50) {
            let parameters = map([("inputs", inputs), ("regex", text(format!("^{word}")))]);
            map([("operator", text("match_regex")), ("parameters", parameters)])
        } else {
            let parameters = map([("inputs", inputs), ("list", texts([word, "never"]))]);
            map([("operator", text("exact_match")), ("parameters", parameters)])
        }
    }

    /// A random key path.
    pub(crate) fn path(&mut self) -> Vec<PathItem> {
        (0..self.random.between(1, 3))
            .map(|_| {
                if self.random.chance(25) {
                    PathItem::Index(self.random.between(0, 5) as i64 - 2)
                } else {
                    PathItem::Key(Text::new(self.random.pick(&KEYS)))
                }
            })
            .collect()
    }

    pub(crate) fn address(&mut self) -> String {
        (self.random.choose(&ADDRESSES)).to_owned()
    }
}

/// Stores the strings of a configuration in all forms.
fn restore(random: &mut Random, value: &mut Value) {
    match value {
        Value::String(text) => *text = untidy(random, std::mem::replace(text, Text::new(""))),
        Value::Array(items) => items.iter_mut().for_each(|item| restore(random, item)),
        Value::Map(entries) => {
            for (key, value) in entries {
                *key = untidy(random, std::mem::replace(key, Text::new("")));
                restore(random, value);
            }
        }
        _ => {}
    }
}

/// A key path as configurations write it.
pub(crate) fn path_value(path: &[PathItem]) -> Value {
    let item = |item: &PathItem| match item {
        PathItem::Key(key) => Value::String(key.clone()),
        PathItem::Index(index) if *index >= 0 => Value::Unsigned(index.unsigned_abs()),
        PathItem::Index(index) => Value::Signed(*index),
    };
    Value::Array(path.iter().map(item).collect())
}
