//! Numbers as libddwaf reads them.
//!
//! Integers are exact. A float's digits are gathered in an integer while that has at most 53 bits, then in
//! a float, up to 17 significant digits, and scaled once by a power of ten: exact where both are, else off
//! by a few units in the last place. The same rounding, and the same limits, keep values and verdicts equal.

use super::{Error, ErrorKind};
use crate::Object;

/// Reads the number that starts at `start` with a minus or a digit; returns the offset after it too.
pub(super) fn read(text: &[u8], start: usize) -> Result<(Object, usize), Error> {
    let mut digits = Digits { text, at: start };
    let negative = digits.skip(|byte| byte == b'-');
    let limit = if negative { 1 << 63 } else { u64::MAX };
    let first = digits.at;

    let mut whole = digits.required()?;
    let mut beyond = false;
    // Nothing may follow a leading zero: "01" ends after the zero, and its 1 is unexpected.
    while let (true, Some(digit)) = (whole > 0, digits.peek()) {
        let longer = whole.checked_mul(10).and_then(|whole| whole.checked_add(digit));
        match longer.filter(|&longer| longer <= limit) {
            Some(longer) => whole = longer,
            None => {
                beyond = true;
                break;
            }
        }
        digits.at += 1;
    }
    let mut significant = digits.at - first - 1;

    let mut float = whole as f64;
    if beyond {
        while let Some(digit) = digits.next() {
            float = float * 10.0 + digit as f64;
        }
    }

    let mut scale = 0_i64;
    let fraction = digits.skip(|byte| byte == b'.');
    if fraction {
        let mut next = Some(digits.required()?);
        if !beyond {
            while let (true, Some(digit)) = (whole < 1 << 53, next) {
                whole = whole * 10 + digit;
                scale -= 1;
                significant += usize::from(whole > 0);
                next = digits.next();
            }
            float = whole as f64;
        }
        while let Some(digit) = next {
            if significant < 17 {
                float = float * 10.0 + digit as f64;
                scale -= 1;
                significant += usize::from(float > 0.0);
            }
            next = digits.next();
        }
    }

    let exponent = digits.skip(|byte| byte | 0x20 == b'e');
    if exponent {
        let down = digits.skip(|byte| byte == b'-');
        if !down {
            digits.skip(|byte| byte == b'+');
        }
        let mut size = digits.required()? as i64;
        // The limit looks at the exponent alone: even zero may not have a larger one.
        let largest = 308 - scale;
        while let Some(digit) = digits.next() {
            size = size.saturating_mul(10).saturating_add(digit as i64);
            if !down && size > largest {
                return Err(Error { kind: ErrorKind::NumberTooBig, offset: start });
            }
        }
        scale = if down { scale.saturating_sub(size) } else { scale + size };
    }

    if !(beyond || fraction || exponent) {
        let value =
            if negative { Object::signed(whole.wrapping_neg() as i64) } else { Object::unsigned(whole) };
        return Ok((value, digits.at));
    }
    let size = scaled(float, scale);
    if size > f64::MAX {
        return Err(Error { kind: ErrorKind::NumberTooBig, offset: start });
    }
    Ok((Object::float(if negative { -size } else { size }), digits.at))
}

/// `value` × 10^`exponent`, in two steps where the power itself would underflow.
fn scaled(value: f64, exponent: i64) -> f64 {
    match exponent {
        ..-616 => 0.0,
        -616..-308 => value / power_of_ten(308) / power_of_ten(-308 - exponent),
        -308..0 => value / power_of_ten(-exponent),
        0.. => value * power_of_ten(exponent),
    }
}

/// 10^`exponent`, correctly rounded; `exponent` is in 0..=308.
fn power_of_ten(exponent: i64) -> f64 {
    const EXACT: [f64; 23] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
        1e18, 1e19, 1e20, 1e21, 1e22,
    ];
    if let Some(power) = usize::try_from(exponent).ok().and_then(|exponent| EXACT.get(exponent)) {
        return *power;
    }
    // Rare enough to let the standard library round it, which saves a table of 309 floats.
    let digit = |unit: i64| b'0' + (exponent / unit % 10) as u8;
    let text = [b'1', b'e', digit(100), digit(10), digit(1)];
    core::str::from_utf8(&text).ok().and_then(|text| text.parse().ok()).unwrap_or(f64::INFINITY)
}

struct Digits<'a> {
    text: &'a [u8],
    at: usize,
}

impl Digits<'_> {
    fn peek(&self) -> Option<u64> {
        self.text.get(self.at).map(|byte| byte.wrapping_sub(b'0')).filter(|&digit| digit < 10).map(u64::from)
    }

    fn next(&mut self) -> Option<u64> {
        let digit = self.peek()?;
        self.at += 1;
        Some(digit)
    }

    fn required(&mut self) -> Result<u64, Error> {
        let end = self.at >= self.text.len();
        let kind = if end { ErrorKind::UnexpectedEnd } else { ErrorKind::InvalidNumber };
        self.next().ok_or(Error { kind, offset: self.at })
    }

    fn skip(&mut self, wanted: impl Fn(u8) -> bool) -> bool {
        let found = self.text.get(self.at).is_some_and(|&byte| wanted(byte));
        self.at += usize::from(found);
        found
    }
}
