//! Detectors: a parameter injected into a resource.

use crate::condition::{Asker, Found};
use crate::operator::transform;
use crate::value::Value;
use crate::walk::{Hidden, Place, Seen};
use bartizan_lang::ruleset::{Detector, Input};
use bartizan_lang::vocab::PathItem;
use bartizan_text::detect::cmdi::{self, ProgramCall};
use bartizan_text::detect::shi::CommandLine;
use bartizan_text::detect::sql_injection::{self, Statement};
use bartizan_text::detect::{Platform, lfi, ssrf};
use bartizan_text::token::sql::Dialect;

/// What a parameter does to a resource.
enum Verdict {
    Harmless,
    /// Reported when nothing stronger is found in the same address.
    Suspicious,
    /// With what is reported of the parameter.
    Injection(Vec<u8>),
    /// Nothing else in the same address is looked at.
    Stop,
}

/// A parameter that is reported.
struct Injection {
    key_path: Vec<PathItem>,
    value: Vec<u8>,
    highlight: Vec<u8>,
}

impl Asker<'_> {
    pub(crate) fn injection(
        &self,
        operator: &[u8],
        detector: &Detector,
        resource: &Input,
        params: &[Input],
        db_type: Option<&Input>,
        hidden: &Hidden,
    ) -> Option<Found> {
        let present = |input: &Input| {
            let place = Place::root(self.memory.store.get(&input.address)?);
            (!place.is_hidden(hidden)).then_some(place)
        };
        let object = present(resource)?.value;
        let system = match db_type {
            Some(input) => Some(present(input)?.value.as_bytes()?),
            None => None,
        };
        let shown = shown(detector, object, system)?;
        let mut present_params = params.iter().filter_map(|param| Some((param, present(param)?)));
        let (param, injection) = present_params.find_map(|(param, place)| {
            if let Some(highlight) = violation(detector, object) {
                let against_policy = Injection { key_path: Vec::new(), value: Vec::new(), highlight };
                return Some((None, against_policy));
            }
            Some((Some(param), first_injection(detector, object, system, param, &place, hidden)?))
        })?;
        let mut arguments = vec![self.argument("resource", resource, shown)];
        let mut reported = self.argument("params", param.unwrap_or(resource), injection.value);
        reported.key_path = injection.key_path;
        if param.is_none() {
            reported.address.clear();
        }
        arguments.push(reported);
        arguments
            .extend(db_type.zip(system).map(|(input, text)| self.argument("db_type", input, text.to_vec())));
        Some(Found {
            operator: operator.to_vec(),
            operator_value: Vec::new(),
            arguments,
            highlights: vec![injection.highlight],
        })
    }
}

/// The first parameter, of keys and strings in document order, that is injected. The declared path of a
/// detector's input is not followed.
fn first_injection(
    detector: &Detector,
    resource: &Value,
    system: Option<&[u8]>,
    param: &Input,
    place: &Place<'_>,
    hidden: &Hidden,
) -> Option<Injection> {
    let mut suspicious = None;
    for visit in place.visits(hidden) {
        let text = match visit.seen {
            Seen::Key(key) => key,
            Seen::Scalar(Value::Bytes(text)) => text,
            Seen::Scalar(_) => continue,
        };
        let text = transform(&param.transformers, text);
        let report =
            |part: Vec<u8>| Injection { key_path: visit.path.clone(), highlight: part.clone(), value: part };
        match verdict(detector, resource, system, &text) {
            Verdict::Harmless => {}
            Verdict::Suspicious if suspicious.is_some() => {}
            Verdict::Suspicious => suspicious = Some(report(text)),
            Verdict::Injection(part) => return Some(report(part)),
            Verdict::Stop => return None,
        }
    }
    suspicious
}

/// The resource as it is reported; `None` when it has the wrong type, or nothing can be injected into it.
fn shown(detector: &Detector, resource: &Value, system: Option<&[u8]>) -> Option<Vec<u8>> {
    Some(match detector {
        Detector::Lfi | Detector::Ssrf(_) => resource.as_bytes()?.to_vec(),
        Detector::Sqli => Statement::new(resource.as_bytes()?, Dialect::from_database(system?)).stripped(),
        Detector::Shi => command_line(resource)?.text().to_vec(),
        Detector::Cmdi => {
            let arguments = arguments(resource)?;
            ProgramCall::new(&arguments, Platform::Unix)?;
            cmdi::render(&arguments)
        }
    })
}

/// What of a URL is against the policy, whatever the parameters are.
fn violation(detector: &Detector, resource: &Value) -> Option<Vec<u8>> {
    let Detector::Ssrf(settings) = detector else { return None };
    let url = ssrf::Resource::new(resource.as_bytes()?, settings.inspection, &settings.policy);
    url.violation().map(<[u8]>::to_vec)
}

fn verdict(detector: &Detector, resource: &Value, system: Option<&[u8]>, param: &[u8]) -> Verdict {
    let text = resource.as_bytes().unwrap_or_default();
    let all = |injected: bool| if injected { Verdict::Injection(param.to_vec()) } else { Verdict::Harmless };
    match detector {
        Detector::Lfi => all(lfi::is_injected(text, param, Platform::Unix)),
        Detector::Ssrf(settings) => {
            match ssrf::Resource::new(text, settings.inspection, &settings.policy).check(param) {
                ssrf::Verdict::Harmless => Verdict::Harmless,
                ssrf::Verdict::Suspicious(_) => Verdict::Suspicious,
                ssrf::Verdict::Injection(_) => all(true),
                ssrf::Verdict::Whole => Verdict::Stop,
            }
        }
        Detector::Sqli => {
            match Statement::new(text, Dialect::from_database(system.unwrap_or_default())).check(param) {
                sql_injection::Verdict::Harmless => Verdict::Harmless,
                sql_injection::Verdict::Injection(_) => all(true),
                sql_injection::Verdict::Unreadable => Verdict::Stop,
            }
        }
        Detector::Shi => all(command_line(resource).is_some_and(|line| line.check(param).is_some())),
        Detector::Cmdi => {
            let call = arguments(resource).and_then(|list| ProgramCall::new(&list, Platform::Unix));
            let part = call.and_then(|call| Some(call.check(param)?.to_vec()));
            part.map_or(Verdict::Harmless, Verdict::Injection)
        }
    }
}

fn command_line(resource: &Value) -> Option<CommandLine<'_>> {
    match resource {
        Value::Array(items) => Some(CommandLine::from_arguments(items.iter().filter_map(Value::as_bytes))),
        resource => Some(CommandLine::from_text(resource.as_bytes()?)),
    }
}

fn arguments(resource: &Value) -> Option<Vec<Option<&[u8]>>> {
    Some(resource.as_array()?.iter().map(Value::as_bytes).collect())
}
