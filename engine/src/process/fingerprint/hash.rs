//! The hash of fingerprint fields: the first eight hexadecimal digits of SHA-256.

use super::Field;
use sha2::block_api::compress256;

/// SHA-256 over text that is normalised on its way in, so that nothing is copied first.
pub(super) struct Hasher {
    state: [u32; 8],
    block: [u8; 64],
    /// How much of the block is filled; always less than all of it.
    filled: usize,
    /// Bytes in blocks before this one.
    hashed: u64,
}

impl Hasher {
    pub(super) fn new() -> Self {
        // The square roots of the first eight primes, as the standard has it.
        let state = [
            0x6a09_e667,
            0xbb67_ae85,
            0x3c6e_f372,
            0xa54f_f53a,
            0x510e_527f,
            0x9b05_688c,
            0x1f83_d9ab,
            0x5be0_cd19,
        ];
        Self { state, block: [0; 64], filled: 0, hashed: 0 }
    }

    /// Adds text whose bytes are normalised where they lie in the block.
    fn add_with(&mut self, mut text: &[u8], normalise: impl Fn(&mut [u8])) {
        while !text.is_empty() {
            let room = &mut self.block[self.filled..];
            let (now, later) = text.split_at(text.len().min(room.len()));
            let place = &mut room[..now.len()];
            place.copy_from_slice(now);
            normalise(place);
            self.filled += now.len();
            if self.filled == self.block.len() {
                self.compress();
                self.hashed += self.block.len() as u64;
                self.filled = 0;
            }
            text = later;
        }
    }

    fn compress(&mut self) {
        compress256(&mut self.state, core::slice::from_ref(&self.block));
    }

    /// Adds text as it is.
    pub(super) fn add(&mut self, text: &[u8]) {
        self.add_with(text, |_| {});
    }

    /// Adds text in lower case.
    pub(super) fn add_lowercase(&mut self, text: &[u8]) {
        self.add_with(text, <[u8]>::make_ascii_lowercase);
    }

    /// Adds the name of a header: in lower case, `-` for `_`.
    pub(super) fn add_header_name(&mut self, name: &[u8]) {
        self.add_with(name, |place| place.iter_mut().for_each(|byte| *byte = header_byte(*byte)));
    }

    /// The hash of all that was added.
    pub(super) fn finish(mut self) -> Field {
        let bits = (self.hashed + self.filled as u64) * 8;
        self.block[self.filled] = 0x80;
        self.block[self.filled + 1..].fill(0);
        if self.filled >= 56 {
            // The length finds no room behind the end mark.
            self.compress();
            self.block = [0; 64];
        }
        self.block[56..].copy_from_slice(&bits.to_be_bytes());
        self.compress();
        let mut word = self.state[0];
        Field::Digits([0; 8].map(|_: u8| {
            word = word.rotate_left(4);
            b"0123456789abcdef"[(word & 0xf) as usize]
        }))
    }
}

/// A byte of a header's name, normalised.
pub(super) const fn header_byte(byte: u8) -> u8 {
    if byte == b'_' { b'-' } else { byte.to_ascii_lowercase() }
}

/// The hash of a text in lower case; an empty one has none.
pub(super) fn of_lowercase(text: &[u8]) -> Field {
    if text.is_empty() {
        return Field::Empty;
    }
    let mut hasher = Hasher::new();
    hasher.add_lowercase(text);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::{Field, Hasher, of_lowercase};
    use alloc::vec;

    #[test]
    fn known_hashes() {
        // The two examples of the standard, and a million times `a`.
        assert_eq!(of_lowercase(b"ABC"), Field::Digits(*b"ba7816bf"));
        let long = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        assert_eq!(of_lowercase(long), Field::Digits(*b"248d6a61"));
        assert_eq!(of_lowercase(&vec![b'A'; 1_000_000]), Field::Digits(*b"cdc76e5c"));
        assert_eq!(of_lowercase(b""), Field::Empty);
        assert_eq!(Hasher::new().finish(), Field::Digits(*b"e3b0c442"));
    }

    #[test]
    fn pieces_make_the_same_hash() {
        let text: vec::Vec<u8> = (0..=200).map(|byte| byte ^ 0x55).collect();
        for len in 0..text.len() {
            let mut whole = Hasher::new();
            whole.add(&text[..len]);
            let mut pieces = Hasher::new();
            for piece in text[..len].chunks(len % 7 + 1) {
                pieces.add(piece);
            }
            assert_eq!(whole.finish(), pieces.finish(), "{len}");
        }
    }

    #[test]
    fn names_of_headers_are_normalised() {
        let mut hasher = Hasher::new();
        hasher.add_header_name(b"X_Some-Header");
        assert_eq!(hasher.finish(), of_lowercase(b"x-some-header"));
    }
}
