//! Where requests may go.

use alloc::{boxed::Box, vec::Vec};

use crate::net::{IpAddress, IpSet, Uri, parse_ipv4_forms, parse_network};

/// Which schemes are allowed, and which hosts are forbidden.
#[derive(Clone, Debug)]
pub struct Policy {
    allowed_schemes: Vec<Box<[u8]>>,
    forbidden_domains: Vec<Box<[u8]>>,
    forbidden_ips: IpSet,
}

impl Policy {
    /// The schemes allowed by default.
    pub const ALLOWED_SCHEMES: [&str; 4] = ["https", "http", "ftps", "ftp"];
    /// The domains forbidden by default.
    pub const FORBIDDEN_DOMAINS: [&str; 8] = [
        "metadata.google",
        "burpcollaborator.net",
        ".local",
        ".internal",
        "ram.aliyuncs.com",
        "ifconfig.pro",
        "localhost",
        "localtest.me",
    ];
    /// The networks forbidden by default.
    pub const FORBIDDEN_IPS: [&str; 10] = [
        "169.254.0.0/16",
        "127.0.0.1/32",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
        "2001:db8:1234:1a00::/56",
    ];

    /// A policy of one's own.
    ///
    /// Schemes are compared byte for byte. A domain forbids itself and all below it, in any case; one that begins
    /// with a dot only what is below. Networks that cannot be read are left out.
    #[must_use]
    pub fn new<T: AsRef<[u8]>>(
        allowed_schemes: impl IntoIterator<Item = T>,
        forbidden_domains: impl IntoIterator<Item = T>,
        forbidden_ips: impl IntoIterator<Item = T>,
    ) -> Self {
        let boxed = |text: T| Box::from(text.as_ref());
        Self {
            allowed_schemes: allowed_schemes.into_iter().map(boxed).collect(),
            forbidden_domains: forbidden_domains
                .into_iter()
                .map(|domain| Box::from(without_final_dot(domain.as_ref())))
                .collect(),
            forbidden_ips: forbidden_ips
                .into_iter()
                .filter_map(|text| Some((parse_network(text.as_ref())?, 0)))
                .collect(),
        }
    }

    /// Whether a URL is against the policy: of a scheme that is not allowed, or of none, or to a forbidden host.
    pub(super) fn forbids(&self, uri: &Uri<'_>) -> bool {
        !self.allows_scheme(uri.slice(&uri.scheme))
            || self.forbidden_domain(uri.host()).is_some()
            || self.forbids_ip(uri)
    }

    pub(super) fn allows_scheme(&self, scheme: &[u8]) -> bool {
        self.allowed_schemes.iter().any(|allowed| **allowed == *scheme)
    }

    /// The first domain of the policy that the host lies in.
    pub(super) fn forbidden_domain(&self, host: &[u8]) -> Option<&[u8]> {
        let host = without_final_dot(host);
        self.forbidden_domains.iter().map(|domain| &**domain).find(|domain| is_within(host, domain))
    }

    /// Whether the host is a forbidden address, in any form that resolvers take for one.
    pub(super) fn forbids_ip(&self, uri: &Uri<'_>) -> bool {
        let written = uri.authority.as_ref().and_then(|authority| authority.host_ip);
        let address: Option<IpAddress> = written.or_else(|| parse_ipv4_forms(uri.host()));
        address.is_some_and(|address| self.forbidden_ips.lookup(address, 0))
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::new(&Self::ALLOWED_SCHEMES[..], &Self::FORBIDDEN_DOMAINS[..], &Self::FORBIDDEN_IPS[..])
    }
}

fn without_final_dot(name: &[u8]) -> &[u8] {
    name.strip_suffix(b".").unwrap_or(name)
}

/// Whether `host` is `domain` or lies below it; everything lies in the empty domain.
fn is_within(host: &[u8], domain: &[u8]) -> bool {
    let Some(length) = host.len().checked_sub(domain.len()) else { return false };
    let (labels, tail) = host.split_at(length);
    tail.eq_ignore_ascii_case(domain)
        && (labels.is_empty() || labels.ends_with(b".") || domain.first().is_none_or(|&first| first == b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_match_at_labels() {
        let cases: &[(&[u8], &[u8], bool)] = &[
            (b"localhost", b"localhost", true),
            (b"a.LocalHost", b"localhost", true),
            (b"evillocalhost", b"localhost", false),
            (b"localhost.a", b"localhost", false),
            (b"a.local", b".local", true),
            (b"local", b".local", false),
            (b"host", b"localhost", false),
            (b"x", b"", true),
            (b"", b"", true),
        ];
        for (host, domain, want) in cases {
            assert_eq!(is_within(host, domain), *want, "{host:?} {domain:?}");
        }
        let policy = Policy::default();
        assert_eq!(policy.forbidden_domain(b"x.localtest.me."), Some(&b"localtest.me"[..]));
        assert_eq!(policy.forbidden_domain(b""), None);
    }
}
