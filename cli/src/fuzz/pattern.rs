//! Texts that a pattern matches, made from the pattern.

use bartizan_text::regex::{Options, parse};
use fastrand::Rng;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Most bytes that are made of one pattern.
const MOST: usize = 4096;

/// A pattern that texts are made from.
pub(super) struct Pattern(Hir);

impl Pattern {
    /// Nothing where the dialect refuses it.
    pub(super) fn new(pattern: &str, case_sensitive: bool) -> Option<Self> {
        parse(pattern.as_bytes(), Options { case_sensitive }).ok().map(Self)
    }

    /// A text that probably matches: what stands around a place, such as `\b`, is left to chance.
    pub(super) fn text(&self, rng: &mut Rng) -> String {
        let mut out = Vec::new();
        write(&self.0, rng, &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }
}

/// Recurses as deep as the pattern, which the dialect bounds.
fn write(hir: &Hir, rng: &mut Rng, out: &mut Vec<u8>) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.extend_from_slice(&literal.0),
        HirKind::Class(class) => write_member(class, rng, out),
        HirKind::Capture(capture) => write(&capture.sub, rng, out),
        HirKind::Concat(parts) => parts.iter().for_each(|part| write(part, rng, out)),
        HirKind::Alternation(branches) => {
            if let Some(branch) = rng.choice(branches) {
                write(branch, rng, out);
            }
        }
        HirKind::Repetition(repetition) => {
            let extra = *rng.choice(&[0, 0, 0, 1, 1, 2, 3]).unwrap_or(&0);
            let most = repetition.max.unwrap_or(u32::MAX);
            for _ in 0..repetition.min.saturating_add(extra).min(most) {
                if out.len() < MOST {
                    write(&repetition.sub, rng, out);
                }
            }
        }
    }
}

/// A member of a class: one that can be read where there is one.
fn write_member(class: &Class, rng: &mut Rng, out: &mut Vec<u8>) {
    let ranges: Vec<(u32, u32)> = match class {
        Class::Unicode(class) => class.iter().map(|r| (u32::from(r.start()), u32::from(r.end()))).collect(),
        Class::Bytes(class) => class.iter().map(|r| (r.start().into(), r.end().into())).collect(),
    };
    let within = |(low, high): (u32, u32)| {
        let readable: Vec<(u32, u32)> = ranges
            .iter()
            .filter(|(start, end)| *start <= high && *end >= low)
            .map(|(start, end)| ((*start).max(low), (*end).min(high)))
            .collect();
        readable
    };
    let blocks = [(0x61, 0x7a), (0x30, 0x39), (0x20, 0x7e), (0x20, 0x7e)];
    let mut choices = within(*rng.choice(&blocks).unwrap_or(&(0x20, 0x7e)));
    if choices.is_empty() {
        choices = within((0x20, 0x7e));
    }
    if choices.is_empty() || rng.u8(..) < 6 {
        choices = ranges;
    }
    let Some((start, end)) = rng.choice(choices) else { return };
    let point = rng.u32(start..=end);
    match class {
        Class::Bytes(_) => out.push(point as u8),
        Class::Unicode(_) => {
            let member = char::from_u32(point).or_else(|| char::from_u32(start)).unwrap_or_default();
            out.extend_from_slice(member.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;
    use fastrand::Rng;

    #[test]
    fn texts_match_their_pattern() {
        let mut rng = Rng::with_seed(7);
        for pattern in
            [r"un(?:ion|ited)\s+sel[e3]ct", r"^\d{3,5}-[[:xdigit:]]+$", "[^a-z]{4}", r"(?i)a|b|\x{1F600}"]
        {
            let made = Pattern::new(pattern, true).expect("a pattern of the dialect");
            let check = regex_automata::meta::Regex::new(pattern).expect("a pattern of the crate");
            for _ in 0..50 {
                let text = made.text(&mut rng);
                assert!(check.is_match(text.as_str()), "{pattern}: {text:?}");
            }
        }
        assert!(Pattern::new("(?=x)", true).is_none());
    }
}
