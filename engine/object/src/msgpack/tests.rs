use super::{Error, ErrorKind, parse, parse_with_depth, write};
use crate::testing::{Ledger, Random, sketch, with_every_refusal};
use crate::{AllocRef, Object, Owned, json, parse_document};
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

fn read(bytes: &[u8]) -> Result<Owned, Error> {
    parse(bytes, AllocRef::global())
}

fn written(object: &Object) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(object, &mut bytes);
    bytes
}

#[test]
fn every_type_is_read() {
    let cases: &[(&[u8], &str)] = &[
        (b"\xc0", "null"),
        (b"\xc2", "false"),
        (b"\xc3", "true"),
        (b"\x00", "u0"),
        (b"\x7f", "u127"),
        (b"\xe0", "i-32"),
        (b"\xff", "i-1"),
        (b"\xcc\xff", "u255"),
        (b"\xcd\x01\x02", "u258"),
        (b"\xce\x01\x02\x03\x04", "u16909060"),
        (b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff", "u18446744073709551615"),
        (b"\xd0\x80", "i-128"),
        (b"\xd0\x05", "u5"),
        (b"\xd1\xff\x00", "i-256"),
        (b"\xd2\x80\x00\x00\x00", "i-2147483648"),
        (b"\xd3\x80\x00\x00\x00\x00\x00\x00\x00", "i-9223372036854775808"),
        (b"\xd3\x7f\xff\xff\xff\xff\xff\xff\xff", "u9223372036854775807"),
        (b"\xca\x3f\xc0\x00\x00", "f1.5"),
        (b"\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a", "f0.1"),
        (b"\xa0", "s\"\""),
        (b"\xa2ab", "s\"ab\""),
        (b"\xd9\x02\xff\x00", "s\"\\xff\\x00\""),
        (b"\xda\x00\x02ab", "s\"ab\""),
        (b"\xdb\x00\x00\x00\x0ffifteen bytes..", "h\"fifteen bytes..\""),
        (b"\xc4\x01a", "s\"a\""),
        (b"\xc5\x00\x01a", "s\"a\""),
        (b"\xc6\x00\x00\x00\x01a", "s\"a\""),
        (b"\x90", "[]"),
        (b"\x92\x01\x91\x02", "[u1 [u2]]"),
        (b"\xdc\x00\x01\x01", "[u1]"),
        (b"\xdd\x00\x00\x00\x01\x01", "[u1]"),
        (b"\x80", "{}"),
        (b"\x82\xa1a\x01\xa1a\x80", "{s\"a\":u1 s\"a\":{}}"),
        (b"\xde\x00\x01\xa1a\x01", "{s\"a\":u1}"),
        (b"\xdf\x00\x00\x00\x01\xa1a\x01", "{s\"a\":u1}"),
        (b"\x86\x01\xc0\xff\xc0\xc0\xc0\xc3\xc0\xca\x3f\xc0\x00\x00\xc0\xc4\x01b\xc0",
         "{s\"1\":null s\"-1\":null s\"null\":null s\"true\":null s\"1.5\":null s\"b\":null}"),
        (b"\x96\xd4\x01a\xd6\xff1234\xd8\x00................\xc7\x01\x05a\xc8\x00\x00\x05\xc9\x00\x00\x00\x01\x05a",
         "[? ? ? ? ? ?]"),
        (b"\x92\xd5\x01ab\xd7\x01abcdefgh", "[? ?]"),
    ];
    for (bytes, want) in cases {
        let name = bytes.escape_ascii();
        assert_eq!(sketch(&read(bytes).unwrap_or_else(|error| panic!("{name}: {error}"))), *want, "{name}");
        for end in 0..bytes.len() {
            let error = read(&bytes[..end]).expect_err("a part");
            assert_eq!(error, Error { kind: ErrorKind::UnexpectedEnd, offset: end }, "{name} to {end}");
        }
        let more = [bytes, &b"\xc0"[..]].concat();
        assert_eq!(
            read(&more).err(),
            Some(Error { kind: ErrorKind::TrailingData, offset: bytes.len() }),
            "{name}"
        );
    }
}

#[test]
fn what_is_no_document_is_refused_where_it_goes_wrong() {
    use ErrorKind::*;
    let cases: &[(&[u8], ErrorKind, usize)] = &[
        (b"\xc1", ReservedByte, 0),
        (b"\x92\x01\xc1", ReservedByte, 2),
        (b"\x81\x90\x01", UnsupportedKey, 1),
        (b"\x81\x80\x01", UnsupportedKey, 1),
        (b"\x81\xd4\x01\x01\x01", UnsupportedKey, 1),
        (b"\x82\xa1a\x01\x90\x01", UnsupportedKey, 4),
    ];
    for &(bytes, kind, offset) in cases {
        assert_eq!(read(bytes).err(), Some(Error { kind, offset }), "{}", bytes.escape_ascii());
    }
}

#[test]
fn lengths_beyond_the_input_cost_nothing() {
    for bytes in [
        &b"\xdd\xff\xff\xff\xff\x01"[..],
        b"\xdf\xff\xff\xff\xff\xa1a\x01",
        b"\xdf\x00\x00\x00\x02\xa1a\x01",
        b"\xdc\x00\x12\xaffifteen bytes..",
        b"\xdb\xff\xff\xff\xffabc",
        b"\xc9\xff\xff\xff\xff\x01abc",
        b"\xdd\x00\x00\x00\x05\xdd\x00\x00\x00\x00",
    ] {
        let ledger = Ledger::default();
        let error = parse(bytes, ledger.handle()).expect_err("too short");
        assert_eq!(error, Error { kind: ErrorKind::UnexpectedEnd, offset: bytes.len() });
        assert!(ledger.requests().is_empty());
    }
}

#[test]
fn the_shortest_form_is_written() {
    let float = |value| written(&Object::float(value));
    assert_eq!(float(1.5), b"\xca\x3f\xc0\x00\x00");
    assert_eq!(float(-0.0), b"\xca\x80\x00\x00\x00");
    assert_eq!(float(f64::INFINITY), b"\xca\x7f\x80\x00\x00");
    assert_eq!(float(0.1), b"\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a");
    assert_eq!(float(1e300)[0], 0xcb);
    assert_eq!(float(f64::NAN), b"\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00");
    for (value, len, first) in [
        (0, 1, 0x00),
        (127, 1, 0x7f),
        (128, 2, 0xcc),
        (255, 2, 0xcc),
        (256, 3, 0xcd),
        (65_535, 3, 0xcd),
        (65_536, 5, 0xce),
        (4_294_967_295, 5, 0xce),
        (4_294_967_296, 9, 0xcf),
        (-1, 1, 0xff),
        (-32, 1, 0xe0),
        (-33, 2, 0xd0),
        (-128, 2, 0xd0),
        (-129, 3, 0xd1),
        (-32_768, 3, 0xd1),
        (-32_769, 5, 0xd2),
        (-2_147_483_648, 5, 0xd2),
        (-2_147_483_649, 9, 0xd3),
        (i64::MIN, 9, 0xd3),
    ] {
        let bytes = written(&Object::signed(value));
        assert_eq!((bytes.len(), bytes[0]), (len, first), "{value}");
        let again = read(&bytes).expect("an integer");
        let kind = if value < 0 { 'i' } else { 'u' };
        assert_eq!(sketch(&again), format!("{kind}{value}"));
        if value >= 0 {
            assert_eq!(written(&Object::unsigned(value as u64)), bytes);
        }
    }
    assert_eq!(written(&Object::invalid()), b"\xc0");
    assert_eq!(written(&Object::null()), b"\xc0");
    assert_eq!(written(&Object::bool(true)), b"\xc3");
    assert_eq!(written(&Object::literal(b"\xff")), b"\xc4\x01\xff");
}

#[test]
#[cfg_attr(miri, ignore = "large")]
fn lengths_take_the_shortest_head() {
    let global = AllocRef::global();
    for (len, text, bin, array, map) in [
        (15, 1, 2, 1, 1),
        (16, 1, 2, 3, 3),
        (31, 1, 2, 3, 3),
        (32, 2, 2, 3, 3),
        (255, 2, 2, 3, 3),
        (256, 3, 3, 3, 3),
        (65_535, 3, 3, 3, 3),
        (65_536, 5, 5, 5, 5),
    ] {
        let string = |byte| {
            let mut owned = Owned::new(global);
            owned.slot().string(&vec![byte; len]).expect("memory");
            owned
        };
        let mut items = Owned::new(global);
        let mut writer = items.slot().array(len).expect("memory");
        for _ in 0..len {
            writer.push().expect("memory").null();
        }
        let mut pairs = Owned::new(global);
        let mut writer = pairs.slot().map(len).expect("memory");
        for _ in 0..len {
            writer.insert(b"").expect("memory").null();
        }
        for (value, head, item) in
            [(string(b'a'), text, 1), (string(0xff), bin, 1), (items, array, 1), (pairs, map, 2)]
        {
            let bytes = written(&value);
            assert_eq!(bytes.len(), head + len * item, "{len}");
            assert_eq!(sketch(&read(&bytes).expect("what we wrote")), sketch(&value), "{len}");
        }
    }
}

#[test]
fn deep_containers_are_left_empty_as_in_json() {
    let text = br#"{"a":[[1,[2,{"b":[3]}],"s"],4,{"c":{"d":[5]}}],"e":[[[]]]}"#;
    let unlimited = json::parse_with_depth(text, usize::MAX, AllocRef::global()).expect("JSON");
    let bytes = written(&unlimited);
    for depth in 0..8 {
        let json = json::parse_with_depth(text, depth, AllocRef::global()).expect("JSON");
        let msgpack = parse_with_depth(&bytes, depth, AllocRef::global()).expect("MessagePack");
        assert_eq!(sketch(&json), sketch(&msgpack), "to {depth}");
    }
    // Below the limit mistakes still count.
    assert!(parse_with_depth(b"\x91\x91\xc1", 1, AllocRef::global()).is_err());
    assert!(parse_with_depth(b"\x91\x81\x90\x90", 1, AllocRef::global()).is_err());
}

#[test]
fn nothing_is_left_behind_by_errors_or_refusals() {
    let text =
        br#"{"a long enough key":["a long enough string",{"b":[1,2,["and yet another one"]]}],"c":[[]]}"#;
    let bytes = written(&json::parse(text, AllocRef::global()).expect("JSON"));
    let requests = with_every_refusal(|alloc| match parse(&bytes, alloc) {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.kind, ErrorKind::OutOfMemory);
            false
        }
    });
    assert_eq!(requests, 9);
    for end in 0..bytes.len() {
        let ledger = Ledger::default();
        assert!(parse(&bytes[..end], ledger.handle()).is_err());
        assert!(ledger.is_settled(), "leak when the bytes end at {end}");
    }
}

