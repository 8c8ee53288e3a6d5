//! Numbers.

/// Length of the number that begins the text, sign included; none where no number ends at the end of a word.
///
/// Hexadecimal, binary, octal (`0x1F`, `0b01`, `0o17`) or decimal with fraction and exponent;
/// single underscores may stand between digits.
pub(super) fn len(text: &[u8]) -> Option<usize> {
    let radix = match text {
        [b'0', b'x' | b'X', ..] => digits(text, 2, |byte| byte.is_ascii_hexdigit()),
        [b'0', b'b' | b'B', ..] => digits(text, 2, |byte| matches!(byte, b'0' | b'1')),
        [b'0', b'o' | b'O', ..] => digits(text, 2, |byte| matches!(byte, b'0'..=b'7')),
        _ => None,
    };
    radix.filter(|&end| ends_word(text, end)).or_else(|| decimal(text))
}

fn decimal(text: &[u8]) -> Option<usize> {
    let sign = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    let integer = decimal_digits(text, sign)?;
    let fraction = match text.get(integer) {
        Some(b'.') => decimal_digits(text, integer + 1),
        _ => None,
    };
    let mantissa = fraction.unwrap_or(integer);
    let exponent = match text.get(mantissa) {
        Some(b'e' | b'E') => {
            let sign = usize::from(matches!(text.get(mantissa + 1), Some(b'+' | b'-')));
            decimal_digits(text, mantissa + 1 + sign)
        }
        _ => None,
    };
    [exponent, fraction, Some(integer)].into_iter().flatten().find(|&end| ends_word(text, end))
}

fn decimal_digits(text: &[u8], start: usize) -> Option<usize> {
    digits(text, start, |byte| byte.is_ascii_digit())
}

/// The end of the digits from `start` on; none if there are none.
fn digits(text: &[u8], start: usize, is_digit: impl Fn(u8) -> bool) -> Option<usize> {
    let digit_at = |at: usize| text.get(at).is_some_and(|&byte| is_digit(byte));
    if !digit_at(start) {
        return None;
    }
    let mut end = start + 1;
    loop {
        if digit_at(end) {
            end += 1;
        } else if text.get(end) == Some(&b'_') && digit_at(end + 1) {
            end += 2;
        } else {
            return Some(end);
        }
    }
}

/// Whether a word that reaches to `end` ends there.
fn ends_word(text: &[u8], end: usize) -> bool {
    !text.get(end).is_some_and(|&byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
