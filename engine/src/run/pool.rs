//! Working memory between requests.

use crate::state::Scratch;
use alloc::boxed::Box;

/// How many contexts can have warm memory at once; more make their own.
#[cfg(feature = "std")]
const PLACES: usize = 16;

/// Scratch memory that waits for the next context. Nobody ever waits for it: a place that is taken or
/// busy is passed over.
#[derive(Default)]
pub(crate) struct Pool {
    #[cfg(feature = "std")]
    places: [std::sync::Mutex<Option<Box<Scratch>>>; PLACES],
}

impl Pool {
    pub(crate) fn take(&self, regex_count: usize) -> Box<Scratch> {
        #[cfg(feature = "std")]
        for place in &self.places {
            if let Ok(mut place) = place.try_lock()
                && let Some(scratch) = place.take()
            {
                return scratch;
            }
        }
        Box::new(Scratch::new(regex_count))
    }

    pub(crate) fn give_back(&self, scratch: Box<Scratch>) {
        #[cfg(feature = "std")]
        for place in &self.places {
            if let Ok(mut place) = place.try_lock()
                && place.is_none()
            {
                *place = Some(scratch);
                return;
            }
        }
        drop(scratch);
    }
}
