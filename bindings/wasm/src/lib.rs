//! The plain wasm module. All functions are those of [`bartizan_wire::exports`].

pub use bartizan_wire::exports::*;
