//! Filters with the rules they apply to.

use super::index::Index;
use crate::config::{Documents, Reference};
use crate::ruleset::{ActiveRule, InputFilter, RuleFilter, RuleSelection};
use alloc::vec::Vec;

/// Resolves all filters against the rules in evaluation order.
pub(super) fn resolve(documents: &[&Documents], rules: &[ActiveRule]) -> (Vec<RuleFilter>, Vec<InputFilter>) {
    let index = Index::new(rules.iter().map(|rule| (&rule.rule.id, &*rule.tags)));
    let select = |targets: &[Reference]| match targets {
        [] => RuleSelection::All,
        _ => match index.select(targets) {
            positions if positions.len() == rules.len() => RuleSelection::All,
            positions => RuleSelection::Some(positions.into()),
        },
    };
    let rule_filters = documents.iter().flat_map(|documents| &documents.rule_filters);
    let input_filters = documents.iter().flat_map(|documents| &documents.input_filters);
    (
        rule_filters
            .map(|filter| RuleFilter {
                id: filter.id.clone(),
                conditions: filter.conditions.clone(),
                rules: select(&filter.targets),
                mode: filter.mode.clone(),
            })
            .collect(),
        input_filters
            .map(|filter| InputFilter {
                id: filter.id.clone(),
                conditions: filter.conditions.clone(),
                rules: select(&filter.targets),
                inputs: filter.inputs.clone(),
            })
            .collect(),
    )
}
