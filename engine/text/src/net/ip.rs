//! IP addresses and networks as text.

use core::net::{Ipv4Addr, Ipv6Addr};

/// Longest text tried as IPv4, NUL and all (`INET_ADDRSTRLEN`).
const IPV4_TEXT_MAX: usize = 16;
/// Longest text tried as an address at all (`INET6_ADDRSTRLEN` less its NUL).
const IP_TEXT_MAX: usize = 45;
/// `::ffff:0:0`: where IPv4 lies within IPv6.
const MAPPED: u128 = 0xffff_0000_0000;
/// Bits of the prefix that all mapped IPv4 addresses share.
const MAPPED_PREFIX_LEN: u8 = 96;

/// An IP address; IPv4 stands in its mapped place `::ffff:0:0/96`.
///
/// ```
/// use bartizan_text::net::parse_ip;
/// assert_eq!(parse_ip(b"1.2.3.4"), parse_ip(b"::ffff:102:304"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IpAddress(u128);

impl IpAddress {
    /// The address with these 128 bits, most significant first.
    #[must_use]
    pub const fn from_bits(bits: u128) -> Self {
        Self(bits)
    }

    /// The 128 bits of the address.
    #[must_use]
    pub const fn to_bits(self) -> u128 {
        self.0
    }

    /// The IPv4 address, if this is one.
    #[must_use]
    pub const fn as_ipv4(self) -> Option<u32> {
        if self.0 >> 32 == MAPPED >> 32 { Some(self.0 as u32) } else { None }
    }
}

impl From<Ipv4Addr> for IpAddress {
    fn from(address: Ipv4Addr) -> Self {
        Self(MAPPED | u128::from(address.to_bits()))
    }
}

impl From<Ipv6Addr> for IpAddress {
    fn from(address: Ipv6Addr) -> Self {
        Self(address.to_bits())
    }
}

/// A network: an address whose host bits are zero, and the length of its prefix in bits (0 to 128).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IpNetwork {
    address: IpAddress,
    prefix_len: u8,
}

impl IpNetwork {
    /// The network of `address`; host bits are cleared, a `prefix_len` above 128 counts as 128.
    #[must_use]
    pub const fn new(address: IpAddress, prefix_len: u8) -> Self {
        let prefix_len = if prefix_len > 128 { 128 } else { prefix_len };
        Self { address: IpAddress(address.0 & !Self::host_bits(prefix_len)), prefix_len }
    }

    /// The lowest address of the network.
    #[must_use]
    pub const fn first(self) -> IpAddress {
        self.address
    }

    /// The highest address of the network.
    #[must_use]
    pub const fn last(self) -> IpAddress {
        IpAddress(self.address.0 | Self::host_bits(self.prefix_len))
    }

    /// Bits of the prefix, counted in IPv6 also for IPv4 (`/24` is 120).
    #[must_use]
    pub const fn prefix_len(self) -> u8 {
        self.prefix_len
    }

    const fn host_bits(prefix_len: u8) -> u128 {
        match u128::MAX.checked_shr(prefix_len as u32) {
            Some(bits) => bits,
            None => 0,
        }
    }
}

/// Reads an IPv4 or IPv6 address, as libddwaf does: `inet_pton` over the text up to its first NUL.
///
/// No blanks, ports, brackets, zones, leading zeros or prefixes. Texts over 45 bytes are refused.
#[must_use]
pub fn parse_ip(text: &[u8]) -> Option<IpAddress> {
    parse_family(text).map(|(address, _)| address)
}

/// Reads a dotted quad of at most 15 bytes (NUL as in [`parse_ip`]).
#[must_use]
pub fn parse_ipv4(text: &[u8]) -> Option<IpAddress> {
    if text.len() >= IPV4_TEXT_MAX { None } else { dotted_quad(up_to_nul(text)) }
}

/// Reads an IPv6 address, without brackets (NUL as in [`parse_ip`]).
#[must_use]
pub fn parse_ipv6(text: &[u8]) -> Option<IpAddress> {
    if text.len() > IP_TEXT_MAX {
        return None;
    }
    core::str::from_utf8(up_to_nul(text)).ok()?.parse::<Ipv6Addr>().ok().map(IpAddress::from)
}

