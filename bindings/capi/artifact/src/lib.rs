//! The C ABI as a shared and a static library. All functions are those of [`bartizan_capi`].

pub use bartizan_capi::*;
