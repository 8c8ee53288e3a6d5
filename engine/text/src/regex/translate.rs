//! From the tree to HIR.
//!
//! Groups vanish. Classes become what RE2 compiles them to: bytes, not characters, wherever
//! that makes a difference.

use alloc::boxed::Box;
use alloc::vec::Vec;

use regex_syntax::hir::{
    Class, ClassBytes, ClassBytesRange, ClassUnicode, ClassUnicodeRange, Hir, Repetition,
};

use super::rune_set::RuneSet;
use super::runes::{self, MAX, SURROGATES};
use super::tree::{Id, Node, Repeat, Tree};

/// How deep HIR may nest. Its compiler recurses and takes up to 2 KiB of stack a level, or 6
/// when it is not optimised; threads, and wasm, may have no more than 1 MiB.
const DEPTH: usize = 250;

/// What is still to be done, last first.
enum Task {
    Visit(Id),
    Concat(usize),
    Alternate(usize),
    Repeat { min: u32, max: Option<u32>, greedy: bool },
}

/// Whether HIR would nest too deep. `order` has the nodes below and including `root`, each after those it
/// refers to.
pub(super) fn is_too_deep(tree: &Tree, root: Id, order: &[Id]) -> bool {
    let mut depths = alloc::vec![0; tree.len()];
    for &id in order {
        // A part that becomes one with the whole does not nest in it.
        let part = |sub: &Id, merges: fn(&Node) -> bool| {
            let depth: usize = depths[sub.index()];
            depth - usize::from(merges(tree.node(within_groups(tree, *sub))))
        };
        depths[id.index()] = match *tree.node(id) {
            Node::Capture(sub) => depths[sub.index()],
            Node::Concat(ref subs) => {
                let part = |sub| part(sub, |node| matches!(node, Node::Concat(_)));
                1 + subs.iter().map(part).max().unwrap_or(0)
            }
            Node::Alternate(ref subs) => {
                let part = |sub| part(sub, |node| matches!(node, Node::Alternate(_)));
                1 + subs.iter().map(part).max().unwrap_or(0)
            }
            Node::Repeat { sub, .. } | Node::Counted { sub, .. } => 1 + depths[sub.index()],
            // Leaves nest a little themselves, no more than the limit has to spare.
            _ => 1,
        };
    }
    depths[root.index()] > DEPTH
}

/// What a node is but for the groups around it.
fn within_groups(tree: &Tree, mut id: Id) -> Id {
    while let Node::Capture(sub) = *tree.node(id) {
        id = sub;
    }
    id
}

/// Translates everything below and including `root`, which must not be too deep.
pub(super) fn translate(tree: &Tree, root: Id) -> Hir {
    let mut tasks = alloc::vec![Task::Visit(root)];
    let mut done: Vec<Hir> = Vec::new();
    while let Some(task) = tasks.pop() {
        let (count, join): (_, fn(Vec<Hir>) -> Hir) = match task {
            Task::Visit(id) => {
                visit(tree, id, &mut tasks, &mut done);
                continue;
            }
            Task::Repeat { min, max, greedy } => {
                let sub = Box::new(done.pop().unwrap_or_else(Hir::fail));
                done.push(Hir::repetition(Repetition { min, max, greedy, sub }));
                continue;
            }
            Task::Concat(count) => (count, Hir::concat),
            Task::Alternate(count) => (count, Hir::alternation),
        };
        let parts = done.split_off(done.len().saturating_sub(count));
        done.push(join(parts));
    }
    done.pop().unwrap_or_else(Hir::fail)
}

/// Translates a leaf, or makes tasks of a branch.
fn visit(tree: &Tree, id: Id, tasks: &mut Vec<Task>, done: &mut Vec<Hir>) {
    let hir = match *tree.node(id) {
        Node::Fail => Hir::fail(),
        Node::Empty => Hir::empty(),
        Node::Char { .. } | Node::Text(_) => {
            let (runes, fold) = tree.literal(id).unwrap_or_default();
            text(runes, fold)
        }
        Node::Class(ref set) => class(set),
        Node::AnyRune => any_but_ascii(byte_class([(0, 0x7F)])),
        Node::AnyByte => byte_class([(0, 0xFF)]),
        Node::Look { look, .. } => Hir::look(look),
        Node::Capture(sub) => return tasks.push(Task::Visit(sub)),
        Node::Concat(_) | Node::Alternate(_) => {
            let is_concat = matches!(tree.node(id), Node::Concat(_));
            let parts = flat(tree, id, is_concat);
            tasks.push(if is_concat { Task::Concat(parts.len()) } else { Task::Alternate(parts.len()) });
            return tasks.extend(parts.into_iter().rev().map(Task::Visit));
        }
        Node::Repeat { repeat, flags, sub } => {
            let (min, max) = match repeat {
                Repeat::Star => (0, None),
                Repeat::Plus => (1, None),
                Repeat::Quest => (0, Some(1)),
            };
            tasks.push(Task::Repeat { min, max, greedy: !flags.lazy });
            return tasks.push(Task::Visit(sub));
        }
        Node::Counted { min, max, flags, sub, .. } => {
            tasks.push(Task::Repeat { min, max, greedy: !flags.lazy });
            return tasks.push(Task::Visit(sub));
        }
    };
    done.push(hir);
}

