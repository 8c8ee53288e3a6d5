use alloc::{format, string::String, vec::Vec};

use super::*;

/// A letter per kind and the token's text; `!` for a statement that cannot be read.
fn show(text: &str, dialect: Dialect) -> String {
    let tokens: Result<Vec<String>, ForeignByte> = Tokens::new(text.as_bytes(), dialect)
        .map(|token| {
            token.map(|token| {
                let letter = match token.kind {
                    Kind::Keyword => 'k',
                    Kind::Identifier => 'i',
                    Kind::Number => 'n',
                    Kind::SingleQuoted => 's',
                    Kind::DoubleQuoted => 'd',
                    Kind::BackQuoted => 't',
                    Kind::DollarQuoted => 'y',
                    Kind::LineComment | Kind::BlockComment => 'c',
                    Kind::BinaryOperator => 'o',
                    Kind::BitwiseOperator => 'b',
                    _ => '.',
                };
                format!("{letter}{}", String::from_utf8_lossy(token.text(text.as_bytes())))
            })
        })
        .collect();
    tokens.map_or_else(|_| String::from("!"), |tokens| tokens.join(" "))
}

fn check(dialect: Dialect, cases: &[(&str, &str)]) {
    for (text, want) in cases {
        assert_eq!(show(text, dialect), *want, "{dialect:?} {text}");
    }
}

const ALL: [Dialect; 4] = [Dialect::Generic, Dialect::MySql, Dialect::PostgreSql, Dialect::Sqlite];

#[test]
fn what_all_dialects_share() {
    for dialect in ALL {
        check(
            dialect,
            &[
                ("", ""),
                ("select (a.b), 'x''y' FROM t;", "kselect ia .. ib ., s'x''y' kFROM it .;"),
                // A division swallows the byte behind it.
                ("a/b/ c", "ia o/ o/ ic"),
                ("a/*b*/c/*/", "ia c/*b*/ ic c/*/"),
                ("a -- b\nc", "ia c-- b ic"),
                ("x || y | z <> 1", "ix o|| iy b| iz o<> n1"),
                ("1-2", "n1 o- n2"),
                ("(1)-2 = -2", "n1 o- n2 o= n-2"),
                ("'open", "s'open"),
                ("a\0", "!"),
                ("a \\", "!"),
            ],
        );
    }
}

#[test]
fn numbers() {
    check(
        Dialect::Generic,
        &[
            ("1 1.5 1e5 1.5e-5 1_000", "n1 n1.5 n1e5 n1.5e-5 n1_000"),
            ("0x1F 0b01 0o17 0x1_f", "n0x1F n0b01 n0o17 n0x1_f"),
            ("+1 -1.5e+3", "n+1 o- n1.5e+3"),
            ("1.5x 12x", "n1 .. ix ix"),
            ("10x1 100b1 10b2", "n0x1 n0b1 ib2"),
            ("1e 1_ 0x 0b2", "ie i_ ix ib2"),
            ("1__0", "i__0"),
            ("1é; 1.5é", "n1 .; n1.5 ié"),
        ],
    );
    check(Dialect::MySql, &[("12x 1_ 1e 0b2 1é_ 1.5x", "i12x i1_ i1e i0b2 n1 ié_ n1 .. i5x"), ("1$a", "!")]);
}

#[test]
fn words_end_at_ascii_boundaries() {
    check(
        Dialect::Generic,
        &[
            ("SELECTED selectα αselect", "iSELECTED kselect iα iαselect"),
            ("αβ;αβc;abα;", ".; iαβc .; iab .;"),
            ("li\u{212a}e aſ aſc aſ;", "oli\u{212a}e kaſ kaſc ia .;"),
            ("a$b a$", "ia$b ia$"),
            ("a$;", "!"),
            ("\u{1f600}x \u{ffff}", "ix i\u{ffff}"),
        ],
    );
    for dialect in ALL {
        let long = "é$".repeat(50_000);
        assert!(Tokens::new(long.as_bytes(), dialect).count() < 50_000);
    }
}

