//! Doors: ways into something that evaluates.

mod ddwaf;
mod engine;
mod twin;
mod wire;

use crate::case::{Case, Document, Need};
use bartizan_reference::Value;
use bartizan_reference::judge::mask;

/// A door, open.
pub(crate) trait Door {
    /// Whether it can do what a case needs.
    fn can(&self, need: Need) -> bool;

    /// A session of its own for each case.
    fn session(&self) -> Box<dyn Session + '_>;

    /// What its answers lose.
    fn loses(&self) -> Loss {
        Loss::Nothing
    }
}

/// What answers lose on their way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Loss {
    #[default]
    Nothing,
    /// Invalid objects become null.
    Invalid,
    /// So they do, and bytes that are not UTF-8 are replaced.
    InvalidAndBytes,
}

/// What a case does, one step at a time. Answers are as [`Act`](crate::case::Act) says.
pub(crate) trait Session {
    fn update(&mut self, path: &str, config: &Document) -> Result<Value, String>;
    fn remove(&mut self, path: &str) -> Result<Value, String>;
    fn build(&mut self) -> Result<Value, String>;
    fn open(&mut self, context: &str) -> Result<(), String>;
    fn subcontext(&mut self, context: &str, of: &str) -> Result<(), String>;
    fn eval(&mut self, context: &str, data: &Document, call: Call) -> Result<Value, String>;
}

/// How an evaluation is called.
#[derive(Clone, Copy)]
pub(crate) struct Call {
    pub(crate) batches: bool,
    /// Seconds since the epoch; a moment of no meaning where the case does not say.
    pub(crate) now_s: u64,
    /// Nothing for no limit.
    pub(crate) budget: Option<u64>,
}

/// The doors of this program, by name. Some need a library.
pub(crate) fn open(name: &str, library: Option<&str>) -> Result<Box<dyn Door>, String> {
    let library = || library.ok_or_else(|| format!("the door `{name}` needs --library"));
    Ok(match name {
        "twin" => Box::new(twin::Reference),
        "engine" => Box::new(engine::Crate),
        "ddwaf" => Box::new(ddwaf::Library::open(library()?)?),
        "wire" => Box::new(wire::Library::open(library()?, wire::Format::Json)?),
        "wire-msgpack" => Box::new(wire::Library::open(library()?, wire::Format::MessagePack)?),
        _ => return Err(format!("unknown door `{name}`")),
    })
}

/// The answer to an update.
fn updated(accepted: bool, diagnostics: Value) -> Value {
    Value::map([("accepted", Value::Bool(accepted)), ("diagnostics", diagnostics)])
}

/// The answer to a build: what the instance knows, when there is one. Its order is not part of the answer.
fn built(known: Option<(Vec<Value>, Vec<Value>)>) -> Value {
    let sorted = |mut names: Vec<Value>| {
        names.sort_by_cached_key(Value::to_json);
        Value::Array(names)
    };
    match known {
        None => Value::map([("built", Value::Bool(false))]),
        Some((addresses, actions)) => Value::map([
            ("built", Value::Bool(true)),
            ("addresses", sorted(addresses)),
            ("actions", sorted(actions)),
        ]),
    }
}

/// The answer to an evaluation that was refused.
fn refused(code: &str) -> Value {
    Value::map([("code", Value::from(code))])
}

/// The answer to an evaluation, of the result document: ids masked, duration left out.
fn evaluated(matches: bool, result: Option<Value>) -> Result<Value, String> {
    Ok(answered(matches, result.map(mask).transpose()?))
}

/// The same of a result without ids.
fn answered(matches: bool, result: Option<Value>) -> Value {
    let mut answer = vec![("code".into(), Value::from(if matches { "match" } else { "ok" }))];
    if let Some(Value::Map(mut entries)) = result {
        entries.retain(|(key, _)| key != b"duration");
        answer.push(("result".into(), Value::Map(entries)));
    }
    Value::Map(answer)
}

/// The value of a document; doors that take values are not given bytes.
fn value_of(document: &Document) -> Result<&Value, String> {
    match document {
        Document::Value(value) => Ok(value),
        Document::Bytes(_) => Err(Need::Documents.reason().into()),
    }
}

/// What keeps a door from a case.
pub(crate) fn obstacle(door: &dyn Door, name: &str, case: &Case) -> Option<String> {
    let skip = case.skip.iter().find(|(skipped, _)| skipped == name).map(|(_, reason)| reason.clone());
    skip.or_else(|| case.needs().into_iter().find(|need| !door.can(*need)).map(|need| need.reason().into()))
}
