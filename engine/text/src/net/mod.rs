//! URIs and IP address sets.

mod ip;
mod ip_set;
mod uri;

pub use ip::{IpAddress, IpNetwork, parse_ip, parse_ipv4, parse_ipv4_forms, parse_ipv6, parse_network};
pub use ip_set::IpSet;
pub use uri::{Authority, HostSyntax, Uri};
