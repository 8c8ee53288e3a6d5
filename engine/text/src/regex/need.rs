//! What must be there: from a regex to things of which every match holds at least one, letter case aside.
//!
//! The contract is *no false negatives*: a value that meets none of the needs holds no match. Which of the
//! possible sets of needs is returned is a matter of speed only: the one that ordinary traffic meets least
//! often.

use super::literal::{Literal, MAX_LEN, SPECIAL_FOLDS, bytes_commonness, commonness};
use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;
use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

/// Shortest literal that is looked for as such.
pub const MIN_LITERAL: usize = 3;
/// Most strings in one exact set.
const MAX_EXACT: usize = 160;
/// Most needs in one set.
const MAX_NEEDS: usize = 512;
/// Most strings at one end of an expression, and how long they are.
const MAX_EDGES: usize = 64;
const EDGE_LEN: usize = 4;
/// Most copies that a bounded repetition is spelled out for.
const MAX_COPIES: u32 = 8;
/// Most bytes in one need.
const MAX_BYTES: usize = 4;

/// One thing that a value may be needed to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// This literal, of at least [`MIN_LITERAL`] bytes.
    Literal(Literal),
    /// Each of these bytes, wherever.
    Bytes(Bytes),
}

/// Things of which every match holds at least one.
pub type Needs = Vec<Need>;

/// Up to four different folded ASCII bytes, sorted.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes {
    bytes: [u8; MAX_BYTES],
    len: u8,
}

impl Bytes {
    /// The rarest members of a set of ASCII bytes.
    fn rarest(mut set: u128) -> Self {
        let mut rarest = Self::default();
        while set != 0 {
            let byte = set.trailing_zeros() as u8;
            set &= set - 1;
            // Kept from rare to common until the end.
            let len = usize::from(rarest.len);
            let rarer = |other: &u8| bytes_commonness(&[*other]) <= bytes_commonness(&[byte]);
            let at = rarest.bytes[..len].partition_point(rarer);
            if at < MAX_BYTES {
                rarest.bytes[at..].rotate_right(1);
                rarest.bytes[at] = byte;
                rarest.len = (len + 1).min(MAX_BYTES) as u8;
            }
        }
        rarest.bytes[..usize::from(rarest.len)].sort_unstable();
        rarest
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&alloc::string::String::from_utf8_lossy(self), f)
    }
}

impl Need {
    /// The need of a literal, which may be short.
    #[must_use]
    pub fn of(literal: &Literal) -> Self {
        if literal.len() >= MIN_LITERAL {
            Self::Literal(*literal)
        } else {
            Self::Bytes(Bytes::rarest(ascii(literal)))
        }
    }

    /// The rarest few of some ASCII bytes, folded, without repetition.
    #[must_use]
    pub fn rarest_bytes(bytes: &mut dyn Iterator<Item = u8>) -> Bytes {
        Bytes::rarest(bytes.filter(u8::is_ascii).fold(0, |set, byte| set | 1 << byte.to_ascii_lowercase()))
    }

    fn commonness(&self) -> f32 {
        match self {
            Self::Literal(literal) => commonness(literal),
            Self::Bytes(bytes) => bytes_commonness(bytes),
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Bytes(bytes) if bytes.is_empty())
    }
}

/// The needs of a regex, or `None` when nothing is known.
#[must_use]
pub fn needs(hir: &Hir) -> Option<Needs> {
    let mut needs = analyse(hir).best()?;
    needs.sort_unstable();
    needs.dedup();
    Some(needs)
}

/// A set of strings.
type Strings = Vec<Literal>;

/// What is known of an expression.
struct Facts {
    /// All strings that it matches, when they are few and short.
    exact: Option<Strings>,
    /// Strings of which each match starts with one, resp. ends with one; the empty one says nothing. Where
    /// the exact strings are known, their ends are meant.
    prefix: Strings,
    suffix: Strings,
    /// The best set of needs so far.
    needs: Best,
    /// ASCII bytes that each match holds.
    all: u128,
}

impl Facts {
    const fn exactly(exact: Strings, all: u128) -> Self {
        Self { exact: Some(exact), prefix: Vec::new(), suffix: Vec::new(), needs: Best::NONE, all }
    }

    fn nothing() -> Self {
        Self { exact: None, prefix: anything(), suffix: anything(), needs: Best::NONE, all: 0 }
    }

