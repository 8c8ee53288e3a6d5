//! The literal sweep: one pass over a value finds every literal that it may hold.
//!
//! Each literal is filed under its rarest window of four bytes, those of three under themselves. The pass
//! hashes the window at every position and looks one byte up, four positions between two branches; only where
//! it is set are the literals filed under that window compared in full. Letter case is folded on the way, so
//! values are never copied. No literal that occurs is ever missed.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use bartizan_text::regex::literal::{Literal, commonness, fold};
use bartizan_text::regex::need::MIN_LITERAL;

struct Entry {
    /// The window that this literal is filed under, as the pass sees it.
    key: u32,
    /// Where the literal lies in `bytes`.
    start: u32,
    len: u8,
    /// How far into the literal the window starts.
    offset: u8,
    /// Where its probes lie in `probes`.
    probes: (u32, u32),
}

/// Literals by the windows they are filed under.
#[derive(Default)]
struct Index {
    /// By hash of their keys.
    entries: Box<[Entry]>,
    /// Where the entries of each bucket begin, and where the last ends. A bucket is the start of a hash.
    starts: Box<[u32]>,
    /// How far a hash is shifted for its bucket.
    shift: u32,
    bytes: Box<[u8]>,
    probes: Box<[u32]>,
}

/// Which windows may be worth a look, by hash: a byte each, so that a look is one instruction.
type Marks<const SIZE: usize> = Box<[u8; SIZE]>;

/// Sizes of marks for windows of four bytes: chance hits stay below one in ten bytes of random text.
const FEW: usize = 1 << 10;
const SOME: usize = 1 << 13;
const MANY: usize = 1 << 15;
/// Size of the marks for windows of three bytes, of which there are few.
const SHORT: usize = 1 << 11;

#[derive(Default)]
enum Windows {
    #[default]
    None,
    Few(Marks<FEW>),
    Some(Marks<SOME>),
    Many(Marks<MANY>),
}

/// Literals and the probes that ask for them.
#[derive(Default)]
pub(crate) struct Sweep {
    windows: Windows,
    short_windows: Option<Marks<SHORT>>,
    long: Index,
    short: Index,
}

const NO_SHORT: &[u8; 1] = &[0];

const fn hash(key: u32) -> u32 {
    key.wrapping_mul(0x9e37_79b1)
}

/// The place of a window's mark.
const fn place<const SIZE: usize>(key: u32) -> usize {
    (hash(key) >> (32 - SIZE.trailing_zeros())) as usize
}

/// A window's mark: which bit it is tells most of the windows apart that share a place.
const fn mark(key: u32) -> u8 {
    1 << (hash(key) >> 8 & 7)
}

/// A window of four bytes as the pass sees it: letters without case, and some other bytes alike too.
fn key(window: [u8; 4]) -> u32 {
    u32::from_le_bytes(window) | 0x2020_2020
}

/// A window of three bytes: what remains of one of four when its last byte is shifted out.
fn short_key([a, b, c]: [u8; 3]) -> u32 {
    key([a, b, c, 0]) << 8
}

fn marked<const SIZE: usize>(index: &Index) -> Marks<SIZE> {
    let mut marks = vec![0; SIZE];
    for entry in &index.entries {
        marks[place::<SIZE>(entry.key)] |= mark(entry.key);
    }
    marks.into_boxed_slice().try_into().expect("made of this size")
}

impl Sweep {
    /// Files (folded literal of at least [`MIN_LITERAL`] bytes, probe) pairs.
    pub(crate) fn new(mut literals: Vec<(Literal, u32)>) -> Self {
        literals.sort_unstable();
        literals.dedup();
        let (short, long): (Vec<_>, Vec<_>) =
            literals.into_iter().partition(|(literal, _)| literal.len() == MIN_LITERAL);
        let (long, short) = (Index::new(&long, 4), Index::new(&short, MIN_LITERAL));
        let windows = match long.entries.len() * 16 {
            0 => Windows::None,
            1..FEW => Windows::Few(marked(&long)),
            FEW..=SOME => Windows::Some(marked(&long)),
            _ => Windows::Many(marked(&long)),
        };
        let short_windows = (!short.entries.is_empty()).then(|| marked(&short));
        Self { windows, short_windows, long, short }
    }

    /// Passes over `value`: returns the byte classes it touches (see [`super::flags`]) and calls `hit` for
    /// each probe of each literal that occurs, possibly more than once.
    pub(crate) fn run(&self, value: &[u8], classes: &[u64; 256], mut hit: impl FnMut(u32)) -> u64 {
        let hit: &mut dyn FnMut(u32) = &mut hit;
        match (&self.windows, &self.short_windows) {
            (Windows::None, None) => touched(value, classes),
            (Windows::None, Some(short)) => self.pass(value, classes, &[0; FEW], short, hit),
            (Windows::Few(long), None) => self.pass(value, classes, long, NO_SHORT, hit),
            (Windows::Some(long), None) => self.pass(value, classes, long, NO_SHORT, hit),
            (Windows::Many(long), None) => self.pass(value, classes, long, NO_SHORT, hit),
            (Windows::Few(long), Some(short)) => self.pass(value, classes, long, short, hit),
            (Windows::Some(long), Some(short)) => self.pass(value, classes, long, short, hit),
            (Windows::Many(long), Some(short)) => self.pass(value, classes, long, short, hit),
        }
    }

