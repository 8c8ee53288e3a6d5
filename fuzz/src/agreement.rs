//! The engine and its naive twin on the case that the bytes choose.

use bartizan_reference::generate::case;
use bartizan_reference::judge::judge;

pub(crate) fn run(data: &[u8]) {
    let mut seed = [0; 8];
    for (place, byte) in seed.iter_mut().zip(data) {
        *place = *byte;
    }
    let seed = u64::from_le_bytes(seed);
    if let Err(difference) = judge(&case(seed)) {
        panic!("seed {seed}: {difference}");
    }
}