/// Reads every form of IPv4 address that `inet_aton` and browsers take for one: one to four parts,
/// each decimal, octal (`0` first) or hexadecimal (`0x` first), the last filling what is left;
/// one final dot is allowed.
///
/// ```
/// use bartizan_text::net::{parse_ip, parse_ipv4_forms};
/// for host in ["127.0.0.1", "2130706433", "0x7f000001", "0177.1", "127.0.0.1."] {
///     assert_eq!(parse_ipv4_forms(host.as_bytes()), parse_ip(b"127.0.0.1"));
/// }
/// ```
#[must_use]
pub fn parse_ipv4_forms(text: &[u8]) -> Option<IpAddress> {
    let text = text.strip_suffix(b".").unwrap_or(text);
    let mut high = 0_u64;
    let mut parts = text.split(|&byte| byte == b'.').peekable();
    for index in 0..4_u32 {
        let value = number(parts.next()?)?;
        if parts.peek().is_none() {
            let room = 32 - 8 * index;
            return (value >> room == 0).then(|| Ipv4Addr::from_bits((high << room | value) as u32).into());
        }
        if value > 0xff {
            return None;
        }
        high = high << 8 | value;
    }
    None
}

/// Reads an address, or a network in CIDR notation.
///
/// The prefix may be written as loosely as libddwaf accepts it: one to three bytes that begin,
/// after blanks and a sign, with a decimal number (`/032`, `/+8`, `/ 8`, `/8x`). A prefix longer than the
/// address, negative or without digits makes the whole text invalid.
#[must_use]
pub fn parse_network(text: &[u8]) -> Option<IpNetwork> {
    let Some(slash) = text.iter().position(|&byte| byte == b'/') else {
        return parse_ip(text).map(|address| IpNetwork::new(address, 128));
    };
    let (address, is_ipv4) = parse_family(&text[..slash])?;
    let prefix_len = prefix(&text[slash + 1..])?;
    match (is_ipv4, prefix_len) {
        (true, 0..=32) => Some(IpNetwork::new(address, MAPPED_PREFIX_LEN + prefix_len)),
        (false, 0..=128) => Some(IpNetwork::new(address, prefix_len)),
        _ => None,
    }
}

/// The address, and whether it was written as IPv4.
fn parse_family(text: &[u8]) -> Option<(IpAddress, bool)> {
    if text.len() <= IPV4_TEXT_MAX
        && let Some(address) = dotted_quad(up_to_nul(text))
    {
        return Some((address, true));
    }
    parse_ipv6(text).map(|address| (address, false))
}

fn dotted_quad(text: &[u8]) -> Option<IpAddress> {
    core::str::from_utf8(text).ok()?.parse::<Ipv4Addr>().ok().map(IpAddress::from)
}

fn up_to_nul(text: &[u8]) -> &[u8] {
    text.split(|&byte| byte == 0).next().unwrap_or(text)
}

/// One part of a loose IPv4 address; saturates far above 32 bits.
fn number(part: &[u8]) -> Option<u64> {
    let (digits, radix) = match part {
        [b'0', b'x' | b'X', digits @ ..] => (digits, 16),
        [b'0', digits @ ..] => (digits, 8),
        [] => return None,
        digits => (digits, 10),
    };
    digits.iter().try_fold(0_u64, |value, &byte| {
        let digit = char::from(byte).to_digit(radix)?;
        Some((value * u64::from(radix) + u64::from(digit)).min(u64::from(u32::MAX) + 1))
    })
}

