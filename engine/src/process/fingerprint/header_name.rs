//! What the name of a header says about who sent it.

use super::hash::header_byte;

/// What a header is to fingerprints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeaderName {
    /// One that every browser sends, by its place in the header fingerprint.
    Standard(u8),
    /// One in which proxies tell the client's address, by precedence, which is also its place in the
    /// network fingerprint.
    IpOrigin(u8),
    UserAgent,
    /// What tracers add; it says nothing about the client.
    Tracing,
    Other,
}

/// How many standard headers there are.
pub(super) const STANDARD: usize = 10;
/// How many headers tell an address.
pub(super) const IP_ORIGIN: usize = 10;

const TRACING_PREFIX: &[u8] = b"x-datadog";
/// The length of the longest known name.
const LONGEST: usize = 19;

impl HeaderName {
    /// Letter case does not count, and `_` is as good as `-`.
    pub(super) fn of(name: &[u8]) -> Self {
        let mut buffer = [0; LONGEST];
        for (place, byte) in buffer.iter_mut().zip(name) {
            *place = header_byte(*byte);
        }
        let start = &buffer[..name.len().min(LONGEST)];
        if start.starts_with(TRACING_PREFIX) {
            return Self::Tracing;
        }
        if name.len() > LONGEST {
            return Self::Other;
        }
        match start {
            b"referer" => Self::Standard(0),
            b"connection" => Self::Standard(1),
            b"accept-encoding" => Self::Standard(2),
            b"content-encoding" => Self::Standard(3),
            b"cache-control" => Self::Standard(4),
            b"te" => Self::Standard(5),
            b"accept-charset" => Self::Standard(6),
            b"content-type" => Self::Standard(7),
            b"accept" => Self::Standard(8),
            b"accept-language" => Self::Standard(9),
            b"x-forwarded-for" => Self::IpOrigin(0),
            b"x-real-ip" => Self::IpOrigin(1),
            b"true-client-ip" => Self::IpOrigin(2),
            b"x-client-ip" => Self::IpOrigin(3),
            b"x-forwarded" => Self::IpOrigin(4),
            b"forwarded-for" => Self::IpOrigin(5),
            b"x-cluster-client-ip" => Self::IpOrigin(6),
            b"fastly-client-ip" => Self::IpOrigin(7),
            b"cf-connecting-ip" => Self::IpOrigin(8),
            b"cf-connecting-ipv6" => Self::IpOrigin(9),
            b"user-agent" => Self::UserAgent,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::HeaderName;

    #[test]
    fn names() {
        let cases: [(&[u8], HeaderName); 10] = [
            (b"Accept_Language", HeaderName::Standard(9)),
            (b"TE", HeaderName::Standard(5)),
            (b"X-Cluster_Client-IP", HeaderName::IpOrigin(6)),
            (b"x-cluster-client-ipx", HeaderName::Other),
            (b"User_Agent", HeaderName::UserAgent),
            (b"X_DATADOG", HeaderName::Tracing),
            (b"x-datadog-sampling-priority", HeaderName::Tracing),
            (b"x-datado", HeaderName::Other),
            (b"", HeaderName::Other),
            (b"te\0", HeaderName::Other),
        ];
        for (name, wanted) in cases {
            assert_eq!(HeaderName::of(name), wanted, "{name:?}");
        }
    }
}
