//! Server-side request forgery: does a parameter choose where a request goes?

mod policy;

use alloc::vec::Vec;
use core::{cell::OnceCell, ops::Range};

use memchr::{memchr, memmem};

use super::occurrences::Finder;
use crate::net::{HostSyntax, Uri};

pub use policy::Policy;

/// Parameters below this length are not looked at.
const MIN_LEN: usize = 4;

/// What to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Parameters that reach beyond the authority, or bring in a forbidden host.
    pub authority_inspection: bool,
    /// Parameters that climb within the path.
    pub path_inspection: bool,
    /// Parameters that add further parameters to the query.
    pub query_inspection: bool,
    /// Whether a parameter that is the whole URL is an injection rather than intended.
    pub forbid_full_url_injection: bool,
    /// Whether a URL against the policy matches without any parameter in it.
    pub enforce_policy_without_injection: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            authority_inspection: true,
            path_inspection: false,
            query_inspection: false,
            forbid_full_url_injection: false,
            enforce_policy_without_injection: false,
        }
    }
}

/// What a parameter does to a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Harmless,
    /// It stands in this range of the path or query, where it is suspicious: to be reported, if nothing
    /// in the same address matches or ends the search.
    Suspicious(Range<usize>),
    /// It injects where it stands in this range.
    Injection(Range<usize>),
    /// It is the whole URL: no other parameter of the same address is to be reported, nor a suspicious one seen before.
    Whole,
}

/// A URL to check parameters against. It is parsed when needed, once.
///
/// ```
/// use bartizan_text::detect::ssrf::{Options, Policy, Resource, Verdict};
/// let policy = Policy::default();
/// let url = Resource::new(b"http://169.254.169.254/latest", Options::default(), &policy);
/// assert_eq!(url.check(b"169.254.169.254"), Verdict::Injection(7..22));
/// ```
#[derive(Debug)]
pub struct Resource<'a> {
    text: &'a [u8],
    options: Options,
    policy: &'a Policy,
    finder: Finder,
    url: OnceCell<Option<Url<'a>>>,
}

#[derive(Debug)]
struct Url<'a> {
    uri: Uri<'a>,
    /// The first forbidden domain that the host lies in; empty if none.
    forbidden_domain: &'a [u8],
    is_forbidden_ip: bool,
    /// Where `/../` stands up to the end of the path, if the path is inspected: offsets of the first dot.
    climbs: Vec<usize>,
}

impl<'a> Resource<'a> {
    /// The URL with this text.
    #[must_use]
    pub const fn new(text: &'a [u8], options: Options, policy: &'a Policy) -> Self {
        Self { text, options, policy, finder: Finder::new(), url: OnceCell::new() }
    }

