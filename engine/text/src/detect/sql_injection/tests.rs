use alloc::{format, string::String};

use super::*;

const ALL: [Dialect; 4] = [Dialect::Generic, Dialect::MySql, Dialect::PostgreSql, Dialect::Sqlite];

/// Whether what stands in guillemets injects.
fn injects(marked: &str, dialect: Dialect) -> bool {
    let (before, rest) = marked.split_once('«').expect("an opening mark");
    let (param, after) = rest.split_once('»').expect("a closing mark");
    let text: String = format!("{before}{param}{after}");
    match Statement::new(text.as_bytes(), dialect).check(param.as_bytes()) {
        Verdict::Injection(range) => {
            assert_eq!(range, before.len()..before.len() + param.len(), "{marked}");
            true
        }
        Verdict::Harmless => false,
        Verdict::Unreadable => panic!("cannot read {marked}"),
    }
}

#[test]
fn injections_in_every_dialect() {
    let cases = [
        ("SELECT * FROM t WHERE id = «1 UNION SELECT a»", true),
        ("SELECT «a, b, c» FROM t", true),
        ("SELECT «1, 2, 3» FROM t", false),
        ("SELECT a WHERE b IN («1, 'x', 3, (4)»)", false),
        ("SELECT «abc»", false),
        // Tautologies.
        ("SELECT a WHERE b = «1 OR 1»", true),
        ("SELECT a WHERE b = «1 = 1»", true),
        ("SELECT a WHERE b = «1 = '1'»", true),
        ("SELECT a WHERE b = «1 = c»", false),
        ("SELECT a WHERE b = «c < 1»", true),
        ("SELECT a WHERE b = «c = c»", true),
        ("SELECT a = «1 = 1»", false),
        ("SELECT a WHERE b = «1 xor 1»", true),
        ("SELECT a WHERE «1 , 1»", false),
        // Comments.
        ("SELECT a = «1 -- x»", true),
        ("SELECT a = «1 -»- x", false),
        ("SELECT a = 1 «-- x»", false),
        // Orders.
        ("SELECT a ORDER BY «a, t.b DESC»", false),
        ("SELECT a ORDER BY «1, 2, c ASC, d LIMIT 1 OFFSET 2»", false),
        ("SELECT a ORDER BY «a, t.b DESC DESC»", true),
        ("SELECT a ORDER BY «a DESC LIMIT b»", true),
        ("SELECT a ORDER BY «a, b, c,»", true),
        ("SELECT a ORDER BY x, «a, b, c»", true),
        ("SELECT a ORDER «BY a, b»", true),
    ];
    for (marked, want) in cases {
        for dialect in ALL {
            assert_eq!(injects(marked, dialect), want, "{dialect:?} {marked}");
        }
    }
}

#[test]
fn dialects_differ() {
    let cases = [
        ("SELECT a = «1 # x»", Dialect::MySql, true),
        ("SELECT a = «1 # x»", Dialect::PostgreSql, false),
        ("SELECT a = «1 --»x", Dialect::Generic, true),
        ("SELECT a = «1 --»x", Dialect::MySql, false),
        ("SELECT a WHERE b = «\"x\" = \"x\"»", Dialect::MySql, true),
        ("SELECT a WHERE b = «\"x\" = 1»", Dialect::MySql, true),
        ("SELECT a WHERE b = «\"x\" = 1»", Dialect::Sqlite, false),
    ];
    for (marked, dialect, want) in cases {
        assert_eq!(injects(marked, dialect), want, "{dialect:?} {marked}");
    }
}

#[test]
fn every_place_is_looked_at() {
    let statement = Statement::new(b"SELECT 'x OR x' WHERE x OR x", Dialect::Generic);
    assert_eq!(statement.check(b"x OR x"), Verdict::Injection(22..28));
    assert_eq!(statement.check(b"OR"), Verdict::Harmless);
    assert_eq!(statement.check(b"y OR y"), Verdict::Harmless);
    let list = ",".repeat(200_000);
    assert_eq!(
        Statement::new(list.as_bytes(), Dialect::Generic).check(&list.as_bytes()[..100_000]),
        Verdict::Harmless
    );
}

#[test]
fn unreadable_statements() {
    for text in [&b"SELECT \\ abc"[..], b"( abc"] {
        let param = if text[0] == b'(' { &b"   "[..] } else { b"abc" };
        let statement = Statement::new(text, Dialect::Generic);
        assert_eq!(statement.check(b"xyz"), Verdict::Harmless);
        if text[0] != b'(' {
            assert_eq!(statement.check(param), Verdict::Unreadable);
            assert_eq!(statement.stripped(), text);
        }
    }
    assert_eq!(Statement::new(b"((()))", Dialect::Generic).check(b"(()"), Verdict::Unreadable);
}

#[test]
fn literals_are_stripped() {
    let cases = [
        ("SELECT 'a', \"b\", `c`, 1.5, -2", Dialect::Generic, "SELECT ?, \"b\", ?, ?, ?"),
        ("SELECT 'a', \"b\", `c`, x'1'", Dialect::MySql, "SELECT ?, ?, `c`, ?'"),
        ("SELECT $$a$$, e'b', u&'c' FROM t", Dialect::PostgreSql, "SELECT ?, ?', ?c' FROM t"),
        ("", Dialect::Sqlite, ""),
    ];
    for (text, dialect, want) in cases {
        assert_eq!(Statement::new(text.as_bytes(), dialect).stripped(), want.as_bytes(), "{text}");
    }
}
