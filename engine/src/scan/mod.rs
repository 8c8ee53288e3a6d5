//! One pass over each new value finds the candidates of all conditions that look at it.
//!
//! Invariant: a value that an operator would match is a candidate of its probe. The reverse is the
//! business of the verify stage.

pub(crate) mod path;
pub(crate) mod walk;

use crate::plan::{NON_ASCII, Plan, Target, folds_from_outside};
use crate::state::{Budget, Expired, Scratch, State};
use bartizan_lang::ruleset::DataSource;
use bartizan_lang::vocab::AddressId;
use bartizan_object::{Kind, Object};
use core::ops::ControlFlow;
use path::Resolved;
use walk::{Position, Visit};

/// Most candidates that are listed per probe of one target.
use crate::state::MAX_PER_PROBE;

/// Which conditions a scan serves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Those that the deadline stops.
    Dying = 0,
    /// Those of the access lists, which it does not.
    Undying = 1,
}

/// Scans every address that arrived since the last scan of this part.
pub(crate) fn run(
    plan: &Plan,
    state: &mut State,
    part: Part,
    scratch: &mut Scratch,
    budget: &mut Budget<'_>,
) -> Result<(), Expired> {
    let count = plan.addresses.len() as u32;
    let mut next = 0;
    let mut added = false;
    let mut outcome = Ok(());
    while let Some(id) = state.store.unscanned[part as usize].next(next, count) {
        next = id + 1;
        let address = &plan.addresses[id as usize];
        let targets = if part == Part::Dying { &address.targets } else { &address.undying_targets };
        for target in targets {
            outcome = scan_target(plan, state, AddressId(id), target, scratch, budget);
            added = true;
            if outcome.is_err() {
                break;
            }
        }
        if outcome.is_err() {
            break;
        }
        state.store.unscanned[part as usize].remove(id);
    }
    if added {
        state.candidates.sort();
    }
    outcome
}

fn scan_target(
    plan: &Plan,
    state: &mut State,
    id: AddressId,
    target: &Target,
    scratch: &mut Scratch,
    budget: &mut Budget<'_>,
) -> Result<(), Expired> {
    let Some(root) = state.store.get(id) else { return Ok(()) };
    let Resolved::Found(root) = path::resolve(root, &target.key_path, |_| false) else { return Ok(()) };
    scratch.begin_target(target.strings.len());
    let State { candidates, open_rules, .. } = state;
    let mut sink = Sink { plan, candidates, open_rules, last: None };
    let expired = walk::walk(
        root,
        |_| false,
        |visit, position| {
            let spent = match (visit, target.source) {
                (Visit::Key(key), DataSource::Keys) => {
                    scan_string(plan, target, key, position, scratch, &mut sink, budget)
                }
                (Visit::Scalar(object), DataSource::Values) => match object.as_bytes() {
                    Some(bytes) => scan_string(plan, target, bytes, position, scratch, &mut sink, budget),
                    None => scan_scalar(plan, target, object, position, &mut sink, budget),
                },
                _ => budget.spend(1),
            };
            match spent {
                Ok(()) => ControlFlow::Continue(()),
                Err(Expired) => ControlFlow::Break(Expired),
            }
        },
    );
    expired.map_or(Ok(()), Err)
}

/// Where candidates go.
struct Sink<'s> {
    plan: &'s Plan,
    candidates: &'s mut crate::state::Candidates,
    open_rules: &'s mut crate::state::BitSet,
    /// Set while the value at hand already has a candidate, whose steps can be shared.
    last: Option<()>,
}

impl Sink<'_> {
    fn add(&mut self, probe: u32, position: &Position<'_>) {
        if self.last.is_some() {
            self.candidates.add_again(probe);
        } else if self.candidates.add(probe, position.steps()) {
            self.last = Some(());
        } else {
            self.candidates.unlist(probe);
        }
        self.opened(probe);
    }

    fn unlist(&mut self, probe: u32) {
        self.candidates.unlist(probe);
        self.opened(probe);
    }

    fn opened(&mut self, probe: u32) {
        let condition = self.plan.probes[probe as usize].condition;
        if let crate::plan::Owner::Rule(rule) = self.plan.conditions[condition as usize].owner {
            self.open_rules.insert(rule);
        }
    }
}

