//! One pass over each new value finds the candidates of all conditions that look at it.
//!
//! Invariant: a value that an operator would match is a candidate of its probe. The reverse is the
//! business of the verify stage.

pub(crate) mod path;
pub(crate) mod walk;

use crate::plan::{NON_ASCII, Plan, Target, folds_from_outside};
use crate::state::{Budget, Expired, Marks, Scratch, State};
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
    let mut marks = core::mem::take(&mut scratch.marks);
    marks.begin_target(target.strings.len());
    let State { candidates, open_rules, .. } = state;
    let mut sink = Sink { plan, candidates, open_rules, last: None };
    let expired = walk::walk(
        root,
        |_| false,
        |visit, position| {
            let spent = match (visit, target.source) {
                (Visit::Key(key), DataSource::Keys) => {
                    scan_string(plan, target, key, position, scratch, &mut marks, &mut sink, budget)
                }
                (Visit::Scalar(object), DataSource::Values) => match object.as_bytes() {
                    Some(bytes) => {
                        scan_string(plan, target, bytes, position, scratch, &mut marks, &mut sink, budget)
                    }
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
    scratch.marks = marks;
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

#[expect(clippy::too_many_arguments, reason = "one call per value, inlined")]
fn scan_string(
    plan: &Plan,
    target: &Target,
    value: &[u8],
    position: &Position<'_>,
    scratch: &mut Scratch,
    marks: &mut Marks,
    sink: &mut Sink<'_>,
    budget: &mut Budget<'_>,
) -> Result<(), Expired> {
    budget.spend(value.len() as u64 + 1)?;
    if target.strings.is_empty() {
        return Ok(());
    }
    let classes = mark(plan, target, value, marks);
    sink.last = None;
    // Chains that change this value: what was found in it does not count for them.
    let mut changed = 0u64;
    if target.may_change(classes) {
        let hits = core::mem::take(&mut marks.hits);
        let mut buffers = core::mem::take(&mut scratch.buffers);
        let mut outcome = Ok(());
        for (index, chain) in target.chains.iter().enumerate().skip(1) {
            if !chain.is_worthwhile(classes) {
                continue;
            }
            outcome = budget.spend(value.len() as u64);
            let Some(text) = buffers.transform(&chain.transformers, value) else { continue };
            changed |= 1 << index;
            outcome = outcome.and_then(|()| budget.spend(text.len() as u64));
            if outcome.is_err() {
                break;
            }
            mark(plan, target, text, marks);
            while let Some(local) = marks.hits.pop() {
                if usize::from(target.strings[local as usize].chain) == index {
                    collect(plan, target, local, text, scratch, marks, position, sink, budget);
                }
            }
        }
        scratch.buffers = buffers;
        marks.hits = hits;
        outcome?;
    }
    while let Some(local) = marks.hits.pop() {
        if changed & (1 << target.strings[local as usize].chain) == 0 {
            collect(plan, target, local, value, scratch, marks, position, sink, budget);
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
    let marks = &mut scratch.marks;
    marks.make_room(target.strings.len());
    mark(plan, target, text, marks);
    while let Some(local) = marks.hits.pop() {
        tell(target.strings[local as usize].probe);
    }
}

/// Lists the local probes that may match this text; returns the byte classes it touches.
fn mark(plan: &Plan, target: &Target, text: &[u8], marks: &mut Marks) -> u64 {
    marks.next_text();
    let classes = target.sweep.run(text, &plan.flags.table, |local| marks.note(local));
    for (wanted, probes) in &target.by_class {
        if classes & wanted == *wanted {
            for local in probes {
                marks.note(*local);
            }
        }
    }
    if classes & NON_ASCII != 0 && folds_from_outside(text) {
        for local in 0..target.strings.len() as u32 {
            marks.note(local);
        }
    }
    classes
}

/// Makes the value at hand, with its text as the probe sees it, a candidate of a local probe.
#[expect(clippy::too_many_arguments, reason = "the inner end of scan_string")]
fn collect(
    plan: &Plan,
    target: &Target,
    local: u32,
    text: &[u8],
    scratch: &mut Scratch,
    marks: &mut Marks,
    position: &Position<'_>,
    sink: &mut Sink<'_>,
    budget: &mut Budget<'_>,
) {
    let probe = &target.strings[local as usize];
    if text.len() < probe.min_length as usize {
        return;
    }
    // Out of time, a candidate is taken unseen: the next to spend anything stops.
    if probe.is_weak
        && budget.spend(text.len() as u64 + 8).is_ok()
        && let condition = &plan.conditions[plan.probes[probe.probe as usize].condition as usize]
        && condition.operator.as_ref().is_some_and(|operator| operator.rules_out(text, scratch))
    {
        return;
    }
    let count = &mut marks.counts[local as usize];
    if *count < MAX_PER_PROBE {
        *count += 1;
        if *count == MAX_PER_PROBE {
            sink.unlist(probe.probe);
        } else {
            sink.add(probe.probe, position);
        }
    }
}
