//! Fingerprints, and which of them are known to be injections.
//!
//! `fingerprints.txt` is the list. libddwaf 2.1.0 was seen to report all but 113 of them, to which no
//! value seems to fold, and no others. A line
//! `1NE VNE = 1OC NC F(` stands for all fingerprints that start with one of the triples on the
//! left and go on with one of the groups on the right: a fourth letter and the letters that may
//! be fifth. A dot is the end: `N.F` allows `1NEN` and `1NENF`, the triple `1U.` is `1U` alone.
//! Letters are in upper case; `t` and `T` are one.
//!
//! At compile time the list becomes an automaton of small rows: the first two letters and the
//! third choose a set of endings, the fourth letter chooses in it a mask of fifth letters.

use super::class::Class;
use super::token::Token;

/// At most this many tokens make a fingerprint.
pub(super) const TOKENS_MAX: usize = 5;

/// The classes of the (at most five) tokens to which a value was folded, one ASCII letter each.
///
/// ```
/// let found = bartizan_text::detect::sqli::is_sqli(b"' or 1=1 -- ").expect("an injection");
/// assert_eq!(found.as_str(), "s&1c");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint {
    letters: [u8; TOKENS_MAX],
    len: u8,
}

impl Fingerprint {
    /// The fingerprint of a value that no innocent reading can explain.
    pub(super) const EVIL: Self = Self { letters: [Class::Evil.letter(), 0, 0, 0, 0], len: 1 };

    /// The fingerprint of at most five tokens.
    pub(super) fn of(tokens: &[Token<'_>]) -> Self {
        let mut letters = [0; TOKENS_MAX];
        for (letter, token) in letters.iter_mut().zip(tokens) {
            *letter = token.class.letter();
        }
        Self { letters, len: tokens.len().min(TOKENS_MAX) as u8 }
    }

    /// Its letters as bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.letters[..self.len as usize]
    }

    /// Its letters as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(self.as_bytes()).expect("class letters are ASCII")
    }

    /// Whether the list has it.
    pub(super) fn is_listed(&self) -> bool {
        let [a, b, c, d, e] = self.letters.map(symbol);
        let row = AUTOMATON.pairs[a as usize][b as usize];
        let set = AUTOMATON.triples[row as usize][c as usize];
        let mask = AUTOMATON.endings[set as usize][d as usize];
        AUTOMATON.masks[mask as usize] >> e & 1 != 0
    }
}

impl core::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}

const LIST: &[u8] = include_bytes!("fingerprints.txt");

/// The letters that occur in the list. The first stands for the end, the last for all others,
/// which no list entry has.
const SYMBOLS: &[u8] = b".1NSVFOE(K&)UBT;,CA:?";
const WIDTH: usize = SYMBOLS.len();
const END: u8 = 0;

/// The rows in use, at most; row 0 of each kind accepts nothing.
const PAIRS: usize = 96;
const SETS: usize = 216;
const MASKS: usize = 192;

struct Automaton {
    /// By first and second letter: a row of `triples`.
    pairs: [[u8; WIDTH]; WIDTH],
    /// By third letter: a row of `endings`.
    triples: [[u8; WIDTH]; PAIRS],
    /// By fourth letter: an item of `masks`.
    endings: [[u8; WIDTH]; SETS],
    /// Which fifth letters are listed.
    masks: [u32; MASKS],
}

static AUTOMATON: Automaton = build();

const fn symbol(letter: u8) -> u8 {
    SYMBOL_OF[letter as usize]
}

static SYMBOL_OF: [u8; 256] = symbols();

const fn symbols() -> [u8; 256] {
    let mut table = [WIDTH as u8 - 1; 256];
    let mut i = 1;
    while i + 1 < WIDTH {
        table[SYMBOLS[i] as usize] = i as u8;
        table[SYMBOLS[i].to_ascii_lowercase() as usize] = i as u8;
        i += 1;
    }
    table[0] = END;
    table[b'.' as usize] = WIDTH as u8 - 1;
    table
}

/// The symbol a letter of the list stands for, where a dot is the end.
const fn listed_symbol(letter: u8) -> usize {
    if letter == b'.' {
        return END as usize;
    }
    let symbol = symbols()[letter as usize] as usize;
    assert!(symbol + 1 < WIDTH, "the list has a letter that SYMBOLS lacks");
    symbol
}

