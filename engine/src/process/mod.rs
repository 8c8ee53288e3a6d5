//! Processors: values computed from other values, before the rules or after them.
//!
//! A processor whose conditions are true computes each of its outputs once per context, as soon as the
//! arguments are there; where arguments are optional, again when more of them are.

mod arguments;
mod condition;
mod extract_schema;
mod fingerprint;
mod jwt_decode;
mod memory;
mod scanner;
mod uri_parse;

#[cfg(test)]
mod tests;

pub(crate) use memory::ProcessorState;

use crate::plan::{Plan, PlannedProcessor};
use crate::report::{Report, replace_attribute};
use crate::scan::path::{self, Resolved};
use crate::state::{Expired, State};
use crate::verify::Verifier;
use arguments::{Arguments, optional_arguments};
use bartizan_lang::ruleset::{Mapping, Processor};
use bartizan_object::{AllocError, AllocRef, Input, Owned};
use extract_schema::Schema;
use memory::Memory;
use scanner::Scanners;

/// When a processor runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    BeforeRules,
    AfterRules,
}

/// Runs the processors of a stage, in order of declaration. Their outcomes become addresses, attributes or
/// both.
pub(crate) fn run(verifier: &mut Verifier<'_, '_>, stage: Stage, report: &mut Report) -> Result<(), Expired> {
    let plan = verifier.plan;
    let (processors, planned, first) = match stage {
        Stage::BeforeRules => (&plan.ruleset.preprocessors, &plan.preprocessors, 0),
        Stage::AfterRules => {
            (&plan.ruleset.postprocessors, &plan.postprocessors, plan.ruleset.preprocessors.len())
        }
    };
    for (number, (processor, planned)) in processors.iter().zip(planned).enumerate() {
        verifier.budget.spend(1)?;
        let number = first + number;
        if !is_due(verifier, number, processor, planned)? {
            continue;
        }
        for (index, mapping) in processor.mappings.iter().enumerate() {
            verifier.budget.spend(1)?;
            if let Some(value) = generate(verifier, number, processor, planned, (index, mapping))? {
                // Where memory is refused, nothing comes out.
                let _ = put_out(verifier, processor, mapping, value, report);
            }
        }
    }
    Ok(())
}

fn memory_of<'m>(plan: &Plan, state: &'m mut ProcessorState, number: usize) -> &'m mut Memory {
    state.get_mut(number, plan.preprocessors.len() + plan.postprocessors.len())
}

/// Whether all conditions of a processor are true, or were.
fn is_due(
    verifier: &mut Verifier<'_, '_>,
    number: usize,
    processor: &Processor,
    planned: &PlannedProcessor,
) -> Result<bool, Expired> {
    let met = verifier.state.processors.get(number).map_or(0, |memory| memory.met);
    for (index, condition) in processor.conditions.iter().enumerate().skip(met) {
        let operator = planned.operators.get(index).and_then(Option::as_ref);
        if !condition::is_met(verifier, condition, operator)? {
            return Ok(false);
        }
        memory_of(verifier.plan, &mut verifier.state.processors, number).met = index + 1;
    }
    Ok(true)
}

/// Computes one output, when there is reason to and anything comes of it.
fn generate(
    verifier: &mut Verifier<'_, '_>,
    number: usize,
    processor: &Processor,
    planned: &PlannedProcessor,
    (index, mapping): (usize, &Mapping),
) -> Result<Option<Owned>, Expired> {
    let Verifier { plan, state, scratch, budget, now_s } = verifier;
    let State { store, processors, .. } = &mut **state;
    let memory = processors.get(number);
    let evaluated = memory.and_then(|memory| memory.evaluated(index));
    let is_there = store.get(mapping.output).is_some()
        || memory.is_some_and(|memory| memory.has_generated(mapping.output));
    if is_there && evaluated.unwrap_or(0) == optional_arguments(processor.generator) {
        return Ok(None);
    }
    let Some(arguments) = Arguments::find(processor.generator, mapping, store) else { return Ok(None) };
    let optional = arguments.optional();
    if evaluated == Some(optional) {
        return Ok(None);
    }
    budget.spend(arguments.units())?;
    let outcome = match arguments {
        Arguments::Schema(value) => {
            let mut scanners = Scanners { scanners: &planned.scanners, scratch, budget, now_s: *now_s };
            let schema = Schema::of(value, &mut scanners)?;
            schema.to_object(&planned.scanners).map(Some)
        }
        Arguments::Endpoint { method, uri, query, body } => {
            let fields = memory_of(plan, processors, number).fields();
            text(&fingerprint::http_endpoint(fields, method, uri, query, body))
        }
        Arguments::Header(headers) => text(&fingerprint::http_header(headers)),
        Arguments::Network(headers) => text(&fingerprint::http_network(headers)),
        Arguments::Session { cookies, session_id, user_id } => {
            let fields = memory_of(plan, processors, number).fields();
            text(&fingerprint::session(fields, cookies, session_id, user_id))
        }
        Arguments::Token(root, path) => match path::resolve(root, path, |_| false) {
            Resolved::Found(token) => {
                budget.spend(token.as_bytes().map_or(1, |bytes| bytes.len() as u64))?;
                jwt_decode::jwt_decode(token)
            }
            Resolved::Absent | Resolved::Hidden => Ok(None),
        },
        Arguments::Uri(uri) => uri_parse::uri_parse(uri),
    };
    memory_of(plan, processors, number).note(index, mapping.output, optional);
    // Where memory is refused, nothing comes out.
    Ok(outcome.unwrap_or(None))
}

fn text(text: &[u8]) -> Result<Option<Owned>, AllocError> {
    let mut owned = Owned::new(AllocRef::global());
    owned.slot().string(text)?;
    Ok(Some(owned))
}

/// Makes an outcome what the processor says it is.
fn put_out(
    verifier: &mut Verifier<'_, '_>,
    processor: &Processor,
    mapping: &Mapping,
    value: Owned,
    report: &mut Report,
) -> Result<(), AllocError> {
    let plan = verifier.plan;
    let name = || plan.ruleset.addresses.name(mapping.output).clone();
    if !processor.evaluate {
        replace_attribute(name(), value, verifier.state, report);
        return Ok(());
    }
    if processor.output {
        let mut copy = Owned::new(AllocRef::global());
        copy.slot().copy_of(&value)?;
        replace_attribute(name(), copy, verifier.state, report);
    }
    verifier.state.set(plan, mapping.output, Input::from(value));
    Ok(())
}