/// The parts of a concatenation, or of an alternation, in order, and of those directly within
/// it. Groups do not separate them.
fn flat(tree: &Tree, id: Id, is_concat: bool) -> Vec<Id> {
    let mut parts = Vec::new();
    let mut todo = alloc::vec![id];
    while let Some(id) = todo.pop() {
        match tree.node(id) {
            Node::Capture(sub) => todo.push(*sub),
            Node::Concat(subs) if is_concat => todo.extend(subs.iter().rev()),
            Node::Alternate(subs) if !is_concat => todo.extend(subs.iter().rev()),
            _ => parts.push(id),
        }
    }
    parts
}

/// A string, in which letters may fold.
fn text(runes: &[u32], fold: bool) -> Hir {
    let encoded = |rune: &u32| Hir::literal(runes::encode(*rune)[..runes::encoded_len(*rune)].to_vec());
    if !fold {
        let bytes =
            runes.iter().flat_map(|&rune| runes::encode(rune).into_iter().take(runes::encoded_len(rune)));
        return Hir::literal(bytes.collect::<Vec<u8>>());
    }
    let folded = runes.iter().map(|rune| match u8::try_from(*rune) {
        Ok(small @ b'a'..=b'z') => {
            let capital = small.to_ascii_uppercase();
            byte_class([(capital, capital), (small, small)])
        }
        _ => encoded(rune),
    });
    Hir::concat(folded.collect())
}

/// A class.
fn class(set: &RuneSet) -> Hir {
    let ranges = set.ranges();
    if let [head @ .., (first @ 0..=0x80, MAX)] = ranges {
        let ascii = head.iter().copied().chain((*first < 0x80).then_some((*first, 0x7F)));
        return any_but_ascii(byte_class(ascii.map(|(first, last)| (first as u8, last as u8))));
    }
    if ranges.last().is_some_and(|&(_, last)| last < 0x80) {
        return byte_class(ranges.iter().map(|&(first, last)| (first as u8, last as u8)));
    }
    // Surrogates have encodings here, but are no characters.
    let (below, above) = (SURROGATES.0 - 1, SURROGATES.1 + 1);
    let characters = ranges
        .iter()
        .flat_map(|&(first, last)| [(first, last.min(below)), (first.max(above), last)])
        .filter(|(first, last)| first <= last)
        .filter_map(|(first, last)| char::from_u32(first).zip(char::from_u32(last)))
        .map(|(first, last)| ClassUnicodeRange::new(first, last));
    let characters = ClassUnicode::new(characters);
    let mut parts = Vec::new();
    if !characters.ranges().is_empty() {
        parts.push(Hir::class(Class::Unicode(characters)));
    }
    for &(first, last) in ranges {
        surrogates(first.max(SURROGATES.0), last.min(SURROGATES.1), &mut parts);
    }
    Hir::alternation(parts)
}

/// Adds the encodings of these surrogates, if there are any: ED, then a byte from A0 to BF.
fn surrogates(first: u32, last: u32, parts: &mut Vec<Hir>) {
    let mut first = first;
    while first <= last {
        // Up to the last one with the same second byte; or, if that varies, with a full third.
        let block = first | 0x3F;
        let end = match (last + 1) & !0x3F {
            full if first & 0x3F == 0 && full > block => full - 1,
            _ => block.min(last),
        };
        let (from, to) = (runes::encode(first), runes::encode(end));
        parts.push(Hir::concat((0..3).map(|place| byte_class([(from[place], to[place])])).collect()));
        first = end + 1;
    }
}

/// What `ascii` matches, or anything that looks like an encoded code point past ASCII: RE2
/// takes overlong forms, surrogates and values above U+10FFFF along.
fn any_but_ascii(ascii: Hir) -> Hir {
    let tail = || byte_class([(0x80, 0xBF)]);
    let two = byte_class([(0xC2, 0xDF)]);
    let three = byte_class([(0xE0, 0xEF)]);
    let four = Hir::concat([byte_class([(0xF0, 0xF4)]), tail()].into());
    let three = Hir::concat([Hir::alternation([three, four].into()), tail()].into());
    let two = Hir::concat([Hir::alternation([two, three].into()), tail()].into());
    if ascii == Hir::fail() {
        return two;
    }
    Hir::alternation([ascii, two].into())
}

/// One byte out of these ranges.
fn byte_class(ranges: impl IntoIterator<Item = (u8, u8)>) -> Hir {
    let ranges = ranges.into_iter().map(|(first, last)| ClassBytesRange::new(first, last));
    Hir::class(Class::Bytes(ClassBytes::new(ranges)))
}
