//! What a host is told after an evaluation, and once more at the end of a request.

use crate::document::{Members, list};
use crate::event::Tag;
use crate::response::Refusal;
use crate::settings::{Mode, Settings};
use alloc::string::String;
use alloc::vec::Vec;
use bartizan_object::{Object, Owned, View, json};

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Verdict {
    #[default]
    None,
    Monitor,
    Block,
}

impl Verdict {
    pub(crate) fn of(result: &Object, refusal: Option<&Refusal>, mode: Mode) -> Self {
        match refusal {
            Some(_) if mode == Mode::Block => Self::Block,
            Some(_) => Self::Monitor,
            None if !items(result, b"events").is_empty() => Self::Monitor,
            None => Self::None,
        }
    }

    pub(crate) fn word(self) -> &'static [u8] {
        match self {
            Self::None => b"none",
            Self::Monitor => b"monitor",
            Self::Block => b"block",
        }
    }
}

/// An answer to one evaluation.
pub(crate) struct Answer<'a> {
    pub(crate) verdict: Verdict,
    pub(crate) result: Option<&'a Object>,
    pub(crate) tags: &'a [Tag],
    pub(crate) warnings: &'a [String],
    pub(crate) refusal: Option<&'a Refusal>,
    /// The answer to a question about a user.
    pub(crate) blocked: Option<bool>,
    pub(crate) timeout: bool,
}

impl Answer<'_> {
    pub(crate) fn write(&self, settings: &Settings, out: &mut Vec<u8>) {
        out.clear();
        let mut members = Members::new(out);
        members.text(b"verdict", self.verdict.word());
        if let Some(result) = self.result {
            for key in [&b"events"[..], b"actions", b"attributes"] {
                if let Some(value) = result.get(key).filter(|value| has_any(value)) {
                    members.object(key, value);
                }
            }
        }
        write_tags(&mut members, self.tags);
        let is_true = |value: &Object| matches!(value.view(), View::Bool(true));
        if !self.tags.is_empty() || self.result.and_then(|result| result.get(b"keep")).is_some_and(is_true) {
            members.bool(b"keep", true);
        }
        if self.timeout {
            members.bool(b"timeout", true);
        }
        if let Some(duration) = self.result.and_then(|result| result.get(b"duration")) {
            members.object(b"duration", duration);
        }
        if let Some(blocked) = self.blocked {
            members.bool(b"blocked", blocked);
        }
        if let Some(refusal) = self.refusal.filter(|_| self.verdict == Verdict::Block) {
            refusal.write(settings, members.key(b"response"));
        }
        write_warnings(&mut members, self.warnings);
        members.end();
    }
}

fn has_any(value: &Object) -> bool {
    match value.view() {
        View::Array(items) => !items.is_empty(),
        View::Map(entries) => !entries.is_empty(),
        _ => false,
    }
}

fn items<'a>(result: &'a Object, key: &[u8]) -> &'a [Object] {
    result.get(key).and_then(Object::as_array).unwrap_or_default()
}

fn write_tags(members: &mut Members<'_>, tags: &[Tag]) {
    if tags.is_empty() {
        return;
    }
    let mut inner = Members::new(members.key(b"tags"));
    for (at, tag) in tags.iter().enumerate() {
        // The last value of a name counts; there are few.
        if !tags[at + 1..].iter().any(|later| later.name == tag.name) {
            inner.text(&tag.name, &tag.value);
        }
    }
    inner.end();
}

fn write_warnings(members: &mut Members<'_>, warnings: &[String]) {
    if !warnings.is_empty() {
        members.texts(b"warnings", warnings.iter().map(|text| text.as_bytes()));
    }
}

/// What a whole request came to: one line of a log.
pub(crate) struct Summary<'a> {
    pub(crate) now_s: u64,
    /// Names and values of what is known about the request; empty values are left out.
    pub(crate) line: [(&'static [u8], &'a [u8]); 6],
    pub(crate) verdict: Verdict,
    pub(crate) results: &'a [Owned],
    pub(crate) tags: &'a [Tag],
    pub(crate) warnings: &'a [String],
}

impl Summary<'_> {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.clear();
        let mut members = Members::new(out);
        members.number(b"time", self.now_s);
        for (name, value) in self.line.iter().filter(|(_, value)| !value.is_empty()) {
            members.text(name, value);
        }
        members.text(b"verdict", self.verdict.word());
        let events = self.results.iter().flat_map(|result| items(result, b"events"));
        if events.clone().next().is_some() {
            list(events, members.key(b"events"), json::write);
        }
        let attributes: Vec<_> =
            self.results.iter().filter_map(|result| result.get(b"attributes")?.as_map()).flatten().collect();
        if !attributes.is_empty() {
            let mut inner = Members::new(members.key(b"attributes"));
            for (at, entry) in attributes.iter().enumerate() {
                let name = entry.key.as_bytes().unwrap_or_default();
                // The last value of a name counts here too.
                if !attributes[at + 1..].iter().any(|later| later.key.as_bytes() == Some(name)) {
                    inner.object(name, &entry.value);
                }
            }
            inner.end();
        }
        write_tags(&mut members, self.tags);
        write_warnings(&mut members, self.warnings);
        members.end();
    }
}
