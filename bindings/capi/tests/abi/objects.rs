//! Values: every setter, reader, growth, copies and JSON.

use crate::fixture::*;
use crate::ledger::Ledger;
use bartizan_capi::*;
use bartizan_object::Object;
use std::ptr::{null, null_mut};

const TEXT: &[u8] = b"forty bytes that are enough for each case";

#[test]
fn setters_overwrite_and_return_the_object() {
    let (alloc, s) = (default(), chars(TEXT));
    type Set = Box<dyn Fn(*mut Object) -> *mut Object>;
    let cases: Vec<(&str, Set)> = unsafe {
        vec![
            ("?", Box::new(|o| ddwaf_object_set_invalid(o))),
            ("null", Box::new(|o| ddwaf_object_set_null(o))),
            ("null", Box::new(|o| ddwaf_object_null(o))),
            ("true", Box::new(|o| ddwaf_object_set_bool(o, true))),
            ("false", Box::new(|o| ddwaf_object_bool(o, false))),
            ("i-9223372036854775808", Box::new(|o| ddwaf_object_set_signed(o, i64::MIN))),
            ("i5", Box::new(|o| ddwaf_object_signed(o, 5))),
            ("u18446744073709551615", Box::new(|o| ddwaf_object_set_unsigned(o, u64::MAX))),
            ("u0", Box::new(|o| ddwaf_object_unsigned(o, 0))),
            ("f-0.0", Box::new(|o| ddwaf_object_set_float(o, -0.0))),
            ("f1e300", Box::new(|o| ddwaf_object_float(o, 1e300))),
            ("s''", Box::new(move |o| ddwaf_object_set_string(o, s, 0, alloc))),
            ("s''", Box::new(move |o| ddwaf_object_set_string(o, null(), 0, alloc))),
            ("s'forty bytes th'", Box::new(move |o| ddwaf_object_set_string(o, s, 14, alloc))),
            ("h'forty bytes tha'", Box::new(move |o| ddwaf_object_set_string(o, s, 15, alloc))),
            ("l''", Box::new(move |o| ddwaf_object_set_string_literal(o, s, 0))),
            ("l'forty'", Box::new(move |o| ddwaf_object_set_string_literal(o, s, 5))),
            ("h''", Box::new(move |o| ddwaf_object_set_string_nocopy(o, s.cast_mut(), 0))),
            ("h'forty'", Box::new(move |o| ddwaf_object_set_string_nocopy(o, s.cast_mut(), 5))),
            ("0[]", Box::new(move |o| ddwaf_object_set_array(o, 0, alloc))),
            ("65535[]", Box::new(move |o| ddwaf_object_set_array(o, 65_535, alloc))),
            ("65535[]", Box::new(move |o| ddwaf_object_set_array_large(o, 65_535, alloc))),
            ("65536[]", Box::new(move |o| ddwaf_object_set_array_large(o, 65_536, alloc))),
            ("0{}", Box::new(move |o| ddwaf_object_set_map(o, 0, alloc))),
            ("3{}", Box::new(move |o| ddwaf_object_set_map(o, 3, alloc))),
            ("0{}", Box::new(move |o| ddwaf_object_set_map_large(o, 0, alloc))),
            ("70000{}", Box::new(move |o| ddwaf_object_set_map_large(o, 70_000, alloc))),
        ]
    };
    for (want, set) in cases {
        let mut object = fresh();
        let place = &raw mut object;
        assert_eq!(set(place), place, "{want}");
        assert_eq!(sketch(&object), want);
        assert!(set(null_mut()).is_null(), "{want}");
        // The strings that were handed over are not of this allocator.
        if object.type_code() != 0x10 || want == "h'forty bytes tha'" {
            unsafe { ddwaf_object_destroy(&mut object, alloc) };
        }
    }
}

#[test]
fn what_cannot_be_set_leaves_the_object_untouched() {
    let s = chars(TEXT);
    let mut object = fresh();
    let o = &raw mut object;
    let results = unsafe {
        [
            ddwaf_object_set_string(o, null(), 1, default()),
            ddwaf_object_set_string(o, s, 3, null_mut()),
            ddwaf_object_set_string(o, s, 30, null_mut()),
            ddwaf_object_set_string_literal(o, null(), 0),
            ddwaf_object_set_string_literal(o, null(), 3),
            ddwaf_object_set_string_nocopy(o, null_mut(), 0),
            ddwaf_object_set_string_nocopy(o, null_mut(), 3),
            ddwaf_object_set_array(o, 0, null_mut()),
            ddwaf_object_set_map(o, 4, null_mut()),
            ddwaf_object_set_array_large(o, 1 << 28, default()),
            ddwaf_object_set_map_large(o, 1 << 28, default()),
            ddwaf_object_set_map_large(o, usize::MAX, default()),
            ddwaf_object_set_array_large(o, 4, null_mut()),
        ]
    };
    assert_eq!(results, [null_mut(); 13]);
    assert!(is_untouched(&object));
}

