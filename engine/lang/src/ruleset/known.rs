//! What a ruleset reacts to, and with what.

use super::{ActiveRule, AttributeValue, Condition, FilterMode, Processor, RuleSource, Ruleset};
use crate::vocab::{AddressId, Text};
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

impl Condition {
    /// The addresses of all its inputs.
    pub fn addresses(&self) -> impl Iterator<Item = AddressId> {
        let (inputs, single, third) = match self {
            Self::Scalar { inputs, .. } | Self::Exists { inputs } => (inputs.as_slice(), None, None),
            Self::Negated { input, .. } | Self::NotExists { input } => (&[][..], Some(input), None),
            Self::Detector { resource, params, db_type, .. } => {
                (params.as_slice(), Some(resource), db_type.as_ref())
            }
        };
        single.into_iter().chain(inputs).chain(third).map(|input| input.address)
    }
}

impl Ruleset {
    /// The addresses that anything in the ruleset looks at, each once: first those of rules, then of
    /// filters, then of processors before and after the rules. What processors put out counts only where
    /// something looks at it.
    ///
    /// Rules stand in order of declaration (those of users first), the addresses of one rule from its last
    /// to its first. libddwaf's tables give that order where no hashes collide, and tests of its clients
    /// compare with it.
    #[must_use]
    pub fn known_addresses(&self) -> Vec<AddressId> {
        let mut known = Vec::new();
        let mut seen = BTreeSet::new();
        // A group comes from its last mention to its first.
        let mut add = |group: Vec<AddressId>| {
            let mut mentioned = BTreeSet::new();
            let first: Vec<_> = group.into_iter().filter(|id| mentioned.insert(*id)).collect();
            known.extend(first.into_iter().rev().filter(|id| seen.insert(*id)));
        };
        let of = |conditions: &[Condition]| -> Vec<_> {
            conditions.iter().flat_map(Condition::addresses).collect()
        };

        let of_rule = |active: &ActiveRule| {
            let from_attributes = active.rule.output.attributes.iter().filter_map(|a| match a.value {
                AttributeValue::Address { address, .. } => Some(address),
                AttributeValue::Static(_) => None,
            });
            of(&active.rule.conditions).into_iter().chain(from_attributes).collect::<Vec<_>>()
        };
        // Ids are given in order of mention, so the least of a rule tells where the rule stands.
        let mut rules: Vec<_> = self
            .rules
            .iter()
            .map(|active| (active.rule.source == RuleSource::Base, of_rule(active)))
            .collect();
        rules.sort_by_key(|(base, addresses)| (*base, addresses.iter().min().copied()));
        add(rules.into_iter().rev().flat_map(|(_, addresses)| addresses).collect());

        let rule_filters = self.rule_filters.iter().rev().flat_map(|filter| of(&filter.conditions));
        let input_filters = self.input_filters.iter().rev().flat_map(|filter| {
            let inputs = filter.inputs.iter().map(|input| input.address);
            of(&filter.conditions).into_iter().chain(inputs)
        });
        add(rule_filters.chain(input_filters).collect());

        let processors = |processors: &[Processor]| {
            let of_processor = |processor: &Processor| {
                let mapped = processor.mappings.iter().flat_map(|mapping| &mapping.arguments);
                of(&processor.conditions)
                    .into_iter()
                    .chain(mapped.map(|input| input.address))
                    .collect::<Vec<_>>()
            };
            processors.iter().rev().flat_map(of_processor).collect()
        };
        add(processors(&self.preprocessors));
        add(processors(&self.postprocessors));
        known
    }

    /// The types of the actions that rules and filters can lead to, each once: first those of rules, in
    /// evaluation order, then of filters.
    #[must_use]
    pub fn known_actions(&self) -> Vec<Text> {
        let no_action = Text::default();
        let of_rules = self.rules.iter().flat_map(|active| active.on_match.iter());
        // As in libddwaf, a filter without an action of its own counts as one with the empty id.
        let of_filters = self.rule_filters.iter().map(|filter| match &filter.mode {
            FilterMode::Custom(id) => id,
            FilterMode::Monitor | FilterMode::Bypass => &no_action,
        });
        let mut seen = BTreeSet::new();
        of_rules
            .chain(of_filters)
            .filter_map(|id| self.actions.get(id))
            .map(|action| action.type_name.clone())
            .filter(|name| seen.insert(name.clone()))
            .collect()
    }
}
