//! From the tree to needs: what each node matches exactly, begins and ends with, and needs, bottom up.

use super::edge::{EDGE_LEN, Edge, Edges, MAX_EDGES, MAX_PAIRS, distinct, edges, seam, shorter};
use super::fold::{KELVIN, LONG_S};
use super::holding::Holding;
use super::literal::{Literal, MAX_LEN, SPECIAL_FOLDS, bytes_commonness, commonness};
use super::need::{Bytes, MIN_LITERAL, Need, Needs, ascii};
use super::rune_set::RuneSet;
use super::runes;
use super::tree::{Id, Node, Repeat, Tree};
use alloc::rc::Rc;
use alloc::vec;
use alloc::vec::Vec;
use core::mem;
use core::ops::Range;

/// Most strings in one exact set.
const MAX_EXACT: usize = 160;
/// Most needs in one set.
const MAX_NEEDS: usize = 512;
/// Most strings and needs that are kept while a pattern is analysed; nothing is found out beyond.
const MAX_KEPT: usize = 1 << 16;
/// Most copies that a bounded repetition is spelled out for.
const MAX_COPIES: u32 = 8;

/// The needs of a pattern, or `None` when nothing is known. `order` has the nodes below and including `root`,
/// each after those it refers to.
pub(super) fn needs(tree: &Tree, root: Id, order: &[Id]) -> Option<Needs> {
    let mut analysis = Analysis::new(tree);
    for &id in order {
        let facts = analysis.analyse(id);
        analysis.facts[id.index()] = facts;
    }
    let mut best = analysis.facts[root.index()].best;
    analysis.complete(&mut best, root);
    let mut needs = Vec::new();
    analysis.list(&best, &mut needs)?;
    needs.sort_unstable();
    needs.dedup();
    Some(needs)
}

/// A list of strings, by its place among those of an [`Analysis`].
#[derive(Clone, Copy, Debug)]
struct Strings {
    start: u32,
    end: u32,
}

impl Strings {
    fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// What is known of a node.
#[derive(Clone)]
struct Facts {
    /// All strings that it matches, when they are few and short.
    exact: Option<Strings>,
    /// The best set of needs so far, without those that the exact strings and `all` make.
    best: Best,
    /// ASCII bytes that matches hold.
    holding: Holding,
    /// Strings of which each match starts with one, resp. ends with one; the empty one says nothing. Worked
    /// out when they are asked for.
    heads: Option<Rc<[Edge]>>,
    tails: Option<Rc<[Edge]>>,
}

impl Facts {
    const NOTHING: Self =
        Self { exact: None, best: Best::NONE, holding: Holding::NOTHING, heads: None, tails: None };

    const fn exactly(exact: Strings, holding: Holding) -> Self {
        Self { exact: Some(exact), holding, ..Self::NOTHING }
    }
}

/// The best of some sets of needs.
#[derive(Clone, Copy)]
struct Best {
    found: Found,
    /// How common it is that one of them is met; infinite without any.
    score: f32,
}

/// Where a set of needs is.
#[derive(Clone, Copy)]
enum Found {
    Nowhere,
    /// These strings are needed.
    Strings(Strings),
    /// The bytes of one of these sets are needed.
    Bytes(Holding),
    /// The needs with these places.
    Needs(Strings),
}

/// Sets at least this rare are good enough not to look for better ones at some length.
const GOOD: f32 = 3e-5;
/// Each need costs a little to look for, however rare it is.
const COST: f32 = 1e-6;

impl Best {
    const NONE: Self = Self { found: Found::Nowhere, score: f32::INFINITY };

    fn is_good(&self) -> bool {
        self.score < GOOD
    }

