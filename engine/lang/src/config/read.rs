//! Coercions: what counts as a string, a number, a map when a configuration is read.

use super::problem::Problem;
use crate::vocab::{PathItem, Scalar, Text, parse_float, parse_signed, parse_unsigned};
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use bartizan_object::{Entry, Object, View};

/// A type that configuration values are read as.
pub(super) trait Read<'a>: Sized {
    /// Reads a value.
    fn read(object: &'a Object) -> Result<Self, Problem>;
}

/// A map none of whose keys is empty. Of repeated keys the first counts.
#[derive(Clone, Copy)]
pub(super) struct Map<'a>(&'a [Entry]);

impl<'a> Map<'a> {
    /// The map without entries.
    pub(super) const EMPTY: Self = Self(&[]);

    /// The value of a key.
    pub(super) fn find(self, key: &str) -> Option<&'a Object> {
        self.0.iter().find(|entry| entry.key.as_bytes() == Some(key.as_bytes())).map(|entry| &entry.value)
    }

    /// The value of a key that must be there.
    pub(super) fn need<T: Read<'a>>(self, key: &'static str) -> Result<T, Problem> {
        match self.find(key) {
            Some(value) => T::read(value).map_err(|problem| problem.under(key.as_bytes())),
            None => Err(Problem::MissingKey(key)),
        }
    }

    /// The value of a key that may be absent.
    pub(super) fn may<T: Read<'a>>(self, key: &'static str) -> Result<Option<T>, Problem> {
        self.find(key).map(T::read).transpose().map_err(|problem| problem.under(key.as_bytes()))
    }

    /// As [`Map::may`], but problems do not name the key.
    pub(super) fn may_bare<T: Read<'a>>(self, key: &'static str) -> Result<Option<T>, Problem> {
        self.find(key).map(T::read).transpose()
    }

    /// The value of a key, or `default`.
    pub(super) fn or<T: Read<'a>>(self, key: &'static str, default: T) -> Result<T, Problem> {
        Ok(self.may(key)?.unwrap_or(default))
    }

    /// The items of an array, none if the key is absent.
    pub(super) fn items(self, key: &'static str) -> Result<&'a [Object], Problem> {
        self.or(key, &[][..])
    }

    /// The map under a key, empty if the key is absent.
    pub(super) fn map(self, key: &'static str) -> Result<Self, Problem> {
        self.or(key, Self::EMPTY)
    }

    /// Keys and values in order, without repetitions.
    pub(super) fn entries(self) -> impl Iterator<Item = (&'a [u8], &'a Object)> {
        distinct(self.0)
    }

    pub(super) fn is_empty(self) -> bool {
        self.0.is_empty()
    }
}

/// The entries whose key did not come before.
fn distinct(entries: &[Entry]) -> impl Iterator<Item = (&[u8], &Object)> {
    const FEW: usize = 16;
    let mut seen = BTreeSet::new();
    entries.iter().enumerate().filter_map(move |(index, entry)| {
        let key = entry.key.as_bytes().unwrap_or_default();
        let is_new = if entries.len() <= FEW {
            entries[..index].iter().all(|earlier| earlier.key.as_bytes().unwrap_or_default() != key)
        } else {
            seen.insert(key)
        };
        is_new.then_some((key, &entry.value))
    })
}

impl<'a> Read<'a> for &'a Object {
    fn read(object: &'a Object) -> Result<Self, Problem> {
        Ok(object)
    }
}

impl<'a> Read<'a> for Map<'a> {
    fn read(object: &'a Object) -> Result<Self, Problem> {
        let View::Map(entries) = object.view() else { return Err(Problem::bad_cast("map", object)) };
        if entries.iter().any(|entry| entry.key.as_bytes().is_none_or(<[u8]>::is_empty)) {
            return Err(Problem::Malformed("invalid key on map entry"));
        }
        Ok(Self(entries))
    }
}

impl<'a> Read<'a> for &'a [Object] {
    fn read(object: &'a Object) -> Result<Self, Problem> {
        object.as_array().ok_or_else(|| Problem::bad_cast("array", object))
    }
}

/// Strings and nothing else.
impl<'a> Read<'a> for &'a [u8] {
    fn read(object: &'a Object) -> Result<Self, Problem> {
        object.as_bytes().ok_or_else(|| Problem::bad_cast("string_view", object))
    }
}

impl Scalar {
    /// Strings, booleans and numbers; `None` for anything else.
    pub(super) fn of(object: &Object) -> Option<Self> {
        Some(match object.view() {
            View::Bool(value) => Self::Bool(value),
            View::Signed(value) => Self::Signed(value),
            View::Unsigned(value) => Self::Unsigned(value),
            View::Float(value) => Self::Float(value),
            View::String(bytes) => Self::String(Text::from(bytes)),
            View::Invalid | View::Null | View::Array(_) | View::Map(_) => return None,
        })
    }
}

/// Any scalar, printed.
impl Read<'_> for Text {
    fn read(object: &Object) -> Result<Self, Problem> {
        Scalar::of(object).map(|scalar| scalar.to_text()).ok_or_else(|| Problem::bad_cast("string", object))
    }
}

/// Booleans, and the words `true` and `false` in any case.
impl Read<'_> for bool {
    fn read(object: &Object) -> Result<Self, Problem> {
        match object.view() {
            View::Bool(value) => return Ok(value),
            View::String(word) if word.eq_ignore_ascii_case(b"true") => return Ok(true),
            View::String(word) if word.eq_ignore_ascii_case(b"false") => return Ok(false),
            _ => {}
        }
        Err(Problem::bad_cast("bool", object))
    }
}