const fn build() -> Automaton {
    let mut automaton = Automaton {
        pairs: [[0; WIDTH]; WIDTH],
        triples: [[0; WIDTH]; PAIRS],
        endings: [[0; WIDTH]; SETS],
        masks: [0; MASKS],
    };
    let (mut rows, mut sets, mut masks) = (1, 1, 1);
    let mut at = 0;
    while at < LIST.len() {
        // Left of `=`: triples that lead to this line's set.
        while LIST[at] != b'=' {
            let a = listed_symbol(LIST[at]);
            let b = listed_symbol(LIST[at + 1]);
            let c = listed_symbol(LIST[at + 2]);
            if automaton.pairs[a][b] == 0 {
                automaton.pairs[a][b] = rows;
                rows += 1;
            }
            let row = automaton.pairs[a][b] as usize;
            assert!(automaton.triples[row][c] == 0, "a triple is listed twice");
            automaton.triples[row][c] = sets;
            at += 4;
        }
        at += 1;
        // Right of it: groups of a fourth letter and the fifth letters that go with it.
        while LIST[at] == b' ' {
            let fourth = listed_symbol(LIST[at + 1]);
            at += 2;
            let mut mask = 0;
            if fourth == END as usize {
                mask = 1 << END;
            }
            while LIST[at] != b' ' && LIST[at] != b'\n' {
                mask |= 1 << listed_symbol(LIST[at]);
                at += 1;
            }
            let mut same = 1;
            while same < masks && automaton.masks[same as usize] != mask {
                same += 1;
            }
            if same == masks {
                automaton.masks[same as usize] = mask;
                masks += 1;
            }
            automaton.endings[sets as usize][fourth] = same;
        }
        sets += 1;
        at += 1;
    }
    automaton
}

#[cfg(test)]
mod tests {
    use super::{END, Fingerprint, LIST, SYMBOLS, WIDTH};

    fn fingerprint(letters: &str) -> Fingerprint {
        let mut fingerprint = Fingerprint { letters: [0; 5], len: letters.len() as u8 };
        fingerprint.letters[..letters.len()].copy_from_slice(letters.as_bytes());
        fingerprint
    }

    #[test]
    fn lists_what_libddwaf_reports_and_not_what_it_dropped() {
        for letters in ["1U", "vc", "s&1c", "1UEnk", "sUE1,", "1;n:t", "1;n:T", "1K1"] {
            assert!(fingerprint(letters).is_listed(), "{letters}");
        }
        for letters in
            ["", "1", "1c", "nc", "sos", "s&1", "n&1", "1UE.", "1\0U", ".1U", "?", "1U\\", "X", "1;n:k"]
        {
            assert!(!fingerprint(letters).is_listed(), "{letters}");
        }
    }

    #[test]
    fn accepts_exactly_the_listed_combinations() {
        let list = core::str::from_utf8(LIST).expect("the list is ASCII");
        let mut listed = 0;
        for line in list.lines() {
            let (triples, groups) = line.split_once(" = ").expect("triples = groups");
            for triple in triples.split(' ') {
                for group in groups.split(' ') {
                    let (fourth, fifths) = group.split_at(1);
                    for fifth in if fourth == "." { "." } else { fifths }.split("").filter(|f| !f.is_empty())
                    {
                        let mut letters = [0; 5];
                        let mut len = 0;
                        for letter in
                            [triple, fourth, fifth].into_iter().flat_map(str::bytes).filter(|&b| b != b'.')
                        {
                            letters[len] = letter;
                            len += 1;
                        }
                        let fingerprint = Fingerprint { letters, len: len as u8 };
                        assert!(fingerprint.is_listed(), "{fingerprint:?}");
                        listed += 1;
                    }
                }
            }
        }
        let mut accepted = 0;
        for mut code in 0..WIDTH.pow(5) {
            let mut letters = [0; 5];
            for letter in &mut letters {
                let symbol = code % WIDTH;
                *letter = if symbol == END as usize { 0 } else { SYMBOLS[symbol] };
                code /= WIDTH;
            }
            accepted += usize::from(Fingerprint { letters, len: 5 }.is_listed());
        }
        assert_eq!(accepted, listed);
    }
}
