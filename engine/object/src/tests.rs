//! Memory: what is asked for, what is given back, and what is never looked at.

use crate::object::tag;
use crate::testing::{Ledger, sketch, with_every_refusal};
use crate::{AllocError, AllocRef, Allocator, Entry, Global, Input, Object, Owned, View, json, msgpack};
use alloc::vec;
use alloc::vec::Vec;
use core::mem::MaybeUninit;

/// Asks for and frees one of everything through the writers.
fn build(alloc: AllocRef) -> Result<Owned, AllocError> {
    let mut owned = Owned::new(alloc);
    let mut map = owned.slot().map(1)?;
    map.insert(b"short")?.string(b"a string that is long")?;
    map.insert(b"a key that is rather long")?.signed(-1);
    map.insert_literal(b"a literal key, never copied")?.literal(b"a literal string, never copied");
    let mut array = map.insert(b"array")?.array(0)?;
    for number in 0..9 {
        array.push()?.unsigned(number);
    }
    array.push()?.string(b"in the last place, a string")?;
    assert_eq!((array.len(), array.is_empty()), (10, false));
    map.replace(b"short").expect("inserted above").string(b"another string that is long")?;
    map.insert(b"copy")?.copy_of(&Object::literal(b"lit"))?;
    map.insert(b"empty")?.map(0)?;
    map.insert(b"invalid")?;
    map.insert(b"null")?.null();
    map.insert(b"true")?.bool(true);
    map.insert(b"float")?.float(0.5);
    assert!(map.replace(b"absent").is_none() && map.contains(b"null") && map.len() == 10);
    Ok(owned)
}

const BUILT: &str = "{s\"short\":h\"another string that is long\" h\"a key that is rather long\":i-1 \
    l\"a literal key, never copied\":l\"a literal string, never copied\" \
    s\"array\":[u0 u1 u2 u3 u4 u5 u6 u7 u8 h\"in the last place, a string\"] s\"copy\":l\"lit\" \
    s\"empty\":{} s\"invalid\":? s\"null\":null s\"true\":true s\"float\":f0.5}";

#[test]
fn writers_build_and_leave_nothing_behind() {
    let ledger = Ledger::default();
    let owned = build(ledger.handle()).expect("memory");
    assert_eq!(sketch(&owned), BUILT);
    drop(owned);
    assert!(ledger.is_settled());
    let requests = with_every_refusal(|alloc| build(alloc).is_ok());
    assert_eq!(requests, ledger.requests().len());
}

#[test]
fn overwriting_the_root_frees_it() {
    let ledger = Ledger::default();
    let mut owned = build(ledger.handle()).expect("memory");
    owned.slot().null();
    assert!(ledger.is_settled());
    assert_eq!(sketch(&owned), "null");
    let mut object = build(ledger.handle()).expect("memory").into_object();
    assert!(!ledger.is_settled());
    // SAFETY: the tree was made with this allocator and given away.
    unsafe { object.destroy(ledger.handle()) };
    assert!(ledger.is_settled() && sketch(&object) == "?");
    drop(Input::from(build(ledger.handle()).expect("memory")));
    assert!(ledger.is_settled());
}

