//! Conditions of rules, filters and processors.

use super::detectors::{self, DetectorName};
use super::interner::Interner;
use super::operators::read_matcher;
use super::problem::Problem;
use super::read::{Map, Read, read_key_path};
use super::transformers::read_transformers;
use crate::ruleset::{Condition, DataSource, Depth, Input};
use crate::vocab::Text;
use alloc::vec::Vec;
use bartizan_object::Object;
use bartizan_text::transform::Transformer;

/// What inputs without transformers of their own get.
#[derive(Clone, Debug, Default)]
pub(super) struct InputDefaults {
    pub(super) transformers: Vec<Transformer>,
    pub(super) source: DataSource,
}

/// Reads the items of `conditions`.
pub(super) fn read_conditions(
    items: &[Object],
    defaults: &InputDefaults,
    interner: &mut Interner,
) -> Result<Vec<Condition>, Problem> {
    items.iter().map(|item| read_condition(Map::read(item)?, defaults, interner)).collect()
}

fn read_condition(
    condition: Map<'_>,
    defaults: &InputDefaults,
    interner: &mut Interner,
) -> Result<Condition, Problem> {
    let name: &[u8] = condition.need("operator")?;
    let parameters: Map<'_> = condition.need("parameters")?;
    let (name, version) = split_version(name);
    let mut inputs = InputReader { parameters, defaults, source: defaults.source, interner };
    if let Some(detector) = DetectorName::find(name) {
        return detectors::read(detector, version, &mut inputs);
    }
    Ok(match name {
        b"exists" => Condition::Exists { inputs: inputs.some("inputs")? },
        b"!exists" => Condition::NotExists { input: inputs.one("inputs")? },
        // The two aliases are negations in disguise, one input and all.
        b"greater_equal" | b"lower_equal" => {
            let opposite: &[u8] = if name == b"greater_equal" { b"lower_than" } else { b"greater_than" };
            let matcher = read_matcher(opposite, parameters, Depth::Validity, inputs.interner)?;
            Condition::Negated { operator: Text::from(name), matcher, input: inputs.one("inputs")? }
        }
        [b'!', negated @ ..] => {
            if !is_negatable(negated) {
                return Err(Problem::unknown_operator(negated));
            }
            let matcher = read_matcher(negated, parameters, Depth::Validity, inputs.interner)?;
            Condition::Negated { operator: Text::from(name), matcher, input: inputs.one("inputs")? }
        }
        _ => {
            let matcher = read_matcher(name, parameters, Depth::Needs, inputs.interner)?;
            Condition::Scalar { operator: Text::from(name), matcher, inputs: inputs.some("inputs")? }
        }
    })
}

fn is_negatable(name: &[u8]) -> bool {
    matches!(
        name,
        b"ip_match"
            | b"exact_match"
            | b"match_regex"
            | b"match_regex_with_checksum"
            | b"phrase_match"
            | b"equals"
    )
}

/// Splits `name@v2` into name and version. Any operator may carry one; what is not a number counts as 0.
fn split_version(operator: &[u8]) -> (&[u8], u32) {
    let Some(at) = operator.windows(2).position(|pair| pair == b"@v") else { return (operator, 0) };
    let digits = &operator[at + 2..];
    let version = match core::str::from_utf8(digits) {
        Ok(text) if digits.iter().all(u8::is_ascii_digit) => text.parse().unwrap_or(0),
        _ => 0,
    };
    (&operator[..at], version)
}

/// Reads the arguments of one condition.
pub(super) struct InputReader<'a> {
    pub(super) parameters: Map<'a>,
    defaults: &'a InputDefaults,
    /// What the next input without transformers looks at. As in libddwaf, an input that has its own
    /// leaves its data source to those after it.
    source: DataSource,
    interner: &'a mut Interner,
}

impl InputReader<'_> {
    /// One or more inputs.
    pub(super) fn some(&mut self, argument: &'static str) -> Result<Vec<Input>, Problem> {
        let items: &[Object] = self.parameters.need(argument)?;
        if items.is_empty() {
            return Err(Problem::Plain("empty non-optional argument"));
        }
        items.iter().map(|item| self.input(Map::read(item)?)).collect()
    }

    /// Exactly one input.
    pub(super) fn one(&mut self, argument: &'static str) -> Result<Input, Problem> {
        let items: &[Object] = self.parameters.need(argument)?;
        match items {
            [] => Err(Problem::Plain("empty non-optional argument")),
            [item] => self.input(Map::read(item)?),
            _ => Err(Problem::Plain("multiple targets for non-variadic argument")),
        }
    }

    fn input(&mut self, input: Map<'_>) -> Result<Input, Problem> {
        let address: Text = input.need("address")?;
        if address.is_empty() {
            return Err(Problem::Plain("empty address"));
        }
        let key_path = read_key_path(input)?;
        let transformers = match input.may_bare("transformers")? {
            None => self.defaults.transformers.clone(),
            Some(items) => {
                self.source = DataSource::Values;
                read_transformers(items, &mut self.source)?
            }
        };
        let address = self.interner.address(&address);
        Ok(Input { address, key_path, transformers, source: self.source })
    }
}
