//! Targets: all that the plan asks of one part of a request.
//!
//! Inputs that share address, key path and data source share a target. Its values are visited once;
//! transformer chains are applied once per value, and only where they may change something.

use super::flags::{Flags, NON_ASCII};
use super::reuse::{Choice, SharedSweep, Sweeps, Swept};
use crate::verify::operator::{Necessity, Operator};
use alloc::vec;
use alloc::vec::Vec;
use bartizan_lang::ruleset::DataSource;
use bartizan_lang::vocab::PathItem;
use bartizan_text::ByteSet;
use bartizan_text::regex::literal::SPECIAL_FOLDS;
use bartizan_text::regex::need::{Bytes, Need};
use bartizan_text::transform::Transformer;

/// A transformer chain of a target, as far as the sweep has to follow it.
pub(crate) struct Chain {
    pub(crate) transformers: Vec<Transformer>,
    /// Classes of which a value must touch one for the chain to change it; `None`: always try.
    pub(crate) triggers: Option<u64>,
    /// Sets of classes of which a value must touch one in full for a probe of the chain to match what comes
    /// out; `None`: nothing is known.
    pub(crate) wanted: Option<Vec<u64>>,
}

impl Chain {
    /// Whether it is worth applying to a value that touches these classes.
    pub(crate) fn is_worthwhile(&self, classes: u64) -> bool {
        self.triggers.is_none_or(|triggers| classes & triggers != 0)
            && self.wanted.as_ref().is_none_or(|wanted| {
                classes & NON_ASCII != 0 || wanted.iter().any(|all| classes & all == *all)
            })
    }
}

/// A probe that looks at strings, as its target sees it.
pub(crate) struct StringProbe {
    /// The probe's number in the plan.
    pub(crate) probe: u32,
    /// Index into the target's chains.
    pub(crate) chain: u8,
    /// Shortest value, in bytes as the sweep sees it, that can match.
    pub(crate) min_length: u32,
    /// Whether ordinary values meet its needs too often for candidates to be listed unseen, and the sweep
    /// sees values as the probe does.
    pub(crate) is_weak: bool,
}

/// All that is asked of one (address, key path, data source).
pub(crate) struct Target {
    pub(crate) key_path: Vec<PathItem>,
    pub(crate) source: DataSource,
    pub(crate) chains: Vec<Chain>,
    /// Those of all chains together.
    triggers: Option<u64>,
    pub(crate) strings: Vec<StringProbe>,
    /// Probes (by their place in `strings`) that a value may match when it touches all of these classes.
    pub(crate) by_class: Vec<(u64, Vec<u32>)>,
    pub(crate) sweep: SharedSweep,
    /// Probes that look at numbers and booleans, with their operator's index.
    pub(crate) scalars: Vec<u32>,
}

/// Most sets of classes that are asked of a value before a chain is applied.
const MAX_WANTED: usize = 8;

impl Target {
    /// Whether some chain is worth applying to a value that touches these classes.
    pub(crate) fn may_change(&self, classes: u64) -> bool {
        self.triggers.is_none_or(|triggers| triggers & classes != 0)
    }
}

/// A target while inputs are still being added.
pub(crate) struct TargetBuilder {
    pub(crate) key_path: Vec<PathItem>,
    pub(crate) source: DataSource,
    target: Target,
    /// Probes with literals among their needs.
    swept: Vec<Swept>,
}

impl TargetBuilder {
    pub(crate) fn new(key_path: &[PathItem], source: DataSource) -> Self {
        let target = Target {
            key_path: key_path.to_vec(),
            source,
            chains: vec![Chain { transformers: Vec::new(), triggers: Some(0), wanted: None }],
            triggers: None,
            strings: Vec::new(),
            by_class: Vec::new(),
            sweep: SharedSweep::default(),
            scalars: Vec::new(),
        };
        Self { key_path: key_path.to_vec(), source, target, swept: Vec::new() }
    }

