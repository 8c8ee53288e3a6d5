//! Ruleset → plan: what is looked for where, worked out once.
//!
//! Conditions are numbered over all rules and filters; each input of a scalar condition is a *probe*.
//! Probes that look at the same part of a request share a [`Target`], and each target knows the literals
//! that its probes need ([`sweep`]), so that the scan passes over each value once.

pub(crate) mod flags;
mod reuse;
pub(crate) mod sweep;
mod target;

pub(crate) use flags::{Flags, NON_ASCII};
pub(crate) use reuse::Reuse;
pub(crate) use target::{Target, folds_from_outside};

use crate::verify::operator::{LazyRegex, Operator};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use bartizan_lang::Ruleset;
use bartizan_lang::ruleset::{
    Condition, Data, DataSource, Input, Matcher, Module, Obfuscator, Processor, RuleSelection,
    ValueRedaction, Verdict,
};
use bartizan_lang::vocab::{AddressId, Text};
use bartizan_text::table;
use core::ops::Range;
use target::TargetBuilder;

/// Whose conditions they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    Rule(u32),
    RuleFilter(u32),
    InputFilter(u32),
}

/// One input of one scalar condition.
pub(crate) struct Probe {
    pub(crate) condition: u32,
    pub(crate) address: AddressId,
}

/// A condition, ready to run.
pub(crate) struct PlannedCondition {
    pub(crate) owner: Owner,
    /// For scalar and negated conditions.
    pub(crate) operator: Option<Operator>,
    /// For scalar conditions: one probe per input.
    pub(crate) probes: Range<u32>,
}

/// A rule, filter or processor's conditions in the plan.
pub(crate) struct Expression {
    pub(crate) conditions: Range<u32>,
    /// Input filters that name the rule.
    pub(crate) input_filters: Vec<u32>,
    /// Rule filters that name the rule.
    pub(crate) rule_filters: Vec<u32>,
}

/// Everything that is asked of one address.
#[derive(Default)]
pub(crate) struct PlannedAddress {
    pub(crate) targets: Vec<Target>,
    /// Targets of rules that the deadline does not stop.
    pub(crate) undying_targets: Vec<Target>,
    /// Owners with a condition that is not scalar on this address; they are to be looked at again when
    /// it arrives.
    pub(crate) direct: Vec<Owner>,
    pub(crate) used_by_rules: bool,
    pub(crate) used_by_filters: bool,
}

/// A processor, ready to run.
pub(crate) struct PlannedProcessor {
    pub(crate) operators: Vec<Option<Operator>>,
    pub(crate) scanners: Vec<PlannedScanner>,
    /// What the scanners ask of map keys, by number of scanner, and those that ask nothing.
    pub(crate) keys: Target,
    pub(crate) keyless: Vec<u32>,
}

/// A data scanner, ready to run.
pub(crate) struct PlannedScanner {
    pub(crate) key: Option<Operator>,
    pub(crate) value: Option<Operator>,
    pub(crate) tags: Vec<(Text, Text)>,
    /// Where the tags put a string in libddwaf's tables.
    pub(crate) place: u64,
}

/// The obfuscator, ready to run.
pub(crate) struct PlannedObfuscator {
    pub(crate) key: Option<Arc<LazyRegex>>,
    pub(crate) value: PlannedRedaction,
}

/// How values are redacted.
pub(crate) enum PlannedRedaction {
    Off,
    Default,
    Whole(Arc<LazyRegex>),
}

/// What an instance knows.
pub(crate) struct Plan {
    pub(crate) ruleset: Ruleset,
    pub(crate) flags: Flags,
    pub(crate) probes: Vec<Probe>,
    pub(crate) conditions: Vec<PlannedCondition>,
    pub(crate) rules: Vec<Expression>,
    pub(crate) rule_filters: Vec<Range<u32>>,
    pub(crate) input_filters: Vec<Range<u32>>,
    pub(crate) preprocessors: Vec<PlannedProcessor>,
    pub(crate) postprocessors: Vec<PlannedProcessor>,
    pub(crate) obfuscator: Option<PlannedObfuscator>,
    pub(crate) addresses: Vec<PlannedAddress>,
    /// Rules of each module, as ranges of indexes into the ruleset's rules.
    pub(crate) modules: [Range<u32>; 7],
    /// Collections of the `waf` module, and which one each of its rules is in.
    pub(crate) collections: Vec<Collection>,
    pub(crate) collection_of: Vec<u32>,
    /// Whether no rule of the `waf` module has a type; it has no collections then.
    pub(crate) untyped_waf: bool,
    pub(crate) event_address: Option<AddressId>,
    pub(crate) regex_count: usize,
}

