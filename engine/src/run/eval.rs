//! One call, from addresses to a report.

use super::context::{Call, Context, EvalError, Outcome};
use super::modules;
use crate::process::Stage;
use crate::report::{Report, resolve_pending, set_attributes};
use crate::state::{Budget, Expired};
use crate::verify::Verifier;
use crate::{exclude, process};
use alloc::sync::Arc;
use alloc::vec::Vec;
use bartizan_lang::ruleset::Verdict;
use bartizan_lang::vocab::AddressId;
use bartizan_object::Input;

/// An input and, when it is an array of batches, which of them.
pub(super) type Batch = (Arc<Input>, Option<u32>);

impl Context {
    pub(super) fn run(&mut self, batches: &[Batch], call: &Call<'_>) -> Result<Outcome<'_>, EvalError> {
        let Self { shared, state, scratch } = self;
        let plan = &shared.plan;
        let scratch = &mut **scratch.get_or_insert_with(|| shared.pool.take(plan.regex_count));
        let start = call.clock.map(|clock| clock.now_ns());
        let deadline = call.clock.zip(start).filter(|_| call.timeout_ns != u64::MAX);
        let deadline = deadline.map(|(clock, start)| (clock, start.saturating_add(call.timeout_ns)));
        let mut budget = Budget::new(call.budget, deadline);
        let mut report = Report::default();
        let mut stopped = false;
        for batch in batches {
            state.receive(plan, batch, !stopped);
            if stopped {
                continue;
            }
            let first_match = report.matches.len();
            let mut verifier = Verifier { plan, state, scratch, budget: &mut budget, now_s: call.now_s };
            match one_batch(&mut verifier, &mut report) {
                Ok(()) => report.evaluated += 1,
                Err(Expired) => report.timeout = true,
            }
            resolve_pending(state, &mut report)?;
            for at in first_match..report.matches.len() {
                let rule = report.matches[at].rule;
                set_attributes(plan, rule, state, &mut report)?;
                report.keep |= plan.ruleset.rules[rule as usize].rule.output.keep;
            }
            let blocked = report.matches[first_match..].iter().any(|found| found.verdict == Verdict::Block);
            // A call without time says so, also when nothing in it asked for any.
            stopped = budget.spend(0).is_err() || blocked;
        }
        report.timeout |= budget.expired();
        if let (Some(clock), Some(start)) = (call.clock, start) {
            report.duration_ns = clock.now_ns().saturating_sub(start);
        }
        let units_left = budget.left();
        Ok(Outcome { report, shared, scratch, entropy: call.entropy, units_left })
    }
}

/// One batch, stage by stage.
fn one_batch(verifier: &mut Verifier<'_, '_>, report: &mut Report) -> Result<(), Expired> {
    let plan = verifier.plan;
    // A processor that runs out of time gives nothing; the rules are still asked.
    let _ = process::run(verifier, Stage::BeforeRules, report);
    let new: Vec<AddressId> = verifier.state.store.new_addresses().collect();
    let for_rules = new.iter().any(|id| plan.addresses[id.0 as usize].used_by_rules);
    let for_filters = new.iter().any(|id| plan.addresses[id.0 as usize].used_by_filters);
    let before = report.matches.len();
    if for_rules || for_filters {
        modules::scan_for_filters(verifier)?;
        exclude::run(verifier)?;
    }
    let outcome = if for_rules { modules::run(verifier, &mut report.matches) } else { Ok(()) };
    if report.matches.len() > before {
        announce_event(verifier);
    }
    outcome?;
    process::run(verifier, Stage::AfterRules, report)
}

/// Makes the first event of a context an address of its own.
fn announce_event(verifier: &mut Verifier<'_, '_>) {
    if let Some(id) = verifier.plan.event_address
        && verifier.state.store.get(id).is_none()
    {
        verifier.state.set(verifier.plan, id, Input::bool(true));
    }
}
