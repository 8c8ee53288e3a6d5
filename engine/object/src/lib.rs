//! Values.
#![no_std]
extern crate alloc;