    fn or(&mut self, other: Self) {
        if other.score < self.score {
            *self = other;
        }
    }
}

/// How common it is that one of these strings is there; infinite when one of them says nothing.
fn score(strings: &[Literal]) -> f32 {
    if strings.is_empty() || strings.len() > MAX_NEEDS {
        return f32::INFINITY;
    }
    let score = |string: &Literal| match string.len() {
        MIN_LITERAL.. => commonness(string) + COST,
        _ => match Bytes::rarest(ascii(string)) {
            bytes if bytes.is_empty() => f32::INFINITY,
            bytes => bytes_commonness(&bytes) + COST,
        },
    };
    strings.iter().map(score).sum()
}

/// Every string of `a` followed by every string of `b`, in place of what was in `set`. `false` when that is
/// too much.
fn product(a: &[Literal], b: &[Literal], set: &mut Vec<Literal>) -> bool {
    set.clear();
    if a.len() * b.len() > MAX_EXACT {
        return false;
    }
    for first in a {
        for second in b {
            let Some(joined) = first.join(second) else { return false };
            set.push(joined);
        }
    }
    true
}

/// A pattern under analysis.
struct Analysis<'t> {
    tree: &'t Tree,
    /// By node, as far as known.
    facts: Vec<Facts>,
    strings: Vec<Literal>,
    needs: Vec<Need>,
    /// Room to work in.
    row: Vec<Literal>,
    next: Vec<Literal>,
}

impl<'t> Analysis<'t> {
    fn new(tree: &'t Tree) -> Self {
        let facts = vec![Facts::NOTHING; tree.len()];
        Self { tree, facts, strings: Vec::new(), needs: Vec::new(), row: Vec::new(), next: Vec::new() }
    }

    fn keep(&mut self, strings: impl IntoIterator<Item = Literal>) -> Strings {
        let start = self.strings.len() as u32;
        self.strings.extend(strings);
        Strings { start, end: self.strings.len() as u32 }
    }

    fn keep_row(&mut self) -> Strings {
        let start = self.strings.len() as u32;
        self.strings.extend_from_slice(&self.row);
        Strings { start, end: self.strings.len() as u32 }
    }

    fn is_full(&self) -> bool {
        self.strings.len() + self.needs.len() > MAX_KEPT
    }

    fn exact(&self, id: Id) -> Option<&[Literal]> {
        Some(&self.strings[self.facts[id.index()].exact?.range()])
    }

    /// Takes over the strings of `row`, or of `kept`, if they are better than what was found so far.
    fn consider(&mut self, best: &mut Best, kept: Option<Strings>) {
        let score = score(kept.map_or(&self.row, |kept| &self.strings[kept.range()]));
        if score < best.score {
            let strings = kept.unwrap_or_else(|| self.keep_row());
            *best = Best { found: Found::Strings(strings), score };
        }
    }

    /// Takes into account what the exact strings of a node, and the bytes that it holds, make for needs.
    fn complete(&mut self, best: &mut Best, id: Id) {
        let Facts { exact, holding, .. } = self.facts[id.index()];
        if exact.is_some() {
            self.consider(best, exact);
        }
        if holding != Holding::NOTHING && !best.is_good() {
            let score = holding.sets().iter().map(|set| bytes_commonness(&Bytes::rarest(*set)) + COST).sum();
            best.or(Best { found: Found::Bytes(holding), score });
        }
    }

    /// Adds the needs that were found to `list`.
    fn list(&self, best: &Best, list: &mut Needs) -> Option<()> {
        match best.found {
            Found::Nowhere => return None,
            Found::Strings(strings) => list.extend(self.strings[strings.range()].iter().map(Need::of)),
            Found::Bytes(holding) => {
                list.extend(holding.sets().iter().map(|set| Need::Bytes(Bytes::rarest(*set))));
            }
            Found::Needs(needs) => list.extend_from_slice(&self.needs[needs.range()]),
        }
        Some(())
    }

    fn analyse(&mut self, id: Id) -> Facts {
        if self.is_full() {
            return Facts::NOTHING;
        }
        match *self.tree.node(id) {
            Node::Fail => Facts::exactly(self.keep([]), Holding::NO_MATCH),
            Node::Empty | Node::Look { .. } => {
                Facts::exactly(self.keep([Literal::default()]), Holding::NOTHING)
            }
            Node::Char { .. } | Node::Text(_) => self.text(id),
            Node::Class(ref set) => self.class(set),
            Node::AnyRune | Node::AnyByte => Facts::NOTHING,
            Node::Capture(sub) => self.facts[sub.index()].clone(),
            Node::Repeat { repeat, sub, .. } => match repeat {
                Repeat::Star => Facts::NOTHING,
                Repeat::Plus => self.repeated(sub, 1, None),
                Repeat::Quest => self.repeated(sub, 0, Some(1)),
            },
            Node::Counted { min, max, sub, .. } => self.repeated(sub, min, max),
            Node::Concat(_) => self.concat(id),
            Node::Alternate(ref branches) => self.alternation(branches),
        }
    }

