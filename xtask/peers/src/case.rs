//! One case: what is done to both libraries, step by step.

use crate::value::{Text, Value};
use serde_json::{Value as Json, json};

/// How data is handed to an evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Memory of the caller, written by hand.
    Lent,
    /// The same, with containers in their large form.
    Large,
    /// Built by the library's functions and given away with its allocator.
    Given,
    /// Built and given away with an allocator of the caller that counts.
    Counted,
    /// Lent, and nobody wants the result.
    Blind,
    /// No object at all.
    Nothing,
}

const MANNERS: [(Manner, &str); 6] = [
    (Manner::Lent, "lent"),
    (Manner::Large, "large"),
    (Manner::Given, "given"),
    (Manner::Counted, "counted"),
    (Manner::Blind, "blind"),
    (Manner::Nothing, "nothing"),
];

#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Adds or replaces a configuration.
    Config {
        path: String,
        value: Value,
    },
    Remove {
        path: String,
    },
    /// Asks for the paths in which a regex finds something.
    Paths {
        pattern: Text,
    },
    /// Reads JSON.
    Json {
        text: Text,
    },
    /// Builds the instance that later contexts come from.
    Build,
    /// Makes the instance from one configuration, without a builder.
    Init {
        value: Value,
    },
    Open {
        context: u32,
    },
    Subcontext {
        context: u32,
        of: u32,
    },
    Close {
        context: u32,
    },
    Eval {
        context: u32,
        id: u32,
        data: Value,
        batches: bool,
        manner: Manner,
        timeout_us: u64,
    },
    /// Sends the very same objects again that an evaluation had lent.
    Again {
        context: u32,
        id: u32,
        batches: bool,
        timeout_us: u64,
    },
    /// Evaluates the same in several threads, each with a context of its own.
    Threads {
        count: u32,
        data: Value,
    },
    /// Loads a configuration with a callback for messages from a level on.
    Log {
        level: u32,
        value: Value,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) feature: String,
    pub(crate) steps: Vec<Step>,
}

impl Step {
    /// The value that the step carries.
    pub(crate) fn value(&self) -> Option<&Value> {
        match self {
            Step::Config { value, .. } | Step::Init { value } | Step::Log { value, .. } => Some(value),
            Step::Eval { data, .. } | Step::Threads { data, .. } => Some(data),
            _ => None,
        }
    }

    pub(crate) fn value_mut(&mut self) -> Option<&mut Value> {
        match self {
            Step::Config { value, .. } | Step::Init { value } | Step::Log { value, .. } => Some(value),
            Step::Eval { data, .. } | Step::Threads { data, .. } => Some(data),
            _ => None,
        }
    }

    fn to_json(&self) -> Json {
        match self {
            Step::Config { path, value } => json!({"config": value.to_json(), "path": path}),
            Step::Remove { path } => json!({"remove": path}),
            Step::Paths { pattern } => json!({"paths": Value::String(pattern.clone()).to_json()}),
            Step::Json { text } => json!({"json": Value::String(text.clone()).to_json()}),
            Step::Build => json!({"build": true}),
            Step::Init { value } => json!({"init": value.to_json()}),
            Step::Open { context } => json!({"open": context}),
            Step::Subcontext { context, of } => json!({"subcontext": context, "of": of}),
            Step::Close { context } => json!({"close": context}),
            Step::Eval { context, id, data, batches, manner, timeout_us } => {
                let manner = MANNERS.iter().find(|(m, _)| m == manner).map_or("", |(_, name)| name);
                json!({"eval": data.to_json(), "context": context, "id": id, "batches": batches,
                       "manner": manner, "timeout_us": timeout_us})
            }
            Step::Again { context, id, batches, timeout_us } => {
                json!({"again": id, "context": context, "batches": batches, "timeout_us": timeout_us})
            }
            Step::Threads { count, data } => json!({"threads": count, "data": data.to_json()}),
            Step::Log { level, value } => json!({"log": level, "value": value.to_json()}),
        }
    }