    fn prefix(&self) -> Cow<'_, [Literal]> {
        self.exact.as_ref().map_or(Cow::Borrowed(&self.prefix), |exact| Cow::Owned(edges(exact, head)))
    }

    fn suffix(&self) -> Cow<'_, [Literal]> {
        self.exact.as_ref().map_or(Cow::Borrowed(&self.suffix), |exact| Cow::Owned(edges(exact, tail)))
    }

    /// The best set of needs for the whole.
    fn best(self) -> Option<Needs> {
        let mut best = self.needs;
        if let Some(exact) = &self.exact {
            best.consider(of_strings(exact));
        }
        let bytes = Bytes::rarest(self.all);
        best.consider((!bytes.is_empty()).then(|| vec![Need::Bytes(bytes)]));
        best.needs
    }
}

/// The best of some sets of needs.
struct Best {
    needs: Option<Needs>,
    /// How common it is that one is met; infinite without any.
    score: f32,
}

/// Sets at least this rare are good enough not to look for better ones at some length.
const GOOD: f32 = 3e-5;

impl Best {
    const NONE: Self = Self { needs: None, score: f32::INFINITY };

    fn consider(&mut self, needs: Option<Needs>) {
        let Some(needs) = needs else { return };
        // Each need costs a little to look for, however rare it is.
        let score = needs.iter().map(|need| need.commonness() + 1e-6).sum();
        if score < self.score {
            *self = Self { needs: Some(needs), score };
        }
    }

    fn or(&mut self, other: Self) {
        if other.score < self.score {
            *self = other;
        }
    }

    fn is_good(&self) -> bool {
        self.score < GOOD
    }
}

fn anything() -> Strings {
    vec![Literal::default()]
}

fn ascii(bytes: &[u8]) -> u128 {
    bytes.iter().filter(|byte| byte.is_ascii()).fold(0, |set, byte| set | 1 << byte)
}

fn of_strings(strings: &[Literal]) -> Option<Needs> {
    if strings.is_empty() || strings.len() > MAX_NEEDS || strings.iter().any(|string| string.is_empty()) {
        return None;
    }
    let needs: Needs = strings.iter().map(Need::of).collect();
    (!needs.iter().any(Need::is_empty)).then_some(needs)
}

fn head(literal: &Literal, len: usize) -> Literal {
    literal.part(0, len)
}

fn tail(literal: &Literal, len: usize) -> Literal {
    literal.part(literal.len().saturating_sub(len), len)
}

/// The ends of strings, as long as their number allows.
fn edges(strings: &[Literal], end: fn(&Literal, usize) -> Literal) -> Strings {
    for len in (1..=EDGE_LEN).rev() {
        let mut edges: Strings = strings.iter().map(|string| end(string, len)).collect();
        if edges.len() > 1 {
            edges.sort_unstable();
            edges.dedup();
        }
        if edges.len() <= MAX_EDGES {
            return edges;
        }
    }
    anything()
}

/// Every string of `a` followed by every string of `b`, unless that is too much.
fn product(a: &[Literal], b: &[Literal]) -> Option<Strings> {
    if a.len().checked_mul(b.len())? > MAX_EXACT {
        return None;
    }
    let mut set = Vec::with_capacity(a.len() * b.len());
    for first in a {
        for second in b {
            set.push(first.join(second)?);
        }
    }
    Some(set)
}

/// The same, with the inner ends shortened until it is not too much.
fn seam(a: &[Literal], b: &[Literal]) -> Option<Strings> {
    for len in (1..=EDGE_LEN).rev() {
        let mut left: Strings = a.iter().map(|string| tail(string, len)).collect();
        let mut right: Strings = b.iter().map(|string| head(string, len)).collect();
        for side in [&mut left, &mut right] {
            side.sort_unstable();
            side.dedup();
        }
        if left.len() * right.len() <= MAX_NEEDS {
            let pairs = left.iter().flat_map(|first| right.iter().map(move |second| first.join(second)));
            return pairs.collect();
        }
    }
    None
}

fn analyse(hir: &Hir) -> Facts {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Facts::exactly(anything(), 0),
        HirKind::Literal(literal) if literal.0.len() <= MAX_LEN => {
            let literal = Literal::of(&literal.0);
            Facts::exactly(vec![literal], ascii(&literal))
        }
        HirKind::Literal(literal) => {
            let ends = [&literal.0[..EDGE_LEN], &literal.0[literal.0.len() - EDGE_LEN..]];
            let [prefix, suffix] = ends.map(|end| vec![Literal::of(end)]);
            let part = Literal::of(&literal.0);
            let mut needs = Best::NONE;
            needs.consider(of_strings(&[part]));
            Facts { exact: None, prefix, suffix, needs, all: ascii(&part) }
        }
        HirKind::Class(class) => match class_strings(class) {
            Some(strings) => {
                let all = strings.iter().fold(u128::MAX, |all, string| all & ascii(string));
                Facts::exactly(strings, all)
            }
            None => Facts::nothing(),
        },
        HirKind::Capture(capture) => analyse(&capture.sub),
        HirKind::Repetition(repetition) => repeated(repetition),
        HirKind::Concat(parts) => concat(parts),
        HirKind::Alternation(branches) => alternation(branches),
    }
}

