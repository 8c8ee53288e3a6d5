//! The rules in force, and what is offered in their place.
//!
//! An offer is everything or nothing: a file that is damaged, a checksum that does not fit, rules that would
//! never run change nothing. What was last good can be kept, and comes back without its source.

use crate::document::{Members, list, scalar_text};
use crate::sha256::{self, hex};
use crate::{Error, head};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use bartizan_engine::{Builder, Instance};
use bartizan_object::{AllocRef, Object, Owned, View, parse_document};
use bartizan_text::transform::Transformer;
use sha2::{Digest, Sha256};

/// What became of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Not taken; what was in force stays.
    Refused,
    /// The same as what is in force.
    Unchanged,
    /// In force from now on.
    Changed,
}

/// Rules in force.
#[derive(Default)]
pub struct Rules {
    instance: Option<Instance>,
    files: Vec<(Vec<u8>, Vec<u8>)>,
    sha256: String,
    source: Vec<u8>,
    etag: Vec<u8>,
}

impl Rules {
    /// Nothing in force.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The instance in force.
    #[must_use]
    pub fn instance(&self) -> Option<&Instance> {
        self.instance.as_ref()
    }

    /// Takes an offer document: `files` of `path` and `text` with `source`, `etag` and `digest`; or
    /// `not_modified`; or `error`. `out` has what became of it.
    ///
    /// # Errors
    /// The document itself cannot be read or is not a map.
    pub fn offer(&mut self, document: &[u8], out: &mut Vec<u8>) -> Result<Offer, Error> {
        let document = head::read(document)?;
        if document.as_map().is_none() {
            return Err(Error::Malformed("the offer is not a map".into()));
        }
        let text = |key: &[u8]| document.get(key).and_then(scalar_text).unwrap_or_default();
        let source = text(b"source");
        let mut trial = Trial::default();
        let state = match self.judge(&document, &mut trial) {
            Ok(offer) => offer,
            Err(why) => {
                let stay = if self.instance.is_some() {
                    "the last good rules stay"
                } else {
                    "no rules are in force"
                };
                let from =
                    if source.is_empty() { String::new() } else { format!("{}: ", source.escape_ascii()) };
                trial.warnings.insert(0, format!("rules refused: {from}{why}; {stay}"));
                Offer::Refused
            }
        };
        if state == Offer::Changed {
            self.instance = trial.instance.take();
            self.files = core::mem::take(&mut trial.files);
            self.sha256.clone_from(&trial.sha256);
        }
        if state != Offer::Refused && document.get(b"files").is_some() {
            self.etag = text(b"etag");
            self.source = source;
        }
        self.tell(state, &trial, out);
        Ok(state)
    }

    fn judge(&self, document: &Object, trial: &mut Trial) -> Result<Offer, String> {
        if let Some(error) = document.get(b"error").and_then(scalar_text) {
            return Err(format!("it cannot be read: {}", String::from_utf8_lossy(&error)));
        }
        if document.get(b"not_modified").is_some_and(|value| matches!(value.view(), View::Bool(true))) {
            return Ok(Offer::Unchanged);
        }
        trial.take(document.get(b"files"))?;
        if let Some(digest) = document.get(b"digest") {
            let [(path, text)] = &*trial.files else {
                return Err("a checksum stands for one file, and this is another number of them".into());
            };
            verify(digest, path, text)?;
        }
        trial.sha256 = fingerprint(&trial.files);
        if self.instance.is_some() && trial.sha256 == self.sha256 {
            return Ok(Offer::Unchanged);
        }
        trial.build()?;
        Ok(Offer::Changed)
    }

    fn tell(&self, state: Offer, trial: &Trial, out: &mut Vec<u8>) {
        out.clear();
        let mut members = Members::new(out);
        let word: &[u8] = match state {
            Offer::Refused => b"refused",
            Offer::Unchanged => b"unchanged",
            Offer::Changed => b"changed",
        };
        members.text(b"state", word);
        members.text(b"source", &self.source);
        members.text(b"etag", &self.etag);
        members.text(b"sha256", self.sha256.as_bytes());
        members.texts(b"warnings", trial.warnings.iter().map(|text| text.as_bytes()));
        let mut inner = Members::new(members.key(b"diagnostics"));
        for (path, diagnostics) in &trial.diagnostics {
            inner.object(path, diagnostics);
        }
        inner.end();
        members.end();
    }

    /// What is in force, to be kept on disk; false when that is nothing.
    pub fn save(&self, out: &mut Vec<u8>) -> bool {
        if self.instance.is_none() {
            return false;
        }
        out.clear();
        let mut members = Members::new(out);
        members.text(b"source", &self.source);
        members.text(b"etag", &self.etag);
        members.text(b"sha256", self.sha256.as_bytes());
        list(&self.files, members.key(b"files"), |(path, text), out| {
            let mut file = Members::new(out);
            file.text(b"path", path);
            file.text(b"text", text);
            file.end();
        });
        members.end();
        true
    }