    fn text(&mut self, id: Id) -> Facts {
        let (runes, _) = self.tree.literal(id).unwrap_or_default();
        let mut bytes = Vec::with_capacity(runes.len());
        for &rune in runes {
            bytes.extend_from_slice(&runes::encode(rune)[..runes::encoded_len(rune)]);
        }
        let part = Literal::of(&bytes);
        let strings = self.keep([part]);
        if bytes.len() <= MAX_LEN {
            return Facts::exactly(strings, Holding::all(ascii(&part)));
        }
        let mut facts = Facts { holding: Holding::all(ascii(&part)), ..Facts::NOTHING };
        self.consider(&mut facts.best, Some(strings));
        let [first, last] = [&bytes[..EDGE_LEN], &bytes[bytes.len() - EDGE_LEN..]].map(Literal::of);
        facts.heads = Some([Edge::head_of(&first, EDGE_LEN)].into());
        facts.tails = Some([Edge::tail_of(&last, EDGE_LEN)].into());
        facts
    }

    /// The folded strings of a small class. The two non-ASCII letters that fold to ASCII ones (`ſ`, `K`)
    /// are left out when their ASCII letter is there: whoever looks for literals treats values that hold
    /// them apart ([`SPECIAL_FOLDS`]).
    fn class(&mut self, set: &RuneSet) -> Facts {
        const FEW: usize = 16;
        const WIDE: u32 = 64;
        let mut folded = 0u128;
        let mut others = Vec::new();
        for &(first, last) in set.ranges() {
            if last - first > WIDE {
                return Facts::NOTHING;
            }
            for rune in first..=last {
                match u8::try_from(rune) {
                    Ok(byte @ 0..0x80) => folded |= 1 << byte.to_ascii_lowercase(),
                    _ => others.push(rune),
                }
            }
            if others.len() > FEW + SPECIAL_FOLDS.len() {
                return Facts::NOTHING;
            }
        }
        let has = |letter: u8| folded >> letter & 1 != 0;
        others.retain(|&rune| !(rune == LONG_S && has(b's') || rune == KELVIN && has(b'k')));
        let count = folded.count_ones() as usize + others.len();
        if count > FEW {
            return Facts::NOTHING;
        }
        let bytes = (0..128u8).filter(|byte| folded >> byte & 1 != 0);
        let holding = match others.is_empty() {
            true => Holding::one_of(bytes.map(|byte| 1 << byte)),
            false => Holding::NOTHING,
        };
        let ascii = (0..128u8).filter(|&byte| folded >> byte & 1 != 0).map(|byte| Literal::of(&[byte]));
        let encoded = |rune: u32| Literal::of(&runes::encode(rune)[..runes::encoded_len(rune)]);
        let strings = self.keep(ascii.chain(others.into_iter().map(encoded)));
        Facts::exactly(strings, holding)
    }

    fn repeated(&mut self, sub: Id, min: u32, max: Option<u32>) -> Facts {
        if min == 0 && max.is_none() {
            return Facts::NOTHING;
        }
        let Facts { exact: one, mut best, holding, .. } = self.facts[sub.index()];
        if let (Some(one), Some(max)) = (one, max.filter(|max| *max <= MAX_COPIES))
            && let Some(exact) = self.copies(one, min, max)
        {
            return Facts::exactly(exact, if min == 0 { Holding::NOTHING } else { holding });
        }
        if min == 0 {
            return Facts::NOTHING;
        }
        if min >= 2 && !best.is_good() {
            // Where one copy meets the next.
            let tails = self.tails(sub);
            self.meet(&tails, sub);
            self.consider(&mut best, None);
        }
        let mut facts = Facts { exact: None, best, holding, heads: None, tails: None };
        if let Some(one) = one {
            self.consider(&mut facts.best, Some(one));
            // As many copies as can be spelled out stand at both ends, and are needed.
            if min >= 2
                && let Some(row) = self.copies(one, min.min(MAX_COPIES), min.min(MAX_COPIES))
            {
                self.consider(&mut facts.best, Some(row));
                let row = &self.strings[row.range()];
                facts.heads = Some(edges(row, Edge::head_of).into());
                facts.tails = Some(edges(row, Edge::tail_of).into());
            }
        }
        facts
    }

