//! Evaluates requests through a door that a Rust program can open, like the programs in host-examples.
//!
//! `doors native|ddwaf|wire --engine LIBRARY --rules FILE… --requests FILE`; `native` looks at no library.
//! A line of the requests is `{"id":…,"runs":[…]}`: evaluations of one context, each a map from address to
//! value. Standard output gets a line for each run: the result document, or `null` where nothing matched.
//! Standard error gets a summary as JSON.

mod ddwaf;
mod native;
mod wire;

use bartizan_object::{AllocRef, Object, Owned, json, parse_document};
use libloading::{Library, Symbol};
use std::fs;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// What any step may fail with: a sentence for people.
type Outcome<T> = Result<T, String>;

/// What the doors that take them get as time and randomness, as the host examples do by default.
const NOW_S: u64 = 1_800_000_000;
const ENTROPY: u64 = 1;

/// One way into the engine, with rules loaded.
trait Door {
    /// The data of one run as a program that uses this door has it.
    type Run;

    fn prepare(&self, run: Owned) -> Self::Run;

    /// The runs of one request in a context of its own: for each the result document as JSON when
    /// something matched.
    fn evaluate(&self, runs: &[Self::Run]) -> Outcome<Vec<Option<Vec<u8>>>>;
}

/// A ruleset and the path it is loaded under.
struct Rules {
    path: String,
    text: Vec<u8>,
}

fn main() -> ExitCode {
    match run(std::env::args().skip(1)) {
        Ok(summary) => {
            eprintln!("{summary}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut arguments: impl Iterator<Item = String>) -> Outcome<String> {
    let usage = "usage: doors native|ddwaf|wire --engine LIBRARY --rules FILE… --requests FILE";
    let door = arguments.next().ok_or(usage)?;
    let (mut engine, mut rules, mut requests) = (String::new(), Vec::new(), Vec::new());
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or(usage)?;
        match name.as_str() {
            "--engine" => engine = value,
            "--rules" => rules.push(Rules { text: read(&value)?, path: value }),
            "--requests" => requests = read(&value)?,
            _ => return Err(usage.to_owned()),
        }
    }
    match door.as_str() {
        "native" => through(&native::Native::load(&rules)?, &requests),
        "ddwaf" => through(&ddwaf::Library::open(&engine, &rules)?, &requests),
        "wire" => through(&wire::Library::open(&engine, &rules)?, &requests),
        _ => Err(usage.to_owned()),
    }
}

fn through<D: Door>(door: &D, requests: &[u8]) -> Outcome<String> {
    let mut out = BufWriter::new(io::stdout().lock());
    let (mut count, mut spent) = (0u32, Duration::ZERO);
    for line in requests.split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
        count += 1;
        let runs = runs(line).map_err(|e| format!("request {count}: {e}"))?;
        let runs: Vec<_> = runs.into_iter().map(|run| door.prepare(run)).collect();
        let began = Instant::now();
        let found = door.evaluate(&runs).map_err(|e| format!("request {count}: {e}"))?;
        spent += began.elapsed();
        for result in found {
            let line = result.as_deref().unwrap_or(b"null");
            out.write_all(line)
                .and_then(|()| out.write_all(b"\n"))
                .map_err(|e| format!("cannot print: {e}"))?;
        }
    }
    out.flush().map_err(|e| format!("cannot print: {e}"))?;
    Ok(format!("{{\"requests\":{count},\"ns per request\":{}}}", (spent / count.max(1)).as_nanos()))
}

/// The runs of a request.
fn runs(line: &[u8]) -> Outcome<Vec<Owned>> {
    // One level for the line and one for the list, so that a run keeps the depth it has on the wire.
    let line = json::parse_with_depth(line, json::MAX_DEPTH + 2, AllocRef::global())
        .map_err(|e| e.explain(line).to_string())?;
    let runs = line.get(b"runs").and_then(Object::as_array).ok_or("no list `runs`")?;
    let own = |run| {
        let mut own = Owned::new(AllocRef::global());
        own.slot().copy_of(run).map_err(|e| e.to_string())?;
        Ok(own)
    };
    runs.iter().map(own).collect()
}

fn read(path: &str) -> Outcome<Vec<u8>> {
    fs::read(path).map_err(|e| format!("cannot read {path}: {e}"))
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