/// Integers of any kind in range, integral floats in range, and decimal text.
impl Read<'_> for u64 {
    fn read(object: &Object) -> Result<Self, Problem> {
        match object.view() {
            View::Unsigned(value) => Some(value),
            View::Signed(value) => value.try_into().ok(),
            View::Float(value) => integral(value, 0.0, MAX_UNSIGNED_FLOAT).map(|value| value as Self),
            View::String(text) => parse_unsigned(text),
            _ => None,
        }
        .ok_or_else(|| Problem::bad_cast("unsigned", object))
    }
}

/// As for `u64`.
impl Read<'_> for i64 {
    fn read(object: &Object) -> Result<Self, Problem> {
        match object.view() {
            View::Signed(value) => Some(value),
            View::Unsigned(value) => value.try_into().ok(),
            View::Float(value) => {
                integral(value, MIN_SIGNED_FLOAT, MAX_SIGNED_FLOAT).map(|value| value as Self)
            }
            View::String(text) => parse_signed(text),
            _ => None,
        }
        .ok_or_else(|| Problem::bad_cast("signed", object))
    }
}

/// The largest floats that are integers of 64 bits, and the smallest.
const MAX_UNSIGNED_FLOAT: f64 = 18_446_744_073_709_549_568.0;
const MAX_SIGNED_FLOAT: f64 = 9_223_372_036_854_774_784.0;
const MIN_SIGNED_FLOAT: f64 = -9_223_372_036_854_775_808.0;

/// `value`, if it has no fraction and lies between the bounds.
fn integral(value: f64, min: f64, max: f64) -> Option<f64> {
    // Beyond 2^52 there are no fractions; below, a trip through i64 is exact.
    let is_integral = value.abs() >= 4_503_599_627_370_496.0 || (value as i64) as f64 == value;
    (value >= min && value <= max && is_integral).then_some(value)
}

/// Floats, and decimal text; not integers.
impl Read<'_> for f64 {
    fn read(object: &Object) -> Result<Self, Problem> {
        match object.view() {
            View::Float(value) => Some(value),
            View::String(text) => parse_float(text),
            _ => None,
        }
        .ok_or_else(|| Problem::bad_cast("double", object))
    }
}

impl Read<'_> for Vec<Text> {
    fn read(object: &Object) -> Result<Self, Problem> {
        <&[Object]>::read(object)?.iter().map(Text::read).collect()
    }
}

impl<'a> Read<'a> for Vec<&'a [u8]> {
    fn read(object: &'a Object) -> Result<Self, Problem> {
        const NOT_A_STRING: &str = "item in array not a string, can't cast to string_view vector";
        <&[Object]>::read(object)?
            .iter()
            .map(|item| item.as_bytes().ok_or(Problem::Malformed(NOT_A_STRING)))
            .collect()
    }
}

/// Strings and integers; items of other types are dropped.
impl Read<'_> for Vec<PathItem> {
    fn read(object: &Object) -> Result<Self, Problem> {
        let mut path = Self::new();
        for item in <&[Object]>::read(object)? {
            match item.view() {
                View::String(key) => path.push(PathItem::Key(Text::from(key))),
                View::Signed(_) | View::Unsigned(_) => path.push(PathItem::Index(i64::read(item)?)),
                _ => {}
            }
        }
        Ok(path)
    }
}

/// A map from text to text, in order, without repeated keys; values of those are checked all the same.
impl Read<'_> for Vec<(Text, Text)> {
    fn read(object: &Object) -> Result<Self, Problem> {
        let Map(entries) = Map::read(object)?;
        for entry in entries {
            if Scalar::of(&entry.value).is_none() {
                return Err(Problem::bad_cast("string", &entry.value));
            }
        }
        distinct(entries).map(|(key, value)| Ok((Text::from(key), Text::read(value)?))).collect()
    }
}

/// A map from text to scalars, in order, without repeated keys. Here a key may be empty.
impl Read<'_> for Vec<(Text, Scalar)> {
    fn read(object: &Object) -> Result<Self, Problem> {
        let View::Map(entries) = object.view() else { return Err(Problem::bad_cast("map", object)) };
        let not_a_scalar = || Problem::Malformed("item in scalar map not a valid scalar");
        if entries.iter().any(|entry| Scalar::of(&entry.value).is_none()) {
            return Err(not_a_scalar());
        }
        distinct(entries)
            .map(|(key, value)| Ok((Text::from(key), Scalar::of(value).ok_or_else(not_a_scalar)?)))
            .collect()
    }
}

/// Tags: as a map of text, but problems name the tag.
pub(super) fn read_tags(map: Map<'_>) -> Result<Vec<(Text, Text)>, Problem> {
    map.entries()
        .map(|(key, value)| Ok((Text::from(key), Text::read(value).map_err(|problem| problem.under(key))?)))
        .collect()
}

/// A path whose keys are not empty.
pub(super) fn read_key_path(map: Map<'_>) -> Result<Vec<PathItem>, Problem> {
    let path: Vec<PathItem> = map.or("key_path", Vec::new())?;
    if path.iter().any(|item| matches!(item, PathItem::Key(key) if key.is_empty())) {
        return Err(Problem::Plain("empty key_path"));
    }
    Ok(path)
}
