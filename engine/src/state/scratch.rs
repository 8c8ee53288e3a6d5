//! Working memory that outlives requests: search states and buffers, nothing of any request's meaning.

use alloc::boxed::Box;
use alloc::vec::Vec;
use bartizan_text::transform::Transformer;
use regex_automata::meta;

/// Memory that evaluation works in. One context uses it at a time.
#[derive(Default)]
pub(crate) struct Scratch {
    regex_caches: Vec<Option<Box<meta::Cache>>>,
    /// Which local probes of the target at hand were hit by the value at hand.
    pub(crate) hit: Vec<bool>,
    /// The same as a list.
    pub(crate) hits: Vec<u32>,
    /// A second list, for the transformed value at hand.
    pub(crate) changed_hits: Vec<u32>,
    /// How many candidates each local probe of the target at hand has.
    pub(crate) counts: Vec<u8>,
    pub(crate) buffers: Buffers,
}

impl Scratch {
    pub(crate) fn new(regex_count: usize) -> Self {
        let mut scratch = Self::default();
        scratch.regex_caches.resize_with(regex_count, || None);
        scratch
    }

    /// Makes room for the marks of a target with so many string probes.
    pub(crate) fn begin_target(&mut self, strings: usize) {
        // A scan that ran out of time may have left marks.
        self.hits.clear();
        self.changed_hits.clear();
        if self.hit.len() < strings {
            self.hit.resize(strings, false);
        }
        self.counts.clear();
        self.counts.resize(strings, 0);
    }

    pub(crate) fn regex_cache(&mut self, slot: usize, regex: &meta::Regex) -> &mut meta::Cache {
        if self.regex_caches.len() <= slot {
            self.regex_caches.resize_with(slot + 1, || None);
        }
        self.regex_caches[slot].get_or_insert_with(|| Box::new(regex.create_cache()))
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
        let mut changed = false;
        for transformer in chain {
            let input = if changed { self.front.as_slice() } else { value };
            if input.is_empty() {
                break;
            }
            if transformer.apply(input, &mut self.back) {
                core::mem::swap(&mut self.front, &mut self.back);
                changed = true;
            }
        }
        changed.then_some(self.front.as_slice())
    }
}
