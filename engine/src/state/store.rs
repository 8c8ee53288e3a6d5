//! The addresses of one request.

use super::BitSet;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use bartizan_lang::vocab::{AddressId, Addresses};
use bartizan_object::{Entry, Input, Object};

/// The whole input, or one value of a map.
const WHOLE: u32 = u32::MAX;

#[derive(Clone)]
struct Place {
    input: Arc<Input>,
    /// Which batch of an array of batches, or `WHOLE` when the input is the map itself.
    batch: u32,
    /// Which pair of the map, or `WHOLE` when the input is the value itself.
    index: u32,
}

/// The latest value of each address, with the inputs that hold them.
#[derive(Clone)]
pub(crate) struct Store {
    places: Box<[Option<Place>]>,
    /// Arrived in this batch.
    new: BitSet,
    /// Arrived and not scanned yet, by rules that stop at the deadline and by those that do not.
    pub(crate) unscanned: [BitSet; 2],
    any_new: bool,
    /// Inputs whose values are not in `places` any more; borrowed parts of results may still lie there.
    inputs: Vec<Arc<Input>>,
}

impl Store {
    pub(crate) fn new(addresses: usize) -> Self {
        Self {
            places: vec![None; addresses].into(),
            new: BitSet::new(addresses),
            unscanned: [BitSet::new(addresses), BitSet::new(addresses)],
            any_new: false,
            inputs: Vec::new(),
        }
    }

    /// Forgets which addresses are new.
    pub(crate) fn begin_batch(&mut self) {
        if self.any_new {
            self.new = BitSet::new(self.places.len());
            self.any_new = false;
        }
    }

    /// Keeps an input alive as long as the context, whether or not any of it is used.
    pub(crate) fn keep(&mut self, input: &Arc<Input>) {
        self.inputs.push(input.clone());
    }

    /// Takes in a map from address to value; of repeated addresses the last stays. `arrived` is told of
    /// each address that the ruleset knows.
    pub(crate) fn receive(
        &mut self,
        input: &Arc<Input>,
        batch: Option<u32>,
        addresses: &Addresses,
        as_new: bool,
        mut arrived: impl FnMut(AddressId),
    ) {
        let Some(entries) = map_of(input, batch.unwrap_or(WHOLE)) else { return };
        for (index, entry) in entries.iter().enumerate() {
            // An empty name is no address, though processors may be told to look there.
            let name = entry.key.as_bytes().filter(|name| !name.is_empty());
            let Some(id) = name.and_then(|name| addresses.find(name)) else { continue };
            let batch = batch.unwrap_or(WHOLE);
            self.put(id, Place { input: input.clone(), batch, index: index as u32 }, as_new);
            arrived(id);
        }
    }

    /// Sets an address to a value that the engine made.
    pub(crate) fn set(&mut self, id: AddressId, value: Input) {
        let input = Arc::new(value);
        self.inputs.push(input.clone());
        self.put(id, Place { input, batch: WHOLE, index: WHOLE }, true);
    }

    fn put(&mut self, id: AddressId, place: Place, as_new: bool) {
        self.places[id.0 as usize] = Some(place);
        if as_new {
            self.new.insert(id.0);
            self.any_new = true;
        }
        for unscanned in &mut self.unscanned {
            unscanned.insert(id.0);
        }
    }

    /// The latest value of an address.
    pub(crate) fn get(&self, id: AddressId) -> Option<&Object> {
        let place = self.places[id.0 as usize].as_ref()?;
        if place.index == WHOLE {
            return Some(&place.input);
        }
        map_of(&place.input, place.batch)?.get(place.index as usize).map(|entry| &entry.value)
    }

    /// The addresses that arrived in this batch.
    pub(crate) fn new_addresses(&self) -> impl Iterator<Item = AddressId> {
        let end = self.places.len() as u32;
        let mut next = 0;
        core::iter::from_fn(move || {
            let id = self.new.next(next, end)?;
            next = id + 1;
            Some(AddressId(id))
        })
    }
}

fn map_of(input: &Input, batch: u32) -> Option<&[Entry]> {
    if batch == WHOLE { input.as_map() } else { input.as_array()?.get(batch as usize)?.as_map() }
}
