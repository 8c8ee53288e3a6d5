//! Rules: overrides applied, verdicts settled, in evaluation order.

use super::index::Index;
use crate::config::{Documents, RuleOverride};
use crate::ruleset::{Action, ActiveRule, Module, Rule, RuleSource, Verdict};
use crate::vocab::Text;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Reverse;

/// The enabled rules of all documents.
pub(super) fn active_rules(documents: &[&Documents], actions: &BTreeMap<Text, Action>) -> Vec<ActiveRule> {
    let mut rules: Vec<Overridden<'_>> = documents
        .iter()
        .flat_map(|documents| &documents.rules)
        .map(|rule| Overridden { rule, overrides: Vec::new() })
        .collect();
    find_overrides(documents, &mut rules);
    let mut rules: Vec<ActiveRule> =
        rules.iter().filter(|rule| rule.is_enabled()).map(|rule| rule.activate(actions)).collect();
    rules.sort_by_cached_key(rank);
    rules
}

/// Gives base rules their overrides, the strongest first: those by id before those by tags, and of one
/// kind the first declared. libddwaf goes by hash order there, which for two overrides is just that, and
/// for a handful mostly.
fn find_overrides<'a>(documents: &[&'a Documents], rules: &mut [Overridden<'a>]) {
    let overrides = || documents.iter().flat_map(|documents| &documents.rule_overrides);
    if overrides().next().is_none() {
        return;
    }
    let base: Vec<usize> =
        (0..rules.len()).filter(|position| rules[*position].rule.source == RuleSource::Base).collect();
    let originals: Vec<&Arc<Rule>> = base.iter().map(|position| rules[*position].rule).collect();
    let index = Index::new(originals.iter().map(|rule| (&rule.id, &*rule.tags)));
    for by_tags in [false, true] {
        for change in overrides().filter(|change| change.by_tags == by_tags) {
            for position in index.select(&change.targets) {
                rules[base[position as usize]].overrides.push(change);
            }
        }
    }
}

/// A rule and what overrides it, the strongest first.
struct Overridden<'a> {
    rule: &'a Arc<Rule>,
    overrides: Vec<&'a RuleOverride>,
}

impl Overridden<'_> {
    fn is_enabled(&self) -> bool {
        self.overrides.iter().find_map(|change| change.enabled).unwrap_or(self.rule.enabled)
    }

    fn activate(&self, actions: &BTreeMap<Text, Action>) -> ActiveRule {
        let replaced = self.overrides.iter().find_map(|change| change.on_match.as_ref());
        let on_match = Arc::clone(replaced.unwrap_or(&self.rule.on_match));
        let tags = self.tags();
        let module = tags.iter().find(|(key, _)| **key == *b"module").map(|(_, value)| &**value);
        let blocks =
            on_match.iter().any(|id| actions.get(id).is_some_and(|action| action.kind.is_blocking()));
        ActiveRule {
            rule: Arc::clone(self.rule),
            module: Module::from_tag(module),
            verdict: if blocks { Verdict::Block } else { Verdict::Monitor },
            tags,
            on_match,
        }
    }

    /// The rule's own tags, then those that overrides add.
    fn tags(&self) -> Arc<[(Text, Text)]> {
        let own = &self.rule.tags;
        if self.overrides.iter().all(|change| change.tags.is_empty()) {
            return Arc::clone(own);
        }
        let mut keys = BTreeSet::new();
        let added = self.overrides.iter().flat_map(|change| &change.tags);
        own.iter().chain(added).filter(|(key, _)| keys.insert(key)).cloned().collect()
    }
}

/// What evaluation order goes by, before order of declaration.
fn rank(rule: &ActiveRule) -> (Module, Reverse<Verdict>, bool, Option<Text>) {
    let comes_second = (rule.rule.source == RuleSource::Base) != rule.module.base_first();
    let type_tag = rule.tag(b"type").filter(|_| rule.module == Module::Waf).cloned();
    (rule.module, Reverse(rule.verdict), comes_second, type_tag)
}
