//! What a search found, for people and as JSON.

use super::request::Request;
use super::search::{Bypass, Cost, Record, Search};
use super::subject::Subject;
use serde::Serialize;
use serde_json::Value as Json;
use std::fmt::{self, Write};
use std::time::Duration;

/// Characters of an input that people are shown.
const SHOWN: usize = 160;
/// The dearest inputs of all rules together that are shown.
const DEAREST: usize = 3;

/// Everything a search found.
#[derive(Serialize)]
pub(super) struct Report<'s> {
    seed: u64,
    rounds: u64,
    evaluations: u64,
    seconds: f64,
    rules: Vec<OfRule<'s>>,
    /// Ids of rules that did not load.
    refused: &'s [String],
    /// For all rules together.
    dearest: Vec<Dear<'s>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    /// It reports an input amid all rules.
    Fires,
    /// It fires alone; amid all rules another reports the input, or none.
    Hidden,
    /// No input was found.
    Never,
}

#[derive(Serialize)]
struct OfRule<'s> {
    id: &'s str,
    section: &'s str,
    status: Status,
    tries: u64,
    conditions: usize,
    /// How many of them the input meets.
    met: usize,
    /// What the input does not meet.
    missing: Vec<Missing<'s>>,
    /// The shortest that fires, or else the one that comes closest.
    input: Option<Data<'s>>,
    /// Who reports what it would report.
    reported_by: Vec<&'s str>,
    bypasses: Vec<Slip<'s>>,
    dearest: Option<Dear<'s>>,
}

#[derive(Serialize)]
struct Missing<'s> {
    /// Its number, from 1.
    condition: usize,
    operator: &'s str,
    addresses: Vec<String>,
}

#[derive(Serialize)]
struct Slip<'s> {
    disguise: &'s str,
    input: Data<'s>,
    caught_by: &'s [String],
    remedy: Option<&'s [&'static str]>,
}

#[derive(Serialize)]
struct Dear<'s> {
    units: u64,
    bytes: usize,
    units_per_byte: f64,
    input: Data<'s>,
}

/// An input, as JSON.
#[derive(Serialize)]
#[serde(transparent)]
struct Data<'s>(&'s serde_json::Map<String, Json>);

impl<'s> Data<'s> {
    fn new(request: &'s Request) -> Self {
        Self(&request.0)
    }
}

impl fmt::Display for Data<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = Json::Object(self.0.clone()).to_string();
        match text.char_indices().nth(SHOWN) {
            None => f.write_str(&text),
            Some((end, _)) => write!(f, "{}… ({} bytes)", &text[..end], text.len()),
        }
    }
}

impl<'s> Dear<'s> {
    fn new(cost: &'s Cost) -> Self {
        let units_per_byte = (cost.per_byte() * 10.0).round() / 10.0;
        Self { units: cost.units, bytes: cost.bytes, units_per_byte, input: Data::new(&cost.input) }
    }
}

impl fmt::Display for Dear<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.1} ({} units for {} bytes): {}",
            self.units_per_byte, self.units, self.bytes, self.input
        )
    }
}

/// A line for people who wait.
pub(super) fn status(search: &Search) -> String {
    let fired = search.records.iter().filter(|record| record.fired().is_some()).count();
    let slips: usize = search.records.iter().map(|record| record.bypasses.len()).sum();
    format!("round {}: {fired} of {} rules fire, {slips} slips", search.rounds + 1, search.records.len())
}

impl<'s> Report<'s> {
    pub(super) fn new(search: &'s Search, seed: u64, elapsed: Duration) -> Self {
        let of_rule = |(subject, record)| OfRule::new(subject, record);
        Self {
            seed,
            rounds: search.rounds,
            evaluations: search.evaluations,
            seconds: (elapsed.as_secs_f64() * 10.0).round() / 10.0,
            rules: search.subjects.iter().zip(&search.records).map(of_rule).collect(),
            refused: &search.refused,
            dearest: search.dearest.0.iter().take(DEAREST).map(Dear::new).collect(),
        }
    }

    pub(super) fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("writing to memory does not fail and every key is text")
            + "\n"
    }

    fn count(&self, status: Status) -> usize {
        self.rules.iter().filter(|rule| rule.status == status).count()
    }
}