/// Neighbouring rules of one type.
pub(crate) struct Collection {
    pub(crate) name: Text,
    /// The verdict of its first rule.
    pub(crate) verdict: Verdict,
    pub(crate) rules: Range<u32>,
}

impl Plan {
    /// Plans a ruleset; what is in `reuse` already is taken from there.
    pub(crate) fn new(ruleset: Ruleset, reuse: &mut Reuse) -> Self {
        Planner::new(&ruleset, reuse).plan(ruleset)
    }

    /// The address that a probe looks at.
    pub(crate) fn address_of(&self, probe: u32) -> AddressId {
        self.probes[probe as usize].address
    }

    /// The condition with this number, as configured.
    pub(crate) fn condition(&self, number: u32) -> &Condition {
        let (range, conditions) = match self.conditions[number as usize].owner {
            Owner::Rule(rule) => (
                &self.rules[rule as usize].conditions,
                self.ruleset.rules[rule as usize].rule.conditions.as_slice(),
            ),
            Owner::RuleFilter(filter) => {
                (&self.rule_filters[filter as usize], &*self.ruleset.rule_filters[filter as usize].conditions)
            }
            Owner::InputFilter(filter) => (
                &self.input_filters[filter as usize],
                &*self.ruleset.input_filters[filter as usize].conditions,
            ),
        };
        &conditions[(number - range.start) as usize]
    }
}

struct Planner<'s> {
    flags: Flags,
    reuse: &'s mut Reuse,
    probes: Vec<Probe>,
    conditions: Vec<PlannedCondition>,
    targets: BTreeMap<(AddressId, bool), Vec<TargetBuilder>>,
    addresses: Vec<PlannedAddress>,
}

impl<'s> Planner<'s> {
    fn new(ruleset: &Ruleset, reuse: &'s mut Reuse) -> Self {
        let mut addresses = Vec::new();
        addresses.resize_with(ruleset.addresses.len(), PlannedAddress::default);
        Self {
            flags: Flags::new(),
            reuse,
            probes: Vec::new(),
            conditions: Vec::new(),
            targets: BTreeMap::new(),
            addresses,
        }
    }

