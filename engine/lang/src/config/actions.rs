//! Actions, normalised: what the engine writes out for them is settled here.

use super::diagnostics::Section;
use super::documents::Namespace;
use super::draft::{Draft, Kind};
use super::problem::Problem;
use super::read::Map;
use crate::ruleset::{Action, ActionKind};
use crate::vocab::{Scalar, Text, parse_unsigned};
use alloc::vec::Vec;
use bartizan_object::Object;
use bartizan_text::net::{HostSyntax, Uri};

/// Set by the engine on results, so never taken from a definition.
const RESERVED: [&[u8]; 2] = [b"security_response_id", b"stack_id"];

pub(super) fn read(value: &Object, draft: &mut Draft<'_>, section: &mut Section) -> Result<(), Problem> {
    let kind = Kind { namespace: Namespace::Actions, gated: false };
    draft.elements(kind, value, section, |draft, element, id| {
        let action = read_action(element)?;
        draft.documents.actions.push((id, action));
        Ok(())
    })
}

fn read_action(element: Map<'_>) -> Result<Action, Problem> {
    let type_name: Text = element.need("type")?;
    let mut parameters: Vec<(Text, Scalar)> = element.need("parameters")?;
    parameters.retain(|(key, _)| !RESERVED.contains(&&**key));
    let kind = ActionKind::from_type(&type_name);
    Ok(match kind {
        ActionKind::BlockRequest => block(parameters),
        ActionKind::RedirectRequest if is_safe_location(&parameters) => redirect(parameters),
        ActionKind::RedirectRequest => Action::default_block(),
        _ => Action { kind, type_name, parameters },
    })
}

/// Completes the parameters of a `block_request` with its defaults.
fn block(mut parameters: Vec<(Text, Scalar)>) -> Action {
    let default = Action::default_block();
    settle_status(&mut parameters, b"status_code", |_| true);
    settle_status(&mut parameters, b"grpc_status_code", |_| true);
    for (key, value) in default.parameters {
        if find(&parameters, &key).is_none() {
            parameters.push((key, value));
        }
    }
    Action { parameters, ..default }
}

/// Completes the parameters of a `redirect_request`.
fn redirect(mut parameters: Vec<(Text, Scalar)>) -> Action {
    if !settle_status(&mut parameters, b"status_code", |code| matches!(code, 301 | 302 | 303 | 307)) {
        parameters.push(("status_code".into(), Scalar::Unsigned(303)));
    }
    Action { kind: ActionKind::RedirectRequest, type_name: "redirect_request".into(), parameters }
}

/// Makes a status code a number, or removes it. Returns whether it is there.
fn settle_status(parameters: &mut Vec<(Text, Scalar)>, key: &[u8], allowed: fn(u64) -> bool) -> bool {
    let Some(at) = find(parameters, key) else { return false };
    match status(&parameters[at].1).filter(|code| *code <= 999 && allowed(*code)) {
        Some(code) => {
            parameters[at].1 = Scalar::Unsigned(code);
            true
        }
        None => {
            parameters.remove(at);
            false
        }
    }
}

fn status(value: &Scalar) -> Option<u64> {
    match value {
        Scalar::Bool(_) => None,
        Scalar::Unsigned(code) => Some(*code),
        Scalar::Signed(code) => u64::try_from(*code).ok(),
        Scalar::Float(code) => {
            let whole = *code as u64;
            (*code >= 0.0 && whole as f64 == *code).then_some(whole)
        }
        Scalar::String(text) => parse_unsigned(text),
    }
}

fn find(parameters: &[(Text, Scalar)], key: &[u8]) -> Option<usize> {
    parameters.iter().position(|(name, _)| **name == *key)
}

/// Whether `location` is something to send a browser to: by `http` or `https`, or relative; with an
/// authority, or a path from the root.
fn is_safe_location(parameters: &[(Text, Scalar)]) -> bool {
    let Some(Scalar::String(location)) = find(parameters, b"location").map(|at| &parameters[at].1) else {
        return false;
    };
    let Some(uri) = Uri::parse(location, HostSyntax::HexGroups) else { return false };
    matches!(uri.slice(&uri.scheme), b"" | b"http" | b"https")
        && (!uri.scheme_and_authority().is_empty() || uri.slice_or_empty(uri.path.as_ref()).starts_with(b"/"))
}
