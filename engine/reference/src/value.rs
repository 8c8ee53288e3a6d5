//! Values as plain trees.

use bartizan_lang::vocab::{Scalar, float_text};
use bartizan_object::{AllocError, AllocRef, Object, Owned, Slot, View, json};

/// A value, copied out of its object. Strings are bytes.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the names are the whole meaning")]
pub enum Value {
    Invalid,
    Null,
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Bytes(Vec<u8>),
    Array(Vec<Value>),
    Map(Vec<(Vec<u8>, Value)>),
}

/// Floats are equal when their bits are, so that a document always equals its copy.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Invalid, Self::Invalid) | (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Signed(a), Self::Signed(b)) => a == b,
            (Self::Unsigned(a), Self::Unsigned(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a.to_bits() == b.to_bits(),
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::Array(a), Self::Array(b)) => a == b,
            (Self::Map(a), Self::Map(b)) => a == b,
            _ => false,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Bytes(text.into())
    }
}

impl From<&Scalar> for Value {
    fn from(scalar: &Scalar) -> Self {
        match scalar {
            Scalar::Bool(value) => Self::Bool(*value),
            Scalar::Signed(value) => Self::Signed(*value),
            Scalar::Unsigned(value) => Self::Unsigned(*value),
            Scalar::Float(value) => Self::Float(*value),
            Scalar::String(text) => Self::Bytes(text.to_vec()),
        }
    }
}

/// Recursive, as everything here is: for documents, whose depth is limited, not for hostile objects.
impl From<&Object> for Value {
    fn from(object: &Object) -> Self {
        match object.view() {
            View::Invalid => Self::Invalid,
            View::Null => Self::Null,
            View::Bool(value) => Self::Bool(value),
            View::Signed(value) => Self::Signed(value),
            View::Unsigned(value) => Self::Unsigned(value),
            View::Float(value) => Self::Float(value),
            View::String(bytes) => Self::Bytes(bytes.to_vec()),
            View::Array(items) => Self::Array(items.iter().map(Self::from).collect()),
            View::Map(entries) => {
                let key = |key: &Object| key.as_bytes().unwrap_or_default().to_vec();
                Self::Map(entries.iter().map(|entry| (key(&entry.key), (&entry.value).into())).collect())
            }
        }
    }
}

impl Value {
    /// A string.
    pub fn bytes(bytes: impl AsRef<[u8]>) -> Self {
        Self::Bytes(bytes.as_ref().to_vec())
    }

    /// A map of a few entries.
    #[must_use]
    pub fn map<const N: usize>(entries: [(&str, Self); N]) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// The value as an object in the default allocator's memory.
    ///
    /// # Panics
    /// When there is no memory.
    #[must_use]
    pub fn to_object(&self) -> Owned {
        let mut owned = Owned::new(AllocRef::global());
        self.write(owned.slot()).expect("memory");
        owned
    }

    fn write(&self, slot: Slot<'_>) -> Result<(), AllocError> {
        match self {
            Self::Invalid => {}
            Self::Null => slot.null(),
            Self::Bool(value) => slot.bool(*value),
            Self::Signed(value) => slot.signed(*value),
            Self::Unsigned(value) => slot.unsigned(*value),
            Self::Float(value) => slot.float(*value),
            Self::Bytes(bytes) => slot.string(bytes)?,
            Self::Array(items) => {
                let mut array = slot.array(items.len())?;
                items.iter().try_for_each(|item| item.write(array.push()?))?;
            }
            Self::Map(entries) => {
                let mut map = slot.map(entries.len())?;
                entries.iter().try_for_each(|(key, value)| value.write(map.insert(key)?))?;
            }
        }
        Ok(())
    }

    /// The value as JSON, as the wire writes it.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = Vec::new();
        json::write(&self.to_object(), &mut text);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// The bytes of a string.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The items of an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a map.
    #[must_use]
    pub fn as_map(&self) -> Option<&[(Vec<u8>, Self)]> {
        match self {
            Self::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value of the first entry with this key.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<&Self> {
        self.as_map()?.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The text of a scalar, as events show it; nothing for anything else.
    pub(crate) fn text(&self) -> Vec<u8> {
        match self {
            Self::Bool(value) => value.to_string().into(),
            Self::Signed(value) => value.to_string().into(),
            Self::Unsigned(value) => value.to_string().into(),
            Self::Float(value) => float_text(*value).into(),
            Self::Bytes(bytes) => bytes.clone(),
            Self::Invalid | Self::Null | Self::Array(_) | Self::Map(_) => Vec::new(),
        }
    }
}
