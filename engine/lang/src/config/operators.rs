//! Operators that hold one value against something, and their parameters.

use super::interner::Interner;
use super::problem::{Named, Problem, quoted};
use super::read::Map;
use crate::ruleset::{Checksum, Depth, ExactSet, Matcher, Number, Phrases, Regex};
use crate::vocab::{Scalar, Text};
use alloc::sync::Arc;
use alloc::vec::Vec;
use bartizan_object::Object;
use bartizan_text::net::parse_network;

/// Used by `equals` on floats, unless `delta` is given.
const DEFAULT_DELTA: f64 = 0.01;

impl Problem {
    /// The operator is not one of ours.
    pub(super) fn unknown_operator(name: &[u8]) -> Self {
        Self::Unknown(Named::Operator, Text::from(name))
    }
}

/// Reads the parameters of the operator called `name`, without negation or version. `depth` says how well its
/// patterns are to be known.
pub(super) fn read_matcher(
    name: &[u8],
    parameters: Map<'_>,
    depth: Depth,
    interner: &mut Interner,
) -> Result<Matcher, Problem> {
    Ok(match name {
        b"match_regex" => Matcher::Regex(read_regex(parameters, depth, interner, |_| Ok(()))?.0),
        b"match_regex_with_checksum" => {
            let (regex, checksum) = read_regex(parameters, depth, interner, read_checksum)?;
            Matcher::RegexWithChecksum(regex, checksum)
        }
        b"phrase_match" => Matcher::Phrases(Arc::new(read_phrases(parameters)?)),
        b"exact_match" => match parameters.may_bare::<Vec<Text>>("list")? {
            Some(list) => {
                let values = list.into_iter().map(|value| (value, 0)).collect();
                Matcher::Exact(Arc::new(ExactSet::new(values)))
            }
            None => Matcher::Data(parameters.need("data")?),
        },
        b"ip_match" => match parameters.may_bare::<Vec<&[u8]>>("list")? {
            Some(list) => {
                let networks = list.into_iter().filter_map(|text| Some((parse_network(text)?, 0)));
                Matcher::Ip(Arc::new(networks.collect()))
            }
            None => Matcher::Data(parameters.need("data")?),
        },
        b"equals" => read_equals(parameters)?,
        b"greater_than" => {
            Matcher::GreaterThan(read_bound("invalid type for matcher greater_than ", parameters)?)
        }
        b"lower_than" => Matcher::LowerThan(read_bound("invalid type for matcher lower_than ", parameters)?),
        b"is_sqli" => Matcher::IsSqli,
        b"is_xss" => Matcher::IsXss,
        b"hidden_ascii_match" => Matcher::HiddenAscii,
        _ => return Err(Problem::unknown_operator(name)),
    })
}

/// Reads a regex and, in the place where libddwaf looks at them, `more` parameters.
fn read_regex<T>(
    parameters: Map<'_>,
    depth: Depth,
    interner: &mut Interner,
    more: impl FnOnce(Map<'_>) -> Result<T, Problem>,
) -> Result<(Regex, T), Problem> {
    let pattern: Text = parameters.need("regex")?;
    let options = parameters.map("options")?;
    let min_length: i64 = options.or("min_length", 0)?;
    let Ok(min_length) = usize::try_from(min_length) else {
        return Err(Problem::Plain("min_length is a negative number"));
    };
    let case_sensitive = options.or("case_sensitive", false)?;
    let more = more(parameters)?;
    let pattern = interner.patterns.get(&pattern, case_sensitive, depth).map_err(|error| {
        Problem::About("invalid regular expression: ", Text::from(error.argument.as_slice()))
    })?;
    Ok((Regex { pattern, min_length }, more))
}

fn read_checksum(parameters: Map<'_>) -> Result<Checksum, Problem> {
    let name: &[u8] = parameters.need("checksum")?;
    if name == b"luhn" { Ok(Checksum::Luhn) } else { Err(quoted("unknown checksum algorithm: '", name)) }
}

fn read_phrases(parameters: Map<'_>) -> Result<Phrases, Problem> {
    let items: &[Object] = parameters.need("list")?;
    let word_boundary = parameters.map("options")?.or("enforce_word_boundary", false)?;
    let phrase = |item: &Object| match item.as_bytes() {
        Some(phrase) if !phrase.is_empty() => Ok(Text::from(phrase)),
        _ => Err(Problem::Plain("phrase_match list item not a string or empty")),
    };
    Ok(Phrases::new(items.iter().map(phrase).collect::<Result<_, _>>()?, word_boundary))
}

fn read_equals(parameters: Map<'_>) -> Result<Matcher, Problem> {
    let kind: Text = parameters.need("type")?;
    let value = match &*kind {
        b"string" => Scalar::String(parameters.need("value")?),
        b"boolean" => Scalar::Bool(parameters.need("value")?),
        b"unsigned" => Scalar::Unsigned(parameters.need("value")?),
        b"signed" => Scalar::Signed(parameters.need("value")?),
        b"float" => {
            let value = Scalar::Float(parameters.need("value")?);
            return Ok(Matcher::Equals(value, parameters.or("delta", DEFAULT_DELTA)?));
        }
        _ => return Err(Problem::About("invalid type for matcher equals ", kind)),
    };
    Ok(Matcher::Equals(value, DEFAULT_DELTA))
}

fn read_bound(sentence: &'static str, parameters: Map<'_>) -> Result<Number, Problem> {
    let kind: Text = parameters.need("type")?;
    Ok(match &*kind {
        b"unsigned" => Number::Unsigned(parameters.need("value")?),
        b"signed" => Number::Signed(parameters.need("value")?),
        b"float" => Number::Float(parameters.need("value")?),
        _ => return Err(Problem::About(sentence, kind)),
    })
}