#[test]
fn any_bytes_do_no_harm() {
    let ledger = Ledger::default();
    let mut random = Random(2);
    let mut accepted = 0;
    for _ in 0..if cfg!(miri) { 200 } else { 50_000 } {
        let mut bytes = vec![0x81 + random.below(0x1f) as u8];
        for _ in 0..random.below(12) {
            bytes
                .push(if random.below(2) == 0 { random.below(256) } else { 0x80 + random.below(0x24) } as u8);
        }
        if let Ok(value) = parse(&bytes, ledger.handle()) {
            accepted += 1;
            let again = parse(&written(&value), ledger.handle()).expect("what we wrote");
            // Extensions come back as null.
            assert_eq!(sketch(&again), sketch(&value).replace('?', "null"));
        }
        assert!(ledger.is_settled());
    }
    assert!(accepted > 0);
}

#[test]
#[cfg_attr(miri, ignore = "large")]
fn depth_costs_no_stack() {
    let depth = 1_000_000;
    let bytes = [vec![0x91; depth], vec![0x01]].concat();
    assert_eq!(sketch(&read(&bytes).expect("deep")).matches('[').count(), 21);
    let value = parse_with_depth(&bytes, usize::MAX, AllocRef::global()).expect("deep");
    assert_eq!(written(&value), bytes);
    assert!(read(&bytes[..depth]).is_err());
}

#[test]
fn the_first_byte_tells_the_format() {
    for (bytes, want) in [
        (&b"{\"a\":1}"[..], "{s\"a\":u1}"),
        (b"[1]", "[u1]"),
        (b" 1", "u1"),
        (b"\n\t\r [2]", "[u2]"),
        (b"\x81\xa1a\x01", "{s\"a\":u1}"),
        (b"\x91\xff", "[i-1]"),
    ] {
        assert_eq!(sketch(&parse_document(bytes, AllocRef::global()).expect("a document")), want);
    }
    for (bytes, kind, offset) in [
        (&b""[..], ErrorKind::UnexpectedEnd, 0),
        (b"{\"a\"}", ErrorKind::ExpectedColon, 4),
        (b"\x91", ErrorKind::UnexpectedEnd, 1),
        (b"1 ", ErrorKind::TrailingData, 1),
    ] {
        assert_eq!(parse_document(bytes, AllocRef::global()).err(), Some(Error { kind, offset }));
    }
}
