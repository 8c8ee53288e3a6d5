//! What each character becomes: `mapped.txt` and `dropped.txt`, compiled into constants.
//!
//! Two questions are asked of the table. Whether a character changes at all is answered
//! for every character of every value, by one bit: blocks of 128 characters share their
//! bit patterns, so the answer costs two loads. What it becomes is asked rarely: runs of
//! neighbours are searched by their first character, and most have their targets in a pool
//! of short texts, each after its length.

use super::super::{hex, utf8};
use alloc::vec::Vec;

/// What `point` becomes, appended to `output`.
pub(super) fn push(point: u32, output: &mut Vec<u8>) {
    if !changes(point) {
        return utf8::push(point, output);
    }
    match point {
        0xac00..=0xd7a3 => push_jamo(point - 0xac00, output),
        // Tag characters hide the ASCII character of the same low byte.
        0xe0001 | 0xe0020..=0xe007f => utf8::push(point - 0xe0000, output),
        _ => {
            let Some(run) = RUNS.partition_point(|run| run.first() <= point).checked_sub(1) else { return };
            RUNS[run].push(point, output);
        }
    }
}

/// Whether `point` becomes anything but itself.
#[inline]
pub(super) fn changes(point: u32) -> bool {
    let at = point as usize;
    if at < LIMIT {
        let shape = &SHAPES[usize::from(BLOCKS[at / BLOCK])];
        return shape[at / WORD % shape.len()] >> (at % WORD) & 1 != 0;
    }
    !matches!(point, 0x3_0000..=0x3_134a | 0xf_0000..=0xf_fffd | 0x10_0000..=0x10_fffd)
}

/// A Hangul syllable is its number in a grid of leading consonants, vowels and trailing consonants.
fn push_jamo(syllable: u32, output: &mut Vec<u8>) {
    utf8::push(0x1100 + syllable / (21 * 28), output);
    utf8::push(0x1161 + syllable / 28 % 21, output);
    if !syllable.is_multiple_of(28) {
        utf8::push(0x11a7 + syllable % 28, output);
    }
}

/// The bits cover the characters below this; beyond, there are a few long ranges.
const LIMIT: usize = 0x3_0000;
const WORD: usize = 64;
const BLOCK: usize = 2 * WORD;

type Shape = [u64; BLOCK / WORD];

static BLOCKS: [u8; LIMIT / BLOCK] = COMPILED_BITS.blocks;
static SHAPES: [Shape; COUNTS.shapes] = COMPILED_BITS.shapes;
static RUNS: [Run; COUNTS.runs] = COMPILED_RUNS.runs;
static POOL: [u8; COUNTS.pool] = COMPILED_RUNS.pool;

const MAPPED: &[u8] = include_bytes!("mapped.txt");
const DROPPED: &[u8] = include_bytes!("dropped.txt");

/// A run of characters: kind and first character; number of characters and where their targets are.
#[derive(Clone, Copy)]
struct Run {
    kind_first: u32,
    count_value: u32,
}

/// Each character has its own target, one after the other in the pool; an empty one is none.
const EACH: u32 = 0;
/// All have the target at that place in the pool.
const SAME: u32 = 1;
/// The targets are consecutive characters from that one on.
const SHIFT: u32 = 2;

const VALUE_BITS: u32 = 18;

impl Run {
    const fn new(kind: u32, first: u32, count: u32, value: u32) -> Self {
        assert!(first < LIMIT as u32 && value < 1 << VALUE_BITS && count < 1 << (32 - VALUE_BITS));
        Self { kind_first: kind << 24 | first, count_value: count << VALUE_BITS | value }
    }

    const fn first(self) -> u32 {
        self.kind_first & 0xff_ffff
    }

    /// Appends the target of `point`, which is not before the run.
    fn push(self, point: u32, output: &mut Vec<u8>) {
        let offset = point - self.first();
        let value = self.count_value & ((1 << VALUE_BITS) - 1);
        if offset >= self.count_value >> VALUE_BITS {
            return;
        }
        match self.kind_first >> 24 {
            EACH => push_pooled(value, offset, output),
            SAME => push_pooled(value, 0, output),
            _ => utf8::push(value + offset, output),
        }
    }
}

/// Appends the text `skip` texts after the one at `start`.
fn push_pooled(start: u32, skip: u32, output: &mut Vec<u8>) {
    let mut pool = &POOL[start as usize..];
    for _ in 0..skip {
        let [len, rest @ ..] = pool else { return };
        pool = &rest[usize::from(*len)..];
    }
    if let [len, rest @ ..] = pool {
        output.extend_from_slice(&rest[..usize::from(*len)]);
    }
}

// From here on everything happens in the compiler.