    /// All strings of `min` to `max` copies in a row.
    fn copies(&mut self, one: Strings, min: u32, max: u32) -> Option<Strings> {
        let mut set = Vec::new();
        self.row.clear();
        self.row.push(Literal::default());
        for count in 0..=max {
            if count >= min {
                set.extend_from_slice(&self.row);
            }
            if count < max {
                if !product(&self.row, &self.strings[one.range()], &mut self.next) {
                    return None;
                }
                mem::swap(&mut self.row, &mut self.next);
            }
            if set.len() > MAX_EXACT {
                return None;
            }
        }
        Some(self.keep(set))
    }

    /// Puts what may stand where `tails` meet a node into `row`.
    fn meet(&mut self, tails: &[Edge], id: Id) {
        let heads = self.heads(id);
        self.row.clear();
        self.row.extend(seam(tails, &heads));
    }

    fn concat(&mut self, id: Id) -> Facts {
        let tree = self.tree;
        let Node::Concat(parts) = tree.node(id) else { return Facts::NOTHING };
        let mut best = Best::NONE;
        let mut holding = Holding::NOTHING;
        // `row` has strings of which one stands at the end of what was read so far; all of it while `whole`.
        self.row.clear();
        self.row.push(Literal::default());
        let mut whole = true;
        for &part in parts {
            let Facts { exact, best: own, holding: held, .. } = self.facts[part.index()];
            holding = holding.and(&held);
            if best.is_good() {
                continue;
            }
            if let Some(exact) = exact
                && product(&self.row, &self.strings[exact.range()], &mut self.next)
            {
                mem::swap(&mut self.row, &mut self.next);
                continue;
            }
            // The row of exact parts ends here: what it holds, what meets at the seam, what comes next.
            whole = false;
            self.consider(&mut best, None);
            if !best.is_good() {
                let tails = edges(&self.row, Edge::tail_of);
                self.meet(&tails, part);
                self.consider(&mut best, None);
            }
            self.row.clear();
            match exact {
                Some(exact) => {
                    self.consider(&mut best, Some(exact));
                    self.row.extend_from_slice(&self.strings[exact.range()]);
                }
                None => {
                    let tails = self.tails(part);
                    self.row.extend(tails.iter().map(|tail| tail.joined(Edge::EMPTY)));
                }
            }
            best.or(own);
        }
        if whole {
            return Facts::exactly(self.keep_row(), holding);
        }
        if !best.is_good() {
            self.consider(&mut best, None);
        }
        Facts { best, holding, ..Facts::NOTHING }
    }

    fn alternation(&mut self, branches: &[Id]) -> Facts {
        let facts = |id: &Id| &self.facts[id.index()];
        let either = |holding: Holding, branch| holding.or(&facts(branch).holding);
        let holding = branches.iter().fold(Holding::NO_MATCH, either);
        let exact = |count: usize, branch| Some(count + facts(branch).exact?.range().len());
        if branches.iter().try_fold(0, exact).is_some_and(|count| count <= MAX_EXACT) {
            let start = self.strings.len() as u32;
            for branch in branches {
                let exact = self.facts[branch.index()].exact.map_or(0..0, Strings::range);
                self.strings.extend_from_within(exact);
            }
            let mut set = self.strings.split_off(start as usize);
            set.sort_unstable();
            set.dedup();
            self.strings.append(&mut set);
            let exact = Strings { start, end: self.strings.len() as u32 };
            return Facts::exactly(exact, holding);
        }
        let mut needs = Vec::new();
        for &branch in branches {
            let mut best = self.facts[branch.index()].best;
            self.complete(&mut best, branch);
            if self.list(&best, &mut needs).is_none() || needs.len() > MAX_NEEDS {
                return Facts { holding, ..Facts::NOTHING };
            }
        }
        needs.sort_unstable();
        needs.dedup();
        let score = needs.iter().map(|need| need.commonness() + COST).sum();
        let start = self.needs.len() as u32;
        self.needs.extend_from_slice(&needs);
        let found = Found::Needs(Strings { start, end: self.needs.len() as u32 });
        Facts { best: Best { found, score }, holding, ..Facts::NOTHING }
    }

