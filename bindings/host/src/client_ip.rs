//! Who the client is, behind proxies that are trusted.

use crate::url::split;
use alloc::vec::Vec;
use bartizan_text::net::{IpAddress, IpNetwork, parse_ip, parse_ipv4, parse_ipv6, parse_network};

/// Loopback, private, link-local, shared and unique local networks: what `private` stands for.
const PRIVATE: [&[u8]; 9] = [
    b"127.0.0.0/8",
    b"10.0.0.0/8",
    b"172.16.0.0/12",
    b"192.168.0.0/16",
    b"169.254.0.0/16",
    b"100.64.0.0/10",
    b"::1/128",
    b"fc00::/7",
    b"fe80::/10",
];

/// Proxies whose word is taken.
#[derive(Default)]
pub(crate) struct Trusted {
    networks: Vec<IpNetwork>,
    /// Peers without an address: connections over a Unix socket.
    unix: bool,
}

impl Trusted {
    /// Adds a network, an address, `private` or `unix`; false for anything else.
    pub(crate) fn add(&mut self, word: &[u8]) -> bool {
        match word {
            b"unix" => self.unix = true,
            b"private" => self.networks.extend(PRIVATE.iter().filter_map(|text| parse_network(text))),
            _ => match parse_network(word) {
                Some(network) => self.networks.push(network),
                None => return false,
            },
        }
        true
    }

    fn has(&self, address: IpAddress) -> bool {
        self.networks.iter().any(|network| (network.first()..=network.last()).contains(&address))
    }

    /// The client of a connection from `peer` with these headers. `header` gives all values of a header
    /// joined by commas, in order.
    ///
    /// A list is read from its end, where the nearest proxy wrote: the first address that is no trusted
    /// proxy is the client's. What stands before it may be anybody's invention.
    pub(crate) fn client(
        &self,
        peer: &[u8],
        names: &[Vec<u8>],
        header: impl Fn(&[u8]) -> Option<Vec<u8>>,
    ) -> Option<Vec<u8>> {
        let trusted = match address(peer) {
            Some((address, _)) => self.has(address),
            None => self.unix && peer.is_empty(),
        };
        if trusted {
            for name in names {
                let Some(value) = header(name) else { continue };
                if let Some(client) = self.last_untrusted(&value, name == b"forwarded") {
                    return Some(client);
                }
            }
        }
        address(peer).map(|(_, text)| text.to_vec())
    }

    fn last_untrusted(&self, value: &[u8], forwarded: bool) -> Option<Vec<u8>> {
        let mut farthest = None;
        for hop in value.rsplit(|byte| *byte == b',') {
            let hop = if forwarded { forwarded_for(hop)? } else { hop };
            // Whoever wrote what is no address is not to be believed about the rest either.
            let Some((address, text)) = address(hop) else { break };
            farthest = Some(text);
            if !self.has(address) {
                break;
            }
        }
        farthest.map(<[u8]>::to_vec)
    }
}

/// The value of `for` in one element of the header Forwarded; empty when it has none.
fn forwarded_for(element: &[u8]) -> Option<&[u8]> {
    let found = element.split(|byte| *byte == b';').find_map(|pair| {
        let (name, value) = split(pair.trim_ascii(), b'=');
        name.trim_ascii().eq_ignore_ascii_case(b"for").then_some(value.trim_ascii())
    });
    Some(found.unwrap_or_default())
}

/// An address with or without quotes, brackets and port; and its own text. IPv4 inside IPv6 is IPv4.
fn address(text: &[u8]) -> Option<(IpAddress, &[u8])> {
    let mut text = text.trim_ascii();
    if let Some(inner) = text.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")) {
        text = inner;
    }
    if text.contains(&0) {
        return None;
    }
    if let Some(rest) = text.strip_prefix(b"[") {
        text = split(rest, b']').0;
    } else if memchr::memchr(b'.', text).is_some() && memchr::memchr_iter(b':', text).count() == 1 {
        text = split(text, b':').0;
    }
    // A zone is of this machine's concern only.
    text = split(text, b'%').0;
    if let Some(address) = parse_ip(text) {
        let mapped = text.len() > 7 && text[..7].eq_ignore_ascii_case(b"::ffff:");
        let plain = if mapped && parse_ipv4(&text[7..]).is_some() { &text[7..] } else { text };
        return Some((address, plain));
    }
    parse_ipv6(text).map(|address| (address, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &[&str], peer: &str, headers: &[(&str, &str)]) -> Option<alloc::string::String> {
        let mut proxies = Trusted::default();
        assert!(trusted.iter().all(|word| proxies.add(word.as_bytes())));
        let names = ["x-forwarded-for", "forwarded", "x-real-ip"].map(|name| name.as_bytes().to_vec());
        let header = |name: &[u8]| {
            headers.iter().find(|(n, _)| n.as_bytes() == name).map(|(_, v)| v.as_bytes().to_vec())
        };
        let found = proxies.client(peer.as_bytes(), &names, header)?;
        Some(alloc::string::String::from_utf8(found).unwrap())
    }

    #[test]
    fn headers_of_strangers_count_for_nothing() {
        assert_eq!(client(&[], "198.51.100.1", &[("x-forwarded-for", "1.1.1.1")]).unwrap(), "198.51.100.1");
        assert_eq!(client(&["10.0.0.0/8"], "192.0.2.1", &[("x-real-ip", "1.1.1.1")]).unwrap(), "192.0.2.1");
        assert_eq!(client(&["private"], "", &[("x-real-ip", "1.1.1.1")]), None);
        assert_eq!(client(&["unix"], "", &[("x-real-ip", "1.1.1.1")]).unwrap(), "1.1.1.1");
    }

    #[test]
    fn the_last_address_that_is_no_proxy_is_the_client() {
        let hops = |value| client(&["private", "203.0.113.0/24"], "10.1.2.3", &[("x-forwarded-for", value)]);
        assert_eq!(hops("1.1.1.1, 2.2.2.2, 203.0.113.7").unwrap(), "2.2.2.2");
        assert_eq!(hops("6.6.6.6, evil, 203.0.113.7").unwrap(), "203.0.113.7");
        assert_eq!(hops("10.0.0.1, 192.168.3.4").unwrap(), "10.0.0.1");
        assert_eq!(hops("2001:db8::7").unwrap(), "2001:db8::7");
        assert_eq!(hops("[2001:db8::7]:4711").unwrap(), "2001:db8::7");
        assert_eq!(hops("9.9.9.9:4711").unwrap(), "9.9.9.9");
        assert_eq!(hops("::ffff:9.9.9.9").unwrap(), "9.9.9.9");
        assert_eq!(hops("nonsense").unwrap(), "10.1.2.3");
    }

    #[test]
    fn the_standard_header_and_an_order_of_headers() {
        let forwarded = "for=1.1.1.1;proto=https, by=10.0.0.9; For=\"[2001:db8::9]:80\"";
        assert_eq!(client(&["private"], "127.0.0.1", &[("forwarded", forwarded)]).unwrap(), "2001:db8::9");
        let both = [("x-real-ip", "3.3.3.3"), ("forwarded", "for=4.4.4.4")];
        assert_eq!(client(&["private"], "::1", &both).unwrap(), "4.4.4.4");
    }
}
