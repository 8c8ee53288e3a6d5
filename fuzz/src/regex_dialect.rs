//! Any pattern on any text: accepted patterns compile, and a match meets the pattern's needs.

use bartizan_text::regex::need::{Need, needs};
use bartizan_text::regex::{Options, parse};
use regex_automata::meta::{Builder, Config};

pub(crate) fn run(data: &[u8]) {
    let (choice, data) = crate::choice(data);
    let (pattern, value) = crate::halves(data);
    let Ok(hir) = parse(pattern, Options { case_sensitive: choice & 1 != 0 }) else { return };
    let needs = needs(&hir);
    let config = Config::new().utf8_empty(false).nfa_size_limit(Some(4 << 20));
    let Ok(regex) = Builder::new().configure(config).build_from_hir(&hir) else { return };
    let folds_from_outside = ["\u{17f}", "\u{212a}"]
        .iter()
        .any(|letter| value.windows(letter.len()).any(|window| window == letter.as_bytes()));
    if !value.is_empty() && regex.is_match(value) && !folds_from_outside {
        let folded = value.to_ascii_lowercase();
        let is_met = |need: &Need| match need {
            Need::Literal(literal) => folded.windows(literal.len()).any(|window| window == &**literal),
            Need::Bytes(bytes) => bytes.iter().all(|byte| folded.contains(byte)),
        };
        assert!(needs.is_none_or(|needs| needs.iter().any(is_met)), "a match that meets no need");
    }
}
