//! Actions.

use crate::vocab::{Scalar, Text};
use alloc::vec::Vec;

/// What an action does, in ascending precedence: of several blocking actions the highest wins, among
/// equals the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are those of the configuration")]
pub enum ActionKind {
    Unknown,
    GenerateStack,
    GenerateSchema,
    Monitor,
    BlockRequest,
    RedirectRequest,
}

impl ActionKind {
    /// `block_request` and `redirect_request`: they make the verdict of a rule *block*.
    #[must_use]
    pub const fn is_blocking(self) -> bool {
        matches!(self, Self::BlockRequest | Self::RedirectRequest)
    }

    /// Kinds that may stand in for a rule's own blocking actions when a filter says so.
    #[must_use]
    pub const fn is_modal(self) -> bool {
        matches!(self, Self::Monitor | Self::BlockRequest | Self::RedirectRequest)
    }
}

/// One action definition, parameters normalised and defaulted.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    /// The kind.
    pub kind: ActionKind,
    /// The type as written in results: `block_request`, …, or any text for unknown kinds.
    pub type_name: Text,
    /// Parameters in the order in which they are written.
    pub parameters: Vec<(Text, Scalar)>,
}
