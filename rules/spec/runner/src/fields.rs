//! A map of a suite, each key of which must be known.

use bartizan_reference::Value;

/// Keys and values in order.
pub(crate) type Entries = Vec<(Vec<u8>, Value)>;

/// The entries that were not taken yet.
pub(crate) struct Fields {
    /// What the map is, for messages.
    place: String,
    entries: Entries,
}

impl Fields {
    pub(crate) fn new(place: impl Into<String>, value: Value) -> Result<Self, String> {
        let place = place.into();
        match value {
            Value::Map(entries) => Ok(Self { place, entries }),
            other => Err(format!("{place}: a map is needed, not {}", other.to_json())),
        }
    }

    pub(crate) fn error(&self, what: impl std::fmt::Display) -> String {
        format!("{}: {what}", self.place)
    }

    pub(crate) fn take(&mut self, key: &str) -> Option<Value> {
        let at = self.entries.iter().position(|(name, _)| name == key.as_bytes())?;
        Some(self.entries.remove(at).1)
    }

    pub(crate) fn text(&mut self, key: &str) -> Result<Option<String>, String> {
        match self.take(key) {
            None => Ok(None),
            Some(Value::Bytes(text)) => Ok(Some(String::from_utf8_lossy(&text).into_owned())),
            Some(other) => Err(self.error(format!("`{key}` is text, not {}", other.to_json()))),
        }
    }

    pub(crate) fn need_text(&mut self, key: &str) -> Result<String, String> {
        self.text(key)?.ok_or_else(|| self.error(format!("`{key}` is missing")))
    }

    pub(crate) fn list(&mut self, key: &str) -> Result<Option<Vec<Value>>, String> {
        match self.take(key) {
            None => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items)),
            Some(other) => Err(self.error(format!("`{key}` is a list, not {}", other.to_json()))),
        }
    }

    pub(crate) fn map(&mut self, key: &str) -> Result<Option<Entries>, String> {
        match self.take(key) {
            None => Ok(None),
            Some(Value::Map(entries)) => Ok(Some(entries)),
            Some(other) => Err(self.error(format!("`{key}` is a map, not {}", other.to_json()))),
        }
    }

    pub(crate) fn number(&mut self, key: &str) -> Result<Option<u64>, String> {
        match self.take(key) {
            None => Ok(None),
            Some(Value::Unsigned(number)) => Ok(Some(number)),
            Some(other) => Err(self.error(format!("`{key}` is a number, not {}", other.to_json()))),
        }
    }

    /// Nothing may be left.
    pub(crate) fn done(self) -> Result<(), String> {
        match self.entries.first() {
            None => Ok(()),
            Some((key, _)) => Err(self.error(format!("unknown key `{}`", String::from_utf8_lossy(key)))),
        }
    }
}
