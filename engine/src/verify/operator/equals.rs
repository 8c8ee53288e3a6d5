//! `equals`: same kind, same value.

use super::Highlight;
use bartizan_lang::vocab::Scalar;
use bartizan_object::View;

/// Signed and unsigned integers compare by value; floats meet floats only, within `delta`; strings are
/// compared byte by byte, the empty one included.
pub(super) fn check(wanted: &Scalar, delta: f64, value: View<'_>) -> Option<Highlight> {
    let equal = match (wanted, value) {
        (Scalar::Bool(wanted), View::Bool(value)) => *wanted == value,
        (Scalar::String(wanted), View::String(value)) => **wanted == *value,
        (Scalar::Float(wanted), View::Float(value)) => (wanted - value).abs() < delta,
        (Scalar::Signed(wanted), View::Signed(value)) => *wanted == value,
        (Scalar::Unsigned(wanted), View::Unsigned(value)) => *wanted == value,
        (Scalar::Signed(wanted), View::Unsigned(value)) => u64::try_from(*wanted) == Ok(value),
        (Scalar::Unsigned(wanted), View::Signed(value)) => u64::try_from(value) == Ok(*wanted),
        _ => false,
    };
    equal.then_some(Highlight::Empty)
}
