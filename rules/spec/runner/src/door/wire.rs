//! The `bartizan_*` functions of the C library: documents in, documents out.

use super::{Call, Door, Loss, Session, built, evaluated, refused, updated};
use crate::case::{Document, Need};
use crate::text;
use bartizan_object::{AllocRef, json, msgpack};
use bartizan_reference::Value;
use libloading::Library as Shared;
use std::collections::BTreeMap;
use std::ffi::c_void;
use std::{ptr, slice};

type Handle = *mut c_void;
type New = unsafe extern "C" fn() -> Handle;
type Make = unsafe extern "C" fn(Handle) -> Handle;
type Free = unsafe extern "C" fn(Handle);
type Update = unsafe extern "C" fn(Handle, *const u8, usize, *const u8, usize, u32, *mut Buffer) -> i32;
type Remove = unsafe extern "C" fn(Handle, *const u8, usize) -> i32;
type Names = unsafe extern "C" fn(Handle, *mut Buffer) -> i32;
type Eval = unsafe extern "C" fn(Handle, *const u8, usize, u64, u64, u64, u32, *mut Buffer) -> i32;

const MESSAGE_PACK: u32 = 1;
const BATCHES: u32 = 2;
const ENTROPY: u64 = 1;

/// Where the functions leave a document of theirs.
#[repr(C)]
struct Buffer {
    data: *const u8,
    len: usize,
}

impl Buffer {
    const EMPTY: Self = Self { data: ptr::null(), len: 0 };

    /// # Safety
    /// The document is still valid.
    unsafe fn read(&self) -> Result<Value, String> {
        if self.data.is_null() {
            return Err("no document was left".into());
        }
        // SAFETY: the caller's promise.
        let bytes = unsafe { slice::from_raw_parts(self.data, self.len) };
        let object = match bytes.first() {
            Some(b'{' | b'[') => json::parse_with_depth(bytes, usize::MAX, AllocRef::global()),
            _ => msgpack::parse_with_depth(bytes, usize::MAX, AllocRef::global()),
        };
        object.map(|object| Value::from(&*object)).map_err(|error| error.to_string())
    }
}

/// How documents are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    MessagePack,
}

impl Format {
    fn write(self, document: &Document) -> Vec<u8> {
        match (self, document) {
            (_, Document::Bytes(bytes)) => bytes.clone(),
            (Self::Json, Document::Value(value)) => text::json(value),
            (Self::MessagePack, Document::Value(value)) => {
                let mut out = Vec::new();
                msgpack::write(&value.to_object(), &mut out);
                out
            }
        }
    }

    fn flags(self) -> u32 {
        if self == Self::MessagePack { MESSAGE_PACK } else { 0 }
    }
}

pub(crate) struct Library {
    format: Format,
    builder_new: New,
    builder_update: Update,
    builder_remove: Remove,
    builder_build: Make,
    builder_free: Free,
    instance_addresses: Names,
    instance_actions: Names,
    instance_free: Free,
    context_new: Make,
    subcontext_new: Make,
    context_eval: Eval,
    context_free: Free,
    /// Last, so that the code outlives the pointers to it.
    _shared: Shared,
}

impl Library {
    pub(crate) fn open(path: &str, format: Format) -> Result<Self, String> {
        // SAFETY: the caller names a library of ours; loading it runs only its initialisers.
        let shared = unsafe { Shared::new(path) }.map_err(|e| format!("cannot load {path}: {e}"))?;
        Ok(Self {
            format,
            builder_new: function(&shared, "bartizan_builder_new")?,
            builder_update: function(&shared, "bartizan_builder_update")?,
            builder_remove: function(&shared, "bartizan_builder_remove")?,
            builder_build: function(&shared, "bartizan_builder_build")?,
            builder_free: function(&shared, "bartizan_builder_free")?,
            instance_addresses: function(&shared, "bartizan_instance_addresses")?,
            instance_actions: function(&shared, "bartizan_instance_actions")?,
            instance_free: function(&shared, "bartizan_instance_free")?,
            context_new: function(&shared, "bartizan_context_new")?,
            subcontext_new: function(&shared, "bartizan_subcontext_new")?,
            context_eval: function(&shared, "bartizan_context_eval")?,
            context_free: function(&shared, "bartizan_context_free")?,
            _shared: shared,
        })
    }
}

fn function<F: Copy>(library: &Shared, name: &str) -> Result<F, String> {
    // SAFETY: the types above are those that the header declares for these names.
    let symbol = unsafe { library.get::<F>(name) }.map_err(|e| format!("no {name}: {e}"))?;
    Ok(*symbol)
}

impl Door for Library {
    fn can(&self, need: Need) -> bool {
        match need {
            Need::AnyFloat => self.format == Format::MessagePack,
            Need::Invalid => false,
            Need::Documents | Need::Clock | Need::Budget => true,
        }
    }

