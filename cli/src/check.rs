//! `check`: what is wrong with rules.

use crate::args::Check;
use crate::finding::Report;
use crate::rules::Rules;
use crate::{End, IoError};
use bartizan_wire::Builder;
use serde::ser::{SerializeMap, Serializer};
use std::io::{self, Write};

/// Prints findings for people or as JSON.
///
/// # Errors
/// A file cannot be read, or the output cannot be written.
pub(crate) fn run(args: &Check) -> Result<End, IoError> {
    let mut builder = Builder::new();
    let rules = Rules::read_all(&args.files)?;
    let reports: Vec<Report> = rules.iter().map(|rules| Report::of(rules, &mut builder)).collect();
    let builds = builder.build().is_some();
    let fine = builds && reports.iter().all(Report::is_fine);
    let text = if args.json { json(&reports, builds) } else { people(&reports, builds) };
    io::stdout().write_all(text.as_bytes()).map_err(|error| IoError::new("standard output", &error))?;
    Ok(if fine { End::Fine } else { End::Refused })
}

fn people(reports: &[Report], builds: bool) -> String {
    let mut out = String::new();
    for report in reports {
        out.push_str(&report.to_string());
    }
    if !builds {
        out.push_str("error: nothing here would ever run\n");
        out.push_str("  help: at least one enabled rule, or a processor with output, must be loaded\n");
    }
    out
}

fn json(reports: &[Report], builds: bool) -> String {
    #[derive(serde::Serialize)]
    struct Document<'a> {
        builds: bool,
        files: Vec<File<'a>>,
    }
    #[derive(serde::Serialize)]
    struct File<'a> {
        file: &'a str,
        accepted: bool,
        #[serde(serialize_with = "map")]
        loaded: &'a [(String, usize)],
        findings: &'a [crate::finding::Finding],
    }
    fn map<S: Serializer>(entries: &&[(String, usize)], serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(entries.len()))?;
        for (key, value) in *entries {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
    let files = reports
        .iter()
        .map(|r| File { file: &r.file, accepted: r.accepted, loaded: &r.loaded, findings: &r.findings })
        .collect();
    let text = serde_json::to_string_pretty(&Document { builds, files });
    text.expect("writing to memory does not fail and every key is text") + "\n"
}
