//! Sets of small numbers.

use alloc::boxed::Box;
use alloc::vec;

/// A set of numbers below a bound fixed at creation.
#[derive(Clone, Debug)]
pub(crate) struct BitSet(Box<[u64]>);

impl BitSet {
    pub(crate) fn new(bound: usize) -> Self {
        Self(vec![0; bound.div_ceil(64)].into())
    }

    pub(crate) fn insert(&mut self, number: u32) {
        self.0[(number >> 6) as usize] |= 1 << (number & 63);
    }

    pub(crate) fn remove(&mut self, number: u32) {
        self.0[(number >> 6) as usize] &= !(1 << (number & 63));
    }

    pub(crate) fn contains(&self, number: u32) -> bool {
        self.0[(number >> 6) as usize] & (1 << (number & 63)) != 0
    }

    /// The smallest member of `from..end`.
    pub(crate) fn next(&self, from: u32, end: u32) -> Option<u32> {
        if from >= end {
            return None;
        }
        let mut word = (from >> 6) as usize;
        let mut bits = self.0.get(word)? & (u64::MAX << (from & 63));
        loop {
            if bits != 0 {
                let number = (word as u32) << 6 | bits.trailing_zeros();
                return (number < end).then_some(number);
            }
            word += 1;
            bits = *self.0.get(word)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::BitSet;

    #[test]
    fn members_come_in_order_within_bounds() {
        let mut set = BitSet::new(200);
        for number in [3, 64, 130, 199] {
            set.insert(number);
        }
        assert_eq!(set.next(0, 200), Some(3));
        assert_eq!(set.next(4, 200), Some(64));
        assert_eq!(set.next(65, 130), None);
        assert_eq!(set.next(131, 200), Some(199));
        set.remove(199);
        assert_eq!(set.next(131, 200), None);
        assert!(set.contains(130) && !set.contains(131));
    }
}