    fn plan(mut self, ruleset: Ruleset) -> Plan {
        let mut rules = Vec::with_capacity(ruleset.rules.len());
        for (index, rule) in ruleset.rules.iter().enumerate() {
            let owner = Owner::Rule(index as u32);
            let dying = rule.module.honours_deadline();
            let conditions = self.conditions(&rule.rule.conditions, owner, &ruleset.rules_data, dying);
            for attribute in &rule.rule.output.attributes {
                if let bartizan_lang::ruleset::AttributeValue::Address { address, .. } = attribute.value {
                    self.addresses[address.0 as usize].used_by_rules = true;
                }
            }
            rules.push(Expression { conditions, input_filters: Vec::new(), rule_filters: Vec::new() });
        }
        let mut rule_filters = Vec::new();
        for (index, filter) in ruleset.rule_filters.iter().enumerate() {
            let owner = Owner::RuleFilter(index as u32);
            rule_filters.push(self.conditions(&filter.conditions, owner, &ruleset.exclusion_data, true));
            for rule in selected(&filter.rules, rules.len()) {
                rules[rule].rule_filters.push(index as u32);
            }
        }
        let mut input_filters = Vec::new();
        for (index, filter) in ruleset.input_filters.iter().enumerate() {
            let owner = Owner::InputFilter(index as u32);
            input_filters.push(self.conditions(&filter.conditions, owner, &ruleset.exclusion_data, true));
            for input in filter.inputs.iter() {
                let address = &mut self.addresses[input.address.0 as usize];
                address.used_by_filters = true;
                address.direct.push(owner);
            }
            for rule in selected(&filter.rules, rules.len()) {
                rules[rule].input_filters.push(index as u32);
            }
        }
        let preprocessors = self.processors(&ruleset.preprocessors);
        let postprocessors = self.processors(&ruleset.postprocessors);
        let obfuscator = ruleset.obfuscator.as_deref().map(|obfuscator| self.obfuscator(obfuscator));
        let sweeps = &mut self.reuse.sweeps;
        let targets = core::mem::take(&mut self.targets);
        let choices: Vec<_> = targets.values().flatten().map(|target| target.choose(sweeps)).collect();
        let mut choices = choices.into_iter();
        for ((address, dying), builders) in targets {
            let finish =
                |builder: TargetBuilder| builder.finish(choices.next().flatten(), &mut self.flags, sweeps);
            let targets = builders.into_iter().map(finish).collect();
            let planned = &mut self.addresses[address.0 as usize];
            *(if dying { &mut planned.targets } else { &mut planned.undying_targets }) = targets;
        }
        let mut modules = Module::ALL.map(|module| {
            let start = ruleset.rules.partition_point(|rule| rule.module < module);
            let end = ruleset.rules.partition_point(|rule| rule.module <= module);
            start as u32..end as u32
        });
        let waf = &mut modules[Module::Waf as usize];
        let is_untyped = |index: &u32| ruleset.rules[*index as usize].type_tag().is_empty();
        let untyped = waf.clone().take_while(is_untyped).count() as u32;
        let untyped_waf = untyped == waf.end - waf.start;
        if !untyped_waf {
            // Among rules with types, those without are never asked when they come first, as in libddwaf.
            waf.start += untyped;
        }
        let waf = waf.clone();
        let mut collections: Vec<Collection> = Vec::new();
        let mut collection_of = Vec::with_capacity(waf.len());
        for index in waf.clone() {
            let rule = &ruleset.rules[index as usize];
            match collections.last_mut() {
                Some(last) if *last.name == *rule.type_tag() => last.rules.end = index + 1,
                _ => collections.push(Collection {
                    name: Text::from(rule.type_tag()),
                    verdict: rule.verdict,
                    rules: index..index + 1,
                }),
            }
            collection_of.push((collections.len() - 1) as u32);
        }
        let event_address = ruleset.addresses.find(bartizan_lang::vocab::EVENT_ADDRESS);
        Plan {
            flags: self.flags,
            probes: self.probes,
            conditions: self.conditions,
            rules,
            rule_filters,
            input_filters,
            preprocessors,
            postprocessors,
            obfuscator,
            addresses: self.addresses,
            modules,
            collections,
            collection_of,
            untyped_waf,
            event_address,
            regex_count: self.reuse.operators.slots(),
            ruleset,
        }
    }

    fn conditions(
        &mut self,
        conditions: &[Condition],
        owner: Owner,
        data: &BTreeMap<Text, Data>,
        dying: bool,
    ) -> Range<u32> {
        let first = self.conditions.len() as u32;
        for condition in conditions {
            let number = self.conditions.len() as u32;
            let first_probe = self.probes.len() as u32;
            let operator = operator_of(condition).map(|m| Operator::new(m, data, &mut self.reuse.operators));
            match (condition, &operator) {
                (Condition::Scalar { inputs, .. }, Some(operator)) => {
                    let necessity = operator.necessity();
                    for input in inputs {
                        let probe = self.probes.len() as u32;
                        self.probes.push(Probe { condition: number, address: input.address });
                        self.uses(input, owner);
                        let targets = self.targets.entry((input.address, dying)).or_default();
                        let at = targets
                            .iter()
                            .position(|t| t.key_path == input.key_path && t.source == input.source)
                            .unwrap_or_else(|| {
                                targets.push(TargetBuilder::new(&input.key_path, input.source));
                                targets.len() - 1
                            });
                        let chain = &input.transformers;
                        targets[at].add(probe, operator, chain, &necessity, &mut self.flags);
                    }
                }
                _ => {
                    for input in inputs_of(condition) {
                        self.uses(input, owner);
                        let direct = &mut self.addresses[input.address.0 as usize].direct;
                        if direct.last() != Some(&owner) {
                            direct.push(owner);
                        }
                    }
                }
            }
            let probes = first_probe..self.probes.len() as u32;
            self.conditions.push(PlannedCondition { owner, operator, probes });
        }
        first..self.conditions.len() as u32
    }

