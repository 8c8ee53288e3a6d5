//! Which bytes matches hold, wherever: one of a few sets, in full.

use super::literal::bytes_commonness;
use super::need::Bytes;

/// Most sets; where there would be more, the commonest stay apart and the others are reduced to what they
/// have in common.
const MOST: usize = 4;

/// Sets of ASCII bytes of which each match holds one in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Holding {
    sets: [u128; MOST],
    len: u8,
}

impl Holding {
    /// Nothing is known.
    pub(super) const NOTHING: Self = Self { sets: [0; MOST], len: 1 };
    /// There are no matches.
    pub(super) const NO_MATCH: Self = Self { sets: [0; MOST], len: 0 };

    /// All matches hold these bytes.
    pub(super) const fn all(set: u128) -> Self {
        let mut holding = Self::NOTHING;
        holding.sets[0] = set;
        holding
    }

    /// Each match holds one of these sets.
    pub(super) fn one_of(sets: impl Iterator<Item = u128>) -> Self {
        let mut holding = Self::NO_MATCH;
        for set in sets {
            holding.add(set);
        }
        holding
    }

    pub(super) fn sets(&self) -> &[u128] {
        &self.sets[..usize::from(self.len)]
    }

    fn add(&mut self, set: u128) {
        if self.sets().iter().any(|other| set & other == *other) {
            return;
        }
        let mut kept = Self::NO_MATCH;
        for &other in self.sets() {
            // One that holds all of the new one says no more.
            if other & set != set {
                kept.sets[usize::from(kept.len)] = other;
                kept.len += 1;
            }
        }
        if let Some(place) = kept.sets.get_mut(usize::from(kept.len)) {
            *place = set;
            kept.len += 1;
            *self = kept;
            return;
        }
        // The two rarest become what they share.
        let mut all = [set; MOST + 1];
        all[..MOST].copy_from_slice(&kept.sets);
        let commonness = |set: &u128| bytes_commonness(&Bytes::rarest(*set));
        all.sort_by(|a, b| commonness(b).total_cmp(&commonness(a)));
        let [first @ .., a, b] = all;
        let mut fewer = Self::NO_MATCH;
        for set in first.into_iter().chain([a & b]) {
            fewer.add(set);
        }
        *self = fewer;
    }

    /// What holds of a match of the one or the other.
    pub(super) fn or(&self, other: &Self) -> Self {
        Self::one_of(self.sets().iter().chain(other.sets()).copied())
    }

    /// What holds of a match of the one and then the other.
    pub(super) fn and(&self, other: &Self) -> Self {
        if *other == Self::NOTHING {
            return *self;
        }
        let pairs = self.sets().iter().flat_map(|a| other.sets().iter().map(move |b| a | b));
        Self::one_of(pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::Holding;

    fn set(bytes: &[u8]) -> u128 {
        bytes.iter().fold(0, |set, byte| set | 1 << byte)
    }

    #[test]
    fn sets_are_joined_and_reduced() {
        let (v, b) = (Holding::all(set(b"v")), Holding::all(set(b"b")));
        let entity = Holding::all(set(b"&#"));
        let both = v.or(&entity).and(&b.or(&entity));
        assert_eq!(both, Holding::one_of([set(b"vb"), set(b"&#")].into_iter()));
        assert_eq!(v.or(&Holding::NOTHING), Holding::NOTHING);
        assert_eq!(v.or(&Holding::NO_MATCH), v);
        assert_eq!(v.and(&Holding::NOTHING), v);
        // Five are too many: the rarest two share nothing but `#`.
        let many = Holding::one_of([b"e!", b"t!", b"a!", b"#<", b"#>"].map(|bytes| set(bytes)).into_iter());
        assert!(many.sets().len() == 4 && many.sets().contains(&set(b"#")), "{many:?}");
    }
}
