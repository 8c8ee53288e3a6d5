//! `ddtrace`: the tracer's own application security on our library instead of its own, spans compared.

use crate::counts::Counts;
use crate::failure::{Failure, Outcome};
use crate::house::{House, install, read_text};
use crate::oracle::DDTRACE;
use crate::tools::{command, output, python, run as call, step};
use serde_json::Value;
use std::path::{Path, PathBuf};

pub(crate) fn run(house: &House) -> Outcome {
    let counts = compare(house)?;
    println!("{counts}");
    if counts.failed == 0 {
        return Ok(());
    }
    Err(Failure::new(
        format!("{} requests are reported otherwise than with libddwaf", counts.failed),
        "the lines above",
        "evaluate the same request with both libraries (`cargo xtask demo`) to see which rule differs",
    ))
}

/// One count per request.
pub(crate) fn compare(house: &House) -> Outcome<Counts> {
    let python = python(house, "venv-ddtrace", &[DDTRACE, "flask", "msgpack", "requests"])?;
    let library = library(&python)?;
    let kept = library.with_extension("genuine");
    if !kept.exists() {
        install(&library, &kept)?;
    }
    step("a Flask application under ddtrace-run, with libddwaf");
    let theirs = session(house, &python, &kept, &library)?;
    step("the same with libbartizan.so in its place");
    let swapped = session(house, &python, &house.dist("libbartizan.so"), &library);
    install(&kept, &library)?;
    let ours = swapped?;

    for (reports, ours) in [(&theirs, false), (&ours, true)] {
        if let Some(other) = reports.iter().find(|r| r["ours"] != ours) {
            return Err(Failure::new(
                format!(
                    "the tracer used another library than meant: ours is {}, wanted {ours}",
                    other["ours"]
                ),
                house.show(&library),
                "see where this release of ddtrace loads its library from",
            ));
        }
    }

    let mut counts = Counts::default();
    for (theirs, ours) in theirs.iter().zip(&ours) {
        let mut differences = Vec::new();
        walk("", theirs, ours, &mut |path, a, b| {
            if path != "/ours" {
                differences.push(format!("      {path}\n        libddwaf:  {a}\n        bartizan:  {b}"));
            }
        });
        let name = theirs["request"].as_str().unwrap_or("?");
        let number = |list: &Value| list.as_array().map_or(0, Vec::len);
        let (events, spans) = (number(&theirs["triggers"]["triggers"]), number(&theirs["spans"]));
        let verdict = if differences.is_empty() { "the same" } else { "DIFFERENT" };
        println!("    {name}: {verdict} (status {}, {events} events, {spans} spans)", theirs["status"]);
        for difference in &differences {
            println!("{difference}");
        }
        counts += Counts::of(differences.is_empty());
    }
    // A request that only one side reports is a difference that `zip` would hide.
    counts.failed += theirs.len().abs_diff(ours.len());
    Ok(counts)
}

/// Where the tracer looks for its library.
fn library(python: &Path) -> Outcome<PathBuf> {
    let find = "import ddtrace.appsec._ddwaf, glob, os; d = os.path.dirname(ddtrace.appsec._ddwaf.__file__); \
                print(glob.glob(d + '/libddwaf/*/lib/libddwaf.so')[0])";
    let path = output(command(python, &["-c", find]), "this release of ddtrace keeps its library elsewhere")?;
    Ok(PathBuf::from(path.trim()))
}

fn session(house: &House, python: &Path, library: &Path, place: &Path) -> Outcome<Vec<Value>> {
    install(library, place)?;
    let out = house.path("target/ddtrace.json");
    let mut run = command(python, &["xtask/ddtrace/session.py"]);
    run.arg(&out).current_dir(house.root()).env("PYTHONDONTWRITEBYTECODE", "1");
    call(run, "see the application's messages above; the library may have been refused")?;
    let text = read_text(&out)?;
    match serde_json::from_str(&text) {
        Ok(Value::Array(reports)) if !reports.is_empty() => Ok(reports),
        _ => Err(Failure::new(
            "no spans were reported",
            house.show(&out),
            "see the application's messages above",
        )),
    }
}

/// Calls back for every leaf that differs, with its path and both values.
fn walk(path: &str, a: &Value, b: &Value, differ: &mut impl FnMut(&str, &Value, &Value)) {
    match (a, b) {
        (Value::Object(x), Value::Object(y)) => {
            for (key, value) in x {
                walk(&format!("{path}/{key}"), value, y.get(key).unwrap_or(&Value::Null), differ);
            }
            for (key, value) in y.iter().filter(|(key, _)| !x.contains_key(*key)) {
                walk(&format!("{path}/{key}"), &Value::Null, value, differ);
            }
        }
        (Value::Array(x), Value::Array(y)) if x.len() == y.len() => {
            for (at, (a, b)) in x.iter().zip(y).enumerate() {
                walk(&format!("{path}/{at}"), a, b, differ);
            }
        }
        _ if a == b => {}
        _ => differ(path, a, b),
    }
}

#[cfg(test)]
mod tests {
    use super::walk;
    use serde_json::json;

    #[test]
    fn every_differing_leaf_is_seen() {
        let a = json!({"same": 1, "other": [1, 2], "gone": "x", "deep": {"k": [true]}});
        let b = json!({"same": 1, "other": [1], "deep": {"k": [false]}, "new": null, "more": 2});
        let mut paths = Vec::new();
        walk("", &a, &b, &mut |path, _, _| paths.push(path.to_owned()));
        assert_eq!(paths, ["/other", "/gone", "/deep/k/0", "/more"]);
    }
}
