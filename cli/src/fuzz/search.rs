//! The search: rounds of trying, each rule in turn.

use super::bait::{Payload, WORDS, bait};
use super::disguise::DISGUISES;
use super::request::Request;
use super::subject::{Subject, eval, reporters, whole_of};
use bartizan_engine::Instance;
use bartizan_text::transform::Transformer;
use fastrand::Rng;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// Tries for a rule that has not fired, in one round.
const TRIES: usize = 48;
/// Inputs of a rule that fire and are disguised.
const SAMPLES: usize = 4;
/// Inputs that led a rule into a state that was new, kept to be changed further.
const POOL: usize = 16;
/// Mutations that look for work, in one round: of one rule, and of all together.
const DEARER: [usize; 2] = [8, 64];
/// Inputs are held at about this size while they look for work; what every call costs hides in smaller ones.
const SIZES: [usize; 2] = [128, 2048];

/// Transformers that undo an encoding; others would only cut or hide something by chance.
const DECODERS: [Transformer; 14] = [
    Transformer::Lowercase,
    Transformer::RemoveNulls,
    Transformer::CompressWhitespace,
    Transformer::NormalizePath,
    Transformer::NormalizePathWin,
    Transformer::UrlDecode,
    Transformer::UrlDecodeIis,
    Transformer::CssDecode,
    Transformer::JsDecode,
    Transformer::HtmlEntityDecode,
    Transformer::Base64Decode,
    Transformer::ShellUnescape,
    Transformer::RemoveComments,
    Transformer::UnicodeNormalize,
];

/// An input that a rule would catch, in a disguise that it does not see through.
pub(super) struct Bypass {
    pub(super) disguise: &'static str,
    pub(super) input: Request,
    /// The rules that report it all the same.
    pub(super) caught_by: Vec<String>,
    /// Transformers that let the rule see through it, put before those that it has.
    pub(super) remedy: Option<Vec<&'static str>>,
}

/// What an input costs.
#[derive(Clone)]
pub(super) struct Cost {
    pub(super) units: u64,
    pub(super) bytes: usize,
    pub(super) input: Request,
}

impl Cost {
    pub(super) fn per_byte(&self) -> f64 {
        self.units as f64 / self.bytes.max(1) as f64
    }
}

/// The dearest inputs, in falling order.
#[derive(Default)]
pub(super) struct Dearest(pub(super) Vec<Cost>);

impl Dearest {
    fn offer(&mut self, cost: Cost, keep: usize) {
        let is_known = self.0.iter().any(|known| known.input == cost.input);
        if cost.bytes < SIZES[0] || cost.bytes > 2 * SIZES[1] || is_known {
            return;
        }
        let at = self.0.partition_point(|known| known.per_byte() >= cost.per_byte());
        self.0.insert(at, cost);
        self.0.truncate(keep);
    }
}

/// What is known of a rule so far.
#[derive(Default)]
pub(super) struct Record {
    pub(super) tries: u64,
    /// Inputs that fire, with what in them is worth a disguise.
    samples: Vec<(Request, Vec<Payload>)>,
    /// As long as none fires, the input that meets the most conditions, and how many.
    pub(super) best: Option<(usize, Request)>,
    /// An input that the rule reports amid all rules.
    pub(super) reported: Option<Request>,
    /// Who reports its inputs where it does not.
    pub(super) reported_by: BTreeSet<String>,
    pub(super) bypasses: Vec<Bypass>,
    pub(super) dearest: Dearest,
    states: BTreeSet<u64>,
    pool: Vec<Request>,
}

impl Record {
    /// An input that fires, the shortest known.
    pub(super) fn fired(&self) -> Option<&Request> {
        self.reported.as_ref().or_else(|| self.samples.iter().map(|(input, _)| input).min_by_key(|i| i.len()))
    }
}

/// A search over rules, of which every step follows from the seed.
pub(super) struct Search {
    pub(super) subjects: Vec<Subject>,
    /// Rules that did not load.
    pub(super) refused: Vec<String>,
    pub(super) records: Vec<Record>,
    /// Of all rules together.
    pub(super) dearest: Dearest,
    pub(super) rounds: u64,
    pub(super) evaluations: u64,
    whole: Instance,
    rng: Rng,
}

