//! A set of code points.

use alloc::vec::Vec;

use super::runes::MAX;

/// A set of code points as sorted ranges that neither overlap nor touch.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct RuneSet {
    ranges: Vec<(u32, u32)>,
}

impl RuneSet {
    /// The union of `ranges`, each `(first, last)`, in any order.
    pub(super) fn new(mut ranges: Vec<(u32, u32)>) -> Self {
        ranges.sort_unstable();
        let mut kept = 0;
        for next in 0..ranges.len() {
            let (first, last) = ranges[next];
            if kept > 0 && first <= ranges[kept - 1].1.saturating_add(1) {
                ranges[kept - 1].1 = ranges[kept - 1].1.max(last);
            } else {
                ranges[kept] = (first, last);
                kept += 1;
            }
        }
        ranges.truncate(kept);
        Self { ranges }
    }

    /// The union of ASCII members, as bits, and `others` in any order.
    pub(super) fn with_ascii(mut ascii: u128, others: &[(u32, u32)]) -> Self {
        let mut ranges = Vec::with_capacity(4 + others.len());
        while ascii != 0 {
            let first = ascii.trailing_zeros();
            let last = first + (!(ascii >> first)).trailing_zeros() - 1;
            ranges.push((first, last));
            ascii &= u128::MAX.checked_shl(last + 1).unwrap_or(0);
        }
        if others.is_empty() {
            return Self { ranges };
        }
        ranges.extend_from_slice(others);
        Self::new(ranges)
    }

    /// The ranges, ascending.
    pub(super) fn ranges(&self) -> &[(u32, u32)] {
        &self.ranges
    }

    /// Whether there is no member.
    pub(super) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Whether every code point is a member.
    pub(super) fn is_full(&self) -> bool {
        self.ranges == [(0, MAX)]
    }

    /// Whether `rune` is a member.
    pub(super) fn contains(&self, rune: u32) -> bool {
        let after = self.ranges.partition_point(|&(first, _)| first <= rune);
        after > 0 && rune <= self.ranges[after - 1].1
    }

    /// The code points that are not members.
    pub(super) fn negated(&self) -> Self {
        let mut ranges = Vec::with_capacity(self.ranges.len() + 1);
        let mut next = 0;
        for &(first, last) in &self.ranges {
            if next < first {
                ranges.push((next, first - 1));
            }
            next = last + 1;
        }
        if next <= MAX {
            ranges.push((next, MAX));
        }
        Self { ranges }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn ranges_are_joined_and_sorted() {
        let set = RuneSet::new(vec![(50, 60), (1, 3), (4, 4), (10, 20), (12, 15), (20, 21), (MAX, MAX)]);
        assert_eq!(set.ranges(), [(1, 4), (10, 21), (50, 60), (MAX, MAX)]);
        for (rune, member) in
            [(0, false), (1, true), (4, true), (5, false), (21, true), (61, false), (MAX, true)]
        {
            assert_eq!(set.contains(rune), member, "{rune}");
        }
    }

    #[test]
    fn ascii_members_become_ranges() {
        let ascii = 1 << 0 | 0b111 << 10 | 1 << 20 | 0b11 << 126;
        let ranges = [(0, 0), (10, 12), (20, 20), (126, 127)];
        assert_eq!(RuneSet::with_ascii(ascii, &[]).ranges(), ranges);
        let others = [(0x80, 0x90), (13, 19)];
        assert_eq!(RuneSet::with_ascii(ascii, &others).ranges(), [(0, 0), (10, 20), (126, 0x90)]);
        assert!(RuneSet::with_ascii(0, &[]).is_empty());
        assert_eq!(RuneSet::with_ascii(u128::MAX, &[]).ranges(), [(0, 127)]);
    }

    #[test]
    fn negation_is_its_own_inverse() {
        for ranges in [vec![], vec![(0, MAX)], vec![(0, 9)], vec![(5, MAX)], vec![(3, 7), (9, 9)]] {
            let set = RuneSet::new(ranges);
            assert_eq!(set.negated().negated(), set);
            let mut both = set.ranges().to_vec();
            both.extend_from_slice(set.negated().ranges());
            assert!(both.iter().map(|(first, last)| last - first + 1).sum::<u32>() == MAX + 1);
            assert!(RuneSet::new(both).is_full());
            assert_eq!((set.is_empty(), set.is_full()), (set.negated().is_full(), set.negated().is_empty()));
        }
    }
}
