//! Hexadecimal digits, as the escape decoders read them.

/// The value of one digit of either case.
#[inline]
pub(super) const fn digit(byte: u8) -> Option<u32> {
    match byte {
        b'0'..=b'9' => Some((byte - b'0') as u32),
        b'a'..=b'f' => Some((byte - b'a') as u32 + 10),
        b'A'..=b'F' => Some((byte - b'A') as u32 + 10),
        _ => None,
    }
}

/// The number that exactly `N` digits at the start of `input` spell.
#[inline]
pub(super) fn number<const N: usize>(input: &[u8]) -> Option<u32> {
    let mut value = 0;
    for &byte in input.first_chunk::<N>()? {
        value = value << 4 | digit(byte)?;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::{digit, number};

    #[test]
    fn digits_and_numbers() {
        for byte in 0..=u8::MAX {
            assert_eq!(digit(byte), char::from(byte).to_digit(16), "{byte}");
        }
        assert_eq!(number::<2>(b"aFz"), Some(0xaf));
        assert_eq!(number::<4>(b"12G4"), None);
        assert_eq!(number::<4>(b"123"), None);
    }
}