#[test]
fn clones_are_compact() {
    let ledger = Ledger::default();
    let original = build(ledger.handle()).expect("memory");
    let before = ledger.requests().len();
    // SAFETY: the clone is made with this allocator and belongs to nobody else.
    let copy =
        unsafe { Owned::from_object(original.clone_in(ledger.handle()).expect("memory"), ledger.handle()) };
    drop(original);
    // The literal key was copied, the literal value was not.
    assert_eq!(sketch(&copy), BUILT.replace("l\"a literal key", "h\"a literal key"));
    let requests = &ledger.requests()[before..];
    assert_eq!(requests, [(27, 1), (25, 1), (27, 1), (27, 1), (10 * 16, 8), (10 * 32, 8)]);
    drop(copy);
    assert!(ledger.is_settled());

    let original = build(AllocRef::global()).expect("memory");
    let requests = with_every_refusal(|alloc| match original.clone_in(alloc) {
        // SAFETY: as above.
        Ok(copy) => unsafe { Owned::from_object(copy, alloc) }.kind() == crate::Kind::Map,
        Err(AllocError) => false,
    });
    assert_eq!(requests, 6);

    let alloc = ledger.handle();
    let memory = alloc.allocate(3, 1).expect("memory");
    // SAFETY: the memory has three bytes; ownership passes to the object.
    let short = unsafe {
        memory.as_ptr().copy_from_nonoverlapping(b"abc".as_ptr(), 3);
        Owned::from_object(Object::from_heap_string(memory.as_ptr(), 3), alloc)
    };
    let copy = short.clone_in(alloc).expect("no memory needed");
    assert_eq!((sketch(&short).as_str(), sketch(&copy).as_str()), ("h\"abc\"", "s\"abc\""));
}

/// The sizes asked for while an empty container of this capacity gets so many items.
fn growth(map: bool, capacity: usize, items: usize) -> Vec<usize> {
    let ledger = Ledger::default();
    let alloc = ledger.handle();
    let size = if map { 32 } else { 16 };
    let mut owned = Owned::new(alloc);
    let len = if map {
        let mut writer = owned.slot().map(capacity).expect("memory");
        for _ in 0..items {
            writer.insert(b"").expect("memory").null();
        }
        writer.len()
    } else {
        let mut writer = owned.slot().array(capacity).expect("memory");
        for _ in 0..items {
            writer.push().expect("memory").null();
        }
        writer.len()
    };
    assert_eq!(len, items);
    drop(owned);
    assert!(ledger.is_settled());
    ledger.requests().iter().map(|&(bytes, align)| (assert_eq!(align, 8), bytes / size).1).collect()
}

#[test]
fn containers_grow_by_the_steps_of_the_abi() {
    for map in [false, true] {
        assert_eq!(growth(map, 0, 0), []);
        assert_eq!(growth(map, 0, 17), [8, 16, 32]);
        assert_eq!(growth(map, 3, 13), [3, 6, 12, 24]);
    }
}

#[test]
#[cfg_attr(miri, ignore = "large")]
fn large_containers_grow_by_the_steps_of_the_abi() {
    for map in [false, true] {
        let doubled = [8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65535, 131_070];
        assert_eq!(growth(map, 0, 70_000), doubled);
        assert_eq!(growth(map, 32_767, 32_768), [32_767, 65_534]);
        assert_eq!(growth(map, 32_768, 32_769), [32_768, 65_535]);
        assert_eq!(growth(map, 40_000, 65_536), [40_000, 65_535, 131_070]);
        assert_eq!(growth(map, 65_535, 65_536), [65_535, 131_070]);
        assert_eq!(growth(map, 100_000, 100_001), [100_000, 200_000]);
    }
}

/// Tag, size, capacity.
fn head(object: &Object) -> (u8, usize, usize) {
    (object.tag(), object.items().1, object.capacity())
}