fn repeated(repetition: &Repetition) -> Facts {
    let Repetition { min, max, .. } = *repetition;
    if min == 0 && max.is_none() {
        return Facts::nothing();
    }
    let mut inner = analyse(&repetition.sub);
    if let (Some(one), Some(max)) = (&inner.exact, max.filter(|max| *max <= MAX_COPIES))
        && let Some(exact) = copies(one, min, max)
    {
        return Facts::exactly(exact, if min == 0 { 0 } else { inner.all });
    }
    if min == 0 {
        return Facts::nothing();
    }
    let (mut prefix, mut suffix) = (inner.prefix().into_owned(), inner.suffix().into_owned());
    let mut needs = core::mem::replace(&mut inner.needs, Best::NONE);
    if min >= 2 && !needs.is_good() {
        // Where one copy meets the next.
        needs.consider(seam(&suffix, &prefix).and_then(|strings| of_strings(&strings)));
    }
    if let Some(one) = &inner.exact {
        needs.consider(of_strings(one));
        // As many copies as can be spelled out stand at both ends, and are needed.
        if min >= 2
            && let Some(row) = copies(one, min.min(MAX_COPIES), min.min(MAX_COPIES))
        {
            needs.consider(of_strings(&row));
            (prefix, suffix) = (edges(&row, head), edges(&row, tail));
        }
    }
    Facts { exact: None, prefix, suffix, needs, all: inner.all }
}

/// All strings of `min` to `max` copies in a row.
fn copies(one: &[Literal], min: u32, max: u32) -> Option<Strings> {
    let mut row = anything();
    let mut set = Vec::new();
    for count in 0..=max {
        if count >= min {
            set.extend_from_slice(&row);
        }
        if count < max {
            row = product(&row, one)?;
        }
        if set.len() > MAX_EXACT {
            return None;
        }
    }
    set.sort_unstable();
    set.dedup();
    Some(set)
}

fn concat(parts: &[Hir]) -> Facts {
    let mut needs = Best::NONE;
    let mut all = 0;
    // Strings of which one stands at the end of what was read so far; all of it while `whole`.
    let mut end = anything();
    let mut whole = true;
    // Strings of which one stands at the start; settled with the first part that is not exact.
    let mut start = None;
    for part in parts {
        let facts = analyse(part);
        all |= facts.all;
        if let Some(exact) = &facts.exact
            && let Some(joined) = product(&end, exact)
        {
            end = joined;
            continue;
        }
        // The row of exact parts ends here: what it holds, what meets at the seam, what comes next.
        if whole {
            start = Some(joined_heads(&end, &facts.prefix()));
            whole = false;
        }
        needs.consider(of_strings(&end));
        let suffix = facts.suffix().into_owned();
        if !needs.is_good() {
            needs.consider(seam(&end, &facts.prefix()).and_then(|strings| of_strings(&strings)));
        }
        end = match facts.exact {
            Some(exact) => {
                needs.consider(of_strings(&exact));
                exact
            }
            None => suffix,
        };
        needs.or(facts.needs);
    }
    if whole {
        return Facts::exactly(end, all);
    }
    needs.consider(of_strings(&end));
    let suffix = edges(&end, tail);
    Facts { exact: None, prefix: start.unwrap_or_else(anything), suffix, needs, all }
}

/// The heads of strings followed by other strings; of the former alone where that is too much.
fn joined_heads(first: &[Literal], second: &[Literal]) -> Strings {
    let first = edges(first, head);
    match product(&first, second) {
        Some(joined) => edges(&joined, head),
        None => first,
    }
}

