//! What one request has shown so far.

mod bit_set;
mod budget;
mod candidate;
mod scratch;
mod store;

pub(crate) use bit_set::BitSet;
pub use budget::Clock;
pub(crate) use budget::{Budget, Expired};
pub(crate) use candidate::{Candidates, MAX_PER_PROBE};
pub(crate) use scratch::{Marks, Scratch};
pub(crate) use store::Store;

use crate::exclude::Exclusions;
use crate::plan::{Owner, Plan};
use crate::process::ProcessorState;
use crate::report::PendingAttribute;
use crate::verify::ConditionMatch;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;
use bartizan_lang::ruleset::Verdict;
use bartizan_lang::vocab::{AddressId, Text};
use bartizan_object::Input;

/// The memory of a context. A subcontext starts with a copy of its parent's.
#[derive(Clone)]
pub(crate) struct State {
    pub(crate) store: Store,
    pub(crate) candidates: Candidates,
    /// Conditions that matched; they stay true for the life of the context.
    pub(crate) matched: BTreeMap<u32, Arc<ConditionMatch>>,
    /// Negated conditions that were not true of a value that is still there: later exclusions and the time
    /// that goes by make no difference to them.
    pub(crate) refuted: BTreeSet<u32>,
    /// Rules about which something is new since they were last evaluated.
    pub(crate) open_rules: BitSet,
    /// Rules that matched; they do not match again.
    pub(crate) done_rules: BitSet,
    pub(crate) exclusions: Exclusions,
    /// Strongest verdict reported per collection of the `waf` module.
    pub(crate) collections: BTreeMap<Text, Verdict>,
    pub(crate) pending_attributes: Vec<PendingAttribute>,
    pub(crate) processors: ProcessorState,
}

impl State {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self {
            store: Store::new(plan.addresses.len()),
            candidates: Candidates::default(),
            matched: BTreeMap::new(),
            refuted: BTreeSet::new(),
            open_rules: BitSet::new(plan.rules.len()),
            done_rules: BitSet::new(plan.rules.len()),
            exclusions: Exclusions::new(plan),
            collections: BTreeMap::new(),
            pending_attributes: Vec::new(),
            processors: ProcessorState::default(),
        }
    }

    /// Takes in one batch; only addresses that arrive as new set the rules going.
    pub(crate) fn receive(&mut self, plan: &Plan, batch: &(Arc<Input>, Option<u32>), as_new: bool) {
        if as_new {
            self.store.begin_batch();
        }
        let Self { store, candidates, refuted, open_rules, .. } = self;
        store.receive(&batch.0, batch.1, &plan.ruleset.addresses, as_new, |id| {
            arrived(plan, id, candidates, refuted, open_rules);
        });
    }

    /// Sets an address to a value that the engine made.
    pub(crate) fn set(&mut self, plan: &Plan, id: AddressId, value: Input) {
        self.store.set(id, value);
        arrived(plan, id, &mut self.candidates, &mut self.refuted, &mut self.open_rules);
    }
}

/// Forgets what was found in a former value of an address, and opens the rules that look at it directly.
fn arrived(
    plan: &Plan,
    id: AddressId,
    candidates: &mut Candidates,
    refuted: &mut BTreeSet<u32>,
    open_rules: &mut BitSet,
) {
    if !candidates.is_empty() {
        candidates.clear(|probe| plan.address_of(probe) == id);
    }
    if !refuted.is_empty() {
        refuted.retain(|condition| plan.condition(*condition).addresses().all(|address| address != id));
    }
    for owner in &plan.addresses[id.0 as usize].direct {
        if let Owner::Rule(rule) = owner {
            open_rules.insert(*rule);
        }
    }
}
