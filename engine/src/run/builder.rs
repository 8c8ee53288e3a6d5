//! Collecting configuration.

use super::Instance;
use crate::plan::Reuse;
use crate::verify::operator::PathRegex;
use alloc::vec::Vec;
use bartizan_lang::vocab::Text;
use bartizan_lang::{Content, bundle};
use bartizan_object::Object;

pub use bartizan_lang::Update;

/// Configuration under paths, from which instances are built.
///
/// A path's configuration is replaced as a whole; one that is refused leaves the former in force.
/// Instances that were built before stay as they are.
///
/// ```
/// use bartizan_engine::Builder;
/// use bartizan_object::{AllocRef, json};
/// let config = json::parse(
///     br#"{"rules":[{"id":"1","name":"canary","tags":{"type":"scanner"},"conditions":[
///         {"operator":"match_regex","parameters":{"regex":"^probe","inputs":[{"address":"agent"}]}}]}]}"#,
///     AllocRef::global(),
/// ).unwrap();
/// let mut builder = Builder::new();
/// assert!(builder.update(b"rules/canary", &config).accepted);
/// let instance = builder.build().expect("one rule is enabled");
/// assert_eq!(instance.addresses().len(), 1);
/// ```
#[derive(Default)]
pub struct Builder {
    content: Content,
    /// What instances have in common.
    reuse: Reuse,
}

impl Builder {
    /// A builder without configuration.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces the configuration of a path. Parsing never fails, it reports: the update says
    /// whether anything was taken over, and carries the diagnostics.
    pub fn update(&mut self, path: &[u8], config: &Object) -> Update {
        self.content.update(path, config)
    }

    /// Does what [`update`](Self::update) with the configuration of a compiled bundle would do, faster.
    ///
    /// # Errors
    /// The bytes are no bundle of this version; what the path had stays in force.
    pub fn load(&mut self, path: &[u8], bundle: &[u8]) -> Result<Update, bundle::Error> {
        self.content.load(path, bundle)
    }

    /// Removes a path; false when it is not known.
    pub fn remove(&mut self, path: &[u8]) -> bool {
        self.content.remove(path)
    }

    /// The paths in order of first addition.
    pub fn paths(&self) -> impl Iterator<Item = &Text> {
        self.content.paths()
    }

    /// The paths in which a case-sensitive regex of the rule dialect finds something; all for an empty
    /// regex, none for one that is not valid.
    #[must_use]
    pub fn paths_matching(&self, pattern: &[u8]) -> Vec<Text> {
        if pattern.is_empty() {
            return self.paths().cloned().collect();
        }
        let Some(regex) = PathRegex::new(pattern) else { return Vec::new() };
        self.paths().filter(|path| regex.finds(path)).cloned().collect()
    }

    /// An instance of the configuration as it stands; `None` when nothing in it would ever run (no
    /// enabled rule, no postprocessor).
    pub fn build(&mut self) -> Option<Instance> {
        let instance = Instance::new(self.content.compile()?, &mut self.reuse);
        self.reuse.forget_unused();
        Some(instance)
    }
}
