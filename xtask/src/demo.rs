//! `demo`: the same requests through every door, and through libddwaf, in one table.

use crate::build;
use crate::doors::{self, Ran};
use crate::failure::{Failure, Outcome};
use crate::house::{House, read_text, write};
use crate::oracle;
use crate::results::{blanked, matches, typed, types, verdict};
use crate::tools::step;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// How many differing requests are shown in full.
const SHOWN: usize = 5;

pub(crate) fn run(house: &House) -> Outcome {
    build::build(house)?;
    let rules = match oracle::fetch(house) {
        Ok(oracle) => Rules::Recommended(oracle),
        Err(failure) => {
            println!(
                "    no recommended rules and no libddwaf to compare with; going on with our packs\n    {failure}"
            );
            Rules::Packs(house.dist("packs/waf-starter.json"))
        }
    };
    let differing = show(house, &rules)?;
    if differing == 0 {
        return Ok(());
    }
    Err(Failure::new(
        format!("{differing} results differ between doors, or from libddwaf"),
        "the lines above",
        "evaluate the request with `dist/bartizan eval` and compare what the rule's condition sees",
    ))
}

/// What is loaded, and what it is compared with.
pub(crate) enum Rules {
    Recommended(oracle::Oracle),
    Packs(PathBuf),
}

/// Runs everything, prints the table and the comparison, and gives the number of differences.
pub(crate) fn show(house: &House, rules: &Rules) -> Outcome<usize> {
    let requests = house.path("host-examples/requests.ndjson");
    let path = match rules {
        Rules::Recommended(oracle) => &oracle.rules,
        Rules::Packs(path) => path,
    };
    step(format!("running {} with the rules {}", house.show(&requests), house.show(path)));
    let mut rows = Vec::new();
    for door in doors::all() {
        println!("    {}", door.name());
        rows.push(Row::new(door.name(), door.run(house, path, &requests)?));
    }
    let ours = rows.len();
    if let Rules::Recommended(oracle) = rules {
        println!("    libddwaf 2.1.0");
        rows.push(Row::new("libddwaf 2.1.0", doors::ddwaf(house, &oracle.library, path, &requests)?));
    }
    let mut differing = table(&rows, ours);
    if let Rules::Recommended(oracle) = rules {
        differing += agreement(house, oracle, &rows, &requests)?;
    }
    Ok(differing)
}

struct Row {
    name: &'static str,
    ran: Ran,
    blanked: Vec<String>,
    events: usize,
    blocked: usize,
}

impl Row {
    fn new(name: &'static str, ran: Ran) -> Self {
        let verdicts: Vec<_> = ran.results.iter().map(|r| verdict(r)).collect();
        Row {
            name,
            blanked: ran.results.iter().map(|r| blanked(r)).collect(),
            events: verdicts.iter().map(|(events, _)| events).sum(),
            blocked: verdicts.iter().filter(|(_, blocked)| *blocked).count(),
            ran,
        }
    }
}

/// Gives the number of results of ours that are not the first row's.
fn table(rows: &[Row], ours: usize) -> usize {
    let mut differing = 0;
    println!();
    println!(
        "  {:<28} {:>9} {:>8} {:>8} {:>14}  identical",
        "door", "requests", "events", "blocked", "µs per request"
    );
    for (at, row) in rows.iter().enumerate() {
        let count = row.ran.results.len();
        let time = row.ran.ns as f64 / 1000.0 / count.max(1) as f64;
        let unlike = unlike(&rows[0].blanked, &row.blanked);
        let identical = match (at, unlike.len()) {
            (0, _) => "the measure".to_owned(),
            // libddwaf reports any one of several rules of a type; it is compared below.
            _ if at >= ours => "see below".to_owned(),
            (_, 0) => "yes".to_owned(),
            (_, n) => format!("NO, {n} differ"),
        };
        println!(
            "  {:<28} {count:>9} {:>8} {:>8} {time:>14.1}  {identical}",
            row.name, row.events, row.blocked
        );
        differing += if at < ours { unlike.len() } else { 0 };
    }
    println!(
        "  The time is what a program pays that has the request at hand: for native and C as objects, for"
    );
    println!(
        "  the others as JSON text. Every request has a context of its own; the fastest of several rounds counts."
    );
    for row in &rows[..ours] {
        for at in unlike(&rows[0].blanked, &row.blanked).into_iter().take(SHOWN) {
            let line = |r: &Row| r.blanked.get(at).map_or("(no result)", String::as_str).to_owned();
            println!(
                "\n  request {}:\n    {}: {}\n    {}: {}",
                at + 1,
                rows[0].name,
                line(&rows[0]),
                row.name,
                line(row)
            );
        }
    }
    differing
}

/// Where two lists differ, their lengths included.
fn unlike<T: PartialEq>(a: &[T], b: &[T]) -> Vec<usize> {
    (0..a.len().max(b.len())).filter(|at| a.get(*at) != b.get(*at)).collect()
}

/// Against libddwaf: every match with a type of its own per rule, and the types with the rules as they are.
fn agreement(house: &House, oracle: &oracle::Oracle, rows: &[Row], requests: &Path) -> Outcome<usize> {
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
    let theirs = doors::ddwaf(house, &oracle.library, &path, requests)?;
    let ours = doors::ddwaf(house, &house.dist("libbartizan.so"), &path, requests)?;
    println!("\n  Agreement with libddwaf 2.1.0");
    let every = compare(
        "matches (rule, address, key path, highlight), each rule with a type of its own",
        &theirs,
        &ours,
        matches,
    );
    let genuine = rows.last().expect("libddwaf's row was just made");
    let types = compare("types that matched, rules as they are", &genuine.ran, &rows[0].ran, types);
    Ok(every + types)
}

fn compare(what: &str, theirs: &Ran, ours: &Ran, of: fn(&str) -> BTreeSet<String>) -> usize {
    let sets = |ran: &Ran| ran.results.iter().map(|r| of(r)).collect::<Vec<_>>();
    let (theirs, ours) = (sets(theirs), sets(ours));
    let unlike = unlike(&theirs, &ours);
    let total: usize = theirs.iter().map(BTreeSet::len).sum();
    println!(
        "    {what}: {} of {} requests agree, {total} in all",
        theirs.len() - unlike.len().min(theirs.len()),
        theirs.len()
    );
    let empty = BTreeSet::new();
    for at in unlike.iter().take(SHOWN) {
        let (t, o) = (theirs.get(*at).unwrap_or(&empty), ours.get(*at).unwrap_or(&empty));
        println!("      request {}", at + 1);
        for only in t.difference(o) {
            println!("        only libddwaf: {only}");
        }
        for only in o.difference(t) {
            println!("        only bartizan: {only}");
        }
    }
    unlike.len()
}
