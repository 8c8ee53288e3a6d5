//! What processors remember within a context.

use super::fingerprint::Fields;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use bartizan_lang::vocab::AddressId;

/// What the processors of a context remember. Subcontexts share it until something changes.
#[derive(Clone, Default)]
pub(crate) struct ProcessorState(Option<Arc<Vec<Memory>>>);

/// What one processor remembers.
#[derive(Clone, Default)]
pub(super) struct Memory {
    /// How many of its conditions, from the first on, have been true. They stay true.
    pub(super) met: usize,
    /// Outputs that it made, or tried to make: it does not try twice.
    generated: Vec<AddressId>,
    /// With how many optional arguments each mapping has been evaluated.
    evaluated: Vec<Option<u8>>,
    /// The fields of its fingerprint, which all its mappings share.
    fields: Option<Box<Fields>>,
}

impl ProcessorState {
    /// The memory of a processor that has done something.
    pub(super) fn get(&self, number: usize) -> Option<&Memory> {
        self.0.as_ref()?.get(number)
    }

    /// The memory of a processor, one of `count`.
    pub(super) fn get_mut(&mut self, number: usize, count: usize) -> &mut Memory {
        let memories = self.0.get_or_insert_with(|| Arc::new(vec![Memory::default(); count]));
        &mut Arc::make_mut(memories)[number]
    }
}

impl Memory {
    pub(super) fn has_generated(&self, output: AddressId) -> bool {
        self.generated.binary_search(&output).is_ok()
    }

    /// With how many optional arguments a mapping has been evaluated.
    pub(super) fn evaluated(&self, mapping: usize) -> Option<u8> {
        self.evaluated.get(mapping).copied().flatten()
    }

    pub(super) fn note(&mut self, mapping: usize, output: AddressId, optional: u8) {
        if let Err(at) = self.generated.binary_search(&output) {
            self.generated.insert(at, output);
        }
        if self.evaluated.len() <= mapping {
            self.evaluated.resize(mapping + 1, None);
        }
        self.evaluated[mapping] = Some(optional);
    }

    pub(super) fn fields(&mut self) -> &mut Fields {
        self.fields.get_or_insert_default()
    }
}
