//! `demo`: the same requests through every door, and through libddwaf, in one table.

use crate::build;
use crate::counts::Counts;
use crate::doors::{self, Door, Ran};
use crate::failure::{Failure, Outcome};
use crate::house::{House, read_text, write};
use crate::oracle::{self, Oracle};
use crate::results::{blanked, matches, typed, types, verdict};
use crate::tools::step;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Every request is sent this often: what is made on first use then hardly counts in the times.
const ROUNDS: usize = 10;

/// What is compared with libddwaf.
const COMPARISONS: usize = 2;

/// How many differing runs are shown in full.
const SHOWN: usize = 5;

pub(crate) fn run(house: &House) -> Outcome {
    build::build(house)?;
    let counts = show(house)?;
    if counts.failed == 0 {
        return Ok(());
    }
    Err(Failure::new(
        format!("{} of {} comparisons found differences", counts.failed, counts.total()),
        "the lines above",
        "evaluate the request with `dist/bartizan eval` and compare what the rule's condition sees",
    ))
}

/// The requests of the repository, and the same many times over.
struct Requests {
    /// For each run the id of its request and its place in it.
    runs: Vec<String>,
    count: usize,
    repeated: PathBuf,
}

struct Row {
    name: &'static str,
    ran: Ran,
    blanked: Vec<String>,
    events: usize,
    blocked: usize,
    /// Runs whose result was another in a later round.
    unsteady: usize,
}

/// Runs everything and prints the table and the comparison. Each of our doors is a count, that its results
/// are the first one's in every round; so is each comparison with libddwaf.
pub(crate) fn show(house: &House) -> Outcome<Counts> {
    let requests = Requests::read(house)?;
    let oracle = oracle::fetch(house);
    let rules = match &oracle {
        Ok(oracle) => vec![oracle.rules.clone()],
        Err(failure) => {
            println!(
                "    there are no recommended rules and no libddwaf to compare with, so our own packs it is\n    {failure}"
            );
            ["waf-starter", "business-logic"].map(|p| house.dist("packs").join(format!("{p}.json"))).to_vec()
        }
    };
    let shown: Vec<_> = rules.iter().map(|r| house.show(r)).collect();
    step(format!("{} requests, {ROUNDS} times, with {}", requests.count, shown.join(" and ")));
    let mut rows = Vec::new();
    for door in doors::ALL {
        rows.push(Row::of(door, house, &rules, &requests)?);
    }
    let ours = rows.len();
    if let Ok(oracle) = &oracle {
        println!("    libddwaf 2.1.0");
        let ran = doors::ddwaf(house, &oracle.library, &oracle.rules, &requests.repeated)?;
        rows.push(Row::new("libddwaf 2.1.0", ran, &requests));
    }
    let mut counts = table(&rows, ours, &requests);
    match &oracle {
        Ok(oracle) => counts += agreement(house, oracle, &rows, &requests)?,
        Err(_) => counts.skipped += COMPARISONS,
    }
    Ok(counts)
}

impl Requests {
    fn read(house: &House) -> Outcome<Self> {
        let path = house.path("host-examples/requests.ndjson");
        let text = read_text(&path)?;
        let mut runs = Vec::new();
        for (at, line) in text.lines().enumerate() {
            let request: Value = serde_json::from_str(line).unwrap_or_default();
            let (Some(id), Some(list)) = (request["id"].as_str(), request["runs"].as_array()) else {
                return Err(Failure::new(
                    "not a request: a line needs `id` and `runs`",
                    format!("{}:{}", house.show(&path), at + 1),
                    "mend the line",
                ));
            };
            runs.extend((1..=list.len()).map(|run| format!("{id}, run {run}")));
        }
        let repeated = house.path("target/demo/requests.ndjson");
        write(&repeated, text.repeat(ROUNDS).as_bytes())?;
        Ok(Requests { runs, count: text.lines().count(), repeated })
    }
}

impl Row {
    fn of(door: Door, house: &House, rules: &[PathBuf], requests: &Requests) -> Outcome<Self> {
        println!("    {}", door.name());
        Ok(Row::new(door.name(), door.run(house, rules, &requests.repeated)?, requests))
    }

    fn new(name: &'static str, mut ran: Ran, requests: &Requests) -> Self {
        let mut first: Vec<String> = ran.results.iter().map(|r| blanked(r)).collect();
        let later = first.split_off(requests.runs.len().min(first.len()));
        let unsteady = if later.len() == requests.runs.len() * (ROUNDS - 1) {
            later.chunks(requests.runs.len()).map(|round| unlike(&first, round).len()).sum()
        } else {
            later.len().abs_diff(requests.runs.len() * (ROUNDS - 1))
        };
        ran.results.truncate(requests.runs.len());
        let verdicts: Vec<_> = ran.results.iter().map(|r| verdict(r)).collect();
        Row {
            name,
            blanked: first,
            events: verdicts.iter().map(|(events, _)| events).sum(),
            blocked: verdicts.iter().filter(|(_, blocked)| *blocked).count(),
            unsteady,
            ran,
        }
    }
}

