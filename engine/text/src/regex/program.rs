//! How many instructions RE2 makes of a class: one that reads a range of bytes, or chooses
//! between two ways, each.
//!
//! The ranges of code points become sequences of ranges of bytes; sequences share equal tails
//! as they are made, and equal heads as they join the others.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::budget::Size;
use super::runes::{self, MAX};

/// A range of bytes, whether letters fold, and where to go on; 0 is the end.
type ByteRange = (u8, u8, bool, u32);

#[derive(Clone, Copy)]
enum Instruction {
    Read(ByteRange),
    /// The earlier ways, and the last one.
    Choose(u32, u32),
}

/// The program of a class so far. The instruction at 0 is none.
struct Program {
    instructions: Vec<Instruction>,
    /// Those whose tails others may share.
    shared: BTreeMap<ByteRange, u32>,
    start: u32,
    peak: usize,
}

/// The size of a class with these ranges. Past `limit`, the size is any above it.
pub(super) fn class_size(ranges: &[(u32, u32)], limit: u64) -> Size {
    let ascii = ascii(ranges);
    let folds = ascii >> b'A' & LETTERS == ascii >> b'a' & LETTERS;
    let (capitals, smalls) = ((u32::from(b'A'), u32::from(b'Z')), (u32::from(b'a'), u32::from(b'z')));
    let beyond = match ranges.last() {
        Some(&(_, last)) if last < 0x80 => Some(0),
        // What `add_all_but_ascii` makes of the rest, to choose it included.
        Some(&(0..0x80, MAX)) => Some(9),
        _ => None,
    };
    if let Some(beyond) = beyond {
        // No two ranges have anything to share.
        let is_read = |&&(first, last): &&(u32, u32)| !folds || first < capitals.0 || capitals.1 < last;
        let read = ranges.iter().filter(is_read).count() as u64;
        let size = (2 * read).saturating_sub(1) + beyond;
        return Size::of(size, size);
    }
    let mut program = Program::new();
    for &(first, last) in ranges {
        if folds && capitals.0 <= first && last <= capitals.1 {
            // The small letters stand for the capitals.
            continue;
        }
        let has_all = first <= capitals.0 && smalls.1 <= last;
        let has_none = last < capitals.0 || smalls.1 < first || (capitals.1 < first && last < smalls.0);
        program.add_range(first, last, folds && !has_all && !has_none);
        if program.peak as u64 > limit {
            break;
        }
    }
    Size::of(program.instructions.len() as u64 - 1, program.peak as u64 - 1)
}

const LETTERS: u128 = (1 << 26) - 1;

/// The ASCII members of a class, as bits.
fn ascii(ranges: &[(u32, u32)]) -> u128 {
    let ranges = ranges.iter().take_while(|(first, _)| *first < 0x80);
    ranges.fold(0, |set, &(first, last)| set | u128::MAX >> (127 - last.min(127)) & u128::MAX << first)
}

impl Program {
    fn new() -> Self {
        let instructions = alloc::vec![Instruction::Choose(0, 0)];
        Self { instructions, shared: BTreeMap::new(), start: 0, peak: 1 }
    }

    fn add(&mut self, instruction: Instruction) -> u32 {
        self.instructions.push(instruction);
        self.peak = self.peak.max(self.instructions.len());
        self.instructions.len() as u32 - 1
    }

    fn at(&self, id: u32) -> Instruction {
        self.instructions[id as usize]
    }

    fn set(&mut self, id: u32, instruction: Instruction) {
        self.instructions[id as usize] = instruction;
    }

    /// Whether an instruction like this one is shared.
    fn is_shared(&self, range: ByteRange) -> bool {
        self.shared.contains_key(&range)
    }

    /// Adds an instruction, or finds the one that is there already.
    fn add_shared(&mut self, range: ByteRange) -> u32 {
        if let Some(&id) = self.shared.get(&range) {
            return id;
        }
        let id = self.add(Instruction::Read(range));
        self.shared.insert(range, id);
        id
    }

    /// Adds a range of code points.
    fn add_range(&mut self, first: u32, last: u32, folds: bool) {
        // Ranges still to do; what is cut off comes before the rest.
        let mut todo = alloc::vec![(first, last)];
        while let Some((first, last)) = todo.pop() {
            if (first, last) == (0x80, MAX) {
                self.add_all_but_ascii();
            } else if let Some(middle) = cut(first, last) {
                todo.push((middle, last));
                todo.push((first, middle - 1));
            } else if last < 0x80 {
                let id = self.add(Instruction::Read((first as u8, last as u8, folds, 0)));
                self.join(id);
            } else {
                self.add_sequence(runes::encode(first), runes::encode(last), runes::encoded_len(first));
            }
        }
    }

