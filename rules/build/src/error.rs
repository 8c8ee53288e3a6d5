//! What can be wrong with a pack.

use std::fmt;
use std::path::{Path, PathBuf};

/// Why a pack could not be built: the file, and what is wrong in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackError {
    file: PathBuf,
    what: String,
}

impl PackError {
    pub(crate) fn new(file: &Path, what: impl Into<String>) -> Self {
        Self { file: file.to_path_buf(), what: what.into() }
    }

    /// The file that is wrong.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// What is wrong, in one sentence.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file.display(), self.what)
    }
}

impl std::error::Error for PackError {}
