//! Cases, as all doors run them.

use bartizan_reference::Value;

/// A test case: steps in order, each with what is to come of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Case {
    /// `suite/name`, unique in the corpus.
    pub(crate) id: String,
    /// `hand`, or `fuzz:` and a target.
    pub(crate) origin: String,
    /// How libddwaf answers otherwise, where that is on purpose.
    pub(crate) deviation: Option<String>,
    /// Doors that the case is not for, each with the reason.
    pub(crate) skip: Vec<(String, String)>,
    pub(crate) steps: Vec<Step>,
}

/// A document: a value, or bytes as they are.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Document {
    Value(Value),
    Bytes(Vec<u8>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) act: Act,
    /// What the door is to answer; nothing where there is nothing to answer, or it is not known yet.
    pub(crate) want: Option<Value>,
}

/// What is done.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Act {
    /// Gives a path a configuration. The answer: `{accepted, diagnostics}`.
    Update { path: String, config: Document },
    /// Takes a path away. The answer: whether it was there.
    Remove { path: String },
    /// Builds an instance. The answer: `{built, addresses, actions}`.
    Build,
    /// Opens a context of the instance that was built last.
    Open { context: String },
    /// Opens a context that starts as a copy of another.
    Subcontext { context: String, of: String },
    /// Evaluates. The answer: `{code}` or `{code, result}`.
    Eval { context: String, data: Document, batches: bool, now_s: Option<u64>, budget: Option<u64> },
}

/// What a door must be able to do for a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Need {
    /// Takes documents as bytes.
    Documents,
    /// Takes the time from the caller.
    Clock,
    /// Takes a budget other than none and unlimited.
    Budget,
    /// Carries numbers that are none, which JSON does not.
    AnyFloat,
    /// Carries objects that were never set, which documents do not.
    Invalid,
}

impl Need {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Documents => "documents",
            Self::Clock => "clock",
            Self::Budget => "budget",
            Self::AnyFloat => "any float",
            Self::Invalid => "invalid",
        }
    }

    /// Why a door that lacks it skips a case.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::Documents => "the door takes values, not documents",
            Self::Clock => "the door reads the clock itself",
            Self::Budget => "the door has a deadline, not a budget",
            Self::AnyFloat => "JSON has neither infinities nor NaN",
            Self::Invalid => "documents have no invalid objects",
        }
    }
}

impl Case {
    pub(crate) fn needs(&self) -> Vec<Need> {
        let mut needs = Vec::new();
        for step in &self.steps {
            match &step.act {
                Act::Update { config, .. } => needs.extend(of_document(config)),
                Act::Eval { data, now_s, budget, .. } => {
                    needs.extend(of_document(data));
                    needs.extend(now_s.map(|_| Need::Clock));
                    needs.extend(budget.filter(|budget| *budget != 0).map(|_| Need::Budget));
                }
                _ => {}
            }
        }
        needs.sort_unstable();
        needs.dedup();
        needs
    }
}

fn of_document(document: &Document) -> Option<Need> {
    match document {
        Document::Bytes(_) => Some(Need::Documents),
        Document::Value(value) => of_value(value),
    }
}

fn of_value(value: &Value) -> Option<Need> {
    match value {
        Value::Invalid => Some(Need::Invalid),
        Value::Float(float) => (!float.is_finite()).then_some(Need::AnyFloat),
        Value::Array(items) => items.iter().find_map(of_value),
        Value::Map(entries) => entries.iter().find_map(|(_, value)| of_value(value)),
        _ => None,
    }
}
