//! What became of each element of a configuration.

use super::problem::Problem;
use crate::vocab::Text;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;
use bartizan_object::{AllocError, AllocRef, MapWriter, Owned, Slot};

/// The report on one configuration.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    /// Why the whole configuration was refused.
    pub error: Option<Text>,
    /// By name; only sections that the configuration has.
    pub sections: BTreeMap<&'static str, Section>,
    /// `metadata.rules_version`, unless empty.
    pub ruleset_version: Option<Text>,
}

/// The report on one section. Elements without a usable id stand as `index:N`.
#[derive(Clone, Debug, Default)]
pub struct Section {
    /// Why reading the section ended early; nothing else is reported then.
    pub error: Option<Text>,
    /// Elements that are in force.
    pub loaded: Vec<Text>,
    /// Elements that are not.
    pub failed: Vec<Text>,
    /// Elements meant for another version of the engine.
    pub skipped: Vec<Text>,
    /// What was wrong with failed elements.
    pub errors: Messages,
    /// What was unknown about failed elements.
    pub warnings: Messages,
}

/// Messages in order of first occurrence, each with the elements it concerns.
#[derive(Clone, Debug, Default)]
pub struct Messages {
    list: Vec<(Text, Vec<Text>)>,
    positions: BTreeMap<Text, usize>,
}

impl Messages {
    fn add(&mut self, message: Text, id: Text) {
        let next = self.list.len();
        let position = *self.positions.entry(message.clone()).or_insert(next);
        if position == next {
            self.list.push((message, Vec::new()));
        }
        self.list[position].1.push(id);
    }

    /// The messages with the ids they concern.
    pub fn iter(&self) -> impl Iterator<Item = &(Text, Vec<Text>)> {
        self.list.iter()
    }
}

impl Section {
    /// An element that could not be taken. Without an id it is mostly known by its position.
    pub(super) fn fail(&mut self, position: usize, id: &Text, problem: &Problem) {
        let id = if id.is_empty() && !problem.keeps_id() { index_id(position) } else { id.clone() };
        self.fail_as(id, problem);
    }

    /// As [`Section::fail`], under this very name.
    pub(super) fn fail_as(&mut self, id: Text, problem: &Problem) {
        self.failed.push(id.clone());
        let messages = if problem.is_warning() { &mut self.warnings } else { &mut self.errors };
        messages.add(problem.message(), id);
    }

    fn write(&self, slot: Slot<'_>) -> Result<(), AllocError> {
        if let Some(error) = &self.error {
            return write_error(slot, error);
        }
        let mut map = slot.map(5)?;
        write_ids(&mut map, b"loaded", &self.loaded)?;
        write_ids(&mut map, b"failed", &self.failed)?;
        write_ids(&mut map, b"skipped", &self.skipped)?;
        write_messages(&mut map, b"errors", &self.errors)?;
        write_messages(&mut map, b"warnings", &self.warnings)
    }
}

impl Diagnostics {
    /// Whether the configuration is to be taken: nothing in it failed, or at least one section has an
    /// element that loaded.
    #[must_use]
    pub fn is_acceptable(&self) -> bool {
        let sections = || self.sections.values();
        self.error.is_none()
            && (sections().any(|section| section.error.is_none() && !section.loaded.is_empty())
                || sections().all(|section| section.error.is_none() && section.failed.is_empty()))
    }

    /// Writes the report in libddwaf's shape.
    ///
    /// # Errors
    /// The allocator refused.
    pub fn write(&self, slot: Slot<'_>) -> Result<(), AllocError> {
        if let Some(error) = &self.error {
            return write_error(slot, error);
        }
        let mut map = slot.map(self.sections.len() + usize::from(self.ruleset_version.is_some()))?;
        for (name, section) in &self.sections {
            section.write(map.insert(name.as_bytes())?)?;
        }
        if let Some(version) = &self.ruleset_version {
            map.insert(b"ruleset_version")?.string(version)?;
        }
        Ok(())
    }

    /// The report as a tree of its own, in the default allocator's memory. When memory runs out the tree
    /// ends where it did.
    #[must_use]
    pub fn to_object(&self) -> Owned {
        let mut object = Owned::new(AllocRef::global());
        let _ = self.write(object.slot());
        object
    }
}

/// How an element without an id is called.
pub(super) fn index_id(position: usize) -> Text {
    Text::from(format!("index:{position}").as_str())
}

fn write_error(slot: Slot<'_>, error: &Text) -> Result<(), AllocError> {
    slot.map(1)?.insert(b"error")?.string(error)
}

fn write_list(slot: Slot<'_>, ids: &[Text]) -> Result<(), AllocError> {
    let mut list = slot.array(ids.len())?;
    for id in ids {
        list.push()?.string(id)?;
    }
    Ok(())
}

fn write_ids(map: &mut MapWriter<'_>, key: &[u8], ids: &[Text]) -> Result<(), AllocError> {
    write_list(map.insert(key)?, ids)
}

fn write_messages(map: &mut MapWriter<'_>, key: &[u8], messages: &Messages) -> Result<(), AllocError> {
    let mut list = map.insert(key)?.map(messages.list.len())?;
    for (message, ids) in messages.iter() {
        write_list(list.insert(message)?, ids)?;
    }
    Ok(())
}
