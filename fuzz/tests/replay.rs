//! Every target on stable: its seeds and regressions, and many inputs made of them from a fixed seed.

use std::fs;
use std::path::{Path, PathBuf};

/// Made inputs per target, so that a target takes a few seconds.
const MADE: usize = 10_000;

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound.max(1)
    }
}

/// The files in a folder beside this one, or in any by its whole path.
fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<_> = entries.map(|entry| entry.expect("a folder that can be read").path()).collect();
    // Notes stand beside what they are about.
    files.retain(|file| file.extension().is_none_or(|extension| extension != "md"));
    files.sort();
    files
}

fn inputs(folder: &str) -> Vec<Vec<u8>> {
    files(folder).iter().map(|file| fs::read(file).expect("a file that can be read")).collect()
}

/// The words of the dictionaries that are for a target.
fn words(target: &str) -> Vec<Vec<u8>> {
    let texts = files("dictionaries").into_iter().map(|file| fs::read_to_string(file).expect("text"));
    let is_for = |text: &String| {
        text.lines()
            .filter_map(|line| line.strip_prefix("# for: "))
            .any(|t| t.split(' ').any(|t| t == target))
    };
    let texts: String = texts.filter(is_for).collect();
    texts.lines().filter_map(|line| line.strip_prefix('"')?.strip_suffix('"')).map(unescaped).collect()
}

/// A word as libFuzzer reads it.
fn unescaped(word: &str) -> Vec<u8> {
    let mut rest = word.as_bytes();
    let mut bytes = Vec::new();
    while let Some((first, after)) = rest.split_first() {
        let (byte, len) = match (first, after) {
            (b'\\', [b'x', digits @ ..]) => {
                let digits = str::from_utf8(&digits[..2]).expect("two digits");
                (u8::from_str_radix(digits, 16).expect("hexadecimal digits"), 4)
            }
            (b'\\', [escaped, ..]) => (*escaped, 2),
            _ => (*first, 1),
        };
        bytes.push(byte);
        rest = &rest[len..];
    }
    bytes
}

fn made(seeds: &[Vec<u8>], words: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    // A quarter are any bytes: to the targets that read them as choices that means something.
    if random.below(4) == 0 {
        return (0..random.below(400)).map(|_| random.below(256) as u8).collect();
    }
    let mut input = seeds[random.below(seeds.len())].clone();
    for _ in 0..1 + random.below(6) {
        let at = random.below(input.len() + 1);
        match random.below(6) {
            0 => input.insert(at, random.below(256) as u8),
            1 if at < input.len() => input[at] = random.below(256) as u8,
            2 if at < input.len() => drop(input.remove(at)),
            3 => input.truncate(at.max(1)),
            4 if !words.is_empty() => drop(input.splice(at..at, words[random.below(words.len())].clone())),
            _ => {
                let other = &seeds[random.below(seeds.len())];
                let from = random.below(other.len());
                let to = (from + 1 + random.below(64)).min(other.len());
                input.splice(at..at, other.get(from..to).unwrap_or_default().to_vec());
            }
        }
    }
    input
}

fn replay(target: &str) {
    let seeds = inputs(&format!("seeds/{target}"));
    assert!(!seeds.is_empty(), "{target} has no seeds");
    // What a hunt collected, where somebody asks for it.
    let collected = std::env::var("BARTIZAN_CORPUS").map(|folder| inputs(&format!("{folder}/{target}")));
    let regressions = inputs(&format!("regressions/{target}"));
    for input in seeds.iter().chain(&regressions).chain(collected.iter().flatten()) {
        bartizan_fuzz::run(target, input);
    }
    let (words, mut random) = (words(target), Random(7));
    for _ in 0..MADE {
        let input = made(&seeds, &words, &mut random);
        let caught = std::panic::catch_unwind(|| bartizan_fuzz::run(target, &input));
        assert!(caught.is_ok(), "{target} on {}", input.escape_ascii());
    }
}

macro_rules! replays {
    ($($target:ident),*) => {
        $(#[test] fn $target() { replay(stringify!($target)); })*

        #[test]
        fn every_target_is_replayed() {
            let names: Vec<_> = bartizan_fuzz::TARGETS.iter().map(|(name, _)| *name).collect();
            assert_eq!(names, [$(stringify!($target)),*]);
            let programs: Vec<_> = files("fuzz_targets").iter().map(|file| file.file_stem().map(ToOwned::to_owned)).collect();
            assert!(names.iter().all(|name| programs.contains(&Some((*name).into()))) && programs.len() == names.len());
        }
    };
}

replays!(
    config_text,
    bundle,
    config_object,
    wire,
    regex_dialect,
    transform,
    detect,
    token,
    processors,
    eval_sequence,
    capi_sequence,
    plan_vs_twin,
    oracle
);
