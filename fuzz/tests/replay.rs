//! Every target on stable: its seeds and regressions, and many inputs made of them from a fixed seed.

use std::fs;
use std::path::Path;

/// Mutated inputs per target.
const MUTATED: usize = 3_000;

/// Bytes that mean something to some target.
const SPECIAL: &[u8] = b"\0\"'\\/%<>(){}[]:;,.-#= aZ0\xff\xc5\xbf";

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound.max(1)
    }
}

fn inputs(folder: &str, target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(target);
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a folder that can be read").path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).expect("a file that can be read")).collect()
}

fn mutated(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut input = seeds[random.below(seeds.len())].clone();
    for _ in 0..1 + random.below(4) {
        let at = random.below(input.len() + 1);
        match random.below(5) {
            0 => input.insert(at, random.below(256) as u8),
            1 if at < input.len() => input[at] = SPECIAL[random.below(SPECIAL.len())],
            2 if at < input.len() => drop(input.remove(at)),
            3 => input.truncate(at.max(1)),
            _ => {
                let other = &seeds[random.below(seeds.len())];
                let from = random.below(other.len());
                let to = (from + 1 + random.below(16)).min(other.len());
                let part = other.get(from..to).unwrap_or_default().to_vec();
                input.splice(at..at, part);
            }
        }
    }
    input
}

fn replay(target: &str) {
    let seeds = inputs("seeds", target);
    assert!(!seeds.is_empty(), "{target} has no seeds");
    for input in seeds.iter().chain(&inputs("regressions", target)) {
        bartizan_fuzz::run(target, input);
    }
    let mut random = Random(7);
    for _ in 0..MUTATED {
        let input = mutated(&seeds, &mut random);
        let caught = std::panic::catch_unwind(|| bartizan_fuzz::run(target, &input));
        assert!(caught.is_ok(), "{target} on {:?}", String::from_utf8_lossy(&input));
    }
}

macro_rules! replays {
    ($($target:ident),*) => {
        $(#[test] fn $target() { replay(stringify!($target)); })*

        #[test]
        fn every_target_is_replayed() {
            let names: Vec<_> = bartizan_fuzz::TARGETS.iter().map(|(name, _)| *name).collect();
            assert_eq!(names, [$(stringify!($target)),*]);
        }
    };
}

replays!(config_text, wire, regex_dialect, transform, detect, agreement);
