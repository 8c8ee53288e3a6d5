//! Sets of IP networks with expirations.

use alloc::vec::Vec;

use super::{IpAddress, IpNetwork};

/// Sorts after every real expiration.
const NEVER: u64 = u64::MAX;

/// Networks, each with the time until which it counts.
///
/// Immutable once built. Inside, nested and neighbouring networks are melted into sorted, disjoint
/// ranges, IPv4 ones in 32 bits, so that a lookup is one binary search. Building sorts
/// once: 100,000 networks take some milliseconds.
///
/// ```
/// use bartizan_text::net::{IpSet, parse_ip, parse_network};
/// let entries = [(&b"10.0.0.0/8"[..], 0), (b"1.2.3.4", 1_000)];
/// let set: IpSet = entries.iter().filter_map(|(text, expires)| Some((parse_network(text)?, *expires))).collect();
/// let address = parse_ip(b"1.2.3.4").unwrap();
/// assert!(set.lookup(address, 1_000) && !set.lookup(address, 1_001));
/// ```
#[derive(Clone, Debug, Default)]
pub struct IpSet {
    ipv4: Ranges<u32>,
    ipv6: Ranges<u128>,
}

/// Disjoint inclusive ranges in ascending order.
#[derive(Clone, Debug)]
struct Ranges<T> {
    bounds: Vec<(T, T)>,
    /// One per range, or empty when none of them ever expires.
    expirations: Vec<u64>,
}

impl<T> Default for Ranges<T> {
    fn default() -> Self {
        Self { bounds: Vec::new(), expirations: Vec::new() }
    }
}

impl IpSet {
    /// Whether the set covers `address` at `now`, in seconds since the epoch.
    ///
    /// Of the networks that cover an address the one that lasts longest decides. An entry still
    /// counts in the second of its expiration.
    #[must_use]
    pub fn lookup(&self, address: IpAddress, now: u64) -> bool {
        match address.as_ipv4() {
            Some(bits) => self.ipv4.covers(bits, now),
            None => self.ipv6.covers(address.to_bits(), now),
        }
    }

    /// Whether the set has no networks.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ipv4.bounds.is_empty() && self.ipv6.bounds.is_empty()
    }

    /// Takes a range in ascending order; cuts out what lies in the mapped IPv4 block.
    fn push(&mut self, first: u128, last: u128, expiration: u64) {
        const IPV4_FIRST: u128 = 0xffff_0000_0000;
        const IPV4_LAST: u128 = 0xffff_ffff_ffff;
        if first < IPV4_FIRST {
            self.ipv6.push(first, last.min(IPV4_FIRST - 1), expiration, |end| end + 1);
        }
        if first <= IPV4_LAST && last >= IPV4_FIRST {
            let (first, last) = (first.max(IPV4_FIRST) as u32, last.min(IPV4_LAST) as u32);
            self.ipv4.push(first, last, expiration, |end| end + 1);
        }
        if last > IPV4_LAST {
            self.ipv6.push(first.max(IPV4_LAST + 1), last, expiration, |end| end + 1);
        }
    }
}

impl<T: Copy + Ord> Ranges<T> {
    fn covers(&self, address: T, now: u64) -> bool {
        let after = self.bounds.partition_point(|&(first, _)| first <= address);
        let Some(index) = after.checked_sub(1) else { return false };
        address <= self.bounds[index].1
            && self.expirations.get(index).is_none_or(|&expiration| expiration >= now)
    }

    /// Appends a range above all others; `next` is only asked about ends below `first`.
    fn push(&mut self, first: T, last: T, expiration: u64, next: fn(T) -> T) {
        if let (Some(end), Some(latest)) = (self.bounds.last_mut(), self.expirations.last())
            && *latest == expiration
            && next(end.1) == first
        {
            end.1 = last;
            return;
        }
        self.bounds.push((first, last));
        self.expirations.push(expiration);
    }

    fn finish(&mut self) {
        if self.expirations.iter().all(|&expiration| expiration == NEVER) {
            self.expirations = Vec::new();
        }
        self.expirations.shrink_to_fit();
        self.bounds.shrink_to_fit();
    }
}

