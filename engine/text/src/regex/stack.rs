//! Groups that are open while a pattern is read, and what they hold so far.

use alloc::collections::VecDeque;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::mem;

use regex_syntax::hir::Look;

use super::ErrorKind;
use super::factor::factor;
use super::fold;
use super::rune_set::RuneSet;
use super::tree::{Flags, Id, Node, Repeat, Tree};

/// How many groups may be open at a time. RE2 sets no limit; without one, gathering the
/// pieces of group after group could take quadratic time.
const OPEN_GROUPS: usize = 1000;
/// Most copies that counted repetition may make of a piece, nested counts multiplied.
const COPIES: u32 = 1000;

/// A group that is open, or the pattern as a whole.
#[derive(Default)]
struct Group {
    /// The flags to return to when it closes.
    flags: Flags,
    captures: bool,
    /// The alternatives before the last `|`.
    branches: Vec<Id>,
    /// The pieces since.
    pieces: Vec<Id>,
}

/// The open groups, outermost first, and the tree their content goes to.
pub(super) struct Stack {
    pub(super) tree: Tree,
    outer: Vec<Group>,
    group: Group,
}

impl Stack {
    pub(super) fn new() -> Self {
        Self { tree: Tree::new(), outer: Vec::new(), group: Group::default() }
    }

    /// Adds a piece.
    pub(super) fn push(&mut self, node: Node) {
        self.join_literals();
        let id = self.tree.add(node);
        self.group.pieces.push(id);
    }

    /// Adds ASCII code points that stand for themselves and have no forms outside ASCII, at least two.
    pub(super) fn push_ascii(&mut self, text: &[u8], fold: bool) {
        let form = |byte: &u8| u32::from(if fold { byte.to_ascii_lowercase() } else { *byte });
        self.join_literals();
        let id = self.tree.add_text(text.iter().map(form).collect(), fold);
        self.group.pieces.push(id);
    }

    /// Adds a condition.
    pub(super) fn push_look(&mut self, look: Look) {
        self.push(Node::Look { look, dollar: false });
    }

    /// Adds a code point that stands for itself, which is not ASCII.
    pub(super) fn push_rune(&mut self, rune: u32, fold: bool) {
        if fold && fold::next(rune) != rune {
            let mut ranges = Vec::new();
            fold::add_range(&mut ranges, rune, rune);
            self.push_class(Rc::new(RuneSet::new(ranges)), fold);
        } else {
            self.push(Node::Char { rune, fold });
        }
    }

    /// Adds a class as it was written. One member makes a literal, a letter in both cases a
    /// folding one.
    pub(super) fn push_class(&mut self, set: Rc<RuneSet>, fold: bool) {
        const CASE: u32 = 'a' as u32 - 'A' as u32;
        self.push(match *set.ranges() {
            [(rune, last)] if rune == last => Node::Char { rune, fold },
            [(capital, a), (letter, z)]
                if capital == a
                    && letter == z
                    && (65..=90).contains(&capital)
                    && letter == capital + CASE =>
            {
                Node::Char { rune: letter, fold: true }
            }
            _ => Node::Class(set),
        });
    }

    /// Turns two literals at the end into one, if they fold alike. Only pieces before the
    /// last are safe from a repetition operator, so this comes before a piece is added.
    fn join_literals(&mut self) {
        let [.., head, tail] = self.group.pieces[..] else { return };
        if self.tree.append_literal(head, tail) {
            self.group.pieces.pop();
            self.tree.forget(tail);
        }
    }

    /// Makes the last piece repeat. `false` when there is none.
    pub(super) fn repeat(&mut self, repeat: Repeat, flags: Flags) -> bool {
        let Some(&last) = self.group.pieces.last() else { return false };
        match self.tree.node_mut(last) {
            Node::Repeat { repeat: inner, flags: also, .. } if *also == flags => {
                if *inner != repeat {
                    *inner = Repeat::Star;
                }
            }
            _ => {
                self.wrap(|sub| Node::Repeat { repeat, flags, sub });
            }
        }
        true
    }

