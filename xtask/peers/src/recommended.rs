//! A full ruleset, as tracers ship it, over requests: those of a file, and mutations of them.

mod bait;
mod mutate;

use crate::case::{Case, Manner, Step};
use crate::compare::{Difference, differences, rule_of};
use crate::deviation::explain_with;
use crate::library::{Instance, Library};
use crate::play::play_on;
use crate::random::Random;
use crate::shrink::shrink;
use crate::value::{Text, Value, text};
use crate::{Arguments, Outcome};
use mutate::Pool;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Instant;

/// How many differences are shrunk and shown.
const SHOWN: usize = 10;

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let (theirs, ours) = (Library::open(&arguments.theirs)?, Library::open(&arguments.ours)?);
    let pair = Pair::of([&theirs, &ours], ruleset(&read(&arguments.rules)?, true)?)?;
    let requests = requests(&read(&arguments.file)?)?;
    let pool = Pool::new(&requests, pair.instances[0].known_addresses(), &pair.config);
    let mut sum = Sum::default();
    let began = Instant::now();
    for runs in &requests {
        sum.take(&pair, &case_of(runs));
    }
    println!("{} requests as they are: {}", requests.len(), sum.line());
    for number in 0..arguments.cases {
        let mut random = Random::new(arguments.seed, number);
        let runs = pool.request(&mut random, &requests);
        sum.take(&pair, &case_of(&runs));
    }
    let seconds = began.elapsed().as_secs_f64();
    println!("\nrules that matched, and how often:");
    for (rule, count) in &sum.rules {
        println!("  {count:>8}  {rule}");
    }
    println!("\ndeviations (meant, see docs/deviations.md):");
    for (name, count) in &sum.deviations {
        println!("  {count:>8}  {name}");
    }
    println!("\nwith {} mutated ones: {}", arguments.cases, sum.line());
    println!("{:.0} requests per second", (requests.len() as u64 + arguments.cases) as f64 / seconds);
    if sum.differing == 0 { Ok(()) } else { Err("the libraries differ".to_owned()) }
}

fn read(path: &str) -> Outcome<String> {
    std::fs::read_to_string(path).map_err(|e| format!("cannot read {path}: {e}"))
}

/// Every rule gets a type of its own, so that all that match are reported, and is enabled if `all` are; what two processors
/// put under one name only one of them keeps.
pub(crate) fn ruleset(source: &str, all: bool) -> Outcome<Value> {
    let json: serde_json::Value = serde_json::from_str(source).map_err(|e| format!("rules: {e}"))?;
    let mut config = Value::from_plain(&json)?;
    let Value::Map(sections) = &mut config else { return Err("rules that are no map".to_owned()) };
    let mut outputs: Vec<Vec<u8>> = Vec::new();
    for (name, section) in sections {
        let Value::Array(items) = section else { continue };
        for item in items {
            match name.bytes.as_slice() {
                b"rules" | b"rules_compat" => {
                    let id = item.get("id").cloned().unwrap_or(Value::Null);
                    if let (Value::Map(fields), true) = (&mut *item, all) {
                        fields.retain(|(key, _)| key.bytes != b"enabled");
                    }
                    if let Some(kind) = within(item, &["tags", "type"]) {
                        *kind = id;
                    }
                }
                b"processors" => {
                    if let Some(Value::Array(mappings)) = within(item, &["parameters", "mappings"]) {
                        mappings.retain(|mapping| {
                            let output = mapping.get("output").and_then(Value::as_bytes).unwrap_or_default();
                            let fresh = !outputs.iter().any(|known| known == output);
                            outputs.push(output.to_vec());
                            fresh
                        });
                    }
                }
                _ => {}
            }
        }
    }
    Ok(config)
}

fn within<'v>(value: &'v mut Value, path: &[&str]) -> Option<&'v mut Value> {
    let Some((key, rest)) = path.split_first() else { return Some(value) };
    match value {
        Value::Map(entries) => {
            let (_, inner) = entries.iter_mut().find(|(k, _)| k.bytes == key.as_bytes())?;
            within(inner, rest)
        }
        _ => None,
    }
}

fn load<'l>(library: &'l Library, config: &Value) -> Outcome<Rc<Instance<'l>>> {
    let (instance, diagnostics) = library.instance(config)?;
    instance.map(Rc::new).ok_or_else(|| format!("the rules are refused: {}", diagnostics.to_json()))
}

/// Attributes that more than one rule sets: which comes first is anybody's guess.
fn shared_attributes(config: &Value) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for rule in
        ["rules", "rules_compat"].iter().flat_map(|s| config.get(s).map(Value::items).unwrap_or_default())
    {
        let attributes = rule.get("output").and_then(|o| o.get("attributes")).map(Value::entries);
        for (name, _) in attributes.unwrap_or_default() {
            *counts.entry(String::from_utf8_lossy(&name.bytes).into_owned()).or_default() += 1;
        }
    }
    counts.into_iter().filter(|(_, count)| *count > 1).map(|(name, _)| name).collect()
}

