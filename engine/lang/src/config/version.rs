//! Versions: of the configuration schema, and of the engine that an element is meant for.

use super::problem::Problem;
use super::read::{Map, Read};
use crate::vocab::{COMPATIBLE_VERSION, Text};
use bartizan_object::Object;

/// A version of the engine: three numbers below 1000. A label after them does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version([u16; 3]);

impl Version {
    fn parse(text: &[u8]) -> Result<Self, Problem> {
        const SYNTAX: Problem = Problem::Plain("invalid version syntax");
        let (major, rest) = split_at_byte(text, b'.').ok_or(SYNTAX)?;
        let major = part("invalid major version: ", major)?;
        let (minor, rest) = split_at_byte(rest, b'.').ok_or(SYNTAX)?;
        let minor = part("invalid minor version: ", minor)?;
        let patch = split_at_byte(rest, b'-').map_or(rest, |(patch, _label)| patch);
        Ok(Self([major, minor, part("invalid patch version: ", patch)?]))
    }
}

fn split_at_byte(text: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|candidate| *candidate == byte)?;
    Some((&text[..at], &text[at + 1..]))
}

fn part(sentence: &'static str, digits: &[u8]) -> Result<u16, Problem> {
    if (1..=3).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit) {
        return Ok(digits.iter().fold(0, |number, digit| number * 10 + u16::from(digit - b'0')));
    }
    Err(Problem::About(sentence, Text::from(digits)))
}

impl Read<'_> for Version {
    fn read(object: &Object) -> Result<Self, Problem> {
        Self::parse(object.as_bytes().ok_or_else(|| Problem::bad_cast("string", object))?)
    }
}

/// Whether an element is meant for the version of the engine whose behaviour we present.
pub(super) fn is_meant_for_us(element: Map<'_>) -> Result<bool, Problem> {
    let min: Option<Version> = element.may("min_version")?;
    let max: Option<Version> = element.may("max_version")?;
    if min.is_none() && max.is_none() {
        return Ok(true);
    }
    let ours = Version::parse(COMPATIBLE_VERSION.as_bytes())?;
    Ok(min.is_none_or(|min| min <= ours) && max.is_none_or(|max| max >= ours))
}

/// The major number of a schema version such as `2.2`; no version means 2. `None` if there is no dot or no
/// number in front of it.
pub(super) fn schema_major(text: &[u8]) -> Option<u32> {
    if text.is_empty() {
        return Some(2);
    }
    let (major, _minor) = split_at_byte(text, b'.')?;
    let digits = major.iter().take_while(|byte| byte.is_ascii_digit()).count();
    core::str::from_utf8(&major[..digits]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_three_parts_of_at_most_three_digits() {
        for (text, expected) in [
            ("1.2.3", [1, 2, 3]),
            ("02.001.000", [2, 1, 0]),
            ("999.999.999", [999; 3]),
            ("1.2.3-rc.1", [1, 2, 3]),
            ("1.2.3-", [1, 2, 3]),
        ] {
            assert_eq!(Version::parse(text.as_bytes()), Ok(Version(expected)), "{text}");
        }
        for (text, message) in [
            ("", "invalid version syntax"),
            ("1.2", "invalid version syntax"),
            ("1.1000", "invalid version syntax"),
            ("1000.0.0", "invalid major version: 1000"),
            ("..", "invalid major version: "),
            ("+1.2.3", "invalid major version: +1"),
            ("1..3", "invalid minor version: "),
            ("1.2-3.4", "invalid minor version: 2-3"),
            ("1.2.3.4", "invalid patch version: 3.4"),
            ("1.2.-x", "invalid patch version: "),
        ] {
            let problem = Version::parse(text.as_bytes()).expect_err(text);
            assert_eq!(problem.message(), Text::from(message), "{text}");
        }
        assert!(Version([2, 1, 0]) > Version([2, 0, 999]) && Version([10, 0, 0]) > Version([9, 9, 9]));
    }

    #[test]
    fn schema_versions_need_a_number_and_a_dot() {
        for (text, major) in [
            ("", Some(2)),
            ("2.", Some(2)),
            ("2x.1", Some(2)),
            ("3.1", Some(3)),
            ("2", None),
            ("x.1", None),
            (" 2.1", None),
            (".1", None),
            ("-2.1", None),
            ("4294967298.0", None),
        ] {
            assert_eq!(schema_major(text.as_bytes()), major, "{text}");
        }
    }
}