    fn loses(&self) -> Loss {
        if self.format == Format::Json { Loss::InvalidAndBytes } else { Loss::Invalid }
    }

    fn session(&self) -> Box<dyn Session + '_> {
        // SAFETY: no preconditions.
        let builder = unsafe { (self.builder_new)() };
        Box::new(Case { library: self, builder, instance: ptr::null_mut(), contexts: BTreeMap::new() })
    }
}

struct Case<'l> {
    library: &'l Library,
    builder: Handle,
    /// Null while there is none.
    instance: Handle,
    contexts: BTreeMap<String, Handle>,
}

impl Drop for Case<'_> {
    fn drop(&mut self) {
        // SAFETY: made by this library, and not used again; all take null.
        unsafe {
            self.contexts.values().for_each(|context| (self.library.context_free)(*context));
            (self.library.instance_free)(self.instance);
            (self.library.builder_free)(self.builder);
        }
    }
}

impl Session for Case<'_> {
    fn update(&mut self, path: &str, config: &Document) -> Result<Value, String> {
        let format = self.library.format;
        let config = format.write(config);
        let mut out = Buffer::EMPTY;
        // SAFETY: the builder is live; path and document are only read, during the call.
        let code = unsafe {
            (self.library.builder_update)(
                self.builder,
                path.as_ptr(),
                path.len(),
                config.as_ptr(),
                config.len(),
                format.flags(),
                &raw mut out,
            )
        };
        match code {
            // SAFETY: the document is valid until the next call on the builder.
            0 | 1 => Ok(updated(code == 1, unsafe { out.read() }?)),
            code => Err(format!("the code {code}")),
        }
    }

    fn remove(&mut self, path: &str) -> Result<Value, String> {
        // SAFETY: as above.
        match unsafe { (self.library.builder_remove)(self.builder, path.as_ptr(), path.len()) } {
            code @ (0 | 1) => Ok(Value::Bool(code == 1)),
            code => Err(format!("the code {code}")),
        }
    }

    fn build(&mut self) -> Result<Value, String> {
        let library = self.library;
        // SAFETY: the builder is live; contexts of the former instance live on without it.
        unsafe {
            (library.instance_free)(self.instance);
            self.instance = (library.builder_build)(self.builder);
        }
        if self.instance.is_null() {
            return Ok(built(None));
        }
        let names = |function: Names| {
            let mut out = Buffer::EMPTY;
            // SAFETY: the instance is live, and so is the document as long as it is.
            let list = unsafe {
                function(self.instance, &raw mut out);
                out.read()
            };
            Ok::<_, String>(list?.as_array().unwrap_or_default().to_vec())
        };
        Ok(built(Some((names(library.instance_addresses)?, names(library.instance_actions)?))))
    }

    fn open(&mut self, context: &str) -> Result<(), String> {
        // SAFETY: the instance is live or null.
        let handle = unsafe { (self.library.context_new)(self.instance) };
        self.keep(context, handle)
    }

    fn subcontext(&mut self, context: &str, of: &str) -> Result<(), String> {
        let parent = *self.contexts.get(of).ok_or("there is no such context")?;
        // SAFETY: the parent is live.
        let handle = unsafe { (self.library.subcontext_new)(parent) };
        self.keep(context, handle)
    }

    fn eval(&mut self, context: &str, data: &Document, call: Call) -> Result<Value, String> {
        let context = *self.contexts.get(context).ok_or("there is no such context")?;
        let format = self.library.format;
        let data = format.write(data);
        let flags = format.flags() | if call.batches { BATCHES } else { 0 };
        let budget = call.budget.unwrap_or(u64::MAX);
        let mut out = Buffer::EMPTY;
        // SAFETY: the context is live; the document is only read, during the call.
        let code = unsafe {
            (self.library.context_eval)(
                context,
                data.as_ptr(),
                data.len(),
                call.now_s,
                ENTROPY,
                budget,
                flags,
                &raw mut out,
            )
        };
        match code {
            0 => evaluated(false, None),
            // SAFETY: the document is valid until the next call on the context.
            1 => evaluated(true, Some(unsafe { out.read() }?)),
            -1 => Ok(refused("invalid argument")),
            -2 => Ok(refused("malformed")),
            code => Err(format!("the code {code}")),
        }
    }
}

impl Case<'_> {
    fn keep(&mut self, context: &str, handle: Handle) -> Result<(), String> {
        if handle.is_null() {
            return Err("no context was made".into());
        }
        if let Some(former) = self.contexts.insert(context.to_owned(), handle) {
            // SAFETY: made by this library, and not used again.
            unsafe { (self.library.context_free)(former) };
        }
        Ok(())
    }
}
