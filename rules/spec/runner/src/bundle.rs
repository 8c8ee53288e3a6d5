//! The bundle: all cases as one JSON file that every language reads alike, and the manifest of their ids.

use crate::case::{Act, Case, Document, Step};
use crate::fields::Fields;
use bartizan_object::{AllocRef, json};
use bartizan_reference::Value;
use bartizan_reference::portable::{decode, encode};

/// The format's number; it changes when readers must.
const FORMAT: u64 = 1;

type Entries = Vec<(Vec<u8>, Value)>;

/// The bundle, a step on each line so that changes can be read.
pub(crate) fn write(cases: &[&Case]) -> String {
    let mut out = format!("{{\"format\": {FORMAT}, \"cases\": [\n");
    for (at, case) in cases.iter().enumerate() {
        let mut head: Entries =
            vec![("id".into(), Value::from(&*case.id)), ("origin".into(), Value::from(&*case.origin))];
        head.extend(case.deviation.as_deref().map(|text| ("deviation".into(), Value::from(text))));
        let needs: Vec<Value> = case.needs().into_iter().map(|need| Value::from(need.name())).collect();
        if !needs.is_empty() {
            head.push(("needs".into(), Value::Array(needs)));
        }
        if !case.skip.is_empty() {
            let skip = case.skip.iter().map(|(door, reason)| (door.as_str().into(), Value::from(&**reason)));
            head.push(("skip".into(), Value::Map(skip.collect())));
        }
        let head = Value::Map(head).to_json();
        out.push_str(head.strip_suffix('}').unwrap_or(&head));
        out.push_str(", \"steps\": [\n");
        let steps: Vec<String> =
            case.steps.iter().map(|step| format!("  {}", write_step(step).to_json())).collect();
        out.push_str(&steps.join(",\n"));
        out.push_str(if at + 1 < cases.len() { "\n]},\n" } else { "\n]}\n" });
    }
    out.push_str("]}\n");
    out
}

/// The manifest: how many, and which.
pub(crate) fn manifest(cases: &[&Case]) -> String {
    let ids: Vec<String> =
        cases.iter().map(|case| format!("  {}", Value::from(&*case.id).to_json())).collect();
    format!("{{\"format\": {FORMAT}, \"count\": {}, \"ids\": [\n{}\n]}}\n", cases.len(), ids.join(",\n"))
}

fn write_step(step: &Step) -> Value {
    let text = |text: &str| Value::from(text);
    let mut entries: Vec<(&str, Value)> = Vec::new();
    let mut add = |name, value| entries.push((name, value));
    match &step.act {
        Act::Update { path, config } => {
            add("do", text("update"));
            add("path", text(path));
            match config {
                Document::Value(value) => add("config", encode(value)),
                Document::Bytes(bytes) => add("document", encode(&Value::bytes(bytes))),
            }
        }
        Act::Remove { path } => {
            add("do", text("remove"));
            add("path", text(path));
        }
        Act::Build => add("do", text("build")),
        Act::Open { context } => {
            add("do", text("open"));
            add("context", text(context));
        }
        Act::Subcontext { context, of } => {
            add("do", text("subcontext"));
            add("context", text(context));
            add("of", text(of));
        }
        Act::Eval { context, data, batches, now_s, budget } => {
            add("do", text("eval"));
            add("context", text(context));
            match data {
                Document::Value(value) => add("data", encode(value)),
                Document::Bytes(bytes) => add("document", encode(&Value::bytes(bytes))),
            }
            if *batches {
                add("batches", Value::Bool(true));
            }
            if let Some(now_s) = now_s {
                add("now_s", Value::Unsigned(*now_s));
            }
            if let Some(budget) = budget {
                add("budget", Value::Unsigned(*budget));
            }
        }
    }
    if let Some(want) = &step.want {
        add("want", encode(want));
    }
    Value::Map(entries.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

/// Reads a bundle.
pub(crate) fn read(text: &[u8]) -> Result<Vec<Case>, String> {
    let bundle = json::parse_with_depth(text, usize::MAX, AllocRef::global())
        .map_err(|error| error.explain(text).to_string())?;
    let mut top = Fields::new("bundle", Value::from(&*bundle))?;
    if top.number("format")? != Some(FORMAT) {
        return Err("the bundle is of another format".into());
    }
    let cases = top.list("cases")?.unwrap_or_default();
    top.done()?;
    cases.into_iter().map(|value| read_case(Fields::new("a case", value)?)).collect()
}

fn read_case(mut fields: Fields) -> Result<Case, String> {
    let id = fields.need_text("id")?;
    let origin = fields.need_text("origin")?;
    let deviation = fields.text("deviation")?;
    fields.take("needs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let skip = fields.map("skip")?.unwrap_or_default();
    let skip =
        skip.iter().map(|(door, reason)| (text(door), text(reason.as_bytes().unwrap_or_default()))).collect();
    let steps = fields.list("steps")?.unwrap_or_default();
    fields.done()?;
    let steps =
        steps.into_iter().map(|value| read_step(Fields::new(&id, value)?)).collect::<Result<_, _>>()?;
    Ok(Case { id, origin, deviation, skip, steps })
}

fn read_step(mut fields: Fields) -> Result<Step, String> {
    let want = fields.take("want").map(|want| decode(&want)).transpose()?;
    let document = |name: &str, fields: &mut Fields| -> Result<Document, String> {
        match (fields.take(name), fields.take("document")) {
            (Some(value), None) => decode(&value).map(Document::Value),
            (None, Some(bytes)) => match decode(&bytes)? {
                Value::Bytes(bytes) => Ok(Document::Bytes(bytes)),
                _ => Err(fields.error("`document` is text")),
            },
            _ => Err(fields.error(format!("one of `{name}` and `document` is needed"))),
        }
    };
    let act = match fields.need_text("do")?.as_str() {
        "update" => Act::Update { path: fields.need_text("path")?, config: document("config", &mut fields)? },
        "remove" => Act::Remove { path: fields.need_text("path")? },
        "build" => Act::Build,
        "open" => Act::Open { context: fields.need_text("context")? },
        "subcontext" => {
            Act::Subcontext { context: fields.need_text("context")?, of: fields.need_text("of")? }
        }
        "eval" => Act::Eval {
            context: fields.need_text("context")?,
            data: document("data", &mut fields)?,
            batches: fields.take("batches").is_some(),
            now_s: fields.number("now_s")?,
            budget: fields.number("budget")?,
        },
        other => return Err(fields.error(format!("unknown act `{other}`"))),
    };
    fields.done()?;
    Ok(Step { act, want })
}
