//! Writing what the twin answers into suites.
//!
//! Suites keep to one layout, so that a line can be put in without touching another: cases are items of
//! `cases:` at two blanks, their keys stand at four, runs are items of `runs:` at six, their keys stand at
//! eight. `want` is the last key of its run, or of a case without `runs`.

use crate::case::{Act, Step};
use crate::door::{Door, obstacle};
use crate::event;
use crate::run::{act, with_plain_integers};
use crate::suite::{Suite, Written};
use bartizan_reference::Value;
use std::fs;

/// Writes the expectations of a suite that are missing, or with `all` every one. How many were written.
pub(crate) fn bless(twin: &dyn Door, suite: &Suite, all: bool) -> Result<usize, String> {
    let place = suite.file.display();
    let text = fs::read_to_string(&suite.file).map_err(|e| format!("{place}: {e}"))?;
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let starts = starts_of_items(&lines, "cases:", 0);
    if starts.len() != suite.cases.len() {
        return Err(format!("{place}: the layout is not that of a suite"));
    }
    let mut count = 0;
    // From the end, so that lines that are put in move none that is still to be looked at.
    for (at, written) in suite.cases.iter().enumerate().rev() {
        let end = starts.get(at + 1).copied().unwrap_or(lines.len());
        count += bless_case(twin, written, &mut lines, starts[at]..end, all)
            .map_err(|what| format!("{}: {what}", written.case.id))?;
    }
    if count > 0 {
        fs::write(&suite.file, lines.join("\n") + "\n").map_err(|e| format!("{place}: {e}"))?;
    }
    Ok(count)
}

fn bless_case(
    twin: &dyn Door,
    written: &Written,
    lines: &mut Vec<String>,
    range: std::ops::Range<usize>,
    all: bool,
) -> Result<usize, String> {
    let case = &written.case;
    if obstacle(twin, "twin", case).is_some() {
        return Ok(0);
    }
    let mut session = twin.session();
    let mut answers = Vec::new();
    for step in &case.steps {
        answers.push(act(&mut *session, &step.act)?);
    }
    let own = case.steps.len() - written.own..;
    let (steps, answers) = (&case.steps[own.clone()], &answers[own]);
    let places: Vec<std::ops::Range<usize>> = if written.is_single {
        vec![range]
    } else {
        let within = &lines[range.clone()];
        let runs = starts_of_items(within, "    runs:", 4);
        let ends = runs.iter().skip(1).copied().chain([within.len()]);
        runs.iter().zip(ends).map(|(start, end)| range.start + start..range.start + end).collect()
    };
    if places.len() != steps.len() {
        return Err("the layout is not that of a case".into());
    }
    let indent = if written.is_single { 4 } else { 8 };
    let mut count = 0;
    for ((step, answer), place) in steps.iter().zip(answers).zip(places).rev() {
        let Some(answer) = answer.as_ref().filter(|_| all || step.want.is_none()) else { continue };
        let want = shorten(step, &with_plain_integers(answer), &written.ruleset);
        let start = place.start + without_want(lines, place, indent);
        let shown = show(&want, indent);
        lines.splice(start..start, shown);
        count += 1;
    }
    Ok(count)
}

/// An answer as suites have it.
fn shorten(step: &Step, answer: &Value, ruleset: &Value) -> Value {
    match &step.act {
        Act::Eval { .. } => event::shorten(answer, ruleset),
        _ => answer.clone(),
    }
}

/// Where the items of a list begin that stands under `key` at so many blanks.
fn starts_of_items(lines: &[String], key: &str, indent: usize) -> Vec<usize> {
    let item = " ".repeat(indent + 2) + "- ";
    let Some(from) = lines.iter().position(|line| line.trim_end() == key) else { return Vec::new() };
    let is_over = |line: &&String| !line.is_empty() && !line.starts_with(&" ".repeat(indent + 1));
    let len = lines[from + 1..].iter().take_while(|line| !is_over(line)).count();
    (from + 1..from + 1 + len).filter(|at| lines[*at].starts_with(&item)).collect()
}

/// Takes the former expectation out; gives where the new one goes, counted from the start of the place.
fn without_want(lines: &mut Vec<String>, place: std::ops::Range<usize>, indent: usize) -> usize {
    let key = " ".repeat(indent) + "want:";
    let deeper = " ".repeat(indent + 1);
    let mut end = place.end;
    if let Some(at) = (place.start..end).find(|at| lines[*at].starts_with(&key)) {
        let len = lines[at + 1..end].iter().take_while(|line| line.starts_with(&deeper)).count();
        lines.drain(at..=at + len);
        end -= len + 1;
    }
    let is_blank = |line: &String| line.trim().is_empty() || line.trim_start().starts_with('#');
    while end > place.start && is_blank(&lines[end - 1]) {
        end -= 1;
    }
    end - place.start
}

