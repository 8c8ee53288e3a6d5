//! What happens outside a call: in other threads, and in the callback for messages.

use crate::library::{Data, Instance, Library};
use crate::value::{Value, map};
use std::cell::Cell;
use std::ffi::c_char;
use std::rc::Rc;

/// Handles that threads share, as the ABI allows.
struct Shared<T>(T);

// SAFETY: an instance may be used by many threads, and so may the functions; each thread has a context of its own.
unsafe impl<T> Send for Shared<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for Shared<T> {}

impl<T> Shared<T> {
    /// All of it: a closure that took the field alone would not be shared.
    fn get(&self) -> &T {
        &self.0
    }
}

/// What so many threads get for the same data, and whether it is the same for all.
pub(crate) fn threads(instance: &Rc<Instance<'_>>, count: u32, data: &Value) -> Result<Value, String> {
    let shared = Shared(&**instance);
    let shared = &shared;
    let answers: Vec<Result<Value, String>> = std::thread::scope(|scope| {
        let run = || {
            let mut context = shared.get().context();
            let (code, result) = context.eval(Data::Given(data), false, 60_000_000, false)?;
            let known = shared.get().known_addresses().len() as u64;
            let mut answer = map([("code", Value::Signed(code.into())), ("known", Value::Unsigned(known))]);
            if let Some(result) = result {
                answer.put("result", result);
            }
            Ok(answer)
        };
        let threads: Vec<_> = (0..count).map(|_| scope.spawn(run)).collect();
        let ended = |thread: std::thread::ScopedJoinHandle<'_, _>| {
            thread.join().unwrap_or_else(|_| Err("a thread panicked".into()))
        };
        threads.into_iter().map(ended).collect()
    });
    let mut answers = answers.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter();
    let Some(mut first) = answers.next() else { return Ok(Value::Null) };
    let is_alike = answers.all(|answer| told(&answer) == told(&first));
    first.put("alike", Value::Bool(is_alike));
    Ok(first)
}

/// How many events, actions and attributes, of which ids and times are no part.
fn told(answer: &Value) -> (Option<Value>, [usize; 3]) {
    let result = answer.get("result");
    let count = |name: &str| {
        let part = result.and_then(|result| result.get(name));
        part.map_or(0, |part| part.items().len() + part.entries().len())
    };
    (answer.get("code").cloned(), [count("events"), count("actions"), count("attributes")])
}

thread_local! {
    /// Messages, and the lowest of their levels.
    static TOLD: Cell<(u64, i32)> = const { Cell::new((0, i32::MAX)) };
}

const OFF: i32 = 5;

unsafe extern "C" fn note(
    level: i32,
    function: *const c_char,
    file: *const c_char,
    _: u32,
    text: *const c_char,
    len: u64,
) {
    let (count, lowest) = TOLD.get();
    // A message without its parts is told apart by a level that there is not.
    let is_whole = !function.is_null() && !file.is_null() && !text.is_null() && len > 0;
    TOLD.set((count + 1, lowest.min(if is_whole { level } else { i32::MIN })));
}

/// Whether a callback is taken, hears nothing below its level, and nothing at all once it is off.
pub(crate) fn log(library: &Library, level: u32, config: &Value) -> Result<Value, String> {
    let level = i32::try_from(level).map_err(|e| e.to_string())?;
    TOLD.set((0, i32::MAX));
    // SAFETY: the callback takes what the ABI declares; no other thread uses the library now.
    let taken = unsafe { (library.set_log_cb)(Some(note), level) };
    library.builder().update("p", config)?;
    let (_, lowest) = TOLD.get();
    // SAFETY: as above.
    let off = unsafe { (library.set_log_cb)(None, OFF) };
    TOLD.set((0, i32::MAX));
    library.builder().update("p", config)?;
    Ok(map([
        ("taken", Value::Bool(taken && off)),
        ("kept", Value::Bool(lowest >= level)),
        ("silent", Value::Bool(TOLD.get().0 == 0)),
    ]))
}
