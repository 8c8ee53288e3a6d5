//! `fuzz`: what rules catch, what they miss, and what that costs.
//!
//! Inputs are made from the rules: from a pattern the texts that it matches, from a list its phrases, for a detector a
//! parameter and the resource it was brought into; encoded by what the transformers decode, and put where the condition
//! looks. Conditions are asked one by one, and the work units that a rule takes show when an input leads it into a state
//! that is new, so that what is promising is changed further.

mod bait;
mod disguise;
mod pattern;
mod report;
mod request;
mod search;
mod subject;

use crate::args::Fuzz;
use crate::finding::Report;
use crate::progress::Progress;
use crate::rules::Rules;
use crate::{End, IoError};
use bartizan_wire::Builder;
use search::Search;
use serde_json::Value as Json;
use std::io::{self, Write};
use std::time::{Duration, Instant};

/// How long a search takes that nobody limits.
const TIME: Duration = Duration::from_secs(10);

/// Searches, and prints a report for people or as JSON.
///
/// # Errors
/// A file cannot be read, or the output cannot be written.
pub(crate) fn run(args: &Fuzz) -> Result<End, IoError> {
    let Some(configs) = load(args)? else { return Ok(End::Refused) };
    let Some(mut search) = Search::new(&configs, args.seed) else {
        eprintln!("error: nothing in the rules would ever run");
        return Ok(End::Refused);
    };
    let began = Instant::now();
    let time = args.time.or_else(|| args.rounds.is_none().then_some(TIME));
    let progress = Progress::of_time(time, args.quiet);
    let has_time = || time.is_none_or(|time| began.elapsed() < time);
    while has_time() && args.rounds.is_none_or(|rounds| search.rounds < rounds) {
        search.round(|search| {
            progress.at(began.elapsed(), || report::status(search));
            has_time()
        });
    }
    progress.end();
    let report = report::Report::new(&search, args.seed, began.elapsed());
    let text = if args.json { report.to_json() } else { report.to_string() };
    io::stdout().write_all(text.as_bytes()).map_err(|error| IoError::new("standard output", &error))?;
    Ok(End::Fine)
}

/// The configurations; what is wrong with them goes to standard error.
fn load(args: &Fuzz) -> Result<Option<Vec<Json>>, IoError> {
    let mut builder = Builder::new();
    let mut configs = Vec::new();
    let mut is_refused = false;
    for rules in Rules::read_all(&args.rules)? {
        let report = Report::of(&rules, &mut builder);
        is_refused |= !report.accepted;
        if !report.is_fine() {
            eprint!("{report}");
        }
        configs.extend(rules.json.ok().and_then(|json| serde_json::from_slice(&json).ok()));
    }
    Ok((!is_refused).then_some(configs))
}
