//! The naive twin: what a ruleset means, as plainly as it can be said.
//!
//! No plan, no scan, no prefilter, no scratch memory, no budget: a [`Twin`] holds every value against every
//! condition, one after the other, with a regex engine that only simulates. It remembers what the meaning
//! of rules asks for and nothing else. What bytes mean (transformers, detectors, phrases, addresses) it
//! takes from `bartizan-text`, what configuration means from `bartizan-lang`; it judges what the engine makes
//! of both: plan, scan, state, and the order of everything.
//!
//! [`generate`] makes rulesets and requests out of a number, and [`judge`] gives them to both.
//!
//! ```
//! use bartizan_lang::Content;
//! use bartizan_object::{AllocRef, json};
//! use bartizan_reference::{Call, Twin};
//! let parse = |text: &str| json::parse(text.as_bytes(), AllocRef::global()).expect("JSON");
//! let mut content = Content::new();
//! content.update(b"rules", &parse(r#"{"rules":[{"id":"1","name":"canary","tags":{"type":"scanner"},
//!     "conditions":[{"operator":"match_regex","parameters":{"regex":"^probe","inputs":[{"address":"agent"}]}}]}]}"#));
//! let twin = Twin::new(content.compile().expect("one rule is enabled"));
//! let found = twin.context().eval(&parse(r#"{"agent":"probe/1.0"}"#), Call::default()).expect("a map");
//! assert!(found.is_match);
//! ```
#![forbid(unsafe_code)]

mod condition;
mod detector;
mod exclude;
pub mod generate;
pub mod judge;
mod memory;
mod operator;
pub mod portable;
mod processor;
mod redact;
mod report;
mod rules;
pub mod shrink;
mod twin;
mod value;
mod walk;

pub use report::{RESPONSE_ID, STACK_ID};
pub use twin::{Call, Context, NotAMap, Outcome, Twin};
pub use value::Value;
