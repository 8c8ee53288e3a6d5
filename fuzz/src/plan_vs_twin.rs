//! The case that the bytes choose: rules and requests on which the engine and its naive twin agree.

use bartizan_reference::generate::case_of;
use bartizan_reference::judge::judge;

pub(crate) fn run(data: &[u8]) {
    let case = case_of(data);
    if let Err(difference) = judge(&case) {
        panic!("{difference}\n{case}");
    }
}