    /// Makes the last piece repeat `min` to `max` times.
    pub(super) fn count(&mut self, min: u32, max: Option<u32>, flags: Flags) -> Result<(), ErrorKind> {
        if max.is_some_and(|max| max < min) || max.unwrap_or(min) > COPIES {
            return Err(ErrorKind::RepeatSize);
        }
        if self.group.pieces.is_empty() {
            return Err(ErrorKind::NothingToRepeat);
        }
        let id = self.wrap(|sub| Node::Counted { min, max, flags, sub, tail: None });
        if max.unwrap_or(min) >= 2 && id.is_some_and(|id| self.tree.copies(id) > COPIES) {
            return Err(ErrorKind::RepeatSize);
        }
        Ok(())
    }

    /// Puts a node around the last piece.
    fn wrap(&mut self, node: impl FnOnce(Id) -> Node) -> Option<Id> {
        let last = self.group.pieces.pop()?;
        let id = self.tree.add(node(last));
        self.group.pieces.push(id);
        Some(id)
    }

    /// Opens a group. `false` when too many are open.
    pub(super) fn open(&mut self, captures: bool, flags: Flags) -> bool {
        self.join_literals();
        let group = Group { flags, captures, ..Group::default() };
        self.outer.push(mem::replace(&mut self.group, group));
        self.outer.len() <= OPEN_GROUPS
    }

    /// Ends an alternative.
    pub(super) fn bar(&mut self) {
        self.join_literals();
        let pieces = mem::take(&mut self.group.pieces);
        let branch = self.concat(pieces);
        if let Some(previous) = self.group.branches.last_mut() {
            // One that takes any code point makes a neighbour that takes one superfluous.
            let any = |id| matches!(self.tree.node(id), Node::AnyRune);
            let one = |id| matches!(self.tree.node(id), Node::AnyRune | Node::Char { .. } | Node::Class(_));
            if any(*previous) && one(branch) {
                return;
            }
            if any(branch) && one(*previous) {
                *previous = branch;
                return;
            }
        }
        self.group.branches.push(branch);
    }

    /// Closes the innermost group and returns the flags from before it. `None` when no group
    /// is open.
    pub(super) fn close(&mut self) -> Option<Flags> {
        let content = self.alternate();
        let group = mem::replace(&mut self.group, self.outer.pop()?);
        self.join_literals();
        let id = if group.captures { self.tree.add(Node::Capture(content)) } else { content };
        self.group.pieces.push(id);
        Some(group.flags)
    }

    /// Ends the pattern. `None` when a group is still open.
    pub(super) fn finish(mut self) -> Option<(Tree, Id)> {
        let root = self.alternate();
        self.outer.is_empty().then_some((self.tree, root))
    }

    /// One piece made of all pieces.
    fn concat(&mut self, pieces: Vec<Id>) -> Id {
        if let [piece] = pieces[..] {
            return piece;
        }
        // The longest concatenation among the pieces takes up the others, not the other way
        // round: patterns that nest could take quadratic time.
        let length = |&place: &usize| match self.tree.node(pieces[place]) {
            Node::Concat(inner) => inner.len(),
            _ => 0,
        };
        let longest = (0..pieces.len()).max_by_key(length).unwrap_or(0);
        let (before, rest) = pieces.split_at(longest);
        let mut subs = VecDeque::new();
        for &piece in rest {
            match self.tree.node_mut(piece) {
                Node::Concat(inner) if subs.is_empty() => subs = mem::take(inner),
                Node::Concat(inner) => subs.extend(mem::take(inner)),
                _ => subs.push_back(piece),
            }
        }
        for &piece in before.iter().rev() {
            match self.tree.node_mut(piece) {
                Node::Concat(inner) => {
                    mem::take(inner).into_iter().rev().for_each(|sub| subs.push_front(sub))
                }
                _ => subs.push_front(piece),
            }
        }
        self.tree.add_concat(subs)
    }

    /// One piece made of all alternatives.
    fn alternate(&mut self) -> Id {
        self.bar();
        let branches = mem::take(&mut self.group.branches);
        if let [branch] = branches[..] {
            return branch;
        }
        let mut subs = Vec::with_capacity(branches.len());
        for branch in branches {
            match self.tree.node_mut(branch) {
                Node::Alternate(inner) => subs.append(inner),
                _ => subs.push(branch),
            }
        }
        let subs = factor(&mut self.tree, subs);
        self.tree.add_alternate(subs)
    }
}
