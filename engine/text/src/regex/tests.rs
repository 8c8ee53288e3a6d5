//! What patterns mean, from the text to the match.

use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};

use regex_automata::meta::{Config, Regex};
use regex_automata::nfa::thompson::WhichCaptures;

use super::runes::{encode, encoded_len};
use super::*;

fn read(pattern: impl AsRef<[u8]>, case_sensitive: bool) -> Result<Hir, Error> {
    parse(pattern.as_ref(), Options { case_sensitive })
}

fn regex(pattern: impl AsRef<[u8]>, case_sensitive: bool) -> Regex {
    let hir = read(pattern, case_sensitive).expect("an accepted pattern");
    let config = Config::new().utf8_empty(false).which_captures(WhichCaptures::Implicit);
    Regex::builder().configure(config).build_from_hir(&hir).expect("a program that fits")
}

/// Checks the match of each pattern, case-sensitive: the haystack has it between `<` and `>`,
/// or has neither.
fn check(cases: &[(&str, &[u8])]) {
    for (pattern, marked) in cases {
        let haystack: Vec<u8> = marked.iter().copied().filter(|byte| !b"<>".contains(byte)).collect();
        let place = |mark| marked.iter().position(|&byte| byte == mark);
        let wanted = place(b'<').zip(place(b'>')).map(|(start, end)| start..end - 1);
        let found = regex(pattern, true).find(&haystack[..]).map(|found| found.range());
        assert_eq!(found, wanted, "{pattern} on {}", String::from_utf8_lossy(marked));
    }
}

#[test]
fn what_is_refused_and_why() {
    use ErrorKind::*;
    let cases: &[(&[u8], ErrorKind, &[u8])] = &[
        (b"a\xFFb", InvalidUtf8, b""),
        (b"\\Q\xC3", InvalidUtf8, b""),
        (b"[\xC3]", InvalidUtf8, b""),
        (b"\\x{", InvalidUtf8, b""),
        (b"(?\xFF)", InvalidUtf8, b""),
        (b"(?P<\xFF>a)", InvalidUtf8, b""),
        (b"\\p{\xFF}", InvalidUtf8, b""),
        (b"\\p{L\xFF", InvalidUtf8, b""),
        (b"ab\\", TrailingBackslash, b""),
        (b"[\\", TrailingBackslash, b""),
        (b"a\\1", UnknownEscape, b"\\1"),
        (b"a\\9b", UnknownEscape, b"\\9"),
        (b"\\Z", UnknownEscape, b"\\Z"),
        (b"\\E", UnknownEscape, b"\\E"),
        (b"[\\b]", UnknownEscape, b"\\b"),
        (b"[a-\\d]", UnknownEscape, b"\\d"),
        (b"[\\p", UnknownEscape, b"\\p"),
        ("\\éa".as_bytes(), UnknownEscape, "\\é".as_bytes()),
        (b"\\x", UnknownEscape, b"\\x"),
        (b"\\x4", UnknownEscape, b"\\x4"),
        (b"\\x4g0", UnknownEscape, b"\\x4g"),
        (b"\\x{}", UnknownEscape, b"\\x{}"),
        (b"\\x{110000}", UnknownEscape, b"\\x{110000"),
        (b"\\x{41 }", UnknownEscape, b"\\x{41 "),
        (b"\\x{41", UnknownEscape, b"\\x{41"),
        (b"a\\p", UnknownClass, b"\\p"),
        (b"\\p\xFFa", UnknownClass, b"\\p"),
        (b"\\pX", UnknownClass, b"\\pX"),
        (b"\\p{Cn}a", UnknownClass, b"\\p{Cn}"),
        (b"\\p{Kawi}", UnknownClass, b"\\p{Kawi}"),
        (b"\\p{^^L}", UnknownClass, b"\\p{^^L}"),
        (b"a\\p{L|b", UnknownClass, b"\\p{L|b"),
        (b"[a[:foo:]]", UnknownClass, b"[:foo:]"),
        (b"[[::]]", UnknownClass, b"[::]"),
        (b"[xb-a]", BackwardRange, b"b-a"),
        (b"[\\x{62}-a]", BackwardRange, b"\\x{62}-a"),
        (b"a[b", MissingBracket, b"[b"),
        (b"x[]a", MissingBracket, b"[]a"),
        (b"[^]", MissingBracket, b"[^]"),
        (b"[a-", MissingBracket, b"[a-"),
        (b"[[:alpha:", MissingBracket, b"[[:alpha:"),
        (b"a(b", MissingParenthesis, b"a(b"),
        (b"(?i:a|(b)", MissingParenthesis, b"(?i:a|(b)"),
        (b"a)b", UnexpectedParenthesis, b"a)b"),
        (b"a\0b)", UnexpectedParenthesis, b"a"),
        (b"*", NothingToRepeat, b"*"),
        (b"a|+?", NothingToRepeat, b"+?"),
        (b"(?i){2,3}?a", NothingToRepeat, b"{2,3}?"),
        (b"a**", RepeatOfRepeat, b"**"),
        (b"a*?+b", RepeatOfRepeat, b"*?+"),
        (b"a{2}{3}?", RepeatOfRepeat, b"{2}{3}?"),
        (b"a{1001}", RepeatSize, b"{1001}"),
        (b"a{3,2}?", RepeatSize, b"{3,2}?"),
        (b"*{1001}", NothingToRepeat, b"*"),
        (b"|{1001}", RepeatSize, b"{1001}"),
        (b"(?:a{50,}){21}", RepeatSize, b"{21}"),
        (b"(?:(?:a{10})*b{0,11}){100}", RepeatSize, b"{100}"),
        (b"a(?=b)", UnknownFlag, b"(?="),
        (b"(?<n>a)", UnknownFlag, b"(?<"),
        (b"(?P=n)", UnknownFlag, b"(?P"),
        (b"(?P<", UnknownFlag, b"(?P"),
        (b"(?ix)", UnknownFlag, b"(?ix"),
        (b"(?i-)", UnknownFlag, b"(?i-)"),
        (b"(?i--s)", UnknownFlag, b"(?i--"),
        (b"(?i", UnknownFlag, b"(?i"),
        (b"(?P<>a)", InvalidGroupName, b"(?P<>"),
        (b"(?P<a b>c)", InvalidGroupName, b"(?P<a b>"),
        (b"(?P<ab", InvalidGroupName, b"(?P<ab"),
    ];
    for &(pattern, kind, argument) in cases {
        let shown = String::from_utf8_lossy(pattern);
        assert_eq!(read(pattern, true), Err(Error::new(kind, argument)), "{shown}");
    }
}

