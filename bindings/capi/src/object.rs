//! Building objects.

use crate::allocator::{AllocatorHandle, alloc_ref};
use crate::guard::{bytes, guard};
use bartizan_object::{AllocError, AllocRef, Kind, Object, Owned, json};
use std::ffi::c_char;
use std::ptr::null_mut;

/// Overwrites `object` without freeing what it held.
///
/// # Safety
/// `object` is null or writable.
unsafe fn set(object: *mut Object, value: Result<Object, AllocError>) -> *mut Object {
    match value {
        Ok(value) if !object.is_null() => {
            // SAFETY: the caller's promise; null was ruled out.
            unsafe { object.write(value) };
            object
        }
        _ => null_mut(),
    }
}

/// `ddwaf_object_set_invalid`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_set_invalid(object: *mut Object) -> *mut Object {
    // SAFETY: writable or null.
    unsafe { set(object, Ok(Object::invalid())) }
}

/// `ddwaf_object_set_null`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_set_null(object: *mut Object) -> *mut Object {
    // SAFETY: writable or null.
    unsafe { set(object, Ok(Object::null())) }
}

/// `ddwaf_object_set_bool`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_set_bool(object: *mut Object, value: bool) -> *mut Object {
    // SAFETY: writable or null.
    unsafe { set(object, Ok(Object::bool(value))) }
}

/// `ddwaf_object_set_signed`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_set_signed(object: *mut Object, value: i64) -> *mut Object {
    // SAFETY: writable or null.
    unsafe { set(object, Ok(Object::signed(value))) }
}

/// `ddwaf_object_set_unsigned`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_set_unsigned(object: *mut Object, value: u64) -> *mut Object {
    // SAFETY: writable or null.
    unsafe { set(object, Ok(Object::unsigned(value))) }
}

/// `ddwaf_object_set_float`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_set_float(object: *mut Object, value: f64) -> *mut Object {
    // SAFETY: writable or null.
    unsafe { set(object, Ok(Object::float(value))) }
}

/// `ddwaf_object_null`: the former name of [`ddwaf_object_set_null`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_null(object: *mut Object) -> *mut Object {
    // SAFETY: writable or null.
    unsafe { ddwaf_object_set_null(object) }
}

/// `ddwaf_object_bool`: the former name of [`ddwaf_object_set_bool`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_bool(object: *mut Object, value: bool) -> *mut Object {
    // SAFETY: writable or null.
    unsafe { ddwaf_object_set_bool(object, value) }
}

/// `ddwaf_object_signed`: the former name of [`ddwaf_object_set_signed`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_signed(object: *mut Object, value: i64) -> *mut Object {
    // SAFETY: writable or null.
    unsafe { ddwaf_object_set_signed(object, value) }
}

/// `ddwaf_object_unsigned`: the former name of [`ddwaf_object_set_unsigned`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_unsigned(object: *mut Object, value: u64) -> *mut Object {
    // SAFETY: writable or null.
    unsafe { ddwaf_object_set_unsigned(object, value) }
}

/// `ddwaf_object_float`: the former name of [`ddwaf_object_set_float`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_float(object: *mut Object, value: f64) -> *mut Object {
    // SAFETY: writable or null.
    unsafe { ddwaf_object_set_float(object, value) }
}

/// `ddwaf_object_set_string`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_set_string(
    object: *mut Object,
    string: *const c_char,
    length: u32,
    alloc: *mut AllocatorHandle,
) -> *mut Object {
    guard(null_mut(), || {
        // SAFETY: covered or null; live or null.
        let (Some(bytes), Some(alloc)) = (unsafe { (bytes(string, length as usize), alloc_ref(alloc)) })
        else {
            return null_mut();
        };
        if object.is_null() {
            return null_mut();
        }
        // SAFETY: writable.
        unsafe { set(object, Object::string(bytes, alloc)) }
    })
}

/// `ddwaf_object_set_string_literal`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_set_string_literal(
    object: *mut Object,
    string: *const c_char,
    length: u32,
) -> *mut Object {
    if string.is_null() {
        return null_mut();
    }
    // SAFETY: the literal outlives the object and its copies, as the header demands; writable or null.
    unsafe { set(object, Ok(Object::from_literal(string.cast(), length))) }
}

/// `ddwaf_object_set_string_nocopy`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_set_string_nocopy(
    object: *mut Object,
    string: *mut c_char,
    length: u32,
) -> *mut Object {
    if string.is_null() {
        return null_mut();
    }
    // SAFETY: the string came from the allocator that will free the object; writable or null.
    unsafe { set(object, Ok(Object::from_heap_string(string.cast(), length))) }
}

/// # Safety
/// `object` is null or writable; `alloc` is live or null.
unsafe fn set_container(
    object: *mut Object,
    alloc: *mut AllocatorHandle,
    make: impl FnOnce(AllocRef) -> Result<Object, AllocError>,
) -> *mut Object {
    guard(null_mut(), || {
        if object.is_null() {
            return null_mut();
        }
        // SAFETY: the caller's promise.
        match unsafe { alloc_ref(alloc) } {
            // SAFETY: the caller's promise.
            Some(alloc) => unsafe { set(object, make(alloc)) },
            None => null_mut(),
        }
    })
}

/// `ddwaf_object_set_array`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_set_array(
    object: *mut Object,
    capacity: u16,
    alloc: *mut AllocatorHandle,
) -> *mut Object {
    // SAFETY: writable or null; live or null.
    unsafe { set_container(object, alloc, |alloc| Object::array(usize::from(capacity), alloc)) }
}

