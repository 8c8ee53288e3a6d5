//! Instances that outlive a host that forgets: PHP drops all its objects at the end of a request, and must not
//! compile rules for the next one.

use crate::guard::{bytes, guard};
use bartizan_wire::Instance;
use std::ffi::c_char;
use std::ptr;
use std::sync::RwLock;

/// Names that can be kept at a time: a host has one for each application that it serves.
const PLACES: usize = 64;

struct Kept {
    name: Vec<u8>,
    version: Vec<u8>,
    instance: Instance,
}

static KEPT: RwLock<Vec<Kept>> = RwLock::new(Vec::new());

/// `bartizan_instance_keep`: 1 kept, 0 there is no place left, -1 an argument is invalid, -3 internal.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_instance_keep(
    instance: *const Instance,
    name: *const c_char,
    name_len: usize,
    version: *const c_char,
    version_len: usize,
) -> i32 {
    guard(-3, || {
        // SAFETY: the caller's promise, for handle and bytes alike.
        let given = unsafe { (instance.as_ref(), bytes(name, name_len), bytes(version, version_len)) };
        let (Some(instance), Some(name), Some(version)) = given else { return -1 };
        let Ok(mut kept) = KEPT.write() else { return -3 };
        let entry = Kept { name: name.to_vec(), version: version.to_vec(), instance: instance.clone() };
        let at = kept.iter().position(|k| k.name == name);
        let former = match at {
            Some(at) => Some(std::mem::replace(&mut kept[at], entry)),
            None if kept.len() < PLACES => {
                kept.push(entry);
                None
            }
            None => return 0,
        };
        // What was there before may take its time to go; nobody waits for that.
        drop(kept);
        drop(former);
        1
    })
}

/// `bartizan_instance_kept`: a handle of its own, or null when the name holds no instance of this version.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bartizan_instance_kept(
    name: *const c_char,
    name_len: usize,
    version: *const c_char,
    version_len: usize,
) -> *mut Instance {
    guard(ptr::null_mut(), || {
        // SAFETY: the caller's promise.
        let given = unsafe { (bytes(name, name_len), bytes(version, version_len)) };
        let ((Some(name), Some(version)), Ok(kept)) = (given, KEPT.read()) else { return ptr::null_mut() };
        let found = kept.iter().find(|k| k.name == name && k.version == version);
        found.map_or(ptr::null_mut(), |k| Box::into_raw(Box::new(k.instance.clone())))
    })
}

#[cfg(test)]
mod tests {
    use super::{PLACES, bartizan_instance_keep, bartizan_instance_kept};
    use bartizan_wire::exports::bartizan_instance_free;
    use bartizan_wire::{Builder, Format, Instance};

    const RULES: &[u8] =
        br#"{"version":"2.2","rules":[{"id":"r","name":"r","tags":{"type":"t"},"conditions":[
        {"operator":"exists","parameters":{"inputs":[{"address":"a"}]}}]}]}"#;

    fn keep(instance: Option<&Instance>, name: &str, version: &str) -> i32 {
        let instance = instance.map_or(std::ptr::null(), std::ptr::from_ref);
        // SAFETY: a live handle or null, and bytes that cover their lengths.
        unsafe {
            bartizan_instance_keep(
                instance,
                name.as_ptr().cast(),
                name.len(),
                version.as_ptr().cast(),
                version.len(),
            )
        }
    }

    fn has(name: &str, version: &str) -> bool {
        // SAFETY: bytes that cover their lengths; the handle is freed once.
        unsafe {
            let handle = bartizan_instance_kept(
                name.as_ptr().cast(),
                name.len(),
                version.as_ptr().cast(),
                version.len(),
            );
            let addresses = handle.as_ref().map(Instance::addresses);
            let found = addresses == Some(br#"["a"]"#);
            bartizan_instance_free(handle);
            found
        }
    }

    #[test]
    fn an_instance_is_kept_under_a_name_and_a_version() {
        let mut builder = Builder::new();
        assert!(builder.update(b"rules", RULES, Format::Json).accepted);
        let instance = builder.build().expect("a rule");
        assert_eq!(keep(None, "one", "1"), -1);
        assert!(!has("one", "1"));
        assert_eq!(keep(Some(&instance), "one", "1"), 1);
        assert_eq!(keep(Some(&instance), "two", "1"), 1);
        assert_eq!(keep(Some(&instance), "one", "2"), 1);
        drop((builder, instance.clone()));
        assert!(has("one", "2") && has("two", "1"));
        assert!(!has("one", "1") && !has("three", "1"));
        // The table does not grow without bound, and what it has can still be replaced.
        let codes: Vec<_> = (0..=PLACES).map(|i| keep(Some(&instance), &format!("n{i}"), "1")).collect();
        assert_eq!(codes.iter().filter(|c| **c == 1).count(), PLACES - 2);
        assert_eq!(codes.last(), Some(&0));
        assert_eq!(keep(Some(&instance), "two", "2"), 1);
        assert!(has("two", "2"));
    }
}
