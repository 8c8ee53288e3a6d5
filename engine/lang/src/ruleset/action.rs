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
    /// The kind that a `type` names.
    #[must_use]
    pub fn from_type(name: &[u8]) -> Self {
        match name {
            b"generate_stack" => Self::GenerateStack,
            b"generate_schema" => Self::GenerateSchema,
            b"monitor" => Self::Monitor,
            b"block_request" => Self::BlockRequest,
            b"redirect_request" => Self::RedirectRequest,
            _ => Self::Unknown,
        }
    }

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

impl Action {
    /// What `block` does unless the configuration says otherwise.
    #[must_use]
    pub fn default_block() -> Self {
        let parameters = [
            ("status_code", Scalar::Unsigned(403)),
            ("type", Scalar::String("auto".into())),
            ("grpc_status_code", Scalar::Unsigned(10)),
        ];
        Self {
            kind: ActionKind::BlockRequest,
            type_name: "block_request".into(),
            parameters: parameters.into_iter().map(|(key, value)| (key.into(), value)).collect(),
        }
    }

    /// The actions that exist without configuration, by id.
    #[must_use]
    pub fn built_in() -> [(Text, Self); 4] {
        let plain = |name: &str| Self {
            kind: ActionKind::from_type(name.as_bytes()),
            type_name: name.into(),
            parameters: Vec::new(),
        };
        [
            ("block".into(), Self::default_block()),
            ("stack_trace".into(), plain("generate_stack")),
            ("extract_schema".into(), plain("generate_schema")),
            ("monitor".into(), plain("monitor")),
        ]
    }
}
