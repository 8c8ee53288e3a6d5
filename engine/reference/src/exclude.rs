//! Exclusions. What filters exclude stays excluded.

use crate::condition::Asker;
use crate::memory::Owner;
use crate::walk::{Hidden, Place};
use bartizan_lang::ruleset::{FilterMode, RuleSelection};
use std::collections::BTreeSet;

impl Asker<'_> {
    /// Asks rule filters, then input filters.
    pub(crate) fn exclude(&mut self) {
        for (number, filter) in self.ruleset.rule_filters.iter().enumerate() {
            let owner = Owner::RuleFilter(number);
            if self.memory.filtered.contains(&number) || !self.all(owner, &filter.conditions, &Hidden::new())
            {
                continue;
            }
            self.memory.filtered.insert(number);
            for rule in self.selected(&filter.rules) {
                let former =
                    self.memory.modes.get(&rule).map(|former| &self.ruleset.rule_filters[*former].mode);
                if former.is_none_or(|former| rank(&filter.mode) > rank(former)) {
                    self.memory.modes.insert(rule, number);
                }
            }
        }
        for (number, filter) in self.ruleset.input_filters.iter().enumerate() {
            if !self.all(Owner::InputFilter(number), &filter.conditions, &Hidden::new()) {
                continue;
            }
            let mut objects = Hidden::new();
            let addresses: BTreeSet<_> = filter.inputs.iter().map(|input| input.address).collect();
            for address in addresses {
                if let Some(arrived) = self.memory.store.get(&address) {
                    let inputs = filter.inputs.iter().filter(|input| input.address == address);
                    let paths: Vec<_> = inputs.map(|input| input.key_path.clone()).collect();
                    let places = Place::root(arrived).glob(&paths);
                    objects.extend(places.iter().map(Place::identity));
                }
            }
            for rule in self.selected(&filter.rules) {
                self.memory.hidden.entry(rule).or_default().extend(objects.iter().cloned());
            }
        }
    }

    fn selected(&self, selection: &RuleSelection) -> Vec<usize> {
        match selection {
            RuleSelection::All => (0..self.ruleset.rules.len()).collect(),
            RuleSelection::Some(rules) => rules.iter().map(|rule| *rule as usize).collect(),
        }
    }

    /// What a filter wants done with a rule.
    pub(crate) fn mode(&self, rule: usize) -> Option<&FilterMode> {
        self.memory.modes.get(&rule).map(|filter| &self.ruleset.rule_filters[*filter].mode)
    }
}

fn rank(mode: &FilterMode) -> u8 {
    match mode {
        FilterMode::Custom(_) => 1,
        FilterMode::Monitor => 2,
        FilterMode::Bypass => 3,
    }
}