/// All that can be read of an object, as one line.
fn read(object: *const Object) -> String {
    unsafe {
        let mut len = 999;
        let start = ddwaf_object_get_string(object, &mut len);
        assert_eq!(start, ddwaf_object_get_string(object, null_mut()));
        let mut line = format!(
            "type {} size {} length {} string {} u{} i{} f{} {}",
            ddwaf_object_get_type(object),
            ddwaf_object_get_size(object),
            ddwaf_object_get_length(object),
            if start.is_null() && len == 999 { -1 } else { len as i64 },
            ddwaf_object_get_unsigned(object),
            ddwaf_object_get_signed(object),
            ddwaf_object_get_float(object),
            ddwaf_object_get_bool(object),
        );
        let is: [(&str, unsafe extern "C" fn(*const Object) -> bool); 9] = [
            ("invalid", ddwaf_object_is_invalid),
            ("null", ddwaf_object_is_null),
            ("bool", ddwaf_object_is_bool),
            ("signed", ddwaf_object_is_signed),
            ("unsigned", ddwaf_object_is_unsigned),
            ("float", ddwaf_object_is_float),
            ("string", ddwaf_object_is_string),
            ("array", ddwaf_object_is_array),
            ("map", ddwaf_object_is_map),
        ];
        for (name, is) in is {
            if is(object) {
                line += " ";
                line += name;
            }
        }
        line
    }
}

#[test]
fn readers_answer_for_their_type_only() {
    let make = |set: &dyn Fn(*mut Object)| {
        let mut object = fresh();
        set(&raw mut object);
        object
    };
    let raw = |head: [u8; 8]| -> Object { unsafe { std::mem::transmute([head, [0; 8]]) } };
    let (alloc, s) = (default(), chars(TEXT));
    let cases = unsafe {
        [
            (
                make(&|o| _ = ddwaf_object_set_invalid(o)),
                "type 0 size 0 length 0 string -1 u0 i0 f0 false invalid",
            ),
            (make(&|o| _ = ddwaf_object_set_null(o)), "type 1 size 0 length 0 string -1 u0 i0 f0 false null"),
            (
                make(&|o| _ = ddwaf_object_set_bool(o, true)),
                "type 2 size 0 length 0 string -1 u0 i0 f0 true bool",
            ),
            (
                make(&|o| _ = ddwaf_object_set_signed(o, -7)),
                "type 4 size 0 length 0 string -1 u0 i-7 f0 false signed",
            ),
            (
                make(&|o| _ = ddwaf_object_set_signed(o, 7)),
                "type 4 size 0 length 0 string -1 u0 i7 f0 false signed",
            ),
            (
                make(&|o| _ = ddwaf_object_set_unsigned(o, 7)),
                "type 6 size 0 length 0 string -1 u7 i0 f0 false unsigned",
            ),
            (
                make(&|o| _ = ddwaf_object_set_float(o, 1.5)),
                "type 8 size 0 length 0 string -1 u0 i0 f1.5 false float",
            ),
            (
                make(&|o| _ = ddwaf_object_set_string(o, s, 0, alloc)),
                "type 20 size 0 length 0 string 0 u0 i0 f0 false string",
            ),
            (
                make(&|o| _ = ddwaf_object_set_string(o, s, 14, alloc)),
                "type 20 size 0 length 14 string 14 u0 i0 f0 false string",
            ),
            (
                make(&|o| _ = ddwaf_object_set_string(o, s, 20, alloc)),
                "type 16 size 0 length 20 string 20 u0 i0 f0 false string",
            ),
            (
                make(&|o| _ = ddwaf_object_set_string_literal(o, s, 3)),
                "type 18 size 0 length 3 string 3 u0 i0 f0 false string",
            ),
            (
                make(&|o| _ = ddwaf_object_set_array(o, 5, alloc)),
                "type 32 size 0 length 0 string -1 u0 i0 f0 false array",
            ),
            (
                make(&|o| _ = ddwaf_object_set_map(o, 5, alloc)),
                "type 64 size 0 length 0 string -1 u0 i0 f0 false map",
            ),
            (
                make(&|o| _ = ddwaf_object_set_array_large(o, 70_000, alloc)),
                "type 160 size 0 length 0 string -1 u0 i0 f0 false array",
            ),
            (
                make(&|o| _ = ddwaf_object_set_map_large(o, 70_000, alloc)),
                "type 192 size 0 length 0 string -1 u0 i0 f0 false map",
            ),
            (raw([0x10, 9, 9, 9, 0, 0, 0, 0]), "type 16 size 0 length 0 string 0 u0 i0 f0 false string"),
            // Types that do not exist are nothing.
            (raw([3; 8]), "type 3 size 0 length 0 string -1 u0 i0 f0 false"),
            (raw([0x60; 8]), "type 96 size 0 length 0 string -1 u0 i0 f0 false"),
            (raw([0x80; 8]), "type 128 size 0 length 0 string -1 u0 i0 f0 false"),
        ]
    };
    assert_eq!(read(null()), "type 0 size 0 length 0 string -1 u0 i0 f0 false");
    for (mut object, want) in cases {
        assert_eq!(read(&object), want);
        unsafe {
            for index in [0, 1, usize::MAX] {
                assert!(ddwaf_object_at_key(&object, index).is_null(), "{want}");
                assert!(ddwaf_object_at_value(&object, index).is_null(), "{want}");
            }
            assert!(ddwaf_object_find(&object, s, 3).is_null(), "{want}");
            ddwaf_object_destroy(&mut object, alloc);
        }
        assert_eq!(object.type_code(), 0, "{want}");
    }
}