#[test]
fn quotes_by_dialect() {
    check(
        Dialect::Generic,
        &[(r#""a\"b" `c\`d` 'e\'f'"#, r#"i"a\"b" t`c\`d` s'e\'f'"#), (r"'a\\'b", r"s'a\\' ib")],
    );
    check(
        Dialect::MySql,
        &[(r#""a\"b" `c\`d` 'e\'f'"#, r#"d"a\"b" i`c\`d` s'e\'f'"#), ("b'01' X'ff'", "nb'01 nX'ff")],
    );
    check(
        Dialect::PostgreSql,
        &[
            (r#""a\" 'b\' 'c'"#, r#"i"a\" s'b\' s'c'"#),
            (r#"e'a\'b' u&'c' U&"d" b'1'"#, r#"se'a\'b su&' iU&" nb'1"#),
            ("$$a$b$$ $t$a$$b$t$ $t$", "y$$a$b$$ y$t$a$$b$t$ y$t$"),
            ("$1 $2a $abc'd $", "i$1 ia id"),
            ("`", "!"),
        ],
    );
    check(
        Dialect::Sqlite,
        &[(r#""a\" `b``c` 'd'"#, r#"i"a\" i`b``c` s'd'"#), ("[a]", "!"), ("a [b", "ia i[b"), ("$1 $", "i$1")],
    );
}

#[test]
fn operators_by_dialect() {
    check(
        Dialect::Generic,
        &[("! != >= <= <> # x", "o! o!= o>= o<= o<> c# x"), (":= ?", ".: o= .?"), ("a@b", "!"), ("{", "!")],
    );
    check(
        Dialect::MySql,
        &[
            ("<=> << >> ^& && := -> ->>", "o<=> b<< b>> o^& o&& o:= o-> o->>"),
            ("--1 --\t1\n--", "o- n-1 c--\t1 c--"),
            ("/*!50000 a*/ * {d}", "n50000 ia .* .{ id .}"),
            ("a#b\nc", "ia c#b ic"),
        ],
    );
    check(
        Dialect::PostgreSql,
        &[
            ("?| ?& ? #>> #> #- #", "o?| o?& o? o#>> o#> o#- b#"),
            ("@> @@ @ <@ a::b := [1]", "o@> o@@ o<@ ia k:: ib o:= .[ n1 .]"),
        ],
    );
    check(
        Dialect::Sqlite,
        &[("!= << >> == ->>", "o!= o<< o>> o= o= o->>"), ("!", "!"), ("^", "!"), ("#", "!")],
    );
}

#[test]
fn mysql_variables() {
    check(
        Dialect::MySql,
        &[
            ("@a @@b.c @'x\\'y' @`z`.\"w\".", "i@a i@@b.c i@'x\\'y' i@`z`.\"w\"."),
            ("@:`a` @a:.b @a:b", "i@:`a` i@a:.b i@a .: ib"),
            ("@ @@ @'x", "s'x"),
            ("@'a\\\nb'", "s'a\\\nb'"),
        ],
    );
    assert_eq!(
        Tokens::new(b"@'\xff'", Dialect::MySql).next().map(|token| token.map(|t| t.kind)),
        Some(Ok(Kind::SingleQuoted))
    );
}

#[test]
fn databases() {
    for (name, dialect) in [
        ("MYSQL", Dialect::MySql),
        ("pgsql", Dialect::PostgreSql),
        ("PostgreSQL", Dialect::PostgreSql),
        ("sqlite", Dialect::Sqlite),
        ("sqlite3", Dialect::Generic),
        ("", Dialect::Generic),
    ] {
        assert_eq!(Dialect::from_database(name.as_bytes()), dialect, "{name}");
    }
}

#[test]
fn tokens_are_ordered_and_not_empty() {
    let bytes: Vec<u8> = (0..=255).chain((0..=255).rev()).collect();
    for dialect in ALL {
        for start in 0..bytes.len() {
            let mut end = 0;
            for token in Tokens::new(&bytes[start..], dialect).flatten() {
                assert!(token.start as usize >= end && token.len > 0);
                end = token.end();
            }
        }
    }
}
