//! Patterns of regexes, each read once.

use crate::vocab::Text;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use bartizan_text::regex::need::Needs;
use bartizan_text::regex::{self, Options};

/// A pattern of the dialect that was found valid.
#[derive(Debug)]
pub struct Pattern {
    /// The pattern as configured.
    pub text: Text,
    /// Whether letter case counts.
    pub case_sensitive: bool,
    /// The number of the pattern within its builder, from 0 up without large gaps. Another pattern may have
    /// had it before.
    pub number: u32,
    /// What every match needs; `None` when that was not asked for.
    needs: Option<Option<Needs>>,
}

impl Pattern {
    /// What every match needs (see [`regex::need`]); `None` when nothing is known.
    #[must_use]
    pub fn needs(&self) -> Option<&Needs> {
        self.needs.as_ref()?.as_ref()
    }

    /// The same, if it was asked for.
    pub(crate) fn analysis(&self) -> Option<Option<&Needs>> {
        self.needs.as_ref().map(Option::as_ref)
    }
}

/// Equal patterns mean the same, whatever their numbers.
impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        (&self.text, self.case_sensitive) == (&other.text, other.case_sensitive)
    }
}

impl Eq for Pattern {}

/// What is to be known of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// That it is valid.
    Validity,
    /// What its matches need, too: for patterns that values are scanned for.
    Needs,
}

/// The patterns of a builder: equal ones are shared, over configurations and over time.
#[derive(Clone, Debug, Default)]
pub struct Patterns {
    /// Those that differ in case sensitivity alone stand under one text.
    by_text: BTreeMap<Text, Vec<Arc<Pattern>>>,
    /// Numbers that were given back.
    free: Vec<u32>,
    /// Numbers given out so far.
    count: u32,
}

impl Patterns {
    /// The pattern with this text, read now unless it was before.
    ///
    /// # Errors
    /// The dialect refuses the pattern.
    pub fn get(
        &mut self,
        text: &[u8],
        case_sensitive: bool,
        depth: Depth,
    ) -> Result<Arc<Pattern>, regex::Error> {
        let known = self
            .by_text
            .get(text)
            .and_then(|same| same.iter().find(|it| it.case_sensitive == case_sensitive));
        if let Some(known) = known
            && (depth == Depth::Validity || known.needs.is_some())
        {
            return Ok(Arc::clone(known));
        }
        let options = Options { case_sensitive };
        let needs = match depth {
            Depth::Validity => {
                regex::check(text, options)?;
                None
            }
            Depth::Needs => Some(regex::needs(text, options)?),
        };
        Ok(self.insert(Text::from(text), case_sensitive, needs))
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Pattern> {
        self.by_text.values().flatten().map(|pattern| &**pattern)
    }

    /// Takes over what was found out before, about patterns that are not here yet.
    pub(crate) fn teach(&mut self, text: Text, case_sensitive: bool, needs: Option<Option<Needs>>) {
        let same = self.by_text.get(&text);
        let known = same.and_then(|same| same.iter().find(|it| it.case_sensitive == case_sensitive));
        if known.is_none_or(|known| known.needs.is_none() && needs.is_some()) {
            self.insert(text, case_sensitive, needs);
        }
    }

    fn insert(&mut self, text: Text, case_sensitive: bool, needs: Option<Option<Needs>>) -> Arc<Pattern> {
        let same = self.by_text.entry(text.clone()).or_default();
        let known = same.iter_mut().find(|it| it.case_sensitive == case_sensitive);
        let number = match &known {
            // It means the same as before, and may be compiled already.
            Some(known) => known.number,
            None => self.free.pop().unwrap_or_else(|| {
                self.count += 1;
                self.count - 1
            }),
        };
        let pattern = Arc::new(Pattern { text, case_sensitive, number, needs });
        match known {
            Some(known) => *known = Arc::clone(&pattern),
            None => same.push(Arc::clone(&pattern)),
        }
        pattern
    }

    /// Forgets the patterns that nobody else holds.
    pub fn forget_unused(&mut self) {
        let Self { by_text, free, .. } = self;
        by_text.retain(|_, same| {
            same.retain(|pattern| {
                let used = Arc::strong_count(pattern) > 1;
                if !used {
                    free.push(pattern.number);
                }
                used
            });
            !same.is_empty()
        });
    }
}
