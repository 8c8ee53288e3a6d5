//! Negated conditions: true when there is a value that the operator could look at and none matches.

use super::{Argument, Arguments, ConditionMatch, Verifier, declared, value};
use crate::exclude::Hidden;
use crate::scan::path::{self, Resolved};
use crate::scan::walk::{Visit, walk};
use crate::state::Expired;
use alloc::vec;
use alloc::vec::Vec;
use bartizan_lang::ruleset::{Condition, DataSource, Input};
use bartizan_object::{Kind, Object, View};
use core::ops::ControlFlow;

impl Verifier<'_, '_> {
    pub(super) fn negated(
        &mut self,
        number: u32,
        input: &Input,
        hidden: &Hidden,
    ) -> Result<Option<ConditionMatch>, Expired> {
        let plan = self.plan;
        let Condition::Negated { operator: name, .. } = plan.condition(number) else { return Ok(None) };
        let Some(operator) = &plan.conditions[number as usize].operator else { return Ok(None) };
        let Some(root) = self.state.store.get(input.address) else { return Ok(None) };
        let is_hidden = |object: &Object| hidden.hides(&self.state.exclusions, object);
        let Resolved::Found(root) = path::resolve(root, &input.key_path, is_hidden) else { return Ok(None) };
        if input.source == DataSource::Keys && root.kind() != Kind::Map {
            return Ok(None);
        }
        let mut looked_at_one = false;
        let (scratch, budget, now_s) = (&mut *self.scratch, &mut *self.budget, self.now_s);
        let outcome = walk(root, is_hidden, |visit, _| {
            let view = match (visit, input.source) {
                (Visit::Key(key), DataSource::Keys) => View::String(key),
                (Visit::Scalar(object), DataSource::Values) => object.view(),
                _ => return ControlFlow::Continue(()),
            };
            let supported = match view {
                View::String(_) => operator.takes_strings(),
                View::Bool(_) => operator.supports(Kind::Bool),
                View::Signed(_) => operator.supports(Kind::Signed),
                View::Unsigned(_) => operator.supports(Kind::Unsigned),
                View::Float(_) => operator.supports(Kind::Float),
                _ => false,
            };
            if !supported {
                return ControlFlow::Continue(());
            }
            let len = if let View::String(bytes) = view { bytes.len() } else { 0 };
            if budget.spend(len as u64 + 8).is_err() {
                return ControlFlow::Break(Err(Expired));
            }
            looked_at_one = true;
            let matched = match view {
                View::String(bytes) => {
                    let mut buffers = core::mem::take(&mut scratch.buffers);
                    let text = buffers.transform(&input.transformers, bytes).unwrap_or(bytes);
                    let matched = operator.check(View::String(text), now_s, scratch).is_some();
                    scratch.buffers = buffers;
                    matched
                }
                _ => operator.check(view, now_s, scratch).is_some(),
            };
            if matched { ControlFlow::Break(Ok(())) } else { ControlFlow::Continue(()) }
        });
        let matched = outcome.transpose()?.is_some();
        if matched || !looked_at_one {
            return Ok(None);
        }
        let shown = if input.source == DataSource::Keys { Vec::new() } else { shown(root) };
        Ok(Some(ConditionMatch {
            operator: operator.reported_name(name),
            operator_value: operator.reported_value(),
            highlights: if shown.is_empty() { Vec::new() } else { vec![shown.clone()] },
            arguments: Arguments::Input(Argument {
                address: self.address(input),
                key_path: declared(&input.key_path),
                value: shown,
            }),
        }))
    }
}

/// The text of a scalar or of the only item of an array.
fn shown(root: &Object) -> Vec<u8> {
    match root.view() {
        View::Array([only]) => value::text(only.view()),
        other => value::text(other),
    }
}