    /// Adds a probe.
    pub(crate) fn add(
        &mut self,
        probe: u32,
        operator: &Operator,
        transformers: &[Transformer],
        necessity: &Necessity<'_>,
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
            is_weak: false,
        });
        match necessity {
            // A chain that could not be given a place of its own is not followed: look at every value.
            _ if chain.is_none() => self.by_class(0, local),
            Necessity::Needs(needed, needs) => {
                let mut literals = 0;
                for need in needs.iter() {
                    match need {
                        Need::Literal(_) => literals += 1,
                        Need::Bytes(bytes) => self.by_class(classes_of(bytes, flags), local),
                    }
                }
                if literals > 0 {
                    self.swept.push(Swept::new(needed.clone(), local, literals, &self.swept));
                }
            }
            Necessity::Bytes(set) => self.by_class(flags.class(set).unwrap_or(0), local),
            Necessity::Nothing => self.by_class(0, local),
        }
        // A chain that would only make letters small is not followed, and an operator may mind.
        let is_exact = transformers.iter().all(|it| it.caseless_triggers() == it.triggers())
            && chain.is_some_and(|chain| self.target.chains[usize::from(chain)].transformers == transformers);
        let is_weak =
            is_exact && self.target.by_class.iter().any(|(_, probes)| probes.last() == Some(&local));
        self.target.strings[local as usize].is_weak = is_weak;
    }

    fn by_class(&mut self, classes: u64, local: u32) {
        let by_class = &mut self.target.by_class;
        match by_class.iter_mut().find(|(known, _)| *known == classes) {
            Some((_, probes)) => probes.push(local),
            None => by_class.push((classes, vec![local])),
        }
    }

    /// The chain with which the sweep sees values for these transformers: as it folds case itself, letters
    /// need not be made small where nothing that follows depends on it.
    fn chain(&mut self, transformers: &[Transformer], flags: &mut Flags) -> Option<u8> {
        let mut triggers = Some(0);
        let mut caseless = true;
        let mut followed = Vec::new();
        for transformer in transformers.iter().rev() {
            if caseless && *transformer == Transformer::Lowercase {
                continue;
            }
            let set = if caseless { transformer.caseless_triggers() } else { transformer.triggers() };
            let class = if set == ByteSet::ALL { None } else { flags.class(&set) };
            triggers = triggers.zip(class).map(|(all, class)| all | class);
            caseless &= transformer.is_caseless();
            followed.push(*transformer);
        }
        followed.reverse();
        if let Some(index) = self.target.chains.iter().position(|chain| chain.transformers == followed) {
            return Some(index as u8);
        }
        let index = self.target.chains.len();
        if index >= 64 {
            return None;
        }
        self.target.chains.push(Chain { transformers: followed, triggers, wanted: None });
        Some(index as u8)
    }

    /// Works out what values must hold for each chain to be of use.
    fn want(&mut self, flags: &mut Flags) {
        let Target { chains, strings, by_class, .. } = &mut self.target;
        for (index, chain) in chains.iter_mut().enumerate().skip(1) {
            let creates = chain.transformers.iter().fold(ByteSet::EMPTY, |set, it| set.union(&it.creates()));
            let is_of_chain = |local: u32| usize::from(strings[local as usize].chain) == index;
            let mut wanted = Vec::new();
            let classes =
                by_class.iter().filter(|(_, probes)| probes.iter().any(|local| is_of_chain(*local)));
            wanted.extend(classes.map(|(classes, _)| flags.kept(*classes, &creates)));
            // One byte that many literals hold says as much as many that few hold.
            let mut held: Vec<Bytes> = Vec::new();
            let swept = self.swept.iter().filter(|swept| is_of_chain(swept.local));
            for literal in swept.flat_map(Swept::literals) {
                if held.iter().any(|bytes| bytes.iter().all(|byte| literal.contains(byte))) {
                    continue;
                }
                if wanted.len() > MAX_WANTED {
                    break;
                }
                let mut kept =
                    literal.iter().copied().filter(|byte| !creates.contains(*byte) && byte.is_ascii());
                let mark = kept.clone().find(|byte| !byte.is_ascii_alphanumeric());
                let bytes = match mark {
                    Some(byte) => Need::rarest_bytes(&mut [byte].into_iter()),
                    None => Need::rarest_bytes(&mut kept),
                };
                wanted.push(classes_of(&bytes, flags));
                held.push(bytes);
            }
            wanted.sort_unstable();
            wanted.dedup();
            chain.wanted = (wanted.len() <= MAX_WANTED && !wanted.contains(&0)).then_some(wanted);
        }
    }

    /// Chooses a sweep. It is made when all targets have chosen.
    pub(super) fn choose(&self, sweeps: &mut Sweeps) -> Option<Choice> {
        (!self.swept.is_empty()).then(|| sweeps.choose(&self.swept))
    }

    pub(super) fn finish(mut self, choice: Option<Choice>, flags: &mut Flags, sweeps: &mut Sweeps) -> Target {
        self.want(flags);
        let mut triggers = self.target.chains.iter().map(|chain| chain.triggers);
        self.target.triggers = triggers.try_fold(0, |all, triggers| triggers.map(|triggers| all | triggers));
        if let Some(choice) = choice {
            self.target.sweep = sweeps.get(choice, &self.swept);
        }
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
