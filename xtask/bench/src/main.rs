//! What our library costs, held against the genuine one in the same run. `cargo xtask bench` starts it.

mod ddwaf;
mod dearest;
mod hosts;
mod load;
mod memory;
mod report;
mod rounds;
mod speed;
mod table;
mod traffic;
mod wire;

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use traffic::Class;

/// What any step may fail with: a sentence for people.
type Outcome<T = ()> = Result<T, String>;

#[derive(Parser)]
#[command(name = "bench", disable_version_flag = true)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Evaluate requests on both libraries in turns, after a check that both find the same
    Speed(Speed),
    /// Build and reload on both libraries in turns
    Load(Load),
    /// Seek the inputs that cost most for each byte
    Worst(Load),
    /// What instances and contexts of one library hold
    Memory(Memory),
    /// Two threads on one instance of one library
    Threads(Memory),
    /// The wasm module in hosts, our library and the genuine one in turns
    Wasm(Wasm),
    /// One table and a plot of what lies in a folder
    Report(Report),
    /// Evaluate the requests of one class once to warm up and once more, for a program that counts instructions
    Drive {
        #[arg(long)]
        library: String,
        #[arg(long)]
        rules: PathBuf,
        #[arg(long)]
        class: Class,
        #[command(flatten)]
        traffic: Traffic,
    },
}

/// Which requests.
#[derive(Args, Clone)]
struct Traffic {
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many of a hundred requests of each class
    #[arg(long, default_value_t = 100)]
    share: usize,
}

#[derive(Args)]
struct Speed {
    #[arg(long)]
    theirs: String,
    #[arg(long)]
    ours: String,
    #[arg(long)]
    rules: PathBuf,
    /// Classes of requests; all without this
    #[arg(long, value_delimiter = ',')]
    class: Vec<Class>,
    #[arg(long, default_value_t = 9)]
    rounds: usize,
    /// Where to write what was measured, as JSON
    #[arg(long)]
    out: PathBuf,
    #[command(flatten)]
    traffic: Traffic,
}

#[derive(Args)]
struct Load {
    #[arg(long)]
    theirs: String,
    #[arg(long)]
    ours: String,
    #[arg(long)]
    rules: PathBuf,
    #[arg(long, default_value_t = 15)]
    repetitions: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[arg(long)]
    out: PathBuf,
}

#[derive(Args)]
struct Wasm {
    #[arg(long)]
    theirs: String,
    #[arg(long)]
    ours: String,
    #[arg(long)]
    module: PathBuf,
    #[arg(long)]
    rules: PathBuf,
    /// Name and program of a host
    #[arg(long, value_name = "NAME=PROGRAM")]
    host: Vec<String>,
    #[arg(long, default_value_t = 15)]
    rounds: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[arg(long)]
    out: PathBuf,
}

#[derive(Args)]
struct Report {
    #[arg(long)]
    folder: PathBuf,
    /// Where a table is brought up to date too
    #[arg(long)]
    readme: Option<PathBuf>,
}

#[derive(Args)]
struct Memory {
    #[arg(long)]
    library: String,
    #[arg(long)]
    rules: PathBuf,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[arg(long)]
    out: PathBuf,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Speed(options) => speed::run(&options),
        Task::Load(options) => load::run(&options),
        Task::Worst(options) => dearest::run(&options),
        Task::Memory(options) => memory::run(&options),
        Task::Threads(options) => memory::threads(&options),
        Task::Wasm(options) => hosts::run(&options),
        Task::Report(options) => table::run(&options),
        Task::Drive { library, rules, class, traffic } => speed::drive(&library, &rules, class, &traffic),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn read(path: &std::path::Path) -> Outcome<String> {
    std::fs::read_to_string(path).map_err(|e| format!("cannot read {}: {e}", path.display()))
}

fn write(path: &std::path::Path, figures: &serde_json::Value) -> Outcome {
    write_text(path, &format!("{figures:#}\n"))
}

fn write_text(path: &std::path::Path, text: &str) -> Outcome {
    std::fs::write(path, text).map_err(|e| format!("cannot write {}: {e}", path.display()))
}
