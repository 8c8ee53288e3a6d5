//! Any sequence of evaluations, batches and subcontexts, twice side by side: with all the time there is, and with little.
//! Who does not run out of time answers the same.

use crate::tape::Tape;
use crate::value::{RULES, request};
use bartizan_engine::{Builder, Call, Context, Instance};
use bartizan_object::{AllocRef, Kind, Object, json};
use bartizan_reference::Value;
use bartizan_reference::generate::{Step, case_of};
use std::sync::LazyLock;

/// One ruleset each, and one of all.
static INSTANCES: LazyLock<Vec<Instance>> = LazyLock::new(|| {
    let whole = (0..RULES.len()).collect::<Vec<_>>();
    let of = |chosen: &[usize]| built(chosen.iter().map(|at| &RULES[*at])).expect("there are rules");
    (0..RULES.len()).map(|at| of(&[at])).chain([of(&whole)]).collect()
});

fn built<'v>(configs: impl Iterator<Item = &'v Value>) -> Option<Instance> {
    let mut builder = Builder::new();
    for (at, config) in configs.enumerate() {
        builder.update(format!("p{at}").as_bytes(), &config.to_object());
    }
    builder.build()
}

pub(crate) fn run(data: &[u8]) {
    let mut tape = Tape::new(data);
    let instance =
        match tape.below(8) {
            7 => {
                let case = case_of(tape.bytes());
                built(case.steps.iter().filter_map(|step| {
                    if let Step::Update { config, .. } = step { Some(config) } else { None }
                }))
            }
            at => Some(INSTANCES[at.min(RULES.len())].clone()),
        };
    let Some(instance) = instance else { return };
    // A context with time, one with little, and whether that one ever ran out of it.
    let mut contexts = vec![(instance.context(), instance.context(), false)];
    for now_s in 0..24 {
        let (free, tight, late) = tape.pick(&contexts);
        match tape.below(8) {
            _ if !tape.has_more() => return,
            0 => contexts.push((instance.context(), instance.context(), false)),
            1 => contexts.push((free.subcontext(), tight.subcontext(), *late)),
            kind => {
                let at = tape.below(contexts.len());
                let (free, tight, late) = &mut contexts[at];
                let budget = *tape.pick(&[u64::MAX, 1 << 20, 1000, 100, 10, 0]);
                let data = match kind {
                    2 | 3 => Value::Array((0..tape.below(4)).map(|_| request(&mut tape)).collect()),
                    _ => request(&mut tape),
                };
                let (ours, _) = eval(free, &data, &Call { now_s, entropy: 7, ..Call::default() });
                let (theirs, timeout) =
                    eval(tight, &data, &Call { now_s, entropy: 7, budget, ..Call::default() });
                *late |= timeout;
                assert!(*late || ours == theirs, "in time, and yet\n{ours}\nis not\n{theirs}");
            }
        }
    }
}

/// The answer, and whether time ran out.
fn eval(context: &mut Context, data: &Value, call: &Call<'_>) -> (String, bool) {
    let object = data.to_object();
    let outcome = match object.kind() {
        Kind::Array => context.eval_batches(object.into(), call),
        _ => context.eval(object.into(), call),
    };
    match outcome {
        Err(error) => (error.to_string(), false),
        Ok(mut outcome) => {
            let mut text = Vec::new();
            let result = outcome.to_object(AllocRef::global()).expect("memory");
            json::write(&result, &mut text);
            assert!(json::parse(&text, AllocRef::global()).is_some(), "a result is a document");
            let has = |key: &str| {
                result
                    .get(key.as_bytes())
                    .and_then(|list| list.as_map().map(<[_]>::len).or(list.as_array().map(<[Object]>::len)))
                    != Some(0)
            };
            assert_eq!(outcome.is_match(), has("events") || has("actions") || has("attributes"));
            (String::from_utf8(text).expect("results are UTF-8"), outcome.timed_out())
        }
    }
}
