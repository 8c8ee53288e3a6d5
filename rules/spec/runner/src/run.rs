//! Running cases through a door, and judging what comes of them.

use crate::case::{Act, Case};
use crate::door::{Call, Door, Loss, Session, obstacle};
use bartizan_reference::Value;

/// What the door `ddwaf` is called when it leads to libddwaf itself.
pub(crate) const LIBDDWAF: &str = "libddwaf";

/// The time of evaluations that do not care.
const SOME_TIME: u64 = 1_700_000_000;

/// What became of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    Failed(String),
    /// With the reason.
    Skipped(String),
}

/// What does not count when answers are compared.
#[derive(Clone, Copy, Default)]
pub(crate) struct Manner {
    /// What the door loses is not looked for.
    pub(crate) loses: Loss,
    /// Lists come in any order: in libddwaf chance has a hand in it.
    pub(crate) any_order: bool,
}

/// Runs a case.
pub(crate) fn run(door: &dyn Door, name: &str, case: &Case) -> Outcome {
    if let Some(reason) = obstacle(door, name, case) {
        return Outcome::Skipped(reason);
    }
    let manner = Manner { loses: door.loses(), any_order: name == LIBDDWAF };
    let mut session = door.session();
    for (at, step) in case.steps.iter().enumerate() {
        let judged = act(&mut *session, &step.act).and_then(|answer| match (answer, &step.want) {
            (Some(answer), Some(want)) => compare(&answer, want, manner),
            (Some(_), None) => Err("the case does not say what is wanted: bless it".into()),
            (None, _) => Ok(()),
        });
        if let Err(what) = judged {
            return Outcome::Failed(format!("step {}: {what}", at + 1));
        }
    }
    Outcome::Passed
}

/// What an outcome means for libddwaf: where we deviate it must fail.
pub(crate) fn deviating(case: &Case, outcome: Outcome) -> Outcome {
    match (&case.deviation, outcome) {
        (Some(_), Outcome::Failed(_)) => Outcome::Passed,
        (Some(_), Outcome::Passed) => {
            Outcome::Failed("libddwaf answers the same: this is no deviation".into())
        }
        (_, outcome) => outcome,
    }
}

/// Does a step; the door's answer where there is one.
pub(crate) fn act(session: &mut dyn Session, act: &Act) -> Result<Option<Value>, String> {
    match act {
        Act::Update { path, config } => session.update(path, config).map(Some),
        Act::Remove { path } => session.remove(path).map(Some),
        Act::Build => session.build().map(Some),
        Act::Open { context } => session.open(context).map(|()| None),
        Act::Subcontext { context, of } => session.subcontext(context, of).map(|()| None),
        Act::Eval { context, data, batches, now_s, budget } => {
            let call = Call { batches: *batches, now_s: now_s.unwrap_or(SOME_TIME), budget: *budget };
            session.eval(context, data, call).map(Some)
        }
    }
}

/// Whether an answer is what is wanted: all of it. A door need not give the result of an evaluation without a
/// match, and a case need not say what the diagnostics or the known names are.
fn compare(answer: &Value, want: &Value, manner: Manner) -> Result<(), String> {
    let (answer, want) = (plain(answer, manner), plain(want, manner));
    let is_same = match (&answer, &want) {
        (Value::Map(_), Value::Map(wanted)) => wanted.iter().all(|(key, wanted)| match answer.get(key) {
            Some(told) => told == wanted,
            None => key == b"result" && answer.get(b"code") == Some(&Value::from("ok")),
        }),
        (answer, want) => answer == want,
    };
    if is_same {
        Ok(())
    } else {
        Err(format!("\n  wanted {}\n  got    {}", want.to_json(), answer.to_json()))
    }
}

/// Integers of one kind, as JSON and YAML have them.
pub(crate) fn with_plain_integers(value: &Value) -> Value {
    match value {
        Value::Signed(number) => u64::try_from(*number).map_or(value.clone(), Value::Unsigned),
        Value::Array(items) => Value::Array(items.iter().map(with_plain_integers).collect()),
        Value::Map(entries) => {
            let entry = |(key, value): &(Vec<u8>, Value)| (key.clone(), with_plain_integers(value));
            Value::Map(entries.iter().map(entry).collect())
        }
        value => value.clone(),
    }
}

/// Without what a door or a format may tell differently: integers of one kind, keys in order, and through
/// doors that give text, text.
pub(crate) fn plain(value: &Value, manner: Manner) -> Value {
    let bytes = |bytes: &[u8]| {
        if manner.loses == Loss::InvalidAndBytes {
            String::from_utf8_lossy(bytes).into_owned().into_bytes()
        } else {
            bytes.to_vec()
        }
    };
    match value {
        Value::Signed(number) => u64::try_from(*number).map_or(value.clone(), Value::Unsigned),
        Value::Bytes(text) => Value::Bytes(bytes(text)),
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(|item| plain(item, manner)).collect();
            if manner.any_order {
                items.sort_by_cached_key(Value::to_json);
            }
            Value::Array(items)
        }
        Value::Map(entries) => {
            let mut entries: Vec<(Vec<u8>, Value)> =
                entries.iter().map(|(key, value)| (bytes(key), plain(value, manner))).collect();
            entries.sort_by(|(a, _), (b, _)| a.cmp(b));
            Value::Map(entries)
        }
        Value::Invalid if manner.loses != Loss::Nothing => Value::Null,
        value => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Loss, Manner, compare};
    use bartizan_reference::Value;

    fn value(text: &str) -> Value {
        let object = bartizan_object::json::parse(text.as_bytes(), bartizan_object::AllocRef::global());
        Value::from(&*object.expect("JSON"))
    }

    #[test]
    fn answers_are_compared_whole() {
        let full = r#"{"code":"match","result":{"events":[],"keep":true}}"#;
        let cases = [
            (full, full, true),
            (r#"{"result":{"keep":true,"events":[]},"code":"match"}"#, full, true),
            (r#"{"code":"match","result":{"events":[],"keep":false}}"#, full, false),
            (r#"{"code":"match","result":{"events":[],"keep":true,"more":1}}"#, full, false),
            (r#"{"code":"ok"}"#, full, false),
            (r#"{"code":"ok"}"#, r#"{"code":"ok","result":{}}"#, true),
            (r#"{"code":"match"}"#, full, false),
            (r#"{"accepted":true,"diagnostics":{"a":1}}"#, r#"{"accepted":true}"#, true),
            (r#"{"accepted":false,"diagnostics":{}}"#, r#"{"accepted":true}"#, false),
            ("true", "true", true),
            ("true", "false", false),
        ];
        for (answer, want, same) in cases {
            assert_eq!(
                compare(&value(answer), &value(want), Manner::default()).is_ok(),
                same,
                "{answer} {want}"
            );
        }
        let (bytes, text) = (Value::bytes(b"\xff"), Value::from("\u{fffd}"));
        let as_text = Manner { loses: Loss::InvalidAndBytes, ..Manner::default() };
        assert!(
            compare(&bytes, &text, as_text).is_ok() && compare(&bytes, &text, Manner::default()).is_err()
        );
        let any_order = Manner { any_order: true, ..Manner::default() };
        let (one, other) = (value("[1,[2,3]]"), value("[[3,2],1]"));
        assert!(
            compare(&one, &other, any_order).is_ok() && compare(&one, &other, Manner::default()).is_err()
        );
    }
}
