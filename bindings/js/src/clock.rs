//! The host's monotonic clock.

use bartizan_wire::Clock;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

/// `performance.now()`.
pub(crate) struct Performance;

impl Clock for Performance {
    fn now_ns(&self) -> u64 {
        (now() * 1e6) as u64
    }
}
