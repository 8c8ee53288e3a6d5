//! The merged content of a builder.

use crate::bundle;
use crate::compile::{self, merge_data};
use crate::config::{DataDocument, Documents, Interner, parse};
use crate::ruleset::{Data, Ruleset};
use crate::vocab::Text;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::sync::Arc;
use alloc::vec::Vec;
use bartizan_object::{Object, Owned};

/// Configurations by path, in order of first addition, and what they share.
///
/// A path is updated as a whole or not at all: when an update is refused, what the path had stays in
/// force.
///
/// ```
/// use bartizan_lang::Content;
/// use bartizan_object::{AllocRef, json};
/// let config = json::parse(br#"{"actions": [{"id": "log", "type": "log", "parameters": {}}]}"#, AllocRef::global());
/// let mut content = Content::new();
/// assert!(content.update(b"remote/1", &config.expect("JSON")).accepted);
/// assert!(content.compile().is_none());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Content {
    paths: Vec<(Text, Documents)>,
    interner: Interner,
    rules_data: BTreeMap<Text, Data>,
    exclusion_data: BTreeMap<Text, Data>,
}

/// The outcome of an update.
#[derive(Debug)]
pub struct Update {
    /// Whether the configuration, or at least a part of it, is in force now.
    pub accepted: bool,
    /// What became of each element, in libddwaf's shape, in the default allocator's memory.
    pub diagnostics: Owned,
}

impl Content {
    /// No content.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Parses `config` and puts it in place of what `path` had.
    pub fn update(&mut self, path: &[u8], config: &Object) -> Update {
        let others: Vec<&Documents> =
            self.paths.iter().filter(|(other, _)| **other != *path).map(|(_, documents)| documents).collect();
        let known = self.interner.addresses.len();
        let parsed = parse(config, &mut self.interner, &others);
        if parsed.accepted {
            self.replace(path, parsed.documents);
        } else {
            drop(parsed.documents);
            if self.interner.addresses.len() > known {
                Arc::make_mut(&mut self.interner.addresses).truncate(known);
            }
        }
        self.interner.patterns.forget_unused();
        Update { accepted: parsed.accepted, diagnostics: parsed.diagnostics.to_object() }
    }

    /// Does what [`update`](Self::update) with the configuration of a [bundle](bundle) would do, faster.
    ///
    /// # Errors
    /// The bytes are no bundle of this version. What `path` had stays in force.
    pub fn load(&mut self, path: &[u8], bytes: &[u8]) -> Result<Update, bundle::Error> {
        let (config, patterns) = bundle::read(bytes)?;
        for (text, case_sensitive, needs) in patterns {
            self.interner.patterns.teach(text, case_sensitive, needs);
        }
        Ok(self.update(path, &config))
    }

    /// Makes a [bundle](bundle) of a configuration, unless that would be refused.
    #[must_use]
    pub fn bundle(config: &Object) -> (Update, Option<Vec<u8>>) {
        let mut content = Self::new();
        let update = content.update(b"", config);
        let bundle = update.accepted.then(|| bundle::write(config, &content.interner.patterns));
        (update, bundle)
    }

    /// Removes what `path` has. False if there is no such path.
    pub fn remove(&mut self, path: &[u8]) -> bool {
        let Some(at) = self.position(path) else { return false };
        let (_, former) = self.paths.remove(at);
        self.merge_data(&DataIds::of(&[&former]));
        drop(former);
        self.interner.patterns.forget_unused();
        true
    }

    /// The paths in order of first addition.
    pub fn paths(&self) -> impl Iterator<Item = &Text> {
        self.paths.iter().map(|(path, _)| path)
    }

    /// Merges all documents, applies overrides and resolves references. `None` if nothing would ever run:
    /// no enabled rule and no postprocessor.
    #[must_use]
    pub fn compile(&self) -> Option<Ruleset> {
        let documents: Vec<&Documents> = self.paths.iter().map(|(_, documents)| documents).collect();
        let ruleset = Ruleset {
            addresses: Arc::clone(&self.interner.addresses),
            rules_data: self.rules_data.clone(),
            exclusion_data: self.exclusion_data.clone(),
            ..compile::compile(&documents)
        };
        let runs = !ruleset.rules.is_empty() || !ruleset.postprocessors.is_empty();
        runs.then_some(ruleset)
    }

    fn position(&self, path: &[u8]) -> Option<usize> {
        self.paths.iter().position(|(other, _)| **other == *path)
    }

    fn replace(&mut self, path: &[u8], documents: Documents) {
        let changed = match self.position(path) {
            Some(at) => {
                let former = core::mem::replace(&mut self.paths[at].1, documents);
                DataIds::of(&[&former, &self.paths[at].1])
            }
            None => {
                let changed = DataIds::of(&[&documents]);
                self.paths.push((Text::from(path), documents));
                changed
            }
        };
        self.merge_data(&changed);
    }

    /// Makes the sets of changed data ids anew; the others stay shared.
    fn merge_data(&mut self, changed: &DataIds) {
        let documents = || self.paths.iter().map(|(_, documents)| documents);
        let rules_data = documents().flat_map(|documents| &documents.rules_data);
        update_data(&mut self.rules_data, &changed.rules_data, rules_data);
        let exclusion_data = documents().flat_map(|documents| &documents.exclusion_data);
        update_data(&mut self.exclusion_data, &changed.exclusion_data, exclusion_data);
    }
}

/// The ids of the data in some documents.
struct DataIds {
    rules_data: BTreeSet<Text>,
    exclusion_data: BTreeSet<Text>,
}

impl DataIds {
    fn of(documents: &[&Documents]) -> Self {
        let ids = |entries: fn(&Documents) -> &[DataDocument]| {
            documents.iter().flat_map(|documents| entries(documents)).map(|entry| entry.id.clone()).collect()
        };
        Self {
            rules_data: ids(|documents| &documents.rules_data),
            exclusion_data: ids(|documents| &documents.exclusion_data),
        }
    }
}

/// Merges the entries of each changed id. An id that was once there stays, as libddwaf's do.
fn update_data<'a>(
    merged: &mut BTreeMap<Text, Data>,
    changed: &BTreeSet<Text>,
    entries: impl Iterator<Item = &'a DataDocument>,
) {
    if changed.is_empty() {
        return;
    }
    let mut by_id: BTreeMap<&Text, Vec<&DataDocument>> = changed.iter().map(|id| (id, Vec::new())).collect();
    for entry in entries {
        if let Some(entries) = by_id.get_mut(&entry.id) {
            entries.push(entry);
        }
    }
    for (id, entries) in by_id {
        if let Some(data) = merge_data(merged.get(id), entries.into_iter()) {
            merged.insert(id.clone(), data);
        }
    }
}
