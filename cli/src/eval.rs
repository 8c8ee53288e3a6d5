//! `eval`: requests in, results out.

use crate::args::Eval;
use crate::finding::Report;
use crate::progress::Progress;
use crate::rules::Rules;
use crate::{End, IoError};
use bartizan_packs::Value;
use bartizan_wire::{Builder, Instance, Request};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

/// Several evaluations of one context; other keys are the author's own.
#[derive(Deserialize)]
struct Runs<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    runs: Vec<&'a RawValue>,
}

/// What happened, for the summary.
#[derive(Default)]
struct Tally {
    requests: u64,
    refused: u64,
    runs: u64,
    matched: u64,
    events: u64,
    blocked: u64,
    spent: Duration,
}

/// Loads rules and evaluates every line.
///
/// # Errors
/// A file cannot be read, or the output cannot be written.
pub(crate) fn run(args: &Eval) -> Result<End, IoError> {
    let Some(instance) = load(args)? else { return Ok(End::Refused) };
    let (input, bytes) = open(&args.input)?;
    let progress = Progress::new(bytes, args.quiet);
    let mut tally = Tally::default();
    let mut ids = args.entropy;
    let request = Request {
        now_s: args.now.unwrap_or_else(now),
        budget: args.budget.unwrap_or(u64::MAX),
        ..Request::default()
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let written = each_line(input, |line| {
        let request = Request { entropy: ids.unwrap_or_else(draw), ..request };
        ids = ids.map(|id| id.wrapping_add(1));
        let result = tally.line(&instance, line, request);
        progress.advance(line.len() + 1, tally.requests);
        out.write_all(&result)
    });
    let written = written.and_then(|()| out.flush());
    progress.end();
    match written {
        // Whoever reads has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(error) => return Err(IoError::new("reading requests or writing results", &error)),
        Ok(()) => {}
    }
    if !args.quiet {
        eprintln!("{}", tally.summary());
    }
    Ok(if tally.refused == 0 { End::Fine } else { End::Refused })
}

/// The instance of all rules; what is wrong with them goes to standard error.
fn load(args: &Eval) -> Result<Option<Instance>, IoError> {
    let mut builder = Builder::new();
    let mut refused = false;
    for rules in Rules::read_all(&args.rules)? {
        let report = Report::of(&rules, &mut builder);
        refused |= !report.accepted;
        if !report.is_fine() {
            eprint!("{report}");
        }
    }
    if refused {
        return Ok(None);
    }
    let instance = builder.build();
    if instance.is_none() {
        eprintln!("error: nothing in the rules would ever run");
    }
    Ok(instance)
}

fn open(path: &Path) -> Result<(Box<dyn BufRead>, Option<u64>), IoError> {
    if path.as_os_str() == "-" {
        return Ok((Box::new(BufReader::new(io::stdin())), None));
    }
    let file = File::open(path).map_err(|error| IoError::new(path.display(), &error))?;
    let bytes = file.metadata().ok().map(|m| m.len());
    Ok((Box::new(BufReader::new(file)), bytes))
}

/// Calls `f` with every line that holds something, without its end.
fn each_line(mut input: impl BufRead, mut f: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        if !text.trim_ascii().is_empty() {
            f(text)?;
        }
        line.clear();
    }
    Ok(())
}

impl Tally {
    /// Evaluates a line and gives the line to print, with its end.
    fn line(&mut self, instance: &Instance, line: &[u8], request: Request) -> Vec<u8> {
        self.requests += 1;
        let several = serde_json::from_slice::<Runs<'_>>(line).ok();
        let runs: Vec<&[u8]> = match &several {
            Some(several) => several.runs.iter().map(|run| run.get().as_bytes()).collect(),
            None => vec![line],
        };
        let began = Instant::now();
        let mut context = instance.context();
        let mut results = Vec::new();
        let mut outcome = Ok(());
        for run in runs {
            let mut result = Vec::new();
            match context.eval(run, request, &mut result) {
                Ok(matched) => results.push(matched.then_some(result)),
                Err(error) => {
                    outcome = Err(error.to_string());
                    break;
                }
            }
        }
        self.spent += began.elapsed();
        for result in &results {
            self.runs += 1;
            self.count(result.as_deref());
        }
        let id = several.as_ref().map(|several| several.id.map_or("null", RawValue::get));
        match outcome {
            Ok(()) => shown(id, &results),
            Err(error) => {
                self.refused += 1;
                eprintln!("request {}: {error}", self.requests);
                refusal(id, &error)
            }
        }
    }

    fn count(&mut self, result: Option<&[u8]>) {
        let Some(result) = result.and_then(|result| Value::from_json(result).ok()) else { return };
        self.matched += 1;
        self.events += result.get("events").and_then(Value::as_array).map_or(0, |events| events.len() as u64);
        let actions = result.get("actions").and_then(Value::as_map).unwrap_or_default();
        let blocks = actions.iter().any(|(kind, _)| kind == "block_request" || kind == "redirect_request");
        self.blocked += u64::from(blocks);
    }

    fn summary(&self) -> String {
        let each = self.spent.as_nanos() / u128::from(self.requests.max(1));
        format!(
            "{} requests ({} refused), {} evaluations: {} matched, {} events, {} to block; {}.{:03} µs per request",
            self.requests,
            self.refused,
            self.runs,
            self.matched,
            self.events,
            self.blocked,
            each / 1000,
            each % 1000
        )
    }
}

fn shown(id: Option<&str>, results: &[Option<Vec<u8>>]) -> Vec<u8> {
    let one = |result: &Option<Vec<u8>>| result.clone().unwrap_or_else(|| b"null".to_vec());
    let mut out = match id {
        None => results.first().map_or_else(|| b"null".to_vec(), one),
        Some(id) => {
            let results: Vec<Vec<u8>> = results.iter().map(one).collect();
            [format!(r#"{{"id":{id},"results":["#).as_bytes(), &results.join(&b','), b"]}"].concat()
        }
    };
    out.push(b'\n');
    out
}

fn refusal(id: Option<&str>, error: &str) -> Vec<u8> {
    let error = Value::from(error).to_json();
    let id = id.map_or_else(String::new, |id| format!(r#""id":{id},"#));
    [b"{", id.as_bytes(), br#""error":"#, &error, b"}\n"].concat()
}

fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn draw() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    // Keys of the standard library's hasher are drawn from the operating system.
    std::collections::hash_map::RandomState::new().build_hasher().finish()
}
