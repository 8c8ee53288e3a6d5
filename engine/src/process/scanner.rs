//! Data scanners: what a string under a key is likely to be.

use crate::plan::PlannedScanner;
use crate::state::{Budget, Expired, Scratch};
use crate::verify::operator::Operator;
use bartizan_lang::vocab::Text;
use bartizan_object::View;

/// The scanners of one processor, at work.
pub(super) struct Scanners<'s, 'b> {
    pub(super) scanners: &'s [PlannedScanner],
    pub(super) scratch: &'s mut Scratch,
    pub(super) budget: &'s mut Budget<'b>,
    pub(super) now_s: u64,
}

impl Scanners<'_, '_> {
    /// The number of the tags of the first scanner, in order of declaration, that accepts both key and
    /// value; `None` when none does or it has no tags. Equal tags have one number.
    pub(super) fn classify(&mut self, key: &[u8], value: &[u8]) -> Result<Option<u32>, Expired> {
        for (number, scanner) in self.scanners.iter().enumerate() {
            // There is no key at the root; nothing is said of it then.
            let key_passes = match &scanner.key {
                Some(operator) => !key.is_empty() && self.accepts(operator, key)?,
                None => true,
            };
            let passes = key_passes
                && match &scanner.value {
                    Some(operator) => self.accepts(operator, value)?,
                    None => true,
                };
            if passes {
                let same = |other: &PlannedScanner| is_same(&other.tags, &scanner.tags);
                let first = self.scanners.iter().position(same).unwrap_or(number);
                return Ok((!scanner.tags.is_empty()).then_some(first as u32));
            }
        }
        Ok(None)
    }

    fn accepts(&mut self, operator: &Operator, text: &[u8]) -> Result<bool, Expired> {
        self.budget.spend(text.len() as u64 + 1)?;
        Ok(operator.check(View::String(text), self.now_s, self.scratch).is_some())
    }
}

/// Whether two lists hold the same tags, in any order.
fn is_same(a: &[(Text, Text)], b: &[(Text, Text)]) -> bool {
    a.len() == b.len() && a.iter().all(|tag| b.contains(tag))
}
