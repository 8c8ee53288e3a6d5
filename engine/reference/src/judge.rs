//! The engine before its twin.

use crate::generate::{Case, Step};
use crate::report::{RESPONSE_ID, STACK_ID};
use crate::twin::{self, Twin};
use crate::value::Value;
use bartizan_engine as engine;
use bartizan_lang::Content;
use bartizan_object::AllocRef;
use std::fmt;

/// Where the two part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The number of the step, from 0.
    pub step: usize,
    /// What the engine answers.
    pub engine: String,
    /// What the twin answers.
    pub twin: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "step {}\n  engine: {}\n  twin:   {}", self.step, self.engine, self.twin)
    }
}

impl std::error::Error for Difference {}

/// How much a case showed, so that a test can tell cases that say something from those that do not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Evaluations.
    pub evaluations: usize,
    /// Those with a match.
    pub matches: usize,
    /// Events over all of them.
    pub events: usize,
}

/// Takes both through a case.
///
/// # Errors
/// Where they part first.
pub fn judge(case: &Case) -> Result<Agreement, Difference> {
    let mut content = Content::new();
    let mut builder = engine::Builder::new();
    // A context of each, or nothing where nothing would run.
    let mut contexts: Vec<Option<(engine::Context, twin::Context)>> = Vec::new();
    let mut agreement = Agreement::default();
    for (step, what) in case.steps.iter().enumerate() {
        let differ = |engine: String, twin: String| Difference { step, engine, twin };
        match what {
            Step::Update { path, config } => {
                let config = config.to_object();
                builder.update(path.as_bytes(), &config);
                content.update(path.as_bytes(), &config);
            }
            Step::Remove { path } => {
                builder.remove(path.as_bytes());
                content.remove(path.as_bytes());
            }
            Step::Open => {
                let pair = (builder.build(), content.compile());
                contexts.push(match pair {
                    (Some(instance), Some(ruleset)) => {
                        Some((instance.context(), Twin::new(ruleset).context()))
                    }
                    (None, None) => None,
                    (instance, ruleset) => {
                        let built = |is_built: bool| format!("built: {is_built}");
                        return Err(differ(built(instance.is_some()), built(ruleset.is_some())));
                    }
                });
            }
            Step::Subcontext { of } => {
                let parent = contexts.get(*of).and_then(Option::as_ref);
                contexts.push(parent.map(|(engine, twin)| (engine.subcontext(), twin.subcontext())));
            }
            Step::Eval { context, data, now_s, has_time } => {
                let Some(Some((engine, twin))) = contexts.get_mut(*context) else { continue };
                let call = twin::Call { now_s: *now_s, has_time: *has_time };
                let wanted = twin_answer(twin, data, call);
                let given = engine_answer(engine, data, call);
                if given != wanted {
                    let shown = |answer: &Answer| match answer {
                        Ok((result, is_match)) => format!("{} match: {is_match}", result.to_json()),
                        Err(error) => error.clone(),
                    };
                    return Err(differ(shown(&given), shown(&wanted)));
                }
                agreement.evaluations += 1;
                if let Ok((result, true)) = &wanted {
                    agreement.matches += 1;
                    agreement.events += result.get(b"events").and_then(Value::as_array).map_or(0, <[_]>::len);
                }
            }
        }
    }
    Ok(agreement)
}

/// The result document and whether something matched.
type Answer = Result<(Value, bool), String>;

fn twin_answer(context: &mut twin::Context, data: &Value, call: twin::Call) -> Answer {
    let object = data.to_object();
    let outcome = match data {
        Value::Array(_) => context.eval_batches(&object, call),
        _ => context.eval(&object, call),
    };
    outcome.map(|outcome| (outcome.result, outcome.is_match)).map_err(|_| "not a map".into())
}

fn engine_answer(context: &mut engine::Context, data: &Value, call: twin::Call) -> Answer {
    let object = data.to_object();
    let budget = if call.has_time { u64::MAX } else { 0 };
    let call = engine::Call { now_s: call.now_s, entropy: 7, budget, ..engine::Call::default() };
    let outcome = match data {
        Value::Array(_) => context.eval_batches(object.into(), &call),
        _ => context.eval(object.into(), &call),
    };
    match outcome {
        Err(engine::EvalError::NotAMap) => Err("not a map".into()),
        Err(error) => Err(error.to_string()),
        Ok(mut outcome) => {
            let is_match = outcome.is_match();
            let result = outcome.to_object(AllocRef::global()).map_err(|error| error.to_string())?;
            Ok((mask(Value::from(&*result))?, is_match))
        }
    }
}

/// Puts names in the place of the ids of a result and 0 in that of its duration.
///
/// # Errors
/// An id does not have the shape of one, or is not the same all over the result.
pub fn mask(mut result: Value) -> Result<Value, String> {
    let mut ids: Vec<(&'static str, Vec<u8>)> = Vec::new();
    let Value::Map(entries) = &mut result else { return Err("the result is not a map".into()) };
    for (key, value) in entries {
        match (&**key, value) {
            (b"duration", value) => *value = Value::Unsigned(0),
            (b"events", Value::Array(events)) => {
                events.iter_mut().try_for_each(|event| mask_map(event, &mut ids))?
            }
            (b"actions", Value::Map(actions)) => {
                actions.iter_mut().try_for_each(|(_, action)| mask_map(action, &mut ids))?;
            }
            _ => {}
        }
    }
    Ok(result)
}

fn mask_map(map: &mut Value, ids: &mut Vec<(&'static str, Vec<u8>)>) -> Result<(), String> {
    let Value::Map(entries) = map else { return Ok(()) };
    for (key, value) in entries {
        let name = match &**key {
            b"security_response_id" => RESPONSE_ID,
            b"stack_id" => STACK_ID,
            _ => continue,
        };
        let id = value.as_bytes().unwrap_or_default().to_vec();
        let has_shape = id.len() == 36
            && id.iter().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => *byte == b'-',
                _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            });
        let is_same = ids.iter().all(|(known, other)| *known != name || *other == id);
        if !has_shape || !is_same {
            return Err(format!("{name} is {:?}, which is no id or another than before", value.to_json()));
        }
        ids.push((name, id));
        *value = Value::from(name);
    }
    Ok(())
}
