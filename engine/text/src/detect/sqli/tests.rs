//! Whole values. The expectations are what libddwaf 2.1.0 reports.

use super::{TRIGGERS, is_sqli};
use alloc::vec::Vec;

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for &(value, fingerprint) in cases {
        let found = is_sqli(value.as_bytes());
        assert_eq!(found.as_ref().map_or("", |found| found.as_str()), fingerprint, "{value}");
        assert!(found.is_none() || value.bytes().any(|byte| TRIGGERS.contains(byte)), "{value}");
    }
}

#[test]
fn statements() {
    check(&[
        ("1 union select a from b", "1UEnk"),
        ("1 or 1=1 -- ", "1&1c"),
        ("1;drop table users", "1;Tnn"),
        ("(select sleep(5))", "Ef(1)"),
        ("1 having 1", "1B1"),
        ("select count(*) from users", "Ef(o)"),
        ("1; exec xp_cmdshell('dir')", "1;Tn("),
    ]);
}

#[test]
fn prose_and_data() {
    check(&[
        ("", ""),
        ("the union selected a new leader", ""),
        ("SELECT your seat from the map", ""),
        ("O'Reilly and Sons", ""),
        ("rock & roll", ""),
        ("it's 5 o'clock -- time to go", ""),
        ("2024-01-02T10:00:00", ""),
        ("https://example.org/?q=1&r=2#top", ""),
        ("hello, world", ""),
        ("1union", ""),
    ]);
}

#[test]
fn a_value_may_start_inside_a_string() {
    check(&[
        ("' or 1=1 -- ", "s&1c"),
        ("' or '1'='1", "s&sos"),
        ("\" or \"1\"=\"1", "s&sos"),
        ("` or 1=1 -- ", "s&1c"),
        ("x' union select 1 --", "sUE1c"),
    ]);
}

#[test]
fn dialects() {
    check(&[
        // A comment for MySQL alone.
        ("1' union#\nselect 1", "sUE1"),
        // No comment for MySQL alone.
        ("1 union--x\nselect 1", "1UE1"),
        ("1--x union select 1", "1UE1"),
        // Double quotes are strings for MySQL alone.
        ("a\" union select 1,2--x", "sUE1"),
    ]);
}

#[test]
fn short_fingerprints_need_more_evidence() {
    check(&[
        ("null--", "vc"),
        ("@a--", "vc"),
        ("@a--x", ""),
        ("@a#", ""),
        ("@a-- sp_password", "vc"),
        ("@a#sp_password", "vc"),
        ("1 union", ""),
        ("1 /**/union", "1U"),
        ("1 and 1", ""),
        ("1 and 1=1", "1&1"),
        ("1 and 'a'", ""),
        ("1 and null", ""),
        ("' and 'a", "s&s"),
        ("a\" and \"b", "s&s"),
        ("'a' and 'b'", ""),
        ("'a' 'b' and 'c'", ""),
        ("1 into a", ""),
        ("1 into outfile 'a'", "1ks"),
    ]);
}

#[test]
fn evil() {
    check(&[("/*!", "X"), ("a /*! b */", "X"), ("1 /* /* */ */", "X"), ("{``.``.id}", "X")]);
}

#[test]
fn folding() {
    check(&[
        ("1 in (select 1)", "1o(E1"),
        ("1 not in (select 1)", "1o(E1"),
        ("a like ('b') or 1", "nf(s)"),
        ("1; if (1=1) drop table x", "1;T(1"),
        ("1 or user()=1", "1&f()"),
        ("1 or user(1)=1", ""),
        ("select 1::int from a", "E1kn"),
        ("1 or not -1=1", "1&1"),
        ("1 or int 1", "1&1"),
        ("1,-1 union select 1", "1UE1"),
        ("1,-sin(1) union select 1", "1,f(1"),
        ("select {d 1} from a", "E1kn"),
        ("1=1 collate latin1_bin union select 1", "1AtUE"),
        (r"\%1 union select 1", "1UE1"),
        (r"\1 union select 1", "1UE1"),
        ("a.b union select 1", "nUE1"),
        ("1 and 1=1 and 2=2 --", "1&1c"),
        ("'a' 'b' union select 1", "sUE1"),
        ("1 order by a", "1Bn"),
        // What a word turns out to be later does not fold what stands before it.
        ("1 = @v in (1)", "1ovo("),
        ("1 and 'a' 'b' and 1", "1&s&1"),
        // 1+(2) and the like are one operand.
        ("1+(2) union select 1", "1UE1"),
        ("a)+(b union select 1", "nUE1"),
    ]);
}

#[test]
fn values_without_triggers_are_never_found() {
    let atoms = [
        "select", "union", "from", "having", "sleep", "exec", "int", "like", "or", "null", "true", "collate",
        "in", "not", "user", "if", "1", ".5", "0x", ".1e", ".", "+", "/", "%", "?", "[x]", ",", "\u{e9}",
    ];
    let mut value = Vec::new();
    let mut random = 1_u64;
    for _ in 0..100_000 {
        value.clear();
        for _ in 0..1 + random % 9 {
            random = random.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            value.extend_from_slice(atoms[(random >> 40) as usize % atoms.len()].as_bytes());
        }
        assert!(!value.iter().any(|&byte| TRIGGERS.contains(byte)));
        assert_eq!(is_sqli(&value), None, "{}", value.escape_ascii());
    }
}

#[test]
fn hostile_values_take_linear_time() {
    // Quadratic time on any of these would take a minute.
    for unit in [
        "'",
        "\"",
        "`",
        "-",
        "--x\n",
        "#",
        "/*",
        "/**/",
        "(",
        "$",
        "$$",
        "$a$",
        "$a$$b$",
        "\\",
        "\\'",
        "'\\'",
        "like`a`",
        "or select.",
        "1 or ",
        "q'(",
        "b'0",
        "x'0",
        "[",
        "{",
        "int ",
        "a,",
        "@",
        "::",
        "\0",
        "not ",
        "1.e",
        "; ",
    ] {
        let value = unit.repeat((1 << 18) / unit.len());
        for value in [value.as_str(), &value[1..], &[&value, "'\"`"].concat()] {
            // Whatever the answer is, it comes.
            let _ = is_sqli(value.as_bytes());
        }
    }
}
