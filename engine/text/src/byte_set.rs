//! A set of byte values.

/// A set of byte values, 256 bits wide.
///
/// The scan collects the bytes that occur in a value; transformers and operators
/// name the bytes they need, so that one intersection decides whether they can act.
///
/// ```
/// use bartizan_text::ByteSet;
/// let seen = ByteSet::of(b"a%20b");
/// assert!(seen.intersects(&ByteSet::of(b"%+")));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct ByteSet([u64; 4]);

impl ByteSet {
    /// The set without members.
    pub const EMPTY: Self = Self([0; 4]);
    /// The set of all 256 byte values.
    pub const ALL: Self = Self([u64::MAX; 4]);

    /// The set of the bytes that occur in `bytes`.
    #[must_use]
    pub const fn of(bytes: &[u8]) -> Self {
        let mut set = Self::EMPTY;
        let mut i = 0;
        while i < bytes.len() {
            set = set.with(bytes[i]);
            i += 1;
        }
        set
    }

    /// The set of `first..=last`.
    #[must_use]
    pub const fn range(first: u8, last: u8) -> Self {
        let mut set = Self::EMPTY;
        let mut byte = first as usize;
        while byte <= last as usize {
            set = set.with(byte as u8);
            byte += 1;
        }
        set
    }

    /// This set and `byte`.
    #[must_use]
    pub const fn with(mut self, byte: u8) -> Self {
        self.0[(byte >> 6) as usize] |= 1 << (byte & 63);
        self
    }

    /// Adds `byte`.
    pub const fn insert(&mut self, byte: u8) {
        self.0[(byte >> 6) as usize] |= 1 << (byte & 63);
    }

    /// Whether `byte` is a member.
    #[must_use]
    pub const fn contains(&self, byte: u8) -> bool {
        self.0[(byte >> 6) as usize] & (1 << (byte & 63)) != 0
    }

    /// Members of either set.
    #[must_use]
    pub const fn union(&self, other: &Self) -> Self {
        Self([self.0[0] | other.0[0], self.0[1] | other.0[1], self.0[2] | other.0[2], self.0[3] | other.0[3]])
    }

    /// Whether the two sets share a member.
    #[must_use]
    pub const fn intersects(&self, other: &Self) -> bool {
        (self.0[0] & other.0[0])
            | (self.0[1] & other.0[1])
            | (self.0[2] & other.0[2])
            | (self.0[3] & other.0[3])
            != 0
    }

    /// Number of members, 0 to 256.
    #[must_use]
    pub const fn len(&self) -> u32 {
        self.0[0].count_ones() + self.0[1].count_ones() + self.0[2].count_ones() + self.0[3].count_ones()
    }

    /// Whether the set has no members.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0[0] | self.0[1] | self.0[2] | self.0[3] == 0
    }
}

#[cfg(test)]
mod tests {
    use super::ByteSet;

    #[test]
    fn membership_and_set_operations() {
        let set = ByteSet::range(b'A', b'Z').with(0xff);
        assert_eq!(set.len(), 27);
        assert!(set.contains(b'Q') && set.contains(0xff) && !set.contains(b'q'));
        assert!(set.intersects(&ByteSet::of(b"xyZ")) && !set.intersects(&ByteSet::of(b"xyz")));
        assert_eq!(set.union(&ByteSet::ALL).len(), 256);
        assert!(ByteSet::EMPTY.is_empty());
    }
}
