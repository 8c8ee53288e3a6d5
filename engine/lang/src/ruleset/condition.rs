//! Conditions.

use super::Matcher;
use crate::vocab::{AddressId, PathItem, Text};
use alloc::sync::Arc;
use alloc::vec::Vec;
use bartizan_text::detect::ssrf;
use bartizan_text::transform::Transformer;

/// Whether an input looks at values or at map keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[allow(missing_docs, reason = "the names are the whole meaning")]
pub enum DataSource {
    #[default]
    Values,
    Keys,
}

/// Where a condition looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The address.
    pub address: AddressId,
    /// The declared path below the address.
    pub key_path: Vec<PathItem>,
    /// Transformers in order, rule-level ones already applied as defaults.
    pub transformers: Vec<Transformer>,
    /// Values or keys.
    pub source: DataSource,
}

/// Options and policy of `ssrf_detector`.
#[derive(Clone, Debug, Default)]
pub struct SsrfOptions {
    /// What to look for.
    pub inspection: ssrf::Options,
    /// Where requests may go.
    pub policy: ssrf::Policy,
}

/// The RASP detectors.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the names are the configuration's")]
pub enum Detector {
    Lfi,
    Ssrf(Arc<SsrfOptions>),
    Sqli,
    Shi,
    Cmdi,
}

/// One condition of a rule, filter or processor.
#[derive(Clone, Debug)]
pub enum Condition {
    /// A matcher on the values under the inputs: true at the first value that matches.
    Scalar {
        /// Name shown in events, such as `match_regex` or `greater_equal`. For [`Matcher::Data`] the
        /// matcher of the data gives the name instead.
        operator: Text,
        /// What values are held against.
        matcher: Matcher,
        /// Where to look, at least one.
        inputs: Vec<Input>,
    },
    /// A negated matcher: true when there is a compatible value and none matches.
    Negated {
        /// Name shown in events, such as `!match_regex`.
        operator: Text,
        /// What values are held against.
        matcher: Matcher,
        /// Where to look.
        input: Input,
    },
    /// `exists`: true for the first input that resolves.
    Exists {
        /// Where to look, at least one.
        inputs: Vec<Input>,
    },
    /// `!exists`: the address is there, the path below it is not.
    NotExists {
        /// Where to look.
        input: Input,
    },
    /// A detector: a parameter injected into a resource.
    Detector {
        /// Name shown in events, such as `lfi_detector`.
        operator: Text,
        /// Which one.
        detector: Detector,
        /// The resource.
        resource: Input,
        /// The parameters, at least one.
        params: Vec<Input>,
        /// The database system, for `sqli_detector` only.
        db_type: Option<Input>,
    },
}
