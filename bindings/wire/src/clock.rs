//! The clocks and the randomness of the host, where there is a host to ask. The engine has none of its own.

use bartizan_engine::Clock;

/// A monotonic clock; none in wasm.
#[must_use]
pub fn monotonic() -> Option<&'static dyn Clock> {
    host::monotonic()
}

/// Seconds since the epoch; 0 in wasm.
#[must_use]
pub fn now_s() -> u64 {
    host::now_s()
}

/// 64 random bits; 0 in wasm.
#[must_use]
pub fn entropy() -> u64 {
    host::entropy()
}

#[cfg(feature = "std")]
mod host {
    use bartizan_engine::Clock;
    use std::collections::hash_map::RandomState;
    use std::hash::{BuildHasher, Hasher};
    use std::sync::OnceLock;
    use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

    struct Monotonic;

    impl Clock for Monotonic {
        fn now_ns(&self) -> u64 {
            static START: OnceLock<Instant> = OnceLock::new();
            START.get_or_init(Instant::now).elapsed().as_nanos() as u64
        }
    }

    pub(super) fn monotonic() -> Option<&'static dyn Clock> {
        Some(&Monotonic)
    }

    pub(super) fn now_s() -> u64 {
        since_epoch().as_secs()
    }

    fn since_epoch() -> Duration {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
    }

    pub(super) fn entropy() -> u64 {
        // The keys of the standard library's hasher come from the operating system, once for each thread. A
        // process that forks hands them on; the time tells parent and child apart.
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_u128(since_epoch().as_nanos());
        hasher.finish()
    }
}

#[cfg(not(feature = "std"))]
mod host {
    pub(super) fn monotonic() -> Option<&'static dyn bartizan_engine::Clock> {
        None
    }

    pub(super) fn now_s() -> u64 {
        0
    }

    pub(super) fn entropy() -> u64 {
        0
    }
}
