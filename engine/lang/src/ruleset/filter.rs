//! Exclusions.

use super::Condition;
use crate::vocab::{AddressId, Text};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// The rules that a filter applies to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleSelection {
    /// Every rule.
    All,
    /// Indexes into [`Ruleset::rules`](super::Ruleset::rules), ascending.
    Some(Arc<[u32]>),
}

/// What a rule filter does to its rules, in ascending precedence: a higher mode replaces a lower one,
/// among equals the first stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilterMode {
    /// Match with this action in place of the rule's blocking ones, and count as blocking.
    Custom(Text),
    /// Match, but never block.
    Monitor,
    /// Do not evaluate.
    Bypass,
}

/// A filter on rules.
#[derive(Clone, Debug)]
pub struct RuleFilter {
    /// Unique over all filters.
    pub id: Text,
    /// All must be true; none means always.
    pub conditions: Arc<[Condition]>,
    /// The rules it applies to.
    pub rules: RuleSelection,
    /// What it does.
    pub mode: FilterMode,
}

/// One step of an input filter's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GlobItem {
    /// `*`: any key, any index.
    Any,
    /// This key of a map.
    Key(Text),
}

/// A part of the request that a filter hides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterInput {
    /// The address.
    pub address: AddressId,
    /// The path below it; empty hides the whole address.
    pub key_path: Vec<GlobItem>,
}

/// A filter on inputs.
#[derive(Clone, Debug)]
pub struct InputFilter {
    /// Unique over all filters.
    pub id: Text,
    /// All must be true; none means always.
    pub conditions: Arc<[Condition]>,
    /// The rules it applies to.
    pub rules: RuleSelection,
    /// What it hides.
    pub inputs: Arc<[FilterInput]>,
}
