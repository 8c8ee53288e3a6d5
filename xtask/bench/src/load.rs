//! Building, reloading, and the first request after it: both libraries in turns.

use crate::ddwaf::{Builder, Instance, Library, Objects};
use crate::rounds::best_and_median;
use crate::traffic::{Class, requests};
use crate::{Load, Outcome, read, write};
use bartizan_peers::memory::{Arena, Raw};
use bartizan_peers::value::Value;
use serde_json::{Value as Json, json};
use std::mem;
use std::time::Instant;

/// What is measured, in nanoseconds by library and repetition.
#[derive(Default)]
struct Measured(Vec<(&'static str, [Vec<u64>; 2])>);

impl Measured {
    fn put(&mut self, what: &'static str, side: usize, ns: u64) {
        if !self.0.iter().any(|(known, _)| *known == what) {
            self.0.push((what, Default::default()));
        }
        for (known, times) in &mut self.0 {
            if *known == what {
                times[side].push(ns);
            }
        }
    }
}

pub(crate) fn run(options: &Load) -> Outcome {
    let rules = read(&options.rules)?;
    let libraries = [Library::open(&options.theirs)?, Library::open(&options.ours)?];
    let first: Vec<Objects> = requests(Class::Benign, options.seed, 100).iter().map(Objects::of).collect();
    let changes = changes(&rules)?;
    let mut measured = Measured::default();
    for repetition in 0..=options.repetitions {
        eprintln!("    load: repetition {repetition} of {}", options.repetitions);
        for flip in 0..2 {
            let side = (repetition + flip) % 2;
            let mut record = |what, ns| {
                // The first repetition warms up.
                if repetition > 0 {
                    measured.put(what, side, ns);
                }
            };
            let library = &libraries[side];
            let (ns, instance) = timed(|| library.load(&rules));
            let instance = instance?;
            record("build from JSON", ns);
            record("first request after build", timed(|| instance.play(&first[repetition % first.len()])).0);
            record("destroy", timed(|| drop(instance)).0);
            reloads(library, &rules, &changes, &mut record)?;
        }
    }
    let mut figures = serde_json::Map::new();
    println!("load: microseconds, best of {}\n", options.repetitions);
    println!("{:<28} {:>10} {:>10} | faster", "", "theirs", "ours");
    for (what, times) in &mut measured.0 {
        let [theirs, ours] = times.each_mut().map(|times| best_and_median(times));
        let ratio = theirs.0 as f64 / ours.0.max(1) as f64;
        println!("{what:<28} {:>10.1} {:>10.1} | {ratio:>6.1}", theirs.0 as f64 / 1e3, ours.0 as f64 / 1e3);
        let side = |(best, median): (u64, u64)| json!({"best ns": best, "median ns": median});
        figures.insert(
            (*what).to_owned(),
            json!({"theirs": side(theirs), "ours": side(ours), "times faster": ratio}),
        );
    }
    write(&options.out, &Json::Object(figures))
}

fn timed<T>(work: impl FnOnce() -> T) -> (u64, T) {
    let began = Instant::now();
    let done = work();
    (began.elapsed().as_nanos() as u64, done)
}

/// A configuration that arrives while the rules are in force, in two versions that take turns.
struct Change {
    name: &'static str,
    versions: [Raw; 2],
    /// What the objects point to.
    _arena: Arena,
}

impl Change {
    fn of(name: &'static str, versions: [Json; 2]) -> Outcome<Self> {
        let mut arena = Arena::default();
        let [a, b] = versions;
        let versions = [arena.place(&Value::from_plain(&a)?), arena.place(&Value::from_plain(&b)?)];
        Ok(Change { name, versions, _arena: arena })
    }
}

fn changes(rules: &str) -> Outcome<Vec<Change>> {
    let rules: Json = serde_json::from_str(rules).map_err(|e| format!("rules: {e}"))?;
    let ids: Vec<&str> =
        rules["rules"].as_array().into_iter().flatten().filter_map(|r| r["id"].as_str()).collect();
    let [one, other, ..] = ids[..] else { return Err("fewer than two rules".to_owned()) };
    let addresses = |low: usize| {
        let data: Vec<Json> = (low..low + 1_000)
            .map(|n| json!({"value": format!("198.{}.{}.{}", 18 + n / 65_536, n / 256 % 256, n % 256), "expiration": 4_102_444_800_u64}))
            .collect();
        json!({"rules_data": [{"id": "blocked_ips", "type": "ip_with_expiration", "data": data}]})
    };
    let off = |id: &str| json!({"rules_override": [{"rules_target": [{"rule_id": id}], "enabled": false}]});
    let custom = |text: &str| {
        json!({"custom_rules": [{"id": "own-1", "name": "own", "tags": {"type": "own", "category": "attack_attempt"},
            "conditions": [{"operator": "match_regex", "parameters": {
                "inputs": [{"address": "server.request.query"}, {"address": "server.request.body"}],
                "regex": format!("(?:{text}|other)-[0-9]+\\.(?:php|jsp)")}}],
            "transformers": ["lowercase"]}]})
    };
    Ok(vec![
        Change::of("reload: 1,000 IPs", [addresses(0), addresses(5_000)])?,
        Change::of("reload: one rule off", [off(one), off(other)])?,
        Change::of("reload: one custom rule", [custom("wp-login"), custom("backup")])?,
    ])
}

/// From the arrival of a configuration to the instance that has it.
fn reloads(
    library: &Library,
    rules: &str,
    changes: &[Change],
    record: &mut impl FnMut(&'static str, u64),
) -> Outcome {
    let builder = library.builder();
    builder.add_json("rules", rules)?;
    // What is in force stays so until its successor is there.
    let mut current = builder.build()?;
    let (ns, next) = timed(|| builder.build());
    drop(mem::replace(&mut current, next?));
    record("reload: no change", ns);
    for change in changes {
        for (number, version) in change.versions.iter().chain(&change.versions).enumerate() {
            let (ns, next) = timed(|| reload(&builder, change.name, version));
            drop(mem::replace(&mut current, next?));
            // The first of its kind makes the path; later ones replace what is there, which is what goes on happening.
            if number > 0 {
                record(change.name, ns);
            }
        }
    }
    Ok(())
}

fn reload<'l>(builder: &Builder<'l>, path: &str, config: &Raw) -> Outcome<Instance<'l>> {
    builder.add(path, config)?;
    builder.build()
}
