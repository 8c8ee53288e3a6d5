//! Literals, letter case aside, and how common they are in ordinary traffic.

use alloc::string::String;
use core::cmp::Ordering;
use core::fmt;
use core::ops::Deref;

/// Longest literal; of longer ones a part stands for the whole.
pub const MAX_LEN: usize = 24;

/// A case-folded literal of at most 24 bytes, stored inline: sets of them are made and thrown away by the
/// thousand while a pattern is read.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Literal {
    bytes: [u8; MAX_LEN],
    len: u8,
}

impl Literal {
    /// Folds a text; of a longer one its rarest part stands for the whole.
    #[must_use]
    pub fn of(text: &[u8]) -> Self {
        let part = if text.len() <= MAX_LEN { text } else { rarest_window(text) };
        let mut literal = Self { bytes: [0; MAX_LEN], len: part.len() as u8 };
        for (place, byte) in literal.bytes.iter_mut().zip(part) {
            *place = fold(*byte);
        }
        literal
    }

    /// Both in a row, when they fit.
    pub(super) fn join(mut self, tail: &Self) -> Option<Self> {
        let end = usize::from(self.len) + usize::from(tail.len);
        self.bytes.get_mut(usize::from(self.len)..end)?.copy_from_slice(tail);
        self.len = end as u8;
        Some(self)
    }
}

/// Not in the order of their bytes, but in one that is found fast.
impl Ord for Literal {
    fn cmp(&self, other: &Self) -> Ordering {
        let part = |literal: &Self, start: usize| {
            let mut part = [0; 8];
            part.copy_from_slice(&literal.bytes[start..start + 8]);
            u64::from_le_bytes(part)
        };
        part(self, 0)
            .cmp(&part(other, 0))
            .then_with(|| part(self, 8).cmp(&part(other, 8)))
            .then_with(|| part(self, 16).cmp(&part(other, 16)))
            .then(self.len.cmp(&other.len))
    }
}

impl PartialOrd for Literal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Deref for Literal {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl fmt::Debug for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&String::from_utf8_lossy(self), f)
    }
}

/// ASCII case folding, as literals are folded.
#[must_use]
pub const fn fold(byte: u8) -> u8 {
    byte.to_ascii_lowercase()
}

/// Non-ASCII letters whose simple folding is an ASCII letter.
pub const SPECIAL_FOLDS: [(&str, &[u8]); 2] = [("\u{17f}", b"s"), ("\u{212a}", b"k")];

/// The part of a long text around its rarest three bytes.
fn rarest_window(text: &[u8]) -> &[u8] {
    let commonness = |gram: &[u8]| commonness(&[fold(gram[0]), fold(gram[1]), fold(gram[2])]);
    let grams = text.windows(3).map(commonness).enumerate();
    let rarest = grams.min_by(|(_, a), (_, b)| a.total_cmp(b)).map_or(0, |(at, _)| at);
    let start = rarest.saturating_sub((MAX_LEN - 3) / 2).min(text.len() - MAX_LEN);
    &text[start..start + MAX_LEN]
}

/// How often, roughly, a value of ordinary traffic holds a literal; lower is better. A literal is as common
/// as its rarest part.
#[must_use]
pub fn commonness(literal: &[u8]) -> f32 {
    let by_bytes = literal.iter().map(|byte| FREQUENCY[usize::from(*byte)]).product::<f32>() * 40.0;
    let by_word = literal.windows(3).map(|gram| f32::from(COMMON_GRAMS[gram_hash(gram)]) / 1000.0);
    let by_word = by_word.fold(f32::INFINITY, f32::min);
    if by_word.is_finite() { by_bytes.max(by_word) } else { by_bytes }
}

/// How often, roughly, a value holds each of these bytes.
#[must_use]
pub fn bytes_commonness(bytes: &[u8]) -> f32 {
    bytes.iter().map(|byte| (FREQUENCY[usize::from(*byte)] * 40.0).min(1.0)).product()
}

/// Share, in thousandths, of the most common string of [`COMMON`] with a window of three bytes, by the
/// window's hash. Windows that share a place are taken to be as common as the most common of them.
static COMMON_GRAMS: [u8; GRAM_PLACES] = {
    let mut places = [0; GRAM_PLACES];
    let mut at = 0;
    while at < COMMON.len() {
        let (word, share) = COMMON[at];
        let mut start = 0;
        while start + 3 <= word.len() {
            let place = gram_hash(word.split_at(start).1);
            let share = (share * 1000.0) as u8;
            if places[place] < share {
                places[place] = share;
            }
            start += 1;
        }
        at += 1;
    }
    places
};

