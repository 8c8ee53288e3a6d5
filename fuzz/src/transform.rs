//! Any value through any chain: no change without a trigger, and no growth beyond what is promised.

use bartizan_text::ByteSet;
use bartizan_text::transform::Transformer;

pub(crate) fn run(data: &[u8]) {
    let (count, mut data) = crate::choice(data);
    let mut value = Vec::new();
    let mut chain = Vec::new();
    for _ in 0..1 + count % 6 {
        let (choice, rest) = crate::choice(data);
        chain.push(Transformer::ALL[choice % Transformer::ALL.len()]);
        data = rest;
    }
    value.extend(data);
    let mut out = b"left from before".to_vec();
    for transformer in chain {
        let triggered = transformer.triggers().intersects(&ByteSet::of(&value));
        if transformer.apply(&value, &mut out) {
            let name = transformer.name();
            assert!(triggered && !value.is_empty(), "{name} changed a value without a trigger");
            let most = match transformer {
                Transformer::Base64Encode => value.len().div_ceil(3) * 4,
                Transformer::UnicodeNormalize => value.len() * 11,
                _ => value.len(),
            };
            assert!(out.len() <= most, "{name} made {} bytes of {}", out.len(), value.len());
            std::mem::swap(&mut value, &mut out);
        }
    }
}
