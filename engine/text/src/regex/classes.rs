//! Classes that have a name.

use alloc::rc::Rc;
use alloc::vec::Vec;

use super::fold;
use super::rune_set::RuneSet;
use super::unicode::Group;

/// ASCII ranges, and whether the class is all but them.
pub(super) type Ascii = (&'static [(u8, u8)], bool);

/// The class of a Perl escape, by its letter.
pub(super) fn perl(letter: u8) -> Option<Ascii> {
    let ranges: &[_] = match letter.to_ascii_lowercase() {
        b'd' => DIGIT,
        b's' => &[(b'\t', b'\n'), (b'\x0C', b'\r'), (b' ', b' ')],
        b'w' => WORD,
        _ => return None,
    };
    Some((ranges, letter.is_ascii_uppercase()))
}

/// The class of `.`, which takes no newline.
pub(super) const DOT: Ascii = (&[(b'\n', b'\n')], true);

/// The class that POSIX calls by `name`, the text between `[:` and `:]`.
pub(super) fn posix(name: &[u8]) -> Option<Ascii> {
    let (name, negated) = match name.strip_prefix(b"^") {
        Some(name) => (name, true),
        None => (name, false),
    };
    let ranges: &[_] = match name {
        b"alnum" => &[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')],
        b"alpha" => &[(b'A', b'Z'), (b'a', b'z')],
        b"ascii" => &[(0, 0x7F)],
        b"blank" => &[(b'\t', b'\t'), (b' ', b' ')],
        b"cntrl" => &[(0, 0x1F), (0x7F, 0x7F)],
        b"digit" => DIGIT,
        b"graph" => &[(b'!', b'~')],
        b"lower" => &[(b'a', b'z')],
        b"print" => &[(b' ', b'~')],
        b"punct" => &[(b'!', b'/'), (b':', b'@'), (b'[', b'`'), (b'{', b'~')],
        b"space" => &[(b'\t', b'\r'), (b' ', b' ')],
        b"upper" => &[(b'A', b'Z')],
        b"word" => WORD,
        b"xdigit" => &[(b'0', b'9'), (b'A', b'F'), (b'a', b'f')],
        _ => return None,
    };
    Some((ranges, negated))
}

const DIGIT: &[(u8, u8)] = &[(b'0', b'9')];
const WORD: &[(u8, u8)] = &[(b'0', b'9'), (b'A', b'Z'), (b'_', b'_'), (b'a', b'z')];

/// What a class is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Unicode(Group),
    Ascii(&'static [(u8, u8)]),
}

/// The named classes of a pattern so far: reading one out of its table takes a while.
#[derive(Default)]
pub(super) struct Classes {
    known: Vec<((Name, bool, bool), Rc<RuneSet>)>,
    /// The forms of `k` and of `s`.
    letters: [Option<Rc<RuneSet>>; 2],
}

impl Classes {
    /// The set of a Unicode class.
    pub(super) fn unicode(&mut self, group: Group, fold: bool, negated: bool) -> Rc<RuneSet> {
        self.get(Name::Unicode(group), fold, negated)
    }

    /// The set of an ASCII class.
    pub(super) fn ascii(&mut self, (ranges, negated): Ascii, fold: bool) -> Rc<RuneSet> {
        self.get(Name::Ascii(ranges), fold, negated)
    }

    /// The forms of `k` or `s`, the two letters that have one outside ASCII.
    pub(super) fn letter(&mut self, letter: u8) -> Rc<RuneSet> {
        let set = &mut self.letters[usize::from(letter == b's')];
        Rc::clone(set.get_or_insert_with(|| {
            let mut ranges = Vec::new();
            fold::add_range(&mut ranges, letter.into(), letter.into());
            Rc::new(RuneSet::new(ranges))
        }))
    }

    fn get(&mut self, name: Name, fold: bool, negated: bool) -> Rc<RuneSet> {
        let key = (name, fold, negated);
        if let Some((_, set)) = self.known.iter().find(|(known, _)| *known == key) {
            return Rc::clone(set);
        }
        let set = match name {
            Name::Unicode(group) => set(group.ranges(), fold, negated),
            Name::Ascii(ranges) => {
                set(ranges.iter().map(|&(first, last)| (first.into(), last.into())), fold, negated)
            }
        };
        let set = Rc::new(set);
        self.known.push((key, Rc::clone(&set)));
        set
    }
}

/// The set of these ranges and, with `fold`, their other forms; or all but them.
fn set(ranges: impl IntoIterator<Item = (u32, u32)>, fold: bool, negated: bool) -> RuneSet {
    let mut all = Vec::new();
    for (first, last) in ranges {
        if fold {
            fold::add_range(&mut all, first, last);
        } else {
            all.push((first, last));
        }
    }
    let set = RuneSet::new(all);
    if negated { set.negated() } else { set }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn named_classes() {
        type Case = (Ascii, bool, Vec<(u32, u32)>);
        let sets: [Case; 6] = [
            (perl(b's').expect("known"), false, vec![(9, 10), (12, 13), (32, 32)]),
            (posix(b"space").expect("known"), false, vec![(9, 13), (32, 32)]),
            (perl(b'D').expect("known"), true, vec![(0, 47), (58, 0x10_FFFF)]),
            (posix(b"upper").expect("known"), false, vec![(65, 90)]),
            (
                posix(b"upper").expect("known"),
                true,
                vec![(65, 90), (97, 122), (0x17F, 0x17F), (0x212A, 0x212A)],
            ),
            (
                posix(b"^lower").expect("known"),
                true,
                vec![(0, 64), (91, 96), (123, 0x17E), (0x180, 0x2129), (0x212B, 0x10_FFFF)],
            ),
        ];
        for (class, fold, ranges) in sets {
            assert_eq!(Classes::default().ascii(class, fold).ranges(), ranges, "{class:?} {fold}");
        }
        assert_eq!(perl(b'h'), None);
        for name in ["", "^", "alph", "Alpha", "^^alpha"] {
            assert_eq!(posix(name.as_bytes()), None, "{name}");
        }
    }

    #[test]
    fn classes_are_made_once() {
        let mut classes = Classes::default();
        let greek = Group::named(b"Greek").expect("a script");
        let set = classes.unicode(greek, false, false);
        assert!(Rc::ptr_eq(&set, &classes.unicode(greek, false, false)));
        assert_eq!(*classes.unicode(greek, false, true), set.negated());
        assert!(classes.unicode(greek, true, false).contains(0xB5) && !set.contains(0xB5));
    }
}