impl<'s> OfRule<'s> {
    fn new(subject: &'s Subject, record: &'s Record) -> Self {
        let best = record.best.as_ref();
        let status = match (&record.reported, record.fired()) {
            (Some(_), _) => Status::Fires,
            (None, Some(_)) => Status::Hidden,
            (None, None) => Status::Never,
        };
        let conditions = subject.conditions.len();
        let missing = match (status, best) {
            (Status::Never, Some((_, input))) => subject.conditions_missing(input),
            (Status::Never, None) => (0..conditions).collect(),
            _ => Vec::new(),
        };
        let slip = |bypass: &'s Bypass| Slip {
            disguise: bypass.disguise,
            input: Data::new(&bypass.input),
            caught_by: &bypass.caught_by,
            remedy: bypass.remedy.as_deref(),
        };
        Self {
            id: &subject.id,
            section: subject.section,
            status,
            tries: record.tries,
            conditions,
            met: conditions - missing.len(),
            missing: missing.into_iter().map(|at| Missing::new(subject, at)).collect(),
            input: record.fired().or(best.map(|(_, input)| input)).map(Data::new),
            reported_by: match status {
                Status::Fires => Vec::new(),
                _ => record.reported_by.iter().map(String::as_str).collect(),
            },
            bypasses: record.bypasses.iter().map(slip).collect(),
            dearest: record.dearest.0.first().map(Dear::new),
        }
    }
}

impl<'s> Missing<'s> {
    fn new(subject: &'s Subject, at: usize) -> Self {
        let condition = &subject.conditions[at];
        let places = ["inputs", "resource", "params"].map(|name| condition.places(name, &[]));
        let addresses = places.into_iter().flatten().map(|place| place.address).collect();
        Self { condition: at + 1, operator: &condition.written, addresses }
    }
}

impl fmt::Display for OfRule<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.id)?;
        let input = self.input.as_ref().map_or(String::new(), |input| format!(": {input}"));
        match self.status {
            Status::Fires => writeln!(f, "  fires{input}")?,
            Status::Hidden if self.reported_by.is_empty() => {
                writeln!(
                    f,
                    "  fires alone, but is silent amid all rules (switched off, or excluded?){input}"
                )?;
            }
            Status::Hidden => {
                let others = self.reported_by.join(", ");
                writeln!(
                    f,
                    "  fires alone; amid all rules {others} reports it, perhaps for the same type{input}"
                )?;
            }
            Status::Never => {
                writeln!(
                    f,
                    "  never fired in {} tries; {} of {} conditions met{input}",
                    self.tries, self.met, self.conditions
                )?;
                for missing in &self.missing {
                    let addresses = missing.addresses.join(", ");
                    writeln!(
                        f,
                        "    not met: condition {}, {} on {addresses}",
                        missing.condition, missing.operator
                    )?;
                }
            }
        }
        write_slips(&self.bypasses, f)?;
        if let Some(dearest) = &self.dearest {
            writeln!(f, "    dearest, in units per byte: {dearest}")?;
        }
        Ok(())
    }
}

/// Slips by what would catch them, with an input for each.
fn write_slips(slips: &[Slip<'_>], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut remedies: Vec<Option<&[&str]>> = Vec::new();
    for slip in slips {
        if !remedies.contains(&slip.remedy) {
            remedies.push(slip.remedy);
        }
    }
    // What no transformer sees through comes last.
    remedies.sort_by_key(Option::is_none);
    for remedy in remedies {
        let those = || slips.iter().filter(|slip| slip.remedy == remedy);
        let names: Vec<&str> = those().map(|slip| slip.disguise).collect();
        let with = remedy
            .map_or("whatever it transforms".to_owned(), |chain| format!("without {}", chain.join(", ")));
        writeln!(f, "    slips past {with}: {}", names.join("; "))?;
        let first = those().min_by_key(|slip| slip.caught_by.len());
        if let Some(slip) = first {
            let others = match slip.caught_by {
                [] => String::new(),
                ids => format!("  (caught by {})", ids.join(", ")),
            };
            writeln!(f, "      {}{others}", slip.input)?;
        }
    }
    Ok(())
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for rule in &self.rules {
            writeln!(f, "{rule}")?;
        }
        if !self.dearest.is_empty() {
            writeln!(f, "Dearest for all rules together, in work units per byte:")?;
            self.dearest.iter().try_for_each(|dear| writeln!(f, "  {dear}"))?;
            f.write_char('\n')?;
        }
        for id in self.refused {
            writeln!(f, "{id}  did not load")?;
        }
        let slips = self.rules.iter().flat_map(|rule| &rule.bypasses);
        let unseen = slips.clone().filter(|slip| slip.caught_by.is_empty());
        let remedied = unseen.clone().filter(|slip| slip.remedy.is_some()).count();
        writeln!(
            f,
            "{} rules: {} fire, {} fire only alone, {} never fired; {} slips, {} of which no rule catches, {remedied} of \
             those would be caught with a transformer",
            self.rules.len(),
            self.count(Status::Fires),
            self.count(Status::Hidden),
            self.count(Status::Never),
            slips.count(),
            unseen.count(),
        )?;
        writeln!(
            f,
            "seed {}, {} rounds, {} evaluations in {} s; the same seed and --rounds give the same again",
            self.seed, self.rounds, self.evaluations, self.seconds
        )
    }
}
