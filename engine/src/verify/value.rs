//! Values as text, the way results show them.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use bartizan_object::View;

/// The text of a scalar; containers, null and invalid give nothing.
pub(crate) fn text(value: View<'_>) -> Vec<u8> {
    match value {
        View::Bool(value) => value.to_string().into_bytes(),
        View::Signed(value) => value.to_string().into_bytes(),
        View::Unsigned(value) => value.to_string().into_bytes(),
        View::Float(value) => float(value).into_bytes(),
        View::String(bytes) => bytes.into(),
        View::Invalid | View::Null | View::Array(_) | View::Map(_) => Vec::new(),
    }
}

/// The shortest text that reads back as the same number; exponents below -4 and from 16 on are written
/// as such, with a sign and at least two digits.
pub(crate) fn float(value: f64) -> String {
    if value.is_nan() {
        return if value.is_sign_negative() { "-nan" } else { "nan" }.into();
    }
    if value.is_infinite() {
        return if value < 0.0 { "-inf" } else { "inf" }.into();
    }
    let scientific = format!("{value:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        return format!("{value}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::float;

    #[test]
    fn floats_are_shortest() {
        let cases = [
            (1.0, "1"),
            (5.4, "5.4"),
            (1e21, "1e+21"),
            (-0.0, "-0"),
            (f64::INFINITY, "inf"),
            (1e-5, "1e-05"),
            (0.0001, "0.0001"),
            (1e15, "1000000000000000"),
            (1e16, "1e+16"),
            (1.25e-7, "1.25e-07"),
        ];
        for (value, wanted) in cases {
            assert_eq!(float(value), wanted);
        }
    }
}
