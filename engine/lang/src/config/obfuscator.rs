//! `obfuscator`.

use super::diagnostics::Section;
use super::draft::Draft;
use super::problem::Problem;
use super::read::{Map, Read};
use crate::ruleset::{Depth, Obfuscator, Patterns, Regex, ValueRedaction};
use alloc::sync::Arc;
use bartizan_object::Object;

/// Keys whose values are secret unless the configuration says otherwise.
const DEFAULT_KEYS: &[u8] =
    b"pass|pwd|pword|secret|token|jwt|sid|bearer|authorization|signed|signature|jsessionid\
    |asp\\.net[-_]sessionid|(api|private|public|access)[-_]?key|consumer[-_]?(id|key)";

/// The length and the FNV-1a hash of libddwaf's own default for values. Clients hand it in explicitly, and
/// mean the partial redaction that comes with it.
const KNOWN_DEFAULT: (usize, u64) = (578, 0x2e8a_c799_4cef_5298);

pub(super) fn read(value: &Object, draft: &mut Draft<'_>, _: &mut Section) -> Result<(), Problem> {
    if draft.others.iter().any(|other| other.obfuscator.is_some()) {
        return Err(Problem::Plain("duplicate obfuscator configuration"));
    }
    let obfuscator = Map::read(value)?;
    let patterns = &mut draft.interner.patterns;
    let key = key_regex(obfuscator.may("key_regex")?, patterns);
    let value = value_redaction(obfuscator.may("value_regex")?, patterns);
    draft.documents.obfuscator = Some(Arc::new(Obfuscator { key, value }));
    Ok(())
}

/// A regex that is refused is silently replaced by the default; an empty one switches redaction off.
fn key_regex(pattern: Option<&[u8]>, patterns: &mut Patterns) -> Option<Regex> {
    match pattern {
        Some(b"") => None,
        Some(pattern) => regex(pattern, patterns).or_else(|| regex(DEFAULT_KEYS, patterns)),
        None => regex(DEFAULT_KEYS, patterns),
    }
}

fn value_redaction(pattern: Option<&[u8]>, patterns: &mut Patterns) -> ValueRedaction {
    match pattern {
        Some(b"") => ValueRedaction::Off,
        Some(pattern) if (pattern.len(), fnv1a(pattern)) != KNOWN_DEFAULT => {
            regex(pattern, patterns).map_or(ValueRedaction::Default, ValueRedaction::Whole)
        }
        _ => ValueRedaction::Default,
    }
}

fn regex(pattern: &[u8], patterns: &mut Patterns) -> Option<Regex> {
    let pattern = patterns.get(pattern, false, Depth::Validity).ok()?;
    Some(Regex { pattern, min_length: 0 })
}

fn fnv1a(text: &[u8]) -> u64 {
    text.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_patterns_switch_off_and_refused_ones_mean_the_default() {
        let patterns = &mut Patterns::default();
        assert_eq!(key_regex(Some(b""), patterns), None);
        assert_eq!(value_redaction(Some(b""), patterns), ValueRedaction::Off);
        for pattern in [None, Some(&b"("[..])] {
            assert_eq!(
                key_regex(pattern, patterns).map(|it| it.pattern.text.clone()),
                Some(DEFAULT_KEYS.into())
            );
            assert_eq!(value_redaction(pattern, patterns), ValueRedaction::Default);
        }
        let own = regex(b"x", patterns).expect("a valid pattern");
        assert_eq!(key_regex(Some(b"x"), patterns), Some(own.clone()));
        assert_eq!(value_redaction(Some(b"x"), patterns), ValueRedaction::Whole(own));
    }

    #[test]
    fn the_hash_is_fnv_1a() {
        for (text, hash) in [(&b""[..], 0xcbf2_9ce4_8422_2325), (b"a", 0xaf63_dc4c_8601_ec8c)] {
            assert_eq!(fnv1a(text), hash);
        }
    }
}
