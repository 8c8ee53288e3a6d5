//! A library of the ddwaf ABI, loaded.

use crate::books::Books;
use crate::memory::{Arena, INVALID, Raw, read};
use crate::value::{Form, Text, Value};
use libloading::{Library as Shared, Symbol};
use std::ffi::{CStr, c_char, c_void};
#[cfg(feature = "linked")]
use std::mem::transmute;
use std::ptr;
use std::rc::Rc;

pub(crate) type Handle = *mut c_void;
type Make = unsafe extern "C" fn() -> Handle;
type From1 = unsafe extern "C" fn(Handle) -> Handle;
type From2 = unsafe extern "C" fn(Handle, Handle) -> Handle;
type Destroy = unsafe extern "C" fn(Handle);
type Version = unsafe extern "C" fn() -> *const c_char;
type Init = unsafe extern "C" fn(*const Raw, *mut Raw) -> Handle;
type AddConfig = unsafe extern "C" fn(Handle, *const u8, u32, *const Raw, *mut Raw) -> bool;
type RemoveConfig = unsafe extern "C" fn(Handle, *const u8, u32) -> bool;
type Paths = unsafe extern "C" fn(Handle, *mut Raw, *const u8, u32) -> u32;
type Known = unsafe extern "C" fn(Handle, *mut u32) -> *const *const c_char;
type Eval = unsafe extern "C" fn(Handle, *mut Raw, Handle, *mut Raw, u64) -> i32;
type Free = unsafe extern "C" fn(*mut Raw, Handle);
type SetNumber<T> = unsafe extern "C" fn(*mut Raw, T) -> *mut Raw;
type SetKind = unsafe extern "C" fn(*mut Raw) -> *mut Raw;
type SetString = unsafe extern "C" fn(*mut Raw, *const u8, u32, Handle) -> *mut Raw;
type SetContainer = unsafe extern "C" fn(*mut Raw, u16, Handle) -> *mut Raw;
type Insert = unsafe extern "C" fn(*mut Raw, Handle) -> *mut Raw;
type InsertKey = unsafe extern "C" fn(*mut Raw, *const u8, u32, Handle) -> *mut Raw;

pub(crate) type Allocate = unsafe extern "C" fn(Handle, usize, usize) -> Handle;
pub(crate) type Release = unsafe extern "C" fn(Handle, Handle, usize, usize);
pub(crate) type Told = unsafe extern "C" fn(i32, *const c_char, *const c_char, u32, *const c_char, u64);

macro_rules! functions {
    ($($name:ident: $kind:ty = $symbol:ident,)*) => {
        /// The functions, and the code that they are in.
        pub(crate) struct Library {
            $(pub(crate) $name: $kind,)*
            allocator: Handle,
            /// Last, so that the code outlives the rest; nothing when it is this program's.
            _shared: Option<Shared>,
        }

        impl Library {
            /// Loads a library and finds its functions.
            pub(crate) fn open(path: &str) -> Result<Self, String> {
                // SAFETY: the caller names a library of this ABI; loading it runs only its initialisers.
                let shared = unsafe { Shared::new(path) }.map_err(|e| format!("cannot load {path}: {e}"))?;
                $(let $name = function::<$kind>(&shared, stringify!($symbol))?;)*
                let allocator = function::<Make>(&shared, "ddwaf_get_default_allocator")?;
                // SAFETY: takes nothing, gives the process-wide allocator.
                let allocator = unsafe { allocator() };
                Ok(Library { $($name,)* allocator, _shared: Some(shared) })
            }

            /// Ours, as it is linked with this program.
            #[cfg(feature = "linked")]
            pub(crate) fn linked() -> Self {
                let allocator = bartizan_capi::ddwaf_get_default_allocator().cast();
                // SAFETY: the table names the types that the ABI declares; ours differ only in the names of what
                // pointers point to.
                $(let $name = unsafe { transmute::<*const (), $kind>(bartizan_capi::$symbol as *const ()) };)*
                Library { $($name,)* allocator, _shared: None }
            }
        }
    };
}

