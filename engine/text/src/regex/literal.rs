//! Bytes that must be present: from a regex to the literals of which at least one occurs, letter case
//! aside, in every match.
//!
//! The contract is *no false negatives*: a set that is returned is necessary for a match. Which of the
//! possible sets is returned is a matter of speed only: the one that ordinary traffic holds least often.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Literals longer than this are cut: a part of a necessary literal is necessary too.
const MAX_LEN: usize = 24;
/// Most strings in one exact set.
const MAX_EXACT: usize = 48;
/// Most literals in a required set.
const MAX_REQUIRED: usize = 256;

/// A set of case-folded literals of which one occurs in every match.
pub type Literals = Vec<Literal>;

/// A case-folded literal of at most 24 bytes, stored inline: sets of them are made and thrown away by the
/// thousand while a pattern is read.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Literal {
    bytes: [u8; MAX_LEN],
    len: u8,
}

impl Literal {
    /// Folds a text; of a longer one its rarest part stands for the whole.
    #[must_use]
    pub fn of(text: &[u8]) -> Self {
        let part = if text.len() <= MAX_LEN { text } else { rarest_window(text) };
        let mut literal = Self { bytes: [0; MAX_LEN], len: part.len() as u8 };
        for (place, byte) in literal.bytes.iter_mut().zip(part) {
            *place = fold(*byte);
        }
        literal
    }

    /// Both in a row, when they fit.
    fn join(mut self, tail: &Self) -> Option<Self> {
        let end = usize::from(self.len) + usize::from(tail.len);
        self.bytes.get_mut(usize::from(self.len)..end)?.copy_from_slice(tail);
        self.len = end as u8;
        Some(self)
    }
}

impl Deref for Literal {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl fmt::Debug for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&String::from_utf8_lossy(self), f)
    }
}

/// ASCII case folding, as literals are folded.
#[must_use]
pub const fn fold(byte: u8) -> u8 {
    byte.to_ascii_lowercase()
}

/// The required literals of a regex, or `None` when nothing (cheap) is required.
#[must_use]
pub fn required(hir: &Hir) -> Option<Literals> {
    best(analyse(hir))
}

/// What is known of a sub-expression.
struct Facts {
    /// All strings (folded) that it matches, when they are few. A cut string is never exact.
    exact: Option<Literals>,
    /// A required set, when there is one.
    required: Option<Literals>,
}

const ANYTHING: Facts = Facts { exact: None, required: None };

fn best(facts: Facts) -> Option<Literals> {
    let exact = facts.exact.filter(|set| usable(set));
    choose(exact, facts.required)
}

fn usable(set: &Literals) -> bool {
    !set.is_empty() && set.iter().all(|literal| !literal.is_empty()) && set.len() <= MAX_REQUIRED
}

fn choose(a: Option<Literals>, b: Option<Literals>) -> Option<Literals> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if commonness(&b) < commonness(&a) { b } else { a }),
        (a, b) => a.or(b),
    }
}

fn analyse(hir: &Hir) -> Facts {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Facts { exact: Some(vec![Literal::default()]), required: None },
        HirKind::Literal(literal) => {
            if literal.0.len() > MAX_LEN {
                Facts { exact: None, required: Some(vec![Literal::of(&literal.0)]) }
            } else {
                Facts { exact: Some(vec![Literal::of(&literal.0)]), required: None }
            }
        }
        HirKind::Class(class) => Facts { exact: class_strings(class), required: None },
        HirKind::Capture(capture) => analyse(&capture.sub),
        HirKind::Repetition(repetition) => {
            let inner = analyse(&repetition.sub);
            match (repetition.min, repetition.max) {
                (0, Some(1)) => {
                    let exact = inner.exact.map(|mut set| {
                        set.push(Literal::default());
                        set
                    });
                    Facts { exact, required: None }
                }
                (0, _) => ANYTHING,
                (1, Some(1)) => inner,
                (min, max) => {
                    // `min` copies in a row, then whatever else.
                    let mut exact = Some(vec![Literal::default()]);
                    for _ in 0..min.min(MAX_LEN as u32) {
                        exact = exact.and_then(|set| product(&set, inner.exact.as_ref()?));
                    }
                    let is_exact = max == Some(min) && min as usize <= MAX_LEN;
                    let from_copies = exact.clone().filter(usable);
                    let required = choose(choose(from_copies, inner.exact.filter(usable)), inner.required);
                    Facts { exact: exact.filter(|_| is_exact), required }
                }
            }
        }
        HirKind::Concat(parts) => {
            let mut run: Option<Literals> = Some(vec![Literal::default()]);
            let mut whole = true;
            let mut required: Option<Literals> = None;
            for part in parts {
                let facts = analyse(part);
                required = choose(required, facts.required);
                let joined = match (&run, &facts.exact) {
                    (Some(run), Some(exact)) => product(run, exact),
                    _ => None,
                };
                if joined.is_none() {
                    whole = false;
                    required = choose(required, run.take().filter(usable));
                    run = facts.exact;
                } else {
                    run = joined;
                }
                if run.is_none() {
                    run = Some(vec![Literal::default()]);
                }
            }
            if whole {
                Facts { exact: run, required }
            } else {
                Facts { exact: None, required: choose(required, run.filter(usable)) }
            }
        }
        HirKind::Alternation(branches) => {
            let mut exact: Option<Literals> = Some(Vec::new());
            let mut required: Option<Literals> = Some(Vec::new());
            for branch in branches {
                let facts = analyse(branch);
                exact = match (exact, &facts.exact) {
                    (Some(mut set), Some(more)) if set.len() + more.len() <= MAX_EXACT => {
                        set.extend_from_slice(more);
                        Some(set)
                    }
                    _ => None,
                };
                required = match (required, best(facts)) {
                    (Some(mut set), Some(more)) if set.len() + more.len() <= MAX_REQUIRED => {
                        set.extend(more);
                        Some(set)
                    }
                    _ => None,
                };
            }
            for set in [&mut exact, &mut required].into_iter().flatten() {
                set.sort_unstable();
                set.dedup();
            }
            Facts { exact, required: required.filter(usable) }
        }
    }
}

