//! Systems.

/// The system whose paths and shells are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Platform {
    /// Linux, macOS and the like.
    #[default]
    Unix,
    /// Windows.
    Windows,
}