struct Counts {
    runs: usize,
    pool: usize,
    shapes: usize,
}

const COUNTS: Counts = {
    let (runs, bits) = (compile_runs::<0, 0>(), compile_bits::<0>());
    Counts { runs: runs.run_count, pool: runs.pool_len, shapes: bits.count }
};
const COMPILED_RUNS: CompiledRuns<{ COUNTS.runs }, { COUNTS.pool }> = compile_runs();
const COMPILED_BITS: CompiledBits<{ COUNTS.shapes }> = compile_bits();

struct CompiledRuns<const R: usize, const P: usize> {
    runs: [Run; R],
    run_count: usize,
    pool: [u8; P],
    pool_len: usize,
}

/// Compiles `mapped.txt`; what does not fit is only counted.
const fn compile_runs<const R: usize, const P: usize>() -> CompiledRuns<R, P> {
    let mut compiled =
        CompiledRuns { runs: [Run::new(EACH, 0, 0, 0); R], run_count: 0, pool: [0; P], pool_len: 0 };
    let mut text = Text::new(MAPPED);
    while text.next_line() {
        let (first, last) = text.range();
        let pooled = compiled.pool_len as u32;
        let run = match text.sign() {
            b'=' => {
                compiled.pool_target(&mut text);
                Run::new(SAME, first, last - first + 1, pooled)
            }
            b'+' => Run::new(SHIFT, first, last - first + 1, text.number()),
            _ => {
                let mut count = 0;
                while text.more_in_line() {
                    compiled.pool_target(&mut text);
                    count += 1;
                }
                Run::new(EACH, first, count, pooled)
            }
        };
        if compiled.run_count < R {
            compiled.runs[compiled.run_count] = run;
        }
        compiled.run_count += 1;
    }
    compiled
}

impl<const R: usize, const P: usize> CompiledRuns<R, P> {
    const fn pool_target(&mut self, text: &mut Text) {
        let length_at = self.pool_len;
        self.pool_byte(0);
        while let Some(point) = text.point_of_target() {
            let (bytes, len) = utf8::encode(point);
            let mut i = 0;
            while i < len {
                self.pool_byte(bytes[i]);
                i += 1;
            }
        }
        if length_at < P {
            self.pool[length_at] = (self.pool_len - length_at - 1) as u8;
        }
    }

    const fn pool_byte(&mut self, byte: u8) {
        if self.pool_len < P {
            self.pool[self.pool_len] = byte;
        }
        self.pool_len += 1;
    }
}

struct CompiledBits<const S: usize> {
    blocks: [u8; LIMIT / BLOCK],
    shapes: [Shape; S],
    count: usize,
}

/// Compiles the bits of all that changes, each pattern once; what does not fit is only counted.
const fn compile_bits<const S: usize>() -> CompiledBits<S> {
    let bits = changing_bits();
    let mut shapes = [0; 256];
    let mut compiled = CompiledBits { blocks: [0; LIMIT / BLOCK], shapes: [[0; 2]; S], count: 0 };
    let mut block = 0;
    while block < bits.len() {
        let mut shape = 0;
        while shape < compiled.count && shapes[shape] != bits[block] {
            shape += 1;
        }
        if shape == compiled.count {
            shapes[shape] = bits[block];
            compiled.count += 1;
        }
        compiled.blocks[block] = shape as u8;
        block += 1;
    }
    let mut shape = 0;
    while shape < S {
        compiled.shapes[shape] = [shapes[shape] as u64, (shapes[shape] >> WORD) as u64];
        shape += 1;
    }
    compiled
}

const fn changing_bits() -> [u128; LIMIT / BLOCK] {
    let mut bits = [0; LIMIT / BLOCK];
    mark(&mut bits, 0xac00, 0xd7a3);
    let mut text = Text::new(DROPPED);
    while text.next_line() {
        while text.more_in_line() {
            let (first, last) = text.range();
            mark(&mut bits, first, last);
        }
    }
    text = Text::new(MAPPED);
    while text.next_line() {
        let (mut first, last) = text.range();
        match text.sign() {
            b'=' | b'+' => {
                while text.point_of_target().is_some() {}
                mark(&mut bits, first, last);
            }
            _ => {
                while text.more_in_line() {
                    if text.point_of_target().is_some() {
                        mark(&mut bits, first, first);
                    }
                    while text.point_of_target().is_some() {}
                    first += 1;
                }
            }
        }
    }
    bits
}

const fn mark(bits: &mut [u128; LIMIT / BLOCK], first: u32, last: u32) {
    let mut point = first as usize;
    while point <= last as usize {
        let to_block_end = BLOCK - point % BLOCK;
        let left = last as usize - point + 1;
        let count = if left < to_block_end { left } else { to_block_end };
        bits[point / BLOCK] |= u128::MAX >> (BLOCK - count) << (point % BLOCK);
        point += count;
    }
}