/// Every string of `a` followed by every string of `b`, unless that is too much.
fn product(a: &Literals, b: &Literals) -> Option<Literals> {
    if a.len().checked_mul(b.len())? > MAX_EXACT {
        return None;
    }
    let mut set = Vec::with_capacity(a.len() * b.len());
    for head in a {
        for tail in b {
            set.push(head.join(tail)?);
        }
    }
    Some(set)
}

/// The folded strings of a small class. The two non-ASCII letters that fold to ASCII ones (`ſ`, `K`)
/// are left out when their ASCII letter is there: whoever looks for literals treats values that hold them
/// apart ([`SPECIAL_FOLDS`]).
fn class_strings(class: &Class) -> Option<Literals> {
    const FEW: usize = 16;
    let mut set: Literals = Vec::new();
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

/// Non-ASCII letters whose simple folding is an ASCII letter.
pub const SPECIAL_FOLDS: [(&str, &[u8]); 2] = [("\u{17f}", b"s"), ("\u{212a}", b"k")];

fn rarest_window(text: &[u8]) -> &[u8] {
    let commonness = |window: &[u8]| literal_commonness(&Literal::of(window));
    let rarest = text.windows(MAX_LEN).min_by(|a, b| commonness(a).total_cmp(&commonness(b)));
    rarest.unwrap_or(text)
}

/// How often, roughly, a value of ordinary traffic holds one of the literals. Lower is better.
fn commonness(set: &Literals) -> f32 {
    set.iter().map(|literal| literal_commonness(literal)).sum()
}

/// The same for one literal: it is as common as its rarest part.
#[must_use]
pub fn literal_commonness(literal: &[u8]) -> f32 {
    let by_bytes = literal.iter().map(|byte| FREQUENCY[usize::from(*byte)]).product::<f32>() * 40.0;
    let by_word = literal.windows(3).map(|gram| f32::from(COMMON_GRAMS[gram_hash(gram)]) / 1000.0);
    let by_word = by_word.fold(f32::INFINITY, f32::min);
    if by_word.is_finite() { by_bytes.max(by_word) } else { by_bytes }
}

/// Share, in thousandths, of the most common string of [`COMMON`] with a window of three bytes, by the
/// window's hash. Windows that share a place are taken to be as common as the most common of them.
static COMMON_GRAMS: [u8; GRAM_PLACES] = {
    let mut places = [0; GRAM_PLACES];
    let mut at = 0;
    while at < COMMON.len() {
        let (word, share) = COMMON[at];
        let mut start = 0;
        while start + 3 <= word.len() {
            let place = gram_hash(word.split_at(start).1);
            let share = (share * 1000.0) as u8;
            if places[place] < share {
                places[place] = share;
            }
            start += 1;
        }
        at += 1;
    }
    places
};

const GRAM_PLACES: usize = 1 << 13;

const fn gram_hash(gram: &[u8]) -> usize {
    let gram = gram[0] as u32 | (gram[1] as u32) << 8 | (gram[2] as u32) << 16;
    (gram.wrapping_mul(0x9e37_79b1) >> 19) as usize
}

static FREQUENCY: [f32; 256] = {
    let mut table = [0.0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = frequency(byte as u8);
        byte += 1;
    }
    table
};

/// Share of a byte among the bytes of ordinary requests; our own estimate, good to a factor of two.
const fn frequency(byte: u8) -> f32 {
    match byte {
        b'e' => 0.08,
        b'a' | b'i' | b'o' | b't' | b'n' | b's' | b'r' => 0.055,
        b'c' | b'd' | b'l' | b'm' | b'p' | b'u' => 0.03,
        b'/' | b'-' | b'.' | b' ' | b'0' | b'1' | b'2' => 0.025,
        b'b' | b'f' | b'g' | b'h' | b'3'..=b'9' => 0.018,
        b'_' | b':' | b',' | b'"' | b';' | b'=' | b'w' | b'v' | b'y' | b'x' | b'k' => 0.012,
        b'(' | b')' | b'&' | b'+' | b'%' | b'j' | b'q' | b'z' | b'?' | b'{' | b'}' => 0.004,
        b'<' | b'>' | b'\'' | b'#' | b'@' | b'*' | b'[' | b']' | b'!' | b'\n' => 0.002,
        _ => 0.0008,
    }
}

/// Strings that ordinary requests are full of, with the share of values that hold them.
const COMMON: &[(&[u8], f32)] = &[
    (b"mozilla/5.0 (", 0.03),
    (b"applewebkit/537.36 (khtml, like gecko) chrome/", 0.03),
    (b"safari/537.36", 0.03),
    (b"windows nt 10.0; win64; x64)", 0.02),
    (b"macintosh; intel mac os x 10_15_7", 0.02),
    (b"https://www.", 0.05),
    (b"http://", 0.03),
    (b".com/", 0.05),
    (b".html", 0.02),
    (b"application/json", 0.04),
    (b"application/x-www-form-urlencoded", 0.02),
    (b"text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8", 0.03),
    (b"multipart/form-data; boundary=", 0.01),
    (b"charset=utf-8", 0.02),
    (b"gzip, deflate, br", 0.03),
    (b"en-us,en;q=0.9", 0.03),
    (b"keep-alive", 0.02),
    (b"no-cache", 0.02),
    (b"max-age=", 0.02),
    (b"bearer ", 0.01),
    (b"same-origin", 0.02),
    (b"xmlhttprequest", 0.01),
    (b" the ", 0.05),
    (b" and ", 0.05),
    (b"ing ", 0.05),
    (b" of ", 0.04),
    (b" to ", 0.05),
    (b" in ", 0.04),
    (b" for ", 0.03),
    (b"user", 0.02),
    (b"name", 0.02),
    (b"select", 0.004),
    (b"order", 0.01),
    (b"from ", 0.01),
    (b"where", 0.004),
    (b"update", 0.004),
    (b"api/v1/", 0.02),
    (b"2026-", 0.02),
    (b"image/", 0.02),
    (b"localhost", 0.004),
    (b"/index.", 0.01),
    (b"example.com", 0.02),
    (b"email", 0.01),
    (b"password", 0.006),
    (b"login", 0.006),
    (b"search", 0.008),
    (b"product", 0.01),
];

#[cfg(test)]
mod tests {
    use super::{Literals, required};
    use crate::regex::{Options, parse};
    use alloc::string::String;
    use alloc::vec::Vec;

    fn of(pattern: &str) -> Option<Vec<String>> {
        let hir = parse(pattern.as_bytes(), Options { case_sensitive: false }).expect("a valid pattern");
        let set: Option<Literals> = required(&hir);
        set.map(|set| set.iter().map(|literal| String::from_utf8_lossy(literal).into_owned()).collect())
    }

    #[test]
    fn literals_are_folded_and_joined_over_small_classes() {
        assert_eq!(of("UNION"), Some(alloc::vec!["union".into()]));
        assert_eq!(of("sle[ae]p"), Some(alloc::vec!["sleap".into(), "sleep".into()]));
        assert_eq!(of("ask"), Some(alloc::vec!["ask".into()]));
    }

    #[test]
    fn an_alternation_needs_a_literal_in_each_branch() {
        assert_eq!(of(r"\b(?:union\s+select|sleep\()"), Some(alloc::vec!["sleep(".into(), "union".into()]));
        assert_eq!(of(r"union|.*"), None);
        assert_eq!(of(r"union|"), None);
    }

    #[test]
    fn optional_parts_are_not_required() {
        assert_eq!(of(r"(?:abc)*"), None);
        assert_eq!(of(r"x(?:abc)?qqz"), Some(alloc::vec!["xabcqqz".into(), "xqqz".into()]));
        assert_eq!(of(r"\d+zzz\d+"), Some(alloc::vec!["zzz".into()]));
        assert_eq!(of(r"(?:ab){2,}"), Some(alloc::vec!["abab".into()]));
    }
}
