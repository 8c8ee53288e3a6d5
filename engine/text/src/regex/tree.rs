//! The pattern as a tree, shaped step by step as RE2 shapes its own: only so does its size
//! come out as RE2 counts it.

use alloc::collections::VecDeque;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::mem;

use regex_syntax::hir::Look;

use super::rune_set::RuneSet;

/// What `(?flags)` set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct Flags {
    /// `i`: case does not count.
    pub(super) fold: bool,
    /// `m`: `^` and `$` also match at line breaks.
    pub(super) multi_line: bool,
    /// `s`: `.` also matches a newline.
    pub(super) dot_newline: bool,
    /// `U`: repeats prefer fewer; a `?` after them makes them greedy.
    pub(super) lazy: bool,
}

/// A node, by its place in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Id(u32);

/// How often, without counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    /// `*`
    Star,
    /// `+`
    Plus,
    /// `?`
    Quest,
}

/// Two code points or more, one after the other.
///
/// Cutting off the head, again and again, is what factoring does: it moves a mark.
#[derive(Debug)]
pub(super) struct Text {
    runes: Vec<u32>,
    from: usize,
    pub(super) fold: bool,
}

impl Text {
    pub(super) fn new(runes: Vec<u32>, fold: bool) -> Self {
        Self { runes, from: 0, fold }
    }

    pub(super) fn runes(&self) -> &[u32] {
        &self.runes[self.from..]
    }
}

/// A piece of pattern.
#[derive(Debug, Default)]
pub(super) enum Node {
    /// Matches nothing.
    Fail,
    /// Matches between any two bytes.
    #[default]
    Empty,
    /// One code point; with `fold` (then a lower-case ASCII letter, or without other forms) also
    /// the ASCII capital.
    Char { rune: u32, fold: bool },
    /// A string.
    Text(Text),
    /// One code point out of a set.
    Class(Rc<RuneSet>),
    /// Any code point.
    AnyRune,
    /// Any byte.
    AnyByte,
    /// A condition on the place. The end of text remembers whether it was written as `$`.
    Look { look: Look, dollar: bool },
    /// One after the other.
    Concat(VecDeque<Id>),
    /// The first that leads to a match.
    Alternate(Vec<Id>),
    /// Uncounted repetition.
    Repeat { repeat: Repeat, flags: Flags, sub: Id },
    /// Counted repetition. The tail, known after simplification, is the last copy together
    /// with its `+` or `?`.
    Counted { min: u32, max: Option<u32>, flags: Flags, sub: Id, tail: Option<Id> },
    /// A capturing group.
    Capture(Id),
}

/// The nodes of a pattern. A node belongs to one parent, until simplification shares some.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    /// For each node, how often counted repetition copies the most repeated piece in it.
    copies: Vec<u32>,
    /// How many more ranges the classes of the pattern may take.
    ranges_left: usize,
    is_too_large: bool,
}

/// How many ranges all classes of a pattern may have together. RE2 has no such limit, but
/// refuses a program that has anywhere near as many. Only below `{0}` it would not notice.
const RANGE_LIMIT: usize = 1 << 20;
/// How many alternatives may stand side by side, or code points in a string, likewise.
const LENGTH_LIMIT: usize = 1 << 16;

impl Tree {
    pub(super) fn new() -> Self {
        Self { nodes: Vec::new(), copies: Vec::new(), ranges_left: RANGE_LIMIT, is_too_large: false }
    }

    /// Adds a node.
    pub(super) fn add(&mut self, node: Node) -> Id {
        let copies = match &node {
            Node::Concat(subs) => subs.iter().map(|&sub| self.copies(sub)).max().unwrap_or(1),
            Node::Alternate(subs) => subs.iter().map(|&sub| self.copies(sub)).max().unwrap_or(1),
            Node::Repeat { sub, .. } | Node::Capture(sub) => self.copies(*sub),
            Node::Counted { min, max, sub, .. } => {
                max.unwrap_or(*min).max(1).saturating_mul(self.copies(*sub))
            }
            _ => 1,
        };
        self.nodes.push(node);
        self.copies.push(copies);
        Id(self.nodes.len() as u32 - 1)
    }

    /// Number of nodes, also of those that nothing refers to any more.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The product of the counts around the most repeated piece within a node.
    pub(super) fn copies(&self, id: Id) -> u32 {
        self.copies[id.index()]
    }

    /// The node.
    pub(super) fn node(&self, id: Id) -> &Node {
        &self.nodes[id.index()]
    }

    /// The node, to change it.
    pub(super) fn node_mut(&mut self, id: Id) -> &mut Node {
        &mut self.nodes[id.index()]
    }

    /// The node, leaving an empty one in its place.
    pub(super) fn take(&mut self, id: Id) -> Node {
        mem::take(self.node_mut(id))
    }

    /// Forgets a node that nothing refers to, if it is the last one: a literal has as many as
    /// code points, for a while.
    pub(super) fn forget(&mut self, id: Id) {
        if id.index() + 1 == self.nodes.len() {
            self.nodes.pop();
            self.copies.pop();
        }
    }

    /// Puts the node `from` where `to` was.
    pub(super) fn replace(&mut self, to: Id, from: Id) {
        let node = self.take(from);
        *self.node_mut(to) = node;
    }

    /// Accounts for `count` ranges. `false` when the pattern has too many.
    pub(super) fn spend_ranges(&mut self, count: usize) -> bool {
        match self.ranges_left.checked_sub(count) {
            Some(left) => self.ranges_left = left,
            None => self.is_too_large = true,
        }
        !self.is_too_large
    }

    /// Whether the pattern is larger than RE2 would take, as far as one can tell without
    /// counting.
    pub(super) fn is_too_large(&self) -> bool {
        self.is_too_large
    }