    fn uses(&mut self, input: &Input, owner: Owner) {
        let address = &mut self.addresses[input.address.0 as usize];
        match owner {
            Owner::Rule(_) => address.used_by_rules = true,
            Owner::RuleFilter(_) | Owner::InputFilter(_) => address.used_by_filters = true,
        }
    }

    fn processors(&mut self, processors: &[Processor]) -> Vec<PlannedProcessor> {
        let none = BTreeMap::new();
        let mut planned = Vec::with_capacity(processors.len());
        for processor in processors {
            let mut operator = |matcher: &Matcher| Operator::new(matcher, &none, &mut self.reuse.operators);
            let operators = processor.conditions.iter().map(|c| operator_of(c).map(&mut operator)).collect();
            let scanners: Vec<PlannedScanner> = processor
                .scanners
                .iter()
                .map(|scanner| PlannedScanner {
                    key: scanner.key.as_ref().map(&mut operator),
                    value: scanner.value.as_ref().map(&mut operator),
                    tags: scanner.tags.clone(),
                    place: scanner
                        .tags
                        .iter()
                        .fold(0, |place, (name, value)| place ^ table::hash(name) ^ table::hash(value)),
                })
                .collect();
            let mut keys = TargetBuilder::new(&[], DataSource::Keys);
            let mut keyless = Vec::new();
            for (scanner, number) in scanners.iter().zip(0..) {
                match &scanner.key {
                    Some(key) => keys.add(number, key, &[], &key.necessity(), &mut self.flags),
                    None => keyless.push(number),
                }
            }
            let choice = keys.choose(&mut self.reuse.sweeps);
            planned.push(PlannedProcessor {
                operators,
                scanners,
                keys: keys.finish(choice, &mut self.flags, &mut self.reuse.sweeps),
                keyless,
            });
        }
        planned
    }

    fn obfuscator(&mut self, obfuscator: &Obfuscator) -> PlannedObfuscator {
        PlannedObfuscator {
            key: obfuscator.key.as_ref().map(|regex| self.reuse.operators.regex(regex)),
            value: match &obfuscator.value {
                ValueRedaction::Off => PlannedRedaction::Off,
                ValueRedaction::Default => PlannedRedaction::Default,
                ValueRedaction::Whole(regex) => PlannedRedaction::Whole(self.reuse.operators.regex(regex)),
            },
        }
    }
}

fn operator_of(condition: &Condition) -> Option<&Matcher> {
    match condition {
        Condition::Scalar { matcher, .. } | Condition::Negated { matcher, .. } => Some(matcher),
        _ => None,
    }
}

/// All inputs of a condition.
pub(crate) fn inputs_of(condition: &Condition) -> impl Iterator<Item = &Input> {
    let (many, one): (&[Input], [Option<&Input>; 2]) = match condition {
        Condition::Scalar { inputs, .. } | Condition::Exists { inputs } => (inputs, [None, None]),
        Condition::Negated { input, .. } | Condition::NotExists { input } => (&[], [Some(input), None]),
        Condition::Detector { resource, params, db_type, .. } => (params, [Some(resource), db_type.as_ref()]),
    };
    many.iter().chain(one.into_iter().flatten())
}

fn selected(selection: &RuleSelection, count: usize) -> Box<dyn Iterator<Item = usize> + '_> {
    match selection {
        RuleSelection::All => Box::new(0..count),
        RuleSelection::Some(rules) => Box::new(rules.iter().map(|rule| *rule as usize)),
    }
}
