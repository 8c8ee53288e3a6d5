//! The command line.

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::time::Duration;

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
    /// Compile rules into a bundle, which loads many times faster
    ///
    /// A bundle goes wherever a configuration goes: to `update` of any package, or to --rules. It belongs to this
    /// version of bartizan; another version says so and wants it built again. Rules of several files become one
    /// configuration.
    #[command(after_help = EXIT_CODES)]
    Build(Build),
    /// Evaluate requests, one JSON object per line
    ///
    /// A line is a map from address to value, or {"id": …, "runs": [map, …]} for several evaluations of one
    /// context. For a map, the result is printed, or null when nothing matched; for runs, {"id": …, "results": […]}.
    /// A line that cannot be evaluated gives {"error": …}.
    #[command(after_help = EXIT_CODES)]
    Eval(Eval),
    /// Look for inputs that make rules fire, that slip past them in disguise, and that cost the most work
    ///
    /// Inputs are made from the rules themselves: from their patterns, phrases, addresses and data. What makes a
    /// rule fire is then encoded, split and disguised, to see what the rule no longer catches and which
    /// transformer would let it. The same rules, seed and number of rounds give the same report. Requests are
    /// only evaluated here; nothing is sent anywhere.
    #[command(after_help = EXIT_CODES)]
    Fuzz(Fuzz),
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
pub(crate) struct Build {
    #[arg(value_name = "FILE", required = true, help = RULES)]
    pub(crate) files: Vec<PathBuf>,
    /// Where the bundle goes
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: PathBuf,
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

#[derive(Debug, clap::Args)]
pub(crate) struct Fuzz {
    #[arg(value_name = "FILE", required = true, help = RULES)]
    pub(crate) rules: Vec<PathBuf>,
    /// How long to search, such as 30s, 5m or 1h [default: 10s, or without end with --rounds]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) time: Option<Duration>,
    /// How many times to go over all rules [default: as often as there is time]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) rounds: Option<u64>,
    /// Where all chance comes from
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Print the report as JSON, with inputs whole
    #[arg(long)]
    pub(crate) json: bool,
    /// No progress
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" | "s" => 1.0,
        "ms" => 0.001,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        unit => return Err(format!("`{unit}` is no unit of time: use ms, s, m or h")),
    };
    let count: f64 = digits.parse().map_err(|_| format!("`{digits}` is no number"))?;
    Duration::try_from_secs_f64(count * unit).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::duration;
    use std::time::Duration;

    #[test]
    fn durations_have_units() {
        for (text, millis) in
            [("30s", 30_000), ("5", 5_000), ("1.5m", 90_000), ("250ms", 250), ("1h", 3_600_000)]
        {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "s", "5 s", "5d", "-1s", "1e300h"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
