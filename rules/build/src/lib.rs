//! Rule packs: rules as people write them, built to the JSON rulesets that the engine reads.
//!
//! A pack is a directory with a `pack.yaml`, and further files it includes. Each rule says what it
//! is for, where it may be wrong, and shows inputs that it must and must not match.
//! [`build`] gives the ruleset; [`Pack::cases`] gives the tests, which any engine can be asked to
//! run through [`Engine`] and which [`Case::judge`] decides. The format is described in
//! `rules/packs/README.md`.
//!
//! ```no_run
//! let json = bartizan_packs::build(std::path::Path::new("rules/packs/waf-starter"))?;
//! # Ok::<(), bartizan_packs::PackError>(())
//! ```
#![forbid(unsafe_code)]

mod case;
mod error;
mod expand;
mod fields;
mod pack;
mod value;

pub use case::{Case, Engine, Want};
pub use error::PackError;
pub use pack::Pack;
pub use value::Value;

/// Builds the pack in `pack_dir` to the bytes of a JSON ruleset, ready for a builder.
///
/// # Errors
/// When a file cannot be read, is not YAML, has an unknown or missing key, or a rule lacks its
/// intent, its false-positive note or its tests.
pub fn build(pack_dir: &std::path::Path) -> Result<Vec<u8>, PackError> {
    Ok(Pack::read(pack_dir)?.ruleset().to_json_pretty())
}
