//! Deep copies.

use crate::object::tag;
use crate::pending::Pending;
use crate::walk::{Step, Walk};
use crate::{AllocError, AllocRef, Object, View};
use alloc::vec::Vec;

impl Object {
    /// A deep copy in `alloc`'s memory: short strings become inline, literal values stay literal,
    /// keys are always copied, capacities equal sizes. Nothing recurses.
    ///
    /// # Errors
    /// The allocator refused; nothing is left behind.
    pub fn clone_in(&self, alloc: AllocRef) -> Result<Self, AllocError> {
        let mut pending = Pending::new(alloc);
        let mut starts = Vec::new();
        for step in Walk::new(self) {
            match step {
                Step::Key(key) => pending.push_string(key)?,
                Step::Value(value) => match value.view() {
                    View::Array(_) | View::Map(_) => {
                        starts.try_reserve(1).map_err(|_| AllocError)?;
                        starts.push(pending.len());
                    }
                    View::String(_) if value.tag() == tag::LITERAL => {
                        let (start, len) = value.long();
                        pending.push_plain(Self::long_string(tag::LITERAL, start, len as u32))?;
                    }
                    View::String(bytes) => pending.push_string(bytes)?,
                    View::Invalid => pending.push_plain(Self::invalid())?,
                    View::Null => pending.push_plain(Self::null())?,
                    View::Bool(value) => pending.push_plain(Self::bool(value))?,
                    View::Signed(value) => pending.push_plain(Self::signed(value))?,
                    View::Unsigned(value) => pending.push_plain(Self::unsigned(value))?,
                    View::Float(value) => pending.push_plain(Self::float(value))?,
                },
                Step::EndArray => pending.close_array(starts.pop().unwrap_or_default())?,
                Step::EndMap => pending.close_map(starts.pop().unwrap_or_default())?,
            }
        }
        Ok(pending.into_root().into_object())
    }
}
