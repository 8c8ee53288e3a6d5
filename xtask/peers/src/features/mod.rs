//! Generators of cases, one per feature.

mod abi;
mod action;
mod attribute;
pub(crate) mod broken;
mod builder;
mod crowd;
mod data;
mod detector;
mod exclusion;
mod json;
mod module;
mod obfuscator;
mod operator;
mod processor;
mod regex;
mod shape;
mod transformer;

use crate::case::Case;
use crate::draft::Draft;
use crate::random::Random;

type Generate = fn(&mut Draft<'_>);

/// A name, and how its cases are drafted.
pub(crate) type Feature = (&'static str, Generate);

/// Every feature by name.
pub(crate) const ALL: [Feature; 17] = [
    ("abi", abi::generate),
    ("action", action::generate),
    ("attribute", attribute::generate),
    ("broken", broken::generate),
    ("builder", builder::generate),
    ("crowd", crowd::generate),
    ("data", data::generate),
    ("detector", detector::generate),
    ("exclusion", exclusion::generate),
    ("json", json::generate),
    ("module", module::generate),
    ("obfuscator", obfuscator::generate),
    ("operator", operator::generate),
    ("processor", processor::generate),
    ("regex", regex::generate),
    ("shape", shape::generate),
    ("transformer", transformer::generate),
];

/// The case with a number.
pub(crate) fn case(features: &[Feature], seed: u64, number: u64) -> Case {
    let (name, generate) = features[(number % features.len() as u64) as usize];
    made(name, generate, &mut Random::new(seed, number))
}

/// The case that bytes choose, the first one its feature.
pub(crate) fn case_of(tape: &[u8]) -> Case {
    let mut random = Random::of_tape(tape);
    let (name, generate) = *random.pick(&ALL);
    made(name, generate, &mut random)
}

fn made(name: &str, generate: Generate, random: &mut Random) -> Case {
    let mut draft = Draft::new(random);
    generate(&mut draft);
    Case { feature: name.to_owned(), steps: draft.steps }
}