/// An expectation as lines: on one where it fits, else its members and events on lines of their own.
fn show(want: &Value, indent: usize) -> Vec<String> {
    const WIDTH: usize = 118;
    let blanks = " ".repeat(indent);
    let one = format!("{blanks}want: {}", flow(want));
    let Value::Map(entries) = want else { return vec![one] };
    if one.chars().count() <= WIDTH {
        return vec![one];
    }
    let mut lines = vec![format!("{blanks}want:")];
    for (key, value) in entries {
        let key = scalar(key);
        match value {
            Value::Array(items) if key == "events" => {
                lines.push(format!("{blanks}  {key}:"));
                for item in items {
                    let one = format!("{blanks}    - {}", flow(item));
                    if one.chars().count() <= WIDTH {
                        lines.push(one);
                        continue;
                    }
                    for (at, (key, value)) in item.as_map().unwrap_or_default().iter().enumerate() {
                        let lead = if at == 0 { "- " } else { "  " };
                        lines.push(format!("{blanks}    {lead}{}: {}", scalar(key), flow(value)));
                    }
                }
            }
            value => lines.push(format!("{blanks}  {key}: {}", flow(value))),
        }
    }
    lines
}

/// A value in one line of YAML.
fn flow(value: &Value) -> String {
    match bartizan_reference::portable::encode_for_yaml(value) {
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Map(entries) if entries.is_empty() => "{}".into(),
        Value::Map(entries) => {
            let pairs: Vec<String> =
                entries.iter().map(|(key, value)| format!("{}: {}", scalar(key), flow(value))).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
        Value::Bytes(text) => scalar(&text),
        other => other.to_json(),
    }
}

/// Text, quoted unless it cannot be taken for anything else.
fn scalar(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '@');
    let is_word =
        text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(is_plain);
    let is_taken =
        matches!(&*text.to_ascii_lowercase(), "true" | "false" | "null" | "yes" | "no" | "on" | "off");
    if is_word && !is_taken {
        return text.into_owned();
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() || !is_visible(c) => match u32::from(c) {
                code @ 0..=0xffff => quoted.push_str(&format!("\\u{code:04X}")),
                code => quoted.push_str(&format!("\\U{code:08X}")),
            },
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Whether a reader sees the character in an editor: neither a blank beyond ASCII, nor a joiner, nor a tag.
fn is_visible(c: char) -> bool {
    !matches!(c, '\u{a0}' | '\u{ad}' | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{feff}' | '\u{fffd}' | '\u{e0000}'..)
}

#[cfg(test)]
mod tests {
    use super::{flow, show, starts_of_items, without_want};
    use bartizan_reference::Value;

    #[test]
    fn values_are_written_as_yaml_that_reads_back() {
        let value = Value::map([
            (
                "plain",
                Value::Array(vec![
                    Value::from("a-b.c/d"),
                    Value::from("5"),
                    Value::from("true"),
                    Value::from(""),
                ]),
            ),
            ("a b", Value::bytes("\u{e0041}\n\"é\\ \u{7f}")),
            ("float", Value::Float(1.0)),
            ("large", Value::Unsigned(u64::MAX)),
            ("bytes", Value::bytes(b"\xff")),
            ("empty", Value::map([])),
        ]);
        let text = flow(&value);
        let read = crate::yaml::read(&text).and_then(|read| bartizan_reference::portable::decode(&read));
        assert_eq!(read.as_ref(), Ok(&value), "{text}");
        assert!(text.contains("[a-b.c/d, \"5\", \"true\", \"\"]") && text.contains("1.0"), "{text}");
    }

    #[test]
    fn expectations_go_to_the_end_of_their_run() {
        let text = "cases:\n  - name: a\n    input: {}\n    want: ok\n\n  # b\n  - name: b\n    runs:\n      - input: {}\n        want:\n          events: []\n      - input: {}\n";
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        assert_eq!(starts_of_items(&lines, "cases:", 0), [1, 6]);
        assert_eq!(starts_of_items(&lines[6..], "    runs:", 4), [2, 5]);
        assert_eq!(without_want(&mut lines, 8..11, 8), 1);
        assert_eq!(without_want(&mut lines, 1..6, 4), 2);
        assert_eq!(
            lines.join("\n"),
            "cases:\n  - name: a\n    input: {}\n\n  # b\n  - name: b\n    runs:\n      - input: {}\n      - input: {}"
        );
        assert_eq!(show(&Value::from("ok"), 4), ["    want: ok"]);
    }
}