functions! {
    version: Version = ddwaf_get_version,
    init: Init = ddwaf_init,
    destroy: Destroy = ddwaf_destroy,
    known_addresses: Known = ddwaf_known_addresses,
    known_actions: Known = ddwaf_known_actions,
    builder_init: Make = ddwaf_builder_init,
    builder_add: AddConfig = ddwaf_builder_add_or_update_config,
    builder_remove: RemoveConfig = ddwaf_builder_remove_config,
    builder_build: From1 = ddwaf_builder_build_instance,
    builder_paths: Paths = ddwaf_builder_get_config_paths,
    builder_destroy: Destroy = ddwaf_builder_destroy,
    context_init: From2 = ddwaf_context_init,
    context_eval: Eval = ddwaf_context_eval,
    context_multieval: Eval = ddwaf_context_multieval,
    context_destroy: Destroy = ddwaf_context_destroy,
    subcontext_init: From1 = ddwaf_subcontext_init,
    subcontext_eval: Eval = ddwaf_subcontext_eval,
    subcontext_multieval: Eval = ddwaf_subcontext_multieval,
    subcontext_destroy: Destroy = ddwaf_subcontext_destroy,
    object_destroy: Free = ddwaf_object_destroy,
    from_json: unsafe extern "C" fn(*mut Raw, *const u8, u32, Handle) -> bool = ddwaf_object_from_json,
    set_invalid: SetKind = ddwaf_object_set_invalid,
    set_null: SetKind = ddwaf_object_set_null,
    set_bool: SetNumber<bool> = ddwaf_object_set_bool,
    set_signed: SetNumber<i64> = ddwaf_object_set_signed,
    set_unsigned: SetNumber<u64> = ddwaf_object_set_unsigned,
    set_float: SetNumber<f64> = ddwaf_object_set_float,
    set_string: SetString = ddwaf_object_set_string,
    set_literal: unsafe extern "C" fn(*mut Raw, *const u8, u32) -> *mut Raw = ddwaf_object_set_string_literal,
    set_array: SetContainer = ddwaf_object_set_array,
    set_map: SetContainer = ddwaf_object_set_map,
    insert: Insert = ddwaf_object_insert,
    insert_key: InsertKey = ddwaf_object_insert_key,
    insert_literal_key: InsertKey = ddwaf_object_insert_literal_key,
    user_allocator: unsafe extern "C" fn(Option<Allocate>, Option<Release>, Handle, Option<Destroy>) -> Handle = ddwaf_user_allocator_init,
    allocator_destroy: Destroy = ddwaf_allocator_destroy,
    set_log_cb: unsafe extern "C" fn(Option<Told>, i32) -> bool = ddwaf_set_log_cb,
}

fn function<F: Copy>(library: &Shared, name: &str) -> Result<F, String> {
    // SAFETY: the table above names the types that the ABI declares for these names.
    let symbol: Symbol<'_, F> = unsafe { library.get(name) }.map_err(|e| format!("no {name}: {e}"))?;
    Ok(*symbol)
}

/// A value in memory that this program owns.
pub(crate) struct Lent {
    raw: Raw,
    /// What the object points to.
    _arena: Arena,
}

impl Lent {
    pub(crate) fn new(value: &Value, large: bool) -> Self {
        let mut arena = Arena::new(large);
        Lent { raw: arena.place(value), _arena: arena }
    }
}

impl Library {
    pub(crate) fn version(&self) -> String {
        // SAFETY: a static C string.
        unsafe { CStr::from_ptr((self.version)()) }.to_string_lossy().into_owned()
    }