    fn from_json(json: &Json) -> Result<Step, String> {
        let number = |key: &str| {
            let n = json[key].as_u64().and_then(|n| u32::try_from(n).ok());
            n.ok_or_else(|| format!("no number `{key}` in {json}"))
        };
        let string =
            |key: &str| json[key].as_str().map(str::to_owned).ok_or_else(|| format!("no string `{key}`"));
        let batches = || json["batches"].as_bool().unwrap_or(false);
        let timeout_us = || json["timeout_us"].as_u64().unwrap_or(u64::MAX);
        let has = |key: &str| json.get(key).is_some();
        Ok(if has("config") {
            Step::Config { path: string("path")?, value: Value::from_json(&json["config"])? }
        } else if has("remove") {
            Step::Remove { path: string("remove")? }
        } else if has("paths") {
            match Value::from_json(&json["paths"])? {
                Value::String(pattern) => Step::Paths { pattern },
                other => return Err(format!("a pattern that is no string: {other:?}")),
            }
        } else if has("json") {
            match Value::from_json(&json["json"])? {
                Value::String(text) => Step::Json { text },
                other => return Err(format!("JSON that is no string: {other:?}")),
            }
        } else if has("build") {
            Step::Build
        } else if has("init") {
            Step::Init { value: Value::from_json(&json["init"])? }
        } else if has("open") {
            Step::Open { context: number("open")? }
        } else if has("subcontext") {
            Step::Subcontext { context: number("subcontext")?, of: number("of")? }
        } else if has("close") {
            Step::Close { context: number("close")? }
        } else if has("eval") {
            let name = json["manner"].as_str().unwrap_or("lent");
            let manner = MANNERS.iter().find(|(_, n)| *n == name).ok_or("unknown `manner`")?.0;
            Step::Eval {
                context: number("context")?,
                id: number("id")?,
                data: Value::from_json(&json["eval"])?,
                batches: batches(),
                manner,
                timeout_us: timeout_us(),
            }
        } else if has("again") {
            Step::Again {
                context: number("context")?,
                id: number("again")?,
                batches: batches(),
                timeout_us: timeout_us(),
            }
        } else if has("threads") {
            Step::Threads { count: number("threads")?, data: Value::from_json(&json["data"])? }
        } else if has("log") {
            Step::Log { level: number("log")?, value: Value::from_json(&json["value"])? }
        } else {
            return Err(format!("not a step: {json}"));
        })
    }
}

impl Case {
    pub(crate) fn to_json(&self) -> Json {
        json!({"feature": self.feature, "steps": self.steps.iter().map(Step::to_json).collect::<Vec<_>>()})
    }

    pub(crate) fn from_json(json: &Json) -> Result<Case, String> {
        let steps = json["steps"].as_array().ok_or("no list `steps`")?;
        Ok(Case {
            feature: json["feature"].as_str().unwrap_or_default().to_owned(),
            steps: steps.iter().map(Step::from_json).collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Case, Manner, Step};
    use crate::value::{Text, Value, map, text};

    #[test]
    fn a_case_can_be_replayed() {
        let data = map([("a", text(b"\xfe"))]);
        let case = Case {
            feature: "f".into(),
            steps: vec![
                Step::Config { path: "p".into(), value: map([("rules", Value::Array(Vec::new()))]) },
                Step::Remove { path: "q".into() },
                Step::Paths { pattern: Text::new("^p") },
                Step::Build,
                Step::Init { value: Value::Null },
                Step::Open { context: 1 },
                Step::Subcontext { context: 2, of: 1 },
                Step::Eval { context: 1, id: 7, data, batches: true, manner: Manner::Large, timeout_us: 0 },
                Step::Again { context: 2, id: 7, batches: false, timeout_us: 5 },
                Step::Close { context: 1 },
                Step::Threads { count: 3, data: Value::Map(Vec::new()) },
                Step::Log { level: 2, value: Value::Null },
            ],
        };
        let json = case.to_json();
        assert_eq!(Case::from_json(&json).expect("our own notation").to_json(), json);
        assert!(Case::from_json(&serde_json::json!({"steps": [{}]})).is_err());
    }
}
