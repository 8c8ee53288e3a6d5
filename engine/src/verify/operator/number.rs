//! `greater_than`, `lower_than`: numbers of any kind, compared by value.

use super::Highlight;
use bartizan_lang::ruleset::Number;
use bartizan_object::View;
use core::cmp::Ordering;

pub(super) fn check(value: View<'_>, bound: Number, wanted: Ordering) -> Option<Highlight> {
    let value = match value {
        View::Signed(value) => Number::Signed(value),
        View::Unsigned(value) => Number::Unsigned(value),
        View::Float(value) => Number::Float(value),
        _ => return None,
    };
    (compare(value, bound) == Some(wanted)).then_some(Highlight::Empty)
}

/// `None` when one of them is not a number. Integers are compared exactly, but one that meets a float as a
/// float, which above 2^53 rounds it: so does libddwaf.
fn compare(a: Number, b: Number) -> Option<Ordering> {
    match (integer(a), integer(b)) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => float(a).partial_cmp(&float(b)),
    }
}

fn integer(number: Number) -> Option<i128> {
    match number {
        Number::Signed(value) => Some(i128::from(value)),
        Number::Unsigned(value) => Some(i128::from(value)),
        Number::Float(_) => None,
    }
}

fn float(number: Number) -> f64 {
    match number {
        Number::Signed(value) => value as f64,
        Number::Unsigned(value) => value as f64,
        Number::Float(value) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::{Number, compare};
    use core::cmp::Ordering::{Equal, Greater, Less};

    #[test]
    fn kinds_mix_by_value() {
        let cases = [
            (Number::Float(5.1), Number::Unsigned(5), Some(Greater)),
            (Number::Float(-4.5), Number::Signed(-5), Some(Greater)),
            (Number::Float(-5.5), Number::Signed(-5), Some(Less)),
            (Number::Unsigned(u64::MAX), Number::Signed(-5), Some(Greater)),
            (Number::Unsigned(u64::MAX), Number::Float(1e300), Some(Less)),
            (Number::Signed(5), Number::Float(5.0), Some(Equal)),
            (Number::Signed(5), Number::Float(f64::NAN), None),
            (Number::Unsigned(u64::MAX), Number::Signed(i64::MAX), Some(Greater)),
            (Number::Signed(i64::MAX), Number::Float(9_223_372_036_854_775_808.0), Some(Equal)),
            (Number::Float(9_007_199_254_740_992.0), Number::Unsigned(9_007_199_254_740_993), Some(Equal)),
        ];
        for (a, b, wanted) in cases {
            assert_eq!(compare(a, b), wanted, "{a:?} {b:?}");
        }
    }
}
