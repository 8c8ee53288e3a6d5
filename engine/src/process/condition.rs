//! Conditions of processors. They are few and look at little, so the scan does not know them: they are held
//! against the store as it is.

use crate::exclude::Hidden;
use crate::scan::path::{self, Resolved};
use crate::scan::walk::{Visit, walk};
use crate::state::Expired;
use crate::verify::Verifier;
use crate::verify::operator::Operator;
use bartizan_lang::ruleset::{Condition, DataSource, Input};
use bartizan_object::{Kind, Object, View};
use core::ops::ControlFlow;

/// Whether a condition is true.
pub(super) fn is_met(
    verifier: &mut Verifier<'_, '_>,
    condition: &Condition,
    operator: Option<&Operator>,
) -> Result<bool, Expired> {
    verifier.budget.spend(1)?;
    match (condition, operator) {
        (Condition::Scalar { inputs, .. }, Some(operator)) => {
            for input in inputs {
                if look(verifier, input, operator)? == Some(Looked::Matched) {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        (Condition::Negated { input, .. }, Some(operator)) => {
            let is_map = |root: &Object| root.kind() == Kind::Map;
            let keys_of_no_map =
                input.source == DataSource::Keys && !find(verifier, input).is_some_and(is_map);
            Ok(!keys_of_no_map && look(verifier, input, operator)? == Some(Looked::Unmatched))
        }
        (Condition::Exists { inputs }, _) => Ok(inputs.iter().any(|input| find(verifier, input).is_some())),
        (Condition::NotExists { input }, _) => {
            Ok(verifier.state.store.get(input.address).is_some() && find(verifier, input).is_none())
        }
        (Condition::Detector { .. }, _) => Ok(verifier.injection(condition, &Hidden::NOTHING)?.is_some()),
        (Condition::Scalar { .. } | Condition::Negated { .. }, None) => Ok(false),
    }
}

fn find<'v>(verifier: &'v Verifier<'_, '_>, input: &Input) -> Option<&'v Object> {
    match path::resolve(verifier.state.store.get(input.address)?, &input.key_path, |_| false) {
        Resolved::Found(object) => Some(object),
        Resolved::Absent | Resolved::Hidden => None,
    }
}

/// What came of looking at the values, or keys, of an input.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Looked {
    Matched,
    Unmatched,
}

/// Looks at the values of an input until one matches; `None` when there is none of a type that the operator
/// takes.
fn look(
    verifier: &mut Verifier<'_, '_>,
    input: &Input,
    operator: &Operator,
) -> Result<Option<Looked>, Expired> {
    let Verifier { state, scratch, budget, now_s, .. } = verifier;
    let Some(root) = state.store.get(input.address) else { return Ok(None) };
    let Resolved::Found(root) = path::resolve(root, &input.key_path, |_| false) else { return Ok(None) };
    let mut looked = None;
    let stopped = walk(
        root,
        |_| false,
        |visit, _| {
            let view = match (visit, input.source) {
                (Visit::Key(key), DataSource::Keys) => View::String(key),
                (Visit::Scalar(object), DataSource::Values) if operator.supports(object.kind()) => {
                    object.view()
                }
                _ => View::Invalid,
            };
            let matched = match view {
                View::String(text) if operator.takes_strings() => {
                    if budget.spend(text.len() as u64 + 8).is_err() {
                        return ControlFlow::Break(Err(Expired));
                    }
                    // The buffers leave the scratch while it is used for the search.
                    let mut buffers = core::mem::take(&mut scratch.buffers);
                    let text = buffers.transform(&input.transformers, text).unwrap_or(text);
                    let matched = operator.check(View::String(text), *now_s, scratch).is_some();
                    scratch.buffers = buffers;
                    matched
                }
                View::Bool(_) | View::Signed(_) | View::Unsigned(_) | View::Float(_) => {
                    operator.check(view, *now_s, scratch).is_some()
                }
                _ => {
                    return if budget.spend(1).is_err() {
                        ControlFlow::Break(Err(Expired))
                    } else {
                        ControlFlow::Continue(())
                    };
                }
            };
            looked = Some(if matched { Looked::Matched } else { Looked::Unmatched });
            if matched { ControlFlow::Break(Ok(())) } else { ControlFlow::Continue(()) }
        },
    );
    stopped.transpose()?;
    Ok(looked)
}
