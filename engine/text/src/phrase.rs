//! Finding one of many phrases.

use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

const ROOT: u32 = 0;
/// No state: the phrase list of a root without a phrase as suffix.
const NONE: u32 = u32::MAX;

struct State {
    /// Where the children lie in `edges` and `children`; sorted by byte.
    first: u32,
    count: u16,
    is_phrase: bool,
    depth: u32,
    /// The longest proper suffix that is also a prefix of a phrase.
    fail: u32,
    /// The longest proper suffix that is a phrase.
    suffix_phrase: u32,
}

/// An automaton over a list of phrases. Letter case counts.
///
/// Which phrase is reported follows libddwaf's automaton wherever that finds one, so that events agree;
/// it misses phrases that occur inside an unfinished longer one, which are found here all the same.
///
/// ```
/// use bartizan_text::phrase::PhraseSet;
/// let set = PhraseSet::new(&["/etc/", "etc/passwd"]);
/// assert_eq!(set.find(b"cat /etc/passwd"), Some(4..9));
/// assert_eq!(PhraseSet::new(&["cat"]).find_bounded(b"concat cat"), Some(7..10));
/// ```
pub struct PhraseSet {
    states: Vec<State>,
    bytes: Vec<u8>,
    children: Vec<u32>,
    /// The root's child per byte.
    from_root: [u32; 256],
}

impl PhraseSet {
    /// Builds the automaton in time linear in the length of all phrases. Empty phrases are left out.
    #[must_use]
    pub fn new<P: AsRef<[u8]>>(phrases: &[P]) -> Self {
        let mut sorted: Vec<&[u8]> = phrases.iter().map(AsRef::as_ref).filter(|p| !p.is_empty()).collect();
        sorted.sort_unstable();
        sorted.dedup();
        let mut set =
            Self { states: Vec::new(), bytes: Vec::new(), children: Vec::new(), from_root: [ROOT; 256] };
        set.states.push(State {
            first: 0,
            count: 0,
            is_phrase: false,
            depth: 0,
            fail: ROOT,
            suffix_phrase: NONE,
        });
        // Each state owns a range of the sorted phrases: those that start with its prefix.
        let mut open = VecDeque::from(vec![(ROOT, sorted.as_slice())]);
        while let Some((state, mut range)) = open.pop_front() {
            let depth = set.states[state as usize].depth as usize;
            if range.first().is_some_and(|phrase| phrase.len() == depth) {
                range = &range[1..];
            }
            set.states[state as usize].first = set.bytes.len() as u32;
            while let Some(phrase) = range.first() {
                let byte = phrase[depth];
                let same = range.partition_point(|phrase| phrase[depth] == byte);
                let child = set.states.len() as u32;
                set.bytes.push(byte);
                set.children.push(child);
                set.states[state as usize].count += 1;
                set.states.push(State {
                    first: 0,
                    count: 0,
                    is_phrase: range[0].len() == depth + 1,
                    depth: depth as u32 + 1,
                    fail: ROOT,
                    suffix_phrase: NONE,
                });
                if state == ROOT {
                    set.from_root[usize::from(byte)] = child;
                }
                open.push_back((child, &range[..same]));
                range = &range[same..];
            }
        }
        set.link();
        set
    }

    /// Sets fail and suffix links; states are numbered breadth first, so parents come before children.
    fn link(&mut self) {
        for parent in 0..self.states.len() as u32 {
            let State { first, count, .. } = self.states[parent as usize];
            for at in first as usize..first as usize + usize::from(count) {
                let (byte, child) = (self.bytes[at], self.children[at]);
                let mut fail = ROOT;
                if parent != ROOT {
                    let mut suffix = self.states[parent as usize].fail;
                    fail = loop {
                        if let Some(next) = self.child(suffix, byte) {
                            break next;
                        }
                        if suffix == ROOT {
                            break ROOT;
                        }
                        suffix = self.states[suffix as usize].fail;
                    };
                }
                let target = &self.states[fail as usize];
                let suffix_phrase = if target.is_phrase { fail } else { target.suffix_phrase };
                let state = &mut self.states[child as usize];
                state.fail = fail;
                state.suffix_phrase = suffix_phrase;
            }
        }
    }

    fn child(&self, state: u32, byte: u8) -> Option<u32> {
        if state == ROOT {
            let child = self.from_root[usize::from(byte)];
            return (child != ROOT).then_some(child);
        }
        let State { first, count, .. } = self.states[state as usize];
        let range = first as usize..first as usize + usize::from(count);
        let at = self.bytes[range.clone()].binary_search(&byte).ok()?;
        Some(self.children[range.start + at])
    }

