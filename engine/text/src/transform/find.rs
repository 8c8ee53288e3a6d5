//! The searches that transformers start with.
//!
//! Both work through blocks without a branch per byte, which compilers turn into
//! vector instructions for predicates made of a few comparisons.

const BLOCK: usize = 32;

/// Position of the first byte that is `wanted`.
#[inline]
pub(super) fn find(input: &[u8], wanted: impl Fn(u8) -> bool) -> Option<usize> {
    let mut clean = 0;
    for block in input.as_chunks::<BLOCK>().0 {
        let mut hit = false;
        for &byte in block {
            hit |= wanted(byte);
        }
        if hit {
            break;
        }
        clean += BLOCK;
    }
    input[clean..].iter().position(|&byte| wanted(byte)).map(|at| clean + at)
}

/// Position of the first of two neighbours that are `wanted` together.
#[inline]
pub(super) fn find_pair(input: &[u8], wanted: impl Fn(u8, u8) -> bool) -> Option<usize> {
    let next = input.get(1..)?;
    let mut clean = 0;
    for (left, right) in input.as_chunks::<BLOCK>().0.iter().zip(next.as_chunks::<BLOCK>().0) {
        let mut hit = false;
        for (&a, &b) in left.iter().zip(right) {
            hit |= wanted(a, b);
        }
        if hit {
            break;
        }
        clean += BLOCK;
    }
    let mut pairs = input[clean..].iter().zip(&next[clean..]);
    pairs.position(|(&a, &b)| wanted(a, b)).map(|at| clean + at)
}

#[cfg(test)]
mod tests {
    use super::{find, find_pair};

    #[test]
    fn finds_the_first_at_every_offset_and_length() {
        let mut bytes = [b'.'; 100];
        for at in 0..bytes.len() - 1 {
            bytes[at] = b'x';
            bytes[at + 1] = b'y';
            for len in 0..=bytes.len() {
                let input = &bytes[..len];
                assert_eq!(find(input, |byte| byte == b'x'), (at < len).then_some(at), "{at} in {len}");
                let pair = find_pair(input, |a, b| a == b'x' && b == b'y');
                assert_eq!(pair, (at + 1 < len).then_some(at), "{at} in {len}");
            }
            bytes[at] = b'.';
            bytes[at + 1] = b'.';
        }
        assert_eq!(find(b"abcabc", |byte| byte > b'a'), Some(1));
        assert_eq!(find_pair(b"aabb", |a, b| a == b), Some(0));
    }
}