/// The runs of each line.
fn requests(source: &str) -> Outcome<Vec<Vec<Value>>> {
    let request = |line: &str| {
        let json: serde_json::Value = serde_json::from_str(line).map_err(|e| format!("requests: {e}"))?;
        let runs = json["runs"].as_array().ok_or("a request without runs")?;
        runs.iter().map(Value::from_plain).collect()
    };
    source.lines().filter(|line| !line.is_empty()).map(request).collect()
}

fn case_of(runs: &[Value]) -> Case {
    let mut steps = vec![Step::Open { context: 0 }];
    for (id, data) in runs.iter().enumerate() {
        steps.push(Step::Eval {
            context: 0,
            id: id as u32,
            data: data.clone(),
            batches: false,
            manner: Manner::Lent,
            timeout_us: 60_000_000,
        });
    }
    Case { feature: "recommended".to_owned(), steps }
}

/// Two libraries with one ruleset loaded.
pub(crate) struct Pair<'l> {
    libraries: [&'l Library; 2],
    instances: [Rc<Instance<'l>>; 2],
    config: Value,
    shared: Vec<String>,
}

impl<'l> Pair<'l> {
    pub(crate) fn of(libraries: [&'l Library; 2], config: Value) -> Outcome<Self> {
        let instances = [load(libraries[0], &config)?, load(libraries[1], &config)?];
        Ok(Pair { libraries, instances, shared: shared_attributes(&config), config })
    }

    fn play(&self, case: &Case) -> [Vec<Value>; 2] {
        [0, 1].map(|at| play_on(case, self.libraries[at], Some(self.instances[at].clone())))
    }

    /// All differences, with the deviations that explain them.
    pub(crate) fn compare(&self, case: &Case) -> (Vec<Value>, Vec<(Difference, Option<&'static str>)>) {
        let [theirs, ours] = self.play(case);
        let found = differences(case, &theirs, &ours);
        let names = explain_with(Some(&self.config), case, &theirs, &found);
        let named = found.into_iter().zip(names).map(|(difference, name)| {
            let name = name.or_else(|| self.tie(&difference));
            (difference, name)
        });
        let named = named.collect();
        (theirs, named)
    }

    fn tie(&self, difference: &Difference) -> Option<&'static str> {
        let name = difference.part.strip_prefix("attribute ")?;
        let (theirs, ours) = (difference.theirs.as_ref()?, difference.ours.as_ref()?);
        if self.shared.iter().any(|shared| shared == name) {
            return Some("of rules of one rank the one declared first");
        }
        (untagged(theirs) == untagged(ours)).then_some("of scanners that fit the one declared first")
    }
}

/// A schema without what scanners found.
fn untagged(schema: &Value) -> Value {
    match schema {
        Value::Array(items) => match items.as_slice() {
            [Value::Unsigned(8) | Value::Signed(8), Value::Map(_)] => Value::Array(vec![Value::Unsigned(8)]),
            [Value::Array(types), rest] => {
                let mut kept: Vec<Value> = Vec::new();
                for kind in types.iter().map(untagged) {
                    if !kept.contains(&kind) {
                        kept.push(kind);
                    }
                }
                kept.sort_by_key(|kind| kind.to_json().to_string());
                Value::Array(vec![Value::Array(kept), rest.clone()])
            }
            items => Value::Array(items.iter().map(untagged).collect()),
        },
        Value::Map(entries) => {
            Value::Map(entries.iter().map(|(key, value)| (key.clone(), untagged(value))).collect())
        }
        other => other.clone(),
    }
}

#[derive(Default)]
struct Sum {
    runs: usize,
    matched: usize,
    differing: usize,
    rules: BTreeMap<String, usize>,
    deviations: BTreeMap<&'static str, usize>,
}

impl Sum {
    fn take(&mut self, pair: &Pair<'_>, case: &Case) {
        let (theirs, found) = pair.compare(case);
        for answer in &theirs {
            self.runs += usize::from(answer.get("code").is_some());
            let events =
                answer.get("result").and_then(|r| r.get("events")).map(Value::items).unwrap_or_default();
            self.matched += usize::from(!events.is_empty());
            for event in events {
                *self.rules.entry(rule_of(event)).or_default() += 1;
            }
        }
        let mut differs = false;
        for (_, name) in &found {
            match name {
                Some(name) => *self.deviations.entry(name).or_default() += 1,
                None => differs = true,
            }
        }
        if !differs {
            return;
        }
        self.differing += 1;
        if self.differing > SHOWN {
            return;
        }
        let small = shrink(case, |case| pair.compare(case).1.iter().any(|(_, name)| name.is_none()));
        println!("{}", small.to_json());
        for (difference, name) in pair.compare(&small).1 {
            let side = |value: &Option<Value>| value.as_ref().map(|v| v.to_json().to_string());
            println!(
                "  {} {name:?}\n    theirs {:?}\n    ours   {:?}",
                difference.part,
                side(&difference.theirs),
                side(&difference.ours)
            );
        }
    }

    fn line(&self) -> String {
        format!(
            "{} runs, {} with events of {} rules, {} requests differ",
            self.runs,
            self.matched,
            self.rules.len(),
            self.differing
        )
    }
}

/// A key of a map as a string value.
fn key_value(key: &Text) -> Value {
    text(&key.bytes)
}
