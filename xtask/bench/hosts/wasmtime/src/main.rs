//! Plays requests on the wasm module in wasmtime: one pass for each line that is read, answered with a line of
//! nanoseconds by request. `wasmtime-host MODULE RULES DOCUMENTS`; a line of DOCUMENTS is a request, a JSON array of the
//! documents of its evaluations.

use serde_json::Value;
use std::io::{BufRead, Write};
use std::time::Instant;
use wasmtime::{Engine, Error, Instance, Memory, Module, Store, TypedFunc};

type Eval = (i32, i32, i32, i64, i64, i64, i32, i32);

struct Host {
    store: Store<()>,
    memory: Memory,
    context_new: TypedFunc<i32, i32>,
    context_eval: TypedFunc<Eval, i32>,
    context_free: TypedFunc<i32, ()>,
    /// Room for a document, behind 8 bytes for the place of what is answered.
    room: usize,
    handle: i32,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [module, rules, documents] = &arguments[..] else { return Err("MODULE RULES DOCUMENTS".into()) };
    let mut requests = Vec::new();
    for line in std::fs::read_to_string(documents)?.lines() {
        let calls: Vec<Value> = serde_json::from_str(line)?;
        requests.push(calls.iter().map(|call| call.to_string().into_bytes()).collect::<Vec<_>>());
    }
    let mut host = Host::new(module, &std::fs::read(rules)?)?;
    println!("ready");
    for line in std::io::stdin().lock().lines() {
        line?;
        let mut times = Vec::with_capacity(requests.len());
        for calls in &requests {
            let began = Instant::now();
            host.play(calls)?;
            times.push(began.elapsed().as_nanos() as u64);
        }
        println!("{}", Value::from(times));
        std::io::stdout().flush()?;
    }
    Ok(())
}

impl Host {
    fn new(module: &str, rules: &[u8]) -> Result<Self, Error> {
        let engine = Engine::default();
        let module = Module::new(&engine, std::fs::read(module)?)?;
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[])?;
        let memory = instance.get_memory(&mut store, "memory").expect("the module exports its memory");
        let alloc = instance.get_typed_func::<i32, i32>(&mut store, "bartizan_alloc")?;
        let room = alloc.call(&mut store, 4 << 20)? as usize;
        let make = instance.get_typed_func::<(), i32>(&mut store, "bartizan_builder_new")?;
        let builder = make.call(&mut store, ())?;
        let update = instance.get_typed_func::<(i32, i32, i32, i32, i32, i32, i32), i32>(
            &mut store,
            "bartizan_builder_update",
        )?;
        memory.write(&mut store, room + 8, b"rules")?;
        memory.write(&mut store, room + 16, rules)?;
        let at = room as i32;
        let taken = update.call(&mut store, (builder, at + 8, 5, at + 16, rules.len() as i32, 0, at))?;
        assert_eq!(taken, 1, "the rules are refused");
        let build = instance.get_typed_func::<i32, i32>(&mut store, "bartizan_builder_build")?;
        let handle = build.call(&mut store, builder)?;
        Ok(Host {
            context_new: instance.get_typed_func(&mut store, "bartizan_context_new")?,
            context_eval: instance.get_typed_func(&mut store, "bartizan_context_eval")?,
            context_free: instance.get_typed_func(&mut store, "bartizan_context_free")?,
            store,
            memory,
            room,
            handle,
        })
    }

    fn play(&mut self, calls: &[Vec<u8>]) -> Result<(), Error> {
        let context = self.context_new.call(&mut self.store, self.handle)?;
        for document in calls {
            self.memory.write(&mut self.store, self.room + 8, document)?;
            let at = self.room as i32;
            let arguments = (context, at + 8, document.len() as i32, 1_800_000_000, 1, -1, 0, at);
            let code = self.context_eval.call(&mut self.store, arguments)?;
            assert!(code >= 0, "an evaluation failed with {code}");
        }
        self.context_free.call(&mut self.store, context)
    }
}
