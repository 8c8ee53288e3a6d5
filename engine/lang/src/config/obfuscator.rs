//! `obfuscator`.

use super::diagnostics::Section;
use super::draft::Draft;
use super::problem::Problem;
use super::read::{Map, Read};
use crate::ruleset::{Obfuscator, Regex, ValueRedaction};
use crate::vocab::Text;
use alloc::sync::Arc;
use bartizan_object::Object;

/// Keys whose values are secret unless the configuration says otherwise.
const DEFAULT_KEYS: &str = "pass|pwd|pword|secret|token|jwt|sid|bearer|authorization|signed|signature|jsessionid\
    |asp\\.net[-_]sessionid|(api|private|public|access)[-_]?key|consumer[-_]?(id|key)";

/// The length and the FNV-1a hash of libddwaf's own default for values. Clients hand it in explicitly, and
/// mean the partial redaction that comes with it.
const KNOWN_DEFAULT: (usize, u64) = (578, 0x2e8a_c799_4cef_5298);

pub(super) fn read(value: &Object, draft: &mut Draft<'_>, _: &mut Section) -> Result<(), Problem> {
    if draft.others.iter().any(|other| other.obfuscator.is_some()) {
        return Err(Problem::Plain("duplicate obfuscator configuration"));
    }
    let obfuscator = Map::read(value)?;
    let key = key_regex(obfuscator.may("key_regex")?);
    let value = value_redaction(obfuscator.may("value_regex")?);
    draft.documents.obfuscator = Some(Arc::new(Obfuscator { key, value }));
    Ok(())
}

/// A regex that is refused is silently replaced by the default; an empty one switches redaction off.
fn key_regex(pattern: Option<&[u8]>) -> Option<Regex> {
    match pattern {
        Some(b"") => None,
        Some(pattern) => Some(regex(pattern).unwrap_or_else(default_keys)),
        None => Some(default_keys()),
    }
}

fn value_redaction(pattern: Option<&[u8]>) -> ValueRedaction {
    match pattern {
        Some(b"") => ValueRedaction::Off,
        Some(pattern) if (pattern.len(), fnv1a(pattern)) != KNOWN_DEFAULT => {
            regex(pattern).map_or(ValueRedaction::Default, ValueRedaction::Whole)
        }
        _ => ValueRedaction::Default,
    }
}

fn regex(pattern: &[u8]) -> Option<Regex> {
    Regex::new(Text::from(pattern), false, 0).ok()
}

fn default_keys() -> Regex {
    Regex { pattern: Text::from(DEFAULT_KEYS), case_sensitive: false, min_length: 0, needs: None }
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
        assert_eq!((key_regex(Some(b"")), value_redaction(Some(b""))), (None, ValueRedaction::Off));
        for pattern in [None, Some(&b"("[..])] {
            assert_eq!(key_regex(pattern), Some(default_keys()));
            assert_eq!(value_redaction(pattern), ValueRedaction::Default);
        }
        let own = Regex::new("x".into(), false, 0).expect("a valid pattern");
        assert_eq!(key_regex(Some(b"x")), Some(own.clone()));
        assert_eq!(value_redaction(Some(b"x")), ValueRedaction::Whole(own));
    }

    #[test]
    fn the_hash_is_fnv_1a() {
        for (text, hash) in [(&b""[..], 0xcbf2_9ce4_8422_2325), (b"a", 0xaf63_dc4c_8601_ec8c)] {
            assert_eq!(fnv1a(text), hash);
        }
    }
}
