//! Any value through any chain: no panic, no change without a trigger, no growth beyond what is promised.

use bartizan_text::ByteSet;
use bartizan_text::transform::Transformer;

pub(crate) fn run(data: &[u8]) {
    let (first, data) = crate::choice(data);
    let (second, data) = crate::choice(data);
    let (mut value, mut out) = (data.to_vec(), Vec::new());
    for choice in [first, second] {
        let transformer = Transformer::ALL[choice % Transformer::ALL.len()];
        let triggered = transformer.triggers().intersects(&ByteSet::of(&value));
        if transformer.apply(&value, &mut out) {
            assert!(triggered, "{} changed a value without a trigger", transformer.name());
            // Compatibility decompositions are the longest: U+FDFA, 3 bytes, becomes 33.
            let most = if transformer == Transformer::UnicodeNormalize { 12 } else { 2 };
            assert!(out.len() <= value.len() * most + 4, "{} grew a value", transformer.name());
            core::mem::swap(&mut value, &mut out);
        }
    }
}
