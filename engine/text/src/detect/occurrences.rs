//! Where a parameter stands in a resource.

use alloc::vec::Vec;
use core::cell::OnceCell;

use memchr::memmem;

use crate::ByteSet;

/// Longer texts are searched without noting their bytes first.
const NOTED: usize = 4096;
/// So many overlapping places are looked up one by one before the search changes its ways.
const OVERLAPS: u32 = 8;

/// Finds many needles in one text.
///
/// Most parameters hold some byte that the resource does not, which rules them out faster than a search.
#[derive(Debug, Default)]
pub(super) struct Finder {
    seen: OnceCell<ByteSet>,
}

impl Finder {
    pub(super) const fn new() -> Self {
        Self { seen: OnceCell::new() }
    }

    /// Where `needle` stands in `text`, which must be the same at each call.
    pub(super) fn find<'a>(&self, text: &'a [u8], needle: &'a [u8]) -> Occurrences<'a> {
        let is_possible = needle.len() <= text.len()
            && (text.len() > NOTED || {
                let seen = self.seen.get_or_init(|| ByteSet::of(text));
                needle.iter().all(|&byte| seen.contains(byte))
            });
        Occurrences::new(text, if is_possible { needle } else { &[] })
    }
}

/// Every place where a needle stands in a text, overlapping ones too, in ascending order.
///
/// Linear time whatever the bytes: searching anew behind each place is fastest as long as
/// places are apart; a needle that overlaps itself again and again (`aaa` in `aaaaaa`) is followed with its
/// table of borders.
pub(super) struct Occurrences<'a> {
    text: &'a [u8],
    needle: &'a [u8],
    /// Where to search on.
    next: usize,
    overlaps: u32,
    /// For each prefix of the needle the length of its longest proper border; empty until needed.
    borders: Vec<u32>,
    /// With `borders`: bytes of the needle matched so far, up to `next`.
    matched: usize,
}

impl<'a> Occurrences<'a> {
    /// An empty needle stands nowhere.
    const fn new(text: &'a [u8], needle: &'a [u8]) -> Self {
        Self { text, needle, next: 0, overlaps: 0, borders: Vec::new(), matched: 0 }
    }

    fn next_by_borders(&mut self) -> Option<usize> {
        while let Some(byte) = self.text.get(self.next) {
            while self.matched > 0 && self.needle[self.matched] != *byte {
                self.matched = self.borders[self.matched - 1] as usize;
            }
            self.matched += usize::from(self.needle[self.matched] == *byte);
            self.next += 1;
            if self.matched == self.needle.len() {
                self.matched = self.borders[self.matched - 1] as usize;
                return Some(self.next - self.needle.len());
            }
        }
        None
    }
}

impl Iterator for Occurrences<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        if self.needle.is_empty() {
            return None;
        }
        if !self.borders.is_empty() {
            return self.next_by_borders();
        }
        let Some(skipped) = self.text.get(self.next..).and_then(|rest| memmem::find(rest, self.needle))
        else {
            self.next = self.text.len();
            return None;
        };
        let found = self.next + skipped;
        if self.next > 0 && skipped < self.needle.len() - 1 {
            self.overlaps += 1;
        }
        self.next = found + 1;
        if self.overlaps == OVERLAPS && self.needle.len() <= u32::MAX as usize {
            self.borders = borders(self.needle);
            self.matched = self.borders[self.needle.len() - 1] as usize;
            self.next = found + self.needle.len();
        }
        Some(found)
    }
}

fn borders(needle: &[u8]) -> Vec<u32> {
    let mut borders = Vec::with_capacity(needle.len());
    borders.push(0);
    let mut border = 0_usize;
    for byte in &needle[1..] {
        while border > 0 && needle[border] != *byte {
            border = borders[border - 1] as usize;
        }
        border += usize::from(needle[border] == *byte);
        borders.push(border as u32);
    }
    borders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_same_places_as_trying_each() {
        let mut state = 7_u32;
        let mut random = |below: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % below
        };
        for _ in 0..3_000 {
            let letters = 1 + random(3);
            let text: Vec<u8> = (0..random(80)).map(|_| b'a' + random(letters) as u8).collect();
            let start = random(text.len() as u32 + 1) as usize;
            let needle = &text[start..text.len().min(start + random(12) as usize)];
            let want: Vec<usize> =
                (0..text.len()).filter(|&at| !needle.is_empty() && text[at..].starts_with(needle)).collect();
            assert_eq!(Occurrences::new(&text, needle).collect::<Vec<_>>(), want, "{text:?} {needle:?}");
        }
        assert_eq!(Occurrences::new(&[b'a'; 200_000], &[b'a'; 100_000]).count(), 100_001);
        assert_eq!(Occurrences::new(b"", b"").count(), 0);
        let finder = Finder::new();
        for (needle, want) in
            [(&b"an"[..], 2), (b"ana", 2), (b"nax", 0), (b"bananas", 0), (b"", 0), (b"nab", 0)]
        {
            assert_eq!(finder.find(b"banana", needle).count(), want, "{needle:?}");
        }
    }
}
