//! What the plans of one builder have in common: what is unchanged is not made again.

use super::sweep::Sweep;
use crate::verify::operator::{Needed, Shared};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use bartizan_text::regex::literal::Literal;
use bartizan_text::regex::need::{Need, Needs};

/// What earlier plans were made of.
#[derive(Default)]
pub(crate) struct Reuse {
    pub(super) operators: Shared,
    pub(super) sweeps: Sweeps,
}

impl Reuse {
    /// Lets go of what nobody else holds.
    pub(crate) fn forget_unused(&mut self) {
        self.sweeps.forget_unused();
        self.operators.forget_unused();
    }
}

/// A string probe whose needs are swept for.
pub(super) struct Swept {
    needed: Needed,
    /// The target's number of the probe.
    pub(super) local: u32,
    /// How many probes of the target before this one need the same.
    nth: u32,
    /// How many literals it asks for.
    literals: u32,
}

/// What a probe needs, once more for each further probe of a target that needs the same.
type Slot = (usize, u32);

impl Swept {
    pub(super) fn new(needed: Needed, local: u32, literals: u32, before: &[Self]) -> Self {
        let nth = before.iter().filter(|other| other.needed.place() == needed.place()).count() as u32;
        Self { needed, local, nth, literals }
    }

    pub(super) fn literals(&self) -> impl Iterator<Item = &Literal> {
        literals(self.needed.needs())
    }

    fn slot(&self) -> Slot {
        (self.needed.place(), self.nth)
    }
}

fn literals(needs: Option<&Needs>) -> impl Iterator<Item = &Literal> {
    needs.into_iter().flatten().filter_map(|need| match need {
        Need::Literal(literal) => Some(literal),
        Need::Bytes(_) => None,
    })
}

/// A sweep and the numbers by which it reports what it was made for. Those of a target are few among them:
/// targets that ask for much the same share one sweep.
#[derive(Clone, Default)]
pub(crate) struct SharedSweep {
    sweep: Arc<Sweep>,
    /// By number: the string probe of the target, or [`NOBODY`].
    locals: Box<[u32]>,
}

const NOBODY: u32 = u32::MAX;

impl SharedSweep {
    /// Passes over `value` as [`Sweep::run`] does, and calls `hit` with string probes of the target.
    pub(crate) fn run(&self, value: &[u8], classes: &[u64; 256], mut hit: impl FnMut(u32)) -> u64 {
        self.sweep.run(value, classes, |number| match self.locals[number as usize] {
            NOBODY => {}
            local => hit(local),
        })
    }
}

/// What one sweep is made for.
#[derive(Default)]
struct Group {
    numbers: BTreeMap<Slot, u32>,
    /// By number. It keeps what gives the slot its place.
    needed: Vec<Needed>,
    literals: u32,
    sweep: Option<Arc<Sweep>>,
}

/// Which group a target belongs to.
#[derive(Clone, Copy)]
pub(super) struct Choice(usize);

/// The sweeps of earlier plans, and of the plan at hand.
#[derive(Default)]
pub(super) struct Sweeps {
    groups: Vec<Group>,
}

impl Sweeps {
    /// Finds a group for the probes of a target: one that has them all, or one to join, or a new one.
    pub(super) fn choose(&mut self, probes: &[Swept]) -> Choice {
        let literals: u32 = probes.iter().map(|probe| probe.literals).sum();
        let fits = |group: &Group| {
            // Looking for more than twice as much as needed would cost more than it saves.
            let (fewer, more) = (literals.min(group.literals), literals.max(group.literals));
            if 2 * fewer < more {
                return false;
            }
            let is_there = |probe: &&Swept| group.numbers.contains_key(&probe.slot());
            match group.sweep {
                Some(_) => probes.iter().all(|probe| is_there(&probe)),
                None => 2 * probes.iter().filter(is_there).map(|probe| probe.literals).sum::<u32>() >= more,
            }
        };
        let at = self.groups.iter().position(fits).unwrap_or_else(|| {
            self.groups.push(Group::default());
            self.groups.len() - 1
        });
        let group = &mut self.groups[at];
        for probe in probes {
            group.numbers.entry(probe.slot()).or_insert_with(|| {
                group.needed.push(probe.needed.clone());
                group.literals += probe.literals;
                group.needed.len() as u32 - 1
            });
        }
        Choice(at)
    }

    /// The sweep for a target, once all targets have chosen.
    pub(super) fn get(&mut self, choice: Choice, probes: &[Swept]) -> SharedSweep {
        let group = &mut self.groups[choice.0];
        let sweep = group.sweep.get_or_insert_with(|| {
            let numbered = group.needed.iter().zip(0..);
            let literals = numbered
                .flat_map(|(needed, number)| literals(needed.needs()).map(move |literal| (*literal, number)));
            Arc::new(Sweep::new(literals.collect()))
        });
        let mut locals = vec![NOBODY; group.needed.len()];
        for probe in probes {
            if let Some(number) = group.numbers.get(&probe.slot()) {
                locals[*number as usize] = probe.local;
            }
        }
        SharedSweep { sweep: Arc::clone(sweep), locals: locals.into() }
    }

    fn forget_unused(&mut self) {
        self.groups.retain(|group| group.sweep.as_ref().is_some_and(|sweep| Arc::strong_count(sweep) > 1));
    }
}
