//! `cargo xtask`: everything a contributor or CI does with this repository.
//!
//! One command per module; CI contains nothing else.

mod build;
mod failure;
mod house;
mod tidy;
mod tools;

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
    /// Hold the tree against the rules that no compiler checks: layers, sizes, words, unsafe, links
    Tidy,
}

fn main() -> ExitCode {
    let task = Arguments::parse().task;
    let house = house::House::here();
    let done = match task {
        Task::Build => build::run(&house),
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
