//! How large a program RE2 would make of a pattern, and whether that is too large for it.
//!
//! libddwaf gives RE2 512 KiB for each pattern; two thirds are for the program, which may not
//! have more than [`INSTRUCTIONS`] then. Nothing is compiled here, only counted.

use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use alloc::vec::Vec;

use regex_syntax::hir::Look;

use super::program::class_size;
use super::rune_set::RuneSet;
use super::runes;
use super::tree::{Id, Node, Repeat, Tree};

/// Most instructions in a program.
const INSTRUCTIONS: u64 = 43_635;
/// Most pieces that RE2 visits while it compiles, each copy of a repeated one for itself.
const VISITS: u64 = 2 * INSTRUCTIONS;
/// How deep RE2 looks for a `^` at the start.
const ANCHOR_DEPTH: usize = 4;

/// What a piece costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Size {
    /// Instructions in the end.
    pub(super) instructions: u64,
    /// Most instructions at any time: some are dropped again.
    pub(super) peak: u64,
    visits: u64,
    /// Whether the piece cannot match at all, which costs less around it.
    fails: bool,
    /// Whether it can match nothing, which costs more in `*`.
    nullable: bool,
}

impl Size {
    pub(super) fn of(instructions: u64, peak: u64) -> Self {
        Self { instructions, peak, visits: 1, fails: false, nullable: false }
    }

    /// A visit without an instruction.
    fn visit() -> Self {
        Self::of(0, 0)
    }

    fn nullable(self) -> Self {
        Self { nullable: true, ..self }
    }

    /// This, then `more`, as far as numbers go.
    fn and(self, more: Self) -> Self {
        Self {
            instructions: self.instructions.saturating_add(more.instructions),
            peak: self.peak.max(self.instructions.saturating_add(more.peak)),
            visits: self.visits.saturating_add(more.visits),
            ..more
        }
    }

    /// `count` more instructions.
    fn grown(self, count: u64) -> Self {
        let instructions = self.instructions.saturating_add(count);
        Self { instructions, peak: self.peak.max(instructions), ..self }
    }

    /// This `count` times, at least once, one after the other.
    fn times(self, count: u32) -> Self {
        let before = u64::from(count - 1);
        Self {
            instructions: self.instructions.saturating_mul(before + 1),
            peak: self.instructions.saturating_mul(before).saturating_add(self.peak),
            visits: self.visits.saturating_mul(before + 1),
            ..self
        }
    }

    /// `self` followed by `next` in a pattern.
    fn then(self, next: Self) -> Self {
        let fails = self.fails || next.fails;
        Self { fails, nullable: !fails && self.nullable && next.nullable, ..self.and(next) }
    }

    /// `self|other`
    fn or(self, other: Self) -> Self {
        let both = self.and(other);
        match (self.fails, other.fails) {
            (true, _) => both,
            (_, true) => Self { fails: false, nullable: self.nullable, ..both },
            _ => Self { nullable: self.nullable || other.nullable, ..both.grown(1) },
        }
    }

    /// A piece around `self`, which repeats it.
    fn repeated(self, repeat: Repeat) -> Self {
        let mut size = Self::visit().and(self).grown(1);
        if repeat == Repeat::Star && self.nullable {
            size = size.grown(1);
        }
        match repeat {
            Repeat::Plus => size,
            Repeat::Star | Repeat::Quest => Self { fails: false, nullable: true, ..size },
        }
    }

    /// A piece around `self`, which captures it.
    fn captured(self) -> Self {
        let size = Self::visit().and(self);
        if self.fails { size } else { size.grown(2) }
    }
}

/// Whether the program of a pattern would fit. `order` has its nodes, each after those it refers to; `literals` are the pieces at the start of the
/// root that RE2 compares without a program.
pub(super) fn fits(tree: &Tree, root: Id, order: &[Id], literals: usize) -> bool {
    let total = total(tree, root, order, literals);
    // One more instruction stands for failure.
    total.peak < INSTRUCTIONS && total.visits <= VISITS
}

/// The size of the whole program.
fn total(tree: &Tree, root: Id, order: &[Id], literals: usize) -> Size {
    let sizes = sizes(tree, order);
    let size = |id: Id| sizes[id.index()];
    let (size, anchored) = match tree.node(root) {
        Node::Concat(subs) if literals > 0 => {
            let subs: Vec<Id> = subs.iter().skip(literals).copied().collect();
            match subs[..] {
                [] => (Size::of(1, 1).nullable(), false),
                [sub] => (size(sub), is_anchored(tree, sub, 0)),
                _ => (concat(subs.iter().map(|&sub| size(sub))), is_anchored(tree, subs[0], 1)),
            }
        }
        _ => (size(root), is_anchored(tree, root, 0)),
    };
    // An instruction that matches; two for the loop that lets a match start anywhere.
    if anchored { size.grown(1) } else { size.grown(3) }
}

/// How many pieces at the start of the root RE2 compares without a program: a literal after
/// `^`. This is decided before simplification.
pub(super) fn leading_literals(tree: &Tree, root: Id) -> usize {
    let Node::Concat(subs) = tree.node(root) else { return 0 };
    let is_start = |&&id: &&Id| matches!(tree.node(id), Node::Look { look: Look::Start, .. });
    let anchors = subs.iter().take_while(is_start).count();
    let literal = subs.get(anchors).and_then(|&id| tree.literal(id));
    if anchors > 0 && literal.is_some() { anchors + 1 } else { 0 }
}

