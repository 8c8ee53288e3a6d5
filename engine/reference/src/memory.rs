//! What a context remembers between calls: the least that the meaning of rules asks for.

use crate::condition::Found;
use crate::processor::ProcessorMemory;
use crate::value::Value;
use crate::walk::{Arrived, Hidden};
use bartizan_lang::ruleset::Verdict;
use bartizan_lang::vocab::{AddressId, PathItem};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Whose conditions they are, with the place in the ruleset. Processors are counted over both stages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owner {
    Rule(usize),
    RuleFilter(usize),
    InputFilter(usize),
    Processor(usize),
}

/// An attribute whose address has not arrived yet.
#[derive(Clone)]
pub(crate) struct PendingAttribute {
    pub(crate) name: Vec<u8>,
    pub(crate) address: AddressId,
    pub(crate) key_path: Vec<PathItem>,
}

#[derive(Clone, Default)]
pub(crate) struct Memory {
    /// How many values arrived so far.
    arrivals: u64,
    /// The latest value of each address.
    pub(crate) store: BTreeMap<AddressId, Arrived>,
    /// Addresses that arrived in this batch.
    pub(crate) new: BTreeSet<AddressId>,
    /// Which arrival each input of a condition looked at last.
    pub(crate) examined: BTreeMap<(Owner, usize, usize), u64>,
    /// Conditions that were true; they stay so.
    pub(crate) matched: BTreeMap<(Owner, usize), Found>,
    /// Rules that matched; they do not match again.
    pub(crate) done: BTreeSet<usize>,
    /// The strongest verdict reported per type, in the module that has collections.
    pub(crate) collections: BTreeMap<Vec<u8>, Verdict>,
    /// Rule filters that matched; they are not asked again.
    pub(crate) filtered: BTreeSet<usize>,
    /// The rule filter that decides about a rule.
    pub(crate) modes: BTreeMap<usize, usize>,
    /// What is hidden from a rule.
    pub(crate) hidden: BTreeMap<usize, Hidden>,
    pub(crate) pending: Vec<PendingAttribute>,
    pub(crate) processors: BTreeMap<usize, ProcessorMemory>,
}

impl Memory {
    /// Takes in a value; only what arrives as new sets the rules going.
    pub(crate) fn receive(&mut self, address: AddressId, value: Rc<Value>, as_new: bool) {
        self.arrivals += 1;
        self.store.insert(address, Arrived { number: self.arrivals, value });
        if as_new {
            self.new.insert(address);
        }
    }
}
