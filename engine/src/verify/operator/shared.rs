//! Regexes and phrase lists that operators have in common, over the instances of a builder.

use super::{LazyPhrases, LazyRegex};
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use bartizan_lang::ruleset::{Phrases, Regex};

/// What was made ready, and perhaps compiled, before.
#[derive(Default)]
pub(crate) struct Shared {
    /// By the number of the pattern.
    regexes: Vec<Option<Arc<LazyRegex>>>,
    /// By where the list is, which it stays at while it is here.
    phrases: BTreeMap<usize, Arc<LazyPhrases>>,
}

impl Shared {
    pub(crate) fn regex(&mut self, regex: &Regex) -> Arc<LazyRegex> {
        let slot = regex.pattern.number as usize;
        if self.regexes.len() <= slot {
            self.regexes.resize(slot + 1, None);
        }
        match &mut self.regexes[slot] {
            // Equal patterns have one number, and two search states for it would be mistaken for each other.
            Some(known) if *known.pattern() == regex.pattern => Arc::clone(known),
            place => Arc::clone(place.insert(Arc::new(LazyRegex::new(Arc::clone(&regex.pattern))))),
        }
    }

    pub(super) fn phrases(&mut self, phrases: &Arc<Phrases>) -> Arc<LazyPhrases> {
        let place = Arc::as_ptr(phrases) as usize;
        let ready = self.phrases.entry(place);
        Arc::clone(ready.or_insert_with(|| Arc::new(LazyPhrases::new(Arc::clone(phrases)))))
    }

    /// How many slots for search states [`Scratch`](crate::state::Scratch) needs.
    pub(crate) fn slots(&self) -> usize {
        self.regexes.len()
    }

    /// Lets go of what nobody else holds.
    pub(crate) fn forget_unused(&mut self) {
        for place in &mut self.regexes {
            place.take_if(|regex| Arc::strong_count(regex) == 1);
        }
        self.phrases.retain(|_, phrases| Arc::strong_count(phrases) > 1);
    }
}
