//! One table of all that was measured, and a plot of it.

use crate::{Outcome, Report, read, write_text};
use serde_json::Value as Json;
use std::fmt::Write;
use std::path::Path;

/// A row: what, theirs, ours, the figure that is judged, and what is accepted and aimed at.
struct Row {
    what: String,
    theirs: String,
    ours: String,
    figure: f64,
    accept: f64,
    aim: f64,
    /// Whether more is better: `times faster` rather than a share.
    more: bool,
}

impl Row {
    fn mark(&self) -> &'static str {
        let reaches = |goal: f64| if self.more { self.figure >= goal } else { self.figure <= goal };
        match (reaches(self.aim), reaches(self.accept)) {
            (true, _) => "aim",
            (_, true) => "accepted",
            _ => "short",
        }
    }

    fn number(&self, of: f64) -> String {
        if self.more { format!("{of:.1}×") } else { format!("{of:.3}") }
    }
}

const BEGIN: &str = "<!-- cargo xtask bench --readme -->";
const END: &str = "<!-- end of cargo xtask bench -->";

pub(crate) fn run(options: &Report) -> Outcome {
    let rows = rows(&options.folder)?;
    let table = markdown(&rows);
    println!("\n{table}");
    write_text(&options.folder.join("bench.md"), &table)?;
    write_text(&options.folder.join("bench.svg"), &plot(&rows))?;
    if let Some(path) = &options.readme {
        let text = read(path)?;
        write_text(path, &between(&text, &table)?)?;
        println!("the table of {} is up to date", path.display());
    }
    Ok(())
}

/// The text with the table between the marks.
fn between(text: &str, table: &str) -> Outcome<String> {
    let place = || {
        let (before, rest) = text.split_once(BEGIN)?;
        let (_, after) = rest.split_once(END)?;
        Some((before, after))
    };
    let (before, after) = place().ok_or(format!("no place for the table: put {BEGIN} and {END} there"))?;
    Ok(format!("{before}{BEGIN}\n{table}{END}{after}"))
}

/// What was measured last, if it was.
fn part(folder: &Path, name: &str) -> Outcome<Json> {
    let path = folder.join(name);
    if !path.exists() {
        return Ok(Json::Null);
    }
    serde_json::from_str(&read(&path)?).map_err(|e| format!("{}: {e}", path.display()))
}

fn rows(folder: &Path) -> Outcome<Vec<Row>> {
    let mut rows = Vec::new();
    speed(&part(folder, "speed.json")?, &part(folder, "instructions.json")?, &mut rows);
    load(&part(folder, "load.json")?, &mut rows);
    memory(&part(folder, "memory-theirs.json")?, &part(folder, "memory-ours.json")?, &mut rows);
    if let Some(figure) = part(folder, "threads-ours.json")?["ratio of processor time"].as_f64() {
        let theirs = part(folder, "threads-theirs.json")?["ratio of processor time"].as_f64();
        rows.push(Row {
            what: "two threads on one instance / on one each".to_owned(),
            theirs: theirs.map_or(String::new(), |ratio| format!("{ratio:.3}")),
            ours: format!("{figure:.3}"),
            figure,
            accept: 1.02,
            aim: 1.005,
            more: false,
        });
    }
    wasm(&part(folder, "wasm.json")?, &mut rows);
    Ok(rows)
}

fn micros(ns: f64) -> String {
    match ns / 1e3 {
        us if us >= 1_000.0 => format!("{:.2} ms", us / 1e3),
        us if us >= 100.0 => format!("{us:.0} µs"),
        us => format!("{us:.1} µs"),
    }
}

/// How many times less time, in nanoseconds, ours takes.
fn faster(what: String, theirs: f64, ours: f64, accept: f64, aim: f64) -> Row {
    Row { what, theirs: micros(theirs), ours: micros(ours), figure: theirs / ours, accept, aim, more: true }
}

