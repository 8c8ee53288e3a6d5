//! The wasm module in an interpreter: one document in, one out.

use super::door::Door;
use crate::value::{Text, Value};
use wasmi::{Engine, Instance, Linker, Memory, Module, Store, WasmParams, WasmResults};

/// Where the module leaves pointer and length of a document.
const BUFFER_LEN: u32 = 8;

pub(crate) struct Wasm {
    store: Store<()>,
    module: Instance,
    memory: Memory,
    out: u32,
    instance: u32,
}

impl Wasm {
    pub(crate) fn open(path: &str) -> Result<Self, String> {
        let bytes = std::fs::read(path).map_err(|e| format!("cannot read {path}: {e}"))?;
        let engine = Engine::default();
        let module = Module::new(&engine, &bytes).map_err(|e| format!("{path}: {e}"))?;
        let mut store = Store::new(&engine, ());
        let linker = Linker::<()>::new(&engine);
        let module = linker
            .instantiate_and_start(&mut store, &module)
            .map_err(|e| format!("{path} needs a host: {e}"))?;
        let memory = module.get_memory(&store, "memory").ok_or("the module exports no memory")?;
        let mut wasm = Wasm { store, module, memory, out: 0, instance: 0 };
        wasm.out = wasm.call("bartizan_alloc", BUFFER_LEN)?;
        Ok(wasm)
    }

    fn call<P: WasmParams, R: WasmResults>(&mut self, name: &str, parameters: P) -> Result<R, String> {
        let function =
            self.module.get_typed_func::<P, R>(&self.store, name).map_err(|e| format!("{name}: {e}"))?;
        function.call(&mut self.store, parameters).map_err(|e| format!("{name}: {e}"))
    }

    fn lend(&mut self, bytes: &[u8]) -> Result<(u32, u32), String> {
        let len = bytes.len() as u32;
        let pointer: u32 = self.call("bartizan_alloc", len)?;
        self.memory.write(&mut self.store, pointer as usize, bytes).map_err(|e| e.to_string())?;
        Ok((pointer, len))
    }

    /// The document that the last call left.
    fn document(&self) -> Result<Value, String> {
        let mut buffer = [0; BUFFER_LEN as usize];
        self.memory.read(&self.store, self.out as usize, &mut buffer).map_err(|e| e.to_string())?;
        let number =
            |at| u32::from_le_bytes([buffer[at], buffer[at + 1], buffer[at + 2], buffer[at + 3]]) as usize;
        let mut bytes = vec![0; number(4)];
        self.memory.read(&self.store, number(0), &mut bytes).map_err(|e| e.to_string())?;
        let json: serde_json::Value =
            serde_json::from_slice(&bytes).map_err(|e| format!("a result that is not JSON: {e}"))?;
        Value::from_plain(&json)
    }
}

impl Door for Wasm {
    type Context = u32;

    fn name(&self) -> String {
        "wasm module in an interpreter".to_owned()
    }

    fn load(&mut self, ruleset: &Value) -> Result<bool, String> {
        if self.instance != 0 {
            self.call::<_, ()>("bartizan_instance_free", self.instance)?;
        }
        let builder: u32 = self.call("bartizan_builder_new", ())?;
        let (path, path_len) = self.lend(b"rules")?;
        let (config, config_len) = self.lend(&plain(ruleset))?;
        let out = self.out;
        let parameters = (builder, path, path_len, config, config_len, 0u32, out);
        let _: i32 = self.call("bartizan_builder_update", parameters)?;
        self.call::<_, ()>("bartizan_free", (path, path_len))?;
        self.call::<_, ()>("bartizan_free", (config, config_len))?;
        self.instance = self.call("bartizan_builder_build", builder)?;
        self.call::<_, ()>("bartizan_builder_free", builder)?;
        Ok(self.instance != 0)
    }

    fn context(&mut self) -> Result<u32, String> {
        self.call("bartizan_context_new", self.instance)
    }

    fn subcontext(&mut self, context: &u32) -> Result<u32, String> {
        self.call("bartizan_subcontext_new", *context)
    }

    fn eval(&mut self, context: &mut u32, data: &Value) -> Result<(i32, Value), String> {
        let now_s =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs());
        let (pointer, len) = self.lend(&plain(data))?;
        let parameters = (*context, pointer, len, now_s, 1u64, u64::MAX, 0u32, self.out);
        let code: i32 = self.call("bartizan_context_eval", parameters)?;
        self.call::<_, ()>("bartizan_free", (pointer, len))?;
        Ok((code, if code == 1 { self.document()? } else { Value::Map(Vec::new()) }))
    }

    fn close(&mut self, context: u32) -> Result<(), String> {
        self.call("bartizan_context_free", context)
    }
}

/// A value as any host writes it in JSON.
fn plain(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut Vec<u8>) {
    let string = |text: &Text, out: &mut Vec<u8>| {
        let text = String::from_utf8_lossy(&text.bytes);
        out.extend_from_slice(serde_json::Value::from(text).to_string().as_bytes());
    };
    match value {
        Value::Invalid | Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(value) => out.extend_from_slice(value.to_string().as_bytes()),
        Value::Signed(value) => out.extend_from_slice(value.to_string().as_bytes()),
        Value::Unsigned(value) => out.extend_from_slice(value.to_string().as_bytes()),
        // With a point, so that it stays a float.
        Value::Float(value) => out.extend_from_slice(format!("{value:?}").as_bytes()),
        Value::String(text) => string(text, out),
        Value::Array(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write(item, out);
            }
            out.push(b']');
        }
        Value::Map(entries) => {
            out.push(b'{');
            for (at, (key, value)) in entries.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                string(key, out);
                out.push(b':');
                write(value, out);
            }
            out.push(b'}');
        }
    }
}
