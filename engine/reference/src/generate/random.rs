//! Choices out of a number.

/// A sequence of choices; equal seeds and tapes give equal sequences.
#[derive(Clone, Debug)]
pub(crate) struct Random {
    state: u64,
    /// The first choices, backwards.
    tape: Vec<u8>,
    /// What the conditions that were made so far look for, so that values often have it.
    lures: Vec<String>,
}

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed, tape: Vec::new(), lures: Vec::new() }
    }

    /// Choices that are the bytes of a tape, one each, and after its end those of a seed.
    pub(crate) fn of_tape(tape: &[u8]) -> Self {
        Self { tape: tape.iter().rev().copied().collect(), ..Self::new(0) }
    }

    /// Notes what a condition looks for.
    pub(crate) fn lay(&mut self, lure: &str) {
        self.lures.push(lure.to_owned());
    }

    /// What some condition looks for; nothing before there is one.
    pub(crate) fn lure(&mut self) -> String {
        let at = self.below(self.lures.len());
        self.lures.get(at).cloned().unwrap_or_default()
    }

    /// SplitMix64, once the tape has ended.
    fn next(&mut self) -> u64 {
        if let Some(byte) = self.tape.pop() {
            return byte.into();
        }
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    /// A number from `from` to `to`, both included.
    pub(crate) fn between(&mut self, from: usize, to: usize) -> usize {
        from + self.below(to - from + 1)
    }

    /// True so many times in a hundred.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// Several of what `make` makes.
    pub(crate) fn several<T>(
        &mut self,
        from: usize,
        to: usize,
        mut make: impl FnMut(&mut Self) -> T,
    ) -> Vec<T> {
        (0..self.between(from, to)).map(|_| make(self)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn a_tape_chooses_first_and_a_seed_after_it() {
        let (mut taped, mut seeded) = (Random::of_tape(&[7, 12]), Random::new(0));
        assert_eq!([taped.below(10), taped.below(10)], [7, 2]);
        assert_eq!([taped.below(1000), taped.below(1000)], [seeded.below(1000), seeded.below(1000)]);
    }
}
