//! The words and phrases with a meaning of their own, and their classes.
//!
//! `keywords.txt` is the list: lines of a class letter, a colon and words separated by commas.
//! It was checked against what libddwaf 2.1.0 answers for values that hold them. Single words of
//! class `n` are not listed, since a word nobody knows has that class as well.
//!
//! The lookup table is an open-addressed hash table built from the list at compile time; it holds
//! no words, only where they stand in the list.

use super::class::Class;
use super::token::TEXT_MAX;

const LIST: &[u8] = include_bytes!("keywords.txt");

/// A power of two, about twice the number of words.
const SLOTS: usize = 2048;

/// Each slot is 0 or a word: offset in the list (bits 0..16), length (16..24), class letter (24..32).
static TABLE: [u32; SLOTS] = build();

/// First letters (bit 0 is `A`) of the phrases, that is, of entries with a space.
const PHRASE_INITIALS: u32 = phrase_initials();

/// The longest entry.
const LONGEST: usize = longest();

/// The class of `word`, if it is listed; case does not matter.
pub(super) fn class_of(word: &[u8]) -> Option<Class> {
    find(word).map(|(_, class)| class)
}

/// The phrase that `first` and `second` make with a space between them, if it is listed.
pub(super) fn phrase(first: &[u8], second: &[u8]) -> Option<(&'static [u8], Class)> {
    let len = first.len() + 1 + second.len();
    let initial = first.first()?.to_ascii_uppercase();
    if len > LONGEST || !initial.is_ascii_uppercase() || PHRASE_INITIALS >> (initial - b'A') & 1 == 0 {
        return None;
    }
    let mut joined = [b' '; TEXT_MAX];
    joined[..first.len()].copy_from_slice(first);
    joined[first.len() + 1..len].copy_from_slice(second);
    find(&joined[..len])
}

/// The entry that equals `word` without regard to case: its listed spelling and class.
fn find(word: &[u8]) -> Option<(&'static [u8], Class)> {
    if word.len() < 2 || word.len() > LONGEST {
        return None;
    }
    let mut slot = home(word);
    loop {
        let entry = TABLE[slot];
        if entry == 0 {
            return None;
        }
        let (start, len) = ((entry & 0xffff) as usize, (entry >> 16 & 0xff) as usize);
        if len == word.len() && LIST[start..start + len].eq_ignore_ascii_case(word) {
            return Class::of_keyword((entry >> 24) as u8).map(|class| (&LIST[start..start + len], class));
        }
        slot = (slot + 1) % SLOTS;
    }
}

/// The slot where the search for `word` (two bytes or more) starts. Looks at five of its bytes;
/// clearing bit 5 makes letters of either case alike.
const fn home(word: &[u8]) -> usize {
    const CASE: u8 = 0xdf;
    let n = word.len();
    let sample = u32::from_le_bytes([word[0] & CASE, word[1] & CASE, word[n / 2] & CASE, word[n - 1] & CASE]);
    let mixed = sample ^ ((n as u32) << 21) ^ (((word[n - n / 3 - 1] & CASE) as u32) << 13);
    (mixed.wrapping_mul(0x9e37_79b1) >> 21) as usize % SLOTS
}

/// Where the word that starts at `start` ends.
const fn end_of_word(start: usize) -> usize {
    let mut end = start;
    while LIST[end] != b',' && LIST[end] != b'\n' {
        end += 1;
    }
    end
}

const fn build() -> [u32; SLOTS] {
    let mut table = [0; SLOTS];
    let mut letter = LIST[0];
    let mut start = 2;
    while start < LIST.len() {
        let end = end_of_word(start);
        let (_, tail) = LIST.split_at(start);
        let (word, _) = tail.split_at(end - start);
        assert!(word.len() >= 2 && word.len() <= TEXT_MAX && end < 0x1_0000);
        assert!(Class::of_keyword(letter).is_some());
        let mut slot = home(word);
        while table[slot] != 0 {
            slot = (slot + 1) % SLOTS;
        }
        table[slot] = start as u32 | (word.len() as u32) << 16 | (letter as u32) << 24;
        start = end + 1;
        if LIST[end] == b'\n' && start < LIST.len() {
            letter = LIST[start];
            start += 2;
        }
    }
    table
}

const fn phrase_initials() -> u32 {
    let mut initials = 0;
    let mut slot = 0;
    let table = build();
    while slot < SLOTS {
        let start = (table[slot] & 0xffff) as usize;
        let end = start + (table[slot] >> 16 & 0xff) as usize;
        let mut at = start;
        while at < end {
            if LIST[at] == b' ' {
                initials |= 1 << (LIST[start] - b'A');
            }
            at += 1;
        }
        slot += 1;
    }
    initials
}

const fn longest() -> usize {
    let mut longest = 0;
    let mut slot = 0;
    let table = build();
    while slot < SLOTS {
        let len = (table[slot] >> 16 & 0xff) as usize;
        if len > longest {
            longest = len;
        }
        slot += 1;
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::{Class, LIST, SLOTS, TABLE, class_of, phrase};

    #[test]
    fn finds_words_in_any_case_and_nothing_else() {
        for (word, class) in [
            ("select", Some(Class::Expression)),
            ("SeLeCt", Some(Class::Expression)),
            ("Union All Distinct", Some(Class::Union)),
            ("dbms_utility.sqlid_to_sqlhash", Some(Class::Function)),
            ("_utf8", Some(Class::SqlType)),
            ("or", Some(Class::Logic)),
            ("true", Some(Class::Number)),
            ("selec", None),
            ("selects", None),
            ("sel\0ct", None),
            ("o", None),
            ("", None),
            ("dbms_utility.sqlid_to_sqlhash_", None),
        ] {
            assert_eq!(class_of(word.as_bytes()), class, "{word}");
        }
        // Clearing bit 5 makes these bytes alike for the hash, but they are other words.
        assert_eq!(class_of(b"group\0by"), None);
        assert_eq!(class_of(b"\x7futf8"), None);
    }

    #[test]
    fn phrases_come_back_in_the_listed_spelling() {
        assert_eq!(phrase(b"group", b"by"), Some((&b"GROUP BY"[..], Class::Group)));
        assert_eq!(phrase(b"union all", b"Distinct"), Some((&b"UNION ALL DISTINCT"[..], Class::Union)));
        for (first, second) in [("group", "bys"), ("", "by"), ("1", "by"), ("group", ""), ("\u{e9}", "by")] {
            assert_eq!(phrase(first.as_bytes(), second.as_bytes()), None, "{first} {second}");
        }
        assert_eq!(phrase(&[b'g'; 31], &[b'b'; 31]), None);
    }

    #[test]
    fn every_listed_word_is_found_with_its_class_after_few_steps() {
        let list = core::str::from_utf8(LIST).expect("the list is ASCII");
        let mut words = 0;
        for line in list.lines() {
            let (letter, line) = line.split_once(':').expect("class:words");
            for word in line.split(',') {
                let class = class_of(word.as_bytes()).expect(word);
                assert_eq!([class.letter()], letter.as_bytes(), "{word}");
                words += 1;
            }
        }
        assert_eq!(words, TABLE.iter().filter(|&&entry| entry != 0).count(), "a word is listed twice");
        let longest_run = TABLE.split(|&entry| entry == 0).map(<[u32]>::len).max();
        assert!(words < SLOTS / 2 + SLOTS / 8 && longest_run < Some(24), "{words} {longest_run:?}");
    }
}
