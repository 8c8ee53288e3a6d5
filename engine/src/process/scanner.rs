//! Data scanners: what a string under a key is likely to be.

use crate::plan::{Plan, PlannedProcessor};
use crate::scan;
use crate::state::{Budget, Expired, Scratch};
use crate::verify::operator::Operator;
use alloc::vec::Vec;
use bartizan_lang::vocab::Text;
use bartizan_object::View;

/// The scanners of one processor, at work.
pub(super) struct Scanners<'s, 'b> {
    plan: &'s Plan,
    processor: &'s PlannedProcessor,
    scratch: &'s mut Scratch,
    pub(super) budget: &'s mut Budget<'b>,
    now_s: u64,
    /// Scanners that may accept the key at hand, ascending.
    possible: Vec<u32>,
    /// What regexes said of the key at hand: many scanners have the same.
    said: Vec<(usize, bool)>,
}

impl<'s, 'b> Scanners<'s, 'b> {
    pub(super) fn new(
        plan: &'s Plan,
        processor: &'s PlannedProcessor,
        scratch: &'s mut Scratch,
        budget: &'s mut Budget<'b>,
        now_s: u64,
    ) -> Self {
        Self { plan, processor, scratch, budget, now_s, possible: Vec::new(), said: Vec::new() }
    }

    /// The number of the tags of the first scanner, in order of declaration, that accepts both key and
    /// value; `None` when none does or it has no tags. Equal tags have one number.
    pub(super) fn classify(&mut self, key: &[u8], value: &[u8]) -> Result<Option<u32>, Expired> {
        let scanners = self.processor.scanners.as_slice();
        if scanners.is_empty() {
            return Ok(None);
        }
        self.look_at(key)?;
        for index in 0..self.possible.len() {
            let number = self.possible[index];
            let scanner = &scanners[number as usize];
            let too_short = |operator: &Operator| value.len() < operator.min_length();
            if scanner.value.as_ref().is_some_and(too_short) {
                continue;
            }
            if self.accepts_key(scanner.key.as_ref(), key)? && self.accepts(scanner.value.as_ref(), value)? {
                let first = scanners.iter().position(|other| is_same(&other.tags, &scanner.tags));
                return Ok(first.filter(|_| !scanner.tags.is_empty()).map(|first| first as u32));
            }
        }
        Ok(None)
    }

    /// Where the tags of that number put a string in libddwaf's tables.
    pub(super) fn place(&self, number: u32) -> u64 {
        self.processor.scanners.get(number as usize).map_or(0, |scanner| scanner.place)
    }

    /// Finds the scanners that are worth asking. Without a key, at the root, only those are that ask for none.
    fn look_at(&mut self, key: &[u8]) -> Result<(), Expired> {
        self.budget.spend(key.len() as u64 + 1)?;
        self.said.clear();
        self.possible.clear();
        self.possible.extend_from_slice(&self.processor.keyless);
        if !key.is_empty() {
            let possible = &mut self.possible;
            scan::may_match(self.plan, &self.processor.keys, key, self.scratch, |number| {
                possible.push(number)
            });
            possible.sort_unstable();
        }
        Ok(())
    }

    fn accepts_key(&mut self, operator: Option<&Operator>, key: &[u8]) -> Result<bool, Expired> {
        let Some(Operator::Regex { regex, min_length }) = operator else {
            return self.accepts(operator, key);
        };
        if key.len() < *min_length {
            return Ok(false);
        }
        let slot = regex.slot();
        if let Some((_, said)) = self.said.iter().find(|(asked, _)| *asked == slot) {
            return Ok(*said);
        }
        let accepts = self.accepts(operator, key)?;
        self.said.push((slot, accepts));
        Ok(accepts)
    }

    fn accepts(&mut self, operator: Option<&Operator>, text: &[u8]) -> Result<bool, Expired> {
        let Some(operator) = operator else { return Ok(true) };
        self.budget.spend(text.len() as u64)?;
        Ok(operator.check(View::String(text), self.now_s, self.scratch).is_some())
    }
}

/// Whether two lists hold the same tags, in any order.
fn is_same(a: &[(Text, Text)], b: &[(Text, Text)]) -> bool {
    a.len() == b.len() && a.iter().all(|tag| b.contains(tag))
}
