//! Parsing: configuration objects in, documents and diagnostics out.
//!
//! Parsing never fails, it reports: each element of each section is taken or not, and the diagnostics say
//! why. One file per section; [`read`] holds the coercions, [`problem`] the messages.

mod actions;
mod conditions;
mod data;
mod detectors;
mod diagnostics;
mod documents;
mod draft;
mod exclusions;
mod interner;
mod obfuscator;
mod operators;
mod overrides;
mod problem;
mod processors;
mod read;
mod reference;
mod rules;
mod scanners;
#[cfg(test)]
pub(crate) mod tests;
mod transformers;
mod version;

pub use diagnostics::{Diagnostics, Messages, Section};
pub use documents::{
    DataDocument, DataKind, Documents, InputFilterDocument, ProcessorDocument, ProcessorOverride, Reference,
    RuleFilterDocument, RuleOverride,
};
pub use interner::Interner;

use crate::vocab::Text;
use bartizan_object::{Kind, Object};
use draft::Draft;
use problem::{Problem, join, kind_name};
use read::{Map, Read};

/// The outcome of parsing one configuration.
#[derive(Debug)]
pub struct Parsed {
    /// What it holds; to be dropped unless it is accepted.
    pub documents: Documents,
    /// What became of each element.
    pub diagnostics: Diagnostics,
    /// Whether it is to be taken. A configuration of which only parts failed is.
    pub accepted: bool,
}

/// Parses a configuration.
///
/// Addresses and patterns that it mentions are entered into `interner`. Ids that `others`, the documents of other paths,
/// have already are duplicates.
#[must_use]
pub fn parse(config: &Object, interner: &mut Interner, others: &[&Documents]) -> Parsed {
    let mut draft = Draft::new(interner, others);
    let mut diagnostics = Diagnostics::default();
    let well_formed = read_root(config, &mut draft, &mut diagnostics);
    let accepted = well_formed && diagnostics.is_acceptable();
    Parsed { documents: draft.documents, diagnostics, accepted }
}

type ReadSection = fn(&Object, &mut Draft<'_>, &mut Section) -> Result<(), Problem>;

/// Sections in the order in which they are read, whatever their order in the configuration.
const SECTIONS: [(&str, ReadSection); 12] = [
    ("actions", actions::read),
    ("rules", rules::read_base),
    ("rules_compat", rules::read_base),
    ("custom_rules", rules::read_user),
    ("rules_data", data::read_rules_data),
    ("rules_override", overrides::read_rules),
    ("processor_overrides", overrides::read_processors),
    ("exclusions", exclusions::read),
    ("exclusion_data", data::read_exclusion_data),
    ("processors", processors::read),
    ("scanners", scanners::read),
    ("obfuscator", obfuscator::read),
];

/// Reads the frame, then the sections. False if the frame is broken: libddwaf says nothing about most of
/// its faults, so diagnostics stay as they are.
fn read_root(config: &Object, draft: &mut Draft<'_>, diagnostics: &mut Diagnostics) -> bool {
    if config.kind() != Kind::Map {
        diagnostics.error = Some(join(&[
            b"invalid configuration type, expected 'map', obtained '",
            kind_name(config).as_bytes(),
            b"'",
        ]));
        return false;
    }
    let Ok(root) = Map::read(config) else { return false };
    let Ok(rules_version) = root.map("metadata").and_then(|metadata| metadata.or("rules_version", &b""[..]))
    else {
        return false;
    };
    if !rules_version.is_empty() {
        diagnostics.ruleset_version = Some(Text::from(rules_version));
    }
    match root.or("version", &b""[..]).map(version::schema_major) {
        Ok(Some(2)) => {}
        Ok(Some(other)) => {
            let number = alloc::format!("{other}");
            diagnostics.error = Some(join(&[b"unsupported schema version: ", number.as_bytes(), b".x"]));
            return false;
        }
        Ok(None) | Err(_) => return false,
    }
    for (name, read) in SECTIONS {
        if let Some(value) = root.find(name) {
            let mut section = Section::default();
            section.error = read(value, draft, &mut section).err().map(|problem| problem.message());
            diagnostics.sections.insert(name, section);
        }
    }
    true
}