/// The number that `strtol` finds in the one to three bytes after the slash.
fn prefix(text: &[u8]) -> Option<u8> {
    if text.len() > 3 {
        return None;
    }
    let blanks = text.iter().take_while(|byte| matches!(byte, b' ' | b'\t'..=b'\r')).count();
    let (negative, digits) = match &text[blanks..] {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let value = digits[..count].iter().fold(0_u16, |value, digit| value * 10 + u16::from(digit - b'0'));
    if count == 0 || (negative && value > 0) { None } else { u8::try_from(value).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_inet_pton_reads_them() {
        let same: &[(&[u8], &[u8])] = &[
            (b"1.2.3.4", b"::ffff:1.2.3.4"),
            (b"1.2.3.4\0abc", b"1.2.3.4"),
            (b"::1\0", b"0:0:0:0:0:0:0:1"),
            (b"1:2:3:4:5:6:7::", b"1:2:3:4:5:6:7:0"),
            (b"ABCD::", b"abcd:0::"),
        ];
        for (left, right) in same {
            assert!(parse_ip(left).is_some(), "{left:?}");
            assert_eq!(parse_ip(left), parse_ip(right), "{left:?}");
        }
        let refused: &[&[u8]] = &[
            b"",
            b"\0",
            b"1.2.3",
            b"1.2.3.4 ",
            b" 1.2.3.4",
            b"01.2.3.4",
            b"1.2.3.256",
            b"1.2.3.4:80",
            b"1.2.3.4/32",
            b"[::1]",
            b"fe80::1%eth0",
            b"::00001",
            b":::",
            b"1:2:3:4:5:6:7:8::",
            b"1::2::3",
            b"1.2.3.4\0\0\0\0\0\0\0\0\0\0",
            b"0000:0000:0000:0000:0000:0000:255.255.255.2555",
            b"\xff",
        ];
        for text in refused {
            assert_eq!(parse_ip(text), None, "{text:?}");
        }
        assert_ne!(parse_ip(b"::1.2.3.4"), parse_ip(b"1.2.3.4"));
        assert_eq!(parse_ipv4(b"1.2.3.4\0\0\0\0\0\0\0\0\0"), None);
        assert_eq!(parse_ip(b"1.2.3.4\0\0\0\0\0\0\0\0\0"), parse_ip(b"1.2.3.4"));
    }

    #[test]
    fn prefixes_are_read_loosely() {
        let network = |text: &[u8]| parse_network(text).map(|n| (n.first().to_bits(), n.prefix_len()));
        let of = |text: &[u8], prefix_len| Some((parse_ip(text).expect("an address").to_bits(), prefix_len));
        assert_eq!(network(b"1.2.3.255/24"), of(b"1.2.3.0", 120));
        for text in [&b"1.2.3.4/08"[..], b"1.2.3.4/+8", b"1.2.3.4/ 8", b"1.2.3.4/8x", b"1.2.3.4/8\0/"] {
            assert_eq!(network(text), of(b"1.0.0.0", 104), "{text:?}");
        }
        assert_eq!(network(b"::ffff:1.2.3.4/24"), of(b"::", 24));
        assert_eq!(network(b"ffff::/-0"), of(b"::", 0));
        assert_eq!(network(b"::1"), of(b"::1", 128));
        for text in
            [&b"1.2.3.4/"[..], b"1.2.3.4/33", b"1.2.3.4/-1", b"::/129", b"::/999", b"::/x", b"::/0008", b"/8"]
        {
            assert_eq!(network(text), None, "{text:?}");
        }
        let all = parse_network(b"0.0.0.0/0").expect("a network");
        assert_eq!(all.last(), parse_ip(b"255.255.255.255").expect("an address"));
    }

    #[test]
    fn loose_ipv4_forms() {
        let cases: &[(&[u8], Option<&[u8]>)] = &[
            (b"127.1", Some(b"127.0.0.1")),
            (b"127.0.257", Some(b"127.0.1.1")),
            (b"017700000001", Some(b"127.0.0.1")),
            (b"0X7F.0.0x1", Some(b"127.0.0.1")),
            (b"0", Some(b"0.0.0.0")),
            (b"0x.1", Some(b"0.0.0.1")),
            (b"4294967295.", Some(b"255.255.255.255")),
            (b"4294967296", None),
            (b"256.1", None),
            (b"1.2.3.256", None),
            (b"1.2.3.4.5", None),
            (b"1..2", None),
            (b"1.2.3.4..", None),
            (b"08", None),
            (b"", None),
            (b".", None),
            (b"1a", None),
            (b"99999999999999999999999999", None),
        ];
        for (text, want) in cases {
            assert_eq!(parse_ipv4_forms(text), want.and_then(parse_ip), "{text:?}");
        }
    }
}
