//! Processors: values computed from other values.

mod fingerprint;
mod schema;
mod token;
mod uri;

use crate::condition::Asker;
use crate::memory::Owner;
use crate::report::Report;
use crate::value::Value;
use crate::walk::{Hidden, Place, Resolved};
use bartizan_lang::ruleset::{Generator, Mapping, Processor};
use bartizan_lang::vocab::AddressId;
use fingerprint::Fields;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// When a processor runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    BeforeRules,
    AfterRules,
}

/// What a processor remembers.
#[derive(Clone, Default)]
pub(crate) struct ProcessorMemory {
    /// Addresses that it has computed, or tried to.
    outputs: BTreeSet<AddressId>,
    /// With how many optional arguments each mapping was computed.
    computed: BTreeMap<usize, usize>,
    /// What its fingerprint is made of: shared by all its mappings, and made once.
    fields: Fields,
}

impl Asker<'_> {
    /// Runs the processors of a stage in order of declaration. False when time was missing.
    pub(crate) fn process(&mut self, stage: Stage, has_time: bool, report: &mut Report) -> bool {
        let ruleset = self.ruleset;
        let (processors, first) = match stage {
            Stage::BeforeRules => (&ruleset.preprocessors, 0),
            Stage::AfterRules => (&ruleset.postprocessors, ruleset.preprocessors.len()),
        };
        for (number, processor) in processors.iter().enumerate() {
            if !has_time {
                return false;
            }
            let number = first + number;
            if !self.all(Owner::Processor(number), &processor.conditions, &Hidden::new()) {
                continue;
            }
            for (at, mapping) in processor.mappings.iter().enumerate() {
                let Some(value) = self.compute(number, processor, at, mapping) else { continue };
                if processor.output || !processor.evaluate {
                    let name = ruleset.addresses.name(mapping.output);
                    report.replace(name, value.clone(), self.memory);
                }
                if processor.evaluate {
                    self.memory.receive(mapping.output, Rc::new(value), true);
                }
            }
        }
        true
    }

    /// Computes one output: once, or again when more optional arguments are there than before.
    fn compute(
        &mut self,
        number: usize,
        processor: &Processor,
        at: usize,
        mapping: &Mapping,
    ) -> Option<Value> {
        let memory = self.memory.processors.entry(number).or_default();
        let arguments = processor.generator.arguments();
        let optional = arguments.iter().filter(|(_, optional)| *optional).count();
        let before = memory.computed.get(&at).copied();
        let is_there =
            self.memory.store.contains_key(&mapping.output) || memory.outputs.contains(&mapping.output);
        if is_there && before.unwrap_or(0) == optional {
            return None;
        }
        let mut given: Vec<Option<Rc<Value>>> = Vec::new();
        for ((_, is_optional), input) in arguments.iter().zip(&mapping.arguments) {
            let arrived = self.memory.store.get(&input.address).map(|arrived| arrived.value.clone());
            let argument = arrived.filter(|value| fits(processor.generator, given.len(), value));
            if argument.is_none() && !is_optional {
                return None;
            }
            given.push(argument);
        }
        let all = arguments.iter().zip(&given);
        let now = all.filter(|((_, optional), argument)| *optional && argument.is_some()).count();
        if (arguments.len() == optional && now == 0) || before == Some(now) {
            return None;
        }
        memory.outputs.insert(mapping.output);
        memory.computed.insert(at, now);
        let fields = &mut memory.fields;
        let given: Vec<Option<&Value>> = given.iter().map(Option::as_deref).collect();
        let first = given[0];
        match processor.generator {
            Generator::ExtractSchema => Some(self.schema(Owner::Processor(number), processor, first?)),
            Generator::HttpEndpointFingerprint => Some(fingerprint::endpoint(fields, &given)),
            Generator::HttpHeaderFingerprint => Some(fingerprint::header(first?)),
            Generator::HttpNetworkFingerprint => Some(fingerprint::network(first?)),
            Generator::SessionFingerprint => Some(fingerprint::session(fields, &given)),
            Generator::JwtDecode => {
                let root = self.memory.store.get(&mapping.arguments[0].address)?;
                match Place::root(root).resolve(&mapping.arguments[0].key_path, &Hidden::new()) {
                    Resolved::Found(place) => token::decode(place.value),
                    Resolved::Absent | Resolved::Hidden => None,
                }
            }
            Generator::UriParse => uri::parse(first?.as_bytes()?),
        }
    }
}

/// Whether a value is of the type that an argument must have. One of the wrong type is as good as none.
fn fits(generator: Generator, argument: usize, value: &Value) -> bool {
    let is_text = matches!(value, Value::Bytes(_));
    let is_map = matches!(value, Value::Map(_));
    match (generator, argument) {
        (Generator::ExtractSchema | Generator::JwtDecode, _) => true,
        (Generator::UriParse, _) => is_text,
        (Generator::HttpEndpointFingerprint, 0 | 1) => is_text,
        (Generator::HttpEndpointFingerprint, _) => is_map,
        (Generator::HttpHeaderFingerprint | Generator::HttpNetworkFingerprint, _) => is_map,
        (Generator::SessionFingerprint, 0) => is_map,
        (Generator::SessionFingerprint, _) => is_text,
    }
}
