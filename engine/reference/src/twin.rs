//! The life cycle, without a plan: ruleset → context → subcontext.

use crate::condition::Asker;
use crate::memory::Memory;
use crate::operator::Regexes;
use crate::processor::Stage;
use crate::report::Report;
use crate::value::Value;
use bartizan_lang::Ruleset;
use bartizan_lang::ruleset::{AttributeValue, Verdict};
use bartizan_lang::vocab::{AddressId, EVENT_ADDRESS};
use bartizan_object::{Kind, Object, View};
use std::collections::BTreeSet;
use std::rc::Rc;

/// What the engine calls an instance: a ruleset that can be asked.
#[derive(Clone)]
pub struct Twin(Rc<Shared>);

struct Shared {
    ruleset: Ruleset,
    regexes: Regexes,
}

/// One request.
#[derive(Clone)]
pub struct Context {
    shared: Rc<Shared>,
    memory: Memory,
}

/// What comes with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Seconds since the epoch, for data that expires.
    pub now_s: u64,
    /// Whether there is any time; without, only what no deadline stops is looked at.
    pub has_time: bool,
}

impl Default for Call {
    /// All the time there is, from the epoch on.
    fn default() -> Self {
        Self { now_s: 0, has_time: true }
    }
}

/// The data is not a map, or for several batches not an array of maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAMap;

/// What a call found.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The result document: what the engine's is, but for the ids, in whose place stand
    /// [`RESPONSE_ID`](crate::RESPONSE_ID) and [`STACK_ID`](crate::STACK_ID), and the duration, which is 0.
    pub result: Value,
    /// Whether there are events, actions or attributes.
    pub is_match: bool,
}

impl Twin {
    /// A twin of what the engine makes of a ruleset.
    #[must_use]
    pub fn new(ruleset: Ruleset) -> Self {
        Self(Rc::new(Shared { ruleset, regexes: Regexes::default() }))
    }

    /// The ruleset.
    #[must_use]
    pub fn ruleset(&self) -> &Ruleset {
        &self.0.ruleset
    }

    /// A context for one request.
    #[must_use]
    pub fn context(&self) -> Context {
        Context { shared: self.0.clone(), memory: Memory::default() }
    }
}

impl Context {
    /// Evaluates one batch: a map from address to value.
    ///
    /// # Errors
    /// The data is not a map.
    pub fn eval(&mut self, data: &Object, call: Call) -> Result<Outcome, NotAMap> {
        self.run(std::slice::from_ref(data), call)
    }

    /// Evaluates several batches in order: an array of maps.
    ///
    /// # Errors
    /// The data is not an array of maps.
    pub fn eval_batches(&mut self, data: &Object, call: Call) -> Result<Outcome, NotAMap> {
        let View::Array(batches) = data.view() else { return Err(NotAMap) };
        self.run(batches, call)
    }

    /// A context that starts as a copy of this one.
    #[must_use]
    pub fn subcontext(&self) -> Self {
        self.clone()
    }

    fn run(&mut self, batches: &[Object], call: Call) -> Result<Outcome, NotAMap> {
        if batches.iter().any(|batch| batch.kind() != Kind::Map) {
            return Err(NotAMap);
        }
        let Shared { ruleset, regexes } = &*self.shared;
        let memory = &mut self.memory;
        let mut report = Report::default();
        let mut stopped = false;
        for batch in batches {
            receive(ruleset, memory, batch, !stopped);
            if stopped {
                continue;
            }
            let first = report.matches.len();
            let mut asker = Asker { ruleset, regexes, now_s: call.now_s, memory };
            if asker.batch(call.has_time, &mut report) {
                report.evaluated += 1;
            }
            report.timeout = !call.has_time;
            report.settle_pending(memory);
            let rules: Vec<usize> = report.matches[first..].iter().map(|found| found.rule).collect();
            rules.into_iter().for_each(|rule| report.set_attributes(ruleset, rule, memory));
            let blocked = report.matches[first..].iter().any(|found| found.verdict == Verdict::Block);
            stopped = blocked || report.timeout;
        }
        let result = report.to_value(ruleset, regexes);
        let has = |key: &[u8]| match result.get(key) {
            Some(Value::Array(items)) => !items.is_empty(),
            Some(Value::Map(entries)) => !entries.is_empty(),
            _ => false,
        };
        let is_match = has(b"events") || has(b"actions") || has(b"attributes");
        Ok(Outcome { result, is_match })
    }
}

/// Takes in a map from address to value; of repeated addresses the last stays.
fn receive(ruleset: &Ruleset, memory: &mut Memory, batch: &Object, as_new: bool) {
    if as_new {
        memory.new.clear();
    }
    for entry in batch.as_map().unwrap_or_default() {
        let name = entry.key.as_bytes().filter(|name| !name.is_empty());
        if let Some(id) = name.and_then(|name| ruleset.addresses.find(name)) {
            memory.receive(id, Rc::new(Value::from(&entry.value)), as_new);
        }
    }
}

impl Asker<'_> {
    /// One batch, stage by stage. False when time was missing.
    fn batch(&mut self, has_time: bool, report: &mut Report) -> bool {
        // A processor that runs out of time gives nothing; the rules are still asked.
        self.process(Stage::BeforeRules, has_time, report);
        let mut in_time = true;
        let (for_rules, for_filters) = addresses(self.ruleset);
        let before = report.matches.len();
        let asks_rules = !for_rules.is_disjoint(&self.memory.new);
        if asks_rules || !for_filters.is_disjoint(&self.memory.new) {
            let has_filters = !self.ruleset.rule_filters.is_empty() || !self.ruleset.input_filters.is_empty();
            if has_filters && !has_time {
                return false;
            }
            self.exclude();
        }
        if asks_rules {
            in_time = self.ask_rules(has_time, &mut report.matches);
        }
        let event_address = self.ruleset.addresses.find(EVENT_ADDRESS);
        if let Some(id) = event_address
            && report.matches.len() > before
            && !self.memory.store.contains_key(&id)
        {
            self.memory.receive(id, Rc::new(Value::Bool(true)), true);
        }
        in_time && self.process(Stage::AfterRules, has_time, report)
    }
}

/// The addresses whose arrival sets rules going, and those that set filters going.
fn addresses(ruleset: &Ruleset) -> (BTreeSet<AddressId>, BTreeSet<AddressId>) {
    let (mut rules, mut filters) = (BTreeSet::new(), BTreeSet::new());
    for active in &ruleset.rules {
        rules.extend(active.rule.conditions.iter().flat_map(|condition| condition.addresses()));
        for attribute in &active.rule.output.attributes {
            if let AttributeValue::Address { address, .. } = &attribute.value {
                rules.insert(*address);
            }
        }
    }
    for filter in &ruleset.rule_filters {
        filters.extend(filter.conditions.iter().flat_map(|condition| condition.addresses()));
    }
    for filter in &ruleset.input_filters {
        filters.extend(filter.conditions.iter().flat_map(|condition| condition.addresses()));
        filters.extend(filter.inputs.iter().map(|input| input.address));
    }
    (rules, filters)
}
