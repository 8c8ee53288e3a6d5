//! Detectors: a parameter of the request injected into a resource.

use super::{Argument, Arguments, ConditionMatch, KeyPathItem, Verifier, declared, discovered};
use crate::exclude::Hidden;
use crate::scan::path::follow;
use crate::scan::walk::{Position, Visit, walk};
use crate::state::Expired;
use alloc::vec;
use alloc::vec::Vec;
use bartizan_lang::ruleset::{Condition, Detector, Input};
use bartizan_lang::vocab::{PathItem, Text};
use bartizan_object::Object;
use bartizan_text::detect::cmdi::{self, ProgramCall};
use bartizan_text::detect::shi::CommandLine;
use bartizan_text::detect::sql_injection::{self, Statement};
use bartizan_text::detect::{Platform, lfi, ssrf};
use bartizan_text::token::sql::Dialect;
use core::ops::ControlFlow;

/// A resource, made ready to check parameters against.
enum Resource<'a> {
    Lfi(&'a [u8]),
    Ssrf(&'a [u8], ssrf::Resource<'a>),
    Sqli(Statement<'a>),
    Shi(CommandLine<'a>),
    Cmdi(Vec<Option<&'a [u8]>>, ProgramCall<'a>),
}

/// What a parameter does to a resource.
enum Verdict {
    Harmless,
    /// To be reported when nothing stronger is found in the same address.
    Suspicious,
    /// This part of the parameter is to be reported.
    Injection(core::ops::Range<usize>),
    /// No parameter of the same address is to be reported.
    Stop,
}

impl<'a> Resource<'a> {
    /// `None` when the resource has the wrong type or nothing can be injected into it.
    fn new(detector: &'a Detector, object: &'a Object, db_type: Option<&[u8]>) -> Option<Self> {
        Some(match detector {
            Detector::Lfi => Self::Lfi(object.as_bytes()?),
            Detector::Ssrf(settings) => {
                let text = object.as_bytes()?;
                Self::Ssrf(text, ssrf::Resource::new(text, settings.inspection, &settings.policy))
            }
            Detector::Sqli => {
                Self::Sqli(Statement::new(object.as_bytes()?, Dialect::from_database(db_type?)))
            }
            Detector::Shi => Self::Shi(match object.as_array() {
                Some(items) => CommandLine::from_arguments(items.iter().filter_map(Object::as_bytes)),
                None => CommandLine::from_text(object.as_bytes()?),
            }),
            Detector::Cmdi => {
                let arguments: Vec<_> = object.as_array()?.iter().map(Object::as_bytes).collect();
                let call = ProgramCall::new(&arguments, Platform::Unix)?;
                Self::Cmdi(arguments, call)
            }
        })
    }

    fn check(&self, param: &[u8]) -> Verdict {
        let all = 0..param.len();
        let found = match self {
            Self::Lfi(resource) => lfi::is_injected(resource, param, Platform::Unix).then_some(all),
            Self::Ssrf(_, resource) => match resource.check(param) {
                ssrf::Verdict::Harmless => None,
                ssrf::Verdict::Suspicious(_) => return Verdict::Suspicious,
                ssrf::Verdict::Injection(_) => Some(all),
                ssrf::Verdict::Whole => return Verdict::Stop,
            },
            Self::Sqli(statement) => match statement.check(param) {
                sql_injection::Verdict::Harmless => None,
                sql_injection::Verdict::Injection(_) => Some(all),
                sql_injection::Verdict::Unreadable => return Verdict::Stop,
            },
            Self::Shi(line) => line.check(param).map(|_| all),
            Self::Cmdi(_, call) => call.check(param).map(|part| {
                // What is reported is the parameter or its trimmed middle: a part of the same slice.
                let start = part.as_ptr() as usize - param.as_ptr() as usize;
                start..start + part.len()
            }),
        };
        found.map_or(Verdict::Harmless, Verdict::Injection)
    }

    /// The resource as it is reported.
    fn text(&self) -> Vec<u8> {
        match self {
            Self::Lfi(text) | Self::Ssrf(text, _) => text.to_vec(),
            Self::Sqli(statement) => statement.stripped(),
            Self::Shi(line) => line.text().to_vec(),
            Self::Cmdi(arguments, _) => cmdi::render(arguments),
        }
    }
}

/// A parameter that is to be reported.
struct Found {
    key_path: Vec<KeyPathItem>,
    value: Vec<u8>,
    highlight: Vec<u8>,
}

impl Verifier<'_, '_> {
    /// True for the first parameter, of keys and values in document order, that is injected. Conditions
    /// other than detectors are not.
    pub(crate) fn injection(
        &mut self,
        condition: &Condition,
        hidden: &Hidden,
    ) -> Result<Option<ConditionMatch>, Expired> {
        let Condition::Detector { operator, detector, resource: input, params, db_type } = condition else {
            return Ok(None);
        };
        let is_hidden = |object: &Object| hidden.hides(&self.state.exclusions, object);
        let present = |input: &Input| self.state.store.get(input.address).filter(|root| !is_hidden(root));
        let Some(object) = present(input) else { return Ok(None) };
        let system = match db_type {
            Some(db_type) => match present(db_type).and_then(Object::as_bytes) {
                Some(system) => Some(system),
                None => return Ok(None),
            },
            None => None,
        };
        let Some(resource) = Resource::new(detector, object, system) else { return Ok(None) };
        self.budget.spend(1)?;
        let mut found = None;
        for param in params {
            let Some(root) = present(param) else { continue };
            if let Resource::Ssrf(_, url) = &resource
                && let Some(part) = url.violation()
            {
                // Against the policy, whatever the parameters are.
                let highlight = part.to_vec();
                found = Some((None, Found { key_path: Vec::new(), value: Vec::new(), highlight }));
                break;
            }
            let (buffers, budget) = (&mut self.scratch.buffers, &mut *self.budget);
            let mut suspicious = None;
            let mut look = |text: &[u8], position: &Position<'_>| {
                if budget.spend(text.len() as u64 + 1).is_err() {
                    return ControlFlow::Break(Err(Expired));
                }
                let text = buffers.transform(&param.transformers, text).unwrap_or(text);
                let report = |part: core::ops::Range<usize>| Found {
                    key_path: key_path(root, position),
                    value: text[part.clone()].to_vec(),
                    highlight: text[part].to_vec(),
                };
                match resource.check(text) {
                    Verdict::Harmless => ControlFlow::Continue(()),
                    Verdict::Suspicious => {
                        if suspicious.is_none() {
                            suspicious = Some(report(0..text.len()));
                        }
                        ControlFlow::Continue(())
                    }
                    Verdict::Injection(part) => ControlFlow::Break(Ok(Some(report(part)))),
                    Verdict::Stop => ControlFlow::Break(Ok(None)),
                }
            };
            let outcome = walk(root, is_hidden, |visit, position| match visit {
                Visit::Key(key) => look(key, position),
                Visit::Scalar(object) => match object.as_bytes() {
                    Some(bytes) => look(bytes, position),
                    None => ControlFlow::Continue(()),
                },
            });
            let injected = match outcome {
                Some(ended) => ended?,
                None => suspicious,
            };
            if let Some(injected) = injected {
                found = Some((Some(param), injected));
                break;
            }
        }
        let Some((param, found)) = found else { return Ok(None) };
        // Of the declared paths only the resource's is shown.
        let argument = |input: &Input, path: &[PathItem], value: Vec<u8>| Argument {
            address: self.address(input),
            key_path: declared(path),
            value,
        };
        Ok(Some(ConditionMatch {
            operator: operator.clone(),
            operator_value: Text::default(),
            arguments: Arguments::Injection {
                resource: argument(input, &input.key_path, resource.text()),
                params: Argument {
                    address: param.map_or_else(Text::default, |param| self.address(param)),
                    key_path: found.key_path,
                    value: found.value,
                },
                db_type: db_type
                    .as_ref()
                    .zip(system)
                    .map(|(input, system)| argument(input, &[], system.to_vec())),
            },
            highlights: vec![found.highlight],
        }))
    }
}

/// The path that was discovered below a parameter's address; declared paths do not count here.
fn key_path(root: &Object, position: &Position<'_>) -> Vec<KeyPathItem> {
    let mut items = Vec::new();
    let mut object = root;
    for step in position.steps() {
        let Some(place) = follow(object, &[step], |_| false) else { break };
        items.push(discovered(place.entry, step));
        object = place.value;
    }
    items
}
