//! Compiled bundles: a configuration that was read before, and what was found out about its patterns.
//!
//! A bundle is a file of this version of the crate for itself, not a format to exchange. It holds the
//! configuration as MessagePack and, for each pattern, that it is valid and what its matches need. Loading one
//! takes the same way as loading the configuration, so that rules and diagnostics are the same; only the
//! patterns are not read again.
//!
//! All numbers are little-endian:
//!
//! | bytes | what |
//! |---|---|
//! | 8 | [`MAGIC`] |
//! | 4, then as many | length of the version that made it, and the version |
//! | 8 | checksum of everything after it |
//! | 4, then as many | length of the configuration, and the configuration |
//! | 4 | number of patterns |
//! | for each | length (4) and text of the pattern, 1 if case counts (1), number of needs (4) or one of two marks |
//! | for each need | length (1), with the highest bit for bytes instead of a literal, and its bytes |
//!
//! The checksum finds damage. It does not tell who made a bundle: whoever can write the file that is loaded
//! decides which rules are in force, as with any configuration. Whatever the bytes are, reading them neither
//! panics nor takes more than time and memory in proportion to their number.

use crate::ruleset::Patterns;
use crate::vocab::Text;
use alloc::string::String;
use alloc::vec::Vec;
use bartizan_object::{AllocRef, Object, Owned, msgpack};
use bartizan_text::regex::literal::{Literal, MAX_LEN};
use bartizan_text::regex::need::{MIN_LITERAL, Need, Needs};
use core::fmt;

/// What a bundle begins with. No JSON and no MessagePack of a map does.
pub const MAGIC: &[u8; 8] = b"\x93BZBNDL\n";

/// Other versions may read patterns otherwise.
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// In place of the number of needs: that nothing is known, and that nobody asked.
const UNKNOWN: u32 = u32::MAX;
const NOT_ASKED: u32 = u32::MAX - 1;
/// Marks the length of a need as that of bytes.
const BYTES: u8 = 0x80;

/// Why bytes are not taken for a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// They do not begin like one.
    Foreign,
    /// Another version made it.
    Version(String),
    /// They end too early, or are not what they were.
    Damaged,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign => f.write_str("this is no compiled bundle"),
            Self::Version(other) => write!(
                f,
                "the bundle was made by bartizan {other}, this is {VERSION}: build it again from its rules"
            ),
            Self::Damaged => f.write_str(
                "the bundle is damaged or cut short: copy it again, or build it again from its rules",
            ),
        }
    }
}

impl core::error::Error for Error {}

/// Whether bytes are meant to be a bundle.
#[must_use]
pub fn is_bundle(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// Writes a bundle of a configuration whose patterns are all in `patterns`.
pub(crate) fn write(config: &Object, patterns: &Patterns) -> Vec<u8> {
    let mut body = Vec::new();
    let mut document = Vec::new();
    msgpack::write(config, &mut document);
    put_bytes(&mut body, &document);
    put(&mut body, patterns.iter().count());
    for pattern in patterns.iter() {
        put_bytes(&mut body, &pattern.text);
        body.push(u8::from(pattern.case_sensitive));
        match pattern.analysis() {
            None => body.extend_from_slice(&NOT_ASKED.to_le_bytes()),
            Some(None) => body.extend_from_slice(&UNKNOWN.to_le_bytes()),
            Some(Some(needs)) => {
                put(&mut body, needs.len());
                for need in needs {
                    let (bytes, mark): (&[u8], _) = match need {
                        Need::Literal(literal) => (literal, 0),
                        Need::Bytes(bytes) => (bytes, BYTES),
                    };
                    body.push(bytes.len() as u8 | mark);
                    body.extend_from_slice(bytes);
                }
            }
        }
    }
    seal(&body)
}

/// Puts before the body of a bundle what stands before it. Tests seal bodies that are wrong, too.
#[must_use]
pub fn seal(body: &[u8]) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    put_bytes(&mut out, VERSION.as_bytes());
    out.extend_from_slice(&checksum(body).to_le_bytes());
    out.extend_from_slice(body);
    out
}

