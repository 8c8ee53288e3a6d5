//! Rules.

use super::Condition;
use crate::vocab::{AddressId, PathItem, Scalar, Text};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Rule modules in evaluation order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names are the configuration's")]
pub enum Module {
    NetworkAcl,
    AuthenticationAcl,
    CustomAcl,
    Configuration,
    BusinessLogic,
    Rasp,
    Waf,
}

impl Module {
    /// All modules in evaluation order.
    pub const ALL: [Self; 7] = [
        Self::NetworkAcl,
        Self::AuthenticationAcl,
        Self::CustomAcl,
        Self::Configuration,
        Self::BusinessLogic,
        Self::Rasp,
        Self::Waf,
    ];

    /// The module that a `module` tag names; anything unknown is `waf`.
    #[must_use]
    pub fn from_tag(tag: Option<&[u8]>) -> Self {
        match tag {
            Some(b"network-acl") => Self::NetworkAcl,
            Some(b"authentication-acl") => Self::AuthenticationAcl,
            Some(b"custom-acl") => Self::CustomAcl,
            Some(b"configuration") => Self::Configuration,
            Some(b"business-logic") => Self::BusinessLogic,
            Some(b"rasp") => Self::Rasp,
            _ => Self::Waf,
        }
    }

    /// Whether rules of the module stop at the deadline. The two access lists never do.
    #[must_use]
    pub const fn honours_deadline(self) -> bool {
        !matches!(self, Self::NetworkAcl | Self::AuthenticationAcl)
    }

    /// Whether base rules come before user rules of the same verdict.
    #[must_use]
    pub const fn base_first(self) -> bool {
        matches!(self, Self::NetworkAcl | Self::AuthenticationAcl | Self::Rasp)
    }
}

/// Which section a rule came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleSource {
    /// `rules` and `rules_compat`
    Base,
    /// `custom_rules`
    User,
}

/// How strong a match of a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[allow(missing_docs, reason = "the names are the whole meaning")]
pub enum Verdict {
    #[default]
    None,
    Monitor,
    Block,
}

/// The value of an attribute that a rule sets.
#[derive(Clone, Debug, PartialEq)]
pub enum AttributeValue {
    /// The same on every match.
    Static(Scalar),
    /// Taken from the request, when it is there.
    Address {
        /// The address.
        address: AddressId,
        /// The path below it.
        key_path: Vec<PathItem>,
    },
}

/// An attribute that a rule sets.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// Its name in the result.
    pub name: Text,
    /// Its value.
    pub value: AttributeValue,
}

/// What a match of a rule puts out.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// Whether an event is reported.
    pub event: bool,
    /// Whether the trace is to be kept.
    pub keep: bool,
    /// Attributes in order of declaration.
    pub attributes: Vec<Attribute>,
}

/// A rule as configured.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Unique over all rule sections.
    pub id: Text,
    /// For people.
    pub name: Text,
    /// In order of declaration, without repeated keys; there is always a `type`.
    pub tags: Arc<[(Text, Text)]>,
    /// Which section it came from.
    pub source: RuleSource,
    /// All must be true.
    pub conditions: Vec<Condition>,
    /// Whether it takes part unless overridden.
    pub enabled: bool,
    /// Action ids, defined or not.
    pub on_match: Arc<[Text]>,
    /// What a match puts out.
    pub output: Output,
}

/// A rule that takes part in a ruleset, overrides applied.
#[derive(Clone, Debug)]
pub struct ActiveRule {
    /// The rule as configured.
    pub rule: Arc<Rule>,
    /// Its tags with those that overrides added, in order.
    pub tags: Arc<[(Text, Text)]>,
    /// Its action ids, possibly replaced by an override.
    pub on_match: Arc<[Text]>,
    /// Its module, from the tags.
    pub module: Module,
    /// Block when one of its actions blocks, else monitor.
    pub verdict: Verdict,
}

impl ActiveRule {
    /// The value of a tag.
    #[must_use]
    pub fn tag(&self, name: &[u8]) -> Option<&Text> {
        self.tags.iter().find(|(key, _)| **key == *name).map(|(_, value)| value)
    }

    /// The `type` tag: the collection of the rule in the `waf` module.
    #[must_use]
    pub fn type_tag(&self) -> &[u8] {
        self.tag(b"type").map_or(b"", |text| text)
    }
}
