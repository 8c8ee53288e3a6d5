//! Working memory that outlives requests: search states and buffers, nothing of any request's meaning.

use alloc::boxed::Box;
use alloc::vec::Vec;
use bartizan_text::transform::Transformer;
use regex_automata::meta;

/// Memory that evaluation works in. One context uses it at a time.
#[derive(Default)]
pub(crate) struct Scratch {
    regex_caches: Vec<Option<Box<meta::Cache>>>,
    pub(crate) marks: Marks,
    pub(crate) buffers: Buffers,
}

impl Scratch {
    pub(crate) fn new(regex_count: usize) -> Self {
        let mut scratch = Self::default();
        scratch.regex_caches.resize_with(regex_count, || None);
        scratch
    }

    pub(crate) fn regex_cache(&mut self, slot: usize, regex: &meta::Regex) -> &mut meta::Cache {
        if self.regex_caches.len() <= slot {
            self.regex_caches.resize_with(slot + 1, || None);
        }
        self.regex_caches[slot].get_or_insert_with(|| Box::new(regex.create_cache()))
    }
}

/// What the scan notes about the probes of the target at hand.
#[derive(Default)]
pub(crate) struct Marks {
    /// Probes that were hit by the text at hand, each once.
    pub(crate) hits: Vec<u32>,
    /// How many candidates each probe has.
    pub(crate) counts: Vec<u8>,
    /// The last text that hit each probe, by number.
    seen: Vec<u32>,
    text: u32,
}

impl Marks {
    /// Makes room for a target with so many string probes, and counts anew.
    pub(crate) fn begin_target(&mut self, strings: usize) {
        self.make_room(strings);
        self.counts.clear();
        self.counts.resize(strings, 0);
    }

    /// Makes room for hits of a target with so many string probes.
    pub(crate) fn make_room(&mut self, strings: usize) {
        // A scan that ran out of time may have left some.
        self.hits.clear();
        if self.seen.len() < strings {
            self.seen.resize(strings, 0);
        }
    }

    /// Makes all probes ones that were not hit.
    pub(crate) fn next_text(&mut self) {
        self.text = self.text.wrapping_add(1);
        if self.text == 0 {
            self.seen.fill(0);
            self.text = 1;
        }
    }

    /// Notes a hit.
    pub(crate) fn note(&mut self, local: u32) {
        let seen = &mut self.seen[local as usize];
        if *seen != self.text {
            *seen = self.text;
            self.hits.push(local);
        }
    }
}

/// Two buffers between which a transformer chain goes back and forth.
#[derive(Default)]
pub(crate) struct Buffers {
    front: Vec<u8>,
    back: Vec<u8>,
}

impl Buffers {
    /// Applies a chain; `None` when no transformer changed anything.
    pub(crate) fn transform(&mut self, chain: &[Transformer], value: &[u8]) -> Option<&[u8]> {
        let (mut is_moved, mut is_changed) = (false, false);
        for transformer in chain {
            let input = if is_moved { self.front.as_slice() } else { value };
            if input.is_empty() {
                break;
            }
            if let Some(counts) = transformer.apply_in_chain(input, &mut self.back) {
                core::mem::swap(&mut self.front, &mut self.back);
                is_moved = true;
                is_changed |= counts;
            }
        }
        is_changed.then_some(self.front.as_slice())
    }
}