    /// Adds code points whose encodings differ in the last bytes only, all of which vary freely.
    fn add_sequence(&mut self, first: [u8; 4], last: [u8; 4], length: usize) {
        let mut next = 0;
        for place in (0..length).rev() {
            let range = (first[place], last[place], false, next);
            let varies = range.0 < range.1;
            next = if place == length - 1 || (varies && place != 0) {
                self.add_shared(range)
            } else {
                self.add(Instruction::Read(range))
            };
        }
        self.join(next);
    }

    /// Adds everything from U+0080 on. RE2 saves instructions there by not looking closely: it
    /// takes overlong forms and values that are too large along.
    fn add_all_but_ascii(&mut self) {
        let mut tail = 0;
        for (first, last) in [(0xC2, 0xDF), (0xE0, 0xEF), (0xF0, 0xF4)] {
            tail = self.add(Instruction::Read((0x80, 0xBF, false, tail)));
            let head = self.add(Instruction::Read((first, last, false, tail)));
            self.join(head);
        }
    }

    /// Makes a sequence one of the ways.
    fn join(&mut self, id: u32) {
        self.start = if self.start == 0 { id } else { self.join_at(self.start, id) };
    }

    /// Makes the sequence at `id` one of the ways from `root` and returns the new root. Only
    /// the last way can have an equal head: the ranges come in order.
    fn join_at(&mut self, root: u32, id: u32) -> u32 {
        let Instruction::Read(sequence) = self.at(id) else { return root };
        let last_way = match self.at(root) {
            Instruction::Read(_) => root,
            Instruction::Choose(_, last) => last,
        };
        let way = match self.at(last_way) {
            Instruction::Read(way) if (way.0, way.1, way.2) == (sequence.0, sequence.1, sequence.2) => way,
            _ => return self.add(Instruction::Choose(root, id)),
        };
        let mut root = root;
        let mut own = last_way;
        if self.is_shared(way) {
            // Others use it as it is: go on with a copy.
            own = self.add(Instruction::Read(way));
            match self.at(root) {
                Instruction::Read(_) => root = own,
                Instruction::Choose(earlier, _) => self.set(root, Instruction::Choose(earlier, own)),
            }
        }
        if !self.is_shared(sequence) && id as usize == self.instructions.len() - 1 {
            self.instructions.pop();
        }
        let next = self.join_at(way.3, sequence.3);
        self.set(own, Instruction::Read((way.0, way.1, way.2, next)));
        root
    }
}

/// Where to cut a range so that in each part the encodings have one length, and the last
/// bytes, if they vary at all, vary freely.
fn cut(first: u32, last: u32) -> Option<u32> {
    let lengths = [0x80, 0x800, 0x1_0000].into_iter();
    let mut middles = lengths.filter(|&middle| first < middle && middle <= last);
    if let Some(middle) = middles.next() {
        return Some(middle);
    }
    if last < 0x80 {
        return None;
    }
    for bytes in 1..4 {
        let mask = (1 << (6 * bytes)) - 1;
        if first & !mask != last & !mask {
            if first & mask != 0 {
                return Some((first | mask) + 1);
            }
            if last & mask != mask {
                return Some(last & !mask);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::classes::Classes;
    use super::super::unicode::Group;
    use super::*;

    #[test]
    fn classes_are_as_large_as_those_of_re2() {
        let mut classes = Classes::default();
        let mut unicode = |name: &str, fold| {
            let group = Group::named(name.as_bytes()).expect(name);
            classes.unicode(group, fold, false).ranges().to_vec()
        };
        let sizes: [(&[(u32, u32)], u64); 10] = [
            (&[(0x61, 0x61)], 1),
            (&[(0x41, 0x5A), (0x61, 0x7A)], 1),
            (&[(0x41, 0x46), (0x61, 0x7A)], 3),
            (&[(0, 9), (11, MAX)], 12),
            (&[(0, MAX)], 10),
            (&[(0x80, MAX)], 8),
            (&[(0x100, MAX)], 17),
            (&unicode("Greek", false), 99),
            (&unicode("L", false), 1530),
            (&unicode("L", true), 1532),
        ];
        for (ranges, size) in sizes {
            assert_eq!(class_size(ranges, u64::MAX).instructions, size, "{:x?}", &ranges[..1]);
        }
        // A copy of a shared head is made before the new one is dropped.
        let peaks = class_size(&[(0x1_0000, 0x1_0FFF), (0x1_2000, 0x1_2FFE)], u64::MAX);
        assert!(peaks.peak >= peaks.instructions);
    }
}
