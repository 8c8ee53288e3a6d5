//! Common heads of alternatives, taken out as RE2 takes them out: `abc|abd` becomes `ab[cd]`.
//!
//! Three rounds, each over runs of neighbours: equal first code points of literals; an equal
//! first condition or one-code-point piece; single code points and classes, which become one
//! class. What is left of the alternatives of a run goes through the rounds again.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::mem;

use super::fold::{self, KELVIN, LONG_S};
use super::rune_set::RuneSet;
use super::tree::{Id, Node, Tree};

/// A run of alternatives to replace.
struct Run {
    start: usize,
    len: usize,
    head: Id,
    /// What is left of the alternatives; absent where the head says it all.
    tails: Option<Vec<Id>>,
}

/// A list of alternatives at work.
struct Level {
    alternatives: Vec<Id>,
    round: u8,
    runs: Vec<Run>,
    /// The first run whose tails are still to be factored.
    next: usize,
}

impl Level {
    fn new(alternatives: Vec<Id>) -> Self {
        Self { alternatives, round: 0, runs: Vec::new(), next: 0 }
    }
}

/// Factors a list of alternatives and returns the new list.
pub(super) fn factor(tree: &mut Tree, alternatives: Vec<Id>) -> Vec<Id> {
    let mut outer: Vec<Level> = Vec::new();
    let mut level = Level::new(alternatives);
    loop {
        if let Some(run) = level.runs.get_mut(level.next) {
            if let Some(tails) = &mut run.tails {
                let inner = Level::new(mem::take(tails));
                outer.push(mem::replace(&mut level, inner));
            } else {
                level.next += 1;
            }
            continue;
        }
        apply(tree, &mut level);
        level.round += 1;
        level.runs = match level.round {
            1 => common_literals(tree, &level.alternatives),
            2 => common_pieces(tree, &mut level.alternatives),
            3 => single_runes(tree, &level.alternatives),
            _ => {
                let done = level.alternatives;
                let Some(parent) = outer.pop() else { return done };
                level = parent;
                if let Some(run) = level.runs.get_mut(level.next) {
                    run.tails = Some(done);
                }
                level.next += 1;
                continue;
            }
        };
        level.next = 0;
        for run in &mut level.runs {
            if level.round < 3 {
                run.tails = Some(level.alternatives[run.start..run.start + run.len].to_vec());
            }
        }
    }
}

/// Puts the runs that were found in place of their alternatives.
fn apply(tree: &mut Tree, level: &mut Level) {
    let runs = mem::take(&mut level.runs);
    if runs.is_empty() {
        return;
    }
    let mut done = Vec::with_capacity(level.alternatives.len());
    let mut copied = 0;
    for run in runs {
        done.extend_from_slice(&level.alternatives[copied..run.start]);
        copied = run.start + run.len;
        done.push(match run.tails {
            Some(tails) => {
                let rest = tree.add_alternate(tails);
                tree.add_concat([run.head, rest].into())
            }
            None => run.head,
        });
    }
    done.extend_from_slice(&level.alternatives[copied..]);
    level.alternatives = done;
}

/// Round 1: neighbours that begin with the same code points, folding alike.
fn common_literals(tree: &mut Tree, alternatives: &[Id]) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut start = 0;
    let mut common = 0;
    for index in 1..=alternatives.len() {
        if index < alternatives.len() {
            let (first, first_fold) = leading_literal(tree, alternatives[start]);
            let (this, fold) = leading_literal(tree, alternatives[index]);
            let limit = if index == start + 1 { first.len() } else { common };
            if fold == first_fold {
                let same = first[..limit].iter().zip(this).take_while(|(a, b)| a == b).count();
                if same > 0 {
                    common = same;
                    continue;
                }
            }
        }
        if index > start + 1 {
            let (first, fold) = leading_literal(tree, alternatives[start]);
            let head = first[..common].to_vec();
            let head = tree.add_text(head, fold);
            for &alternative in &alternatives[start..index] {
                cut_leading_literal(tree, alternative, common);
            }
            runs.push(Run { start, len: index - start, head, tails: None });
        }
        start = index;
    }
    runs
}

/// The literal a piece begins with; empty (and not folding) when it begins with another thing.
fn leading_literal(tree: &Tree, mut id: Id) -> (&[u32], bool) {
    while let Node::Concat(subs) = tree.node(id) {
        id = subs[0];
    }
    tree.literal(id).unwrap_or_default()
}

