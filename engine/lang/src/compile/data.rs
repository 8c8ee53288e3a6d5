//! Data of one id, merged over entries and paths.

use crate::config::{DataDocument, DataKind};
use crate::ruleset::{Data, ExactSet};
use alloc::sync::Arc;
use bartizan_text::net::parse_network;

/// Merges the entries of one id in their order. The kind is that of `former`, what the id had before, or else
/// of the first entry; what is no network is left out of sets of those. Of repeated values the one that expires
/// last stays.
///
/// An id that lost its entries keeps an empty set, so that rules that look for what is not in it still do.
/// `None` for an id that never had entries, and for the empty one, which conditions cannot name.
pub(crate) fn merge_data<'a>(
    former: Option<&Data>,
    entries: impl Iterator<Item = &'a DataDocument>,
) -> Option<Data> {
    let mut entries = entries.filter(|entry| !entry.id.is_empty()).peekable();
    let kind = match former {
        Some(Data::Ip(_)) => DataKind::Ip,
        Some(Data::Exact(_)) => DataKind::Exact,
        None => entries.peek()?.kind,
    };
    let values = entries.flat_map(|entry| &entry.values);
    Some(match kind {
        DataKind::Exact => Data::Exact(Arc::new(ExactSet::new(values.cloned().collect()))),
        DataKind::Ip => {
            let networks = values.filter_map(|(text, expiration)| Some((parse_network(text)?, *expiration)));
            Data::Ip(Arc::new(networks.collect()))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocab::Text;
    use alloc::vec;
    use bartizan_text::net::parse_ip;

    fn entry(id: &str, kind: DataKind, values: &[(&str, u64)]) -> DataDocument {
        DataDocument {
            id: id.into(),
            kind,
            values: values.iter().map(|(value, expiration)| (Text::from(*value), *expiration)).collect(),
        }
    }

    #[test]
    fn the_first_entry_decides_the_kind() {
        let entries = [
            entry("a", DataKind::Ip, &[("1.2.3.4", 0)]),
            entry("a", DataKind::Exact, &[("x", 0), ("5.6.7.8", 3)]),
        ];
        let Some(Data::Ip(set)) = merge_data(None, entries.iter()) else { panic!("not an IP set") };
        let has = |text: &[u8], now| set.lookup(parse_ip(text).expect("an address"), now);
        assert!(has(b"1.2.3.4", 9) && has(b"5.6.7.8", 3) && !has(b"5.6.7.8", 4) && !has(b"9.9.9.9", 0));
    }

    #[test]
    fn the_longest_expiration_of_a_repeated_network_stays() {
        for values in [[("10.0.0.0/8", 5), ("10.1.2.3/8", 9)], [("10.1.2.3/8", 9), ("10.0.0.0/8", 5)]] {
            let Some(Data::Ip(set)) = merge_data(None, [entry("a", DataKind::Ip, &values)].iter()) else {
                panic!("not an IP set")
            };
            let address = parse_ip(b"10.9.9.9").expect("an address");
            assert!(set.lookup(address, 9) && !set.lookup(address, 10));
        }
    }

    #[test]
    fn an_id_keeps_its_kind() {
        let former = merge_data(None, [entry("a", DataKind::Ip, &[("1.2.3.4", 0)])].iter());
        for entries in [vec![], vec![entry("a", DataKind::Exact, &[("not a network", 0)])]] {
            let Some(Data::Ip(set)) = merge_data(former.as_ref(), entries.iter()) else {
                panic!("not an IP set")
            };
            assert!(set.is_empty());
        }
    }

    #[test]
    fn no_entries_are_no_data_and_empty_entries_an_empty_set() {
        assert!(merge_data(None, [].iter()).is_none());
        assert!(merge_data(None, [entry("", DataKind::Exact, &[("x", 0)])].iter()).is_none());
        for kind in [DataKind::Ip, DataKind::Exact] {
            let is_empty = match merge_data(None, [entry("a", kind, &[])].iter()) {
                Some(Data::Ip(set)) => set.is_empty(),
                Some(Data::Exact(set)) => set.is_empty(),
                None => false,
            };
            assert!(is_empty);
        }
    }
}
