//! `exact_match`: the whole value is one of a set.

use super::Highlight;
use bartizan_lang::ruleset::ExactSet;

pub(super) fn check(set: &ExactSet, value: &[u8], now_s: u64) -> Option<Highlight> {
    set.contains(value, now_s).then_some(Highlight::Whole)
}