fn speed(speed: &Json, instructions: &Json, rows: &mut Vec<Row>) {
    for class in speed["classes"].as_array().into_iter().flatten() {
        let name = class["class"].as_str().unwrap_or_default();
        let number = |side: &str, key: &str| class[side][key].as_f64().unwrap_or(f64::NAN);
        let goal = |key: &str| class[key].as_f64().unwrap_or(f64::NAN);
        let mut row = |what: String, key: &str, accept: f64, aim: f64| {
            rows.push(faster(what, number("theirs", key), number("ours", key), accept, aim));
        };
        row(format!("{name}: time per request"), "best ns", goal("accept"), goal("aim"));
        if name == "benign" {
            row("benign: p99".to_owned(), "p99 ns", 15.0, 30.0);
        }
        let slower = class["slower requests"].as_f64().unwrap_or(f64::NAN);
        if name == "worst" {
            let what = "worst: requests slower than theirs".to_owned();
            let (theirs, ours) = (String::new(), format!("{slower:.0}"));
            rows.push(Row { what, theirs, ours, figure: slower, accept: 0.0, aim: 0.0, more: false });
        }
        let count = |side: &str| instructions[name][side].as_f64();
        if let (Some(theirs), Some(ours)) = (count("theirs"), count("ours")) {
            rows.push(Row {
                what: format!("{name}: instructions per request"),
                theirs: format!("{:.0} K", theirs / 1e3),
                ours: format!("{:.0} K", ours / 1e3),
                figure: theirs / ours,
                accept: goal("accept"),
                aim: goal("aim"),
                more: true,
            });
        }
    }
}

fn load(load: &Json, rows: &mut Vec<Row>) {
    for (name, accept, aim) in [
        ("build from JSON", 4.0, 10.0),
        ("first request after build", 6.0, 20.0),
        ("reload: 1,000 IPs", 3.0, 10.0),
        ("reload: one rule off", 3.0, 10.0),
        ("reload: one custom rule", 3.0, 10.0),
    ] {
        let best = |side: &str| load[name][side]["best ns"].as_f64();
        if let (Some(theirs), Some(ours)) = (best("theirs"), best("ours")) {
            rows.push(faster(name.to_owned(), theirs, ours, accept, aim));
        }
    }
    if let Some(ours) = load["load of a compiled bundle"]["ours"]["best ns"].as_f64() {
        let what = "load of a compiled bundle, in ms".to_owned();
        let (theirs, figure) = (String::new(), ours / 1e6);
        rows.push(Row { what, theirs, ours: micros(ours), figure, accept: 2.0, aim: 1.0, more: false });
    }
}

fn memory(theirs: &Json, ours: &Json, rows: &mut Vec<Row>) {
    for (name, key, accept, aim) in [
        ("handle after traffic", "private dirty", 4.0, 8.0),
        ("further handle after traffic", "private dirty", 4.0, 8.0),
        ("context once evaluated", "heap", 10.0, 20.0),
    ] {
        let bytes = |side: &Json| side[name][key].as_f64();
        if let (Some(theirs), Some(ours)) = (bytes(theirs), bytes(ours)) {
            let kilobytes = |bytes: f64| format!("{:.1} KB", bytes / 1e3);
            rows.push(Row {
                what: format!("memory: {name} ({key})"),
                theirs: kilobytes(theirs),
                ours: kilobytes(ours),
                figure: theirs / ours.max(1.0),
                accept,
                aim,
                more: true,
            });
        }
    }
    let left = |side: &Json| side["left after destroy"]["heap"].as_f64();
    if let (Some(theirs), Some(ours)) = (left(theirs), left(ours)) {
        rows.push(Row {
            what: "memory: left after destroy, KB (heap)".to_owned(),
            theirs: format!("{:.1} KB", theirs / 1e3),
            ours: format!("{:.1} KB", ours / 1e3),
            figure: ours / 1e3,
            accept: 4.0,
            aim: 0.0,
            more: false,
        });
    }
}

