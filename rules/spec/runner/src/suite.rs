//! Suites: YAML files as people write them, to cases.

use crate::case::{Act, Case, Document, Step};
use crate::event;
use crate::fields::Fields;
use crate::shorthand;
use crate::yaml;
use bartizan_reference::Value;
use bartizan_reference::portable::decode;
use std::fs;
use std::path::{Path, PathBuf};

/// The path of the ruleset that a case has without saying how it came to be configured.
const RULESET: &str = "ruleset";
/// The context that it has likewise.
const MAIN: &str = "main";

/// A file of cases.
pub(crate) struct Suite {
    pub(crate) file: PathBuf,
    pub(crate) cases: Vec<Written>,
}

/// A case, and how many of its last steps stand in the file as such; the others are those of its ruleset.
pub(crate) struct Written {
    pub(crate) case: Case,
    pub(crate) own: usize,
    /// Whether the only step stands in the case itself, without a list of runs.
    pub(crate) is_single: bool,
    /// The ruleset, in whose light results are written shortly.
    pub(crate) ruleset: Value,
}

/// Reads all suites of a folder, in order of their names.
pub(crate) fn read_all(folder: &Path) -> Result<Vec<Suite>, String> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    files.sort();
    let suites = files.iter().map(|file| read(folder, file)).collect::<Result<Vec<_>, _>>()?;
    let mut ids: Vec<&str> = suites.iter().flat_map(|suite| &suite.cases).map(|w| &*w.case.id).collect();
    ids.sort_unstable();
    match ids.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(format!("two cases are called {}", pair[0])),
        None => Ok(suites),
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let list = fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    for entry in list {
        let path = entry.map_err(|e| format!("{}: {e}", folder.display()))?.path();
        if path.is_dir() && !path.ends_with("runner") {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(path);
        }
    }
    Ok(())
}

fn read(folder: &Path, file: &Path) -> Result<Suite, String> {
    let place = file.display().to_string();
    let text = fs::read_to_string(file).map_err(|e| format!("{place}: {e}"))?;
    let mut top = Fields::new(&place, yaml::read(&text).map_err(|e| format!("{place}: {e}"))?)?;
    let name = top.need_text("suite")?;
    let expected = file.strip_prefix(folder).unwrap_or(file).with_extension("");
    if expected.to_str() != Some(&name) {
        return Err(top.error(format!("`suite` is {name}, the file is {}", expected.display())));
    }
    top.need_text("about")?;
    let shared = shorthand::ruleset(&mut top, None)?;
    let cases = top.list("cases")?.unwrap_or_default();
    if cases.is_empty() {
        return Err(top.error("there are no cases"));
    }
    top.done()?;
    let cases = cases.into_iter().enumerate().map(|(at, value)| {
        let fields = Fields::new(format!("{place}: case {}", at + 1), value)?;
        case(&name, shared.as_ref(), fields)
    });
    Ok(Suite { file: file.to_owned(), cases: cases.collect::<Result<_, _>>()? })
}

fn case(suite: &str, shared: Option<&Value>, mut fields: Fields) -> Result<Written, String> {
    let id = format!("{suite}/{}", fields.need_text("name")?);
    let origin = fields.text("origin")?.unwrap_or_else(|| "hand".into());
    let deviation = fields.text("deviation")?;
    let skip = fields.map("skip")?.unwrap_or_default();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let skip = skip.into_iter().map(|(door, reason)| match reason {
        Value::Bytes(reason) if !reason.is_empty() => Ok((text(door), text(reason))),
        _ => Err(fields.error("a skip needs a reason")),
    });
    let skip = skip.collect::<Result<_, _>>()?;
    let configured = shorthand::ruleset(&mut fields, shared)?;
    let diagnostics = fields.take("diagnostics");
    let mut steps = Vec::new();
    if let Some(config) = &configured {
        steps = configure(config, diagnostics)?;
    }
    let is_single = match fields.list("runs")? {
        Some(runs) => {
            for (at, run) in runs.into_iter().enumerate() {
                steps.push(step(Fields::new(format!("{id}: run {}", at + 1), run)?)?);
            }
            false
        }
        None => {
            let mut single = Vec::new();
            for key in ["config", "input", "batches", "document", "now_s", "budget", "want"] {
                single.extend(fields.take(key).map(|value| (key.into(), value)));
            }
            steps.push(step(Fields::new(&id, Value::Map(single))?)?);
            true
        }
    };
    fields.done()?;
    let own = steps.len() - if configured.is_some() { 3 } else { 0 };
    let ruleset = configured.unwrap_or(Value::Null);
    for step in &mut steps {
        if let (Act::Eval { .. }, Some(want)) = (&step.act, &step.want) {
            step.want = Some(event::expand(want, &ruleset).map_err(|what| format!("{id}: {what}"))?);
        }
    }
    Ok(Written { case: Case { id, origin, deviation, skip, steps }, own, is_single, ruleset })
}

/// The steps that a ruleset stands for. Unless the case says what its diagnostics are, they are not looked at.
fn configure(config: &Value, diagnostics: Option<Value>) -> Result<Vec<Step>, String> {
    let want = match diagnostics {
        Some(diagnostics) => {
            Value::map([("accepted", Value::Bool(true)), ("diagnostics", decode(&diagnostics)?)])
        }
        None => Value::map([("accepted", Value::Bool(true))]),
    };
    let update = Act::Update { path: RULESET.into(), config: Document::Value(config.clone()) };
    Ok(vec![
        Step { act: update, want: Some(want) },
        Step { act: Act::Build, want: Some(Value::map([("built", Value::Bool(true))])) },
        Step { act: Act::Open { context: MAIN.into() }, want: None },
    ])
}

fn step(mut fields: Fields) -> Result<Step, String> {
    let want = fields.take("want").map(|want| decode(&want)).transpose()?;
    let document = match fields.take("document").map(|document| decode(&document)).transpose()? {
        None => None,
        Some(Value::Bytes(bytes)) => Some(Document::Bytes(bytes)),
        Some(other) => return Err(fields.error(format!("`document` is text, not {}", other.to_json()))),
    };
    let value = |value: Option<Value>| value.map(|value| decode(&value).map(Document::Value)).transpose();
    let config = value(fields.take("config"))?;
    let act = if let Some(path) = fields.text("update")? {
        let config = config.or(document).ok_or_else(|| fields.error("`config` or `document` is missing"))?;
        Act::Update { path, config }
    } else if let Some(config) = config {
        Act::Update { path: RULESET.into(), config }
    } else if let Some(path) = fields.text("remove")? {
        Act::Remove { path }
    } else if fields.take("build").is_some() {
        Act::Build
    } else if let Some(context) = fields.text("open")? {
        Act::Open { context }
    } else if let Some(context) = fields.text("subcontext")? {
        Act::Subcontext { context, of: fields.text("of")?.unwrap_or_else(|| MAIN.into()) }
    } else {
        let several = value(fields.take("batches"))?;
        let batches = several.is_some() || fields.take("as_batches").is_some();
        let data = value(fields.take("input"))?.or(several).or(document);
        let data = data.ok_or_else(|| fields.error("`input`, `batches` or `document` is missing"))?;
        let context = fields.text("in")?.unwrap_or_else(|| MAIN.into());
        Act::Eval { context, data, batches, now_s: fields.number("now_s")?, budget: fields.number("budget")? }
    };
    fields.done()?;
    Ok(Step { act, want })
}
