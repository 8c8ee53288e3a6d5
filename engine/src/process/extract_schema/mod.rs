//! `extract_schema`: the types and keys of a value, without its content.
//!
//! A schema has at most [`MAX_DEPTH`] levels, and what recurses here recurses once per level.

mod write;

use super::scanner::Scanners;
use crate::state::Expired;
use alloc::vec::Vec;
use bartizan_object::{Object, View};
use bartizan_text::table::{self, TableOrder};

/// Containers on this level are shown as if nothing were in them.
const MAX_DEPTH: usize = 18;
/// Items of an array that are looked at.
const MAX_ITEMS: usize = 10;
/// Entries of a map that are looked at.
const MAX_ENTRIES: usize = 255;

/// The schema of a value.
pub(super) struct Schema<'v> {
    /// The children of one container lie side by side.
    children: Vec<Child<'v>>,
    root: Node,
}

/// What is in a container.
#[derive(Clone, Copy)]
struct Child<'v> {
    /// Empty in arrays.
    key: &'v [u8],
    key_hash: u64,
    node: Node,
}

#[derive(Clone, Copy)]
struct Node {
    kind: NodeKind,
    /// Equal for equal schemas, and different for nearly all others.
    hash: u64,
    /// What libddwaf's tables go by: equal for equal schemas, and for many others.
    place: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum NodeKind {
    Scalar(ScalarType),
    /// With the number of its tags.
    String(Option<u32>),
    /// With its length and the distinct schemas in it.
    Array(u64, Span),
    /// With whether it has more entries than are looked at, and those that are.
    Map(bool, Span),
}

/// Types as the result shows them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ScalarType {
    Invalid = 0,
    Null = 1,
    Bool = 2,
    Integer = 4,
    Float = 16,
}

/// How strings are shown.
const STRING: u64 = 8;

/// Where an object that was never set stands in libddwaf's tables.
const NOTHING: u64 = 0x9e37_79b9;

/// Where children lie.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Span {
    start: u32,
    len: u32,
}

impl<'v> Schema<'v> {
    /// Works out the schema of `value`.
    pub(super) fn of(value: &'v Object, scanners: &mut Scanners<'_, '_>) -> Result<Self, Expired> {
        let order = TableOrder::default();
        let mut builder = Builder { children: Vec::new(), open: Vec::new(), order, scanners };
        let root = builder.node(value, &[], MAX_DEPTH)?;
        Ok(Self { children: builder.children, root })
    }
}

struct Builder<'v, 's, 'a, 'b> {
    children: Vec<Child<'v>>,
    /// The children so far of the containers that are being looked at.
    open: Vec<Child<'v>>,
    order: TableOrder,
    scanners: &'s mut Scanners<'a, 'b>,
}