/// A reader of the two text files.
struct Text {
    bytes: &'static [u8],
    at: usize,
}

impl Text {
    const fn new(bytes: &'static [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    const fn peek(&self) -> u8 {
        if self.at < self.bytes.len() { self.bytes[self.at] } else { b'\n' }
    }

    /// Goes to the next line that is neither empty nor a comment.
    const fn next_line(&mut self) -> bool {
        let mut comment = false;
        while self.at < self.bytes.len() {
            match self.peek() {
                b'\n' => comment = false,
                b'\r' => {}
                b'#' => comment = true,
                _ if comment => {}
                _ => return true,
            }
            self.at += 1;
        }
        false
    }

    /// Skips blanks, line ends before a continuation included; true if an item follows in the line.
    const fn more_in_line(&mut self) -> bool {
        loop {
            match self.peek() {
                b' ' | b'\r' => self.at += 1,
                b'\n' if self.at + 1 < self.bytes.len() && self.bytes[self.at + 1] == b' ' => self.at += 1,
                other => return other != b'\n',
            }
        }
    }

    /// `FIRST` or `FIRST-LAST`.
    const fn range(&mut self) -> (u32, u32) {
        let first = self.number();
        if self.peek() != b'-' {
            return (first, first);
        }
        self.at += 1;
        let last = self.number();
        assert!(first <= last, "a range ends before it starts");
        (first, last)
    }

    /// The `=` or `+` before a target, which is skipped; or 0.
    const fn sign(&mut self) -> u8 {
        self.more_in_line();
        match self.peek() {
            sign @ (b'=' | b'+') => {
                self.at += 1;
                sign
            }
            _ => 0,
        }
    }

    /// The next code point of a target; none at its end or for `_`, which is skipped.
    const fn point_of_target(&mut self) -> Option<u32> {
        match self.peek() {
            b'.' => self.at += 1,
            b'_' => {
                self.at += 1;
                return None;
            }
            b' ' | b'\r' | b'\n' => return None,
            _ => {}
        }
        Some(self.number())
    }

    const fn number(&mut self) -> u32 {
        let mut number = 0;
        let start = self.at;
        while let Some(digit) = hex::digit(self.peek()) {
            number = number << 4 | digit;
            self.at += 1;
        }
        assert!(self.at > start, "a number is missing");
        number
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCKS, POOL, RUNS, Run, SHAPES, changes, push};
    use alloc::{string::String, vec::Vec};

    fn characters() -> impl Iterator<Item = char> {
        ('\u{80}'..=char::MAX).filter(|character| !character.is_ascii())
    }

    fn image(character: char) -> String {
        let mut output = Vec::new();
        push(character.into(), &mut output);
        String::from_utf8(output).expect("characters become characters")
    }

    #[test]
    fn the_table_is_small_and_its_runs_are_in_order() {
        let size = size_of_val(&BLOCKS) + size_of_val(&SHAPES) + size_of_val(&RUNS) + size_of_val(&POOL);
        assert!(size < 30_000, "{size} bytes");
        let end = |run: &Run| run.first() + (run.count_value >> super::VALUE_BITS);
        assert!(RUNS.is_sorted_by(|run, next| end(run) <= next.first()));
    }

    /// The number pins every answer: it was computed from what libddwaf 2.1.0 makes of each
    /// character (FNV-1a over the outputs, each closed by 0xff).
    #[test]
    fn every_character_is_as_measured() {
        let (mut hash, mut changed) = (0xcbf2_9ce4_8422_2325_u64, 0);
        let mut room = [0; 4];
        for character in characters() {
            let image = image(character);
            let same = image.as_bytes() == character.encode_utf8(&mut room).as_bytes();
            assert_eq!(changes(character.into()), !same, "{character:?}");
            changed += u32::from(!same);
            for byte in image.bytes().chain([0xff]) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
            }
        }
        assert_eq!((changed, hash), (849_352, 0xef6a_426d_4c4d_6db6));
    }

    #[test]
    fn what_a_character_becomes_stays() {
        for character in characters() {
            for result in image(character).chars() {
                let stays = result.is_ascii() || !changes(result.into());
                assert!(stays, "{character:?} becomes {result:?}, which changes");
            }
        }
    }

    #[test]
    fn numbers_that_are_no_characters() {
        assert!(!changes(0xd800) && !changes(0xdfff), "surrogates alone do not change a value");
        assert!(changes(0x11_0000) && changes(0x1f_ffff));
    }
}