impl FromIterator<(IpNetwork, u64)> for IpSet {
    /// Builds the set from networks with their expirations in seconds since the epoch; 0 means never.
    fn from_iter<I: IntoIterator<Item = (IpNetwork, u64)>>(entries: I) -> Self {
        let mut entries: Vec<(u128, u8, u64)> = entries
            .into_iter()
            .map(|(network, expiration)| {
                (
                    network.first().to_bits(),
                    network.prefix_len(),
                    if expiration == 0 { NEVER } else { expiration },
                )
            })
            .collect();
        entries.sort_unstable();

        let mut set = Self::default();
        // The networks around the current position, innermost last: at most one per prefix length.
        // Each carries the longest expiration of itself and all around it.
        let mut open: Vec<(u128, u64)> = Vec::with_capacity(129);
        // First address not yet given to a range; none once the last address of all has been.
        let mut next = Some(0_u128);
        for (first, prefix_len, expiration) in entries {
            while let Some(&(last, longest)) = open.last()
                && last < first
            {
                set.emit(&mut next, last, longest);
                open.pop();
            }
            let around = open.last().map_or(0, |&(_, longest)| longest);
            if expiration <= around {
                continue;
            }
            if around > 0 && first > 0 {
                set.emit(&mut next, first - 1, around);
            }
            next = Some(first);
            let network = IpNetwork::new(IpAddress::from_bits(first), prefix_len);
            open.push((network.last().to_bits(), expiration));
        }
        while let Some((last, longest)) = open.pop() {
            set.emit(&mut next, last, longest);
        }
        set.ipv4.finish();
        set.ipv6.finish();
        set
    }
}

impl IpSet {
    /// Gives `*next..=last` to a range, if that is not empty.
    fn emit(&mut self, next: &mut Option<u128>, last: u128, expiration: u64) {
        if let Some(first) = *next
            && first <= last
        {
            self.push(first, last, expiration);
            *next = last.checked_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{parse_ip, parse_network};

    fn set(entries: &[(&str, u64)]) -> IpSet {
        entries
            .iter()
            .filter_map(|(text, expiration)| Some((parse_network(text.as_bytes())?, *expiration)))
            .collect()
    }

    fn has(set: &IpSet, address: &str, now: u64) -> bool {
        set.lookup(parse_ip(address.as_bytes()).expect("an address"), now)
    }

    #[test]
    fn the_longest_lasting_cover_decides() {
        let nested = set(&[
            ("10.0.0.0/8", 5),
            ("10.1.0.0/16", 9),
            ("10.1.2.0/24", 3),
            ("10.1.2.3", 0),
            ("10.2.0.0/16", 4),
        ]);
        let cases = [
            ("10.0.0.1", 5),
            ("10.1.0.0", 9),
            ("10.1.2.2", 9),
            ("10.1.2.4", 9),
            ("10.1.255.255", 9),
            ("10.2.0.1", 5),
            ("10.255.255.255", 5),
        ];
        for (address, until) in cases {
            assert!(has(&nested, address, until) && !has(&nested, address, until + 1), "{address}");
        }
        assert!(has(&nested, "10.1.2.3", u64::MAX - 1));
        assert!(!has(&nested, "9.255.255.255", 0) && !has(&nested, "11.0.0.0", 0));
        for order in [
            [("1.2.3.4", 1), ("1.2.3.4/32", 7)],
            [("1.2.3.4", 7), ("1.2.3.4", 1)],
            [("1.2.3.4", 7), ("1.2.3.4", 7)],
        ] {
            assert!(has(&set(&order), "1.2.3.4", 7) && !has(&set(&order), "1.2.3.4", 8));
        }
    }

    #[test]
    fn ipv4_lies_inside_ipv6() {
        assert!(has(&set(&[("::/0", 0)]), "1.2.3.4", 1));
        assert!(has(&set(&[("::/0", 0)]), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 1));
        assert!(has(&set(&[("0.0.0.0/0", 0)]), "::ffff:1.2.3.4", 1));
        assert!(!has(&set(&[("0.0.0.0/0", 0)]), "::1", 1));
        let both = set(&[("::/16", 4), ("1.2.0.0/16", 8)]);
        assert!(
            has(&both, "1.2.3.4", 8)
                && !has(&both, "1.3.0.0", 8)
                && has(&both, "1.3.0.0", 4)
                && has(&both, "0:1::", 4)
        );
    }

    #[test]
    fn neighbours_melt() {
        let melted = set(&[("1.2.3.0/25", 0), ("1.2.3.128/25", 0), ("1.2.2.0/24", 0), ("ff00::/8", 0)]);
        assert_eq!(
            (melted.ipv4.bounds.len(), melted.ipv6.bounds.len(), melted.ipv4.expirations.len()),
            (1, 1, 0)
        );
        assert!(set(&[]).is_empty() && !melted.is_empty() && !has(&set(&[]), "::", 0));
    }
}
