//! Rulesets and requests out of a number, for tests, fuzzing and comparisons.

mod condition;
mod config;
mod random;
mod request;
mod text;

use crate::portable::encode;
use crate::value::Value;
use random::Random;
use std::fmt;

/// The addresses that are used; conditions look at the first few, the others are for detectors and
/// processors, or made by them.
const ADDRESSES: [&str; 15] = [
    "a",
    "b",
    "c",
    "o1",
    "params",
    "d",
    "method",
    "uri",
    "headers",
    "token",
    "statement",
    "system",
    "file",
    "url",
    "shell",
];

/// Keys of maps.
const KEYS: [&str; 7] = ["k", "x", "K", "0", "", "path", "k"];

/// One step of a case. Contexts are numbered in the order in which they are opened.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Gives a path a configuration.
    Update {
        /// The path.
        path: String,
        /// The configuration.
        config: Value,
    },
    /// Takes a path away.
    Remove {
        /// The path.
        path: String,
    },
    /// Opens a context of what is configured now.
    Open,
    /// Opens a context that starts as a copy of another.
    Subcontext {
        /// The number of the other.
        of: usize,
    },
    /// Evaluates.
    Eval {
        /// The number of the context.
        context: usize,
        /// A map from address to value, or an array of such maps.
        data: Value,
        /// Seconds since the epoch.
        now_s: u64,
        /// Whether there is any time.
        has_time: bool,
    },
}

/// Steps in order.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Case {
    /// The steps.
    pub steps: Vec<Step>,
}

/// As a case of the shared corpus, to be copied into a suite.
impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  - name: (a sentence)\n    origin: fuzz:agreement\n    runs:")?;
        let mut contexts = 0..;
        let mut next = || contexts.next().unwrap_or_default();
        for step in &self.steps {
            match step {
                Step::Update { path, config } => {
                    writeln!(f, "      - update: {path}\n        config: {}", encode(config).to_json())?;
                }
                Step::Remove { path } => writeln!(f, "      - remove: {path}")?,
                Step::Open => writeln!(f, "      - build: true\n      - open: c{}", next())?,
                Step::Subcontext { of } => writeln!(f, "      - subcontext: c{}\n        of: c{of}", next())?,
                Step::Eval { context, data, now_s, has_time } => {
                    let key = if matches!(data, Value::Array(_)) { "batches" } else { "input" };
                    writeln!(f, "      - in: c{context}\n        {key}: {}", encode(data).to_json())?;
                    writeln!(f, "        now_s: {now_s}")?;
                    if !has_time {
                        writeln!(f, "        budget: 0")?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// The case of a number; always the same one.
#[must_use]
pub fn case(seed: u64) -> Case {
    made(&mut Random::new(seed))
}

/// The case that bytes choose: each is one choice, so that where few of them differ, cases are alike. What is
/// left to choose after the last is always chosen alike.
#[must_use]
pub fn case_of(tape: &[u8]) -> Case {
    made(&mut Random::of_tape(tape))
}

fn made(random: &mut Random) -> Case {
    let mut steps = vec![Step::Update { path: "p0".into(), config: config::config(random, "p0") }];
    if random.chance(15) {
        steps.push(Step::Update { path: "p1".into(), config: config::config(random, "p1") });
    }
    steps.push(Step::Open);
    let mut contexts = 1;
    let mut sent = Vec::new();
    let mut now_s = random.below(8) as u64;
    for _ in 0..random.between(2, 8) {
        now_s += random.below(4) as u64;
        match random.below(26) {
            0 | 1 => {
                steps.push(Step::Subcontext { of: random.below(contexts) });
                contexts += 1;
            }
            2 => {
                let path = (*random.pick(&["p0", "p1"])).to_owned();
                let config = config::config(random, &path);
                steps.push(Step::Update { path, config });
                steps.push(Step::Open);
                contexts += 1;
            }
            3 => {
                steps.push(Step::Remove { path: "p1".into() });
                steps.push(Step::Open);
                contexts += 1;
            }
            24 | 25 => {
                steps.push(Step::Open);
                contexts += 1;
            }
            choice => {
                let context = if random.chance(60) { contexts - 1 } else { random.below(contexts) };
                let data = match choice {
                    4..7 => Value::Array(random.several(0, 3, |random| request::batch(random, &mut sent))),
                    _ => request::batch(random, &mut sent),
                };
                steps.push(Step::Eval { context, data, now_s, has_time: !random.chance(2) });
            }
        }
    }
    Case { steps }
}
