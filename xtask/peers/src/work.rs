//! Playing cases on both libraries, in a process that a crash may end.

use crate::case::Case;
use crate::compare::{Difference, differences};
use crate::deviation::{explain, is_playable};
use crate::features::{self, ALL, Feature};
use crate::fired::Fired;
use crate::library::Library;
use crate::play::play;
use crate::shrink::shrink;
use crate::{Arguments, Outcome};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

/// How often one kind of difference is shrunk and shown.
const SHOWN_PER_KIND: u64 = 2;

/// Plays cases `first..cases` and prints, a JSON document per line, what is found.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let mut pair = Pair::open(arguments)?;
    let chosen = chosen(&arguments.only)?;
    let progress = File::create(&arguments.progress).map_err(|e| format!("cannot write progress: {e}"))?;
    let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
    for number in arguments.first..arguments.cases {
        progress.write_at(&number.to_le_bytes(), 0).map_err(|e| format!("cannot write progress: {e}"))?;
        let case = features::case(&chosen, arguments.seed, number);
        let found = pair.hold(&case, true);
        if !found.is_empty() {
            let kind = kind(&case, &found);
            let count = kinds.entry(kind.clone()).or_default();
            *count += 1;
            if *count <= SHOWN_PER_KIND {
                let small = shrink(&case, |case| {
                    if arguments.whole || !is_playable(case) {
                        return false;
                    }
                    let found = pair.hold(case, false);
                    !found.is_empty() && self::kind(case, &found) == kind
                });
                let found = pair.hold(&small, false);
                say(
                    &json!({"finding": kind, "number": number, "case": small.to_json(), "differences": shown(&found)}),
                );
            } else {
                say(&json!({"again": kind}));
            }
        }
        if (number + 1) % 1000 == 0 || number + 1 == arguments.cases {
            pair.report(number + 1);
        }
    }
    Ok(())
}

/// Plays the case of a file and prints both answers to each step, and what differs.
pub(crate) fn replay(arguments: &Arguments) -> Outcome {
    let pair = Pair::open(arguments)?;
    let text = std::fs::read_to_string(&arguments.file)
        .map_err(|e| format!("cannot read {}: {e}", arguments.file))?;
    let json: serde_json::Value = serde_json::from_str(&text).map_err(|e| format!("not JSON: {e}"))?;
    // A finding as it was printed, or the case alone.
    let case = Case::from_json(json.get("case").unwrap_or(&json))?;
    let (theirs, ours) = (play(&case, &pair.theirs), play(&case, &pair.ours));
    let json = case.to_json();
    for (at, (theirs, ours)) in theirs.iter().zip(&ours).enumerate() {
        println!("step {at}: {}", json["steps"][at]);
        println!("  theirs: {}", theirs.to_json());
        println!("  ours:   {}", ours.to_json());
    }
    let found = differences(&case, &theirs, &ours);
    for (difference, explained) in found.iter().zip(explain(&case, &theirs, &found)) {
        let name = explained.map_or("NOT EXPLAINED".to_owned(), |name| format!("deviation: {name}"));
        println!("difference at step {}, {}: {name}", difference.step, difference.part);
    }
    println!("{} differences", found.len());
    Ok(())
}

/// The features asked for; all of them when none is named.
pub(crate) fn chosen(only: &str) -> Outcome<Vec<Feature>> {
    let names: Vec<&str> = only.split(',').filter(|name| !name.is_empty()).collect();
    if let Some(name) = names.iter().find(|name| ALL.iter().all(|(known, _)| known != *name)) {
        let known: Vec<_> = ALL.iter().map(|(name, _)| *name).collect();
        return Err(format!("no feature {name}; there are {}", known.join(", ")));
    }
    Ok(ALL.into_iter().filter(|(name, _)| names.is_empty() || names.contains(name)).collect())
}

/// Both libraries, and what was counted of them.
pub(crate) struct Pair {
    theirs: Library,
    ours: Library,
    fired: Fired,
    deviations: BTreeMap<String, u64>,
    spent: [Duration; 2],
}

impl Pair {
    fn open(arguments: &Arguments) -> Outcome<Self> {
        Self::of(Library::open(&arguments.theirs)?, Library::open(&arguments.ours)?)
    }

    pub(crate) fn of(theirs: Library, ours: Library) -> Outcome<Self> {
        for library in [&theirs, &ours] {
            if !library.version().starts_with("2.") {
                return Err(format!("a library of version {}", library.version()));
            }
        }
        Ok(Pair {
            theirs,
            ours,
            fired: Fired::default(),
            deviations: BTreeMap::new(),
            spent: Default::default(),
        })
    }

    /// The differences that nothing explains.
    pub(crate) fn hold(&mut self, case: &Case, counts: bool) -> Vec<Difference> {
        let began = Instant::now();
        let theirs = play(case, &self.theirs);
        let between = Instant::now();
        let ours = play(case, &self.ours);
        if counts {
            self.spent[0] += between - began;
            self.spent[1] += between.elapsed();
            self.fired.see(case, &theirs);
        }
        let found = differences(case, &theirs, &ours);
        let explained = explain(case, &theirs, &found);
        let mut rest = Vec::new();
        for (difference, name) in found.into_iter().zip(explained) {
            match name {
                Some(name) if counts => *self.deviations.entry(name.to_owned()).or_default() += 1,
                Some(_) => {}
                None => rest.push(difference),
            }
        }
        rest
    }

    /// Says what was counted since the last time.
    fn report(&mut self, done: u64) {
        let fired = std::mem::take(&mut self.fired).counts;
        let deviations = std::mem::take(&mut self.deviations);
        let [theirs, ours] = std::mem::take(&mut self.spent).map(|time| time.as_micros() as u64);
        say(
            &json!({"done": done, "fired": fired, "deviations": deviations, "theirs_us": theirs, "ours_us": ours}),
        );
    }
}

/// The feature and the parts that differ, without ids: findings of one kind are likely one fault.
fn kind(case: &Case, found: &[Difference]) -> String {
    let mut parts: Vec<&str> = found
        .iter()
        .map(|difference| match difference.part.split_once(' ') {
            Some((head @ ("event" | "attribute" | "action"), _)) => head,
            _ => difference.part.as_str(),
        })
        .collect();
    parts.sort_unstable();
    parts.dedup();
    // What follows from another difference says nothing of its own.
    if parts.iter().any(|part| matches!(*part, "event" | "attribute" | "action")) {
        parts.retain(|part| matches!(*part, "event" | "attribute" | "action"));
    }
    format!("{}: {}", case.feature, parts.join(", "))
}

pub(crate) fn shown(found: &[Difference]) -> Vec<serde_json::Value> {
    let side = |value: &Option<crate::value::Value>| value.as_ref().map(crate::value::Value::to_json);
    found
        .iter()
        .map(|d| json!({"step": d.step, "part": d.part, "theirs": side(&d.theirs), "ours": side(&d.ours)}))
        .collect()
}

fn say(line: &serde_json::Value) {
    println!("{line}");
}
