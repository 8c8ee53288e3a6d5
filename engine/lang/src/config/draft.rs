//! The documents of a configuration while it is read.

use super::diagnostics::Section;
use super::documents::{Documents, Namespace};
use super::interner::Interner;
use super::problem::Problem;
use super::read::{Map, Read};
use super::version::is_meant_for_us;
use crate::vocab::Text;
use bartizan_object::Object;

/// What sections are read into.
pub(super) struct Draft<'a> {
    /// What was taken so far.
    pub(super) documents: Documents,
    /// Names and patterns that are known.
    pub(super) interner: &'a mut Interner,
    /// The documents of other paths.
    pub(super) others: &'a [&'a Documents],
}

impl<'a> Draft<'a> {
    pub(super) fn new(interner: &'a mut Interner, others: &'a [&'a Documents]) -> Self {
        Self { documents: Documents::default(), interner, others }
    }

    fn is_taken(&self, namespace: Namespace, id: &Text) -> bool {
        self.documents.has(namespace, id) || self.others.iter().any(|other| other.has(namespace, id))
    }

    /// Reads one element that has an id: sees to the id and, where `gated`, to the versions that it is
    /// meant for, has `read` do the rest, and files the outcome.
    pub(super) fn element(
        &mut self,
        Kind { namespace, gated }: Kind,
        position: usize,
        element: Map<'_>,
        section: &mut Section,
        read: impl FnOnce(&mut Self, Map<'_>, Text) -> Result<(), Problem>,
    ) {
        let id: Text = match element.need("id") {
            Ok(id) => id,
            Err(problem) => return section.fail(position, &Text::default(), &problem),
        };
        if self.is_taken(namespace, &id) {
            return section.fail_as(id, &Problem::Plain(namespace.duplicate()));
        }
        let outcome = match if gated { is_meant_for_us(element) } else { Ok(true) } {
            Ok(true) => read(self, element, id.clone()),
            Ok(false) => return section.skipped.push(id),
            Err(problem) => Err(problem),
        };
        match outcome {
            Ok(()) => {
                self.documents.ids[namespace as usize].insert(id.clone());
                section.loaded.push(id);
            }
            Err(Problem::OperatorVersion) => section.skipped.push(id),
            Err(problem) => section.fail(position, &id, &problem),
        }
    }

    /// Reads a section of elements that have ids. An element that is not a map ends the section.
    pub(super) fn elements(
        &mut self,
        kind: Kind,
        value: &Object,
        section: &mut Section,
        read: impl Fn(&mut Self, Map<'_>, Text) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        for (position, item) in <&[Object]>::read(value)?.iter().enumerate() {
            self.element(kind, position, Map::read(item)?, section, &read);
        }
        Ok(())
    }
}

/// What [`Draft::element`] needs to know about a kind of elements.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    /// Where their ids are unique.
    pub(super) namespace: Namespace,
    /// Whether they may say which versions they are meant for.
    pub(super) gated: bool,
}
