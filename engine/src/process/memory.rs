//! What processors remember within a context.

use super::fingerprint::Fields;
use crate::plan::Plan;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use bartizan_lang::ruleset::Processor;
use core::ops::Range;

/// What the processors of a context remember. Subcontexts share it until something changes.
#[derive(Clone, Default)]
pub(crate) struct ProcessorState(Option<Arc<Memory>>);

#[derive(Clone)]
struct Memory {
    /// Per processor, how many of its conditions, from the first on, have been true. They stay true.
    met: Vec<usize>,
    /// Per mapping that was evaluated, with how many optional arguments it was, whatever came of it.
    evaluated: Box<[Option<u8>]>,
    /// Fields of fingerprints by processor, ascending. All mappings of a processor share them.
    fields: Vec<(usize, Fields)>,
}

/// The numbers of a processor and its mappings, counted over both stages.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) processor: usize,
    pub(super) mappings: Range<usize>,
}

impl Place {
    /// Before the first of these processors, which come after `self`.
    pub(super) fn start(before: &[Processor]) -> Self {
        let mappings = before.iter().map(|processor| processor.mappings.len()).sum();
        Self { processor: before.len(), mappings: mappings..mappings }
    }

    /// The place of the next processor.
    pub(super) fn next(&mut self, processor: &Processor) -> Self {
        let start = self.mappings.end;
        let place = Self { processor: self.processor, mappings: start..start + processor.mappings.len() };
        self.processor += 1;
        self.mappings = place.mappings.clone();
        place
    }
}

impl ProcessorState {
    fn change(&mut self, plan: &Plan) -> &mut Memory {
        let memory = self.0.get_or_insert_with(|| {
            let processors = plan.ruleset.preprocessors.iter().chain(&plan.ruleset.postprocessors);
            let mappings = processors.map(|processor| processor.mappings.len()).sum();
            Arc::new(Memory {
                met: Vec::new(),
                evaluated: vec![None; mappings].into_boxed_slice(),
                fields: Vec::new(),
            })
        });
        Arc::make_mut(memory)
    }

    /// How many conditions of a processor have been true.
    pub(super) fn met(&self, place: &Place) -> usize {
        self.0.as_ref().and_then(|memory| memory.met.get(place.processor)).copied().unwrap_or(0)
    }

    pub(super) fn set_met(&mut self, plan: &Plan, place: &Place, conditions: usize) {
        let met = &mut self.change(plan).met;
        if met.len() <= place.processor {
            met.resize(place.processor + 1, 0);
        }
        met[place.processor] = conditions;
    }

    /// With how many optional arguments the mappings of a processor have been evaluated.
    pub(super) fn evaluated(&self, place: &Place) -> &[Option<u8>] {
        self.0.as_ref().map_or(&[], |memory| &memory.evaluated[place.mappings.clone()])
    }

    pub(super) fn set_evaluated(&mut self, plan: &Plan, place: &Place, mapping: usize, optional: u8) {
        self.change(plan).evaluated[place.mappings.clone()][mapping] = Some(optional);
    }

    /// The fields of a processor's fingerprint.
    pub(super) fn fields(&mut self, plan: &Plan, place: &Place) -> &mut Fields {
        let fields = &mut self.change(plan).fields;
        let found = fields.binary_search_by_key(&place.processor, |(processor, _)| *processor);
        let at = found.unwrap_or_else(|at| {
            fields.insert(at, (place.processor, Fields::default()));
            at
        });
        &mut fields[at].1
    }
}