#[test]
#[cfg_attr(miri, ignore = "large")]
fn the_large_form_is_for_large_capacities_only() {
    let ledger = Ledger::default();
    let alloc = ledger.handle();
    for (capacity, array, map) in [
        (0, tag::ARRAY, tag::MAP),
        (65_535, tag::ARRAY, tag::MAP),
        (65_536, tag::LARGE_ARRAY, tag::LARGE_MAP),
    ] {
        for (made, tag) in [(Object::array(capacity, alloc), array), (Object::map(capacity, alloc), map)] {
            let mut made = made.expect("memory");
            assert_eq!(head(&made), (tag, 0, capacity));
            // SAFETY: made above in `alloc`.
            unsafe { made.destroy(alloc) };
        }
    }
    assert!(Object::array(crate::MAX_CAPACITY + 1, alloc).is_err());
    assert!(Object::map(crate::MAX_CAPACITY + 1, alloc).is_err());

    let mut owned = Owned::new(alloc);
    let mut map = owned.slot().map(65_536).expect("memory");
    map.insert(b"only").expect("memory").string(b"a string that is long").expect("memory");
    let mut copy = owned.clone_in(alloc).expect("memory");
    assert_eq!((head(&owned), head(&copy)), ((tag::LARGE_MAP, 1, 65_536), (tag::MAP, 1, 1)));
    // SAFETY: made above in `alloc`.
    unsafe { copy.destroy(alloc) };

    let mut array = owned.slot().array(0).expect("memory");
    for number in 0..70_000 {
        array.push().expect("memory").unsigned(number);
    }
    let mut copy = owned.clone_in(alloc).expect("memory");
    assert_eq!(
        (head(&owned), head(&copy)),
        ((tag::LARGE_ARRAY, 70_000, 131_070), (tag::LARGE_ARRAY, 70_000, 70_000))
    );
    for whole in [&*owned, &copy] {
        let numbers = whole.as_array().expect("an array").iter().map(|item| match item.view() {
            View::Unsigned(number) => number,
            _ => panic!("{item:?}"),
        });
        assert!(numbers.eq(0..70_000));
    }
    // SAFETY: made above in `alloc`.
    unsafe { copy.destroy(alloc) };
    drop(owned);
    assert!(ledger.is_settled());
}

#[test]
fn appending_to_what_is_no_container_changes_nothing() {
    let alloc = AllocRef::global();
    for mut object in [Object::null(), Object::unsigned(1), Object::literal(b"text")] {
        // SAFETY: the objects own nothing.
        unsafe {
            assert!(object.push(Object::null(), alloc).is_err());
            assert!(object.insert(Object::null(), Object::null(), alloc).is_err());
        }
    }
    let (mut array, mut map) =
        (Object::array(0, alloc).expect("empty"), Object::map(0, alloc).expect("empty"));
    // SAFETY: as above.
    unsafe {
        assert!(array.insert(Object::null(), Object::null(), alloc).is_err());
        assert!(map.push(Object::null(), alloc).is_err());
    }
}

#[test]
fn strings_are_inline_up_to_fourteen_bytes() {
    let ledger = Ledger::default();
    for len in [0, 1, 14, 15, 16, 300] {
        let bytes = vec![b'x'; len];
        let mut string = Object::string(&bytes, ledger.handle()).expect("memory");
        assert_eq!(string.as_bytes(), Some(&bytes[..]));
        assert_eq!((string.is_heap_string(), ledger.is_settled()), (len > 14, len <= 14));
        assert_eq!(Object::small(&bytes).is_some(), len <= 14);
        // SAFETY: made above in this allocator.
        unsafe { string.destroy(ledger.handle()) };
        assert!(ledger.is_settled());
    }
}

/// An object as C writes it: only the bytes that mean something are initialised.
fn foreign(tag: u8, fields: impl FnOnce(*mut u8)) -> Object {
    let mut object = MaybeUninit::<Object>::uninit();
    let start = object.as_mut_ptr().cast::<u8>();
    // SAFETY: an object has 16 bytes.
    unsafe { start.write(tag) };
    fields(start);
    // SAFETY: an object may have uninitialised bytes where its form has no field.
    unsafe { object.assume_init() }
}

fn foreign_number(tag: u8, bits: u64) -> Object {
    // SAFETY: the value is at offset 8 of 16 bytes.
    foreign(tag, |start| unsafe { start.add(8).cast::<u64>().write(bits) })
}

fn foreign_container(tag: u8, len: u16, capacity: u16, items: *mut u8) -> Object {
    // SAFETY: the offsets are those of the form, within 16 bytes.
    foreign(tag, |start| unsafe {
        start.add(2).cast::<u16>().write(len);
        start.add(4).cast::<u16>().write(capacity);
        start.add(8).cast::<*mut u8>().write(items);
    })
}

