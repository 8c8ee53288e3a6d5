//! Simple case folding: code points that are equal when case does not count.
//!
//! Such code points form an orbit: k, K and the Kelvin sign, for example. RE2 folds by
//! Unicode 14, simple folding only, in every pattern without `(?-i)`.

use alloc::vec::Vec;

use super::unicode::FOLDS;

/// Code points that fold, as a run: each leads to the next one of its orbit, ascending, the
/// last to the first. The step is what to add; [`PAIRS`] says that neighbours swap.
pub(super) type Run = (u32, u32, i32);
/// The step of a run in which the first two code points lead to each other, and so on.
pub(super) const PAIRS: i32 = 0;
/// The code points outside ASCII that fold to an ASCII letter, `s` and `k`.
pub(super) const LONG_S: u32 = 0x17F;
pub(super) const KELVIN: u32 = 0x212A;
/// No orbit has more members.
const LARGEST_ORBIT: usize = 4;

/// The code point after `rune` in its orbit; `rune` itself when it has no other form.
pub(super) fn next(rune: u32) -> u32 {
    match run_from(rune) {
        Some(&(first, _, step)) if first <= rune => image(rune, first, step),
        _ => rune,
    }
}

/// Adds to `ranges` the range `first..=last` and all its other forms.
pub(super) fn add_range(ranges: &mut Vec<(u32, u32)>, first: u32, last: u32) {
    let mut done = ranges.len();
    ranges.push((first, last));
    for _ in 1..LARGEST_ORBIT {
        let todo = ranges.len();
        for index in done..todo {
            let (from, to) = ranges[index];
            for_each_image(from, to, |range| {
                if range.0 < first || last < range.1 {
                    ranges.push(range);
                }
            });
        }
        done = todo;
    }
}

/// Calls `found` with the ranges to which the members of `first..=last` lead.
fn for_each_image(mut first: u32, last: u32, mut found: impl FnMut((u32, u32))) {
    while let Some(&(run_first, run_last, step)) = run_from(first) {
        first = first.max(run_first);
        let end = last.min(run_last);
        if first > end {
            return;
        }
        found(match step {
            PAIRS => (first - (first - run_first) % 2, end + 1 - (end - run_first) % 2),
            _ => (image(first, run_first, step), image(end, run_first, step)),
        });
        first = end + 1;
    }
}

/// The run that holds `rune`, else the first one after it.
fn run_from(rune: u32) -> Option<&'static Run> {
    FOLDS.get(FOLDS.partition_point(|&(_, last, _)| last < rune))
}

/// Where `rune` leads within a run.
fn image(rune: u32, run_first: u32, step: i32) -> u32 {
    match step {
        PAIRS if (rune - run_first).is_multiple_of(2) => rune + 1,
        PAIRS => rune - 1,
        _ => rune.wrapping_add_signed(step),
    }
}

#[cfg(test)]
mod tests {
    use alloc::{vec, vec::Vec};

    use super::super::rune_set::RuneSet;
    use super::super::runes::MAX;
    use super::*;

    fn forms(rune: char) -> Vec<u32> {
        let mut ranges = vec![];
        add_range(&mut ranges, rune.into(), rune.into());
        let set = RuneSet::new(ranges);
        set.ranges().iter().flat_map(|&(first, last)| first..=last).collect()
    }

    #[test]
    fn forms_of_some_letters() {
        let orbits: [&[char]; 8] = [
            &['1'],
            &['X', 'x'],
            &['K', 'k', '\u{212A}'],
            &['S', 's', '\u{17F}'],
            &['\u{DF}', '\u{1E9E}'],
            &['\u{100}', '\u{101}'],
            &['\u{345}', '\u{399}', '\u{3B9}', '\u{1FBE}'],
            &['\u{131}'],
        ];
        for orbit in orbits {
            for &rune in orbit {
                assert!(forms(rune).iter().copied().eq(orbit.iter().map(|&c| c.into())), "{rune:?}");
            }
        }
    }

    #[test]
    fn orbits_are_cycles_and_sets_close_over_them() {
        let mut longest = 0;
        for rune in 0..=MAX {
            let mut orbit = vec![rune];
            while next(orbit[orbit.len() - 1]) != rune {
                orbit.push(next(orbit[orbit.len() - 1]));
                assert!(orbit.len() <= LARGEST_ORBIT, "{rune:x}");
            }
            longest = longest.max(orbit.len());
        }
        assert_eq!(longest, LARGEST_ORBIT);
        for (first, last) in [(0, MAX), (0x61, 0x7A), (0x101, 0x12E), (0x390, 0x3FF), (0x1E01, 0x1F0F)] {
            let mut ranges = vec![];
            add_range(&mut ranges, first, last);
            let set = RuneSet::new(ranges);
            for &(from, to) in set.ranges() {
                assert!((from..=to).all(|rune| set.contains(next(rune))));
            }
            assert!((first..=last).all(|rune| set.contains(rune)));
        }
    }
}