    /// Takes what [`Rules::save`] gave. The etag comes back too, so that a source that still has the same need
    /// not send it again.
    ///
    /// # Errors
    /// None: what is damaged is refused.
    pub fn restore(&mut self, saved: &[u8], out: &mut Vec<u8>) -> Result<Offer, Error> {
        let mut trial = Trial::default();
        let state = match Self::revive(saved, &mut trial) {
            Ok((source, etag)) => {
                self.instance = trial.instance.take();
                self.files = core::mem::take(&mut trial.files);
                self.sha256.clone_from(&trial.sha256);
                (self.source, self.etag) = (source, etag);
                Offer::Changed
            }
            Err(why) => {
                trial.warnings.insert(0, format!("the kept rules cannot be used: {why}"));
                Offer::Refused
            }
        };
        self.tell(state, &trial, out);
        Ok(state)
    }

    fn revive(saved: &[u8], trial: &mut Trial) -> Result<(Vec<u8>, Vec<u8>), String> {
        let document = head::read(saved).map_err(|error| format!("{error}"))?;
        trial.take(document.get(b"files"))?;
        trial.sha256 = fingerprint(&trial.files);
        let text = |key: &[u8]| document.get(key).and_then(scalar_text).unwrap_or_default();
        if text(b"sha256") != trial.sha256.as_bytes() {
            return Err("their checksum does not fit".into());
        }
        trial.build()?;
        Ok((text(b"source"), text(b"etag")))
    }
}

/// Rules on their way in.
#[derive(Default)]
struct Trial {
    files: Vec<(Vec<u8>, Vec<u8>)>,
    sha256: String,
    instance: Option<Instance>,
    warnings: Vec<String>,
    diagnostics: Vec<(Vec<u8>, Owned)>,
}

impl Trial {
    fn take(&mut self, files: Option<&Object>) -> Result<(), String> {
        for file in files.and_then(Object::as_array).unwrap_or_default() {
            let member = |key: &[u8]| file.get(key).and_then(Object::as_bytes);
            match (member(b"path"), member(b"text")) {
                (Some(path), Some(text)) if !path.is_empty() => {
                    file.get(b"digest").map_or(Ok(()), |digest| verify(digest, path, text))?;
                    self.files.push((path.to_vec(), text.to_vec()));
                }
                _ => return Err("a file without path or text".into()),
            }
        }
        if self.files.is_empty() { Err("there is no file in it".into()) } else { Ok(()) }
    }

    fn build(&mut self) -> Result<(), String> {
        let mut builder = Builder::new();
        let mut refused = None;
        for (path, text) in &self.files {
            let name = path.escape_ascii();
            let object = parse_document(text, AllocRef::global())
                .map_err(|error| format!("the file {name} is no JSON document: {error}"))?;
            let update = builder.update(path, &object);
            if !update.accepted && refused.is_none() {
                refused = Some(format!("nothing in the file {name} can be used, see its diagnostics"));
            }
            let failed = failures(&update.diagnostics);
            if update.accepted && failed > 0 {
                self.warnings.push(format!(
                    "the file {name}: {failed} of its elements cannot be used, see its diagnostics; the others are in force"
                ));
            }
            self.diagnostics.push((path.clone(), update.diagnostics));
        }
        if let Some(why) = refused {
            return Err(why);
        }
        self.instance = builder.build();
        if self.instance.is_none() { Err("nothing in it would ever run".into()) } else { Ok(()) }
    }
}

/// How many elements of all sections failed.
fn failures(diagnostics: &Object) -> usize {
    let sections = diagnostics.as_map().unwrap_or_default().iter();
    sections
        .map(|section| section.value.get(b"failed").and_then(Object::as_array).map_or(0, <[_]>::len))
        .sum()
}

