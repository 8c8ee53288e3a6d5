//! Ids that tie events to responses and stacks.
//!
//! Their shape is libddwaf's, which clients' own tests pin down: a UUID whose third group starts with `4`
//! and whose fourth starts with `1b`. Unlike libddwaf's, the other 112 bits cannot be predicted: they come
//! from entropy that the host gave.

/// The two ids of one call.
pub(crate) struct Ids {
    pub(crate) security_response: [u8; 36],
    pub(crate) stack: [u8; 36],
}

impl Ids {
    /// `entropy` is 64 random bits; the same bits give the same ids.
    pub(crate) fn new(entropy: u64) -> Self {
        let mut state = entropy;
        let mut next = || {
            // SplitMix64: every bit of the entropy reaches every bit of each word.
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut word = state;
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            word ^ (word >> 31)
        };
        Self { security_response: uuid(next(), next()), stack: uuid(next(), next()) }
    }
}

fn uuid(high: u64, low: u64) -> [u8; 36] {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let bits = (u128::from(high) << 64 | u128::from(low)) & !(0xf << 76) & !(0xff << 56);
    let bits = bits | 0x4 << 76 | 0x1b << 56;
    let mut text = [b'-'; 36];
    let mut digit = 0;
    for (at, place) in text.iter_mut().enumerate() {
        if !matches!(at, 8 | 13 | 18 | 23) {
            *place = HEX[(bits >> (124 - 4 * digit)) as usize & 0xf];
            digit += 1;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::Ids;

    #[test]
    fn ids_have_the_expected_shape_and_differ() {
        let ids = Ids::new(7);
        for id in [ids.security_response, ids.stack] {
            assert_eq!((id[8], id[13], id[18], id[23]), (b'-', b'-', b'-', b'-'));
            assert_eq!(id[14], b'4');
            assert_eq!(&id[19..21], b"1b");
        }
        assert_ne!(ids.security_response, ids.stack);
        assert_ne!(ids.stack, Ids::new(8).stack);
    }
}