    /// The scheme and authority of the URL, if the policy is to be enforced and it is against that; they
    /// are to be reported, without any parameter.
    ///
    /// Ask this first; when it has nothing, check the parameters.
    #[must_use]
    pub fn violation(&self) -> Option<&'a [u8]> {
        if !self.options.enforce_policy_without_injection {
            return None;
        }
        let uri = &self.url()?.uri;
        self.policy.forbids(uri).then(|| uri.scheme_and_authority())
    }

    /// Looks at each place where `param` stands in the URL, in order.
    #[must_use]
    pub fn check(&self, param: &[u8]) -> Verdict {
        if param.len() < MIN_LEN {
            return Verdict::Harmless;
        }
        let mut suspicious = None;
        let facts = OnceCell::new();
        for start in self.finder.find(self.text, param) {
            let Some(url) = self.url() else { return Verdict::Harmless };
            let range = start..start + param.len();
            if range.len() == self.text.len() {
                let is_injection = self.options.forbid_full_url_injection;
                return if is_injection { Verdict::Injection(range) } else { Verdict::Whole };
            }
            let facts = facts.get_or_init(|| Facts::of(param, url.forbidden_domain));
            if self.injects(url, &range, facts) {
                return Verdict::Injection(range);
            }
            if suspicious.is_none() && self.is_suspicious(url, &range, facts) {
                suspicious = Some(range);
            }
        }
        suspicious.map_or(Verdict::Harmless, Verdict::Suspicious)
    }

    fn url(&self) -> Option<&Url<'a>> {
        self.url.get_or_init(|| self.parse()).as_ref()
    }

    fn parse(&self) -> Option<Url<'a>> {
        let uri = Uri::parse(self.text, HostSyntax::DottedQuad)?;
        let forbidden_domain = match self.policy.forbidden_domain(uri.host()) {
            // Has been looked at already.
            Some(domain) if !self.options.enforce_policy_without_injection => domain,
            _ => &[],
        };
        let is_forbidden_ip = self.policy.forbids_ip(&uri);
        let climbs = match &uri.path {
            Some(path) if self.options.path_inspection => {
                let dots = memmem::find_iter(self.text, "..").filter(|&at| at > 0 && at < path.end);
                dots.filter(|&at| self.text[at - 1] == b'/' && self.text.get(at + 2) == Some(&b'/')).collect()
            }
            _ => Vec::new(),
        };
        Some(Url { uri, forbidden_domain, is_forbidden_ip, climbs })
    }

    /// Whether the parameter takes over the scheme or the authority.
    fn injects(&self, url: &Url<'_>, range: &Range<usize>, facts: &Facts) -> bool {
        if let Some(authority) = &url.uri.authority
            && self.options.authority_inspection
            && authority.range.contains(&range.start)
        {
            // One byte beyond is granted: a final slash is no sign of an attack.
            if range.end > authority.range.end + 1 {
                return true;
            }
            let covers_host = authority
                .host
                .as_ref()
                .is_some_and(|host| range.start <= host.start && range.end >= host.end);
            if (covers_host && url.is_forbidden_ip) || facts.has_forbidden_domain {
                return true;
            }
        }
        let scheme = &url.uri.scheme;
        !scheme.is_empty()
            && range.start == 0
            && range.end > scheme.end
            && !self.policy.allows_scheme(url.uri.slice(scheme))
    }

    /// Whether the parameter meddles with the path or the query.
    fn is_suspicious(&self, url: &Url<'_>, range: &Range<usize>, facts: &Facts) -> bool {
        if let Some(path) = url.uri.path.as_ref().filter(|path| !path.is_empty())
            && self.options.path_inspection
        {
            // All of the path, with or without its first slash, was meant to be chosen.
            let is_rest = self.text[path.start] == b'/' && *range == (path.start + 1..path.end);
            if range.len() == path.len() || is_rest {
                return false;
            }
            if range.start < path.end && range.end > path.start && facts.has_encoded_separator {
                return true;
            }
            if facts.slash.is_some_and(|slash| range.start + slash < path.end) {
                let next = url.climbs.partition_point(|&at| at < range.start);
                if url.climbs.get(next).is_some_and(|&at| at + 2 <= range.end) {
                    return true;
                }
            }
            // So was everything from some place in the path on.
            if range.start < path.end && range.end == self.text.len() {
                return false;
            }
        }
        if let Some(query) = &url.uri.query
            && self.options.query_inspection
        {
            if facts.question_mark.is_some_and(|mark| range.start + mark + 1 == query.start) {
                return self.text.get(range.end) != Some(&b'&');
            }
            let overlaps = range.end >= query.start && range.start < query.end;
            return overlaps && facts.has_ampersand;
        }
        false
    }
}

/// What a parameter holds, wherever it stands.
struct Facts {
    /// The domain that forbids the host.
    has_forbidden_domain: bool,
    /// A percent-encoded slash or backslash.
    has_encoded_separator: bool,
    has_ampersand: bool,
    /// Offset of the first one.
    slash: Option<usize>,
    /// Offset of the first one.
    question_mark: Option<usize>,
}

impl Facts {
    fn of(param: &[u8], forbidden_domain: &[u8]) -> Self {
        let is_encoded = |code: &[u8]| matches!(code, [b'%', b'2', b'f' | b'F'] | [b'%', b'5', b'c' | b'C']);
        let is_domain = |part: &[u8]| part.eq_ignore_ascii_case(forbidden_domain);
        Self {
            has_forbidden_domain: !forbidden_domain.is_empty()
                && param.windows(forbidden_domain.len()).any(is_domain),
            has_encoded_separator: param.windows(3).any(is_encoded),
            has_ampersand: memchr(b'&', param).is_some(),
            slash: memchr(b'/', param),
            question_mark: memchr(b'?', param),
        }
    }
}

#[cfg(test)]
mod tests;
