//! Words shared by all stages.

mod address;
mod key_path;
mod number;
mod scalar;
mod text;

pub use address::{AddressId, Addresses};
pub use key_path::PathItem;
pub use number::{float_text, parse_float, parse_signed, parse_unsigned};
pub use scalar::Scalar;
pub use text::Text;

/// Most transformers one input (or one rule) may list.
pub const MAX_TRANSFORMERS: usize = 10;

/// The version of libddwaf whose behaviour and rule gating we present.
pub const COMPATIBLE_VERSION: &str = "2.1.0";

/// The address that the engine itself sets (to true) once a rule produced a result in a context.
pub const EVENT_ADDRESS: &[u8] = b"waf.context.event";
