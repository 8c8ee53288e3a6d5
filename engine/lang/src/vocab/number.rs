//! Numbers as text, and text as numbers, the way configuration and results write them.

use alloc::format;
use alloc::string::{String, ToString};

/// The shortest text that reads back as `value`: `5`, `0.1`, `1e+21`, `1e-07`, `-0`, `inf`, `nan`.
///
/// Plain digits are used for decimal exponents from -4 to 15.
#[must_use]
pub fn float_text(value: f64) -> String {
    let sign = if value.is_sign_negative() { "-" } else { "" };
    if value.is_nan() {
        return format!("{sign}nan");
    }
    if value.is_infinite() {
        return format!("{sign}inf");
    }
    let scientific = format!("{:e}", value.abs());
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        return format!("{sign}{}", value.abs());
    }
    let exponent_sign = if exponent < 0 { '-' } else { '+' };
    format!("{sign}{digits}e{exponent_sign}{:02}", exponent.unsigned_abs())
}

/// Reads an unsigned decimal integer: digits and nothing else.
#[must_use]
pub fn parse_unsigned(text: &[u8]) -> Option<u64> {
    if text.first() == Some(&b'+') {
        return None;
    }
    core::str::from_utf8(text).ok()?.parse().ok()
}

/// Reads a decimal integer with an optional minus.
#[must_use]
pub fn parse_signed(text: &[u8]) -> Option<i64> {
    if text.first() == Some(&b'+') {
        return None;
    }
    core::str::from_utf8(text).ok()?.parse().ok()
}

/// Reads a decimal float: no blanks, no plus sign, no hexadecimal; `inf`, `infinity`, `nan` and `nan(…)` in
/// any case. What does not fit into an `f64` (too large, or so small that only zero is left) is refused.
#[must_use]
pub fn parse_float(text: &[u8]) -> Option<f64> {
    let magnitude = text.strip_prefix(b"-").unwrap_or(text);
    match magnitude.first()? {
        b'0'..=b'9' | b'.' => {
            let value: f64 = core::str::from_utf8(text).ok()?.parse().ok()?;
            let mantissa = magnitude.split(|byte| matches!(byte, b'e' | b'E')).next().unwrap_or_default();
            let underflow = value == 0.0 && mantissa.iter().any(|byte| (b'1'..=b'9').contains(byte));
            (value.is_finite() && !underflow).then_some(value)
        }
        b'i' | b'I' => core::str::from_utf8(text).ok()?.parse().ok(),
        b'n' | b'N' => {
            let (name, rest) = magnitude.split_at_checked(3)?;
            let payload = rest.strip_prefix(b"(").and_then(|rest| rest.strip_suffix(b")"));
            let well_formed = rest.is_empty()
                || payload.is_some_and(|bytes| bytes.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_'));
            let sign = if magnitude.len() < text.len() { -1.0 } else { 1.0 };
            (name.eq_ignore_ascii_case(b"nan") && well_formed).then(|| f64::NAN.copysign(sign))
        }
        _ => None,
    }
}

impl super::Scalar {
    /// The value as text, as results print it.
    #[must_use]
    pub fn to_text(&self) -> super::Text {
        match self {
            Self::Bool(true) => "true".into(),
            Self::Bool(false) => "false".into(),
            Self::Signed(value) => value.to_string().as_str().into(),
            Self::Unsigned(value) => value.to_string().as_str().into(),
            Self::Float(value) => float_text(*value).as_str().into(),
            Self::String(text) => text.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{float_text, parse_float, parse_signed, parse_unsigned};

    #[test]
    fn floats_print_in_their_shortest_form() {
        let cases = [
            (1.0, "1"),
            (-0.0, "-0"),
            (0.1, "0.1"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1e15, "1000000000000000"),
            (1e16, "1e+16"),
            (123_456_789_012_345_680.0, "1.2345678901234568e+17"),
            (1e100, "1e+100"),
            (5e-324, "5e-324"),
            (-2.5e-7, "-2.5e-07"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN.copysign(1.0), "nan"),
        ];
        for (value, text) in cases {
            assert_eq!(float_text(value), text);
        }
    }

    #[test]
    fn floats_are_read_strictly() {
        for text in ["1.5", "-1.5", "1e3", "1E+3", ".5", "5.", "-.5", "1e-310", "00012", "-0", "0e999"] {
            assert_eq!(parse_float(text.as_bytes()), text.parse().ok(), "{text}");
        }
        for text in ["inf", "-INF", "Infinity"] {
            assert!(parse_float(text.as_bytes()).is_some_and(f64::is_infinite), "{text}");
        }
        for text in ["nan", "NaN", "-nan", "nan(1)", "nan()"] {
            assert!(parse_float(text.as_bytes()).is_some_and(f64::is_nan), "{text}");
        }
        let refused = [
            "", " 1", "1 ", "+1.5", "0x10", "1e", "1e+", "-", ".", "1d", "1e999", "1e-999", "nan(", "nanx",
            "in", "--1", "1_0", "n", "-",
        ];
        for text in refused {
            assert!(parse_float(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn integers_are_read_strictly() {
        assert_eq!(parse_unsigned(b"18446744073709551615"), Some(u64::MAX));
        assert_eq!(parse_signed(b"-9223372036854775808"), Some(i64::MIN));
        assert_eq!((parse_unsigned(b"007"), parse_signed(b"-0")), (Some(7), Some(0)));
        for text in ["", "-0", "-1", "+1", " 1", "1 ", "1.0", "0x1", "18446744073709551616"] {
            assert_eq!(parse_unsigned(text.as_bytes()), None, "{text}");
        }
        for text in ["", "-", "+1", " 1", "1 ", "1.0", "9223372036854775808"] {
            assert_eq!(parse_signed(text.as_bytes()), None, "{text}");
        }
    }
}
