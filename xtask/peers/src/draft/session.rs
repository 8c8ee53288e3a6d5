//! What is done with an instance: contexts, subcontexts and evaluations.

use super::noise::{around, keyed, noise, untidy};
use super::{Bait, Draft, KEYS, PathItem};
use crate::case::{Manner, Step};
use crate::random::Random;
use crate::value::{Text, Value, text};

/// No timeout that anyone lives to see.
const LONG_US: u64 = 60_000_000;

impl Draft<'_> {
    /// Contexts that are shown the baits, and noise.
    pub(crate) fn session(&mut self) {
        let contexts = if self.chance(80) { 1 } else { 2 };
        for _ in 0..contexts {
            let context = self.fresh();
            self.steps.push(Step::Open { context });
            let evals = self.random.choose(&[1, 1, 1, 2, 2, 3, 4, 6]);
            let mut lent = Vec::new();
            let mut open = vec![context];
            for _ in 0..evals {
                if self.chance(12) {
                    let sub = self.fresh();
                    self.steps.push(Step::Subcontext { context: sub, of: context });
                    open.push(sub);
                }
                let context = self.random.choose(&open);
                self.evaluate(context, &mut lent);
            }
            if self.chance(30) {
                self.steps.push(Step::Close { context });
            }
        }
    }

    /// One evaluation; `lent` are those whose objects may be sent again.
    pub(crate) fn evaluate(&mut self, context: u32, lent: &mut Vec<(u32, bool)>) {
        let timeout_us = if self.chance(3) { 0 } else { LONG_US };
        if !lent.is_empty() && self.chance(6) {
            let (id, batches) = self.random.choose(lent);
            self.steps.push(Step::Again { context, id, batches, timeout_us });
            return;
        }
        let batches = self.chance(12);
        let data = if batches {
            let mut maps: Vec<_> = (0..self.random.below(4)).map(|_| self.data()).collect();
            if self.chance(3) {
                maps.push(noise(self.random, 1));
            }
            Value::Array(maps)
        } else {
            self.data()
        };
        let (data, manner) = match self.random.below(60) {
            0 => (noise(self.random, 2), Manner::Lent),
            1 => (Value::Null, Manner::Nothing),
            2 => (data, Manner::Large),
            3..15 => (data, Manner::Given),
            _ => (data, Manner::Lent),
        };
        let id = self.fresh();
        if manner == Manner::Lent {
            lent.push((id, batches));
        }
        self.steps.push(Step::Eval { context, id, data, batches, manner, timeout_us });
    }

    /// A map from address to value: some baits, some noise.
    pub(crate) fn data(&mut self) -> Value {
        let mut entries: Vec<(Text, Value)> = Vec::new();
        if let Some(data) = self.address_data.clone()
            && self.chance(50)
        {
            entries.push(data);
        }
        for _ in 0..self.random.between(1, 4) {
            if !self.baits.is_empty() && self.random.chance(75) {
                let bait = self.random.pick(&self.baits).clone();
                let random = &mut *self.random;
                let value = laid(random, &bait);
                match entries.iter_mut().find(|(address, _)| address.bytes == bait.address.as_bytes()) {
                    // Two baits for one address: both in one value, or the last wins.
                    Some((_, Value::Array(items))) if random.chance(50) => items.push(value),
                    Some((_, Value::Map(items))) if random.chance(50) => match value {
                        Value::Map(more) => items.extend(more),
                        other => items.push((Text::new(random.pick(&KEYS)), other)),
                    },
                    _ => entries.push((untidy(random, Text::new(&bait.address)), value)),
                }
            } else {
                let address = if self.random.chance(95) { self.address() } else { "nobody.asks".to_owned() };
                entries.push((Text::new(address), noise(self.random, 3)));
            }
        }
        Value::Map(entries)
    }
}

/// The value of an address with the bait where its condition looks.
pub(crate) fn laid(random: &mut Random, bait: &Bait) -> Value {
    let wanted = bait.value.clone();
    let mut value = if bait.as_key { keyed(random, wanted) } else { around(random, wanted) };
    for item in bait.path.iter().rev() {
        value = match item {
            PathItem::Key(key) => {
                let mut entries: Vec<(Text, Value)> =
                    (0..random.below(3)).map(|_| (Text::new(random.pick(&KEYS)), noise(random, 1))).collect();
                let at = random.between(0, entries.len());
                entries.insert(at, (key.clone(), value));
                Value::Map(entries)
            }
            PathItem::Index(index) => {
                let before = if *index >= 0 { index.unsigned_abs() as usize } else { random.below(3) };
                let after = if *index >= 0 { random.below(3) } else { index.unsigned_abs() as usize - 1 };
                let mut items: Vec<Value> = (0..before).map(|_| noise(random, 1)).collect();
                items.push(value);
                items.extend((0..after).map(|_| text("after")));
                Value::Array(items)
            }
        };
    }
    value
}