    pub(crate) fn builder(&self) -> Builder<'_> {
        // SAFETY: no preconditions.
        Builder { library: self, handle: unsafe { (self.builder_init)() } }
    }

    /// An instance of one configuration, and its diagnostics.
    pub(crate) fn instance(&self, config: &Value) -> Result<(Option<Instance<'_>>, Value), String> {
        let config = Lent::new(config, false);
        let mut diagnostics = Raw::of_kind(INVALID);
        // SAFETY: the configuration is only read, during the call.
        let handle = unsafe { (self.init)(&raw const config.raw, &raw mut diagnostics) };
        let instance = (!handle.is_null()).then_some(Instance { library: self, handle });
        Ok((instance, self.take(diagnostics)?))
    }

    /// Whether a text is JSON, and the value then.
    pub(crate) fn read_json(&self, text: &[u8]) -> Result<(bool, Value), String> {
        let mut raw = Raw::of_kind(INVALID);
        // SAFETY: the text is only read, during the call.
        let read =
            unsafe { (self.from_json)(&raw mut raw, text.as_ptr(), text.len() as u32, self.allocator) };
        // What was not read may be anything.
        if read { Ok((true, self.take(raw)?)) } else { Ok((false, Value::Invalid)) }
    }

    /// Reads and frees what the library wrote.
    fn take(&self, mut raw: Raw) -> Result<Value, String> {
        // SAFETY: a library wrote it, and it was not freed.
        let value = unsafe { read(&raw) };
        // SAFETY: results come from the default allocator, as diagnostics do.
        unsafe { (self.object_destroy)(&raw mut raw, self.allocator) };
        value
    }

    /// The value in the library's own memory, built by its own functions.
    fn build(&self, value: &Value, slot: *mut Raw, allocator: Handle) {
        let text = |text: &Text| (text.bytes.as_ptr(), text.bytes.len() as u32);
        // SAFETY: the slot is valid for writing until its container grows, which is after this call; literals
        // outlive the object because the case does.
        unsafe {
            match value {
                Value::Invalid => (self.set_invalid)(slot),
                Value::Null => (self.set_null)(slot),
                Value::Bool(value) => (self.set_bool)(slot, *value),
                Value::Signed(value) => (self.set_signed)(slot, *value),
                Value::Unsigned(value) => (self.set_unsigned)(slot, *value),
                Value::Float(value) => (self.set_float)(slot, *value),
                Value::String(string) => {
                    let (start, len) = text(string);
                    match string.form {
                        Form::Literal => (self.set_literal)(slot, start, len),
                        _ => (self.set_string)(slot, start, len, allocator),
                    }
                }
                Value::Array(items) => {
                    // Half the room that is needed, so that containers grow too.
                    let array = (self.set_array)(slot, (items.len() / 2) as u16, allocator);
                    for item in items {
                        self.build(item, (self.insert)(slot, allocator), allocator);
                    }
                    array
                }
                Value::Map(entries) => {
                    let map = (self.set_map)(slot, (entries.len() / 2) as u16, allocator);
                    for (key, value) in entries {
                        let (start, len) = text(key);
                        let insert = match key.form {
                            Form::Literal => self.insert_literal_key,
                            _ => self.insert_key,
                        };
                        self.build(value, insert(slot, start, len, allocator), allocator);
                    }
                    map
                }
            }
        };
    }
}

pub(crate) struct Builder<'l> {
    library: &'l Library,
    handle: Handle,
}

impl<'l> Builder<'l> {
    /// Adds or replaces; gives diagnostics too.
    pub(crate) fn update(&self, path: &str, config: &Value) -> Result<(bool, Value), String> {
        let config = Lent::new(config, false);
        let mut diagnostics = Raw::of_kind(INVALID);
        let (start, len) = (path.as_ptr(), path.len() as u32);
        // SAFETY: the builder is live; path and configuration are only read, during the call.
        let taken = unsafe {
            (self.library.builder_add)(self.handle, start, len, &raw const config.raw, &raw mut diagnostics)
        };
        Ok((taken, self.library.take(diagnostics)?))
    }

    pub(crate) fn remove(&self, path: &str) -> bool {
        // SAFETY: the builder is live; the path is only read.
        unsafe { (self.library.builder_remove)(self.handle, path.as_ptr(), path.len() as u32) }
    }

    /// Count and names of the paths in which the pattern finds something.
    pub(crate) fn paths(&self, pattern: &[u8]) -> Result<(u32, Value), String> {
        let mut paths = Raw::of_kind(INVALID);
        let (start, len) = (pattern.as_ptr(), pattern.len() as u32);
        // SAFETY: the builder is live; the pattern is only read.
        let count = unsafe { (self.library.builder_paths)(self.handle, &raw mut paths, start, len) };
        Ok((count, self.library.take(paths)?))
    }

    pub(crate) fn build(&self) -> Option<Instance<'l>> {
        // SAFETY: the builder is live.
        let handle = unsafe { (self.library.builder_build)(self.handle) };
        (!handle.is_null()).then_some(Instance { library: self.library, handle })
    }
}

impl Drop for Builder<'_> {
    fn drop(&mut self) {
        // SAFETY: instances survive their builder.
        unsafe { (self.library.builder_destroy)(self.handle) }
    }
}

