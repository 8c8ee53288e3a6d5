//! The wasm module in a host against our own library and the genuine one, in short turns: a host is a program of
//! xtask/bench/hosts that plays one pass when it reads a line.

use crate::ddwaf::{Library, Objects};
use crate::rounds::Times;
use crate::traffic::{Class, Request, requests};
use crate::wire::Wire;
use crate::{Outcome, Wasm, read, write, write_text};
use serde_json::{Map, Value as Json, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

struct Host {
    child: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Host {
    fn start(command: &str, arguments: &[&str]) -> Outcome<Self> {
        let mut words = command.split_whitespace();
        let program = words.next().ok_or("a host without a program")?;
        let mut child = Command::new(program)
            .args(words)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| format!("cannot start {program}: {e}"))?;
        let (Some(ask), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(format!("{program} has no pipes"));
        };
        let mut host = Host { child, ask, answers: BufReader::new(answers) };
        match host.line()?.as_str() {
            "ready" => Ok(host),
            other => Err(format!("{program} said {other}")),
        }
    }

    fn line(&mut self) -> Outcome<String> {
        let mut line = String::new();
        self.answers.read_line(&mut line).map_err(|e| format!("a host is gone: {e}"))?;
        Ok(line.trim().to_owned())
    }

    /// Nanoseconds by request.
    fn pass(&mut self) -> Outcome<Vec<u64>> {
        writeln!(self.ask).map_err(|e| format!("a host is gone: {e}"))?;
        serde_json::from_str(&self.line()?).map_err(|e| format!("a host gave no times: {e}"))
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // It ends by itself when nobody asks any more; one that is stuck must not outlive us.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn run(options: &Wasm) -> Outcome {
    let rules = read(&options.rules)?;
    let drawn = requests(Class::Benign, options.seed, 20);
    let documents: Vec<Vec<Vec<u8>>> = drawn.iter().map(documents).collect();
    let folder = options.out.parent().ok_or("a file without a folder")?;
    let path = folder.join("documents.ndjson");
    let lines: Vec<String> = documents.iter().map(|calls| line(calls)).collect();
    write_text(&path, &(lines.join("\n") + "\n"))?;
    let objects: Vec<Objects> = drawn.iter().map(Objects::of).collect();
    let library = Library::open(&options.theirs)?;
    let theirs = library.load(&rules)?;
    let ours = Wire::open(&options.ours, &rules)?;
    let mut figures = Map::new();
    for host in &options.host {
        let (name, command) = host.split_once('=').ok_or("a host is NAME=PROGRAM")?;
        let files = [&options.module, &options.rules, &path].map(|p| p.display().to_string());
        let mut host = Host::start(command, &files.each_ref().map(String::as_str))?;
        let mut times = [const { Vec::new() }; 3];
        // Compilers that learn while code runs get some rounds to do so.
        const WARM: usize = 5;
        for round in 0..WARM + options.rounds {
            let mut room = Vec::new();
            for turn in 0..3 {
                let side = (round + turn) % 3;
                let ns = match side {
                    0 => host.pass()?,
                    1 => each(&documents, |calls| ours.play(calls, &mut room))?,
                    _ => each(&objects, |objects| {
                        theirs.play(objects);
                        Ok(())
                    })?,
                };
                if round >= WARM {
                    times[side].push(ns);
                }
            }
        }
        let [module, native, genuine] = times.map(|rounds| Times::of(rounds).best());
        eprintln!(
            "    {name}: {:.1} us in wasm, {:.1} us native, {:.1} us theirs; {:.2} times native, {:.1} times faster than theirs",
            module / 1e3,
            native / 1e3,
            genuine / 1e3,
            module / native,
            genuine / module
        );
        figures
            .insert(name.to_owned(), json!({"wasm ns": module, "native ns": native, "theirs ns": genuine}));
    }
    write(&options.out, &Json::Object(figures))
}

fn each<T>(requests: &[T], mut play: impl FnMut(&T) -> Outcome) -> Outcome<Vec<u64>> {
    let mut times = Vec::with_capacity(requests.len());
    for request in requests {
        let began = Instant::now();
        play(request)?;
        times.push(began.elapsed().as_nanos() as u64);
    }
    Ok(times)
}

fn documents(request: &Request) -> Vec<Vec<u8>> {
    request.calls.iter().map(|call| plain(&call.data).to_string().into_bytes()).collect()
}

fn line(calls: &[Vec<u8>]) -> String {
    let calls: Vec<_> = calls.iter().map(|call| String::from_utf8_lossy(call)).collect();
    format!("[{}]", calls.join(","))
}

/// JSON without the notation of peers: what a tracer's encoder writes.
fn plain(value: &bartizan_peers::value::Value) -> Json {
    use bartizan_peers::value::Value;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match value {
        Value::Invalid | Value::Null => Json::Null,
        Value::Bool(value) => json!(value),
        Value::Signed(value) => json!(value),
        Value::Unsigned(value) => json!(value),
        Value::Float(value) => json!(value),
        Value::String(value) => json!(text(&value.bytes)),
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Map(entries) => {
            entries.iter().map(|(key, value)| (text(&key.bytes), plain(value))).collect::<Map<_, _>>().into()
        }
    }
}
