//! What is the same for all requests.

use crate::Error;
use crate::address::Sent;
use crate::settings::Settings;
use alloc::vec::Vec;

/// Settings, and an account of what was ever sent. Threads share it; it outlives any number of rulesets.
pub struct Host {
    pub(crate) settings: Settings,
    pub(crate) sent: Sent,
    document: Vec<u8>,
}

impl Host {
    /// A host with the settings of a document: explicit keys, and `environment` with variables.
    ///
    /// # Errors
    /// The document cannot be read or is not a map. A wrong value is a warning in [`Host::document`].
    pub fn new(settings: &[u8]) -> Result<Self, Error> {
        let (settings, document) = Settings::read(settings)?;
        Ok(Self { settings, sent: Sent::new(), document })
    }

    /// The settings in force, as JSON, with what was wrong with those that were given.
    #[must_use]
    pub fn document(&self) -> &[u8] {
        &self.document
    }
}
