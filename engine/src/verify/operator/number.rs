//! `greater_than`, `lower_than`: numbers of any kind, compared by mathematical value.

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

/// `None` when one of them is not a number.
fn compare(a: Number, b: Number) -> Option<Ordering> {
    match (a, b) {
        (Number::Float(a), Number::Float(b)) => a.partial_cmp(&b),
        (Number::Float(a), b) => float_with_integer(a, integer(b)?),
        (a, Number::Float(b)) => float_with_integer(b, integer(a)?).map(Ordering::reverse),
        (a, b) => Some(integer(a)?.cmp(&integer(b)?)),
    }
}

fn integer(number: Number) -> Option<i128> {
    match number {
        Number::Signed(value) => Some(i128::from(value)),
        Number::Unsigned(value) => Some(i128::from(value)),
        Number::Float(_) => None,
    }
}

fn float_with_integer(float: f64, integer: i128) -> Option<Ordering> {
    // Beyond 2^65 every float is outside the range of our integers; within, truncation is exact in i128.
    const BEYOND: f64 = 36_893_488_147_419_103_232.0;
    if float.is_nan() {
        return None;
    }
    if float >= BEYOND {
        return Some(Ordering::Greater);
    }
    if float <= -BEYOND {
        return Some(Ordering::Less);
    }
    let whole = float as i128;
    Some(whole.cmp(&integer).then_with(|| {
        let fraction = float - whole as f64;
        fraction.partial_cmp(&0.0).unwrap_or(Ordering::Equal)
    }))
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
        ];
        for (a, b, wanted) in cases {
            assert_eq!(compare(a, b), wanted, "{a:?} {b:?}");
        }
    }
}
