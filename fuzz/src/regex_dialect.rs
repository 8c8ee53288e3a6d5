//! Any pattern on any text: what the dialect accepts compiles, finds what a plain simulation finds, and nothing where the
//! pattern's needs are not met.

use bartizan_text::regex::literal::SPECIAL_FOLDS;
use bartizan_text::regex::need::Need;
use bartizan_text::regex::{Options, needs, parse};
use regex_automata::nfa::thompson::{self, pikevm::PikeVM};
use regex_automata::{Input, meta};

pub(crate) fn run(data: &[u8]) {
    let (choice, data) = crate::choice(data);
    let (pattern, value) = crate::halves(data);
    let options = Options { case_sensitive: choice & 1 != 0 };
    let Ok(hir) = parse(pattern, options) else { return };
    let needs = needs(pattern, options).expect("it was accepted before");
    // As the engine does it.
    let config =
        meta::Config::new().utf8_empty(false).nfa_size_limit(Some(16 << 20)).hybrid_cache_capacity(2 << 20);
    let config = config.onepass(false).dfa(false);
    let regex =
        meta::Builder::new().configure(config).build_from_hir(&hir).expect("what is accepted compiles");
    let found = regex.find(value).map(|found| found.range());
    // The simulation takes the size of the pattern for each byte.
    if pattern.len() * value.len() < 1 << 16 {
        let compiler = thompson::Config::new().utf8(false).nfa_size_limit(Some(16 << 20));
        let nfa =
            thompson::Compiler::new().configure(compiler).build_from_hir(&hir).expect("it compiled before");
        if nfa.states().len() * (value.len() + 1) < 1 << 20 {
            let plain = PikeVM::new_from_nfa(nfa).expect("any NFA will do");
            let simulated = plain.find_iter(&mut plain.create_cache(), Input::new(value)).next();
            assert_eq!(found, simulated.map(|found| found.range()));
        }
    }
    // Whoever looks for needs takes values with letters that fold to ASCII from outside for candidates anyway.
    let holds = |letter: &str| value.windows(letter.len()).any(|window| window == letter.as_bytes());
    let is_special = SPECIAL_FOLDS.iter().any(|(letter, _)| holds(letter));
    if let (Some(_), Some(needs), false) = (found, needs, is_special) {
        let folded = value.to_ascii_lowercase();
        let is_met = |need: &Need| match need {
            Need::Literal(literal) => folded.windows(literal.len()).any(|window| window == &**literal),
            Need::Bytes(bytes) => bytes.iter().all(|byte| folded.contains(byte)),
        };
        assert!(needs.iter().any(is_met), "a match that meets no need of {needs:?}");
    }
}