/// `ddwaf_object_set_map`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_set_map(
    object: *mut Object,
    capacity: u16,
    alloc: *mut AllocatorHandle,
) -> *mut Object {
    // SAFETY: writable or null; live or null.
    unsafe { set_container(object, alloc, |alloc| Object::map(usize::from(capacity), alloc)) }
}

/// `ddwaf_object_set_array_large`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_set_array_large(
    object: *mut Object,
    capacity: usize,
    alloc: *mut AllocatorHandle,
) -> *mut Object {
    // SAFETY: writable or null; live or null.
    unsafe { set_container(object, alloc, |alloc| Object::array(capacity, alloc)) }
}

/// `ddwaf_object_set_map_large`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_set_map_large(
    object: *mut Object,
    capacity: usize,
    alloc: *mut AllocatorHandle,
) -> *mut Object {
    // SAFETY: writable or null; live or null.
    unsafe { set_container(object, alloc, |alloc| Object::map(capacity, alloc)) }
}

/// `ddwaf_object_insert`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_insert(array: *mut Object, alloc: *mut AllocatorHandle) -> *mut Object {
    guard(null_mut(), || {
        // SAFETY: well formed or null; live or null.
        let (Some(array), Some(alloc)) = (unsafe { (array.as_mut(), alloc_ref(alloc)) }) else {
            return null_mut();
        };
        // SAFETY: the array is of this allocator, as the header demands.
        unsafe { array.push(Object::invalid(), alloc) }.map_or(null_mut(), |item| item)
    })
}

/// Appends a pair; a key that was made here is freed again when the map does not take it.
///
/// # Safety
/// `map` is well formed or null; `alloc` is live or null; the key is of the same allocator.
unsafe fn insert(
    map: *mut Object,
    alloc: *mut AllocatorHandle,
    key: impl FnOnce(AllocRef) -> Result<Object, AllocError>,
    copied: bool,
) -> *mut Object {
    guard(null_mut(), || {
        // SAFETY: the caller's promise.
        let (Some(map), Some(alloc)) = (unsafe { (map.as_mut(), alloc_ref(alloc)) }) else {
            return null_mut();
        };
        if map.kind() != Kind::Map {
            return null_mut();
        }
        let Ok(mut key) = key(alloc) else { return null_mut() };
        // SAFETY: map and key are of this allocator, as the header demands.
        match unsafe { map.insert(key.alias(), Object::invalid(), alloc) } {
            Ok(value) => value,
            Err(AllocError) => {
                if copied {
                    // SAFETY: the map did not take it.
                    unsafe { key.destroy(alloc) };
                }
                null_mut()
            }
        }
    })
}

/// `ddwaf_object_insert_key`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_insert_key(
    map: *mut Object,
    key: *const c_char,
    length: u32,
    alloc: *mut AllocatorHandle,
) -> *mut Object {
    // SAFETY: the key covers its length, or is refused; the rest is what the header demands.
    unsafe {
        insert(
            map,
            alloc,
            |alloc| Object::string(bytes(key, length as usize).ok_or(AllocError)?, alloc),
            true,
        )
    }
}

/// `ddwaf_object_insert_literal_key`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_insert_literal_key(
    map: *mut Object,
    key: *const c_char,
    length: u32,
    alloc: *mut AllocatorHandle,
) -> *mut Object {
    if key.is_null() && length > 0 {
        return null_mut();
    }
    // SAFETY: the literal outlives the map and its copies; the rest is what the header demands.
    unsafe { insert(map, alloc, |_| Ok(Object::from_literal(key.cast(), length)), false) }
}

/// `ddwaf_object_insert_key_nocopy`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_insert_key_nocopy(
    map: *mut Object,
    key: *mut c_char,
    length: u32,
    alloc: *mut AllocatorHandle,
) -> *mut Object {
    if key.is_null() && length > 0 {
        return null_mut();
    }
    // SAFETY: the key came from the same allocator; the rest is what the header demands.
    unsafe { insert(map, alloc, |_| Ok(Object::from_heap_string(key.cast(), length)), false) }
}

/// `ddwaf_object_from_json`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_from_json(
    output: *mut Object,
    text: *const c_char,
    length: u32,
    alloc: *mut AllocatorHandle,
) -> bool {
    guard(false, || {
        // SAFETY: covered or null; live or null.
        let (text, alloc) = unsafe { (bytes(text, length as usize), alloc_ref(alloc)) };
        let (Some(text), Some(alloc)) = (text, alloc) else { return false };
        if output.is_null() || text.is_empty() {
            return false;
        }
        let value = json::parse(text, alloc);
        let parsed = value.is_some();
        // SAFETY: writable; what it held is the caller's to free.
        unsafe { output.write(value.map_or(Object::invalid(), Owned::into_object)) };
        parsed
    })
}

/// `ddwaf_object_clone`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_clone(
    source: *const Object,
    destination: *mut Object,
    alloc: *mut AllocatorHandle,
) -> *mut Object {
    guard(null_mut(), || {
        // SAFETY: well formed or null; live or null.
        let (Some(source), Some(alloc)) = (unsafe { (source.as_ref(), alloc_ref(alloc)) }) else {
            return null_mut();
        };
        if destination.is_null() {
            return null_mut();
        }
        // SAFETY: writable.
        unsafe { set(destination, source.clone_in(alloc)) }
    })
}

/// `ddwaf_object_destroy`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_destroy(object: *mut Object, alloc: *mut AllocatorHandle) {
    guard((), || {
        // SAFETY: well formed or null; live or null.
        if let (Some(object), Some(alloc)) = unsafe { (object.as_mut(), alloc_ref(alloc)) } {
            // SAFETY: the tree is of this allocator and not used again, as the header demands.
            unsafe { object.destroy(alloc) }
        }
    })
}
