use super::{Error, ErrorKind, MAX_DEPTH, parse, parse_with_depth, write};
use crate::testing::{Ledger, Random, sketch, with_every_refusal};
use crate::{AllocRef, Object, Owned};
use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};

fn read(text: &[u8]) -> Result<Owned, Error> {
    parse_with_depth(text, MAX_DEPTH, AllocRef::global())
}

fn written(object: &Object) -> String {
    let mut text = Vec::new();
    write(object, &mut text);
    String::from_utf8(text).expect("JSON is UTF-8")
}

#[test]
fn documents_become_these_values() {
    let cases: &[(&[u8], &str)] = &[
        (b"null", "null"),
        (b"true", "true"),
        (b" \t\r\nfalse\n\r\t ", "false"),
        (b"[]", "[]"),
        (b"{ }", "{}"),
        (b"[ 1 , [ ] , { \"a\" : null } ]", "[u1 [] {s\"a\":null}]"),
        (b"{\"a\":1,\"a\":2,\"\":3}", "{s\"a\":u1 s\"a\":u2 s\"\":u3}"),
        (b"\"fourteen bytes\"", "s\"fourteen bytes\""),
        (b"\"fifteen bytes..\"", "h\"fifteen bytes..\""),
        (b"{\"a key of fifteen\":0}", "{h\"a key of fifteen\":u0}"),
        (br#""\"\\\/\b\f\n\r\t""#, r#"s"\"\\/\x08\x0c\n\r\t""#),
        (br#""\u0000\u00e9\u20AC""#, r#"s"\x00\xc3\xa9\xe2\x82\xac""#),
        (br#""\ud83d\uDE00""#, r#"s"\xf0\x9f\x98\x80""#),
        (br#""\ud800\udc00\udbff\udfff""#, r#"s"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf""#),
        (br#""plain, then \u0041nd plain""#, "h\"plain, then And plain\""),
        (b"\"\xff\xc3\xed\xa0\x80\x7f\"", r#"s"\xff\xc3\xed\xa0\x80\x7f""#),
        (b"[1]\0 what a C string does not show", "[u1]"),
        (b"1 \0", "u1"),
    ];
    for (text, want) in cases {
        let name = text.escape_ascii();
        assert_eq!(sketch(&read(text).unwrap_or_else(|error| panic!("{name}: {error}"))), *want, "{name}");
    }
}

#[test]
fn numbers_become_these_values() {
    let cases = [
        ("0", "u0"),
        ("-0", "i0"),
        ("-1", "i-1"),
        ("18446744073709551615", "u18446744073709551615"),
        ("18446744073709551616", "f1.8446744073709552e19"),
        ("-9223372036854775808", "i-9223372036854775808"),
        ("-9223372036854775809", "f-9.223372036854776e18"),
        ("1.0", "f1.0"),
        ("-0.0", "f-0.0"),
        ("0.1", "f0.1"),
        ("1E+3", "f1000.0"),
        ("5e-1", "f0.5"),
        ("9007199254740993.0", "f9007199254740992.0"),
        ("1e22", "f1e22"),
        ("1.7976931348623157e308", "f1.7976931348623157e308"),
        ("4.9e-324", "f5e-324"),
        ("1e-400", "f0.0"),
        ("-1e-99999999999999999999", "f-0.0"),
        ("0.01e310", "f1e308"),
        ("0e308", "f0.0"),
        ("0.000e311", "f0.0"),
        // The roundings of the reference: division by a power that is not exact, two steps below 1e-308, seventeen digits, no exactness beyond.
        ("1e-23", "f1.0000000000000001e-23"),
        ("2.4703282292062327208e-324", "f5e-324"),
        ("123456789012345678901234567890e-10", "f1.2345678901234565e19"),
        ("0.30000000000000004", "f0.30000000000000004"),
        ("0.12345678901234567890123", "f0.12345678901234568"),
    ];
    for (text, want) in cases {
        assert_eq!(sketch(&read(text.as_bytes()).expect(text)), want, "{text}");
    }
}

#[test]
fn what_is_no_document_is_refused_where_it_goes_wrong() {
    use ErrorKind::*;
    let cases: &[(&[u8], ErrorKind, usize)] = &[
        (b"", UnexpectedEnd, 0),
        (b"  ", UnexpectedEnd, 2),
        (b"[", UnexpectedEnd, 1),
        (b"[1,", UnexpectedEnd, 3),
        (b"{\"a\"", UnexpectedEnd, 4),
        (b"\"abc", UnexpectedEnd, 4),
        (b"\"abc\\", UnexpectedEnd, 5),
        (b"\"\\u00", UnexpectedEnd, 5),
        (b"-", UnexpectedEnd, 1),
        (b"1.", UnexpectedEnd, 2),
        (b"1e", UnexpectedEnd, 2),
        (b"\0", ExpectedValue, 0),
        (b"\x0c1", ExpectedValue, 0),
        (b"\xef\xbb\xbf1", ExpectedValue, 0),
        (b"NaN", ExpectedValue, 0),
        (b"nul", ExpectedValue, 0),
        (b"True", ExpectedValue, 0),
        (b"+1", ExpectedValue, 0),
        (b".5", ExpectedValue, 0),
        (b"'a'", ExpectedValue, 0),
        (b"[,]", ExpectedValue, 1),
        (b"[1,]", ExpectedValue, 3),
        (b"/**/1", ExpectedValue, 0),
        (b"{\"a\":}", ExpectedValue, 5),
        (b"{a:1}", ExpectedKey, 1),
        (b"{\"a\":1,}", ExpectedKey, 7),
        (b"{1:1}", ExpectedKey, 1),
        (b"{\"a\" 1}", ExpectedColon, 5),
        (b"[1 2]", ExpectedCommaOrBracket, 3),
        (b"[1}", ExpectedCommaOrBracket, 2),
        (b"[01]", ExpectedCommaOrBracket, 2),
        (b"[1\0]", ExpectedCommaOrBracket, 2),
        (b"{\"a\":1]", ExpectedCommaOrBrace, 6),
        (b"-a", InvalidNumber, 1),
        (b"1.e1", InvalidNumber, 2),
        (b"1e+x", InvalidNumber, 3),
        (b"[1e309]", NumberTooBig, 1),
        (b"1.7976931348623159e308", NumberTooBig, 0),
        (b"0e309", NumberTooBig, 0),
        (b"0.000e312", NumberTooBig, 0),
        (b"\"\\x41\"", InvalidEscape, 1),
        (b"\"\\u00g0\"", InvalidEscape, 1),
        (b"\"\\U0041\"", InvalidEscape, 1),
        (b"\"ab\\ud800\"", LoneSurrogate, 3),
        (b"\"\\udc00\"", LoneSurrogate, 1),
        (b"\"\\ud800\\u0041\"", LoneSurrogate, 1),
        (b"\"\\ud800\\ud800\"", LoneSurrogate, 1),
        (b"\"a\tb\"", ControlCharacter, 2),
        (b"\"a\0b\"", ControlCharacter, 2),
        (b"01", TrailingData, 1),
        (b"1 1", TrailingData, 2),
        (b"[]]", TrailingData, 2),
        (b"[1]//", TrailingData, 3),
        (b"truex", TrailingData, 4),
    ];
    for &(text, kind, offset) in cases {
        let name = text.escape_ascii();
        match read(text) {
            Ok(value) => panic!("{name} became {value:?}"),
            Err(error) => assert_eq!(error, Error { kind, offset }, "{name}"),
        }
        assert!(parse(text, AllocRef::global()).is_none(), "{name}");
    }
    let digits = format!("1{}", "0".repeat(400));
    assert_eq!(read(digits.as_bytes()).map_err(|error| error.kind).err(), Some(NumberTooBig));
}

#[test]
fn special_bytes_are_found_at_every_place() {
    // The scan looks at eight bytes at once; neighbours must not hide or fake a special byte.
    for len in 0..40 {
        for at in 0..=len {
            let mut body = vec![b'!'; len];
            body.insert(at, b'\\');
            body.insert(at + 1, b'"');
            let text = [b"\"", &body[..], b"\""].concat();
            let value = read(&text).expect("one escaped quote");
            assert_eq!(value.as_bytes().map(<[u8]>::len), Some(len + 1));
            body[at] = 0x1f;
            body[at + 1] = 0x20;
            let text = [b"\"", &body[..], b"\""].concat();
            let error = read(&text).expect_err("a control character");
            assert_eq!(error, Error { kind: ErrorKind::ControlCharacter, offset: at + 1 });
        }
    }
    for byte in 0x20..=0xff {
        let plain = !matches!(byte, b'"' | b'\\');
        assert_eq!(
            read(&[b'"', b'a', b'b', byte, b'c', b'd', b'e', b'f', b'g', b'"']).is_ok(),
            plain,
            "{byte}"
        );
    }
}

#[test]
fn deep_containers_are_checked_and_left_empty() {
    let cases = [
        (2, "[[1]]", "[[u1]]"),
        (2, "[[[1]]]", "[[[]]]"),
        (2, "[[1,[2],{\"x\":[3]},\"s\"],5,[[[7]]]]", "[[u1 [] {} s\"s\"] u5 [[]]]"),
        (
            2,
            "{\"a\":{\"b\":{\"c\":1}},\"d\":{\"e\":[{}],\"f\":2}}",
            "{s\"a\":{s\"b\":{}} s\"d\":{s\"e\":[] s\"f\":u2}}",
        ),
        (0, "[1]", "[]"),
        (0, "1", "u1"),
        (1, "[[1,\"\\n a long string that is skipped\"],2]", "[[] u2]"),
    ];
    for (depth, text, want) in cases {
        let value = parse_with_depth(text.as_bytes(), depth, AllocRef::global()).expect(text);
        assert_eq!(sketch(&value), want, "{text} to {depth}");
    }
    for bad in ["[1,]", "{\"a\"}", "\"\\ud800\"", "1e999", "[", "tru", "]"] {
        let text = format!("{}{bad}{}", "[".repeat(30), "]".repeat(30));
        assert!(read(text.as_bytes()).is_err(), "{bad}");
    }
    let nested = |depth| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    assert!(sketch(&read(nested(20).as_bytes()).expect("20 deep")).contains("u1"));
    assert!(!sketch(&read(nested(21).as_bytes()).expect("21 deep")).contains("u1"));
}

#[test]
fn each_string_and_container_is_one_allocation_of_its_size() {
    let ledger = Ledger::default();
    let value = parse(
        br#"{"a":[1,2,3],"a key of fifteen":"with \n one escape","b":{},"c":"small"}"#,
        ledger.handle(),
    );
    assert_eq!(ledger.requests(), [(3 * 16, 8), (16, 1), (17, 1), (4 * 32, 8)]);
    drop(value);
    assert!(ledger.is_settled());
}

#[test]
fn nothing_is_left_behind_by_errors_or_refusals() {
    let text =
        br#"{"a long enough key":["a long enough string",{"b":[1,2,["\n and an escaped one"]]}],"c":[[]]}"#;
    let requests = with_every_refusal(|alloc| match parse_with_depth(text, 20, alloc) {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.kind, ErrorKind::OutOfMemory);
            false
        }
    });
    assert_eq!(requests, 9);
    for end in 0..text.len() {
        let ledger = Ledger::default();
        assert!(parse(&text[..end], ledger.handle()).is_none());
        assert!(ledger.is_settled(), "leak when the text ends at {end}");
    }
}

#[test]
fn errors_are_told_with_line_and_column() {
    let text = "{\n  \"é\": 1,\n  \"b\" 2\n}".as_bytes();
    let error = read(text).expect_err("no colon");
    assert_eq!(error.line_and_column(text), (3, 7));
    assert_eq!(format!("{error}"), "expected ':' after the key at byte 19");
    assert_eq!(format!("{}", error.explain(text)), "expected ':' after the key at line 3, column 7");
    assert_eq!(error.line_and_column(b""), (1, 1));
    let text = "\n\"é\"x".as_bytes();
    assert_eq!(read(text).expect_err("trailing").line_and_column(text), (2, 4));
}

#[test]
fn values_are_written_like_this() {
    let cases = [
        (
            r#" { "a" : [ 1 , -2 , null , true , false ] , "a" : { } , "" : [ ] } "#,
            r#"{"a":[1,-2,null,true,false],"a":{},"":[]}"#,
        ),
        ("[[[],[1,[]]],{\"a\":[{}],\"b\":0}]", "[[[],[1,[]]],{\"a\":[{}],\"b\":0}]"),
        (
            "[1.0,-0.0,0.5,1e22,1e-7,1.5e300,18446744073709551615]",
            "[1.0,-0.0,0.5,1e22,1e-7,1.5e300,18446744073709551615]",
        ),
        (
            r#""\u0000\u0008\u000c\n\r\t\u001f\"\\\/\u007fé😀""#,
            "\"\\u0000\\b\\f\\n\\r\\t\\u001f\\\"\\\\/\u{7f}é😀\"",
        ),
    ];
    for (text, want) in cases {
        assert_eq!(written(&read(text.as_bytes()).expect(text)), want);
    }
    let bytes: &[u8] = b"\xff\xfe \xf0\x9f\x98 \xe2\x82\xe2\x82\xac \xed\xa0\x80";
    let string = Object::literal(b"\xff\xfe \xf0\x9f\x98 \xe2\x82\xe2\x82\xac \xed\xa0\x80");
    assert_eq!(written(&string), format!("\"{}\"", String::from_utf8_lossy(bytes)));
    for special in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(written(&Object::float(special)), "null");
    }
    assert_eq!(written(&Object::invalid()), "null");
    for float in [f64::MAX, f64::MIN_POSITIVE, 5e-324, 0.1 + 0.2, 1e16, 123_456_789.0, 1e-5] {
        let text = written(&Object::float(float));
        assert_eq!(text.parse(), Ok(float), "{text}");
        assert!(sketch(&read(text.as_bytes()).expect("a number")).starts_with('f'), "{text}");
    }
}

#[test]
fn what_is_written_reads_back_and_mutations_do_no_harm() {
    let seed = br#"{"a":[1,-2,3.25,"x\ny\u00e9",null,[true,{"deep":[[]]}]],"a long enough key":"a long enough string"}"#;
    let ledger = Ledger::default();
    let mut random = Random(1);
    for _ in 0..if cfg!(miri) { 100 } else { 20_000 } {
        let mut text = seed.to_vec();
        for _ in 0..=random.below(3) {
            let at = random.below(text.len());
            match random.below(3) {
                0 => text[at] = b"{}[]\",:\\e.0- u\0\xff"[random.below(16)],
                1 => text.truncate(at + 1),
                _ => text.insert(at, b"{}[]\",:\\e.0- u\0\xff"[random.below(16)]),
            }
        }
        if let Some(value) = parse(&text, ledger.handle()) {
            let text = written(&value);
            let again = parse(text.as_bytes(), ledger.handle()).expect("what we wrote");
            assert_eq!(written(&again), text);
        }
        assert!(ledger.is_settled());
    }
}

#[test]
#[cfg_attr(miri, ignore = "large")]
fn depth_and_size_cost_no_stack() {
    let depth = 1_000_000;
    let text = format!("{}{}", "[{\"a\":".repeat(depth / 2) + "1", "}]".repeat(depth / 2));
    assert_eq!(sketch(&read(text.as_bytes()).expect("deep")).matches('[').count(), 11);
    let value = parse_with_depth(text.as_bytes(), usize::MAX, AllocRef::global()).expect("deep");
    assert_eq!(written(&value), text);
    assert!(read(&text.as_bytes()[..depth]).is_err());

    let items = vec!["1"; 70_000].join(",");
    let value = read(format!("[{items}]").as_bytes()).expect("large");
    assert_eq!(value.as_array().map(<[Object]>::len), Some(70_000));
    let pairs = vec!["\"k\":1"; 70_000].join(",");
    let value = read(format!("{{{pairs}}}").as_bytes()).expect("large");
    assert_eq!(value.as_map().map(<[crate::Entry]>::len), Some(70_000));
}
