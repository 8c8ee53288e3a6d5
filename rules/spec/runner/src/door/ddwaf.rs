//! The `ddwaf_*` functions of a library: ours, or libddwaf itself.

use super::{Call, Door, Session, built, evaluated, refused, updated, value_of};
use crate::case::{Document, Need};
use bartizan_object::{Object, Owned};
use bartizan_reference::Value;
use libloading::Library as Shared;
use std::collections::BTreeMap;
use std::ffi::{CStr, c_char, c_void};
use std::mem::MaybeUninit;
use std::{ptr, slice};

type Handle = *mut c_void;
type Make = unsafe extern "C" fn() -> Handle;
type From1 = unsafe extern "C" fn(Handle) -> Handle;
type From2 = unsafe extern "C" fn(Handle, Handle) -> Handle;
type Destroy = unsafe extern "C" fn(Handle);
type Add = unsafe extern "C" fn(Handle, *const u8, u32, *const Object, *mut Object) -> bool;
type Remove = unsafe extern "C" fn(Handle, *const u8, u32) -> bool;
type Known = unsafe extern "C" fn(Handle, *mut u32) -> *const *const c_char;
type Eval = unsafe extern "C" fn(Handle, *const Object, Handle, *mut Object, u64) -> i32;
type Free = unsafe extern "C" fn(*mut Object, Handle);

/// Long enough for any case.
const PLENTY_US: u64 = 60_000_000;

pub(crate) struct Library {
    builder_init: Make,
    builder_add: Add,
    builder_remove: Remove,
    builder_build: From1,
    builder_destroy: Destroy,
    known_addresses: Known,
    known_actions: Known,
    destroy: Destroy,
    context_init: From2,
    /// Evaluation and destruction of contexts, then of subcontexts.
    eval: [Eval; 2],
    multieval: [Eval; 2],
    context_destroy: [Destroy; 2],
    subcontext_init: From1,
    object_destroy: Free,
    allocator: Handle,
    /// Last, so that the code outlives the pointers to it.
    _shared: Shared,
}

impl Library {
    pub(crate) fn open(path: &str) -> Result<Self, String> {
        // SAFETY: the caller names a library of this ABI; loading it runs only its initialisers.
        let shared = unsafe { Shared::new(path) }.map_err(|e| format!("cannot load {path}: {e}"))?;
        let allocator = function::<Make>(&shared, "ddwaf_get_default_allocator")?;
        // SAFETY: takes nothing, gives the process-wide allocator.
        let allocator = unsafe { allocator() };
        Ok(Self {
            builder_init: function(&shared, "ddwaf_builder_init")?,
            builder_add: function(&shared, "ddwaf_builder_add_or_update_config")?,
            builder_remove: function(&shared, "ddwaf_builder_remove_config")?,
            builder_build: function(&shared, "ddwaf_builder_build_instance")?,
            builder_destroy: function(&shared, "ddwaf_builder_destroy")?,
            known_addresses: function(&shared, "ddwaf_known_addresses")?,
            known_actions: function(&shared, "ddwaf_known_actions")?,
            destroy: function(&shared, "ddwaf_destroy")?,
            context_init: function(&shared, "ddwaf_context_init")?,
            eval: [function(&shared, "ddwaf_context_eval")?, function(&shared, "ddwaf_subcontext_eval")?],
            multieval: [
                function(&shared, "ddwaf_context_multieval")?,
                function(&shared, "ddwaf_subcontext_multieval")?,
            ],
            context_destroy: [
                function(&shared, "ddwaf_context_destroy")?,
                function(&shared, "ddwaf_subcontext_destroy")?,
            ],
            subcontext_init: function(&shared, "ddwaf_subcontext_init")?,
            object_destroy: function(&shared, "ddwaf_object_destroy")?,
            allocator,
            _shared: shared,
        })
    }

    /// Copies an object of the library's and gives it back.
    fn take(&self, mut object: Object) -> Value {
        let value = Value::from(&object);
        // SAFETY: the library made the object with this allocator; it is not used again.
        unsafe { (self.object_destroy)(&raw mut object, self.allocator) };
        value
    }

    fn names(&self, known: Known, instance: Handle) -> Vec<Value> {
        let mut count = 0;
        // SAFETY: the instance is live, and owns what it gives.
        let names = unsafe { known(instance, &raw mut count) };
        if names.is_null() {
            return Vec::new();
        }
        // SAFETY: `count` C strings that live as long as the instance.
        let names = unsafe { slice::from_raw_parts(names, count as usize) };
        // SAFETY: as above.
        names.iter().map(|name| Value::bytes(unsafe { CStr::from_ptr(*name) }.to_bytes())).collect()
    }
}

fn function<F: Copy>(library: &Shared, name: &str) -> Result<F, String> {
    // SAFETY: the types above are those that the header declares for these names.
    let symbol = unsafe { library.get::<F>(name) }.map_err(|e| format!("no {name}: {e}"))?;
    Ok(*symbol)
}

