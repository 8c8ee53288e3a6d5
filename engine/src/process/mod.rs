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

use crate::plan::PlannedProcessor;
use crate::report::{Report, replace_attribute};
use crate::scan::path::{self, Resolved};
use crate::state::{Expired, State};
use crate::verify::Verifier;
use arguments::{Arguments, optional_arguments};
use bartizan_lang::ruleset::Processor;
use bartizan_object::{AllocError, AllocRef, Input, Owned};
use extract_schema::Schema;
use memory::Place;
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
    let ruleset = &verifier.plan.ruleset;
    let (before, processors, planned) = match stage {
        Stage::BeforeRules => (&[][..], &ruleset.preprocessors, &verifier.plan.preprocessors),
        Stage::AfterRules => {
            (&ruleset.preprocessors[..], &ruleset.postprocessors, &verifier.plan.postprocessors)
        }
    };
    let mut next = Place::start(before);
    for (processor, planned) in processors.iter().zip(planned) {
        verifier.budget.spend(1)?;
        let place = next.next(processor);
        if !is_due(verifier, &place, processor, planned)? {
            continue;
        }
        for mapping in 0..processor.mappings.len() {
            verifier.budget.spend(1)?;
            if let Some(value) = generate(verifier, &place, processor, planned, mapping)? {
                // Where memory is refused, nothing comes out.
                let _ = put_out(verifier, processor, mapping, value, report);
            }
        }
    }
    Ok(())
}

/// Whether all conditions of a processor are true, or were.
fn is_due(
    verifier: &mut Verifier<'_, '_>,
    place: &Place,
    processor: &Processor,
    planned: &PlannedProcessor,
) -> Result<bool, Expired> {
    let met = verifier.state.processors.met(place);
    for (index, condition) in processor.conditions.iter().enumerate().skip(met) {
        let operator = planned.operators.get(index).and_then(Option::as_ref);
        if !condition::is_met(verifier, condition, operator)? {
            return Ok(false);
        }
        verifier.state.processors.set_met(verifier.plan, place, index + 1);
    }
    Ok(true)
}

/// Computes the output of a mapping, when there is reason to and anything comes of it.
fn generate(
    verifier: &mut Verifier<'_, '_>,
    place: &Place,
    processor: &Processor,
    planned: &PlannedProcessor,
    number: usize,
) -> Result<Option<Owned>, Expired> {
    let Verifier { plan, state, scratch, budget, now_s } = verifier;
    let State { store, processors, .. } = &mut **state;
    let mapping = &processor.mappings[number];
    let all_evaluated = processors.evaluated(place);
    let evaluated = all_evaluated.get(number).copied().flatten();
    let was_made = || {
        let made = processor.mappings.iter().zip(all_evaluated);
        made.filter(|(_, evaluated)| evaluated.is_some()).any(|(other, _)| other.output == mapping.output)
    };
    if evaluated.unwrap_or(0) == optional_arguments(processor.generator)
        && (evaluated.is_some() || store.get(mapping.output).is_some() || was_made())
    {
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
            let mut scanners = Scanners::new(plan, planned, scratch, budget, *now_s);
            let schema = Schema::of(value, &mut scanners)?;
            schema.to_object(&planned.scanners).map(Some)
        }
        Arguments::Endpoint { method, uri, query, body } => {
            let fields = processors.fields(plan, place);
            text(&fingerprint::http_endpoint(fields, method, uri, query, body))
        }
        Arguments::Header(headers) => text(&fingerprint::http_header(headers)),
        Arguments::Network(headers) => text(&fingerprint::http_network(headers)),
        Arguments::Session { cookies, session_id, user_id } => {
            let fields = processors.fields(plan, place);
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
    processors.set_evaluated(plan, place, number, optional);
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
    mapping: usize,
    value: Owned,
    report: &mut Report,
) -> Result<(), AllocError> {
    let plan = verifier.plan;
    let output = processor.mappings[mapping].output;
    let name = || plan.ruleset.addresses.name(output).clone();
    if !processor.evaluate {
        replace_attribute(name(), value, verifier.state, report);
        return Ok(());
    }
    if processor.output {
        let mut copy = Owned::new(AllocRef::global());
        match value.as_bytes() {
            Some(bytes) => copy.slot().string(bytes)?,
            None => copy.slot().copy_of(&value)?,
        }
        replace_attribute(name(), copy, verifier.state, report);
    }
    verifier.state.set(plan, output, Input::from(value));
    Ok(())
}
