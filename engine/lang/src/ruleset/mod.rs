//! Compiled nouns: everything that evaluation needs, resolved, in evaluation order.
//!
//! Documents (rules, filters, processors …) are immutable and shared by reference between rulesets, so
//! that a reload costs what changed. All ordering is order of declaration.

mod action;
mod condition;
mod filter;
mod known;
mod matcher;
mod obfuscator;
mod pattern;
mod processor;
mod rule;

pub use action::{Action, ActionKind};
pub use condition::{Condition, DataSource, Detector, Input, SsrfOptions};
pub use filter::{FilterInput, FilterMode, GlobItem, InputFilter, RuleFilter, RuleSelection};
pub use matcher::{Checksum, Data, ExactSet, Matcher, Number, Phrases, Regex};
pub use obfuscator::{Obfuscator, ValueRedaction};
pub use pattern::{Depth, Pattern, Patterns};
pub use processor::{Generator, Mapping, MappingInput, Processor, Scanner};
pub use rule::{ActiveRule, Attribute, AttributeValue, Module, Output, Rule, RuleSource, Verdict};

use crate::vocab::{Addresses, Text};
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// What a builder compiles its documents into.
#[derive(Clone, Debug, Default)]
pub struct Ruleset {
    /// Names of all addresses; ids in this ruleset index into it.
    pub addresses: Arc<Addresses>,
    /// Enabled rules in evaluation order: by module, then by the module's precedence of verdict and
    /// source, then (in `waf`) by type, then in order of declaration.
    pub rules: Vec<ActiveRule>,
    /// Rule filters in order of declaration.
    pub rule_filters: Vec<RuleFilter>,
    /// Input filters in order of declaration.
    pub input_filters: Vec<InputFilter>,
    /// Processors that run before filters and rules, in order of declaration.
    pub preprocessors: Vec<Processor>,
    /// Processors that run after rules, in order of declaration.
    pub postprocessors: Vec<Processor>,
    /// Action definitions by id, built-in ones included.
    pub actions: BTreeMap<Text, Action>,
    /// Rule data by id: what rule conditions name in `data`.
    pub rules_data: BTreeMap<Text, Data>,
    /// Exclusion data by id: what exclusion conditions name in `data`.
    pub exclusion_data: BTreeMap<Text, Data>,
    /// Redaction of reported values; none unless configured.
    pub obfuscator: Option<Arc<Obfuscator>>,
}
