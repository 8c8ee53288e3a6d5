//! The functions of a library of the ddwaf ABI, called with nothing between that would be measured too.

use crate::traffic::Request;
use bartizan_peers::memory::{Arena, INVALID, Raw};
use libloading::{Library as Shared, Symbol};
use std::ffi::{CStr, c_char, c_void};
use std::ptr;

type Handle = *mut c_void;

macro_rules! functions {
    ($($name:ident = $symbol:ident: $kind:ty,)*) => {
        pub(crate) struct Library {
            $($name: $kind,)*
            /// Last, so that the code outlives the rest.
            _shared: Shared,
        }

        impl Library {
            pub(crate) fn open(path: &str) -> Result<Self, String> {
                // SAFETY: the caller names a library of this ABI; loading it runs only its initialisers.
                let shared = unsafe { Shared::new(path) }.map_err(|e| format!("cannot load {path}: {e}"))?;
                $(
                    // SAFETY: the table below names the types that the ABI declares for these names.
                    let symbol: Symbol<'_, $kind> = unsafe { shared.get(stringify!($symbol)) }.map_err(|e| e.to_string())?;
                    let $name = *symbol;
                )*
                Ok(Library { $($name,)* _shared: shared })
            }
        }
    };
}

functions! {
    version = ddwaf_get_version: unsafe extern "C" fn() -> *const c_char,
    default_allocator = ddwaf_get_default_allocator: unsafe extern "C" fn() -> Handle,
    from_json = ddwaf_object_from_json: unsafe extern "C" fn(*mut Raw, *const u8, u32, Handle) -> bool,
    object_destroy = ddwaf_object_destroy: unsafe extern "C" fn(*mut Raw, Handle),
    builder_init = ddwaf_builder_init: unsafe extern "C" fn() -> Handle,
    builder_add = ddwaf_builder_add_or_update_config: unsafe extern "C" fn(Handle, *const u8, u32, *const Raw, *mut Raw) -> bool,
    builder_build = ddwaf_builder_build_instance: unsafe extern "C" fn(Handle) -> Handle,
    builder_destroy = ddwaf_builder_destroy: unsafe extern "C" fn(Handle),
    destroy = ddwaf_destroy: unsafe extern "C" fn(Handle),
    context_init = ddwaf_context_init: unsafe extern "C" fn(Handle, Handle) -> Handle,
    context_eval = ddwaf_context_eval: unsafe extern "C" fn(Handle, *mut Raw, Handle, *mut Raw, u64) -> i32,
    context_destroy = ddwaf_context_destroy: unsafe extern "C" fn(Handle),
    subcontext_init = ddwaf_subcontext_init: unsafe extern "C" fn(Handle) -> Handle,
    subcontext_eval = ddwaf_subcontext_eval: unsafe extern "C" fn(Handle, *mut Raw, Handle, *mut Raw, u64) -> i32,
    subcontext_destroy = ddwaf_subcontext_destroy: unsafe extern "C" fn(Handle),
}

/// No evaluation takes this long.
const TIMEOUT_US: u64 = 60_000_000;

/// A request's objects in memory that no library owns, so that both read the very same.
pub(crate) struct Objects {
    calls: Vec<(Raw, bool)>,
    /// What the objects point to.
    _arena: Arena,
}

impl Objects {
    pub(crate) fn of(request: &Request) -> Self {
        let mut arena = Arena::default();
        let calls = request.calls.iter().map(|call| (arena.place(&call.data), call.apart)).collect();
        Objects { calls, _arena: arena }
    }
}

impl Library {
    pub(crate) fn version(&self) -> String {
        // SAFETY: a static C string.
        unsafe { CStr::from_ptr((self.version)()) }.to_string_lossy().into_owned()
    }

    fn allocator(&self) -> Handle {
        // SAFETY: takes nothing, gives the process-wide allocator.
        unsafe { (self.default_allocator)() }
    }

    /// A builder without configuration.
    pub(crate) fn builder(&self) -> Builder<'_> {
        // SAFETY: no preconditions.
        Builder { library: self, handle: unsafe { (self.builder_init)() } }
    }

    /// An instance of the rules of one JSON text.
    pub(crate) fn load(&self, rules: &str) -> Result<Instance<'_>, String> {
        let builder = self.builder();
        builder.add_json("rules", rules)?;
        builder.build()
    }
}

pub(crate) struct Builder<'l> {
    library: &'l Library,
    handle: Handle,
}

