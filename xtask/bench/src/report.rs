//! What was measured, as people and programs read it.

use crate::rounds::Times;
use crate::traffic::{Class, Request};
use bartizan_peers::agreement::Agreed;
use serde_json::{Value as Json, json};
use std::fmt::Write;

/// How many times faster than the genuine library: what is accepted, and what is aimed at.
fn goal(class: Class) -> (f64, f64) {
    match class {
        Class::Benign | Class::Long => (20.0, 40.0),
        Class::Attack => (14.0, 20.0),
        Class::Rasp => (8.0, 12.0),
        Class::Worst => (6.0, 12.0),
        Class::Strict => (15.0, 25.0),
    }
}

pub(crate) struct ClassFigures {
    pub(crate) class: Class,
    requests: usize,
    /// Of a request, on average.
    bytes: f64,
    values: f64,
    matched: usize,
    sides: [Side; 2],
    /// Requests whose best round takes longer than theirs, and how many times longer the worst of them.
    slower: usize,
    slowest: f64,
}

/// Nanoseconds.
struct Side {
    best: f64,
    median: f64,
    p99: f64,
    p99_of_all: f64,
}

impl ClassFigures {
    pub(crate) fn of(class: Class, requests: &[Request], agreed: &Agreed, times: &[Times; 2]) -> Self {
        let mean = |of: fn(&Request) -> usize| {
            requests.iter().map(of).sum::<usize>() as f64 / requests.len().max(1) as f64
        };
        let side = |times: &Times| Side {
            best: times.best(),
            median: times.median(),
            p99: times.p99(),
            p99_of_all: times.p99_of_all(),
        };
        let ratios: Vec<f64> = times[0]
            .bests()
            .iter()
            .zip(times[1].bests())
            .map(|(theirs, ours)| ours as f64 / (*theirs).max(1) as f64)
            .collect();
        ClassFigures {
            class,
            requests: requests.len(),
            bytes: mean(Request::bytes),
            values: mean(Request::values),
            matched: agreed.matched,
            sides: [side(&times[0]), side(&times[1])],
            slower: ratios.iter().filter(|r| **r > 1.0).count(),
            slowest: ratios.iter().copied().fold(0.0, f64::max),
        }
    }

    fn ratio(&self, of: fn(&Side) -> f64) -> f64 {
        of(&self.sides[0]) / of(&self.sides[1]).max(1.0)
    }

    fn to_json(&self) -> Json {
        let side = |side: &Side| {
            json!({"best ns": side.best, "median ns": side.median, "p99 ns": side.p99,
                   "p99 of all ns": side.p99_of_all, "MB/s": self.bytes / side.best * 1e3})
        };
        let (accept, aim) = goal(self.class);
        json!({
            "class": self.class.name(), "requests": self.requests, "bytes": self.bytes, "values": self.values,
            "with events": self.matched, "theirs": side(&self.sides[0]), "ours": side(&self.sides[1]),
            "times faster": {"best": self.ratio(|s| s.best), "median": self.ratio(|s| s.median),
                "p99": self.ratio(|s| s.p99), "p99 of all": self.ratio(|s| s.p99_of_all)},
            "accept": accept, "aim": aim, "slower requests": self.slower,
            "slowest request, times theirs": self.slowest,
        })
    }
}

pub(crate) struct Figures {
    versions: [String; 2],
    rounds: usize,
    pub(crate) classes: Vec<ClassFigures>,
}

impl Figures {
    pub(crate) fn new(versions: [String; 2], rounds: usize) -> Self {
        Figures { versions, rounds, classes: Vec::new() }
    }

    pub(crate) fn to_json(&self) -> Json {
        json!({"theirs": self.versions[0], "ours": self.versions[1], "rounds": self.rounds,
               "classes": self.classes.iter().map(ClassFigures::to_json).collect::<Vec<_>>()})
    }

    pub(crate) fn table(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(
            out,
            "theirs: {}, ours: {}; {} rounds; times are microseconds per request\n\n\
             class   requests   B/req |    theirs      ours | faster  median   p99 | accept  aim | theirs MB/s  ours | slower",
            self.versions[0], self.versions[1], self.rounds
        );
        for c in &self.classes {
            let (accept, aim) = goal(c.class);
            let best = c.ratio(|s| s.best);
            let mark = if best >= aim {
                '+'
            } else if best >= accept {
                ' '
            } else {
                '!'
            };
            let [theirs, ours] = &c.sides;
            let _ = writeln!(
                out,
                "{:<8} {:>7} {:>7.0} | {:>9.2} {:>9.2} |{mark}{:>6.1} {:>7.1} {:>5.1} | {accept:>6} {aim:>4} | {:>11.1} {:>5.0} | {} ({:.2})",
                c.class.name(),
                c.requests,
                c.bytes,
                theirs.best / 1e3,
                ours.best / 1e3,
                best,
                c.ratio(|s| s.median),
                c.ratio(|s| s.p99),
                c.bytes / theirs.best * 1e3,
                c.bytes / ours.best * 1e3,
                c.slower,
                c.slowest,
            );
        }
        out
    }
}
