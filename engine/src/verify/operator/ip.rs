//! `ip_match`: the value is an address inside one of a set of networks.

use super::Highlight;
use bartizan_text::net::{IpSet, parse_ip};

pub(super) fn check(set: &IpSet, value: &[u8], now_s: u64) -> Option<Highlight> {
    let address = parse_ip(value)?;
    set.lookup(address, now_s).then_some(Highlight::Whole)
}
