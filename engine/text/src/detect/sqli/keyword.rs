//! The words and phrases with a meaning of their own, and their classes.
//!
//! `keywords.txt` is the list: lines of a class letter, a colon and words separated by commas.
//! It was checked against what libddwaf 2.1.0 answers for values that hold them. Single words of
//! class `n` are not listed, since a word nobody knows has that class as well.
//!
//! The lookup table is an open-addressed hash table built from the list at compile time; it holds
//! no words, only where they start in the list.

use super::class::Class;
use super::token::TEXT_MAX;

const LIST: &[u8] = include_bytes!("keywords.txt");

/// A power of two, about twice the number of words.
const SLOTS: usize = 2048;

/// Each slot is 0 or where a word starts in the list.
static TABLE: [u16; SLOTS] = build();

/// Where the words of a class end in the list, and the class.
static CLASSES: [(u16, Class); 13] = classes();

/// By the length of what may be the first part of a phrase: its first letters, bit 0 for `A`.
static PHRASE_STARTS: [u32; TEXT_MAX] = phrase_starts();

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
    if len > LONGEST
        || !initial.is_ascii_uppercase()
        || PHRASE_STARTS[first.len()] >> (initial - b'A') & 1 == 0
    {
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
        let start = TABLE[slot] as usize;
        if start == 0 {
            return None;
        }
        if let Some((listed, [b',' | b'\n', ..])) = LIST[start..].split_at_checked(word.len())
            && listed.eq_ignore_ascii_case(word)
            && !listed.contains(&b',')
            && !listed.contains(&b'\n')
        {
            let (_, class) = CLASSES.iter().find(|&&(end, _)| start < end as usize)?;
            return Some((listed, *class));
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

/// Where the word starts that follows the one which ends at `end`. Behind the end of a line stand
/// a class letter and a colon.
const fn next_word(end: usize) -> usize {
    if LIST[end] == b'\n' { end + 3 } else { end + 1 }
}

const fn build() -> [u16; SLOTS] {
    let mut table = [0; SLOTS];
    let mut start = 2;
    while start < LIST.len() {
        let end = end_of_word(start);
        let (_, word) = LIST.split_at(start);
        let (word, _) = word.split_at(end - start);
        assert!(word.len() >= 2 && word.len() <= TEXT_MAX && end < 0x1_0000);
        let mut slot = home(word);
        while table[slot] != 0 {
            slot = (slot + 1) % SLOTS;
        }
        table[slot] = start as u16;
        start = next_word(end);
    }
    table
}

const fn classes() -> [(u16, Class); 13] {
    let mut classes = [(0, Class::Bareword); 13];
    let (mut count, mut letter, mut start) = (0, 0, 2);
    while start < LIST.len() {
        if LIST[start - 1] == b':' && LIST[start - 2] != letter {
            letter = LIST[start - 2];
            count += 1;
        }
        let end = end_of_word(start);
        classes[count - 1] = match Class::of_keyword(letter) {
            Some(class) => (end as u16, class),
            None => panic!("the list has an unknown class"),
        };
        start = next_word(end);
    }
    assert!(count == classes.len());
    classes
}

const fn phrase_starts() -> [u32; TEXT_MAX] {
    let mut starts = [0; TEXT_MAX];
    let mut start = 2;
    while start < LIST.len() {
        let end = end_of_word(start);
        let mut at = start;
        while at < end {
            if LIST[at] == b' ' {
                starts[at - start] |= 1 << (LIST[start] - b'A');
            }
            at += 1;
        }
        start = next_word(end);
    }
    starts
}

const fn longest() -> usize {
    let mut longest = 0;
    let mut start = 2;
    while start < LIST.len() {
        let end = end_of_word(start);
        if end - start > longest {
            longest = end - start;
        }
        start = next_word(end);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::{Class, LIST, LONGEST, SLOTS, TABLE, class_of, phrase};

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
    fn a_stretch_of_the_list_is_no_word() {
        for start in 2..LIST.len() - LONGEST {
            for word in (2..=LONGEST).map(|len| &LIST[start..start + len]) {
                let several = word.contains(&b',') || word.contains(&b'\n');
                assert!(!several || class_of(word).is_none(), "{}", word.escape_ascii());
            }
        }
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
        let longest_run = TABLE.split(|&entry| entry == 0).map(<[u16]>::len).max();
        assert!(words < SLOTS / 2 + SLOTS / 8 && longest_run < Some(24), "{words} {longest_run:?}");
    }
}
