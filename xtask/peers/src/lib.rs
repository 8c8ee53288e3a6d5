//! Two libraries of the ddwaf ABI side by side: cases from a seed, everything observable compared.
//!
//! `peers run --theirs LIBRARY --ours LIBRARY [--seed N] [--cases N] [--only feature,…]`
//! `peers validator DIR --ours LIBRARY [--wasm MODULE]`
//! `peers recommended REQUESTS --rules FILE --theirs LIBRARY --ours LIBRARY [--seed N] [--cases N]`
//! `peers replay FILE --theirs LIBRARY --ours LIBRARY`

mod abroad;
pub mod agreement;
mod books;
mod case;
mod compare;
mod deviation;
mod draft;
mod features;
mod fired;
mod library;
pub mod memory;
mod play;
pub mod random;
mod recommended;
mod shrink;
mod supervise;
mod taped;
#[cfg(feature = "validator")]
mod validator;
pub mod value;
mod work;

pub use taped::Taped;

use std::process::ExitCode;

/// What any step may fail with: a sentence for people.
type Outcome<T = ()> = Result<T, String>;

/// What the command line says.
#[derive(Clone, Default)]
struct Arguments {
    task: String,
    theirs: String,
    ours: String,
    seed: u64,
    cases: u64,
    first: u64,
    only: String,
    file: String,
    progress: String,
    wasm: String,
    rules: String,
    /// Show cases as they were generated.
    whole: bool,
}

const USAGE: &str = "usage: peers run|replay|validator|recommended [FILE] --theirs LIBRARY --ours LIBRARY [--seed N] [--cases N] [--only feature,…] [--whole]";

/// What the program does with its command line.
#[must_use]
pub fn main() -> ExitCode {
    let done = read(std::env::args().skip(1)).and_then(|arguments| match arguments.task.as_str() {
        "run" => supervise::run(&arguments),
        "work" => work::run(&arguments),
        #[cfg(feature = "validator")]
        "validator" => validator::run(&arguments),
        "recommended" => recommended::run(&arguments),
        "replay" => work::replay(&arguments),
        _ => Err(USAGE.to_owned()),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn read(mut words: impl Iterator<Item = String>) -> Outcome<Arguments> {
    let mut arguments =
        Arguments { task: words.next().ok_or(USAGE)?, seed: 1, cases: 100_000, ..Arguments::default() };
    while let Some(word) = words.next() {
        let mut next = || words.next().ok_or_else(|| format!("{word} needs a value; {USAGE}"));
        let number = |text: String| text.replace('_', "").parse().map_err(|e| format!("{text}: {e}"));
        match word.as_str() {
            "--theirs" => arguments.theirs = next()?,
            "--ours" => arguments.ours = next()?,
            "--rules" => arguments.rules = next()?,
            "--wasm" => arguments.wasm = next()?,
            "--seed" => arguments.seed = number(next()?)?,
            "--cases" => arguments.cases = number(next()?)?,
            "--first" => arguments.first = number(next()?)?,
            "--only" => arguments.only = next()?,
            "--whole" => arguments.whole = true,
            "--progress" => arguments.progress = next()?,
            _ if !word.starts_with('-') && arguments.file.is_empty() => arguments.file = word,
            _ => return Err(format!("unknown argument {word}; {USAGE}")),
        }
    }
    Ok(arguments)
}