fn table(rows: &[Row], ours: usize, requests: &Requests) -> Counts {
    let mut counts = Counts::default();
    println!();
    println!(
        "  {:<26} {:>8} {:>7} {:>8} {:>15}  identical",
        "door", "requests", "events", "blocked", "µs per request"
    );
    for (at, row) in rows.iter().enumerate() {
        let unlike = unlike(&rows[0].blanked, &row.blanked).len();
        let identical = match (at, unlike, row.unsteady) {
            // libddwaf reports any one of several rules of a type; it is compared below.
            _ if at >= ours => "see below".to_owned(),
            (0, _, 0) => "(the others are compared with this)".to_owned(),
            (_, 0, 0) => "yes".to_owned(),
            (_, n, 0) => format!("NO: {n} runs differ"),
            (_, n, u) => format!("NO: {n} runs differ, {u} between rounds"),
        };
        let time = row.ran.ns_per_request as f64 / 1000.0;
        println!(
            "  {:<26} {:>8} {:>7} {:>8} {time:>15.1}  {identical}",
            row.name, requests.count, row.events, row.blocked
        );
        if at < ours {
            counts += Counts::of(unlike + row.unsteady == 0 && row.blanked.len() == requests.runs.len());
        }
    }
    println!(
        "\n  Times: a context, its runs and its end; mean of {ROUNDS} rounds. The request is at hand as objects for the"
    );
    println!(
        "  first two and libddwaf, as text for the third, and as the language's own values for the others."
    );
    for row in &rows[..ours] {
        for at in unlike(&rows[0].blanked, &row.blanked).into_iter().take(SHOWN) {
            let line = |r: &Row| r.blanked.get(at).map_or("(no result)", String::as_str).to_owned();
            let run = requests.runs.get(at).map_or("(one too many)", String::as_str);
            println!("\n  {run}:\n    {}: {}\n    {}: {}", rows[0].name, line(&rows[0]), row.name, line(row));
        }
    }
    counts
}

/// Where two lists differ, their lengths included.
fn unlike<T: PartialEq>(a: &[T], b: &[T]) -> Vec<usize> {
    (0..a.len().max(b.len())).filter(|at| a.get(*at) != b.get(*at)).collect()
}

/// Against libddwaf: every match with a type of its own per rule, and the types with the rules as they are.
fn agreement(house: &House, oracle: &Oracle, rows: &[Row], requests: &Requests) -> Outcome<Counts> {
    let rules = read_text(&oracle.rules)?;
    let all = typed(&rules).map_err(|e| {
        Failure::new(
            format!("the rules are not JSON: {e}"),
            house.show(&oracle.rules),
            "remove target/oracle and run again",
        )
    })?;
    let path = house.path("target/oracle/rules-typed.json");
    write(&path, all.as_bytes())?;
    let once = house.path("host-examples/requests.ndjson");
    let ask = |library: &Path| doors::ddwaf(house, library, &path, &once);
    let (theirs, ours) = (ask(&oracle.library)?, ask(&house.dist("libbartizan.so"))?);
    println!("\n  Agreement with libddwaf 2.1.0");
    let every = "matches (rule, address, key path, highlight), each rule with a type of its own";
    let mut counts = compare(every, &theirs, &ours, requests, matches);
    let genuine = rows.last().expect("libddwaf's row was just made");
    counts += compare("types that matched, rules as they are", &genuine.ran, &rows[0].ran, requests, types);
    Ok(counts)
}

fn compare(
    what: &str,
    theirs: &Ran,
    ours: &Ran,
    requests: &Requests,
    of: fn(&[u8]) -> BTreeSet<String>,
) -> Counts {
    let sets = |ran: &Ran| ran.results.iter().map(|r| of(r)).collect::<Vec<_>>();
    let (theirs, ours) = (sets(theirs), sets(ours));
    let unlike = unlike(&theirs, &ours);
    let total: usize = theirs.iter().map(BTreeSet::len).sum();
    println!("    {what}: {total} in {} runs, {} runs differ", theirs.len(), unlike.len());
    let empty = BTreeSet::new();
    for at in unlike.iter().take(SHOWN) {
        let (t, o) = (theirs.get(*at).unwrap_or(&empty), ours.get(*at).unwrap_or(&empty));
        println!("      {}", requests.runs.get(*at).map_or("(one too many)", String::as_str));
        for only in t.difference(o) {
            println!("        only libddwaf: {only}");
        }
        for only in o.difference(t) {
            println!("        only bartizan: {only}");
        }
    }
    Counts::of(unlike.is_empty())
}
