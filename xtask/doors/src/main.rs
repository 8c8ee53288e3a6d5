//! Runs requests through one door of the engine and writes what came out, one line per request.
//!
//! `doors DOOR LIBRARY RULES REQUESTS RESULTS`: DOOR is `native` (LIBRARY is not
//! looked at), `ddwaf` or `wire`. A line of REQUESTS
//! is `{"id":…,"runs":[…]}`: evaluations of one context, each a map from address to value. RESULTS gets a
//! line `{"id":…,"results":[…]}` for each, with a result document per run, `null` where nothing matched. Standard output gets `{"requests":N,"ns":N}`: the
//! time of the fastest of several rounds over all requests.

mod ddwaf;
mod wire;

use bartizan_object::{AllocRef, Object, Owned, json, parse_document};
use libloading::{Library, Symbol};
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Rounds that are timed, after one that collects the results and warms up.
const ROUNDS: usize = 5;

/// What any step may fail with: a sentence for people.
type Outcome<T> = Result<T, String>;

/// One way into the engine, with rules loaded.
trait Door {
    /// The data of one run as this door takes it.
    type Run;

    /// What a program that uses this door has at hand.
    fn prepare(&self, run: Owned) -> Self::Run;

    /// The runs of one request in a context of its own: for each the result document as JSON when
    /// something matched.
    fn evaluate(&self, runs: &[Self::Run]) -> Outcome<Vec<Option<Vec<u8>>>>;
}

fn main() -> ExitCode {
    match run(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Outcome<String> {
    let [door, library, rules, requests, results] = arguments else {
        return Err("usage: doors native|ddwaf|wire LIBRARY RULES REQUESTS RESULTS".to_owned());
    };
    let rules = read(rules)?;
    let requests = read(requests)?;
    match door.as_str() {
        "ddwaf" => through(&ddwaf::Library::open(library, &rules)?, &requests, results),
        "wire" => through(&wire::Library::open(library, &rules)?, &requests, results),
        other => Err(format!("no door `{other}`; there are native, ddwaf and wire")),
    }
}

fn through<D: Door>(door: &D, requests: &[u8], results: &str) -> Outcome<String> {
    let mut ids = Vec::new();
    let mut all = Vec::new();
    for (at, line) in requests.split(|b| *b == b'\n').filter(|l| !l.is_empty()).enumerate() {
        let (id, runs) = request(line).map_err(|e| format!("request {}: {e}", at + 1))?;
        ids.push(id);
        all.push(runs.into_iter().map(|run| door.prepare(run)).collect::<Vec<_>>());
    }
    let mut out = Vec::new();
    for (id, runs) in ids.iter().zip(&all) {
        let found =
            door.evaluate(runs).map_err(|e| format!("request {}: {e}", String::from_utf8_lossy(id)))?;
        out.extend_from_slice(b"{\"id\":");
        out.extend_from_slice(id);
        out.extend_from_slice(b",\"results\":[");
        for (at, result) in found.iter().enumerate() {
            out.extend_from_slice(if at == 0 { b"" } else { b"," });
            out.extend_from_slice(result.as_deref().unwrap_or(b"null"));
        }
        out.extend_from_slice(b"]}\n");
    }
    fs::write(results, out).map_err(|e| format!("cannot write {results}: {e}"))?;

    let mut fastest = Duration::MAX;
    for _ in 0..ROUNDS {
        let began = Instant::now();
        for runs in &all {
            door.evaluate(runs)?;
        }
        fastest = fastest.min(began.elapsed());
    }
    Ok(format!("{{\"requests\":{},\"ns\":{}}}", all.len(), fastest.as_nanos()))
}

/// The id as JSON, and the runs.
fn request(line: &[u8]) -> Outcome<(Vec<u8>, Vec<Owned>)> {
    // One level for the line and one for the list, so that a run keeps the depth it has on the wire.
    let line = json::parse_with_depth(line, json::MAX_DEPTH + 2, AllocRef::global())
        .map_err(|e| e.explain(line).to_string())?;
    let runs = line.get(b"runs").and_then(Object::as_array).ok_or("no list `runs`")?;
    let runs = runs.iter().map(|run| {
        let mut own = Owned::new(AllocRef::global());
        own.slot().copy_of(run).map_err(|e| e.to_string())?;
        Ok(own)
    });
    let mut id = Vec::new();
    json::write(line.get(b"id").ok_or("no `id`")?, &mut id);
    Ok((id, runs.collect::<Outcome<_>>()?))
}

fn read(path: &str) -> Outcome<Vec<u8>> {
    fs::read(Path::new(path)).map_err(|e| format!("cannot read {path}: {e}"))
}

/// A function of a loaded library, as the type that its header declares.
fn function<F: Copy>(library: &Library, name: &str) -> Outcome<F> {
    // SAFETY: callers name the type that the header declares for this name, and keep the library loaded.
    let symbol: Symbol<'_, F> = unsafe { library.get(name) }.map_err(|e| format!("no {name}: {e}"))?;
    Ok(*symbol)
}

/// A document as the wire reads it, so that a reader's limits are the same behind every door.
fn parse(text: &[u8]) -> Outcome<Owned> {
    parse_document(text, AllocRef::global()).map_err(|e| e.explain(text).to_string())
}
