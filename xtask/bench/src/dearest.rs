//! A search for the inputs that cost most: a seeded hill climb over what texts are made of, by work units per byte.

use crate::ddwaf::{Library, Objects};
use crate::traffic::{Request, pieces};
use crate::{Load, Outcome, read, write};
use bartizan_engine::{Builder, Call, Instance};
use bartizan_object::{AllocRef, Input, json};
use bartizan_peers::agreement;
use bartizan_peers::random::Random;
use bartizan_peers::value::{map, text};
use serde_json::json;
use std::time::Instant;

/// Bytes of the text that is sought; every candidate is repeated or cut to this.
const LEN: usize = 4_000;

/// Budget that no candidate spends.
const AMPLE: u64 = 1 << 60;

/// Candidates that each climb looks at per repetition that was asked for.
const STEPS: usize = 40;

/// Climbs, each from a start of its own.
const CLIMBS: u64 = 8;

struct Found {
    pieces: Vec<String>,
    text: String,
    units: u64,
}

pub(crate) fn run(options: &Load) -> Outcome {
    let rules = read(&options.rules)?;
    let engine = instance(&rules)?;
    let mut found: Vec<Found> = Vec::new();
    for climb in 0..CLIMBS {
        let random = &mut Random::new(options.seed, climb);
        let mut best = weighed(&engine, vec![pieces(random)])?;
        for _ in 0..STEPS * options.repetitions {
            let next = weighed(&engine, changed(random, &best.pieces))?;
            if next.units >= best.units {
                best = next;
            }
        }
        eprintln!(
            "    climb {} of {CLIMBS}: {:.1} units per byte",
            climb + 1,
            best.units as f64 / LEN as f64
        );
        found.push(best);
    }
    found.sort_by_key(|f| std::cmp::Reverse(f.units));
    let libraries = [Library::open(&options.theirs)?, Library::open(&options.ours)?];
    let instances = [libraries[0].load(&rules)?, libraries[1].load(&rules)?];
    println!("the dearest texts of {LEN} bytes, in a body\n");
    println!("{:>10} {:>12} {:>12} {:>7} | made of", "units/B", "theirs ns/B", "ours ns/B", "faster");
    let mut figures = Vec::new();
    for one in &found {
        let data = map([("server.request.body", text(&one.text))]);
        let request = Request { calls: vec![agreement::Call { data, apart: false }] };
        let objects = Objects::of(&request);
        let ns = [0, 1].map(|side| {
            let time = |_| {
                let began = Instant::now();
                instances[side].play(&objects);
                began.elapsed().as_nanos() as f64
            };
            (0..options.repetitions.max(3)).map(time).fold(f64::INFINITY, f64::min) / LEN as f64
        });
        let units = one.units as f64 / LEN as f64;
        let shown = one.pieces.concat();
        println!("{units:>10.1} {:>12.1} {:>12.1} {:>7.1} | {shown:?}", ns[0], ns[1], ns[0] / ns[1]);
        figures.push(json!({"units per byte": units, "theirs ns per byte": ns[0], "ours ns per byte": ns[1], "pieces": one.pieces}));
    }
    write(&options.out, &figures.into())
}

fn instance(rules: &str) -> Outcome<Instance> {
    let object = json::parse(rules.as_bytes(), AllocRef::global()).ok_or("the rules are not JSON")?;
    let mut builder = Builder::new();
    builder.update(b"rules", &object);
    builder.build().ok_or_else(|| "the rules make no instance".to_owned())
}

fn weighed(engine: &Instance, pieces: Vec<String>) -> Outcome<Found> {
    let mut text = pieces.concat();
    while text.len() < LEN {
        text.push_str(&text.clone());
    }
    let mut cut = LEN;
    while !text.is_char_boundary(cut) {
        cut -= 1;
    }
    text.truncate(cut);
    let document = json!({"server.request.body": text}).to_string();
    let data = json::parse(document.as_bytes(), AllocRef::global()).ok_or("not JSON")?;
    let mut context = engine.context();
    let call = Call { budget: AMPLE, ..Call::default() };
    let outcome = context.eval(Input::from(data), &call).map_err(|e| e.to_string())?;
    let units = AMPLE - outcome.units_left();
    drop(outcome);
    Ok(Found { pieces, text, units })
}

fn changed(random: &mut Random, pieces: &[String]) -> Vec<String> {
    let mut next = pieces.to_vec();
    let at = random.below(next.len());
    match random.below(5) {
        0 if next.len() > 1 => drop(next.remove(at)),
        1 | 2 if next.len() < 60 => next.insert(at, self::pieces(random)),
        3 => {
            let other = random.below(next.len());
            next.swap(at, other);
        }
        _ => next[at] = self::pieces(random),
    }
    next
}