    /// Whether a node is the empty one.
    pub(super) fn is_empty(&self, id: Id) -> bool {
        matches!(self.node(id), Node::Empty)
    }

    /// A string of these code points, of whatever number.
    pub(super) fn add_text(&mut self, runes: Vec<u32>, fold: bool) -> Id {
        self.is_too_large |= runes.len() > LENGTH_LIMIT;
        self.add(match runes[..] {
            [] => Node::Empty,
            [rune] => Node::Char { rune, fold },
            _ => Node::Text(Text::new(runes, fold)),
        })
    }

    /// A concatenation; the piece itself when there is one.
    pub(super) fn add_concat(&mut self, subs: VecDeque<Id>) -> Id {
        match subs.len() {
            0 => self.add(Node::Empty),
            1 => subs[0],
            _ => self.add(Node::Concat(subs)),
        }
    }

    /// An alternation; the piece itself when there is one.
    pub(super) fn add_alternate(&mut self, subs: Vec<Id>) -> Id {
        self.is_too_large |= subs.len() > LENGTH_LIMIT;
        match subs[..] {
            [] => self.add(Node::Fail),
            [sub] => sub,
            _ => self.add(Node::Alternate(subs)),
        }
    }

    /// The code points of a literal and whether it folds. `None` for other nodes.
    pub(super) fn literal(&self, id: Id) -> Option<(&[u32], bool)> {
        match self.node(id) {
            Node::Char { rune, fold } => Some((core::slice::from_ref(rune), *fold)),
            Node::Text(text) => Some((text.runes(), text.fold)),
            _ => None,
        }
    }

    /// Moves the code points of one literal to another that folds like it. `false`, and nothing
    /// done, when they are no such literals.
    pub(super) fn append_literal(&mut self, head: Id, tail: Id) -> bool {
        let (Some((_, fold)), Some((more, also))) = (self.literal(head), self.literal(tail)) else {
            return false;
        };
        if fold != also {
            return false;
        }
        let length = more.len();
        let tail = self.take(tail);
        let more = match &tail {
            Node::Char { rune, .. } => core::slice::from_ref(rune),
            Node::Text(text) => text.runes(),
            _ => &[],
        };
        let node = self.node_mut(head);
        if let Node::Char { rune, fold } = *node {
            let mut runes = Vec::with_capacity(8.max(1 + length));
            runes.push(rune);
            *node = Node::Text(Text::new(runes, fold));
        }
        if let Node::Text(text) = node {
            text.runes.extend_from_slice(more);
            let is_long = text.runes.len() > LENGTH_LIMIT;
            self.is_too_large |= is_long;
        }
        true
    }

    /// Cuts the first `count` code points off a literal.
    pub(super) fn cut_literal(&mut self, id: Id, count: usize) {
        let node = self.node_mut(id);
        if let Node::Text(text) = node {
            match text.runes.len() - text.from {
                left if left > count + 1 => text.from += count,
                left if left == count + 1 => {
                    let rune = text.runes[text.runes.len() - 1];
                    *node = Node::Char { rune, fold: text.fold };
                }
                _ => *node = Node::Empty,
            }
        } else {
            *node = Node::Empty;
        }
    }

    /// Whether two nodes are the same piece of pattern. Pieces that RE2 never compares are
    /// never the same.
    pub(super) fn same(&self, a: Id, b: Id) -> bool {
        match (self.node(a), self.node(b)) {
            (Node::AnyRune, Node::AnyRune) | (Node::AnyByte, Node::AnyByte) => true,
            (Node::Char { rune, fold }, Node::Char { rune: other, fold: also }) => {
                (rune, fold) == (other, also)
            }
            (Node::Class(set), Node::Class(other)) => Rc::ptr_eq(set, other) || set == other,
            (Node::Look { look, dollar }, Node::Look { look: other, dollar: also }) => {
                (look, dollar) == (other, also)
            }
            (
                &Node::Counted { min, max, flags, sub, .. },
                &Node::Counted { min: least, max: most, flags: also, sub: other, .. },
            ) => {
                (min, max, flags.lazy) == (least, most, also.lazy)
                    && self.is_single(sub)
                    && self.same(sub, other)
            }
            _ => false,
        }
    }

    /// Whether a node takes exactly one code point or byte.
    pub(super) fn is_single(&self, id: Id) -> bool {
        matches!(self.node(id), Node::Char { .. } | Node::Class(_) | Node::AnyRune | Node::AnyByte)
    }

    /// The nodes a node refers to.
    pub(super) fn for_each_sub(&self, id: Id, mut found: impl FnMut(Id)) {
        match self.node(id) {
            Node::Concat(subs) => subs.iter().for_each(|&sub| found(sub)),
            Node::Alternate(subs) => subs.iter().for_each(|&sub| found(sub)),
            Node::Repeat { sub, .. } | Node::Capture(sub) => found(*sub),
            Node::Counted { sub, tail, .. } => {
                found(*sub);
                tail.iter().for_each(|&tail| found(tail));
            }
            _ => {}
        }
    }

    /// All nodes below and including `root`, each once and after those it refers to.
    pub(super) fn post_order(&self, root: Id) -> Vec<Id> {
        let mut seen = alloc::vec![false; self.nodes.len()];
        let mut order = Vec::new();
        let mut stack = alloc::vec![(root, false)];
        while let Some((id, entered)) = stack.pop() {
            if entered {
                order.push(id);
            } else if !mem::replace(&mut seen[id.index()], true) {
                stack.push((id, true));
                self.for_each_sub(id, |sub| stack.push((sub, false)));
            }
        }
        order
    }
}

impl Id {
    /// The place of the node.
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}