/// Mostly for Miri: padding, unused capacity and the rest of small strings are never read, and what we make
/// of such objects is initialised through and through.
#[test]
fn foreign_objects_may_have_uninitialised_padding() {
    let ledger = Ledger::default();
    let alloc = ledger.handle();
    let entries = ledger.allocate(3 * 32, 8).cast::<Entry>();
    let items = ledger.allocate(9 * 16, 8).cast::<Object>();
    let text = ledger.allocate(2, 1);
    // SAFETY: fresh memory of these sizes; of nine slots seven are written, of three pairs one.
    let map = unsafe {
        text.copy_from_nonoverlapping(b"hi".as_ptr(), 2);
        items.write(foreign(tag::NULL, |_| {}));
        items.add(1).write(foreign(tag::BOOL, |start| start.add(1).write(1)));
        items.add(2).write(foreign_number(tag::SIGNED, (-5_i64) as u64));
        items.add(3).write(foreign_number(tag::FLOAT, 1.5_f64.to_bits()));
        items.add(4).write(foreign(tag::STRING, |start| {
            start.add(4).cast::<u32>().write(2);
            start.add(8).cast::<*mut u8>().write(text);
        }));
        items.add(5).write(foreign_container(tag::MAP, 0, 0, core::ptr::null_mut()));
        items.add(6).write(foreign(0x33, |_| {}));
        let key = foreign(tag::SMALL, |start| {
            start.add(1).write(3);
            start.add(2).copy_from_nonoverlapping(b"key".as_ptr(), 3);
        });
        entries.write(Entry { key, value: foreign_container(tag::ARRAY, 7, 9, items.cast()) });
        foreign_container(tag::MAP, 1, 3, entries.cast())
    };
    // SAFETY: all of it was made in `alloc`.
    let map = unsafe { Owned::from_object(map, alloc) };
    let want = "{s\"key\":[null true i-5 f1.5 h\"hi\" {} ?]}";
    assert_eq!(sketch(&map), want);
    let mut out = Vec::new();
    json::write(&map, &mut out);
    assert_eq!(out, br#"{"key":[null,true,-5,1.5,"hi",{},null]}"#);
    msgpack::write(&map, &mut out);

    // SAFETY: made in `alloc`, belongs to nobody else.
    let copy = unsafe { Owned::from_object(map.clone_in(alloc).expect("memory"), alloc) };
    drop(map);
    assert_eq!(sketch(&copy), want.replace('h', "s").replace("\"si\"", "\"hi\""));
    let items = copy.get(b"key").and_then(Object::as_array).expect("an array");
    for object in items.iter().chain([&*copy]) {
        let start = core::ptr::from_ref(object).cast::<u8>();
        // SAFETY: an object that we made has no uninitialised bytes; that is what Miri looks at here.
        let bytes = unsafe { core::slice::from_raw_parts(start, 8) };
        assert!(bytes.iter().all(|&byte| byte < 0x80));
    }
    drop(copy);
    assert!(ledger.is_settled());
}

#[test]
fn what_foreign_code_handed_over_empty_is_given_back() {
    struct Watch(core::cell::Cell<Vec<(usize, usize)>>);
    // SAFETY: gives nothing out; what comes back is counted and freed by the test.
    unsafe impl Allocator for Watch {
        fn allocate(&self, _: usize, _: usize) -> *mut u8 {
            core::ptr::null_mut()
        }
        unsafe fn deallocate(&self, _: *mut u8, size: usize, align: usize) {
            let mut freed = self.0.take();
            freed.push((size, align));
            self.0.set(freed);
        }
    }
    let watch = Watch(Vec::new().into());
    // SAFETY: the watch lives to the end of the test.
    let alloc = unsafe { AllocRef::from_raw((&watch as &dyn Allocator).into()) };
    let memory = Global.allocate(1, 1);
    let nothing = core::ptr::null_mut();
    for mut object in [
        // SAFETY: no bytes are covered, and the allocator does not touch the pointer.
        unsafe { Object::from_heap_string(memory, 0) },
        foreign_container(tag::ARRAY, 0, 0, memory),
        foreign_container(tag::MAP, 0, 2, nothing),
        // SAFETY: as above.
        unsafe { Object::from_heap_string(nothing, 0) },
        // SAFETY: as above; literals are never freed.
        unsafe { Object::from_literal(memory, 1) },
    ] {
        // SAFETY: as above.
        unsafe { object.destroy(alloc) };
    }
    assert_eq!(watch.0.take(), [(0, 1), (0, 8)]);
    // SAFETY: allocated above with these numbers.
    unsafe { Global.deallocate(memory, 1, 1) };
}

#[test]
fn freeing_finds_its_way_back_through_maps_and_arrays() {
    let ledger = Ledger::default();
    let text = br#"{"a long enough key":[[["a long enough string",[]],{"b":[1],"c":{"d":["x","y long enough for the heap"]}}],
        {"e":1,"f":[[[[]]]],"g long enough for the heap":{}}],"h":[2,[3],4,[5],6],"i":"z long enough for the heap"}"#;
    drop(json::parse(text, ledger.handle()).expect("JSON"));
    assert!(ledger.requests().len() > 15 && ledger.is_settled());

    // Keys should be strings; one that is not is freed all the same.
    let alloc = ledger.handle();
    let mut map = Object::map(2, alloc).expect("memory");
    for _ in 0..2 {
        let key = json::parse(br#"["a long enough string",[[1]]]"#, alloc).expect("JSON").into_object();
        let value = json::parse(br#"{"a":["another long string"]}"#, alloc).expect("JSON").into_object();
        // SAFETY: all made in `alloc`.
        unsafe { map.insert(key, value, alloc).expect("room") };
    }
    assert_eq!(map.as_map().and_then(|map| map[0].key.as_bytes()), None);
    assert!(map.get(b"").is_none());
    // SAFETY: as above.
    unsafe { map.destroy(alloc) };
    assert!(ledger.is_settled());
}

#[test]
fn string_parts_are_where_the_string_lies() {
    static TEXT: &[u8] = b"some text";
    let small = Object::small(TEXT).expect("short");
    let (start, len) = small.string_parts().expect("a string");
    assert_eq!((start.addr() - small.address(), len), (2, TEXT.len()));
    assert_eq!(Object::literal(TEXT).string_parts(), Some((TEXT.as_ptr(), TEXT.len())));
    assert_eq!(Object::literal(&TEXT[..0]).string_parts(), Some((TEXT.as_ptr(), 0)));
    // SAFETY: no bytes are covered and none will be freed.
    let nowhere = unsafe { Object::from_heap_string(core::ptr::null_mut(), 0) };
    assert_eq!(nowhere.string_parts(), Some((core::ptr::null(), 0)));
    assert_eq!(nowhere.as_bytes(), Some(&b""[..]));
    assert_eq!(Object::null().string_parts(), None);
}

#[test]
#[cfg_attr(miri, ignore = "large")]
fn depth_costs_no_stack() {
    let alloc = AllocRef::global();
    let mut tree = Object::unsigned(1);
    for level in 0..1_000_000 {
        let inner = tree;
        if level % 2 == 0 {
            tree = Object::array(1, alloc).expect("memory");
            // SAFETY: all of it was made in `alloc`.
            unsafe { tree.push(inner, alloc) }.expect("room");
        } else {
            tree = Object::map(1, alloc).expect("memory");
            // SAFETY: as above.
            unsafe { tree.insert(Object::literal(b"k"), inner, alloc) }.expect("room");
        }
    }
    let mut copy = tree.clone_in(alloc).expect("memory");
    let (mut one, mut other) = (Vec::new(), Vec::new());
    json::write(&tree, &mut one);
    json::write(&copy, &mut other);
    assert!(one == other && one.len() > 4_000_000);
    // SAFETY: both were made in `alloc`.
    unsafe {
        tree.destroy(alloc);
        copy.destroy(alloc);
    }
    assert_eq!((sketch(&tree).as_str(), sketch(&copy).as_str()), ("?", "?"));
}
