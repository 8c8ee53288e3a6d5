//! Data that means harm.

use crate::fixture::*;
use crate::ledger::Ledger;
use bartizan_capi::*;
use bartizan_object::Object;
use std::ptr::null_mut;

/// Evaluates an object under an address, owned by the ledger; gives the rules that were reported.
unsafe fn eval_value(
    handle: *mut InstanceHandle,
    address: &str,
    value: Object,
    ledger: &Ledger,
) -> Vec<String> {
    unsafe {
        let mut data = fresh();
        ddwaf_object_set_map(&mut data, 1, ledger.handle());
        let slot = ddwaf_object_insert_key(&mut data, chars(address), address.len() as u32, ledger.handle());
        slot.write(value);
        let context = ddwaf_context_init(handle, default());
        let mut result = fresh();
        let code = ddwaf_context_eval(context, &mut data, ledger.handle(), &mut result, LONG);
        let found = ids(&text(&result));
        assert_eq!(code, if found.is_empty() { OK } else { MATCH });
        ddwaf_object_destroy(&mut result, default());
        ddwaf_context_destroy(context);
        found
    }
}

#[test]
fn depth_costs_no_stack() {
    let handle = instance(CONFIG);
    let ledger = Ledger::new();
    let alloc = ledger.handle();
    unsafe {
        let mut value = fresh();
        ddwaf_object_set_string(&mut value, chars("evil"), 4, alloc);
        for level in 0..100_000 {
            let mut outer = fresh();
            let slot = if level % 2 == 0 {
                ddwaf_object_set_array(&mut outer, 1, alloc);
                ddwaf_object_insert(&mut outer, alloc)
            } else {
                ddwaf_object_set_map(&mut outer, 1, alloc);
                ddwaf_object_insert_literal_key(&mut outer, chars("k"), 1, alloc)
            };
            slot.write(value);
            value = outer;
        }
        let mut copy = fresh();
        ddwaf_object_clone(&value, &mut copy, alloc);
        ddwaf_object_destroy(&mut copy, alloc);
        // Even the key path of 100,000 items is reported.
        assert_eq!(eval_value(handle, "a", value, &ledger), ["a"]);
        ddwaf_destroy(handle);
    }
    ledger.assert_settled();
}

#[test]
fn length_costs_time_and_no_more() {
    let handle = instance(CONFIG);
    let ledger = Ledger::new();
    let long = vec![b'x'; 100_000_000];
    unsafe {
        let mut value = fresh();
        ddwaf_object_set_string_literal(&mut value, chars(&long), long.len() as u32);
        assert_eq!(eval_value(handle, "b", value, &ledger), [""; 0]);
        ddwaf_destroy(handle);
    }
    ledger.assert_settled();
}

#[test]
fn breadth_beyond_the_compact_form() {
    let handle = instance(CONFIG);
    let ledger = Ledger::new();
    let alloc = ledger.handle();
    unsafe {
        for is_map in [false, true] {
            let mut value = fresh();
            ddwaf_object_set_map(&mut value, 0, alloc);
            if !is_map {
                ddwaf_object_set_array(&mut value, 0, alloc);
            }
            for number in 0..70_000u32 {
                let slot = if is_map {
                    let key = format!("key {number}");
                    ddwaf_object_insert_key(&mut value, chars(&key), key.len() as u32, alloc)
                } else {
                    ddwaf_object_insert(&mut value, alloc)
                };
                let word = if number == 69_999 { "evil" } else { "good" };
                ddwaf_object_set_string(slot, chars(word), 4, alloc);
            }
            assert_eq!(eval_value(handle, "a", value, &ledger), ["a"]);
        }
        // As many addresses, most of them of no interest.
        let mut data = fresh();
        ddwaf_object_set_map(&mut data, 0, alloc);
        for number in 0..70_000u32 {
            let key = if number == 66_000 { "a".to_owned() } else { format!("address {number}") };
            let slot = ddwaf_object_insert_key(&mut data, chars(&key), key.len() as u32, alloc);
            ddwaf_object_set_string(slot, chars("evil"), 4, alloc);
        }
        let context = ddwaf_context_init(handle, default());
        assert_eq!(ddwaf_context_eval(context, &mut data, alloc, null_mut(), LONG), MATCH);
        ddwaf_context_destroy(context);
        ddwaf_destroy(handle);
    }
    ledger.assert_settled();
}

