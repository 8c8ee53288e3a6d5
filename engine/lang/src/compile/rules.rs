//! Rules: overrides applied, verdicts settled, in evaluation order.

use super::index::Index;
use crate::config::{Documents, RuleOverride};
use crate::ruleset::{Action, ActiveRule, Module, Rule, RuleSource, Verdict};
use crate::vocab::Text;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Reverse;

/// A rule and what overrides changed about it.
struct Overridden<'a> {
    rule: &'a Arc<Rule>,
    enabled: bool,
    on_match: Option<&'a Arc<[Text]>>,
    added_tags: Vec<(Text, Text)>,
}

/// The enabled rules of all documents.
pub(super) fn active_rules(documents: &[&Documents], actions: &BTreeMap<Text, Action>) -> Vec<ActiveRule> {
    let mut rules: Vec<Overridden<'_>> = documents
        .iter()
        .flat_map(|documents| &documents.rules)
        .map(|rule| Overridden { rule, enabled: rule.enabled, on_match: None, added_tags: Vec::new() })
        .collect();
    apply_overrides(documents, &mut rules);
    let mut rules: Vec<ActiveRule> =
        rules.into_iter().filter(|rule| rule.enabled).map(|rule| rule.activate(actions)).collect();
    rules.sort_by(|a, b| rank(a).cmp(&rank(b)));
    rules
}

/// Overrides by tags come first, so that those by id win.
fn apply_overrides<'a>(documents: &[&'a Documents], rules: &mut [Overridden<'a>]) {
    let overrides = || documents.iter().flat_map(|documents| &documents.rule_overrides);
    if overrides().next().is_none() {
        return;
    }
    let base: Vec<usize> =
        (0..rules.len()).filter(|position| rules[*position].rule.source == RuleSource::Base).collect();
    let originals: Vec<&Arc<Rule>> = base.iter().map(|position| rules[*position].rule).collect();
    let index = Index::new(originals.iter().map(|rule| (&rule.id, rule.tags.as_slice())));
    for by_tags in [true, false] {
        for change in overrides().filter(|change| change.by_tags == by_tags) {
            for position in index.select(&change.targets) {
                rules[base[position as usize]].apply(change);
            }
        }
    }
}

impl<'a> Overridden<'a> {
    fn apply(&mut self, change: &'a RuleOverride) {
        self.enabled = change.enabled.unwrap_or(self.enabled);
        self.on_match = change.on_match.as_ref().or(self.on_match);
        for (key, value) in &change.tags {
            if self.rule.tags.iter().any(|(own, _)| own == key) {
                continue;
            }
            match self.added_tags.iter_mut().find(|(added, _)| added == key) {
                Some((_, added)) => *added = value.clone(),
                None => self.added_tags.push((key.clone(), value.clone())),
            }
        }
    }

    fn activate(self, actions: &BTreeMap<Text, Action>) -> ActiveRule {
        let on_match = self.on_match.map_or_else(|| Arc::from(self.rule.on_match.as_slice()), Arc::clone);
        let tags: Arc<[(Text, Text)]> = self.rule.tags.iter().cloned().chain(self.added_tags).collect();
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
}

/// What evaluation order goes by, before order of declaration.
fn rank(rule: &ActiveRule) -> (Module, Reverse<Verdict>, bool, &[u8]) {
    let comes_second = (rule.rule.source == RuleSource::Base) != rule.module.base_first();
    let type_tag = if rule.module == Module::Waf { rule.type_tag() } else { b"" };
    (rule.module, Reverse(rule.verdict), comes_second, type_tag)
}
