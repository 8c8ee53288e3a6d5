//! `build`: rules in, one compiled bundle out.

use crate::args::Build;
use crate::finding::Report;
use crate::rules::Rules;
use crate::{End, IoError};
use bartizan_object::{AllocRef, parse_document};
use bartizan_wire::Builder;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Writes the bundle, and what is wrong with the rules to standard error. A ruleset that is refused gives none.
///
/// # Errors
/// A file cannot be read, or the bundle cannot be written.
pub(crate) fn run(args: &Build) -> Result<End, IoError> {
    let mut builder = Builder::new();
    let files = Rules::read_all(&args.files)?;
    let mut accepted = true;
    for rules in &files {
        let report = Report::of(rules, &mut builder);
        accepted &= report.accepted;
        if !report.is_fine() {
            eprint!("{report}");
        }
    }
    if !accepted {
        return Ok(End::Refused);
    }
    let document = match merged(&files) {
        Ok(document) => document,
        Err(reason) => {
            eprintln!("error: {reason}");
            return Ok(End::Refused);
        }
    };
    let bundle = parse_document(document.as_bytes(), AllocRef::global())
        .ok()
        .and_then(|config| bartizan_engine::bundle(&config).1);
    let Some(bundle) = bundle else {
        eprintln!("error: the rules of all files together are refused");
        return Ok(End::Refused);
    };
    std::fs::write(&args.output, &bundle).map_err(|error| IoError::new(args.output.display(), &error))?;
    Ok(End::Fine)
}

/// One document of all files: lists one after the other, anything else from one file.
fn merged(files: &[Rules]) -> Result<String, String> {
    if let [rules] = files {
        return text(rules).map(ToOwned::to_owned);
    }
    let mut sections: BTreeMap<String, (Vec<&RawValue>, &str)> = BTreeMap::new();
    for rules in files {
        let document: BTreeMap<String, &RawValue> =
            serde_json::from_str(text(rules)?).map_err(|error| format!("{}: {error}", rules.name))?;
        for (key, value) in document {
            let items: Option<Vec<&RawValue>> = serde_json::from_str(value.get()).ok();
            match (sections.get_mut(&key), items) {
                (None, Some(items)) => drop(sections.insert(key, (items, ""))),
                (None, None) => drop(sections.insert(key, (vec![value], &rules.name))),
                (Some((known, "")), Some(items)) => known.extend(items),
                // What these say is about the file, not about its rules.
                (Some(_), _) if key == "version" || key == "metadata" => {}
                (Some((_, first)), _) => {
                    let name = &rules.name;
                    return Err(format!("`{key}` cannot be merged: {first} and {name} both have it"));
                }
            }
        }
    }
    let document = sections.iter().map(|(key, (items, file))| {
        let items: Vec<&str> = items.iter().map(|item| item.get()).collect();
        let (open, close) = if file.is_empty() { ("[", "]") } else { ("", "") };
        format!("{}:{open}{}{close}", serde_json::Value::from(key.as_str()), items.join(","))
    });
    Ok(format!("{{{}}}", document.collect::<Vec<_>>().join(",")))
}

fn text(rules: &Rules) -> Result<&str, String> {
    let json = rules.json.as_ref().map_err(|reason| format!("{}: {reason}", rules.name))?;
    str::from_utf8(json).map_err(|error| format!("{}: {error}", rules.name))
}
