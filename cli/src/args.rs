//! The command line.

use clap::{Parser, Subcommand};
use std::path::PathBuf;

const EXIT_CODES: &str = "\
Exit codes:
  0  everything was fine
  1  something was refused or has findings: a rule, a ruleset, a request
  2  the command line is wrong
  3  a file cannot be read or written";

const RULES: &str = "A ruleset as JSON or YAML, or the directory of a rule pack";

/// Checks rules and evaluates requests.
#[derive(Debug, Parser)]
#[command(version, about, after_help = EXIT_CODES, propagate_version = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say what is wrong with rules, where, and what to do about it
    #[command(after_help = EXIT_CODES)]
    Check(Check),
    /// Evaluate requests, one JSON object per line
    ///
    /// A line is a map from address to value, or {"id": …, "runs": [map, …]} for several evaluations of one
    /// context. For a map, the result is printed, or null when nothing matched; for runs, {"id": …, "results": […]}.
    /// A line that cannot be evaluated gives {"error": …}.
    #[command(after_help = EXIT_CODES)]
    Eval(Eval),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    #[arg(value_name = "FILE", required = true, help = RULES)]
    pub(crate) files: Vec<PathBuf>,
    /// Print findings as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Eval {
    #[arg(long, short, value_name = "FILE", required = true, num_args = 1.., help = RULES)]
    pub(crate) rules: Vec<PathBuf>,
    /// Requests, one per line; - is standard input
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    pub(crate) input: PathBuf,
    /// Seconds since 1970, for data that expires [default: the clock]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) now: Option<u64>,
    /// A number that ids are made from; the same number gives the same ids [default: drawn]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) entropy: Option<u64>,
    /// Work units for each evaluation [default: no limit]
    #[arg(long, value_name = "UNITS")]
    pub(crate) budget: Option<u64>,
    /// Neither progress nor summary
    #[arg(long, short)]
    pub(crate) quiet: bool,
}
