//! Byte classes of one plan, as bits: one table look-up per byte tells all of them.

use bartizan_text::ByteSet;

/// Up to 64 byte classes. `flags.table[byte]` has the bit of every class that `byte` is in; or-ing the
/// entries of a value's bytes gives the classes that the value touches.
pub(crate) struct Flags {
    pub(crate) table: [u64; 256],
    classes: [ByteSet; 64],
    used: usize,
}

/// The class of all non-ASCII bytes; always there.
pub(crate) const NON_ASCII: u64 = 1;

impl Flags {
    pub(crate) fn new() -> Self {
        let mut flags = Self { table: [0; 256], classes: [ByteSet::EMPTY; 64], used: 0 };
        flags.class(&ByteSet::range(0x80, 0xff));
        flags
    }

    /// The bit of a class, or `None` when all bits are taken.
    pub(crate) fn class(&mut self, set: &ByteSet) -> Option<u64> {
        if let Some(index) = self.classes[..self.used].iter().position(|known| known == set) {
            return Some(1 << index);
        }
        let index = self.used;
        *self.classes.get_mut(index)? = *set;
        self.used += 1;
        for byte in 0..=255u8 {
            if set.contains(byte) {
                self.table[usize::from(byte)] |= 1 << index;
            }
        }
        Some(1 << index)
    }

    /// Those of some classes that hold none of these bytes.
    pub(crate) fn kept(&self, classes: u64, without: &ByteSet) -> u64 {
        let holds = |index: &usize| classes & 1 << index != 0 && !self.classes[*index].intersects(without);
        (0..self.used).filter(holds).fold(0, |kept, index| kept | 1 << index)
    }
}
