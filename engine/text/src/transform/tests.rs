//! What holds for every transformer.

use super::Transformer;
use crate::ByteSet;
use alloc::{string::ToString, vec::Vec};

/// Checks results; None where the value must stay as it is.
pub(super) fn check(transformer: Transformer, cases: &[(&[u8], Option<&[u8]>)]) {
    let mut output = Vec::from(*b"left from before");
    for &(input, expected) in cases {
        let changed = transformer.apply(input, &mut output);
        let outcome = changed.then_some(&output[..]);
        let shown = |value: Option<&[u8]>| value.map(|bytes| bytes.escape_ascii().to_string());
        let name = transformer.name();
        assert_eq!(shown(outcome), shown(expected), "{name} of {}", input.escape_ascii());
    }
}

/// A value made of pieces: the same one for the same seed.
pub(super) fn sample(pieces: &[&[u8]], seed: u32) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9) | 1;
    let mut next = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as usize % bound
    };
    let count = 1 + next(40);
    (0..count).flat_map(|_| pieces[next(pieces.len())]).copied().collect()
}

#[test]
fn names() {
    for transformer in Transformer::ALL {
        assert_eq!(Transformer::from_name(transformer.name().as_bytes()), Some(transformer));
        if let Some(alias) = transformer.alias() {
            assert_eq!(Transformer::from_name(alias.as_bytes()), Some(transformer));
        }
    }
    assert_eq!(Transformer::from_name(b"cmdLine"), Some(Transformer::ShellUnescape));
    let unknown = ["", "Lowercase", "unicodeNormalize", "base64UrlDecode", "lowercase ", "keys_only"];
    assert!(unknown.iter().all(|name| Transformer::from_name(name.as_bytes()).is_none()));
    assert!(Transformer::ALL.is_sorted_by(|a, b| a < b));
}

#[test]
fn an_empty_value_stays() {
    for transformer in Transformer::ALL {
        check(transformer, &[(b"", None)]);
    }
}

/// Pieces that one transformer or another is after.
const PIECES: [&[u8]; 44] = [
    b"A",
    b"Z",
    b"a",
    b"f",
    b"0",
    b"41",
    b"\0",
    b" ",
    b"\t",
    b"\n",
    b".",
    b"..",
    b"/",
    b"\\",
    b"%",
    b"%41",
    b"%25",
    b"u0041",
    b"+",
    b"x41",
    b"ud800",
    b"&",
    b"&lt;",
    b"#65;",
    b"#0",
    b"YWJj",
    b"=",
    b"-",
    b"_",
    b"\"",
    b"'",
    b"^",
    b",",
    b";",
    b"(",
    b"?",
    b"#",
    b"<!--",
    b"-->",
    b"/*",
    b"*/",
    b"\xc3\xa9",
    b"\xe2\x82",
    b"\xff",
];

#[test]
fn values_without_a_trigger_stay() {
    let mut output = Vec::new();
    for transformer in Transformer::ALL {
        let triggers = transformer.triggers();
        let stays = |value: &[u8], output: &mut Vec<u8>| {
            let clean: Vec<u8> = value.iter().copied().filter(|&byte| !triggers.contains(byte)).collect();
            let changed = transformer.apply(&clean, output);
            assert!(!changed, "{} of {}", transformer.name(), clean.escape_ascii());
        };
        for seed in 0..2000 {
            stays(&sample(&PIECES, seed), &mut output);
        }
        for (first, second) in
            (0..=u8::MAX).flat_map(|first| (0..=u8::MAX).map(move |second| (first, second)))
        {
            stays(&[first, second, second], &mut output);
        }
    }
}

/// No trigger is superfluous: for each there is a value that changes and holds no other.
#[test]
fn every_trigger_can_change_a_value() {
    for transformer in Transformer::ALL {
        let triggers = transformer.triggers();
        if transformer == Transformer::UnicodeNormalize || triggers == ByteSet::ALL {
            continue; // One has its own test, the others change every value.
        }
        for byte in (0..=u8::MAX).filter(|&byte| triggers.contains(byte)) {
            let changes = |around: &&[u8]| {
                let value: Vec<u8> = around.iter().map(|&it| if it == b'*' { byte } else { it }).collect();
                let alone = value.iter().all(|&it| it == byte || !triggers.contains(it));
                alone && transformer.apply(&value, &mut Vec::new())
            };
            let values: [&[u8]; 6] = [b"*", b"**", b"*41", b"*/a", b"*lt;", b"*b"];
            assert!(values.iter().any(changes), "{} and {}", transformer.name(), byte.escape_ascii());
        }
    }
}