impl<'v> Builder<'v, '_, '_, '_> {
    /// The schema of an object under a key with so many levels left.
    fn node(&mut self, object: &'v Object, key: &[u8], levels: usize) -> Result<Node, Expired> {
        self.scanners.budget.spend(1)?;
        let scalar = |kind: ScalarType| {
            let place = if kind == ScalarType::Invalid { NOTHING } else { kind as u64 };
            Ok(Node { kind: NodeKind::Scalar(kind), hash: mix(kind as u64), place })
        };
        match object.view() {
            View::Invalid => scalar(ScalarType::Invalid),
            View::Null => scalar(ScalarType::Null),
            View::Bool(_) => scalar(ScalarType::Bool),
            View::Signed(_) | View::Unsigned(_) => scalar(ScalarType::Integer),
            View::Float(_) => scalar(ScalarType::Float),
            View::String(value) => {
                let tags = self.scanners.classify(key, value)?;
                let hash = mix(STRING | tags.map_or(0, |number| u64::from(number) + 1) << 32);
                let place = STRING ^ tags.map_or(0, |number| self.scanners.place(number));
                Ok(Node { kind: NodeKind::String(tags), hash, place })
            }
            View::Array(items) => {
                let start = self.open.len();
                let mut hash = mix(items.len() as u64 ^ 0xa);
                let mut place = items.len() as u64 ^ u64::from(items.len() > MAX_ITEMS);
                for item in items.iter().take(if levels > 1 { MAX_ITEMS } else { 0 }) {
                    let node = self.node(item, key, levels - 1)?;
                    if !self.open[start..].iter().any(|known| same(&self.children, &known.node, &node)) {
                        hash = hash.wrapping_add(mix(node.hash));
                        place ^= node.place;
                        self.open.push(Child { key: &[], key_hash: 0, node });
                    }
                }
                let span = self.close(start, items.len().min(MAX_ITEMS), |child| child.node.place);
                Ok(Node { kind: NodeKind::Array(items.len() as u64, span), hash, place })
            }
            View::Map(entries) => {
                let start = self.open.len();
                let truncated = entries.len() > MAX_ENTRIES;
                let mut hash = mix(u64::from(truncated) ^ 0xb);
                let mut place = u64::from(truncated);
                for entry in entries.iter().take(if levels > 1 { MAX_ENTRIES } else { 0 }) {
                    let key = entry.key.as_bytes().unwrap_or_default();
                    let key_hash = table::hash(key);
                    let is_known = |known: &Child<'_>| known.key_hash == key_hash && known.key == key;
                    if key.is_empty() || self.open[start..].iter().any(is_known) {
                        continue;
                    }
                    let node = self.node(&entry.value, key, levels - 1)?;
                    hash = hash.wrapping_add(mix(key_hash ^ node.hash.rotate_left(32)));
                    place ^= key_hash ^ node.place;
                    self.open.push(Child { key, key_hash, node });
                }
                let span = self.close(start, entries.len().min(MAX_ENTRIES), |child| child.key_hash);
                Ok(Node { kind: NodeKind::Map(truncated, span), hash, place })
            }
        }
    }

    /// Puts the children of a container in their place, in the order of a table with that much room.
    fn close(&mut self, start: usize, room: usize, hash: fn(&Child<'v>) -> u64) -> Span {
        let open = &self.open[start..];
        let span = Span { start: self.children.len() as u32, len: open.len() as u32 };
        self.order.each(room, open.iter().map(hash), |child| self.children.push(open[child]));
        self.open.truncate(start);
        span
    }
}

fn children<'c, 'v>(children: &'c [Child<'v>], span: Span) -> &'c [Child<'v>] {
    &children[span.start as usize..][..span.len as usize]
}

/// Whether two schemas are the same but for the order of what is in them.
fn same(all: &[Child<'_>], a: &Node, b: &Node) -> bool {
    if a.hash != b.hash {
        return false;
    }
    match (a.kind, b.kind) {
        (NodeKind::Array(a_len, a), NodeKind::Array(b_len, b)) => {
            let others = children(all, b);
            a_len == b_len
                && a.len == b.len
                && children(all, a)
                    .iter()
                    .all(|item| others.iter().any(|other| same(all, &item.node, &other.node)))
        }
        (NodeKind::Map(a_truncated, a), NodeKind::Map(b_truncated, b)) => {
            let others = children(all, b);
            let is_in = |child: &Child<'_>, other: &Child<'_>| {
                child.key_hash == other.key_hash
                    && child.key == other.key
                    && same(all, &child.node, &other.node)
            };
            a_truncated == b_truncated
                && a.len == b.len
                && children(all, a).iter().zip(others).all(|(child, beside)| {
                    is_in(child, beside) || others.iter().any(|other| is_in(child, other))
                })
        }
        (a, b) => a == b,
    }
}

/// Spreads the bits of a word over all of it.
fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 32)).wrapping_mul(0x9fb2_1c65_1e98_df25);
    let word = (word ^ (word >> 32)).wrapping_mul(0x9fb2_1c65_1e98_df25);
    word ^ (word >> 32)
}
