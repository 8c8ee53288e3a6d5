//! Processors and data scanners.

use super::{Condition, Matcher};
use crate::vocab::{AddressId, PathItem, Text};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// What a processor computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are the configuration's")]
pub enum Generator {
    ExtractSchema,
    HttpEndpointFingerprint,
    HttpHeaderFingerprint,
    HttpNetworkFingerprint,
    SessionFingerprint,
    JwtDecode,
    UriParse,
}

impl Generator {
    /// The generator with this name in the configuration.
    #[must_use]
    pub fn from_name(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"extract_schema" => Self::ExtractSchema,
            b"http_endpoint_fingerprint" => Self::HttpEndpointFingerprint,
            b"http_header_fingerprint" => Self::HttpHeaderFingerprint,
            b"http_network_fingerprint" => Self::HttpNetworkFingerprint,
            b"session_fingerprint" => Self::SessionFingerprint,
            b"jwt_decode" => Self::JwtDecode,
            b"uri_parse" => Self::UriParse,
            _ => return None,
        })
    }

    /// Argument names in order, each with whether it may be absent at run time. All must be mapped.
    #[must_use]
    pub const fn arguments(self) -> &'static [(&'static str, bool)] {
        match self {
            Self::ExtractSchema | Self::JwtDecode | Self::UriParse => &[("inputs", false)],
            Self::HttpEndpointFingerprint => {
                &[("method", false), ("uri_raw", false), ("query", true), ("body", true)]
            }
            Self::HttpHeaderFingerprint | Self::HttpNetworkFingerprint => &[("headers", false)],
            Self::SessionFingerprint => &[("cookies", true), ("session_id", true), ("user_id", true)],
        }
    }
}

/// Where a generator's argument comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingInput {
    /// The address.
    pub address: AddressId,
    /// The path below it; only `jwt_decode` follows it.
    pub key_path: Vec<PathItem>,
}

/// One set of arguments and where the outcome goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// One for each of [`Generator::arguments`], in that order.
    pub arguments: Vec<MappingInput>,
    /// The address (and attribute name) of the outcome.
    pub output: AddressId,
}

/// A data scanner: classifies strings for `extract_schema`.
#[derive(Clone, Debug)]
pub struct Scanner {
    /// Unique.
    pub id: Text,
    /// What a string that passes is tagged with, in order.
    pub tags: Vec<(Text, Text)>,
    /// Held against the nearest map key; none always passes.
    pub key: Option<Matcher>,
    /// Held against the string; none always passes.
    pub value: Option<Matcher>,
}

/// A processor.
#[derive(Clone, Debug)]
pub struct Processor {
    /// Unique.
    pub id: Text,
    /// What it computes.
    pub generator: Generator,
    /// All must be true; none means always.
    pub conditions: Arc<[Condition]>,
    /// At least one.
    pub mappings: Arc<[Mapping]>,
    /// Scanners for `extract_schema`, overrides applied, in order of declaration.
    pub scanners: Arc<[Arc<Scanner>]>,
    /// Whether the outcome becomes an address.
    pub evaluate: bool,
    /// Whether the outcome becomes an attribute.
    pub output: bool,
}
