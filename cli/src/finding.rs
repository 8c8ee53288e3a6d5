//! Findings: the engine's diagnostics, one by one, with their places.

use crate::hint;
use crate::rules::Rules;
use bartizan_packs::Value;
use bartizan_wire::{Builder, Format};
use serde::Serialize;
use std::fmt;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    /// It does not work.
    Error,
    /// It does not work here: a name that this version does not know.
    Warning,
    /// Left out on purpose, such as for another version.
    Note,
}

/// One thing that is worth saying about a configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    /// The section, such as `rules`; none when it is about the whole file.
    pub(crate) section: Option<String>,
    /// The id of the item, or `index:N` of one without.
    pub(crate) item: Option<String>,
    /// The line of the item, where it can be told.
    pub(crate) line: Option<usize>,
    pub(crate) cause: String,
    pub(crate) hint: &'static str,
}

/// What became of one file.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) file: String,
    /// Whether the engine took it over; what failed in it is left out then.
    pub(crate) accepted: bool,
    /// How many items were loaded, by section.
    pub(crate) loaded: Vec<(String, usize)>,
    pub(crate) findings: Vec<Finding>,
}

impl Report {
    /// Loads a file into `builder` under its name, and says what there is to say.
    pub(crate) fn of(rules: &Rules, builder: &mut Builder) -> Self {
        let mut report =
            Self { file: rules.name.clone(), accepted: false, loaded: Vec::new(), findings: Vec::new() };
        match &rules.json {
            Ok(json) => {
                let update = builder.update(rules.name.as_bytes(), json, Format::Json);
                report.accepted = update.accepted;
                match Value::from_json(&update.diagnostics) {
                    Ok(diagnostics) => report.read(&diagnostics, rules),
                    Err(error) => report.whole(format!("the engine's diagnostics cannot be read: {error}")),
                }
            }
            Err(error) => report.whole(error.clone()),
        }
        if !report.accepted && report.findings.is_empty() {
            report.whole("the file is no configuration".into());
        }
        report
    }

    /// Whether anything in it does not work.
    pub(crate) fn is_fine(&self) -> bool {
        self.accepted && self.findings.iter().all(|finding| finding.severity == Severity::Note)
    }

    fn whole(&mut self, cause: String) {
        self.push(Severity::Error, None, None, None, cause);
    }

    fn push(
        &mut self,
        severity: Severity,
        section: Option<&str>,
        item: Option<&str>,
        line: Option<usize>,
        cause: String,
    ) {
        let hint = hint::of(&cause, severity);
        let (section, item) = (section.map(str::to_owned), item.map(str::to_owned));
        self.findings.push(Finding { severity, section, item, line, cause, hint });
    }

    fn read(&mut self, diagnostics: &Value, rules: &Rules) {
        for (name, section) in diagnostics.as_map().unwrap_or_default() {
            if let Some(cause) = section.as_str() {
                // `ruleset_version` is text too, and no finding.
                if name == "error" {
                    self.whole(cause.to_owned());
                }
                continue;
            }
            if let Some(cause) = section.get("error").and_then(Value::as_str) {
                self.push(Severity::Error, Some(name), None, None, cause.to_owned());
            }
            let loaded = section.get("loaded").and_then(Value::as_array).unwrap_or_default();
            if !loaded.is_empty() {
                self.loaded.push((name.clone(), loaded.len()));
            }
            for (kind, severity) in [("errors", Severity::Error), ("warnings", Severity::Warning)] {
                for (cause, items) in section.get(kind).and_then(Value::as_map).unwrap_or_default() {
                    for item in items.as_array().unwrap_or_default().iter().filter_map(Value::as_str) {
                        self.push(severity, Some(name), Some(item), rules.line_of(item), cause.clone());
                    }
                }
            }
            for item in section.get("skipped").and_then(Value::as_array).unwrap_or_default() {
                let item = item.as_str().unwrap_or_default();
                let cause = "it is for another version of the engine".to_owned();
                self.push(Severity::Note, Some(name), Some(item), rules.line_of(item), cause);
            }
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            let severity = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "note",
            };
            writeln!(f, "{severity}: {}", finding.cause)?;
            write!(f, "  --> {}", self.file)?;
            if let Some(line) = finding.line {
                write!(f, ":{line}")?;
            }
            if let Some(section) = &finding.section {
                write!(f, ", section {section}")?;
            }
            match finding.item.as_deref() {
                Some(item) => match item.strip_prefix("index:") {
                    Some(index) => writeln!(f, ", item {index} (counted from 0, it has no id)")?,
                    None => writeln!(f, ", item {item}")?,
                },
                None => writeln!(f)?,
            }
            if !finding.hint.is_empty() {
                writeln!(f, "  help: {}", finding.hint)?;
            }
        }
        let loaded: Vec<String> = self.loaded.iter().map(|(name, n)| format!("{n} {name}")).collect();
        let state = if self.accepted { "accepted" } else { "refused" };
        write!(f, "{}: {state}", self.file)?;
        if !loaded.is_empty() {
            write!(f, ", loaded {}", loaded.join(", "))?;
        }
        writeln!(f)
    }
}