    /// Walks over the text as libddwaf does: calls `seen` with each phrase whose state is entered.
    fn walk(&self, text: &[u8], mut seen: impl FnMut(Range<usize>) -> bool) {
        let mut state = ROOT;
        let mut at = 0;
        while at < text.len() {
            match self.child(state, text[at]) {
                Some(next) => {
                    state = next;
                    at += 1;
                }
                None if state == ROOT => {
                    at += 1;
                    continue;
                }
                None => state = self.states[state as usize].fail,
            }
            let State { is_phrase, depth, .. } = self.states[state as usize];
            if is_phrase && seen(at - depth as usize..at) {
                return;
            }
        }
    }

    /// Calls `seen` with every occurrence of every phrase, by end, then longest first.
    fn all(&self, text: &[u8], mut seen: impl FnMut(Range<usize>) -> bool) {
        let mut state = ROOT;
        for (at, byte) in text.iter().enumerate() {
            state = loop {
                if let Some(next) = self.child(state, *byte) {
                    break next;
                }
                if state == ROOT {
                    break ROOT;
                }
                state = self.states[state as usize].fail;
            };
            let mut phrase = if self.states[state as usize].is_phrase {
                state
            } else {
                self.states[state as usize].suffix_phrase
            };
            while let Some(State { depth, suffix_phrase, .. }) = self.states.get(phrase as usize) {
                if seen(at + 1 - *depth as usize..at + 1) {
                    return;
                }
                phrase = *suffix_phrase;
            }
        }
    }

    /// A phrase that occurs in the text.
    #[must_use]
    pub fn find(&self, text: &[u8]) -> Option<Range<usize>> {
        let mut found = None;
        let mut take = |range| {
            found = Some(range);
            true
        };
        self.walk(text, &mut take);
        if found.is_none() {
            self.all(text, |range| {
                found = Some(range);
                true
            });
        }
        found
    }

    /// A phrase that occurs in the text between boundaries: at each end there is the end of the text, or
    /// the byte at the phrase's own end or the one beyond it is no ASCII letter, digit or `_`.
    #[must_use]
    pub fn find_bounded(&self, text: &[u8]) -> Option<Range<usize>> {
        let mut longest: Option<Range<usize>> = None;
        self.walk(text, |range| {
            if longest.as_ref().is_none_or(|known| range.len() > known.len()) {
                longest = Some(range);
            }
            false
        });
        if longest.as_ref().is_some_and(|range| is_bounded(text, range)) {
            return longest;
        }
        longest = None;
        self.all(text, |range| {
            if is_bounded(text, &range) && longest.as_ref().is_none_or(|known| range.len() > known.len()) {
                longest = Some(range);
            }
            false
        });
        longest
    }
}

fn is_bounded(text: &[u8], range: &Range<usize>) -> bool {
    let boundary = |at: usize| text.get(at).is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
    let before = range.start.checked_sub(1).is_none_or(boundary);
    (before || boundary(range.start)) && (boundary(range.end - 1) || boundary(range.end))
}

#[cfg(test)]
mod tests {
    use super::PhraseSet;

    fn found<'t>(phrases: &[&str], text: &'t str, bounded: bool) -> Option<&'t str> {
        let set = PhraseSet::new(phrases);
        let range = if bounded { set.find_bounded(text.as_bytes()) } else { set.find(text.as_bytes()) };
        range.map(|range| &text[range])
    }

    #[test]
    fn the_phrase_of_the_first_state_that_is_one() {
        assert_eq!(found(&["bc", "abcd", "cd"], "abcd", false), Some("abcd"));
        assert_eq!(found(&["cd", "bcx"], "abcd", false), Some("cd"));
        assert_eq!(found(&["he", "she", "his", "hers"], "hishe", false), Some("his"));
        assert_eq!(found(&["he", "she", "hers", "h"], "ushx", false), Some("h"));
        assert_eq!(found(&["x"], "abc", false), None);
        assert_eq!(found(&[], "abc", false), None);
    }

    #[test]
    fn a_phrase_inside_an_unfinished_longer_one_is_found() {
        assert_eq!(found(&["b", "abcd"], "abc", false), Some("b"));
    }

    #[test]
    fn bounded_phrases_are_tried_everywhere() {
        assert_eq!(found(&["hello"], "xhello hello", true), Some("hello"));
        assert_eq!(found(&["he"], "the he", true), Some("he"));
        assert_eq!(found(&["he"], "the hey", true), None);
        assert_eq!(found(&["a", "bcd"], "a bcd", true), Some("bcd"));
        assert_eq!(found(&["_x"], "a_x", true), None);
        assert_eq!(found(&["-x"], "a-x", true), Some("-x"));
    }
}