#[test]
fn strings_are_where_they_lie() {
    let (alloc, s) = (default(), chars(TEXT));
    let mut object = fresh();
    let at = |object: &Object| unsafe { ddwaf_object_get_string(object, null_mut()) };
    unsafe {
        for len in [0, 14] {
            ddwaf_object_set_string(&mut object, s, len, alloc);
            assert_eq!(at(&object).addr(), (&raw const object).addr() + 2);
        }
        for len in [0, 20] {
            ddwaf_object_set_string_literal(&mut object, s, len);
            assert_eq!(at(&object), s);
            ddwaf_object_set_string_nocopy(&mut object, s.cast_mut(), len);
            assert_eq!(at(&object), s);
        }
    }
}

#[test]
fn items_are_inserted_found_and_counted() {
    let (ledger, s) = (Ledger::new(), chars(TEXT));
    let alloc = ledger.handle();
    let mut map = fresh();
    unsafe {
        ddwaf_object_set_map(&mut map, 2, alloc);
        ddwaf_object_set_unsigned(ddwaf_object_insert_key(&mut map, s, 20, alloc), 1);
        ddwaf_object_set_unsigned(ddwaf_object_insert_literal_key(&mut map, s, 5, alloc), 2);
        let handed_over = ledger.bytes(b"key");
        ddwaf_object_set_unsigned(ddwaf_object_insert_key_nocopy(&mut map, handed_over, 3, alloc), 3);
        // An empty key may come from nowhere, a repeated one is kept.
        ddwaf_object_set_unsigned(ddwaf_object_insert_key(&mut map, null(), 0, alloc), 4);
        assert!(!ddwaf_object_insert_literal_key(&mut map, null(), 0, alloc).is_null());
        assert!(!ddwaf_object_insert_key_nocopy(&mut map, null_mut(), 0, alloc).is_null());
        ddwaf_object_set_unsigned(ddwaf_object_insert_key(&mut map, chars("key"), 3, alloc), 5);
        assert_eq!(
            sketch(&map),
            "8{h'forty bytes that are':u1 l'forty':u2 h'key':u3 s'':u4 l'':? h'':? s'key':u5}"
        );

        let find = |key: &[u8]| ddwaf_object_find(&map, chars(key), key.len());
        assert_eq!(ddwaf_object_get_unsigned(find(b"key")), 3);
        assert_eq!(ddwaf_object_get_unsigned(find(b"forty")), 2);
        assert_eq!(ddwaf_object_get_unsigned(find(&TEXT[..20])), 1);
        for absent in [&b""[..], b"ke", b"key\0", &TEXT[..19]] {
            assert!(find(absent).is_null(), "{absent:?}");
        }
        assert!(ddwaf_object_find(&map, null(), 3).is_null());
        assert_eq!(ddwaf_object_get_size(&map), 7);
        assert_eq!(ddwaf_object_get_unsigned(ddwaf_object_at_value(&map, 6)), 5);
        assert_eq!(ddwaf_object_get_length(ddwaf_object_at_key(&map, 0)), 20);
        assert!(ddwaf_object_at_key(&map, 7).is_null() && ddwaf_object_at_value(&map, 7).is_null());

        let mut array = fresh();
        ddwaf_object_set_array(&mut array, 0, alloc);
        assert_eq!(sketch(&*ddwaf_object_insert(&mut array, alloc)), "?");
        ddwaf_object_set_null(ddwaf_object_insert(&mut array, alloc));
        assert_eq!(sketch(&array), "8[? null]");
        assert!(ddwaf_object_at_key(&array, 0).is_null());
        assert!(ddwaf_object_is_null(ddwaf_object_at_value(&array, 1)));

        // The wrong container, no container, no allocator, no key.
        let before = ledger.requests();
        let mut scalar = fresh();
        ddwaf_object_set_null(&mut scalar);
        for other in [&raw mut array, &raw mut scalar, null_mut()] {
            assert!(ddwaf_object_insert_key(other, s, 20, alloc).is_null());
            assert!(ddwaf_object_insert_literal_key(other, s, 3, alloc).is_null());
            assert!(ddwaf_object_insert_key_nocopy(other, s.cast_mut(), 3, alloc).is_null());
        }
        for other in [&raw mut map, &raw mut scalar, null_mut()] {
            assert!(ddwaf_object_insert(other, alloc).is_null());
        }
        assert!(ddwaf_object_insert(&mut array, null_mut()).is_null());
        assert!(ddwaf_object_insert_key(&mut map, s, 20, null_mut()).is_null());
        assert!(ddwaf_object_insert_literal_key(&mut map, s, 3, null_mut()).is_null());
        assert!(ddwaf_object_insert_key_nocopy(&mut map, s.cast_mut(), 3, null_mut()).is_null());
        for len in [1, 14, 15] {
            assert!(ddwaf_object_insert_key(&mut map, null(), len, alloc).is_null());
            assert!(ddwaf_object_insert_literal_key(&mut map, null(), len, alloc).is_null());
            assert!(ddwaf_object_insert_key_nocopy(&mut map, null_mut(), len, alloc).is_null());
        }
        assert_eq!((ledger.requests(), map.as_map().map(<[_]>::len)), (before, Some(7)));

        ddwaf_object_destroy(&mut map, alloc);
        ddwaf_object_destroy(&mut array, alloc);
        ddwaf_object_destroy(null_mut(), alloc);
    }
    ledger.assert_settled();
}

