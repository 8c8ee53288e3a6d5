//! The contract of `regex::need`: a value that meets none of a pattern's needs holds no match.

use bartizan_text::regex::need::Need;
use bartizan_text::regex::{Options, needs, parse};
use regex_automata::nfa::thompson::{NFA, WhichCaptures, pikevm::PikeVM};

/// A small generator of its own, so that failures repeat.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

const ATOMS: [&str; 22] = [
    "a", "b", "K", "s", "/", r"\.", "..", "é", "[ab]", "[^a]", r"\d", r"\w", r"\s", "[x-z]", "ab", "select",
    "on", r"\b", "^", "$", "%2e", r"\x5c",
];
const REPEATS: [&str; 10] = ["*", "+", "?", "{2}", "{2,3}", "{2,}", "{0,2}", "*?", "+?", "{3,5}?"];
const PIECES: [&str; 24] = [
    "a", "b", "K", "k", "s", "S", "/", ".", "..", "é", "x", "z", "0", "7", " ", "\n", "ab", "AB", "select",
    "on", "%2e", "%2E", "\\", "_",
];

fn pattern(random: &mut Random, depth: usize) -> String {
    let parts = 1 + random.below(4);
    let mut text = String::new();
    for _ in 0..parts {
        let atom = match random.below(if depth == 0 { 3 } else { 6 }) {
            0..=2 => format!("(?:{})", random.pick(&ATOMS)),
            3 => format!("(?:{}|{})", pattern(random, depth - 1), pattern(random, depth - 1)),
            4 => {
                format!("(?:{}|{}|{})", random.pick(&ATOMS), pattern(random, depth - 1), random.pick(&ATOMS))
            }
            _ => format!("(?:{})", pattern(random, depth - 1)),
        };
        text.push_str(&atom);
        if random.below(3) == 0 {
            text.push_str(random.pick(&REPEATS));
        }
    }
    text
}

fn is_met(need: &Need, value: &[u8]) -> bool {
    let folded = value.to_ascii_lowercase();
    match need {
        Need::Literal(literal) => folded.windows(literal.len()).any(|window| window == &**literal),
        Need::Bytes(bytes) => bytes.iter().all(|byte| folded.contains(byte)),
    }
}

#[test]
fn every_match_meets_a_need() {
    let mut random = Random(42);
    let (mut matches, mut known) = (0, 0);
    for _ in 0..6_000 {
        let text = pattern(&mut random, 2);
        let options = Options { case_sensitive: random.below(2) == 0 };
        let Ok(hir) = parse(text.as_bytes(), options) else { continue };
        let Ok(Some(needs)) = needs(text.as_bytes(), options) else { continue };
        known += 1;
        let config = NFA::config().utf8(false).which_captures(WhichCaptures::Implicit);
        let nfa = NFA::compiler().configure(config).build_from_hir(&hir).expect("a small pattern");
        let vm = PikeVM::new_from_nfa(nfa).expect("a small pattern");
        let mut cache = vm.create_cache();
        for _ in 0..40 {
            let value: String = (0..1 + random.below(12)).map(|_| random.pick(&PIECES)).collect();
            if vm.is_match(&mut cache, &value) {
                matches += 1;
                assert!(
                    needs.iter().any(|need| is_met(need, value.as_bytes())),
                    "{text:?} matches {value:?}, which meets none of {needs:?}"
                );
            }
        }
    }
    assert!(known > 1_000 && matches > 10_000, "{known} patterns with needs, {matches} matches");
}
