//! `match_regex` and `match_regex_with_checksum`.

use super::Highlight;
use crate::state::Scratch;
use alloc::boxed::Box;
use alloc::sync::Arc;
use bartizan_lang::ruleset::{Checksum, Pattern};
use bartizan_text::regex::need::Need;
use bartizan_text::regex::{Options, parse};
use once_cell::race::OnceBox;
use regex_automata::meta;
use regex_automata::{Anchored, Input, MatchKind};
use regex_syntax::hir::Hir;

/// Memory one regex may use for lazily built states, in bytes, per context.
const CACHE_CAPACITY: usize = 2 << 20;

/// A regex that is compiled when a value first needs it.
pub(crate) struct LazyRegex {
    pattern: Arc<Pattern>,
    compiled: OnceBox<Option<meta::Regex>>,
}

impl LazyRegex {
    pub(super) fn new(pattern: Arc<Pattern>) -> Self {
        Self { pattern, compiled: OnceBox::new() }
    }

    pub(crate) fn pattern(&self) -> &Arc<Pattern> {
        &self.pattern
    }

    /// Where its search state lies in [`Scratch`].
    pub(crate) fn slot(&self) -> usize {
        self.pattern.number as usize
    }

    fn hir(&self) -> Option<Hir> {
        // Configuration that does not parse was refused; `None` only if that ever stops being true.
        let Pattern { text, case_sensitive, .. } = &*self.pattern;
        parse(text, Options { case_sensitive: *case_sensitive }).ok()
    }

    /// Whether ordinary values meet its needs so often that to look for parts of it first is in vain.
    fn is_weak(&self) -> bool {
        self.pattern.needs().is_some_and(|needs| needs.iter().any(|need| matches!(need, Need::Bytes(_))))
    }

    /// The compiled regex; `None` never matches.
    pub(crate) fn compiled(&self) -> Option<&meta::Regex> {
        self.compiled
            .get_or_init(|| Box::new(self.hir().and_then(|hir| compile(&hir, !self.is_weak()))))
            .as_ref()
    }

    /// Whether there is a match.
    pub(super) fn is_match(&self, value: &[u8], scratch: &mut Scratch) -> bool {
        let Some(regex) = self.compiled() else { return false };
        let cache = scratch.regex_cache(self.slot(), regex);
        regex.search_half_with(cache, &Input::new(value).earliest(true)).is_some()
    }

    /// The first match at or after `start`.
    pub(crate) fn find(&self, value: &[u8], start: usize, scratch: &mut Scratch) -> Option<(usize, usize)> {
        let regex = self.compiled()?;
        let cache = scratch.regex_cache(self.slot(), regex);
        let input = Input::new(value).range(start..).anchored(Anchored::No);
        let found = regex.search_with(cache, &input)?;
        Some((found.start(), found.end()))
    }
}

/// A case-sensitive regex for the paths of a builder.
pub(crate) struct PathRegex(meta::Regex);

impl PathRegex {
    pub(crate) fn new(pattern: &[u8]) -> Option<Self> {
        compile(&parse(pattern, Options { case_sensitive: true }).ok()?, true).map(Self)
    }

    pub(crate) fn finds(&self, path: &[u8]) -> bool {
        self.0.is_match(path)
    }
}

fn compile(hir: &Hir, prefilter: bool) -> Option<meta::Regex> {
    let config = meta::Config::new()
        .match_kind(MatchKind::LeftmostFirst)
        .utf8_empty(false)
        .auto_prefilter(prefilter)
        .hybrid_cache_capacity(CACHE_CAPACITY)
        .nfa_size_limit(Some(16 << 20))
        .onepass(false)
        .dfa(false);
    meta::Builder::new().configure(config).build_from_hir(hir).ok()
}

pub(super) fn check(
    regex: &LazyRegex,
    min_length: usize,
    value: &[u8],
    scratch: &mut Scratch,
) -> Option<Highlight> {
    if value.len() < min_length {
        return None;
    }
    regex.find(value, 0, scratch).map(|(start, end)| Highlight::Range(start, end))
}

/// Tries one match after the other, each on what follows the last, until one passes the checksum.
pub(super) fn check_with(
    regex: &LazyRegex,
    min_length: usize,
    checksum: Checksum,
    value: &[u8],
    scratch: &mut Scratch,
) -> Option<Highlight> {
    let mut from = 0;
    loop {
        let rest = &value[from..];
        if rest.is_empty() || rest.len() < min_length {
            return None;
        }
        let (start, end) = regex.find(rest, 0, scratch)?;
        if start == end {
            return None;
        }
        let passes = match checksum {
            Checksum::Luhn => luhn(&rest[start..end]),
        };
        if passes {
            return Some(Highlight::Range(from + start, from + end));
        }
        from += end;
    }
}

/// The Luhn check over the digits of a text; other bytes are passed over, and there must be a digit.
fn luhn(text: &[u8]) -> bool {
    let mut sum = 0u32;
    let mut digits = 0u32;
    for byte in text.iter().rev().filter(|byte| byte.is_ascii_digit()) {
        let digit = u32::from(byte - b'0');
        let doubled = if digits % 2 == 1 { digit * 2 } else { digit };
        sum = (sum + if doubled > 9 { doubled - 9 } else { doubled }) % 10;
        digits += 1;
    }
    digits > 0 && sum == 0
}

#[cfg(test)]
mod tests {
    use super::luhn;

    #[test]
    fn luhn_passes_over_separators() {
        assert!(luhn(b"4539-1488 0343 6467"));
        assert!(!luhn(b"4539148803436468"));
        assert!(luhn(b"0") && !luhn(b"") && !luhn(b"--"));
    }
}