fn put(out: &mut Vec<u8>, number: usize) {
    out.extend_from_slice(&(number as u32).to_le_bytes());
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len());
    out.extend_from_slice(bytes);
}

/// A pattern of a bundle: its text, whether case counts, and its needs as far as they were asked for.
pub(crate) type KnownPattern = (Text, bool, Option<Option<Needs>>);

/// Reads a bundle.
///
/// # Errors
/// It is none, or not one of this version, or damaged.
pub(crate) fn read(bytes: &[u8]) -> Result<(Owned, Vec<KnownPattern>), Error> {
    let mut rest = Reader(bytes.strip_prefix(MAGIC).ok_or(Error::Foreign)?);
    let version = rest.bytes()?;
    if version != VERSION.as_bytes() {
        // A length that is damaged would show as a strange version.
        let is_version = |text: &[u8]| text.len() < 64 && text.iter().all(u8::is_ascii_graphic);
        return Err(if is_version(version) {
            Error::Version(String::from_utf8_lossy(version).into_owned())
        } else {
            Error::Damaged
        });
    }
    let sum = u64::from_le_bytes(rest.array()?);
    if checksum(rest.0) != sum {
        return Err(Error::Damaged);
    }
    let config = msgpack::parse(rest.bytes()?, AllocRef::global()).map_err(|_| Error::Damaged)?;
    let count = rest.number()?;
    let mut patterns = Vec::new();
    for _ in 0..count {
        patterns.push(rest.pattern()?);
    }
    if rest.0.is_empty() { Ok((config, patterns)) } else { Err(Error::Damaged) }
}

/// What is still to be read. Lengths are believed only as far as there are bytes.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Error::Damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const LEN: usize>(&mut self) -> Result<[u8; LEN], Error> {
        let (array, rest) = self.0.split_first_chunk().ok_or(Error::Damaged)?;
        self.0 = rest;
        Ok(*array)
    }

    fn number(&mut self) -> Result<u32, Error> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn bytes(&mut self) -> Result<&'a [u8], Error> {
        let length = self.number()?;
        self.take(length as usize)
    }

    fn pattern(&mut self) -> Result<KnownPattern, Error> {
        let text = Text::from(self.bytes()?);
        let [case_sensitive] = self.array()?;
        let analysis = match self.number()? {
            NOT_ASKED => None,
            UNKNOWN => Some(None),
            count => {
                // Each takes two bytes at least.
                let mut needs = Needs::with_capacity((count as usize).min(self.0.len() / 2));
                for _ in 0..count {
                    needs.push(self.need()?);
                }
                Some(Some(needs))
            }
        };
        Ok((text, case_sensitive != 0, analysis))
    }

    fn need(&mut self) -> Result<Need, Error> {
        let [length] = self.array()?;
        let bytes = self.take(usize::from(length & !BYTES))?;
        if length & BYTES != 0 {
            return Ok(Need::Bytes(Need::rarest_bytes(&mut bytes.iter().copied())));
        }
        if !(MIN_LITERAL..=MAX_LEN).contains(&bytes.len()) {
            return Err(Error::Damaged);
        }
        Ok(Need::Literal(Literal::of(bytes)))
    }
}

/// FNV-1a over words of eight bytes, the last one filled with zeros, and the length.
fn checksum(bytes: &[u8]) -> u64 {
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let words = words.iter().chain([&last]).map(|word| u64::from_le_bytes(*word));
    words.chain([bytes.len() as u64]).fold(0xcbf2_9ce4_8422_2325, |sum, word| {
        // Products lose what is high; the rotation brings it back.
        (sum ^ word).wrapping_mul(PRIME).rotate_left(29)
    })
}
