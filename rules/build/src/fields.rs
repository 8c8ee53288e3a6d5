//! Reading a map whose every key must be known and used.

use crate::error::PackError;
use crate::value::Value;
use std::path::Path;

/// The entries of one map. Keys are taken out one by one; what is left at the end was never asked
/// for and is an error, so that a slip of the pen cannot switch a test off.
pub(crate) struct Fields<'a> {
    file: &'a Path,
    place: String,
    entries: Vec<(String, Value)>,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(file: &'a Path, place: impl Into<String>, value: Value) -> Result<Self, PackError> {
        let place = place.into();
        match value {
            Value::Map(entries) => Ok(Self { file, place, entries }),
            _ => Err(PackError::new(file, format!("{place} is not a map"))),
        }
    }

    pub(crate) fn error(&self, what: impl std::fmt::Display) -> PackError {
        PackError::new(self.file, format!("{}: {what}", self.place))
    }

    pub(crate) fn file(&self) -> &'a Path {
        self.file
    }

    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    pub(crate) fn rename(&mut self, place: String) {
        self.place = place;
    }

    pub(crate) fn take(&mut self, key: &str) -> Option<Value> {
        let at = self.entries.iter().position(|(k, _)| k == key)?;
        Some(self.entries.remove(at).1)
    }

    pub(crate) fn text(&mut self, key: &str) -> Result<Option<String>, PackError> {
        match self.take(key) {
            None => Ok(None),
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text.trim().to_owned())),
            Some(_) => Err(self.error(format_args!("`{key}` is not a text, or empty"))),
        }
    }

    pub(crate) fn need_text(&mut self, key: &str) -> Result<String, PackError> {
        self.text(key)?.ok_or_else(|| self.error(format_args!("`{key}` is missing")))
    }

    pub(crate) fn list(&mut self, key: &str) -> Result<Vec<Value>, PackError> {
        match self.take(key) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => Ok(items),
            Some(_) => Err(self.error(format_args!("`{key}` is not a list"))),
        }
    }

    pub(crate) fn map(&mut self, key: &str) -> Result<Vec<(String, Value)>, PackError> {
        match self.take(key) {
            None => Ok(Vec::new()),
            Some(Value::Map(entries)) => Ok(entries),
            Some(_) => Err(self.error(format_args!("`{key}` is not a map"))),
        }
    }

    pub(crate) fn finish(self) -> Result<(), PackError> {
        match self.entries.first() {
            None => Ok(()),
            Some((key, _)) => Err(self.error(format_args!("unknown key `{key}`"))),
        }
    }
}
