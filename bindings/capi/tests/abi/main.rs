//! The C ABI from outside, called as a C program calls it.

// The functions' promises are the header's; each test keeps them, and says where it has to say how.
#![allow(clippy::undocumented_unsafe_blocks, reason = "a test calls unsafe functions throughout")]

mod allocators;
mod crashes;
mod fixture;
mod hostile;
mod ledger;
mod lifecycle;
mod logging;
mod objects;
mod ownership;
mod sequences;
mod threads;