    /// Strings of which each match of a node starts with one.
    fn heads(&mut self, id: Id) -> Rc<[Edge]> {
        if let Some(heads) = &self.facts[id.index()].heads {
            return Rc::clone(heads);
        }
        let heads = self.ends(id, true).into();
        Rc::clone(self.facts[id.index()].heads.insert(heads))
    }

    /// Strings of which each match of a node ends with one.
    fn tails(&mut self, id: Id) -> Rc<[Edge]> {
        if let Some(tails) = &self.facts[id.index()].tails {
            return Rc::clone(tails);
        }
        let tails = self.ends(id, false).into();
        Rc::clone(self.facts[id.index()].tails.insert(tails))
    }

    /// The heads of a node, or its tails. Nodes nest no deeper than HIR may.
    fn ends(&mut self, mut id: Id, first: bool) -> Edges {
        let tree = self.tree;
        while let Node::Capture(sub) = *tree.node(id) {
            id = sub;
        }
        if let Some(exact) = self.exact(id) {
            return edges(exact, if first { Edge::head_of } else { Edge::tail_of });
        }
        match *tree.node(id) {
            Node::Counted { min: 2.., sub, .. } => self.row_ends([sub; 2].iter(), first),
            Node::Repeat { repeat: Repeat::Plus, sub, .. } | Node::Counted { min: 1.., sub, .. } => {
                self.end(sub, first).to_vec()
            }
            Node::Alternate(ref branches) => {
                let mut ends = Edges::new();
                for &branch in branches {
                    ends.extend_from_slice(&self.end(branch, first));
                    if ends.len() > 2 * MAX_EDGES {
                        distinct(&mut ends);
                        if ends.len() > MAX_EDGES {
                            ends = shorter(&ends, first);
                        }
                    }
                }
                distinct(&mut ends);
                if ends.len() > MAX_EDGES { shorter(&ends, first) } else { ends }
            }
            Node::Concat(ref parts) => {
                if first {
                    self.row_ends(parts.iter(), first)
                } else {
                    self.row_ends(parts.iter().rev(), first)
                }
            }
            _ => vec![Edge::EMPTY],
        }
    }

    fn end(&mut self, id: Id, first: bool) -> Rc<[Edge]> {
        if first { self.heads(id) } else { self.tails(id) }
    }

    /// The ends of some parts in a row, from that end on.
    fn row_ends<'p>(&mut self, parts: impl Iterator<Item = &'p Id>, first: bool) -> Edges {
        // Those that go on with the next part, and those of which no more is known.
        let mut ends = vec![Edge::EMPTY];
        let mut closed = Edges::new();
        let join = |edge: Edge, other: Edge| if first { edge.then(other) } else { edge.after(other) };
        for &part in parts {
            // What an edge that is not full is joined with must follow it without a gap.
            let exact = self.exact(part).filter(|exact| ends.len() * exact.len() <= MAX_PAIRS);
            let (more, goes_on): (Rc<[Edge]>, _) = match exact {
                Some(exact) => {
                    let edge = |string: &Literal| {
                        if first { Edge::head_of(string, EDGE_LEN) } else { Edge::tail_of(string, EDGE_LEN) }
                    };
                    (exact.iter().map(edge).collect(), true)
                }
                // What may be missing, or may be there any number of times.
                None if let Node::Repeat { repeat: Repeat::Star | Repeat::Quest, sub, .. } =
                    *self.tree.node(part) =>
                {
                    let more = self.end(sub, first);
                    if ends.len() * more.len() + closed.len() > MAX_EXACT {
                        closed.append(&mut ends);
                        break;
                    }
                    closed.extend(
                        ends.iter().flat_map(|edge| more.iter().map(move |other| join(*edge, *other))),
                    );
                    continue;
                }
                None => (self.end(part, first), false),
            };
            if ends.len() * more.len() > MAX_PAIRS {
                break;
            }
            ends = ends.iter().flat_map(|edge| more.iter().map(move |other| join(*edge, *other))).collect();
            distinct(&mut ends);
            if !goes_on || ends.len() > MAX_EDGES || ends.iter().all(|edge| edge.len() == EDGE_LEN) {
                break;
            }
        }
        ends.append(&mut closed);
        distinct(&mut ends);
        if ends.len() > MAX_EDGES { shorter(&ends, first) } else { ends }
    }
}