const GRAM_PLACES: usize = 1 << 13;

const fn gram_hash(gram: &[u8]) -> usize {
    let gram = gram[0] as u32 | (gram[1] as u32) << 8 | (gram[2] as u32) << 16;
    (gram.wrapping_mul(0x9e37_79b1) >> 19) as usize
}

/// The rank of each ASCII byte, the rarest first.
pub(super) static RARITY: [u8; 128] = {
    let mut ranks = [0; 128];
    let mut byte = 0;
    while byte < 128 {
        let mut other = 0;
        while other < 128 {
            let (this, that) = (frequency(byte), frequency(other));
            if that < this || that == this && other < byte {
                ranks[byte as usize] += 1;
            }
            other += 1;
        }
        byte += 1;
    }
    ranks
};

static FREQUENCY: [f32; 256] = {
    let mut table = [0.0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = frequency(byte as u8);
        byte += 1;
    }
    table
};

/// Share of a byte among the bytes of ordinary requests; our own estimate, good to a factor of two.
const fn frequency(byte: u8) -> f32 {
    match byte {
        b'e' => 0.08,
        b'a' | b'i' | b'o' | b't' | b'n' | b's' | b'r' => 0.055,
        b'c' | b'd' | b'l' | b'm' | b'p' | b'u' => 0.03,
        b'/' | b'-' | b'.' | b' ' | b'0' | b'1' | b'2' => 0.025,
        b'b' | b'f' | b'g' | b'h' | b'3'..=b'9' => 0.018,
        b'_' | b':' | b',' | b'"' | b';' | b'=' | b'w' | b'v' | b'y' | b'x' | b'k' => 0.012,
        b'(' | b')' | b'&' | b'+' | b'%' | b'j' | b'q' | b'z' | b'?' | b'{' | b'}' => 0.004,
        b'<' | b'>' | b'\'' | b'#' | b'@' | b'*' | b'[' | b']' | b'!' | b'\n' => 0.002,
        _ => 0.0008,
    }
}

/// Strings that ordinary requests are full of, with the share of values that hold them.
const COMMON: &[(&[u8], f32)] = &[
    (b"mozilla/5.0 (", 0.03),
    (b"applewebkit/537.36 (khtml, like gecko) chrome/", 0.03),
    (b"safari/537.36", 0.03),
    (b"windows nt 10.0; win64; x64)", 0.02),
    (b"macintosh; intel mac os x 10_15_7", 0.02),
    (b"https://www.", 0.05),
    (b"http://", 0.03),
    (b".com/", 0.05),
    (b".html", 0.02),
    (b"application/json", 0.04),
    (b"application/x-www-form-urlencoded", 0.02),
    (b"text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8", 0.03),
    (b"multipart/form-data; boundary=", 0.01),
    (b"charset=utf-8", 0.02),
    (b"gzip, deflate, br", 0.03),
    (b"en-us,en;q=0.9", 0.03),
    (b"keep-alive", 0.02),
    (b"no-cache", 0.02),
    (b"max-age=", 0.02),
    (b"bearer ", 0.01),
    (b"same-origin", 0.02),
    (b"xmlhttprequest", 0.01),
    (b" the ", 0.05),
    (b" and ", 0.05),
    (b"ing ", 0.05),
    (b" of ", 0.04),
    (b" to ", 0.05),
    (b" in ", 0.04),
    (b" for ", 0.03),
    (b"user", 0.02),
    (b"name", 0.02),
    (b"select", 0.004),
    (b"order", 0.01),
    (b"from ", 0.01),
    (b"where", 0.004),
    (b"update", 0.004),
    (b"api/v1/", 0.02),
    (b"2026-", 0.02),
    (b"image/", 0.02),
    (b"localhost", 0.004),
    (b"/index.", 0.01),
    (b"example.com", 0.02),
    (b"email", 0.01),
    (b"password", 0.006),
    (b"login", 0.006),
    (b"search", 0.008),
    (b"product", 0.01),
];
