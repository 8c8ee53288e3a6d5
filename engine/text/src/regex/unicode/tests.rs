//! The tables against those of `regex-syntax`, cut down to Unicode 14.
//!
//! When a newer `regex-syntax` changes what it says of code points that Unicode 14 knew, the
//! change belongs among the exceptions here: RE2 stays at Unicode 14.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, HirKind};

use super::super::fold::{PAIRS, Run as Fold};
use super::super::runes::{MAX, SURROGATES};
use super::tables::*;
use super::{Group, runs};

/// Was a nonspacing mark in Unicode 14, and is a spacing one now.
const WAS_NONSPACING: u32 = 0x1171E;
/// Fold to each other since Unicode 15.1.
const FOLD_SINCE: [(u32, u32); 3] = [(0x390, 0x1FD3), (0x3B0, 0x1FE3), (0xFB05, 0xFB06)];

/// What one code point has in a table: a property's place among the names.
type Column = Vec<Option<usize>>;

fn class(pattern: &str) -> Vec<(u32, u32)> {
    match regex_syntax::parse(pattern).expect("a known property").into_kind() {
        HirKind::Class(Class::Unicode(class)) => {
            class.iter().map(|range| (range.start().into(), range.end().into())).collect()
        }
        HirKind::Literal(literal) => {
            let text = core::str::from_utf8(&literal.0).expect("a character");
            text.chars().map(|c| (c.into(), c.into())).collect()
        }
        other => panic!("{pattern} is {other:?}"),
    }
}

fn known_to_unicode_14() -> Vec<bool> {
    let mut known = alloc::vec![false; MAX as usize + 1];
    for (first, last) in class(r"\p{age:14.0}").into_iter().chain([SURROGATES]) {
        known[first as usize..=last as usize].fill(true);
    }
    known
}

fn column(names: &str, property: &str) -> Column {
    let known = known_to_unicode_14();
    let mut column = alloc::vec![None; known.len()];
    for (place, name) in names.split(' ').enumerate() {
        let ranges = match name {
            "Cs" => [SURROGATES].into(),
            _ => class(&format!(r"\p{{{property}:{name}}}")),
        };
        for rune in ranges.into_iter().flat_map(|(first, last)| first as usize..=last as usize) {
            assert_eq!(column[rune], None, "{rune:x} has two {property}");
            column[rune] = known[rune].then_some(place);
        }
    }
    column
}

fn text(column: &Column, code: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for run in column.chunk_by(|a, b| a == b) {
        text += &run[0].map_or("-".into(), &code);
        if run.len() > 1 {
            text += &format!("{}", run.len());
        }
    }
    text
}

#[test]
fn categories_are_those_of_unicode_14() {
    let mut column = column(CATEGORY_NAMES, "gc");
    column[WAS_NONSPACING as usize] = CATEGORY_NAMES.split(' ').position(|name| name == "Mn");
    let letters: Vec<char> = ('A'..='Z').chain('a'..='c').collect();
    assert_eq!(CATEGORIES, text(&column, |place| letters[place].into()));
}

#[test]
fn scripts_are_those_of_unicode_14() {
    let text = text(&column(SCRIPT_NAMES, "sc"), |place| {
        [b'A' + (place / 26) as u8, b'a' + (place % 26) as u8].map(char::from).iter().collect()
    });
    assert_eq!(SCRIPTS, text);
}

#[test]
fn folds_are_those_of_unicode_14() {
    let known = known_to_unicode_14();
    let next = |rune: u32| -> Option<u32> {
        let c = char::from_u32(rune).filter(|_| known[rune as usize])?;
        let mut orbit = ClassUnicode::new([ClassUnicodeRange::new(c, c)]);
        orbit.try_case_fold_simple().expect("the tables are there");
        let mut orbit: Vec<u32> =
            orbit.iter().flat_map(|range| range.start().into()..=range.end().into()).collect();
        orbit.retain(|&other| {
            known[other as usize] && !FOLD_SINCE.contains(&(rune.min(other), rune.max(other)))
        });
        let place = orbit.iter().position(|&other| other == rune)?;
        Some(orbit[(place + 1) % orbit.len()]).filter(|&other| other != rune)
    };
    let pairs = |rune: u32| next(rune) == Some(rune + 1) && next(rune + 1) == Some(rune);
    let mut folds: Vec<Fold> = Vec::new();
    let mut rune = 0;
    while rune <= MAX {
        let first = rune;
        if pairs(rune) {
            while pairs(rune) {
                rune += 2;
            }
            folds.push((first, rune - 1, PAIRS));
        } else if let Some(to) = next(rune) {
            while next(rune) == Some(to + (rune - first)) && !pairs(rune) {
                rune += 1;
            }
            folds.push((first, rune - 1, to as i32 - first as i32));
        } else {
            rune += 1;
        }
    }
    assert_eq!(FOLDS, folds);
}

#[test]
fn tables_end_where_code_points_end() {
    assert_eq!(runs(CATEGORIES, 1).last().map(|run| run.last), Some(MAX));
    assert_eq!(runs(SCRIPTS, 2).last().map(|run| run.last), Some(MAX));
}

#[test]
fn groups_are_found_by_name() {
    for (name, members) in [
        ("Any", MAX + 1),
        ("L", 131_756),
        ("C", 139_744),
        ("Cs", 2048),
        ("Lu", 1831),
        ("Zl", 1),
        ("Yi", 1220),
        ("Greek", 518),
        ("SignWriting", 672),
    ] {
        let group = Group::named(name.as_bytes()).expect(name);
        let count: u32 = group.ranges().iter().map(|(first, last)| last - first + 1).sum();
        assert_eq!(count, members, "{name}");
    }
    for name in ["", "any", "X", "Cn", "LC", "lu", "greek", "Greek Han", "Kawi", "Lu Ll", "é"] {
        assert_eq!(Group::named(name.as_bytes()), None, "{name}");
    }
}