impl Door for Library {
    fn can(&self, need: Need) -> bool {
        matches!(need, Need::AnyFloat | Need::Invalid)
    }

    fn session(&self) -> Box<dyn Session + '_> {
        // SAFETY: no preconditions.
        let builder = unsafe { (self.builder_init)() };
        Box::new(Case {
            library: self,
            builder,
            instance: ptr::null_mut(),
            contexts: BTreeMap::new(),
            lent: Vec::new(),
        })
    }
}

struct Case<'l> {
    library: &'l Library,
    builder: Handle,
    /// Null while there is none.
    instance: Handle,
    /// With 0 for contexts and 1 for subcontexts.
    contexts: BTreeMap<String, (Handle, usize)>,
    /// What contexts look at; it outlives them.
    lent: Vec<Owned>,
}

impl Drop for Case<'_> {
    fn drop(&mut self) {
        for (context, kind) in self.contexts.values() {
            // SAFETY: made by this library, and not used again.
            unsafe { (self.library.context_destroy[*kind])(*context) };
        }
        // SAFETY: likewise; both functions take null.
        unsafe {
            (self.library.destroy)(self.instance);
            (self.library.builder_destroy)(self.builder);
        }
    }
}

impl Session for Case<'_> {
    fn update(&mut self, path: &str, config: &Document) -> Result<Value, String> {
        let config = value_of(config)?.to_object();
        let mut diagnostics = Object::invalid();
        // SAFETY: the builder is live; path and configuration are only read, during the call.
        let accepted = unsafe {
            (self.library.builder_add)(
                self.builder,
                path.as_ptr(),
                path.len() as u32,
                &raw const *config,
                &raw mut diagnostics,
            )
        };
        Ok(updated(accepted, self.library.take(diagnostics)))
    }

    fn remove(&mut self, path: &str) -> Result<Value, String> {
        // SAFETY: as above.
        let removed =
            unsafe { (self.library.builder_remove)(self.builder, path.as_ptr(), path.len() as u32) };
        Ok(Value::Bool(removed))
    }

    fn build(&mut self) -> Result<Value, String> {
        let library = self.library;
        // SAFETY: contexts keep what they need of the former instance alive.
        unsafe { (library.destroy)(self.instance) };
        // SAFETY: the builder is live.
        self.instance = unsafe { (library.builder_build)(self.builder) };
        let known = |known| library.names(known, self.instance);
        Ok(built(
            (!self.instance.is_null())
                .then(|| (known(library.known_addresses), known(library.known_actions))),
        ))
    }

    fn open(&mut self, context: &str) -> Result<(), String> {
        if self.instance.is_null() {
            return Err("there is no instance".into());
        }
        // SAFETY: instance and allocator are live.
        let handle = unsafe { (self.library.context_init)(self.instance, self.library.allocator) };
        self.keep(context, handle, 0)
    }

    fn subcontext(&mut self, context: &str, of: &str) -> Result<(), String> {
        let (parent, kind) = *self.contexts.get(of).ok_or("there is no such context")?;
        if kind == 1 {
            return Err("a subcontext has no subcontexts in this ABI".into());
        }
        // SAFETY: the parent is live.
        let handle = unsafe { (self.library.subcontext_init)(parent) };
        self.keep(context, handle, 1)
    }

    fn eval(&mut self, context: &str, data: &Document, call: Call) -> Result<Value, String> {
        let (context, kind) = *self.contexts.get(context).ok_or("there is no such context")?;
        let data = value_of(data)?.to_object();
        let function = if call.batches { self.library.multieval[kind] } else { self.library.eval[kind] };
        let timeout_us = if call.budget == Some(0) { 0 } else { PLENTY_US };
        let mut result = MaybeUninit::<Object>::uninit();
        // SAFETY: the context is live; the data is lent without an allocator and outlives the context.
        let code =
            unsafe { function(context, &raw const *data, ptr::null_mut(), result.as_mut_ptr(), timeout_us) };
        self.lent.push(data);
        match code {
            // SAFETY: the result is written whenever the code is 0 or 1.
            0 | 1 => evaluated(code == 1, Some(self.library.take(unsafe { result.assume_init() }))),
            -1 => Ok(refused("invalid argument")),
            -2 => Ok(refused("malformed")),
            code => Err(format!("the code {code}")),
        }
    }
}

impl Case<'_> {
    fn keep(&mut self, context: &str, handle: Handle, kind: usize) -> Result<(), String> {
        if handle.is_null() {
            return Err("no context was made".into());
        }
        if let Some((former, kind)) = self.contexts.insert(context.to_owned(), (handle, kind)) {
            // SAFETY: made by this library, and not used again.
            unsafe { (self.library.context_destroy[kind])(former) };
        }
        Ok(())
    }
}
