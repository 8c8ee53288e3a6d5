//! The engine for JavaScript: what the files in `package/` are built on.
//!
//! Documents pass through two buffers in the module's memory. The host writes into the one that
//! [`input`] gives and says how many bytes it wrote; what comes back lies where [`output`] says. A
//! negative number is an error. Nothing here throws: an exception that leaves the module is a trap.

mod clock;
mod host;

pub use host::{Host, HostRequest, Rules};

use bartizan_wire as wire;
use core::cell::RefCell;
use wasm_bindgen::prelude::*;

const MALFORMED: i32 = -2;
const INTERNAL: i32 = -3;

const BATCHES: u32 = 2;

thread_local! {
    static INPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static OUTPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// A buffer of `len` bytes to write documents into. It replaces the former one.
#[wasm_bindgen]
#[must_use]
pub fn input(len: usize) -> *mut u8 {
    INPUT.with_borrow_mut(|input| {
        // The former one goes first, so that both never stand at once.
        *input = Vec::new();
        *input = vec![0; len];
        input.as_mut_ptr()
    })
}

/// Where the last document starts.
#[wasm_bindgen]
#[must_use]
pub fn output() -> *const u8 {
    OUTPUT.with_borrow(|output| output.as_ptr())
}

/// How long the last document is, where the function that made it did not say: after an update, and the
/// sentence after an error.
#[wasm_bindgen]
#[must_use]
pub fn output_len() -> usize {
    OUTPUT.with_borrow(Vec::len)
}

/// Forgets the last document.
#[wasm_bindgen]
pub fn release() {
    OUTPUT.take();
}

/// The module's memory.
#[wasm_bindgen]
#[must_use]
pub fn linear_memory() -> JsValue {
    wasm_bindgen::memory()
}

/// The version of the engine.
#[wasm_bindgen]
#[must_use]
pub fn version() -> String {
    wire::VERSION.to_owned()
}

/// Bytes of the input buffer.
fn given<T>(start: usize, len: usize, read: impl FnOnce(&[u8]) -> T) -> T {
    INPUT.with_borrow(|input| read(input.get(start..).and_then(|rest| rest.get(..len)).unwrap_or_default()))
}

/// Puts a document out, and gives its length.
fn put(document: Vec<u8>) -> usize {
    OUTPUT.with_borrow_mut(|output| {
        *output = document;
        output.len()
    })
}

/// Collects configuration documents under paths.
#[wasm_bindgen]
#[derive(Default)]
pub struct Builder(wire::Builder);

#[wasm_bindgen]
impl Builder {
    /// A builder without configuration.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The input is the path and behind it the configuration. Whether it is taken over; the diagnostics
    /// document is put out.
    pub fn update(&mut self, path: usize, config: usize) -> bool {
        let update = given(0, path, |path| {
            given(path.len(), config, |config| self.0.update(path, config, wire::Format::Json))
        });
        put(update.diagnostics);
        update.accepted
    }

    /// The input is the path. Whether there was one to remove.
    pub fn remove(&mut self, path: usize) -> bool {
        given(0, path, |path| self.0.remove(path))
    }

    /// The paths, as a list that is put out.
    #[must_use]
    pub fn paths(&self) -> usize {
        put(self.0.paths())
    }

    /// An instance of the configuration as it stands; nothing when nothing in it would ever run.
    pub fn build(&mut self) -> Option<Instance> {
        self.0.build().map(Instance)
    }
}

/// What evaluates; it never changes.
#[wasm_bindgen]
pub struct Instance(pub(crate) wire::Instance);

#[wasm_bindgen]
impl Instance {
    /// The addresses that rules look at, as a list that is put out.
    #[must_use]
    pub fn addresses(&self) -> usize {
        put(self.0.addresses().to_vec())
    }

    /// The types of actions that can be asked for, as a list that is put out.
    #[must_use]
    pub fn actions(&self) -> usize {
        put(self.0.actions().to_vec())
    }

    /// A context for one request.
    #[must_use]
    pub fn context(&self) -> Context {
        Context(self.0.context())
    }
}

/// One request: what it has shown so far, and what has been reported of it.
#[wasm_bindgen]
pub struct Context(wire::Context);

#[wasm_bindgen]
impl Context {
    /// Evaluates the input. 0 when nothing matched; else the length of the result document, which is put
    /// out. Numbers too large for their use mean no limit.
    #[allow(clippy::too_many_arguments, reason = "numbers are what crosses into the module at no cost")]
    pub fn eval(
        &mut self,
        len: usize,
        now_s: f64,
        entropy_low: u32,
        entropy_high: u32,
        budget: f64,
        timeout_ns: f64,
        flags: u32,
    ) -> i32 {
        let request = wire::Request {
            now_s: now_s as u64,
            entropy: u64::from(entropy_high) << 32 | u64::from(entropy_low),
            budget: budget as u64,
            timeout_ns: timeout_ns as u64,
            clock: Some(&clock::Performance),
            batches: flags & BATCHES != 0,
            format: wire::Format::Json,
        };
        OUTPUT.with_borrow_mut(|output| match given(0, len, |data| self.0.eval(data, request, output)) {
            Ok(true) => i32::try_from(output.len()).unwrap_or(INTERNAL),
            Ok(false) => 0,
            Err(error) => {
                *output = error.to_string().into_bytes();
                if error == wire::Error::Internal { INTERNAL } else { MALFORMED }
            }
        })
    }

    /// A context that starts as a copy of this one; nothing flows back.
    #[must_use]
    pub fn subcontext(&self) -> Self {
        Self(self.0.subcontext())
    }
}