fn scan_scalar(
    plan: &Plan,
    target: &Target,
    object: &Object,
    position: &Position<'_>,
    sink: &mut Sink<'_>,
    budget: &mut Budget<'_>,
) -> Result<(), Expired> {
    budget.spend(1)?;
    if !matches!(object.kind(), Kind::Bool | Kind::Signed | Kind::Unsigned | Kind::Float) {
        return Ok(());
    }
    sink.last = None;
    for probe in &target.scalars {
        let condition = &plan.conditions[plan.probes[*probe as usize].condition as usize];
        if condition.operator.as_ref().is_some_and(|operator| operator.supports(object.kind())) {
            sink.add(*probe, position);
        }
    }
    Ok(())
}

fn scan_string(
    plan: &Plan,
    target: &Target,
    value: &[u8],
    position: &Position<'_>,
    scratch: &mut Scratch,
    sink: &mut Sink<'_>,
    budget: &mut Budget<'_>,
) -> Result<(), Expired> {
    budget.spend(value.len() as u64 + 1)?;
    if target.strings.is_empty() {
        return Ok(());
    }
    let Scratch { hit, hits, changed_hits, counts, buffers, .. } = scratch;
    let classes = mark(plan, target, value, hit, hits);
    for local in hits.iter() {
        hit[*local as usize] = false;
    }
    // Chains that change this value: what was found in it does not count for them.
    let mut changed = 0u64;
    sink.last = None;
    for (index, chain) in target.chains.iter().enumerate().skip(1) {
        if chain.triggers.is_some_and(|triggers| classes & triggers == 0) {
            continue;
        }
        budget.spend(value.len() as u64)?;
        let Some(text) = buffers.transform(&chain.transformers, value) else { continue };
        changed |= 1 << index;
        budget.spend(text.len() as u64)?;
        mark(plan, target, text, hit, changed_hits);
        for local in changed_hits.drain(..) {
            hit[local as usize] = false;
            if usize::from(target.strings[local as usize].chain) == index {
                collect(target, local, text.len(), counts, position, sink);
            }
        }
    }
    for local in hits.drain(..) {
        if changed & (1 << target.strings[local as usize].chain) == 0 {
            collect(target, local, value.len(), counts, position, sink);
        }
    }
    Ok(())
}

/// Tells the numbers of a target's probes that may match a text as it is, in no particular order.
pub(crate) fn may_match(
    plan: &Plan,
    target: &Target,
    text: &[u8],
    scratch: &mut Scratch,
    mut tell: impl FnMut(u32),
) {
    let Scratch { hit, hits, .. } = scratch;
    if hit.len() < target.strings.len() {
        hit.resize(target.strings.len(), false);
    }
    mark(plan, target, text, hit, hits);
    for local in hits.drain(..) {
        hit[local as usize] = false;
        tell(target.strings[local as usize].probe);
    }
}

/// Marks the local probes that may match this text; returns the byte classes it touches.
fn mark(plan: &Plan, target: &Target, text: &[u8], hit: &mut [bool], hits: &mut alloc::vec::Vec<u32>) -> u64 {
    let mut note = |local: u32| {
        let seen = &mut hit[local as usize];
        if !*seen {
            *seen = true;
            hits.push(local);
        }
    };
    let classes = target.sweep.run(text, &plan.flags.table, &mut note);
    for probe in &target.by_class {
        if probe.any_of.is_empty() || probe.any_of.iter().any(|wanted| classes & wanted == *wanted) {
            note(probe.local);
        }
    }
    if classes & NON_ASCII != 0 && folds_from_outside(text) {
        for local in 0..target.strings.len() as u32 {
            note(local);
        }
    }
    classes
}

/// Makes the value at hand, of this length as the probe sees it, a candidate of a local probe.
fn collect(
    target: &Target,
    local: u32,
    len: usize,
    counts: &mut [u8],
    position: &Position<'_>,
    sink: &mut Sink<'_>,
) {
    let probe = &target.strings[local as usize];
    if len < probe.min_length as usize {
        return;
    }
    let count = &mut counts[local as usize];
    if *count < MAX_PER_PROBE {
        *count += 1;
        if *count == MAX_PER_PROBE {
            sink.unlist(probe.probe);
        } else {
            sink.add(probe.probe, position);
        }
    }
}
