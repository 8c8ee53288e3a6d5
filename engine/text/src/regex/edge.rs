//! The first or last bytes of strings, four at most.

use super::literal::Literal;
use alloc::vec;
use alloc::vec::Vec;

/// Most bytes of an [`Edge`].
pub(super) const EDGE_LEN: usize = 4;

/// Most strings at one end of an expression.
pub(super) const MAX_EDGES: usize = 64;
/// Most pairs of edges that are looked at where strings meet.
pub(super) const MAX_PAIRS: usize = 512;

/// Ends of strings.
pub(super) type Edges = Vec<Edge>;

/// Up to four bytes at one end of a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edge {
    /// The first byte lowest, zero beyond the last.
    bytes: u32,
    len: u8,
}

impl Edge {
    pub(super) const EMPTY: Self = Self { bytes: 0, len: 0 };

    /// The first `len` bytes (of at most four) of the `total` in `bytes`, the first one lowest.
    fn cut(bytes: u64, total: usize, len: usize) -> Self {
        let len = len.min(total).min(EDGE_LEN);
        Self { bytes: (bytes & ((1 << (8 * len)) - 1)) as u32, len: len as u8 }
    }

    /// The first `len` bytes of a string.
    pub(super) fn head_of(string: &[u8], len: usize) -> Self {
        let head = &string[..len.min(EDGE_LEN).min(string.len())];
        let bytes = head.iter().rev().fold(0, |bytes, byte| bytes << 8 | u32::from(*byte));
        Self { bytes, len: head.len() as u8 }
    }

    /// The last `len` bytes of a string.
    pub(super) fn tail_of(string: &[u8], len: usize) -> Self {
        Self::head_of(&string[string.len() - len.min(EDGE_LEN).min(string.len())..], len)
    }

    pub(super) fn len(self) -> usize {
        self.len.into()
    }

    /// Its first `len` bytes.
    pub(super) fn head(self, len: usize) -> Self {
        Self::cut(self.bytes.into(), self.len(), len)
    }

    /// Its last `len` bytes.
    pub(super) fn tail(self, len: usize) -> Self {
        let dropped = self.len().saturating_sub(len);
        Self::cut(u64::from(self.bytes) >> (8 * dropped), self.len() - dropped, len)
    }

    /// The first bytes of this followed by `next`.
    pub(super) fn then(self, next: Self) -> Self {
        Self::cut(self.followed_by(next), self.len() + next.len(), EDGE_LEN)
    }

    /// The last bytes of `before` followed by this.
    pub(super) fn after(self, before: Self) -> Self {
        let total = self.len() + before.len();
        let dropped = total.saturating_sub(EDGE_LEN);
        Self::cut(before.followed_by(self) >> (8 * dropped), total - dropped, EDGE_LEN)
    }

    /// All of this followed by all of `next`.
    pub(super) fn joined(self, next: Self) -> Literal {
        Literal::of(&self.followed_by(next).to_le_bytes()[..self.len() + next.len()])
    }

    fn followed_by(self, next: Self) -> u64 {
        u64::from(self.bytes) | u64::from(next.bytes) << (8 * self.len())
    }
}

/// What may stand where one string ends and another begins, as much of it as is not too much.
pub(super) fn seam(tails: &[Edge], heads: &[Edge]) -> impl Iterator<Item = Literal> {
    // Where both must be cut to a byte, more of one side may still find room.
    const LENGTHS: [(usize, usize); 10] =
        [(4, 4), (3, 3), (2, 2), (1, 4), (4, 1), (1, 3), (3, 1), (1, 2), (2, 1), (1, 1)];
    let mut cut = (Edges::new(), Edges::new());
    for (before, after) in LENGTHS {
        let tails = shortened(tails, |edge| edge.tail(before));
        let heads = shortened(heads, |edge| edge.head(after));
        if tails.len() * heads.len() <= MAX_PAIRS {
            cut = (tails, heads);
            break;
        }
    }
    let (tails, heads) = cut;
    let count = heads.len();
    (0..tails.len() * count).map(move |pair| tails[pair / count].joined(heads[pair % count]))
}

fn shortened(edges: &[Edge], shorten: impl Fn(&Edge) -> Edge) -> Edges {
    let mut edges: Edges = edges.iter().map(shorten).collect();
    distinct(&mut edges);
    edges
}

/// The ends of strings, as long as their number allows.
pub(super) fn edges(strings: &[Literal], end: fn(&[u8], usize) -> Edge) -> Edges {
    for len in (1..=EDGE_LEN).rev() {
        let mut edges: Edges = strings.iter().map(|string| end(string, len)).collect();
        distinct(&mut edges);
        if edges.len() <= MAX_EDGES {
            return edges;
        }
    }
    vec![Edge::EMPTY]
}

/// Ends cut until they are not too many.
pub(super) fn shorter(ends: &[Edge], first: bool) -> Edges {
    for len in (1..EDGE_LEN).rev() {
        let cut = |edge: &Edge| if first { edge.head(len) } else { edge.tail(len) };
        let edges = shortened(ends, cut);
        if edges.len() <= MAX_EDGES {
            return edges;
        }
    }
    vec![Edge::EMPTY]
}

/// Sorts edges and drops repeated ones.
pub(super) fn distinct(edges: &mut Edges) {
    if edges.len() > 1 {
        edges.sort_unstable();
        edges.dedup();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_cut_and_joined_like_strings() {
        let strings: [&[u8]; 7] = [b"", b"a", b"bc", b"def", b"ghij", b"k\0", b"\0lmnop"];
        for string in strings {
            for len in 0..=EDGE_LEN {
                let cut = len.min(string.len());
                let (head, tail) = (Edge::head_of(string, len), Edge::tail_of(string, len));
                assert_eq!(&*head.joined(Edge::EMPTY), &string[..cut]);
                assert_eq!(&*tail.joined(Edge::EMPTY), &string[string.len() - cut..]);
                assert_eq!(Edge::head_of(string, EDGE_LEN).head(len), head);
                assert_eq!(Edge::tail_of(string, EDGE_LEN).tail(len), tail);
            }
            for other in strings {
                let [first, second] = [string, other].map(|string| Edge::head_of(string, EDGE_LEN));
                let both = [&string[..first.len()], &other[..second.len()]].concat();
                assert_eq!(&*first.joined(second), both);
                assert_eq!(first.then(second), Edge::head_of(&both, EDGE_LEN));
                assert_eq!(second.after(first), Edge::tail_of(&both, EDGE_LEN));
            }
        }
    }
}