/// Whether RE2 sees that a match can only be at the start of the text.
fn is_anchored(tree: &Tree, mut id: Id, mut depth: usize) -> bool {
    while depth < ANCHOR_DEPTH {
        id = match *tree.node(id) {
            Node::Look { look: Look::Start, .. } => return true,
            Node::Concat(ref subs) => subs[0],
            Node::Capture(sub) => sub,
            // A concatenation of copies; with optional ones in a second one around it.
            Node::Counted { min, max, sub, .. } if min > 0 => {
                depth += usize::from(min > 1 && max.is_some_and(|max| max > min));
                sub
            }
            _ => return false,
        };
        depth += 1;
    }
    false
}

/// The sizes of nodes, by their place.
fn sizes(tree: &Tree, order: &[Id]) -> Vec<Size> {
    let mut sizes = alloc::vec![Size::visit(); tree.len()];
    let mut classes: BTreeMap<*const RuneSet, Size> = BTreeMap::new();
    for &id in order {
        let of = |sub: Id| sizes[sub.index()];
        sizes[id.index()] = match *tree.node(id) {
            Node::Fail => Size { fails: true, ..Size::visit() },
            Node::Empty | Node::Look { .. } => Size::of(1, 1).nullable(),
            Node::Char { .. } | Node::Text(_) => {
                let (runes, _) = tree.literal(id).unwrap_or_default();
                let bytes = runes.iter().map(|&rune| runes::encoded_len(rune) as u64).sum();
                Size::of(bytes, bytes)
            }
            Node::AnyByte => Size::of(1, 1),
            Node::AnyRune => class_size(&[(0, runes::MAX)], INSTRUCTIONS),
            Node::Class(ref set) => {
                *classes.entry(Rc::as_ptr(set)).or_insert_with(|| class_size(set.ranges(), INSTRUCTIONS))
            }
            Node::Concat(ref subs) => concat(subs.iter().map(|&sub| of(sub))),
            Node::Alternate(ref subs) => {
                let all = subs.iter().map(|&sub| of(sub)).reduce(Size::or);
                Size::visit().and(all.unwrap_or(Size::visit()))
            }
            Node::Repeat { repeat, sub, .. } => of(sub).repeated(repeat),
            Node::Counted { min, max, sub, tail, .. } => counted(of(sub), min, max, tail.map(of)),
            Node::Capture(sub) => of(sub).captured(),
        };
    }
    sizes
}

/// A concatenation.
fn concat(subs: impl Iterator<Item = Size>) -> Size {
    Size::visit().and(subs.reduce(Size::then).unwrap_or(Size::visit()))
}

/// `xxx`, `xxx+` or `xxx(x(x)?)?`
fn counted(sub: Size, min: u32, max: Option<u32>, tail: Option<Size>) -> Size {
    let tail = match (max, tail) {
        (_, None) => return Size::visit().and(sub.times(min)),
        (None, Some(tail)) => return concat([sub.times(min - 1), tail].into_iter()),
        (Some(max), Some(tail)) => {
            // All copies come before the instructions that make them optional.
            let around = max - min - 1;
            let mut size = tail;
            if around > 0 {
                size = sub.times(around).and(tail).grown(around.into());
                size.visits = size.visits.saturating_add(2 * u64::from(around));
                size = Size { fails: false, nullable: true, ..size };
            }
            size
        }
    };
    match min {
        0 => tail,
        1 => concat([sub, tail].into_iter()),
        _ => concat([Size::visit().and(sub.times(min)), tail].into_iter()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{parse, simplify};
    use super::*;

    /// Counts of instructions as RE2 makes them, the failing one included.
    #[test]
    fn programs_are_as_large_as_those_of_re2() {
        let sizes = [
            (r"", 5),
            (r"a", 5),
            (r"abc", 7),
            (r"é", 6),
            (r"(?i)abc", 7),
            (r"(?i)kelvin", 14),
            (r"(a)", 7),
            (r"a*", 6),
            (r"(?:a*)*", 6),
            (r"(a*)*", 10),
            (r"(|a)+", 10),
            (r"a{0}", 5),
            (r"a{3}", 7),
            (r"a{2,}", 7),
            (r"a{2,5}", 12),
            (r"a{0,5}", 14),
            (r"(?:a{0,5})?", 14),
            (r"(?:a{0,5})*", 16),
            (r"(?:a{0,5}){0,}", 14),
            (r"(?:(?:a{2,3}){2}b)+", 14),
            (r"a?a{2}", 8),
            (r"a*a+a?aab", 9),
            (r"^a", 5),
            (r"^", 3),
            (r"(((^a)))", 12),
            (r"(((((^a)))))", 16),
            (r"^abc.d", 17),
            (r"abc|abd", 7),
            (r"abc|abd|xyz|xyw", 13),
            (r"a|b|[cd]", 5),
            (r".a|.b", 17),
            (r"a.|a.", 20),
            (r"a(?:b|c)d|a(?:b|c)e", 7),
            (r"x{2,3}y|x{2,3}z", 15),
            (r"x{3}y|x{3}z", 8),
            (r"(?s).|a|b", 14),
            (r"[^\x00-\x{10ffff}]", 4),
            (r"(?:[^\x00-\x{10ffff}])*", 5),
            (r"[^\x00-\x{10ffff}]+|a", 6),
        ];
        for (pattern, size) in sizes {
            let (mut tree, root) = parse::parse(pattern.as_bytes(), false).expect("an accepted pattern");
            let literals = leading_literals(&tree, root);
            let order = simplify::simplify(&mut tree, root);
            assert_eq!(total(&tree, root, &order, literals).instructions + 1, size, "{pattern}");
        }
    }
}
