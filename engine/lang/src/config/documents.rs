//! What configurations hold: the elements of each section, not yet merged or resolved.

use crate::ruleset::{
    Action, Condition, FilterInput, FilterMode, Generator, Mapping, Obfuscator, Rule, Scanner,
};
use crate::vocab::Text;
use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// All that one configuration path contributed, each section in order of declaration.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    /// `actions`, by id
    pub actions: Vec<(Text, Action)>,
    /// `rules`, `rules_compat`, `custom_rules`
    pub rules: Vec<Arc<Rule>>,
    /// `rules_data`
    pub rules_data: Vec<DataDocument>,
    /// `rules_override`
    pub rule_overrides: Vec<RuleOverride>,
    /// `processor_overrides`
    pub processor_overrides: Vec<ProcessorOverride>,
    /// `exclusions` without `inputs`
    pub rule_filters: Vec<RuleFilterDocument>,
    /// `exclusions` with `inputs`
    pub input_filters: Vec<InputFilterDocument>,
    /// `exclusion_data`
    pub exclusion_data: Vec<DataDocument>,
    /// `processors`
    pub processors: Vec<ProcessorDocument>,
    /// `scanners`
    pub scanners: Vec<Arc<Scanner>>,
    /// `obfuscator`
    pub obfuscator: Option<Arc<Obfuscator>>,
    /// The ids that no other path may use, by [`Namespace`].
    pub(super) ids: [BTreeSet<Text>; 5],
}

/// Where ids are unique, over all paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Namespace {
    Actions,
    Rules,
    Filters,
    Processors,
    Scanners,
}

impl Namespace {
    /// What diagnostics say about an id that is taken.
    pub(super) const fn duplicate(self) -> &'static str {
        match self {
            Self::Actions => "duplicate action",
            Self::Rules => "duplicate rule",
            Self::Filters => "duplicate filter",
            Self::Processors => "duplicate processor",
            Self::Scanners => "duplicate scanner",
        }
    }
}

impl Documents {
    pub(super) fn has(&self, namespace: Namespace, id: &Text) -> bool {
        self.ids[namespace as usize].contains(id)
    }
}

/// How one element names others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// It names nothing.
    None,
    /// The one with this id.
    Id(Text),
    /// All that have all of these tags; at least one.
    Tags(Vec<(Text, Text)>),
}

/// An entry of `rules_data` or `exclusion_data`. Entries of one id are merged.
#[derive(Clone, Debug)]
pub struct DataDocument {
    /// The id.
    pub id: Text,
    /// What kind of set the values make.
    pub kind: DataKind,
    /// The values, each with its expiration in seconds since the epoch (0: never).
    pub values: Vec<(Text, u64)>,
}

/// The two types of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataKind {
    /// `ip_with_expiration`
    Ip,
    /// `data_with_expiration`
    Exact,
}

/// An entry of `rules_override`. It applies to base rules only.
#[derive(Clone, Debug)]
pub struct RuleOverride {
    /// The rules, all by id or all by tags.
    pub targets: Vec<Reference>,
    /// Whether the targets are given by tags; such overrides yield to those by id.
    pub by_tags: bool,
    /// Replaces whether the rules take part.
    pub enabled: Option<bool>,
    /// Replaces their action ids.
    pub on_match: Option<Arc<[Text]>>,
    /// Added to the rules that lack them.
    pub tags: Vec<(Text, Text)>,
}

/// An entry of `processor_overrides`.
#[derive(Clone, Debug)]
pub struct ProcessorOverride {
    /// Ids of processors.
    pub targets: Vec<Text>,
    /// Scanners to use as well.
    pub include: Vec<Reference>,
    /// Scanners not to use.
    pub exclude: Vec<Reference>,
}

/// A rule filter whose rules are not resolved.
#[derive(Clone, Debug)]
pub struct RuleFilterDocument {
    /// The id.
    pub id: Text,
    /// All must be true.
    pub conditions: Arc<[Condition]>,
    /// The rules; none given means all.
    pub targets: Vec<Reference>,
    /// What it does to them.
    pub mode: FilterMode,
}

/// An input filter whose rules are not resolved.
#[derive(Clone, Debug)]
pub struct InputFilterDocument {
    /// The id.
    pub id: Text,
    /// All must be true.
    pub conditions: Arc<[Condition]>,
    /// The rules; none given means all.
    pub targets: Vec<Reference>,
    /// What it hides.
    pub inputs: Arc<[FilterInput]>,
}

/// A processor whose scanners are not resolved.
#[derive(Clone, Debug)]
pub struct ProcessorDocument {
    /// The id.
    pub id: Text,
    /// What it computes.
    pub generator: Generator,
    /// All must be true.
    pub conditions: Arc<[Condition]>,
    /// At least one.
    pub mappings: Arc<[Mapping]>,
    /// Scanners for `extract_schema`.
    pub scanners: Vec<Reference>,
    /// Whether the outcome becomes an address.
    pub evaluate: bool,
    /// Whether the outcome becomes an attribute.
    pub output: bool,
}
