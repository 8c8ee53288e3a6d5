//! The tree in simpler terms, as RE2 puts it before it compiles: repeats of one thing in a row
//! are joined, counts of 0 and 1 resolved, repeats of repeats squashed.

use alloc::vec::Vec;
use core::mem;

use super::tree::{Flags, Id, Node, Repeat, Tree};

/// Simplifies everything below and including `root`, in place, and returns it in post-order.
pub(super) fn simplify(tree: &mut Tree, root: Id) -> Vec<Id> {
    let mut order = tree.post_order(root);
    let steps: [fn(&mut Tree, Id) -> bool; 2] = [join_repeats, resolve];
    for step in steps {
        let mut changed = false;
        for &id in &order {
            changed |= step(tree, id);
        }
        if changed {
            order = tree.post_order(root);
        }
    }
    order
}

/// Joins neighbours in a concatenation: `a*a+`, `a?a`, `[x]{2}[x]`, `a*aab`. Whether there were any.
fn join_repeats(tree: &mut Tree, id: Id) -> bool {
    let Node::Concat(subs) = tree.node(id) else { return false };
    if !subs.iter().any(|&sub| times(tree, sub).is_some()) {
        return false;
    }
    let Node::Concat(subs) = tree.node_mut(id) else { return false };
    let mut subs: Vec<Id> = mem::take(subs).into();
    let mut joined = false;
    for index in 1..subs.len() {
        if let Some((before, after)) = join(tree, subs[index - 1], subs[index]) {
            subs[index - 1] = before;
            subs[index] = after;
            joined = true;
        }
    }
    if joined {
        subs.retain(|&sub| !tree.is_empty(sub));
    }
    *tree.node_mut(id) = Node::Concat(subs.into());
    joined
}

/// A repeat of one code point or byte: the least and most times, and what.
struct Times {
    min: u32,
    max: Option<u32>,
    flags: Flags,
    sub: Id,
}

/// Reads a node as a repeat of one code point or byte.
fn times(tree: &Tree, id: Id) -> Option<Times> {
    let (min, max, flags, sub) = match *tree.node(id) {
        Node::Repeat { repeat: Repeat::Star, flags, sub } => (0, None, flags, sub),
        Node::Repeat { repeat: Repeat::Plus, flags, sub } => (1, None, flags, sub),
        Node::Repeat { repeat: Repeat::Quest, flags, sub } => (0, Some(1), flags, sub),
        Node::Counted { min, max, flags, sub, .. } => (min, max, flags, sub),
        _ => return None,
    };
    tree.is_single(sub).then_some(Times { min, max, flags, sub })
}

/// What two neighbours become, if the first is a repeat of what the second has (or starts
/// with, for a literal).
fn join(tree: &mut Tree, first: Id, second: Id) -> Option<(Id, Id)> {
    let mut sum = times(tree, first)?;
    let mut left = None;
    if let Some(more) = times(tree, second).filter(|more| tree.same(sum.sub, more.sub)) {
        if sum.flags.lazy != more.flags.lazy {
            return None;
        }
        sum.min = sum.min.saturating_add(more.min);
        sum.max = sum.max.zip(more.max).map(|(a, b)| a.saturating_add(b));
    } else {
        let count = if tree.same(sum.sub, second) { 1 } else { leading_copies(tree, sum.sub, second)? };
        sum.min = sum.min.saturating_add(count);
        sum.max = sum.max.map(|max| max.saturating_add(count));
        if let Node::Text(text) = tree.node(second)
            && text.runes().len() > count as usize
        {
            tree.cut_literal(second, count as usize);
            left = Some(second);
        }
    }
    let Times { min, max, flags, sub } = sum;
    let repeat = tree.add(Node::Counted { min, max, flags, sub, tail: None });
    Some(match left {
        Some(left) => (repeat, left),
        None => (tree.add(Node::Empty), repeat),
    })
}

/// How often a string has the code point `single` at its start, if it has.
fn leading_copies(tree: &Tree, single: Id, string: Id) -> Option<u32> {
    let (&Node::Char { rune, fold }, Node::Text(text)) = (tree.node(single), tree.node(string)) else {
        return None;
    };
    let count = text.runes().iter().take_while(|&&other| other == rune).count();
    (text.fold == fold && count > 0).then_some(count as u32)
}

/// Puts one node in simpler terms; those below it already are. Whether it refers to others now.
fn resolve(tree: &mut Tree, id: Id) -> bool {
    match *tree.node(id) {
        Node::Class(ref set) if set.is_empty() => *tree.node_mut(id) = Node::Fail,
        Node::Class(ref set) if set.is_full() => *tree.node_mut(id) = Node::AnyRune,
        Node::Repeat { repeat, flags, sub } => {
            let squash = match *tree.node(sub) {
                Node::Empty => true,
                Node::Repeat { repeat: inner, flags: also, .. } => (repeat, flags) == (inner, also),
                // It counts from 0 and reads like a `?` around the rest.
                Node::Counted { min: 0, max: Some(_), flags: also, .. } => {
                    repeat == Repeat::Quest && flags == also
                }
                _ => false,
            };
            if squash {
                tree.replace(id, sub);
            }
            return squash;
        }
        Node::Counted { sub, .. } if tree.is_empty(sub) => {
            tree.replace(id, sub);
            return true;
        }
        Node::Counted { min, max, flags, sub, .. } => {
            let simpler = match (min, max) {
                (0, Some(0)) => tree.add(Node::Empty),
                (1, Some(1)) => sub,
                (0, None) => repeat(tree, Repeat::Star, flags, sub),
                (1, None) => repeat(tree, Repeat::Plus, flags, sub),
                (0, Some(1)) => repeat(tree, Repeat::Quest, flags, sub),
                _ => {
                    let tail = match max {
                        None => Some(repeat(tree, Repeat::Plus, flags, sub)),
                        Some(max) if max > min => Some(repeat(tree, Repeat::Quest, flags, sub)),
                        Some(_) => None,
                    };
                    *tree.node_mut(id) = Node::Counted { min, max, flags, sub, tail };
                    return tail.is_some();
                }
            };
            tree.replace(id, simpler);
            return true;
        }
        _ => {}
    }
    false
}

/// A repeat of `sub`, squashed with one that is already there and prefers the same.
fn repeat(tree: &mut Tree, repeat: Repeat, flags: Flags, sub: Id) -> Id {
    match *tree.node(sub) {
        Node::Repeat { repeat: inner, flags: also, sub: core } if also == flags => {
            if inner == repeat || inner == Repeat::Star {
                return sub;
            }
            tree.add(Node::Repeat { repeat: Repeat::Star, flags, sub: core })
        }
        Node::Counted { min: 0, max: Some(max), flags: also, sub: core, .. } if also == flags => {
            if repeat == Repeat::Quest {
                return sub;
            }
            let rest = counted_from_zero(tree, max - 1, flags, core);
            let core = tree.add(Node::Concat([core, rest].into()));
            tree.add(Node::Repeat { repeat: Repeat::Star, flags, sub: core })
        }
        _ => tree.add(Node::Repeat { repeat, flags, sub }),
    }
}

/// `sub{0,max}`, for a `max` of at least 1.
fn counted_from_zero(tree: &mut Tree, max: u32, flags: Flags, sub: Id) -> Id {
    let tail = repeat(tree, Repeat::Quest, flags, sub);
    if max == 1 {
        return tail;
    }
    tree.add(Node::Counted { min: 0, max: Some(max), flags, sub, tail: Some(tail) })
}
