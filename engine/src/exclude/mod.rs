//! Exclusions: rule filters and input filters. What they exclude accumulates in a context.

mod glob;

use crate::plan::Plan;
use crate::state::{BitSet, Expired, State};
use crate::verify::Verifier;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use bartizan_lang::ruleset::{Condition, FilterInput, FilterMode, GlobItem, RuleSelection};
use bartizan_object::Object;

/// What filters have excluded so far.
#[derive(Clone)]
pub(crate) struct Exclusions {
    /// Rule filters that matched; they are not asked again.
    matched: BitSet,
    /// The strongest rule filter per rule.
    rules: BTreeMap<u32, u32>,
    /// Objects hidden per input filter.
    objects: Vec<(u32, BTreeSet<usize>)>,
}

impl Exclusions {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self { matched: BitSet::new(plan.rule_filters.len()), rules: BTreeMap::new(), objects: Vec::new() }
    }

    /// What is to be done with a rule, when anything is.
    pub(crate) fn mode<'p>(&self, plan: &'p Plan, rule: u32) -> Option<&'p FilterMode> {
        let filter = self.rules.get(&rule)?;
        Some(&plan.ruleset.rule_filters[*filter as usize].mode)
    }
}

/// The input filters that apply to whoever asks.
pub(crate) struct Hidden<'p>(&'p [u32]);

impl<'p> Hidden<'p> {
    /// Nothing is hidden from filters and processors.
    pub(crate) const NOTHING: Hidden<'static> = Hidden(&[]);

    pub(crate) fn from_rule(plan: &'p Plan, rule: u32) -> Self {
        Self(&plan.rules[rule as usize].input_filters)
    }

    pub(crate) fn hides(&self, exclusions: &Exclusions, object: &Object) -> bool {
        !self.0.is_empty()
            && exclusions
                .objects
                .iter()
                .any(|(filter, objects)| self.0.contains(filter) && objects.contains(&object.address()))
    }
}

const fn rank(mode: &FilterMode) -> u8 {
    match mode {
        FilterMode::Custom(_) => 1,
        FilterMode::Monitor => 2,
        FilterMode::Bypass => 3,
    }
}

/// Asks all filters that may have something new to say: rule filters first, then input filters.
pub(crate) fn run(verifier: &mut Verifier<'_, '_>) -> Result<(), Expired> {
    let plan = verifier.plan;
    for (index, filter) in plan.ruleset.rule_filters.iter().enumerate() {
        verifier.budget.spend(1)?;
        if verifier.state.exclusions.matched.contains(index as u32)
            || !verifier.all(plan.rule_filters[index].clone(), &Hidden::NOTHING)?
        {
            continue;
        }
        let exclusions = &mut verifier.state.exclusions;
        exclusions.matched.insert(index as u32);
        let mut exclude = |rule: u32| {
            let strongest = exclusions.rules.entry(rule).or_insert(index as u32);
            let current = &plan.ruleset.rule_filters[*strongest as usize].mode;
            if rank(&filter.mode) > rank(current) {
                *strongest = index as u32;
            }
        };
        match &filter.rules {
            RuleSelection::All => (0..plan.rules.len() as u32).for_each(&mut exclude),
            RuleSelection::Some(rules) => rules.iter().copied().for_each(&mut exclude),
        }
    }
    for (index, filter) in plan.ruleset.input_filters.iter().enumerate() {
        verifier.budget.spend(1)?;
        if !verifier.all(plan.input_filters[index].clone(), &Hidden::NOTHING)? {
            continue;
        }
        let mut hidden = BTreeSet::new();
        let mut rest: &[FilterInput] = &filter.inputs;
        while let Some(input) = rest.first() {
            // Inputs stand by address.
            let (same, others) = rest.split_at(rest.partition_point(|i| i.address == input.address));
            rest = others;
            if let Some(root) = verifier.state.store.get(input.address) {
                verifier.budget.spend(1)?;
                let paths: Vec<&[GlobItem]> = same.iter().map(|input| &*input.key_path).collect();
                glob::find(root, &paths, &mut |object| {
                    hidden.insert(object.address());
                });
            }
        }
        if hidden.is_empty() {
            continue;
        }
        let State { exclusions: Exclusions { objects, .. }, open_rules, .. } = &mut *verifier.state;
        let grows = match objects.iter_mut().find(|(filter, _)| *filter == index as u32) {
            Some((_, known)) => {
                let before = known.len();
                known.append(&mut hidden);
                known.len() > before
            }
            None => {
                objects.push((index as u32, hidden));
                true
            }
        };
        if grows {
            reopen(plan, &filter.rules, open_rules);
        }
    }
    Ok(())
}

/// A detector may have stopped at a parameter that is hidden now, and would go on behind it.
fn reopen(plan: &Plan, selection: &RuleSelection, open_rules: &mut BitSet) {
    let is_detector = |condition: &Condition| matches!(condition, Condition::Detector { .. });
    let mut reopen = |rule: u32| {
        if plan.ruleset.rules[rule as usize].rule.conditions.iter().any(is_detector) {
            open_rules.insert(rule);
        }
    };
    match selection {
        RuleSelection::All => (0..plan.rules.len() as u32).for_each(&mut reopen),
        RuleSelection::Some(rules) => rules.iter().copied().for_each(&mut reopen),
    }
}