fn wasm(wasm: &Json, rows: &mut Vec<Row>) {
    for (host, native, genuine) in [
        ("wasmtime", (1.7, 1.4), (10.0, 20.0)),
        ("V8", (2.0, 1.6), (10.0, 20.0)),
        ("wazero", (3.0, 2.4), (6.0, 12.0)),
    ] {
        let number = |key: &str| wasm[host][key].as_f64();
        let (Some(module), Some(ours), Some(theirs)) =
            (number("wasm ns"), number("native ns"), number("theirs ns"))
        else {
            continue;
        };
        rows.push(Row {
            what: format!("wasm in {host} / our native, benign"),
            theirs: micros(ours),
            ours: micros(module),
            figure: module / ours,
            accept: native.0,
            aim: native.1,
            more: false,
        });
        let what = format!("wasm in {host} against native libddwaf, benign");
        rows.push(faster(what, theirs, module, genuine.0, genuine.1));
    }
}

fn markdown(rows: &[Row]) -> String {
    let mut out =
        "| what | theirs | ours | figure | accept | aim | |\n|---|---:|---:|---:|---:|---:|---|\n".to_owned();
    for row in rows {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} |",
            row.what,
            row.theirs,
            row.ours,
            row.number(row.figure),
            row.number(row.accept),
            row.number(row.aim),
            row.mark()
        );
    }
    out
}

/// A bar for each row that says how many times better, on a logarithmic scale, with its two goals as strokes.
fn plot(rows: &[Row]) -> String {
    const LEFT: f64 = 330.0;
    const WIDTH: f64 = 420.0;
    const HIGHEST: f64 = 64.0;
    let bars: Vec<&Row> = rows.iter().filter(|row| row.more && row.figure.is_finite()).collect();
    let height = 40 + bars.len() * 22;
    let place = |figure: f64| LEFT + WIDTH * (figure.clamp(1.0, HIGHEST).ln() / HIGHEST.ln());
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"820\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for tick in [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, HIGHEST] {
        let x = place(tick);
        let _ = writeln!(
            out,
            "<line x1=\"{x:.0}\" x2=\"{x:.0}\" y1=\"24\" y2=\"{height}\" stroke=\"#ddd\"/><text x=\"{x:.0}\" y=\"16\" text-anchor=\"middle\">{tick}×</text>"
        );
    }
    for (at, row) in bars.iter().enumerate() {
        let y = 30 + at * 22;
        let end = place(row.figure);
        let colour = match row.mark() {
            "aim" => "#2a7f3f",
            "accepted" => "#7fb069",
            _ => "#d9822b",
        };
        let _ = writeln!(
            out,
            "<text x=\"{:.0}\" y=\"{}\" text-anchor=\"end\">{}</text><rect x=\"{LEFT:.0}\" y=\"{y}\" width=\"{:.1}\" height=\"14\" fill=\"{colour}\"/><text x=\"{:.1}\" y=\"{}\">{:.1}×</text>",
            LEFT - 8.0,
            y + 11,
            row.what,
            (end - LEFT).max(1.0),
            end + 4.0,
            y + 11,
            row.figure
        );
        for goal in [row.accept, row.aim] {
            let x = place(goal);
            let _ = writeln!(
                out,
                "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{}\" y2=\"{}\" stroke=\"#333\"/>",
                y - 2,
                y + 16
            );
        }
    }
    out.push_str("</svg>\n");
    out
}

#[cfg(test)]
mod tests {
    use super::{BEGIN, END, Row, between};

    #[test]
    fn the_table_replaces_its_forerunner() {
        let text = format!("a\n{BEGIN}\nold\n{END}\nb\n");
        let next = between(&text, "new\n").expect("there is a place");
        assert_eq!(next, format!("a\n{BEGIN}\nnew\n{END}\nb\n"));
        assert_eq!(between(&next, "new\n"), Ok(next.clone()));
        assert!(between("none", "new").is_err());
    }

    #[test]
    fn goals_are_reached_from_the_right_side() {
        let row = |figure, more| {
            let (what, theirs, ours) = Default::default();
            let (accept, aim) = if more { (10.0, 20.0) } else { (2.0, 1.0) };
            Row { what, theirs, ours, figure, accept, aim, more }.mark()
        };
        assert_eq!([9.9, 10.0, 20.0].map(|f| row(f, true)), ["short", "accepted", "aim"]);
        assert_eq!([2.1, 2.0, 1.0].map(|f| row(f, false)), ["short", "accepted", "aim"]);
    }
}
