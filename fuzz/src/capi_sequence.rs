//! Any sequence of calls of the C ABI, with an allocator that keeps books and may refuse: nothing is lost or freed twice,
//! and what is read is what was written.

use crate::fixture::{CONFIG, instance};
use crate::sequences::of_tape;
use bartizan_capi::InstanceHandle;

thread_local! {
    static INSTANCES: [*mut InstanceHandle; 2] = [instance(CONFIG), instance(CONFIG)];
}

pub(crate) fn run(data: &[u8]) {
    INSTANCES.with(|instances| of_tape(data, instances));
}