fn alternation(branches: &[Hir]) -> Facts {
    let mut exact: Option<Strings> = Some(Vec::new());
    let mut needs: Option<Needs> = Some(Vec::new());
    let (mut prefix, mut suffix): (Strings, Strings) = (Vec::new(), Vec::new());
    let mut all = u128::MAX;
    for branch in branches {
        let facts = analyse(branch);
        all &= facts.all;
        prefix.extend_from_slice(&facts.prefix());
        suffix.extend_from_slice(&facts.suffix());
        exact = match (exact, &facts.exact) {
            (Some(mut set), Some(more)) if set.len() + more.len() <= MAX_EXACT => {
                set.extend_from_slice(more);
                Some(set)
            }
            _ => None,
        };
        needs = match (needs, facts.best()) {
            (Some(mut set), Some(more)) if set.len() + more.len() <= MAX_NEEDS => {
                set.extend(more);
                Some(set)
            }
            _ => None,
        };
    }
    if let Some(mut exact) = exact {
        exact.sort_unstable();
        exact.dedup();
        return Facts::exactly(exact, all);
    }
    if let Some(set) = &mut needs {
        set.sort_unstable();
        set.dedup();
    }
    let mut best = Best::NONE;
    best.consider(needs.filter(|needs| !needs.is_empty()));
    Facts { exact: None, prefix: edges(&prefix, head), suffix: edges(&suffix, tail), needs: best, all }
}

/// The folded strings of a small class. The two non-ASCII letters that fold to ASCII ones (`ſ`, `K`)
/// are left out when their ASCII letter is there: whoever looks for literals treats values that hold them
/// apart ([`SPECIAL_FOLDS`]).
fn class_strings(class: &Class) -> Option<Strings> {
    const FEW: usize = 16;
    let mut set: Strings = Vec::new();
    match class {
        Class::Bytes(class) => {
            for range in class.ranges() {
                if range.end() - range.start() > 64 {
                    return None;
                }
                for byte in range.start()..=range.end() {
                    set.push(Literal::of(&[byte]));
                }
            }
        }
        Class::Unicode(class) => {
            for range in class.ranges() {
                if range.end() as u32 - range.start() as u32 > 64 {
                    return None;
                }
                for char in range.start()..=range.end() {
                    let mut buffer = [0; 4];
                    set.push(Literal::of(char.encode_utf8(&mut buffer).as_bytes()));
                }
            }
            for (special, plain) in SPECIAL_FOLDS {
                if set.iter().any(|string| **string == *plain) {
                    set.retain(|string| **string != *special.as_bytes());
                }
            }
        }
    }
    set.sort_unstable();
    set.dedup();
    (set.len() <= FEW).then_some(set)
}

#[cfg(test)]
mod tests {
    use super::{Need, needs};
    use crate::regex::{Options, parse};
    use alloc::format;
    use alloc::string::String;
    use alloc::vec::Vec;

    /// Literals as they are, bytes in brackets, sorted.
    fn of(pattern: &str) -> Option<String> {
        let hir = parse(pattern.as_bytes(), Options { case_sensitive: false }).expect("a valid pattern");
        let mut texts: Vec<String> = needs(&hir)?
            .iter()
            .map(|need| match need {
                Need::Literal(literal) => String::from_utf8_lossy(literal).into_owned(),
                Need::Bytes(bytes) => format!("[{}]", String::from_utf8_lossy(bytes)),
            })
            .collect();
        texts.sort();
        Some(texts.join(" "))
    }

    #[test]
    fn the_rarest_of_what_is_needed() {
        let cases = [
            ("UNION", Some("union")),
            ("sle[ae]p", Some("sleap sleep")),
            ("ask", Some("ask")),
            (r"\b(?:union\s+select|sleep\()", Some("sleep( union")),
            ("union|.*", None),
            ("union|", None),
            ("(?:abc)*", None),
            ("x(?:abc)?qqz", Some("xabcqqz xqqz")),
            (r"[a-z]+qzq[a-z]+", Some("qzq")),
            ("(?:ab){2,}", Some("abab")),
            (r"^\(\s*\)\s+\{", Some("[(){]")),
            (r"(?:^|[\\/])\.{2,3}[\\/]", Some(r"../ ..\")),
            ("a.*z.*q", Some("[aqz]")),
        ];
        for (pattern, wanted) in cases {
            let found = of(pattern);
            if wanted.is_some_and(|wanted| wanted.contains("..")) {
                // Which of the equivalent sets is a matter of taste; short dots alone would be useless.
                assert!(found.is_some_and(|found| !found.contains('[')), "{pattern}");
                continue;
            }
            assert_eq!(found.as_deref(), wanted, "{pattern}");
        }
    }

    #[test]
    fn sets_too_large_to_multiply_meet_at_the_seam() {
        let many = |first: char| (0..20).map(|n| format!("{first}{n:02}x")).collect::<Vec<_>>().join("|");
        let found = of(&format!("(?:{})(?:{})", many('q'), many('z'))).expect("needs");
        assert!(!found.contains('['), "{found}");
    }
}
