//! The literal sweep: one pass over a value finds every literal that it may hold.
//!
//! Each literal is filed under its rarest window of three bytes. The pass hashes the last three bytes
//! at every position and looks one bit up; only where it is set are the literals filed there compared
//! in full. Letter case is folded on the way, so values are never copied. No literal that occurs is ever
//! missed.

use alloc::vec;
use alloc::vec::Vec;
use bartizan_text::regex::literal::{Literal, commonness, fold};
use bartizan_text::regex::need::MIN_LITERAL;

/// Length of the window that literals are filed under; shorter ones cannot be swept for.
pub(crate) const GRAM: usize = MIN_LITERAL;

const MULTIPLIER: u32 = 0x9e37_79b1;

struct Entry {
    /// The window that this literal is filed under, as the pass sees it.
    gram: u32,
    /// Where the literal lies in `bytes`.
    start: u32,
    len: u16,
    /// How far into the literal the window starts.
    offset: u16,
    /// Where its probes lie in `probes`.
    probes: (u32, u32),
    /// The next entry of the same bucket, or `NONE`.
    next: u32,
}

const NONE: u32 = u32::MAX;

/// Literals and the probes that ask for them.
#[derive(Default)]
pub(crate) struct Sweep {
    bits: Vec<u64>,
    shift: u32,
    heads: Vec<u32>,
    entries: Vec<Entry>,
    bytes: Vec<u8>,
    probes: Vec<u32>,
}

fn gram_of(window: &[u8]) -> u32 {
    window.iter().rev().fold(0, |gram, byte| gram << 8 | u32::from(byte | 0x20))
}

impl Sweep {
    /// Files (folded literal of at least [`GRAM`] bytes, probe) pairs.
    pub(crate) fn new(mut literals: Vec<(Literal, u32)>) -> Self {
        if literals.is_empty() {
            return Self::default();
        }
        literals.sort_unstable();
        literals.dedup();
        // About 16 bits per literal keep chance hits below one in ten bytes of random text.
        let log_bits = (literals.len() * 16).next_power_of_two().trailing_zeros().clamp(10, 17);
        let mut sweep = Self {
            bits: vec![0; 1 << (log_bits - 6)],
            shift: 32 - log_bits,
            heads: vec![NONE; 1 << log_bits.saturating_sub(3)],
            ..Self::default()
        };
        let mut at = 0;
        while at < literals.len() {
            let literal = &literals[at].0;
            let same = literals[at..].iter().take_while(|(other, _)| other == literal).count();
            let first_probe = sweep.probes.len() as u32;
            sweep.probes.extend(literals[at..at + same].iter().map(|(_, probe)| *probe));
            sweep.file(literal, (first_probe, first_probe + same as u32));
            at += same;
        }
        sweep
    }

    fn file(&mut self, literal: &[u8], probes: (u32, u32)) {
        let rarest =
            literal.windows(GRAM).map(commonness).enumerate().min_by(|(_, a), (_, b)| a.total_cmp(b));
        let offset = rarest.map_or(0, |(offset, _)| offset);
        let gram = gram_of(&literal[offset..offset + GRAM]);
        let hash = gram.wrapping_mul(MULTIPLIER) >> self.shift;
        self.bits[(hash >> 6) as usize] |= 1 << (hash & 63);
        let head = hash as usize & (self.heads.len() - 1);
        self.entries.push(Entry {
            gram,
            start: self.bytes.len() as u32,
            len: literal.len() as u16,
            offset: offset as u16,
            probes,
            next: self.heads[head],
        });
        self.heads[head] = (self.entries.len() - 1) as u32;
        self.bytes.extend_from_slice(literal);
    }

    /// Passes over `value` once: returns the byte classes it touches (see [`super::flags`]) and calls
    /// `hit` for each probe of each literal that occurs, possibly more than once.
    pub(crate) fn run(&self, value: &[u8], table: &[u64; 256], mut hit: impl FnMut(u32)) -> u64 {
        let mut classes = 0;
        if self.bits.is_empty() || value.len() < GRAM {
            for byte in value {
                classes |= table[usize::from(*byte)];
            }
            return classes;
        }
        let bits = self.bits.as_slice();
        let mask = bits.len() - 1;
        let mut window = 0u32;
        for (at, byte) in value.iter().enumerate() {
            classes |= table[usize::from(*byte)];
            window = window >> 8 | u32::from(byte | 0x20) << 16;
            let hash = window.wrapping_mul(MULTIPLIER) >> self.shift;
            if bits[(hash >> 6) as usize & mask] & (1 << (hash & 63)) != 0 && at + 1 >= GRAM {
                self.compare(value, at + 1 - GRAM, window, hash, &mut hit);
            }
        }
        classes
    }

    #[cold]
    fn compare(&self, value: &[u8], at: usize, gram: u32, hash: u32, hit: &mut impl FnMut(u32)) {
        let mut next = self.heads[hash as usize & (self.heads.len() - 1)];
        while let Some(entry) = self.entries.get(next as usize) {
            next = entry.next;
            if entry.gram != gram {
                continue;
            }
            let literal = &self.bytes[entry.start as usize..][..usize::from(entry.len)];
            let found = at
                .checked_sub(usize::from(entry.offset))
                .and_then(|start| value.get(start..start + literal.len()))
                .is_some_and(|part| part.iter().zip(literal).all(|(a, b)| fold(*a) == *b));
            if found {
                for probe in &self.probes[entry.probes.0 as usize..entry.probes.1 as usize] {
                    hit(*probe);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Literal, Sweep};
    use alloc::vec;
    use alloc::vec::Vec;

    fn hits(sweep: &Sweep, value: &[u8]) -> Vec<u32> {
        let mut found = Vec::new();
        sweep.run(value, &[0; 256], |probe| found.push(probe));
        found.sort_unstable();
        found.dedup();
        found
    }

    #[test]
    fn literals_are_found_at_both_ends_and_in_any_case() {
        let sweep = Sweep::new(vec![
            (Literal::of(b"union"), 1),
            (Literal::of(b"union"), 2),
            (Literal::of(b"etc/passwd"), 3),
            (Literal::of(b"\x00ab"), 4),
        ]);
        assert_eq!(hits(&sweep, b"UniON"), [1, 2]);
        assert_eq!(hits(&sweep, b"x /ETC/passwd union"), [1, 2, 3]);
        assert_eq!(hits(&sweep, b"unio"), [0u32; 0]);
        assert_eq!(hits(&sweep, b"z\x00AB"), [4]);
        assert_eq!(hits(&sweep, b" ab"), [0u32; 0]);
    }
}
