//! Builder, instance and context over documents.

use crate::clock;
use alloc::string::ToString;
use alloc::vec::Vec;
use bartizan_engine as engine;
use bartizan_engine::Clock;
use bartizan_object::{AllocRef, Object, json, msgpack, parse_document};

pub use bartizan_host::Error;

/// How a document is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Compact JSON.
    #[default]
    Json,
    /// MessagePack in its shortest form.
    MessagePack,
}

impl Format {
    fn write(self, object: &Object, out: &mut Vec<u8>) {
        out.clear();
        match self {
            Self::Json => json::write(object, out),
            Self::MessagePack => msgpack::write(object, out),
        }
    }
}

/// What became of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// Whether it was taken over; otherwise the path's former content stays in force.
    pub accepted: bool,
    /// The diagnostics document.
    pub diagnostics: Vec<u8>,
}

/// Collects configuration documents under paths.
#[derive(Default)]
pub struct Builder(engine::Builder);

impl Builder {
    /// A builder without configuration.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces the configuration of a path: a document, or a compiled bundle. One that cannot be read
    /// is refused with `{"error": reason}` as diagnostics.
    pub fn update(&mut self, path: &[u8], config: &[u8], format: Format) -> Update {
        let mut diagnostics = Vec::new();
        let update = if engine::is_bundle(config) {
            self.0.load(path, config).map_err(|error| error.to_string())
        } else {
            let document = parse_document(config, AllocRef::global());
            document
                .map(|object| self.0.update(path, &object))
                .map_err(|error| alloc::format!("configuration document cannot be read: {error}"))
        };
        match update {
            Ok(update) => {
                format.write(&update.diagnostics, &mut diagnostics);
                Update { accepted: update.accepted, diagnostics }
            }
            Err(reason) => {
                let mut object = bartizan_object::Owned::new(AllocRef::global());
                let written = object
                    .slot()
                    .map(1)
                    .and_then(|mut map| map.insert_literal(b"error")?.string(reason.as_bytes()));
                if written.is_ok() {
                    format.write(&object, &mut diagnostics);
                }
                Update { accepted: false, diagnostics }
            }
        }
    }

    /// Removes a path; false when it is not known.
    pub fn remove(&mut self, path: &[u8]) -> bool {
        self.0.remove(path)
    }

    /// The paths in order of first addition, as a JSON array of strings.
    #[must_use]
    pub fn paths(&self) -> Vec<u8> {
        list(self.0.paths().map(|path| &**path))
    }

    /// An instance of the configuration as it stands; `None` when nothing in it would ever run.
    pub fn build(&mut self) -> Option<Instance> {
        self.0.build().map(Instance::new)
    }
}

fn list<'a>(names: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut array = bartizan_object::Owned::new(AllocRef::global());
    let written = array.slot().array(0).and_then(|mut writer| {
        for name in names {
            writer.push()?.string(name)?;
        }
        Ok(())
    });
    if written.is_ok() {
        json::write(&array, &mut out);
    }
    out
}

/// What evaluates; immutable.
#[derive(Clone)]
pub struct Instance {
    instance: engine::Instance,
    addresses: Vec<u8>,
    actions: Vec<u8>,
}

impl Instance {
    pub(crate) fn new(instance: engine::Instance) -> Self {
        let addresses = list(instance.addresses().iter().map(|text| &**text));
        let actions = list(instance.actions().iter().map(|text| &**text));
        Self { instance, addresses, actions }
    }

    pub(crate) fn inner(&self) -> &engine::Instance {
        &self.instance
    }

    /// The addresses that rules look at, as a JSON array of strings.
    #[must_use]
    pub fn addresses(&self) -> &[u8] {
        &self.addresses
    }

    /// The types of actions that can be put out, as a JSON array of strings.
    #[must_use]
    pub fn actions(&self) -> &[u8] {
        &self.actions
    }

    /// A context for one request.
    #[must_use]
    pub fn context(&self) -> Context {
        Context { context: self.instance.context(), timeout_us: 0 }
    }
}

/// What comes with the data of one evaluation.
#[derive(Clone, Copy)]
pub struct Request {
    /// Seconds since the epoch, for data that expires.
    pub now_s: u64,
    /// 64 random bits, for ids.
    pub entropy: u64,
    /// Work units; `u64::MAX` for no limit.
    pub budget: u64,
    /// Nanoseconds from the start of the evaluation to its deadline; `u64::MAX` for none. Needs the clock.
    pub timeout_ns: u64,
    /// A monotonic clock, for the deadline and the duration of the result.
    pub clock: Option<&'static dyn Clock>,
    /// Whether the data is an array of batches instead of one map.
    pub batches: bool,
    /// How the result is written.
    pub format: Format,
}

impl Default for Request {
    /// No limits, time zero, and the clock of the operating system where there is one.
    fn default() -> Self {
        Self {
            now_s: 0,
            entropy: 0,
            budget: u64::MAX,
            timeout_ns: u64::MAX,
            clock: clock::monotonic(),
            batches: false,
            format: Format::Json,
        }
    }
}

/// One request.
pub struct Context {
    context: engine::Context,
    timeout_us: u64,
}

impl Context {
    /// Evaluates a document of addresses. True when something matched; the result document is in `out`
    /// then, which is left alone otherwise.
    ///
    /// # Errors
    /// The document cannot be read or is not a map (an array of maps with `batches`).
    pub fn eval(&mut self, data: &[u8], request: Request, out: &mut Vec<u8>) -> Result<bool, Error> {
        let object = parse_document(data, AllocRef::global())
            .map_err(|error| Error::Malformed(alloc::format!("request data cannot be read: {error}")))?;
        let mut call = engine::Call {
            now_s: request.now_s,
            entropy: request.entropy,
            budget: request.budget,
            clock: request.clock,
            timeout_ns: request.timeout_ns,
        };
        bartizan_host::limit_time(&mut call, self.timeout_us);
        let outcome = if request.batches {
            self.context.eval_batches(object.into(), &call)
        } else {
            self.context.eval(object.into(), &call)
        };
        let mut outcome = outcome.map_err(|error| match error {
            engine::EvalError::NotAMap => Error::Malformed(alloc::format!("{error}")),
            engine::EvalError::Alloc => Error::Internal,
        })?;
        if !outcome.is_match() {
            return Ok(false);
        }
        let result = outcome.to_object(AllocRef::global()).map_err(|_| Error::Internal)?;
        request.format.write(&result, out);
        Ok(true)
    }

    /// A context that starts as a copy of this one; nothing flows back.
    #[must_use]
    pub fn subcontext(&self) -> Self {
        Self { context: self.context.subcontext(), timeout_us: self.timeout_us }
    }

    /// Limits the time of later evaluations, in microseconds; 0 lifts the limit. Without a clock it becomes a
    /// budget.
    pub fn set_timeout(&mut self, timeout_us: u64) {
        self.timeout_us = timeout_us;
    }
}