impl Search {
    /// Nothing where no rule would ever run.
    pub(super) fn new(configs: &[Json], seed: u64) -> Option<Self> {
        let (subjects, refused) = Subject::all(configs);
        let records = subjects.iter().map(|_| Record::default()).collect();
        let rng = Rng::with_seed(seed);
        let whole = whole_of(configs)?;
        let dearest = Dearest::default();
        Some(Self { subjects, refused, records, dearest, rounds: 0, evaluations: 0, whole, rng })
    }

    /// Tries every rule once more. Between two rules `goes_on` may end it.
    pub(super) fn round(&mut self, mut goes_on: impl FnMut(&Self) -> bool) {
        for at in 0..self.subjects.len() {
            if !goes_on(self) {
                return;
            }
            if self.records[at].samples.len() < SAMPLES {
                self.seek(at);
            }
            self.look_for_work(at);
        }
        self.look_for_work_of_all();
        self.rounds += 1;
    }

    /// Looks for an input that makes a rule fire.
    fn seek(&mut self, at: usize) {
        for _ in 0..TRIES {
            let (input, payloads) = self.candidate(at);
            let subject = &self.subjects[at];
            let record = &mut self.records[at];
            let trial = subject.try_alone(&input);
            self.evaluations += 1;
            record.tries += 1;
            if trial.fires {
                if record.samples.iter().any(|(known, _)| *known == input) {
                    continue;
                }
                record.samples.push((input.clone(), payloads));
                self.report(at, &input);
                self.disguise(at);
                return;
            }
            // How often each byte is looked at tells what became a candidate and was verified.
            let state = trial.units * 4 / (input.len() as u64 + 16);
            if !record.states.insert(state) {
                continue;
            }
            let met = subject.conditions_met(&input);
            self.evaluations += subject.conditions.len() as u64;
            if record.best.as_ref().is_none_or(|(most, _)| met > *most) {
                record.best = Some((met, input.clone()));
            }
            if record.pool.len() < POOL {
                record.pool.push(input);
            } else {
                let place = self.rng.usize(..POOL);
                record.pool[place] = input;
            }
        }
    }

    /// A fresh input for a rule, or one that was promising, changed.
    fn candidate(&mut self, at: usize) -> (Request, Vec<Payload>) {
        let (subject, record, rng) = (&self.subjects[at], &self.records[at], &mut self.rng);
        let mut payloads = Vec::new();
        let mut input = Request::default();
        let former: Vec<&Request> = record.best.iter().map(|(_, best)| best).chain(&record.pool).collect();
        if let Some(former) = rng.choice(former).filter(|_| record.samples.is_empty() && rng.u8(..4) == 0) {
            input = former.clone();
            if rng.bool() {
                return (changed(&input, rng), payloads);
            }
            // What was missing may come beside what is there.
            let missing = subject.conditions_missing(&input);
            if let Some(condition) = rng.choice(missing) {
                payloads.extend(bait(subject, condition, &mut input, rng));
            }
            return (input, payloads);
        }
        for condition in 0..subject.conditions.len() {
            payloads.extend(bait(subject, condition, &mut input, rng));
        }
        (input, payloads)
    }

    /// Notes who reports an input amid all rules.
    fn report(&mut self, at: usize, input: &Request) {
        let (ids, units) = reporters(&self.whole, input);
        self.evaluations += 1;
        self.dearest.offer(Cost { units, bytes: input.len(), input: input.clone() }, 12);
        let record = &mut self.records[at];
        if !ids.contains(&self.subjects[at].id) {
            record.reported_by.extend(ids);
        } else if record.reported.as_ref().is_none_or(|known| input.len() < known.len()) {
            record.reported = Some(input.clone());
        }
    }

