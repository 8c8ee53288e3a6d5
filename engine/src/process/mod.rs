//! Processors: values computed from other values, before the rules or after them.

use crate::plan::PlannedProcessor;
use crate::report::Report;
use crate::state::Expired;
use crate::verify::Verifier;
use bartizan_lang::ruleset::Processor;

/// What processors remember within a context.
#[derive(Clone, Default)]
pub(crate) struct ProcessorState {}

/// Runs processors in order. Their outcomes become addresses, attributes or both.
pub(crate) fn run(
    _verifier: &mut Verifier<'_, '_>,
    _processors: &[Processor],
    _planned: &[PlannedProcessor],
    _report: &mut Report,
) -> Result<(), Expired> {
    Ok(())
}