fn fingerprint(files: &[(Vec<u8>, Vec<u8>)]) -> String {
    let mut hash = Sha256::new();
    for (path, text) in files {
        for part in [path, text] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    hex(&hash.finalize())
}

/// Holds a file against the checksum that came with it, if one did.
fn verify(digest: &Object, path: &[u8], text: &[u8]) -> Result<(), String> {
    let Some(digest) = scalar_text(digest).filter(|text| !text.is_empty()) else { return Ok(()) };
    if fits(&digest, text) {
        return Ok(());
    }
    Err(format!(
        "the checksum of {} does not fit: {} was announced, and SHA-256 is {}",
        path.escape_ascii(),
        digest.trim_ascii().escape_ascii(),
        hex(&sha256::sum(text))
    ))
}

/// Whether a checksum is that of the text: 64 hex digits, with or without `sha256:` before and a file name
/// after them; or one of the items of a header for digests, in base64 after `sha-256=`.
fn fits(digest: &[u8], text: &[u8]) -> bool {
    let sum = sha256::sum(text);
    let digest = digest.trim_ascii();
    let plain = digest.strip_prefix(b"sha256:").unwrap_or(digest);
    let plain = plain.split(|byte| byte.is_ascii_whitespace()).next().unwrap_or_default();
    if plain.len() == 64 {
        return plain.eq_ignore_ascii_case(hex(&sum).as_bytes());
    }
    digest.split(|byte| *byte == b',').any(|item| {
        let (name, value) = crate::url::split(item.trim_ascii(), b'=');
        let value = value.strip_prefix(b":").and_then(|rest| rest.strip_suffix(b":")).unwrap_or(value);
        name.eq_ignore_ascii_case(b"sha-256") && value == base64(&sum).as_bytes()
    })
}

fn base64(bytes: &[u8]) -> String {
    let mut out = Vec::new();
    Transformer::Base64Encode.apply(bytes, &mut out);
    String::from_utf8(out).expect("base64 is ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ruleset(id: &str) -> String {
        format!(
            r#"{{"version":"2.2","rules":[{{"id":"{id}","name":"n","tags":{{"type":"t"}},"conditions":[{{"operator":"exists","parameters":{{"inputs":[{{"address":"a"}}]}}}}]}}]}}"#
        )
    }

    fn offered(rules: &mut Rules, text: &str, more: &str) -> (Offer, String) {
        let mut quoted = Vec::new();
        crate::document::string(text.as_bytes(), &mut quoted);
        let text = String::from_utf8(quoted).unwrap();
        let mut out = Vec::new();
        let document = format!(r#"{{"source":"here","files":[{{"path":"r.json","text":{text}}}]{more}}}"#);
        let offer = rules.offer(document.as_bytes(), &mut out).unwrap();
        (offer, String::from_utf8(out).unwrap())
    }

    #[test]
    fn an_offer_is_everything_or_nothing() {
        let mut rules = Rules::new();
        assert_eq!(offered(&mut rules, "{", "").0, Offer::Refused);
        assert!(rules.instance().is_none());
        let (state, told) = offered(&mut rules, &ruleset("one"), r#","etag":"\"1\"""#);
        assert!(state == Offer::Changed && told.contains(r#""etag":"\"1\"""#), "{told}");
        assert_eq!(offered(&mut rules, &ruleset("one"), "").0, Offer::Unchanged);
        for broken in [&ruleset("two")[..40], "[]", "{}", "\0\0", r#"{"version":"1.0","rules":[]}"#] {
            let (state, told) = offered(&mut rules, broken, "");
            assert_eq!(state, Offer::Refused, "{broken}");
            assert!(told.contains("the last good rules stay"), "{told}");
        }
        assert_eq!(rules.instance().map(|instance| instance.addresses().len()), Some(1));
        assert_eq!(offered(&mut rules, &ruleset("two"), "").0, Offer::Changed);
    }

    #[test]
    fn checksums_are_held_against_the_text() {
        let text = ruleset("one");
        let sum = sha256::sum(text.as_bytes());
        let mut rules = Rules::new();
        for (digest, fits) in [
            (hex(&sum), true),
            (format!("sha256:{}", hex(&sum)), true),
            (format!("{}  r.json\\n", hex(&sum).to_uppercase()), true),
            (format!("sha-512=:AA==:, sha-256=:{}:", base64(&sum)), true),
            (format!("SHA-256={}", base64(&sum)), true),
            (hex(&sha256::sum(b"x")), false),
            ("sha-512=:AA==:".into(), false),
            ("nonsense".into(), false),
        ] {
            let (state, told) = offered(&mut rules, &text, &format!(r#","digest":"{digest}""#));
            assert_eq!(state != Offer::Refused, fits, "{digest}: {told}");
        }
    }

    #[test]
    fn what_was_kept_comes_back_unless_it_is_damaged() {
        let (mut rules, mut kept, mut out) = (Rules::new(), Vec::new(), Vec::new());
        assert!(!rules.save(&mut kept));
        offered(&mut rules, &ruleset("one"), r#","etag":"e""#);
        assert!(rules.save(&mut kept));
        let mut others = Rules::new();
        assert_eq!(others.restore(&kept, &mut out), Ok(Offer::Changed));
        assert_eq!(offered(&mut others, &ruleset("one"), "").0, Offer::Unchanged);
        for at in (0..kept.len()).step_by(7) {
            assert_eq!(others.restore(&kept[..at], &mut out), Ok(Offer::Refused));
        }
        let changed = String::from_utf8(kept).unwrap().replace("one", "two");
        assert_eq!(others.restore(changed.as_bytes(), &mut out), Ok(Offer::Refused));
    }

    #[test]
    fn a_source_that_says_nothing_changes_nothing() {
        let (mut rules, mut out) = (Rules::new(), Vec::new());
        offered(&mut rules, &ruleset("one"), "");
        assert_eq!(rules.offer(br#"{"not_modified":true}"#, &mut out), Ok(Offer::Unchanged));
        assert_eq!(rules.offer(br#"{"source":"s","error":"gone"}"#, &mut out), Ok(Offer::Refused));
        let told = String::from_utf8(out).unwrap();
        assert!(
            told.contains("rules refused: s: it cannot be read: gone; the last good rules stay"),
            "{told}"
        );
        assert!(rules.offer(b"[]", &mut Vec::new()).is_err());
    }
}
