//! Choices that a seed repeats.

/// A stream of numbers: the same seed and number of the case give the same stream on every machine.
pub struct Random {
    state: u64,
    /// The first choices, backwards.
    tape: Vec<u8>,
}

impl Random {
    /// The stream of a seed and the number of a case.
    pub fn new(seed: u64, case: u64) -> Self {
        let mut random = Random { state: seed ^ case.wrapping_mul(0xd6e8_feb8_6659_fd93), tape: Vec::new() };
        // Neighbouring seeds start far apart.
        random.next();
        random.state ^= seed.rotate_left(32);
        random
    }

    /// Choices that are the bytes of a tape, one each, and after its end those of a seed.
    pub(crate) fn of_tape(tape: &[u8]) -> Self {
        Random { tape: tape.iter().rev().copied().collect(), ..Self::new(0, 0) }
    }

    /// SplitMix64; of a tape, what makes a byte the choice among up to 256.
    pub(crate) fn next(&mut self) -> u64 {
        if let Some(byte) = self.tape.pop() {
            return u64::from(byte) << 56;
        }
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// Below `bound`, which is not zero.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    /// Of `low..=high`.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// True so many times of a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of a list that is not empty.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// The same for what can be copied.
    pub fn choose<T: Copy>(&mut self, of: &[T]) -> T {
        *self.pick(of)
    }

    /// Any order is as likely as any other.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}