pub(crate) struct Instance<'l> {
    pub(crate) library: &'l Library,
    pub(crate) handle: Handle,
}

impl<'l> Instance<'l> {
    pub(crate) fn known_addresses(&self) -> Vec<String> {
        self.names(self.library.known_addresses)
    }

    pub(crate) fn known_actions(&self) -> Vec<String> {
        self.names(self.library.known_actions)
    }

    fn names(&self, known: Known) -> Vec<String> {
        let mut count = 0;
        // SAFETY: the handle is live.
        let names = unsafe { known(self.handle, &raw mut count) };
        if names.is_null() {
            return Vec::new();
        }
        // SAFETY: so many C strings are there, for as long as the handle is.
        let name = |at| unsafe { CStr::from_ptr(*names.add(at)) };
        (0..count as usize).map(|at| name(at).to_string_lossy().into_owned()).collect()
    }

    pub(crate) fn context(&self) -> Context<'l> {
        // SAFETY: handle and allocator are live.
        let handle = unsafe { (self.library.context_init)(self.handle, self.library.allocator) };
        Context { library: self.library, handle, sub: false, lent: Vec::new() }
    }
}

impl Drop for Instance<'_> {
    fn drop(&mut self) {
        // SAFETY: contexts share what they need.
        unsafe { (self.library.destroy)(self.handle) }
    }
}

/// What to evaluate.
pub(crate) enum Data<'v> {
    Lent(Rc<Lent>),
    /// To be given away.
    Given(&'v Value),
    /// To be given away with an allocator that counts.
    Counted(&'v Value, Rc<Books<'v>>),
    /// A null pointer.
    Nothing,
}

/// A context or subcontext.
pub(crate) struct Context<'l> {
    library: &'l Library,
    handle: Handle,
    sub: bool,
    /// What was lent to this context or to those it came from.
    lent: Vec<Rc<Lent>>,
}

impl<'l> Context<'l> {
    /// The return code, and the result when one was written.
    pub(crate) fn eval(
        &mut self,
        data: Data<'_>,
        batches: bool,
        timeout_us: u64,
        is_blind: bool,
    ) -> Result<(i32, Option<Value>), String> {
        let library = self.library;
        let eval = match (self.sub, batches) {
            (false, false) => library.context_eval,
            (false, true) => library.context_multieval,
            (true, false) => library.subcontext_eval,
            (true, true) => library.subcontext_multieval,
        };
        // No library writes this kind: what still has it was not written.
        const UNTOUCHED: u8 = 0x7e;
        let mut result = Raw::of_kind(UNTOUCHED);
        let mut raw = Raw::of_kind(INVALID);
        let (data, owner) = match data {
            Data::Lent(lent) => {
                raw = lent.raw;
                self.lent.push(lent);
                (&raw mut raw, ptr::null_mut())
            }
            Data::Given(value) => {
                library.build(value, &raw mut raw, library.allocator);
                (&raw mut raw, library.allocator)
            }
            Data::Counted(value, books) => {
                library.build(value, &raw mut raw, books.handle);
                (&raw mut raw, books.handle)
            }
            Data::Nothing => (ptr::null_mut(), ptr::null_mut()),
        };
        let wanted = if is_blind { ptr::null_mut() } else { &raw mut result };
        // SAFETY: the context is live; lent data is kept as long as it is.
        let code = unsafe { eval(self.handle, data, owner, wanted, timeout_us) };
        if result.0[0] == UNTOUCHED { Ok((code, None)) } else { Ok((code, Some(library.take(result)?))) }
    }

    pub(crate) fn subcontext(&self) -> Option<Context<'l>> {
        // There are no subcontexts of subcontexts.
        // SAFETY: the context is live.
        let handle = (!self.sub).then(|| unsafe { (self.library.subcontext_init)(self.handle) })?;
        Some(Context { library: self.library, handle, sub: true, lent: self.lent.clone() })
    }
}

impl Drop for Context<'_> {
    fn drop(&mut self) {
        let destroy = if self.sub { self.library.subcontext_destroy } else { self.library.context_destroy };
        // SAFETY: made by the matching function; subcontexts may outlive their parent.
        unsafe { destroy(self.handle) }
    }
}
