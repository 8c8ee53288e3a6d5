//! `phrase_match`: one of many phrases occurs in the value; letter case counts.

use super::Highlight;
use alloc::boxed::Box;
use alloc::sync::Arc;
use bartizan_lang::ruleset::Phrases;
use bartizan_text::phrase::PhraseSet;
use bartizan_text::regex::need::Needs;
use once_cell::race::OnceBox;

/// A phrase list whose automaton is built when a value first needs it.
pub(crate) struct LazyPhrases {
    phrases: Arc<Phrases>,
    set: OnceBox<PhraseSet>,
}

impl LazyPhrases {
    pub(super) fn new(phrases: Arc<Phrases>) -> Self {
        Self { phrases, set: OnceBox::new() }
    }

    pub(super) fn needs(&self) -> &Needs {
        &self.phrases.needs
    }

    pub(super) fn check(&self, value: &[u8]) -> Option<Highlight> {
        let set = self.set.get_or_init(|| Box::new(PhraseSet::new(&self.phrases.list)));
        let found = if self.phrases.word_boundary { set.find_bounded(value) } else { set.find(value) };
        found.map(|range| Highlight::Range(range.start, range.end))
    }
}
