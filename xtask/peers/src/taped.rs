//! Cases that bytes choose, for fuzzing.

use crate::deviation::is_playable;
use crate::features::case_of;
use crate::work::{Pair, shown};
use serde_json::json;

/// The genuine library, and ours as it is linked with the program.
pub struct Taped(Pair);

impl Taped {
    /// Loads the genuine library from a path.
    ///
    /// # Errors
    /// There is no such library.
    #[cfg(feature = "linked")]
    pub fn open(theirs: &str) -> Result<Self, String> {
        use crate::library::Library;
        Ok(Self(Pair::of(Library::open(theirs)?, Library::linked())?))
    }

    /// Plays the case that bytes choose; gives a document of the case and its differences when there are some that
    /// nothing explains. Plays nothing that is known to crash the genuine library.
    pub fn hold(&mut self, tape: &[u8]) -> Option<String> {
        let case = case_of(tape);
        if !is_playable(&case) {
            return None;
        }
        let found = self.0.hold(&case, false);
        (!found.is_empty()).then(|| json!({"case": case.to_json(), "differences": shown(&found)}).to_string())
    }
}