#[test]
fn the_message_ends_at_nul() {
    assert_eq!(Error::new(ErrorKind::UnknownFlag, b"(?\0").argument, b"(?");
    let message = format!("{}", read("(?<n>a)", true).expect_err("refused"));
    assert_eq!(message, "unknown flag or kind of group: (?<");
}

#[test]
fn what_looks_wrong_but_is_not() {
    check(&[
        ("", b"<>a"),
        ("(?:)|a", b"<>a"),
        ("a|", b"<a>"),
        ("a{,2}", b"<a{,2}>"),
        ("a{01}{2}", b"<a{01}}>"),
        ("a{1", b"<a{1>"),
        ("a{2,x}", b"<a{2,x}>"),
        ("}]", b"<}]>"),
        ("[]a]+", b"<]a>"),
        ("[^]a]", b"]<x>"),
        ("[a-]+", b"<-a>b"),
        ("[--/]", b"<.>"),
        ("[[:al]+", b"<[:al>b"),
        ("[a-c-e]+", b"<ab-e>d"),
        ("(?)a", b"<a>"),
        ("(?P<n>a)(?P<n>b)(?P<\u{E9}>c)(?P<0>d)", b"<abcd>"),
        (r"\Qa.*\E+", b"<a.***>"),
        (r"\Q\E\Qa\", b"<a\\>"),
        (r"a*\Q\E*", b"<aa>"),
        (r"\_\-\ \/", b"<_- />"),
        (r"^*$+a?", b"ab<>"),
        (r"a(?i)*B", b"<aab>"),
    ]);
}

#[test]
fn escapes_and_classes() {
    check(&[
        (r"\101\x42\x{43}\x{000044}", b"<ABCD>"),
        (r"\0\01\1018", b"<\0\x01A8>"),
        (r"\a\f\t\n\r\v", b"<\x07\x0C\t\n\r\x0B>"),
        (r"\d+", b"x<09>\xD9\xA3"),
        (r"\s+", b"\x0B< \t\n\x0C\r>\xC2\xA0"),
        (r"[[:space:]]+", b"<\x0B >x"),
        (r"\w+", b"<aZ_9>\xC3\xA9"),
        (r"\W", b"a<\xC3\xA9>"),
        (r"[\D]+", b"1<a.>2"),
        (r"[^\Da]+", b"a<12>b"),
        (r"[[:^alpha:]x]+", b"a<1x->b"),
        (r"\pL+", b"1<a\xC3\xA9>2"),
        (r"\PL", b"\xC3\xA9<1>"),
        (r"\p{Greek}+", b"a<\xCE\xB1>"),
        (r"\P{^Greek}+", b"a<\xCE\xB1>"),
        (r"[\p{^L}\pL]+", b"<a1>\xFF"),
        (r"\p{Any}", b"\xFF<\xED\xA0\x80>"),
        (r"\bfoo\b", b"afoo \xC3\xA9<foo>\xC3\xA9"),
        (r"\Bo", b"o f<o>"),
        (r"(?m)^b$", b"a\n<b>\nc"),
        (r"^b|b$", b"a\nb\n<b>"),
        (r"(?m)\Aa\z", b"a\na"),
        (r"a$", b"a\n"),
        (r".+", b"\n<a\0>\n"),
        (r"(?s).+", b"<\na>"),
        (r"(?s-s).+", b"\n<a>"),
        (r"a.c", b"a\xFFc a\nc <abc>"),
        (r"a\Cc", b"<a\xFFc>"),
        (r"[^a]", b"aa\x80<\n>"),
    ]);
}

#[test]
fn the_first_alternative_that_matches_wins() {
    check(&[
        ("a|aa", b"x<a>a"),
        ("(?:a|ab)(?:c|bcd)", b"<abcd>"),
        ("abc|ab|a", b"<ab>d"),
        (".*?a|.*?b", b"<xba>"),
        ("(?:a|b)*", b"<ab>"),
        ("(?:|a)*", b"<>aa"),
        ("(?:|a)+", b"<>aa"),
        ("(?:a??)*b", b"<aab>"),
        ("(a*)+$", b"b<aa>"),
        ("a+?", b"<a>a"),
        ("a{2,3}?", b"<aa>a"),
        ("(?U)a+", b"<a>a"),
        ("(?U)a+?", b"<aa>"),
        ("(?U:a*)b*", b"<b>"),
        ("a*a", b"<aaa>"),
        ("a??a??b", b"<aab>"),
        ("x{2}x{0,2}?xx", b"<xxxx>x"),
        ("(?s).|ab", b"<a>b"),
        ("[^\\x00-\\x{10FFFF}]|a", b"<a>"),
        ("[^\\x00-\\x{10FFFF}]*a", b"<a>"),
        ("[^\\x00-\\x{10FFFF}]", b"a"),
    ]);
}

#[test]
fn case_counts_only_when_asked() {
    let kelvin = "\u{212A}";
    let long_s = "\u{17F}";
    let cases = [
        ("k", false, vec!["k", "K", kelvin]),
        ("k", true, vec!["k"]),
        ("(?i:k)", true, vec!["k", "K", kelvin]),
        ("(?-i:k)", false, vec!["k"]),
        ("[Kk]", true, vec!["k", "K"]),
        ("a|[Kk]", true, vec!["k", "K", "a", kelvin]),
        ("[jk]|[Kk]", true, vec!["k", "j"]),
        (kelvin, false, vec!["k", "K", kelvin]),
        (r"\w", false, vec!["k", "K", "s", "j", "a", kelvin, long_s]),
        (r"\w", true, vec!["k", "K", "s", "j", "a"]),
        (r"\W", false, vec!["\u{E9}", "\u{C9}", "\u{DF}", "\u{1E9E}"]),
        (r"[^k]", false, vec!["s", "j", "a", "\u{E9}", "\u{C9}", long_s, "\u{DF}", "\u{1E9E}"]),
        ("[[:upper:]]", false, vec!["k", "K", "s", "j", "a", kelvin, long_s]),
        (r"\p{Lu}", true, vec!["K", "\u{C9}", kelvin, "\u{1E9E}"]),
        (r"\P{Lu}", true, vec!["k", "s", "j", "a", "\u{E9}", long_s, "\u{DF}"]),
        (r"\P{Lu}", false, vec![]),
        ("\u{E9}", false, vec!["\u{E9}", "\u{C9}"]),
        ("\u{DF}", false, vec!["\u{DF}", "\u{1E9E}"]),
        ("ss", false, vec![]),
    ];
    let all = ["k", "K", "s", "j", "a", kelvin, "\u{E9}", "\u{C9}", long_s, "\u{DF}", "\u{1E9E}"];
    for (pattern, case_sensitive, members) in cases {
        let regex = regex(format!("^(?:{pattern})$"), case_sensitive);
        for text in all {
            assert_eq!(regex.is_match(text), members.contains(&text), "{pattern} {text}");
        }
    }
}

/// Every code point of a class matches by its encoding, surrogates too, and no other bytes do,
/// unless the class has everything past ASCII.
#[test]
fn classes_match_encodings() {
    let ranges = [
        (0x20, 0x7F),
        (0x7F, 0x81),
        (0x80, 0x10_FFFE),
        (0xD7F0, 0xD7FF),
        (0xD7F0, 0xD800),
        (0xD801, 0xD83E),
        (0xD83F, 0xDB7F),
        (0xD923, 0xDFFF),
        (0xDFFF, 0xE002),
        (0xFFFE, 0x1_0001),
    ];
    let edges =
        [0x1F, 0x7F, 0x800, 0xD7EF, 0xD800, 0xD83F, 0xDB80, 0xDFFF, 0xE003, 0xFFFD, 0x1_0002, 0x10_FFFF];
    let runes: Vec<u32> = edges.iter().flat_map(|&edge: &u32| edge.saturating_sub(70)..=edge + 70).collect();
    for (first, last) in ranges {
        let regex = regex(format!(r"^[\x{{{first:x}}}-\x{{{last:x}}}]$"), true);
        for &rune in runes.iter().filter(|&&rune| rune <= runes::MAX) {
            let wanted = (first..=last).contains(&rune);
            assert_eq!(
                regex.is_match(&encode(rune)[..encoded_len(rune)]),
                wanted,
                "{first:x} {last:x} {rune:x}"
            );
        }
        for broken in
            [&b"\xE0\x80\x80"[..], b"\xF0\x80\x80\x80", b"\xF4\x90\x80\x80", b"\xC0\x80", b"\xFF", b"\x80"]
        {
            assert!(!regex.is_match(broken), "{first:x} {last:x} {broken:x?}");
        }
    }
}

#[test]
fn anything_past_ascii_is_taken_loosely() {
    for pattern in
        [".", "(?s).", "[^a]", r"[\x{80}-\x{10FFFF}]", r"\W", r"[\x{80}-\x{FFF}\x{1000}-\x{10FFFF}]"]
    {
        let regex = regex(format!("^(?:{pattern})$"), true);
        let loose: [&[u8]; 6] = [
            b"\xC2\x80",
            b"\xE0\x80\x80",
            b"\xED\xA0\x80",
            b"\xF0\x80\x80\x80",
            b"\xF4\xBF\xBF\xBF",
            b"\xEF\xBF\xBD",
        ];
        for text in loose {
            assert!(regex.is_match(text), "{pattern} {text:x?}");
        }
        for text in [&b"\xC0\x80"[..], b"\xC2", b"\x80", b"\xF5\x80\x80\x80", b"\xE0\x80", b"\xFF"] {
            assert!(!regex.is_match(text), "{pattern} {text:x?}");
        }
    }
}

/// The most copies libddwaf accepts of some pieces.
#[test]
fn the_program_must_fit() {
    let cases: [(&str, &str, &str, usize); 9] = [
        ("", "a", "", 43_631),
        ("", ".", "", 3635),
        ("", r"\pL", "", 28),
        ("", "()", "", 14_543),
        ("(?i)", "k", "", 8726),
        ("", "a?b?", "", 10_907),
        ("", "(?:a|b*)*c", "", 6233),
        ("^", r"\d", "", 43_632),
        ("^x", r"\d", "", 43_631),
    ];
    for (before, piece, after, most) in cases {
        let pattern = |count| format!("{before}{}{after}", piece.repeat(count));
        let refusal = |pattern: String| read(pattern, true).err();
        assert_eq!(refusal(pattern(most)), None, "{piece}");
        assert_eq!(refusal(pattern(most + 1)), Some(Error::new(ErrorKind::TooLarge, b"")), "{piece}");
    }
    check(&[("(?:(?:.{1000}){0}a)+", b"<aa>"), (r"(?:\pL{1000}){0}", b"<>a")]);
}

#[test]
fn deep_patterns_are_refused_not_run_out_of_stack() {
    let too_deep = Err(Error::new(ErrorKind::TooDeep, b""));
    let nested = |open: &str, close: &str, count| format!("{}a{}", open.repeat(count), close.repeat(count));
    assert_eq!(read(nested("(", ")", 1000), true), Ok(Hir::literal(*b"a")));
    assert_eq!(read(nested("(?:", ")", 1001), true), too_deep);
    assert_eq!(read("(".repeat(100_000), true), too_deep);
    assert!(read(nested("(?:ab|c.", "d.)", 124), true).is_ok());
    assert_eq!(read(nested("(?:ab|c.", "d.)", 125), true), too_deep);
    // Common heads of alternatives nest as well.
    let heads: Vec<String> = (0..300).map(|count| "a".repeat(count) + "x.").collect();
    assert_eq!(read(heads.join("|"), true), too_deep);
    // Long is not deep.
    assert!(read(".a".repeat(1000) + "|" + &".a".repeat(1000), true).is_ok());
    assert_eq!(
        regex(nested("(?:ab|c.", "d.)", 124), true).find("xab").map(|found| found.range()),
        Some(1..3)
    );
}

#[test]
fn hostile_patterns_take_little() {
    for piece in
        [r"\pL", r"[\pLa]", "(?i)", "a{1000}", "a|", "aa|", "[a", "\\", "(?P<", r"\p{", "[[:", ".*.", "{0}"]
    {
        for (before, after) in [("", ""), ("(?:", "){0}"), ("[", "]"), ("(?i)", "")] {
            let pattern = format!("{before}{}{after}", piece.repeat(20_000));
            let _ = read(pattern, false);
        }
    }
}
