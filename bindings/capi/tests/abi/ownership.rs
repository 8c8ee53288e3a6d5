//! Every byte comes back, with the numbers it was asked for; also when memory runs out anywhere on the way.

use crate::fixture::*;
use crate::ledger::{Ledger, Refuse};
use bartizan_capi::*;
use bartizan_object::Object;
use std::ptr::null_mut;

#[test]
fn data_is_freed_with_the_context_and_only_if_it_was_taken_over() {
    let (ledger, output) = (Ledger::new(), Ledger::new());
    let handle = instance(CONFIG);
    unsafe {
        let context = ddwaf_context_init(handle, output.handle());
        let mut lent = from_json(r#"{"a":"an evil string, lent by the caller"}"#, ledger.handle());
        let before = ledger.live();
        assert_eq!(ddwaf_context_eval(context, &mut lent, null_mut(), null_mut(), LONG), MATCH);
        let mut given = from_json(r#"{"c":{"x":["a string that is given away"]}}"#, ledger.handle());
        assert_eq!(ddwaf_context_eval(context, &mut given, ledger.handle(), null_mut(), LONG), MATCH);
        let mut wrong = from_json(r#"["rejected, and taken over all the same"]"#, ledger.handle());
        assert_eq!(
            ddwaf_context_eval(context, &mut wrong, ledger.handle(), null_mut(), LONG),
            ERR_INVALID_OBJECT
        );
        assert_eq!(output.requests(), 0, "nobody wanted a result");
        assert!(ledger.live() > before);
        ddwaf_context_destroy(context);
        assert_eq!(ledger.live(), before);
        ddwaf_object_destroy(&mut lent, ledger.handle());
        ddwaf_destroy(handle);
    }
    ledger.assert_settled();
}

#[test]
fn what_is_given_back_is_what_the_layout_says() {
    let (ledger, output) = (Ledger::new(), Ledger::new());
    let alloc = ledger.handle();
    let handle = instance(CONFIG);
    unsafe {
        let mut data = fresh();
        ddwaf_object_set_map(&mut data, 3, alloc);
        let list = ddwaf_object_insert_key(&mut data, chars("a"), 1, alloc);
        ddwaf_object_set_array(list, 0, alloc);
        let fifteen = "fifteen bytes !";
        ddwaf_object_set_string(ddwaf_object_insert(list, alloc), chars(fifteen), 15, alloc);
        let handed_over = ledger.bytes(b"evil");
        ddwaf_object_set_string_nocopy(ddwaf_object_insert(list, alloc), handed_over, 4);
        let nothing = ledger.bytes(b"");
        ddwaf_object_set_string_nocopy(ddwaf_object_insert(list, alloc), nothing, 0);
        let key = ledger.bytes(b"a key, handed over");
        ddwaf_object_insert_key_nocopy(&mut data, key, 18, alloc);

        let context = ddwaf_context_init(handle, output.handle());
        let mut result = fresh();
        assert_eq!(ddwaf_context_eval(context, &mut data, alloc, &mut result, LONG), MATCH);
        assert_eq!(ledger.given_back(), []);
        ddwaf_context_destroy(context);
        assert_eq!(ledger.given_back(), [(0, 1), (4, 1), (15, 1), (18, 1), (96, 8), (128, 8)]);

        // Each allocation of the result stands in the result.
        let mut want = Vec::new();
        owned(&result, &mut want);
        want.sort_unstable();
        ddwaf_object_destroy(&mut result, output.handle());
        assert_eq!(output.given_back(), want);
        assert!(want.len() > 8);
        ddwaf_destroy(handle);
    }
    ledger.assert_settled();
    output.assert_settled();
}

/// What the 16 bytes say that an object owns, without asking the library.
fn owned(object: &Object, list: &mut Vec<(usize, usize)>) {
    let raw = bytes(object);
    let short = |at: usize| usize::from(u16::from_le_bytes([raw[at], raw[at + 1]]));
    let items = usize::from_le_bytes(raw[8..].try_into().expect("8 bytes"));
    let items: *const Object = std::ptr::with_exposed_provenance(items);
    let slots = match raw[0] {
        0x10 => return list.push((u32::from_le_bytes(raw[4..8].try_into().expect("4 bytes")) as usize, 1)),
        0x20 => 1,
        0x40 => 2,
        _ => return,
    };
    if short(4) > 0 {
        list.push((short(4) * slots * 16, 8));
    }
    for index in 0..short(2) * slots {
        owned(unsafe { &*items.add(index) }, list);
    }
}

#[test]
fn diagnostics_and_paths_are_of_the_default_allocator() {
    // The default allocator is malloc; tools that watch it see what is lost. Here: that it takes them back.
    unsafe {
        let builder = ddwaf_builder_init();
        let mut config = from_json(CONFIG, default());
        let (mut diagnostics, mut paths) = (fresh(), fresh());
        let path = "a path that is longer than a small string";
        let len = path.len() as u32;
        assert!(ddwaf_builder_add_or_update_config(builder, chars(path), len, &config, &mut diagnostics));
        assert_eq!(ddwaf_builder_get_config_paths(builder, &mut paths, null_mut(), 0), 1);
        ddwaf_builder_destroy(builder);
        assert!(text(&diagnostics).contains("loaded") && text(&paths).contains(path));
        for object in [&mut diagnostics, &mut paths, &mut config] {
            ddwaf_object_destroy(object, default());
            assert_eq!(object.type_code(), 0);
        }
    }
}

/// Builds with every function that allocates, evaluates, clones and frees, whatever is refused on the way. Gives
/// the codes of the evaluations.
unsafe fn everything(handle: *mut InstanceHandle, ledger: &Ledger) -> Vec<i32> {
    let alloc = ledger.handle();
    let long = "a string that is evil and has to be allocated";
    let len = long.len() as u32;
    let mut codes = Vec::new();
    unsafe {
        let mut data = fresh();
        if ddwaf_object_set_map(&mut data, 1, alloc).is_null() {
            ddwaf_object_set_invalid(&mut data);
        }
        ddwaf_object_set_string(
            ddwaf_object_insert_key(&mut data, chars("a"), 1, alloc),
            chars(long),
            len,
            alloc,
        );
        ddwaf_object_insert_key(&mut data, chars(long), len, alloc);
        ddwaf_object_insert_literal_key(&mut data, chars(long), len, alloc);
        let key = ledger.bytes(long.as_bytes());
        if ddwaf_object_insert_key_nocopy(&mut data, key, len, alloc).is_null() && !key.is_null() {
            ddwaf_allocator_free(alloc, key.cast(), long.len(), 1);
        }
        let inner = ddwaf_object_insert_key(&mut data, chars("b"), 1, alloc);
        if !ddwaf_object_set_array(inner, 0, alloc).is_null() {
            for _ in 0..10 {
                ddwaf_object_set_string(ddwaf_object_insert(inner, alloc), chars(long), len, alloc);
            }
        }
        let (mut parsed, made) =
            try_json(r#"{"a":[1,"a string that is evil, too",{"k":[[]]}],"d":"10.0.0.1"}"#, alloc);
        assert_eq!(made, parsed.type_code() != 0);
        let mut copy = fresh();
        if ddwaf_object_clone(&parsed, &mut copy, alloc).is_null() {
            assert!(is_untouched(&copy));
            ddwaf_object_set_invalid(&mut copy);
        }
        ddwaf_object_destroy(&mut parsed, alloc);

        let context = ddwaf_context_init(handle, alloc);
        for object in [&mut data, &mut copy] {
            let mut result = fresh();
            let code = ddwaf_context_eval(context, object, alloc, &mut result, LONG);
            assert_eq!(is_untouched(&result), code < OK, "{code}");
            if code >= OK {
                ddwaf_object_destroy(&mut result, alloc);
            }
            codes.push(code);
        }
        ddwaf_context_destroy(context);
    }
    codes
}

#[test]
fn nothing_is_lost_when_any_request_is_refused() {
    let handle = instance(CONFIG);
    let calm = Ledger::new();
    assert_eq!(unsafe { everything(handle, &calm) }, [MATCH, MATCH]);
    calm.assert_settled();
    let count = calm.requests();
    assert!(count > 60, "{count}");

    let mut internal = 0;
    for number in 0..count {
        for (refuse, violent) in
            [(Refuse::Only(number), false), (Refuse::From(number), false), (Refuse::Only(number), true)]
        {
            let ledger = Ledger::refusing(refuse, violent);
            let codes = unsafe { everything(handle, &ledger) };
            ledger.assert_settled();
            internal += usize::from(codes.contains(&ERR_INTERNAL));
        }
    }
    assert!(internal > 20, "{internal}");
    unsafe { ddwaf_destroy(handle) };
}

#[test]
fn a_context_goes_on_after_its_output_was_refused() {
    let handle = instance(CONFIG);
    let ledger = Ledger::refusing(Refuse::Only(0), false);
    unsafe {
        let context = ddwaf_context_init(handle, ledger.handle());
        for (data, code) in [(r#"{"a":"evil"}"#, ERR_INTERNAL), (r#"{"b":"evil"}"#, MATCH)] {
            assert_eq!(eval_as(ddwaf_context_eval, context, data, default(), ledger.handle()).0, code);
        }
        ddwaf_context_destroy(context);
        ddwaf_destroy(handle);
    }
    ledger.assert_settled();
}
