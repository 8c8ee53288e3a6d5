//! Compilation: documents of all paths in, one ruleset out.

mod data;
mod exclusions;
mod index;
mod processors;
mod rules;
#[cfg(test)]
mod tests;

pub(crate) use data::merge_data;

use crate::config::Documents;
use crate::ruleset::{Action, Ruleset};
use crate::vocab::Text;
use alloc::collections::BTreeMap;

/// Merges documents in their order. Addresses and data are the caller's to add.
pub(crate) fn compile(documents: &[&Documents]) -> Ruleset {
    let actions = actions(documents);
    let rules = rules::active_rules(documents, &actions);
    let (rule_filters, input_filters) = exclusions::resolve(documents, &rules);
    let (preprocessors, postprocessors) = processors::resolve(documents);
    Ruleset {
        obfuscator: documents.iter().find_map(|documents| documents.obfuscator.clone()),
        rules,
        rule_filters,
        input_filters,
        preprocessors,
        postprocessors,
        actions,
        ..Ruleset::default()
    }
}

/// The built-in actions and those that the configuration adds or redefines.
fn actions(documents: &[&Documents]) -> BTreeMap<Text, Action> {
    let configured = documents.iter().flat_map(|documents| &documents.actions).cloned();
    Action::built_in().into_iter().chain(configured).collect()
}