#[test]
fn containers_grow_in_steps_and_become_large() {
    const COUNT: usize = 140_000;
    let ledger = Ledger::new();
    let alloc = ledger.handle();
    for is_map in [false, true] {
        let mut object = fresh();
        let mut steps = Vec::new();
        unsafe {
            let made = if is_map {
                ddwaf_object_set_map(&mut object, 0, alloc)
            } else {
                ddwaf_object_set_array(&mut object, 0, alloc)
            };
            assert!(!made.is_null());
            for number in 0..COUNT as u64 {
                let before = ledger.requests();
                let slot = if is_map {
                    ddwaf_object_insert_literal_key(&mut object, chars("k"), 1, alloc)
                } else {
                    ddwaf_object_insert(&mut object, alloc)
                };
                ddwaf_object_set_unsigned(slot, number);
                if ledger.requests() != before {
                    steps.push((number, ddwaf_object_get_type(&object)));
                }
            }
            let (small, large) = if is_map { (0x40, 0xC0) } else { (0x20, 0xA0) };
            let want: Vec<_> = [0, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768]
                .map(|at| (at, small))
                .into_iter()
                .chain([(65_535, large), (131_070, large)])
                .collect();
            assert_eq!(steps, want);
            let item = if is_map { 32 } else { 16 };
            let freed: Vec<_> = want[1..].iter().map(|&(at, _)| (at as usize * item, 8)).collect();
            assert_eq!(ledger.given_back(), freed);

            assert_eq!(ddwaf_object_get_size(&object), COUNT);
            for index in [0, 8, 65_534, 65_535, COUNT - 1] {
                let value = ddwaf_object_at_value(&object, index);
                assert_eq!(ddwaf_object_get_unsigned(value), index as u64);
            }
            assert!(ddwaf_object_at_value(&object, COUNT).is_null());

            let mut copy = fresh();
            ddwaf_object_clone(&object, &mut copy, alloc);
            assert_eq!((ddwaf_object_get_size(&copy), ddwaf_object_get_type(&copy)), (COUNT, large));
            ddwaf_object_destroy(&mut copy, alloc);
            ddwaf_object_destroy(&mut object, alloc);
            assert_eq!(ledger.given_back(), [(COUNT * item, 8), (262_140 * item, 8)]);
        }
    }
    ledger.assert_settled();
}

