//! The engine for JavaScript: `Builder`, `Instance` and `Context` with documents as plain values.
//!
//! A document goes in as a value, as JSON text or as bytes (JSON or MessagePack), and comes out as a
//! value; [`Context::eval_json`] gives the text as the engine wrote it. Every object has `free()`;
//! where the host collects garbage, that happens by itself at some time.

mod document;
mod options;

use bartizan_wire as wire;
use document::{bytes_of, value_of};
use options::request;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.d.ts");

#[wasm_bindgen]
extern "C" {
    /// A document: a value, JSON text, or bytes.
    #[wasm_bindgen(typescript_type = "Document")]
    pub type Document;
    /// What became of a configuration.
    #[wasm_bindgen(typescript_type = "Update")]
    pub type Update;
    /// What comes with an evaluation.
    #[wasm_bindgen(typescript_type = "Options")]
    pub type Options;
    /// The result document, or nothing.
    #[wasm_bindgen(typescript_type = "Result | undefined")]
    pub type Outcome;
    /// A list of names.
    #[wasm_bindgen(typescript_type = "string[]")]
    pub type Names;
}

/// The version of the engine.
#[wasm_bindgen]
#[must_use]
pub fn version() -> String {
    wire::VERSION.to_owned()
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

    /// Adds or replaces the configuration of a path. When it is not accepted, what the path held
    /// before stays in force.
    ///
    /// # Errors
    /// The path is empty, or the value cannot be written as JSON.
    pub fn update(&mut self, path: &str, config: &Document) -> Result<Update, JsValue> {
        if path.is_empty() {
            return Err(js_sys::TypeError::new("the path is empty").into());
        }
        let update = self.0.update(path.as_bytes(), &bytes_of(config)?, wire::Format::Json);
        let out = js_sys::Object::new();
        js_sys::Reflect::set(&out, &"accepted".into(), &update.accepted.into())?;
        js_sys::Reflect::set(&out, &"diagnostics".into(), &value_of(&update.diagnostics)?)?;
        Ok(JsValue::from(out).unchecked_into())
    }

    /// Removes a path; false when it is not known.
    pub fn remove(&mut self, path: &str) -> bool {
        self.0.remove(path.as_bytes())
    }

    /// An instance of the configuration as it stands; nothing when nothing in it would ever run.
    pub fn build(&mut self) -> Option<Instance> {
        self.0.build().map(Instance)
    }
}

/// What evaluates; it never changes.
#[wasm_bindgen]
pub struct Instance(wire::Instance);

#[wasm_bindgen]
impl Instance {
    /// The addresses that rules look at.
    ///
    /// # Errors
    /// None that a caller could meet.
    pub fn addresses(&self) -> Result<Names, JsValue> {
        Ok(value_of(self.0.addresses())?.unchecked_into())
    }

    /// The types of actions that can be asked for.
    ///
    /// # Errors
    /// None that a caller could meet.
    pub fn actions(&self) -> Result<Names, JsValue> {
        Ok(value_of(self.0.actions())?.unchecked_into())
    }

    /// A context for one request.
    #[must_use]
    pub fn context(&self) -> Context {
        Context { context: self.0.context(), result: Vec::new() }
    }
}

/// One request: what it has shown so far, and what has been reported of it.
#[wasm_bindgen]
pub struct Context {
    context: wire::Context,
    result: Vec<u8>,
}

#[wasm_bindgen]
impl Context {
    /// Evaluates addresses. Gives the result, or nothing when nothing matched.
    ///
    /// # Errors
    /// The document cannot be read, or is not a map (a list of maps with `batches`).
    pub fn eval(&mut self, data: &Document, options: Option<Options>) -> Result<Outcome, JsValue> {
        let value =
            if self.run(data, options.as_ref())? { value_of(&self.result)? } else { JsValue::UNDEFINED };
        Ok(value.unchecked_into())
    }

    /// Evaluates addresses, and gives the result as JSON text, as the engine wrote it.
    ///
    /// # Errors
    /// As `eval`.
    #[wasm_bindgen(js_name = evalJson)]
    pub fn eval_json(
        &mut self,
        data: &Document,
        options: Option<Options>,
    ) -> Result<Option<String>, JsValue> {
        let matched = self.run(data, options.as_ref())?;
        Ok(matched.then(|| String::from_utf8_lossy(&self.result).into_owned()))
    }

    /// A context that starts as a copy of this one; nothing flows back.
    #[must_use]
    pub fn subcontext(&self) -> Self {
        Self { context: self.context.subcontext(), result: Vec::new() }
    }

    fn run(&mut self, data: &Document, options: Option<&Options>) -> Result<bool, JsValue> {
        let request = request(options.map_or(&JsValue::UNDEFINED, |options| options))?;
        let data = bytes_of(data)?;
        let outcome = self.context.eval(&data, request, &mut self.result);
        outcome.map_err(|error| js_sys::Error::new(&error.to_string()).into())
    }
}
