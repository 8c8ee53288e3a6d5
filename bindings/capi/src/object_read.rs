//! Reading objects.

use bartizan_object::{Kind, Object, View};
use std::ffi::c_char;
use std::ptr::null;

/// # Safety
/// `object` is well formed for as long as the view is used, or null.
unsafe fn view<'a>(object: *const Object) -> View<'a> {
    // SAFETY: the caller's promise.
    unsafe { object.as_ref() }.map_or(View::Invalid, Object::view)
}

/// # Safety
/// `object` is well formed or null.
unsafe fn is(object: *const Object, kind: Kind) -> bool {
    // SAFETY: the caller's promise.
    unsafe { object.as_ref() }.is_some_and(|object| object.kind() == kind)
}

/// `ddwaf_object_get_type`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_get_type(object: *const Object) -> u32 {
    // SAFETY: well formed or null.
    unsafe { object.as_ref() }.map_or(0, |object| u32::from(object.type_code()))
}

/// `ddwaf_object_get_size`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_get_size(object: *const Object) -> usize {
    // SAFETY: well formed or null.
    match unsafe { view(object) } {
        View::Array(items) => items.len(),
        View::Map(entries) => entries.len(),
        _ => 0,
    }
}

/// `ddwaf_object_get_length`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_get_length(object: *const Object) -> usize {
    // SAFETY: well formed or null.
    match unsafe { view(object) } {
        View::String(bytes) => bytes.len(),
        _ => 0,
    }
}

/// `ddwaf_object_get_string`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_get_string(object: *const Object, length: *mut usize) -> *const c_char {
    // SAFETY: well formed or null.
    let Some((start, len)) = unsafe { object.as_ref() }.and_then(Object::string_parts) else { return null() };
    if !length.is_null() {
        // SAFETY: writable.
        unsafe { length.write(len) };
    }
    start.cast()
}

/// `ddwaf_object_get_unsigned`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_get_unsigned(object: *const Object) -> u64 {
    // SAFETY: well formed or null.
    if let View::Unsigned(value) = unsafe { view(object) } { value } else { 0 }
}

/// `ddwaf_object_get_signed`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_get_signed(object: *const Object) -> i64 {
    // SAFETY: well formed or null.
    if let View::Signed(value) = unsafe { view(object) } { value } else { 0 }
}

/// `ddwaf_object_get_float`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_get_float(object: *const Object) -> f64 {
    // SAFETY: well formed or null.
    if let View::Float(value) = unsafe { view(object) } { value } else { 0.0 }
}

/// `ddwaf_object_get_bool`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_get_bool(object: *const Object) -> bool {
    // SAFETY: well formed or null.
    matches!(unsafe { view(object) }, View::Bool(true))
}

/// `ddwaf_object_at_key`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_at_key(object: *const Object, index: usize) -> *const Object {
    // SAFETY: well formed or null.
    match unsafe { view(object) } {
        View::Map(entries) => entries.get(index).map_or(null(), |entry| &raw const entry.key),
        _ => null(),
    }
}

/// `ddwaf_object_at_value`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_at_value(object: *const Object, index: usize) -> *const Object {
    // SAFETY: well formed or null.
    match unsafe { view(object) } {
        View::Array(items) => items.get(index).map_or(null(), |item| &raw const *item),
        View::Map(entries) => entries.get(index).map_or(null(), |entry| &raw const entry.value),
        _ => null(),
    }
}

/// `ddwaf_object_find`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_find(
    object: *const Object,
    key: *const c_char,
    length: usize,
) -> *const Object {
    if key.is_null() || length == 0 {
        return null();
    }
    // SAFETY: well formed or null; the key covers its length.
    match unsafe { (object.as_ref(), crate::guard::bytes(key, length)) } {
        (Some(object), Some(key)) => object.get(key).map_or(null(), |value| &raw const *value),
        _ => null(),
    }
}

/// `ddwaf_object_is_invalid`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_is_invalid(object: *const Object) -> bool {
    // SAFETY: well formed or null. Unknown types are not invalid: they are nothing at all.
    unsafe { object.as_ref() }.is_some_and(|object| object.type_code() == 0)
}

/// `ddwaf_object_is_null`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_is_null(object: *const Object) -> bool {
    // SAFETY: well formed or null.
    unsafe { is(object, Kind::Null) }
}

/// `ddwaf_object_is_bool`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_is_bool(object: *const Object) -> bool {
    // SAFETY: well formed or null.
    unsafe { is(object, Kind::Bool) }
}

/// `ddwaf_object_is_signed`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_is_signed(object: *const Object) -> bool {
    // SAFETY: well formed or null.
    unsafe { is(object, Kind::Signed) }
}

/// `ddwaf_object_is_unsigned`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_is_unsigned(object: *const Object) -> bool {
    // SAFETY: well formed or null.
    unsafe { is(object, Kind::Unsigned) }
}

/// `ddwaf_object_is_float`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_is_float(object: *const Object) -> bool {
    // SAFETY: well formed or null.
    unsafe { is(object, Kind::Float) }
}

/// `ddwaf_object_is_string`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_is_string(object: *const Object) -> bool {
    // SAFETY: well formed or null.
    unsafe { is(object, Kind::String) }
}

/// `ddwaf_object_is_array`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_is_array(object: *const Object) -> bool {
    // SAFETY: well formed or null.
    unsafe { is(object, Kind::Array) }
}

/// `ddwaf_object_is_map`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_object_is_map(object: *const Object) -> bool {
    // SAFETY: well formed or null.
    unsafe { is(object, Kind::Map) }
}