#[test]
fn copies_are_deep_and_tight() {
    let (ledger, other) = (Ledger::new(), Ledger::new());
    let alloc = ledger.handle();
    let s = chars(TEXT);
    unsafe {
        let mut map = fresh();
        ddwaf_object_set_map_large(&mut map, 70_000, alloc);
        ddwaf_object_set_string_literal(ddwaf_object_insert_literal_key(&mut map, s, 20, alloc), s, 3);
        let short = ledger.bytes(b"short");
        ddwaf_object_set_string_nocopy(ddwaf_object_insert_key(&mut map, s, 2, alloc), short, 5);
        let inner = ddwaf_object_insert_key(&mut map, s, 15, alloc);
        ddwaf_object_set_array(inner, 9, alloc);
        ddwaf_object_set_string(ddwaf_object_insert(inner, alloc), s, 30, alloc);
        ddwaf_object_set_float(ddwaf_object_insert(inner, alloc), 0.5);
        ddwaf_object_insert(inner, alloc);

        let mut copy = fresh();
        assert_eq!(ddwaf_object_clone(&map, &mut copy, other.handle()), &raw mut copy);
        ddwaf_object_destroy(&mut map, alloc);
        ledger.assert_settled();
        assert_eq!(
            sketch(&copy),
            "3{h'forty bytes that are':l'for' s'fo':s'short' \
             h'forty bytes tha':3[h'forty bytes that are enough fo' f0.5 ?]}"
        );
        ddwaf_object_destroy(&mut copy, other.handle());
        assert_eq!(other.given_back(), [(15, 1), (20, 1), (30, 1), (48, 8), (96, 8)]);
        other.assert_settled();

        let mut untouched = fresh();
        assert!(ddwaf_object_clone(null(), &mut untouched, alloc).is_null());
        assert!(ddwaf_object_clone(&copy, null_mut(), alloc).is_null());
        assert!(ddwaf_object_clone(&copy, &mut untouched, null_mut()).is_null());
        assert!(is_untouched(&untouched));
    }
}

#[test]
fn json_becomes_objects_or_nothing() {
    let ledger = Ledger::new();
    for (text, want) in [
        ("{}", "0{}"),
        (" [ ] ", "0[]"),
        (
            "[1,-1,1.0,1e3,18446744073709551615,18446744073709551616,-9223372036854775809]",
            "7[u1 i-1 f1.0 f1000.0 u18446744073709551615 f1.8446744073709552e19 f-9.223372036854776e18]",
        ),
        (
            r#"["short","\u0000","a string of some length"]"#,
            r"3[s'short' s'\x00' h'a string of some length']",
        ),
        (r#"{"a":1,"a":{"":null}}"#, "2{s'a':u1 s'a':1{s'':null}}"),
        ("true", "true"),
    ] {
        let mut object = from_json(text, ledger.handle());
        assert_eq!(sketch(&object), want);
        unsafe { ddwaf_object_destroy(&mut object, ledger.handle()) };
    }
    for broken in [
        " ",
        "{",
        "[1,",
        "nul",
        "NaN",
        "[1]//",
        r#"{"a":1,}"#,
        r#"["\ud800"]"#,
        r#"["a string of some length"],"#,
    ] {
        let (object, made) = try_json(broken, ledger.handle());
        assert!(!made && object.type_code() == 0, "{broken}");
    }
    ledger.assert_settled();

    let mut object = fresh();
    unsafe {
        let json = chars("[1]");
        assert!(!ddwaf_object_from_json(null_mut(), json, 3, default()));
        assert!(!ddwaf_object_from_json(&mut object, null(), 3, default()));
        assert!(!ddwaf_object_from_json(&mut object, json, 0, default()));
        assert!(!ddwaf_object_from_json(&mut object, json, 3, null_mut()));
        assert!(is_untouched(&object));
        // Bytes that are not UTF-8 stay what they are.
        assert!(!ddwaf_object_from_json(&mut object, chars(b"\"\xff\0\""), 3, default()));
        assert!(ddwaf_object_from_json(&mut object, chars(b"\"\xff\xfe\""), 4, default()));
    }
    assert_eq!(sketch(&object), r"s'\xff\xfe'");
}

#[test]
fn json_is_cut_at_the_twentieth_level() {
    for (depth, want) in [(20, 20), (21, 21), (1000, 21)] {
        let text = "[".repeat(depth) + &"]".repeat(depth);
        let mut object = from_json(&text, default());
        let shown = crate::fixture::text(&object);
        assert_eq!(shown, "[".repeat(want) + &"]".repeat(want), "{depth}");
        unsafe { ddwaf_object_destroy(&mut object, default()) };
    }
}
