//! Choices out of bytes: a byte is a choice, so that a small change of the input is a small change of what it
//! chooses. After the end every choice is the first.

pub(crate) struct Tape<'d> {
    rest: &'d [u8],
}

impl<'d> Tape<'d> {
    pub(crate) fn new(rest: &'d [u8]) -> Self {
        Self { rest }
    }

    pub(crate) fn has_more(&self) -> bool {
        !self.rest.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let (first, rest) = self.rest.split_first().unwrap_or((&0, &[]));
        self.rest = rest;
        *first
    }

    /// A number below a bound; beyond 256 of two bytes.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let mut choice = usize::from(self.byte());
        if bound > 256 {
            choice = choice << 8 | usize::from(self.byte());
        }
        choice % bound.max(1)
    }

    pub(crate) fn pick<'p, T>(&mut self, from: &'p [T]) -> &'p T {
        &from[self.below(from.len())]
    }

    /// Eight bytes as they are.
    pub(crate) fn word(&mut self) -> u64 {
        (0..8).fold(0, |word, _| word << 8 | u64::from(self.byte()))
    }

    /// As many bytes as the next one says, or all that is left.
    pub(crate) fn bytes(&mut self) -> &'d [u8] {
        let len = usize::from(self.byte()).min(self.rest.len());
        let (bytes, rest) = self.rest.split_at(len);
        self.rest = rest;
        bytes
    }
}
