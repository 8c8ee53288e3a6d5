//! Runs requests through one door of the engine and writes what came out, one line per request.
//!
//! `doors DOOR LIBRARY RULES REQUESTS RESULTS`: DOOR is `ddwaf` or `wire`. RESULTS gets one result
//! document per request, `null` where nothing matched. Standard output gets `{"requests":N,"ns":N}`: the
//! time of the fastest of several rounds over all requests.

mod ddwaf;
mod wire;

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
    /// A request as this door takes it.
    type Request;

    fn prepare(&self, json: &[u8]) -> Outcome<Self::Request>;

    /// One request in a context of its own; the result document as JSON when something matched.
    fn evaluate(&self, request: &Self::Request) -> Outcome<Option<Vec<u8>>>;
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
        return Err("usage: doors ddwaf|wire LIBRARY RULES REQUESTS RESULTS".to_owned());
    };
    let rules = read(rules)?;
    let requests = read(requests)?;
    match door.as_str() {
        "ddwaf" => through(&ddwaf::Library::open(library, &rules)?, &requests, results),
        "wire" => through(&wire::Library::open(library, &rules)?, &requests, results),
        other => Err(format!("no door `{other}`; there are ddwaf and wire")),
    }
}

fn through<D: Door>(door: &D, requests: &[u8], results: &str) -> Outcome<String> {
    let lines = requests.split(|b| *b == b'\n').filter(|l| !l.is_empty());
    let requests = lines.map(|l| door.prepare(l)).collect::<Outcome<Vec<_>>>()?;
    let mut out = Vec::new();
    for (at, request) in requests.iter().enumerate() {
        let result = door.evaluate(request).map_err(|e| format!("request {}: {e}", at + 1))?;
        out.extend_from_slice(result.as_deref().unwrap_or(b"null"));
        out.push(b'\n');
    }
    fs::write(results, out).map_err(|e| format!("cannot write {results}: {e}"))?;

    let mut fastest = Duration::MAX;
    for _ in 0..ROUNDS {
        let began = Instant::now();
        for request in &requests {
            door.evaluate(request)?;
        }
        fastest = fastest.min(began.elapsed());
    }
    Ok(format!("{{\"requests\":{},\"ns\":{}}}", requests.len(), fastest.as_nanos()))
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
