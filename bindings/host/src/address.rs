//! Names of addresses that a host sends, and an account of which it ever sent.

use core::sync::atomic::{AtomicU64, Ordering};

macro_rules! addresses {
    ($($constant:ident = $name:literal,)*) => {
        /// Addresses known here; the discriminant is the bit in [`Sent`].
        #[derive(Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum Address { $($constant,)* }

        impl Address {
            const ALL: &[(&'static [u8], Address)] = &[$(($name, Address::$constant),)*];
        }
    };
}

addresses! {
    Method = b"server.request.method",
    UriRaw = b"server.request.uri.raw",
    Query = b"server.request.query",
    Headers = b"server.request.headers.no_cookies",
    Cookies = b"server.request.cookies",
    PathParams = b"server.request.path_params",
    ClientIp = b"http.client_ip",
    Body = b"server.request.body",
    Filenames = b"server.request.body.filenames",
    FilesFieldNames = b"server.request.body.files_field_names",
    FilesContent = b"server.request.body.files_content",
    CombinedFileSize = b"server.request.body.combined_file_size",
    AllResolvers = b"graphql.server.all_resolvers",
    ResponseStatus = b"server.response.status",
    ResponseHeaders = b"server.response.headers.no_cookies",
    ResponseBody = b"server.response.body",
    UserId = b"usr.id",
    UserLogin = b"usr.login",
    SessionId = b"usr.session_id",
    LoginSuccess = b"server.business_logic.users.login.success",
    LoginFailure = b"server.business_logic.users.login.failure",
    Signup = b"server.business_logic.users.signup",
}

impl Address {
    pub(crate) fn name(self) -> &'static [u8] {
        Self::ALL[self as usize].0
    }

    pub(crate) fn of(name: &[u8]) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, address)| *address)
    }
}

/// Names beyond those known here that are accounted for.
const OTHERS: usize = 128;

/// Which addresses were ever sent. Threads share it without locks; once everything was seen, a request
/// only reads.
pub(crate) struct Sent {
    known: AtomicU64,
    /// Hashes of other names, filled from the front; 0 is free.
    others: [AtomicU64; OTHERS],
}

impl Sent {
    pub(crate) const fn new() -> Self {
        Self { known: AtomicU64::new(0), others: [const { AtomicU64::new(0) }; OTHERS] }
    }

    pub(crate) fn mark(&self, bits: u64) {
        if self.known.load(Ordering::Relaxed) & bits != bits {
            self.known.fetch_or(bits, Ordering::Relaxed);
        }
    }

    pub(crate) fn mark_name(&self, name: &[u8]) {
        match Address::of(name) {
            Some(address) => self.mark(bit(address)),
            None => self.mark_other(hash(name)),
        }
    }

    fn mark_other(&self, hash: u64) {
        for place in &self.others {
            match place.load(Ordering::Relaxed) {
                found if found == hash => return,
                0 => match place.compare_exchange(0, hash, Ordering::Relaxed, Ordering::Relaxed) {
                    Ok(_) => return,
                    Err(other) if other == hash => return,
                    Err(_) => {}
                },
                _ => {}
            }
        }
    }

    pub(crate) fn has(&self, name: &[u8]) -> bool {
        match Address::of(name) {
            Some(address) => self.known.load(Ordering::Relaxed) & bit(address) != 0,
            None => {
                let hash = hash(name);
                self.others
                    .iter()
                    .map(|place| place.load(Ordering::Relaxed))
                    .take_while(|found| *found != 0)
                    .any(|found| found == hash)
            }
        }
    }
}

pub(crate) fn bit(address: Address) -> u64 {
    1 << address as u8
}

/// FNV-1a over 64 bits, never 0.
fn hash(name: &[u8]) -> u64 {
    let mixed = name.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    mixed.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_bits_belong_together() {
        for (at, (name, address)) in Address::ALL.iter().enumerate() {
            assert_eq!((*address as usize, address.name()), (at, *name));
        }
        assert!(Address::ALL.len() <= 64);
    }

    #[test]
    fn what_was_sent_is_known() {
        let sent = Sent::new();
        assert!(!sent.has(b"usr.id") && !sent.has(b"my.own"));
        sent.mark_name(b"usr.id");
        sent.mark_name(b"my.own");
        sent.mark_name(b"my.own");
        assert!(sent.has(b"usr.id") && sent.has(b"my.own") && !sent.has(b"my.other"));
        (0..1000_u32).for_each(|n| sent.mark_name(&n.to_le_bytes()));
        assert!(sent.has(&5_u32.to_le_bytes()));
    }
}