    fn pass<const LONG: usize, const SHORT: usize>(
        &self,
        value: &[u8],
        classes: &[u64; 256],
        long: &[u8; LONG],
        short: &[u8; SHORT],
        hit: &mut dyn FnMut(u32),
    ) -> u64 {
        let mut touched = 0;
        let mut at = 0;
        // A step looks at four windows; they end before the next seven bytes do.
        while let Some(bytes) = value.get(at..).and_then(<[u8]>::first_chunk::<8>) {
            if marks::<4, LONG, SHORT>(*bytes, long, short) != 0 {
                self.look(value, at, at + 4, long, short, hit);
            }
            touched |= self::touched(&bytes[..4], classes);
            at += 4;
        }
        let rest = &value[at..];
        if rest.len() >= MIN_LITERAL {
            let mut bytes = [0; 8];
            bytes[..rest.len()].copy_from_slice(rest);
            if marks::<5, LONG, SHORT>(bytes, long, short) != 0 {
                self.look(value, at, value.len(), long, short, hit);
            }
        }
        touched | self::touched(rest, classes)
    }

    /// Looks closer at the windows that start in a range.
    #[cold]
    #[inline(never)]
    fn look<const LONG: usize, const SHORT: usize>(
        &self,
        value: &[u8],
        start: usize,
        end: usize,
        long: &[u8; LONG],
        short: &[u8; SHORT],
        hit: &mut dyn FnMut(u32),
    ) {
        for at in start..end {
            let rest = &value[at..];
            if let Some(window) = rest.first_chunk::<4>()
                && let key = key(*window)
                && long[place::<LONG>(key)] & mark(key) != 0
            {
                self.long.compare(value, at, key, hit);
            }
            if SHORT > 1
                && let Some(window) = rest.first_chunk::<MIN_LITERAL>()
                && let key = short_key(*window)
                && short[place::<SHORT>(key)] & mark(key) != 0
            {
                self.short.compare(value, at, key, hit);
            }
        }
    }
}

/// The marks of the first `STEPS` windows in eight bytes.
#[inline]
fn marks<const STEPS: usize, const LONG: usize, const SHORT: usize>(
    bytes: [u8; 8],
    long: &[u8; LONG],
    short: &[u8; SHORT],
) -> u8 {
    let keys = u64::from_le_bytes(bytes) | 0x2020_2020_2020_2020;
    let mut marks = 0;
    for step in 0..STEPS {
        let key = (keys >> (8 * step)) as u32;
        marks |= long[place::<LONG>(key)];
        if SHORT > 1 {
            marks |= short[place::<SHORT>(key << 8)];
        }
    }
    marks
}

/// The classes of a value's bytes.
fn touched(value: &[u8], classes: &[u64; 256]) -> u64 {
    value.iter().fold(0, |touched, byte| touched | classes[usize::from(*byte)])
}

impl Index {
    /// Takes sorted (literal, probe) pairs, and how long windows are.
    fn new(literals: &[(Literal, u32)], window: usize) -> Self {
        let (mut entries, mut bytes, mut probes) = (Vec::new(), Vec::new(), Vec::new());
        for same in literals.chunk_by(|(a, _), (b, _)| a == b) {
            let literal = &same[0].0;
            let first_probe = probes.len() as u32;
            probes.extend(same.iter().map(|(_, probe)| *probe));
            let by_rarity = |(_, a): &(usize, f32), (_, b): &(usize, f32)| a.total_cmp(b);
            let rarest = literal.windows(window).map(commonness).enumerate().min_by(by_rarity);
            let offset = rarest.map_or(0, |(offset, _)| offset);
            let key = match literal[offset..offset + window] {
                [a, b, c, d] => key([a, b, c, d]),
                [a, b, c] => short_key([a, b, c]),
                _ => continue,
            };
            entries.push(Entry {
                key,
                start: bytes.len() as u32,
                len: literal.len() as u8,
                offset: offset as u8,
                probes: (first_probe, probes.len() as u32),
            });
            bytes.extend_from_slice(literal);
        }
        entries.sort_by_key(|entry| hash(entry.key));
        let log_buckets = entries.len().next_power_of_two().trailing_zeros().max(1);
        let shift = 32 - log_buckets;
        let start = |bucket| entries.partition_point(|entry| hash(entry.key) >> shift < bucket) as u32;
        let starts = (0..=1 << log_buckets).map(start).collect();
        Self { entries: entries.into(), starts, shift, bytes: bytes.into(), probes: probes.into() }
    }

    /// Compares the literals that are filed under the window at `at`, which has this key.
    fn compare(&self, value: &[u8], at: usize, key: u32, hit: &mut dyn FnMut(u32)) {
        let bucket = (hash(key) >> (self.shift & 31)) as usize;
        let Some([start, end]) = self.starts.get(bucket..bucket + 2) else { return };
        for entry in &self.entries[*start as usize..*end as usize] {
            if entry.key != key {
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
        let literals = vec![
            (Literal::of(b"union"), 1),
            (Literal::of(b"union"), 2),
            (Literal::of(b"etc/passwd"), 3),
            (Literal::of(b"\x00ab"), 4),
            (Literal::of(b"\x00abc"), 5),
        ];
        let sweep = Sweep::new(literals);
        assert_eq!(hits(&sweep, b"UniON"), [1, 2]);
        assert_eq!(hits(&sweep, b"x /ETC/passwd union"), [1, 2, 3]);
        assert_eq!(hits(&sweep, b"unio"), [0u32; 0]);
        assert_eq!(hits(&sweep, b"z\x00AB"), [4]);
        assert_eq!(hits(&sweep, b" ab"), [0u32; 0]);
        assert_eq!(hits(&sweep, b"\x00aBC"), [4, 5]);
    }
}
