//! `cargo xtask`: everything a contributor or CI does with this repository.
//!
//! One command per module; CI contains nothing else.

mod bench;
mod build;
mod clients;
mod counts;
mod ddtrace;
mod demo;
mod doors;
mod failure;
mod fuzz;
mod go;
mod house;
mod node;
mod npm;
mod oracle;
mod peers;
mod php;
mod results;
mod shop;
mod spec;
mod stage;
mod test;
mod tidy;
mod tools;
mod wheel;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Build, show and check bartizan.", disable_version_flag = true)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Leave everything that ships in dist/, and check its sizes and exported names
    Build,
    /// Run the same requests through every door and through libddwaf, and print a table
    Demo,
    /// Run every test there is; ends with one line of counts
    Test,
    /// Run the shared corpus through every door, or build it
    Spec(spec::Options),
    /// Hunt with fuzz targets on nightly; findings are made small and left in fuzz/regressions
    Fuzz(fuzz::Options),
    /// Hold the tree against the rules that no compiler checks: layers, sizes, words, unsafe, links
    Tidy,
    /// Run a Flask application under ddtrace with our library in the place of libddwaf, and compare its spans
    Ddtrace,
    /// Run clients of libddwaf on their own library and on ours, and compare: the Go binding's tests, then ddtrace
    Clients {
        /// The Go binding's tests alone
        #[arg(long)]
        go: bool,
    },
    /// Measure what our library costs against the genuine one, in one run
    Bench(bench::Options),
    /// Open the example shops, and play the same session and the same drill against each
    Shop,
    /// The npm package alone: build it, test it, measure it, soak it
    Node {
        #[command(subcommand)]
        task: node::Task,
    },
    /// The Go package of dist/ alone: measure it, soak it
    Go {
        #[command(subcommand)]
        task: stage::Task,
    },
    /// The Composer package of dist/ alone: measure it, soak it
    Php {
        #[command(subcommand)]
        task: stage::Task,
    },
    /// Hold our library against the genuine one: generated cases, the published suite, the recommended rules
    Peers(peers::Peers),
}

fn main() -> ExitCode {
    let task = Arguments::parse().task;
    let house = house::House::here();
    let done = match task {
        Task::Build => build::run(&house),
        Task::Demo => demo::run(&house),
        Task::Test => test::run(&house),
        Task::Spec(options) => spec::run(&house, &options),
        Task::Fuzz(options) => fuzz::run(&house, &options),
        Task::Ddtrace => build::build(&house).and_then(|()| ddtrace::run(&house)),
        Task::Bench(options) => bench::run(&house, &options),
        Task::Shop => shop::run(&house),
        Task::Go { task } => go::run(&house, &task),
        Task::Php { task } => php::run(&house, &task),
        Task::Node { task } => node::run(&house, &task),
        Task::Peers(peers) => peers::run(&house, &peers),
        Task::Clients { go } => build::build(&house).and_then(|()| clients::run(&house, go)),
        Task::Tidy => tidy::run(&house),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nerror: {failure}");
            ExitCode::FAILURE
        }
    }
}
