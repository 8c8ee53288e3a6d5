//! Targets: all that the plan asks of one part of a request.
//!
//! Inputs that share address, key path and data source share a target. Its values are visited once;
//! transformer chains are applied once per value, and only where they may change something.

use super::flags::Flags;
use super::sweep::Sweep;
use crate::verify::operator::{Necessity, Operator};
use alloc::vec;
use alloc::vec::Vec;
use bartizan_lang::ruleset::DataSource;
use bartizan_lang::vocab::PathItem;
use bartizan_text::ByteSet;
use bartizan_text::regex::literal::{Literal, SPECIAL_FOLDS};
use bartizan_text::regex::need::Need;
use bartizan_text::transform::Transformer;

/// A transformer chain of a target, as far as the sweep has to follow it.
pub(crate) struct Chain {
    pub(crate) transformers: Vec<Transformer>,
    /// Classes of which a value must touch one for the chain to change it; `None`: always try.
    pub(crate) triggers: Option<u64>,
}

/// A probe that looks at strings, as its target sees it.
pub(crate) struct StringProbe {
    /// The probe's number in the plan.
    pub(crate) probe: u32,
    /// Index into the target's chains.
    pub(crate) chain: u8,
    /// Shortest value, in bytes as the sweep sees it, that can match.
    pub(crate) min_length: u32,
}

/// A probe that is not swept for: it wants one of these class sets, each in full; without any, every
/// value is a candidate.
pub(crate) struct ClassProbe {
    /// Index into the target's string probes.
    pub(crate) local: u32,
    pub(crate) any_of: Vec<u64>,
}

/// All that is asked of one (address, key path, data source).
pub(crate) struct Target {
    pub(crate) key_path: Vec<PathItem>,
    pub(crate) source: DataSource,
    pub(crate) chains: Vec<Chain>,
    pub(crate) strings: Vec<StringProbe>,
    pub(crate) by_class: Vec<ClassProbe>,
    pub(crate) sweep: Sweep,
    /// Probes that look at numbers and booleans, with their operator's index.
    pub(crate) scalars: Vec<u32>,
}

/// A target while inputs are still being added.
pub(crate) struct TargetBuilder {
    pub(crate) key_path: Vec<PathItem>,
    pub(crate) source: DataSource,
    target: Target,
    literals: Vec<(Literal, u32)>,
}

impl TargetBuilder {
    pub(crate) fn new(key_path: &[PathItem], source: DataSource) -> Self {
        let target = Target {
            key_path: key_path.to_vec(),
            source,
            chains: vec![Chain { transformers: Vec::new(), triggers: Some(0) }],
            strings: Vec::new(),
            by_class: Vec::new(),
            sweep: Sweep::default(),
            scalars: Vec::new(),
        };
        Self { key_path: key_path.to_vec(), source, target, literals: Vec::new() }
    }

    /// Adds a probe.
    pub(crate) fn add(
        &mut self,
        probe: u32,
        operator: &Operator,
        transformers: &[Transformer],
        necessity: &Necessity,
        flags: &mut Flags,
    ) {
        if !operator.takes_strings() {
            if self.source == DataSource::Values {
                self.target.scalars.push(probe);
            }
            return;
        }
        let local = self.target.strings.len() as u32;
        let chain = self.chain(transformers, flags);
        self.target.strings.push(StringProbe {
            probe,
            chain: chain.unwrap_or(0),
            // A chain that is not followed may lengthen a value.
            min_length: chain.map_or(0, |_| operator.min_length() as u32),
        });
        let any_of = match necessity {
            // A chain that could not be given a place of its own is not followed: look at every value.
            _ if chain.is_none() => Some(Vec::new()),
            Necessity::Needs(needs) => {
                let mut any_of = Vec::new();
                let mut always = false;
                for need in needs.iter() {
                    match need {
                        Need::Literal(literal) => self.literals.push((*literal, local)),
                        Need::Bytes(bytes) => match classes_of(bytes, flags) {
                            0 => always = true,
                            classes => any_of.push(classes),
                        },
                    }
                }
                if always {
                    any_of.clear();
                }
                (always || !any_of.is_empty()).then_some(any_of)
            }
            Necessity::Bytes(set) => Some(flags.class(set).into_iter().collect()),
            Necessity::Nothing => Some(Vec::new()),
        };
        if let Some(any_of) = any_of {
            self.target.by_class.push(ClassProbe { local, any_of });
        }
    }

    /// The chain with which the sweep sees values for these transformers: a final `lowercase` changes
    /// nothing that the sweep, which folds case itself, could see.
    fn chain(&mut self, transformers: &[Transformer], flags: &mut Flags) -> Option<u8> {
        let mut followed = transformers;
        while let Some((Transformer::Lowercase, rest)) = followed.split_last() {
            followed = rest;
        }
        if let Some(index) =
            self.target.chains.iter().position(|chain| chain.transformers.as_slice() == followed)
        {
            return Some(index as u8);
        }
        let index = self.target.chains.len();
        if index >= 64 {
            return None;
        }
        let triggers = followed
            .iter()
            .map(|transformer| {
                let set = transformer.triggers();
                if set == ByteSet::ALL { None } else { flags.class(&set) }
            })
            .try_fold(0, |all, class| class.map(|class| all | class));
        self.target.chains.push(Chain { transformers: followed.to_vec(), triggers });
        Some(index as u8)
    }

    pub(crate) fn finish(mut self) -> Target {
        self.target.sweep = Sweep::new(self.literals);
        self.target
    }
}

/// Classes that a value with these bytes must touch, as far as there is room for them.
fn classes_of(bytes: &[u8], flags: &mut Flags) -> u64 {
    let class = |byte: &u8| flags.class(&ByteSet::of(&[*byte, byte.to_ascii_uppercase()]));
    bytes.iter().filter_map(class).fold(0, |all, class| all | class)
}

/// Whether a value holds a letter that folds to ASCII from outside: literals cannot be trusted then.
pub(crate) fn folds_from_outside(value: &[u8]) -> bool {
    SPECIAL_FOLDS.iter().any(|(letter, _)| {
        let letter = letter.as_bytes();
        value.windows(letter.len()).any(|window| window == letter)
    })
}
