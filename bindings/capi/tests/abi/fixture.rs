//! What the tests share: objects as C programs make them, and a few rules.

use bartizan_capi::*;
use bartizan_object::{Object, View, json};
use std::ffi::c_char;
use std::ptr::null_mut;

pub(crate) const ERR_INTERNAL: i32 = -3;
pub(crate) const ERR_INVALID_OBJECT: i32 = -2;
pub(crate) const ERR_INVALID_ARGUMENT: i32 = -1;
pub(crate) const OK: i32 = 0;
pub(crate) const MATCH: i32 = 1;

/// In microseconds; long enough that no verdict depends on the machine.
pub(crate) const LONG: u64 = 3_600_000_000;

/// Four rules, one for each of the addresses `a` to `d`; that of `b` blocks, that of `d` has a list of addresses.
pub(crate) const CONFIG: &str = r#"{"version": "2.2", "metadata": {"rules_version": "1.0.0"}, "rules": [
    {"id": "a", "name": "a", "tags": {"type": "a"}, "conditions": [{"operator": "match_regex",
        "parameters": {"regex": "ev.l", "inputs": [{"address": "a"}]}}]},
    {"id": "b", "name": "b", "tags": {"type": "b"}, "on_match": ["block"], "conditions": [{"operator": "phrase_match",
        "parameters": {"list": ["evil", "a phrase that is not short"], "inputs": [{"address": "b"}]}}]},
    {"id": "c", "name": "c", "tags": {"type": "c"}, "conditions": [{"operator": "exists",
        "parameters": {"inputs": [{"address": "c", "key_path": ["x"]}]}}]},
    {"id": "d", "name": "d", "tags": {"type": "d", "module": "network-acl"}, "on_match": ["block"], "conditions": [
        {"operator": "ip_match", "parameters": {"list": ["10.0.0.0/8"], "inputs": [{"address": "d"}]}}]}]}"#;

/// An object that nothing was written to.
pub(crate) fn fresh() -> Object {
    unsafe { std::mem::transmute([0xAAu8; 16]) }
}

/// The 16 bytes.
pub(crate) fn bytes(object: &Object) -> [u8; 16] {
    unsafe { (&raw const *object).cast::<[u8; 16]>().read() }
}

pub(crate) fn is_untouched(object: &Object) -> bool {
    bytes(object) == [0xAA; 16]
}

pub(crate) fn default() -> *mut AllocatorHandle {
    ddwaf_get_default_allocator()
}

pub(crate) fn chars(text: &(impl AsRef<[u8]> + ?Sized)) -> *const c_char {
    text.as_ref().as_ptr().cast()
}

/// The object, and whether it could be made.
pub(crate) fn try_json(text: &str, alloc: *mut AllocatorHandle) -> (Object, bool) {
    let mut object = fresh();
    let made = unsafe { ddwaf_object_from_json(&mut object, chars(text), text.len() as u32, alloc) };
    (object, made)
}

pub(crate) fn from_json(text: &str, alloc: *mut AllocatorHandle) -> Object {
    let (object, made) = try_json(text, alloc);
    assert!(made, "{text}");
    object
}

pub(crate) fn text(object: &Object) -> String {
    let mut out = Vec::new();
    json::write(object, &mut out);
    String::from_utf8(out).expect("JSON is UTF-8")
}

pub(crate) fn instance(config: &str) -> *mut InstanceHandle {
    unsafe {
        let mut config = from_json(config, default());
        let instance = ddwaf_init(&config, null_mut());
        ddwaf_object_destroy(&mut config, default());
        assert!(!instance.is_null());
        instance
    }
}

pub(crate) type Eval =
    unsafe extern "C" fn(*mut ContextHandle, *mut Object, *mut AllocatorHandle, *mut Object, u64) -> i32;

/// Evaluates data that the call takes over; the result, made in `output`, as code and text.
pub(crate) fn eval_as(
    function: Eval,
    context: *mut ContextHandle,
    data: &str,
    alloc: *mut AllocatorHandle,
    output: *mut AllocatorHandle,
) -> (i32, Option<String>) {
    let mut data = from_json(data, alloc);
    let mut result = fresh();
    unsafe {
        let code = function(context, &mut data, alloc, &mut result, LONG);
        assert_eq!(is_untouched(&result), code < OK);
        if code < OK {
            return (code, None);
        }
        let shown = text(&result);
        ddwaf_object_destroy(&mut result, output);
        (code, Some(shown))
    }
}

/// The ids of the rules in a result's text, in order.
pub(crate) fn ids(result: &str) -> Vec<String> {
    let (mut object, _) = try_json(result, default());
    let list = object.get(b"events").and_then(Object::as_array).unwrap_or_default();
    let id = |event: &Object| Some(event.get(b"rule")?.get(b"id")?.as_str()?.to_owned());
    let ids = list.iter().filter_map(id).collect();
    unsafe { ddwaf_object_destroy(&mut object, default()) };
    ids
}

/// Evaluates with the default allocator and gives the code and the rules that were reported.
pub(crate) fn eval(context: *mut ContextHandle, data: &str) -> (i32, Vec<String>) {
    let (code, result) = eval_as(ddwaf_context_eval, context, data, default(), default());
    (code, ids(&result.unwrap_or_default()))
}

/// The storage form of a value and its content; capacities too. What JSON hides.
pub(crate) fn sketch(object: &Object) -> String {
    let raw = bytes(object);
    let short = |at: usize| u16::from_le_bytes([raw[at], raw[at + 1]]);
    let capacity = match object.type_code() {
        0x20 | 0x40 => u64::from(short(4)),
        _ => u64::from_le_bytes(raw[..8].try_into().expect("8 bytes")) >> 36,
    };
    match object.view() {
        View::Invalid => "?".to_owned(),
        View::Null => "null".to_owned(),
        View::Bool(value) => value.to_string(),
        View::Signed(value) => format!("i{value}"),
        View::Unsigned(value) => format!("u{value}"),
        View::Float(value) => format!("f{value:?}"),
        View::String(bytes) => {
            let form = match object.type_code() {
                0x14 => 's',
                0x12 => 'l',
                _ => 'h',
            };
            format!("{form}'{}'", bytes.escape_ascii())
        }
        View::Array(items) => {
            format!("{capacity}[{}]", items.iter().map(sketch).collect::<Vec<_>>().join(" "))
        }
        View::Map(entries) => {
            let pair = |e: &bartizan_object::Entry| format!("{}:{}", sketch(&e.key), sketch(&e.value));
            format!("{capacity}{{{}}}", entries.iter().map(pair).collect::<Vec<_>>().join(" "))
        }
    }
}

/// What a function that lends names lends.
pub(crate) fn names(list: *const *const c_char, size: u32) -> Vec<String> {
    assert_eq!(list.is_null(), size == 0);
    let name = |index: u32| unsafe { std::ffi::CStr::from_ptr(*list.add(index as usize)) };
    (0..size).map(|index| name(index).to_str().expect("UTF-8").to_owned()).collect()
}