#[test]
fn bytes_of_all_kinds() {
    let handle = instance(CONFIG);
    let ledger = Ledger::new();
    unsafe {
        for (bytes, found) in [
            (&b"\xff\xfe evil \x80"[..], true),
            (b"evil\0", true),
            (b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0evil", true),
            (b"\xf0\x9f\x98", false),
            (b"\xed\xa0\x80ev\0l", true),
            (b"ev\nl", false),
            (b"", false),
        ] {
            for form in 0..3 {
                let mut value = fresh();
                let (start, len) = (chars(bytes), bytes.len() as u32);
                match form {
                    0 => ddwaf_object_set_string(&mut value, start, len, ledger.handle()),
                    1 => ddwaf_object_set_string_literal(&mut value, start, len),
                    _ => ddwaf_object_set_string_nocopy(&mut value, ledger.bytes(bytes), len),
                };
                let want: &[&str] = if found { &["a"] } else { &[] };
                assert_eq!(eval_value(handle, "a", value, &ledger), want, "{bytes:?} as {form}");
            }
        }
        ddwaf_destroy(handle);
    }
    ledger.assert_settled();
}

/// Objects as no function makes them: null pointers where there should be items, types that do not exist,
/// containers as keys.
#[test]
fn objects_written_by_hand() {
    let handle = instance(CONFIG);
    let raw = |head: u64| -> Object { unsafe { std::mem::transmute([head, 0]) } };
    unsafe {
        for (head, why) in [
            (0x10, "an empty string nowhere"),
            (0x12, "an empty literal nowhere"),
            (5 << 32 | 0x12, "a literal of 5 bytes nowhere"),
            (0x20 | 3 << 16, "an array of 3 items and no room, nowhere"),
            (0x40 | 3 << 16 | 3 << 32, "a map of 3 pairs nowhere"),
            (0xA0 | 3 << 8 | 3 << 36, "a large array nowhere"),
            (0xC0 | 3 << 8 | 3 << 36, "a large map nowhere"),
            (0x14 | 0xFF << 8, "a small string of 255 bytes"),
            (0x60, "a type that does not exist"),
            (0xFF, "another"),
        ] {
            let ledger = Ledger::new();
            for address in ["a", "b", "c", "d"] {
                assert_eq!(eval_value(handle, address, raw(head), &ledger), [""; 0], "{why} under {address}");
            }
            // As data itself.
            let context = ddwaf_context_init(handle, default());
            let code = ddwaf_context_eval(context, &mut raw(head), null_mut(), null_mut(), LONG);
            let is_map = matches!(head as u8, 0x40 | 0xC0);
            assert_eq!(code, if is_map { OK } else { ERR_INVALID_OBJECT }, "{why}");
            let code = ddwaf_context_multieval(context, &mut raw(head), null_mut(), null_mut(), LONG);
            let is_array = matches!(head as u8, 0x20 | 0xA0);
            assert_eq!(code, if is_array { OK } else { ERR_INVALID_OBJECT }, "{why}");
            ddwaf_context_destroy(context);

            // As configuration, and as keys.
            assert!(ddwaf_init(&raw(head), null_mut()).is_null(), "{why}");
            let mut map = fresh();
            ddwaf_object_set_map(&mut map, 1, ledger.handle());
            ddwaf_object_set_string(
                ddwaf_object_insert_key(&mut map, chars("x"), 1, ledger.handle()),
                chars("evil"),
                4,
                ledger.handle(),
            );
            ddwaf_object_at_key(&map, 0).cast_mut().write(raw(head));
            assert_eq!(eval_value(handle, "a", map, &ledger), ["a"], "{why}");
            let mut copy = fresh();
            ddwaf_object_clone(&raw(head), &mut copy, ledger.handle());
            ddwaf_object_destroy(&mut copy, ledger.handle());
            ledger.assert_settled();
        }
        ddwaf_destroy(handle);
    }
}