impl<'l> Builder<'l> {
    /// Reads JSON with the library's own reader and adds it under a path.
    pub(crate) fn add_json(&self, path: &str, config: &str) -> Result<(), String> {
        let library = self.library;
        let mut raw = Raw::of_kind(INVALID);
        // SAFETY: the text is only read, during the call.
        let read = unsafe {
            (library.from_json)(&raw mut raw, config.as_ptr(), config.len() as u32, library.allocator())
        };
        if !read {
            return Err("the rules are not JSON".to_owned());
        }
        let added = self.add(path, &raw);
        // SAFETY: read above, with this allocator.
        unsafe { (library.object_destroy)(&raw mut raw, library.allocator()) };
        added
    }

    /// Adds or replaces what is under a path. The object is only read.
    pub(crate) fn add(&self, path: &str, config: &Raw) -> Result<(), String> {
        let mut diagnostics = Raw::of_kind(INVALID);
        let (start, len) = (path.as_ptr(), path.len() as u32);
        // SAFETY: the builder is live; path and configuration are only read, during the call.
        let taken =
            unsafe { (self.library.builder_add)(self.handle, start, len, config, &raw mut diagnostics) };
        // SAFETY: diagnostics come from the default allocator.
        unsafe { (self.library.object_destroy)(&raw mut diagnostics, self.library.allocator()) };
        if taken { Ok(()) } else { Err(format!("the configuration {path} is refused")) }
    }

    pub(crate) fn build(&self) -> Result<Instance<'l>, String> {
        // SAFETY: the builder is live.
        let handle = unsafe { (self.library.builder_build)(self.handle) };
        if handle.is_null() {
            return Err("the rules make no instance".to_owned());
        }
        Ok(Instance { library: self.library, handle })
    }
}

impl Drop for Builder<'_> {
    fn drop(&mut self) {
        // SAFETY: instances survive their builder.
        unsafe { (self.library.builder_destroy)(self.handle) }
    }
}

pub(crate) struct Instance<'l> {
    library: &'l Library,
    handle: Handle,
}

// SAFETY: the ABI lets any thread use an instance.
unsafe impl Sync for Instance<'_> {}
// SAFETY: as above, and any thread may destroy it.
unsafe impl Send for Instance<'_> {}

impl<'l> Instance<'l> {
    pub(crate) fn context(&self) -> Context<'l> {
        let library = self.library;
        // SAFETY: handle and allocator are live.
        Context { library, handle: unsafe { (library.context_init)(self.handle, library.allocator()) } }
    }

    /// One request from its context to that context's end; gives how many evaluations matched.
    pub(crate) fn play(&self, objects: &Objects) -> u32 {
        self.context().play(objects)
    }

    /// Each request once; gives how many evaluations matched.
    pub(crate) fn pass(&self, requests: &[Objects]) -> u32 {
        requests.iter().map(|objects| self.play(objects)).sum()
    }
}

pub(crate) struct Context<'l> {
    library: &'l Library,
    handle: Handle,
}

impl Context<'_> {
    /// The evaluations of one request, whose objects outlive the context; gives how many matched.
    pub(crate) fn play(&self, objects: &Objects) -> u32 {
        let library = self.library;
        let mut matched = 0;
        for (data, apart) in &objects.calls {
            let mut data = *data;
            let mut result = Raw::of_kind(INVALID);
            let (data, result) = (&raw mut data, &raw mut result);
            // SAFETY: the context is live; the caller keeps the objects; each subcontext is destroyed once.
            let code = unsafe {
                if *apart {
                    let sub = (library.subcontext_init)(self.handle);
                    let code = (library.subcontext_eval)(sub, data, ptr::null_mut(), result, TIMEOUT_US);
                    (library.subcontext_destroy)(sub);
                    code
                } else {
                    (library.context_eval)(self.handle, data, ptr::null_mut(), result, TIMEOUT_US)
                }
            };
            matched += u32::from(code == 1);
            // SAFETY: results come from the allocator that the context was made with.
            unsafe { (library.object_destroy)(result, library.allocator()) };
        }
        matched
    }
}

impl Drop for Context<'_> {
    fn drop(&mut self) {
        // SAFETY: made with the instance, destroyed once.
        unsafe { (self.library.context_destroy)(self.handle) };
    }
}

impl Drop for Instance<'_> {
    fn drop(&mut self) {
        // SAFETY: contexts of it are gone.
        unsafe { (self.library.destroy)(self.handle) }
    }
}

/// The rules as one class loads them: with every rule on, or as they are.
pub(crate) fn rules_of(source: &str, all: bool) -> Result<String, String> {
    if !all {
        return Ok(source.to_owned());
    }
    let mut json: serde_json::Value = serde_json::from_str(source).map_err(|e| format!("rules: {e}"))?;
    for section in ["rules", "rules_compat"] {
        for rule in json[section].as_array_mut().into_iter().flatten() {
            if let Some(rule) = rule.as_object_mut() {
                rule.remove("enabled");
            }
        }
    }
    Ok(json.to_string())
}