    /// Puts the last input that fired into every disguise.
    fn disguise(&mut self, at: usize) {
        let subject = &self.subjects[at];
        let Some((input, payloads)) = self.records[at].samples.last() else { return };
        let mut found = Vec::new();
        for (payload, disguise) in
            payloads.iter().flat_map(|payload| DISGUISES.iter().map(move |d| (payload, d)))
        {
            let name = disguise.name;
            let is_known = |bypass: &Bypass| bypass.disguise == name;
            if payload.is_exact && !disguise.keeps_word
                || self.records[at].bypasses.iter().chain(&found).any(is_known)
            {
                continue;
            }
            let Some(value) = disguise.of(&payload.text) else { continue };
            let disguised = input.replaced(&payload.text, &value);
            self.evaluations += 1;
            if disguised == *input || subject.try_alone(&disguised).fires {
                continue;
            }
            let sees = |chain: &&[&'static str]| {
                subject
                    .with_transformers(payload.condition, chain)
                    .is_some_and(|instance| eval(&instance, &disguised).fires)
            };
            let other = || DECODERS.map(|t| [t.name()]).into_iter().find(|chain| sees(&&chain[..]));
            let likely = disguise.seen_by.iter().copied().find(sees);
            let remedy = likely.map(<[_]>::to_vec).or_else(|| other().map(Vec::from));
            let (caught_by, _) = reporters(&self.whole, &disguised);
            found.push(Bypass { disguise: name, input: disguised, caught_by, remedy });
        }
        self.records[at].bypasses.extend(found);
    }

    /// Changes inputs of a rule so that it has more work per byte.
    fn look_for_work(&mut self, at: usize) {
        for _ in 0..DEARER[0] {
            let record = &self.records[at];
            let known = record.dearest.0.iter().map(|cost| &cost.input);
            let own = record.samples.iter().map(|(input, _)| input).chain(&record.pool);
            let inputs: Vec<&Request> = known.chain(own).collect();
            let Some(input) = self.rng.choice(inputs) else { return };
            let input = fuller(input, &mut self.rng);
            let units = self.subjects[at].try_alone(&input).units;
            self.evaluations += 1;
            self.records[at].dearest.offer(Cost { units, bytes: input.len(), input }, 4);
        }
    }

    fn look_for_work_of_all(&mut self) {
        for _ in 0..DEARER[1] {
            let known = self.dearest.0.iter().map(|cost| &cost.input);
            let of_rules =
                self.records.iter().filter_map(|record| record.dearest.0.first().map(|cost| &cost.input));
            let others: Vec<&Request> = known.chain(of_rules).collect();
            let (Some(input), Some(other)) = (self.rng.choice(&others), self.rng.choice(&others)) else {
                return;
            };
            let mut input = fuller(input, &mut self.rng);
            if self.rng.bool() {
                other.0.iter().for_each(|(address, value)| {
                    input.0.entry(address.clone()).or_insert_with(|| value.clone());
                });
            }
            let units = eval(&self.whole, &input).units;
            self.evaluations += 1;
            self.dearest.offer(Cost { units, bytes: input.len(), input }, 12);
        }
    }
}

/// A small change to one of the texts.
fn changed(input: &Request, rng: &mut Rng) -> Request {
    let texts = input.texts();
    let Some(text) = rng.choice(&texts) else { return input.clone() };
    let mut letters: Vec<char> = text.chars().collect();
    let at = rng.usize(..=letters.len());
    match rng.u8(..5) {
        0 => letters.insert(at, char::from(rng.u8(0x20..0x7f))),
        1 if !letters.is_empty() => {
            letters.remove(at.min(letters.len() - 1));
        }
        2 => letters.splice(at..at, rng.choice(&WORDS).unwrap_or(&" ").chars()).for_each(drop),
        3 => letters.rotate_left(at),
        _ => letters.splice(at..at, rng.choice(&texts).unwrap_or(text).chars()).for_each(drop),
    }
    input.replaced(text, &Json::from(letters.into_iter().collect::<String>()))
}

/// A change that makes more of an input: longer, or more of the same.
fn fuller(input: &Request, rng: &mut Rng) -> Request {
    let texts = input.texts();
    let Some(text) = rng.choice(&texts).filter(|text| !text.is_empty()) else { return input.clone() };
    let copies = (SIZES[1] / text.len()).clamp(2, 64);
    let value = match rng.u8(..6) {
        0 => text.repeat(rng.usize(2..=copies)).into(),
        1 => [text.as_str(), " "].concat().repeat(rng.usize(2..=copies)).into(),
        2 => Json::Array(vec![text.as_str().into(); rng.usize(2..=copies)]),
        3 => (0..rng.usize(2..=copies)).map(|at| (format!("k{at}"), Json::from(text.as_str()))).collect(),
        4 => json!([text, text.chars().rev().collect::<String>()]),
        _ => return changed(input, rng),
    };
    let fuller = input.replaced(text, &value);
    if fuller.len() > 2 * SIZES[1] { input.clone() } else { fuller }
}