/// Cuts `count` code points off the literal a piece begins with.
fn cut_leading_literal(tree: &mut Tree, mut id: Id, count: usize) {
    let mut concats = Vec::new();
    while let Node::Concat(subs) = tree.node(id) {
        concats.push(id);
        id = subs[0];
    }
    tree.cut_literal(id, count);
    while let Some(concat) = concats.pop() {
        if tree.is_empty(id)
            && let Node::Concat(subs) = tree.node_mut(concat)
        {
            subs.pop_front();
            if let [only] = *subs.make_contiguous() {
                tree.replace(concat, only);
            }
        }
        id = concat;
    }
}

/// Round 2: neighbours that begin with the same simple piece.
fn common_pieces(tree: &mut Tree, alternatives: &mut [Id]) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut start = 0;
    for index in 1..=alternatives.len() {
        let first = leading_piece(tree, alternatives[start]).filter(|&first| may_be_head(tree, first));
        if index < alternatives.len()
            && let Some(first) = first
            && let Some(this) = leading_piece(tree, alternatives[index])
            && tree.same(first, this)
        {
            continue;
        }
        if index > start + 1
            && let Some(head) = first
        {
            for alternative in &mut alternatives[start..index] {
                *alternative = without_leading_piece(tree, *alternative);
            }
            runs.push(Run { start, len: index - start, head, tails: None });
        }
        start = index;
    }
    runs
}

/// The first piece of an alternative, if it is not empty.
fn leading_piece(tree: &Tree, id: Id) -> Option<Id> {
    let id = match tree.node(id) {
        Node::Concat(subs) => subs[0],
        _ => id,
    };
    (!tree.is_empty(id)).then_some(id)
}

/// Whether a piece may be taken out: one that has but one way to match at a place.
fn may_be_head(tree: &Tree, id: Id) -> bool {
    match *tree.node(id) {
        Node::Look { .. } | Node::Class(_) | Node::AnyRune | Node::AnyByte => true,
        Node::Counted { min, max, sub, .. } => max == Some(min) && tree.is_single(sub),
        _ => false,
    }
}

/// What is left of an alternative after its first piece.
fn without_leading_piece(tree: &mut Tree, id: Id) -> Id {
    if let Node::Concat(subs) = tree.node_mut(id) {
        subs.pop_front();
        return match *subs.make_contiguous() {
            [only] => only,
            _ => id,
        };
    }
    tree.add(Node::Empty)
}

/// Round 3: neighbours that are one code point or class each.
fn single_runes(tree: &mut Tree, alternatives: &[Id]) -> Vec<Run> {
    let single = |tree: &Tree, id| matches!(tree.node(id), Node::Char { .. } | Node::Class(_));
    let mut runs = Vec::new();
    let mut start = 0;
    while start < alternatives.len() {
        let len = alternatives[start..].iter().take_while(|&&id| single(tree, id)).count();
        if len > 1 {
            let set = union(tree, &alternatives[start..start + len]);
            let head = tree.add(Node::Class(Rc::new(set)));
            runs.push(Run { start, len, head, tails: None });
        }
        start += len.max(1);
    }
    runs
}

/// The code points that any of these classes and code points takes.
///
/// RE2 adds them in order, and a folding code point adds its other forms only up to the first
/// that is there already: `[jk]|[Kk]` does not take `K`, while `j|[Kk]` takes the Kelvin sign.
fn union(tree: &mut Tree, singles: &[Id]) -> RuneSet {
    let mut ranges = Vec::new();
    let mut letters = Letters::default();
    for &id in singles {
        match tree.node(id) {
            Node::Class(set) => {
                let set = Rc::clone(set);
                if tree.spend_ranges(set.ranges().len()) {
                    set.ranges().iter().for_each(|&range| letters.add(range));
                    ranges.extend_from_slice(set.ranges());
                }
            }
            &Node::Char { rune, fold } => {
                let mut form = rune;
                while !(fold && letters.contains(form)) {
                    ranges.push((form, form));
                    letters.add((form, form));
                    form = fold::next(form);
                    if !fold || form == rune {
                        break;
                    }
                }
            }
            _ => {}
        }
    }
    RuneSet::new(ranges)
}

/// Which forms of the ASCII letters are in a set: the letters, and the two code points
/// elsewhere that fold to one.
#[derive(Default)]
struct Letters {
    ascii: u128,
    long_s: bool,
    kelvin: bool,
}

impl Letters {
    fn add(&mut self, (first, last): (u32, u32)) {
        if first < 128 {
            self.ascii |= u128::MAX >> (127 - last.min(127)) & u128::MAX << first;
        }
        self.long_s |= (first..=last).contains(&LONG_S);
        self.kelvin |= (first..=last).contains(&KELVIN);
    }

    fn contains(&self, rune: u32) -> bool {
        match rune {
            0..128 => self.ascii >> rune & 1 != 0,
            LONG_S => self.long_s,
            KELVIN => self.kelvin,
            _ => false,
        }
    }
}
