//! Contexts and subcontexts.

use crate::allocator::{AllocatorHandle, alloc_ref};
use crate::guard::guard;
use crate::instance::InstanceHandle;
use crate::log::{ERROR, INFO, WARN, log};
use bartizan_engine::{Call, Context, EvalError, Outcome};
use bartizan_object::{AllocRef, Input, Object, Owned};
use bartizan_wire::clock;
use std::mem::replace;
use std::ptr::null_mut;

const ERR_INTERNAL: i32 = -3;
const ERR_INVALID_OBJECT: i32 = -2;
const ERR_INVALID_ARGUMENT: i32 = -1;
const OK: i32 = 0;
const MATCH: i32 = 1;

/// What log messages about all four forms of evaluation are attributed to.
const FUNCTION: &std::ffi::CStr = c"ddwaf_context_eval";

/// What a `ddwaf_context` and a `ddwaf_subcontext` point to.
pub struct ContextHandle {
    context: Context,
    output: AllocRef,
    /// A panic inside leaves the state unknown: such a context answers with an error from then on.
    poisoned: bool,
    /// Data that came after that. It is freed when all data is: with the context.
    unused: Vec<Input>,
}

fn new(context: Option<(Context, AllocRef)>) -> *mut ContextHandle {
    let Some((context, output)) = context else { return null_mut() };
    Box::into_raw(Box::new(ContextHandle { context, output, poisoned: false, unused: Vec::new() }))
}

/// `ddwaf_context_init`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_context_init(
    handle: *const InstanceHandle,
    output: *mut AllocatorHandle,
) -> *mut ContextHandle {
    guard(null_mut(), || {
        // SAFETY: live handles or null; the allocator outlives the results.
        let (handle, output) = unsafe { (handle.as_ref(), alloc_ref(output)) };
        new(handle.map(|handle| handle.instance.context()).zip(output))
    })
}

/// `ddwaf_subcontext_init`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_subcontext_init(context: *const ContextHandle) -> *mut ContextHandle {
    guard(null_mut(), || {
        // SAFETY: a live handle or null.
        let parent = unsafe { context.as_ref() }.filter(|parent| !parent.poisoned);
        new(parent.map(|parent| (parent.context.subcontext(), parent.output)))
    })
}

/// `ddwaf_context_eval`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_context_eval(
    context: *mut ContextHandle,
    data: *mut Object,
    alloc: *mut AllocatorHandle,
    result: *mut Object,
    timeout_us: u64,
) -> i32 {
    // SAFETY: what the header demands.
    unsafe { eval(context, data, alloc, result, timeout_us, false) }
}

/// `ddwaf_context_multieval`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_context_multieval(
    context: *mut ContextHandle,
    data: *mut Object,
    alloc: *mut AllocatorHandle,
    result: *mut Object,
    timeout_us: u64,
) -> i32 {
    // SAFETY: what the header demands.
    unsafe { eval(context, data, alloc, result, timeout_us, true) }
}

/// `ddwaf_subcontext_eval`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_subcontext_eval(
    context: *mut ContextHandle,
    data: *mut Object,
    alloc: *mut AllocatorHandle,
    result: *mut Object,
    timeout_us: u64,
) -> i32 {
    // SAFETY: what the header demands.
    unsafe { eval(context, data, alloc, result, timeout_us, false) }
}

/// `ddwaf_subcontext_multieval`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_subcontext_multieval(
    context: *mut ContextHandle,
    data: *mut Object,
    alloc: *mut AllocatorHandle,
    result: *mut Object,
    timeout_us: u64,
) -> i32 {
    // SAFETY: what the header demands.
    unsafe { eval(context, data, alloc, result, timeout_us, true) }
}

unsafe fn eval(
    context: *mut ContextHandle,
    data: *mut Object,
    alloc: *mut AllocatorHandle,
    result: *mut Object,
    timeout_us: u64,
    batches: bool,
) -> i32 {
    // SAFETY: a live handle and a well-formed object, or null.
    let (Some(handle), Some(data)) = (unsafe { (context.as_mut(), data.as_ref()) }) else {
        return ERR_INVALID_ARGUMENT;
    };
    guard(ERR_INTERNAL, || {
        // SAFETY: with an allocator the call takes the data over; without, the caller keeps it alive and
        // unchanged as long as the context.
        let input = unsafe { Input::from_raw(data.alias(), alloc_ref(alloc)) };
        let call = Call {
            now_s: clock::now_s(),
            entropy: clock::entropy(),
            budget: u64::MAX,
            clock: clock::monotonic(),
            timeout_ns: timeout_us.saturating_mul(1000).min(i64::MAX as u64),
        };
        let (code, object) = handle.eval(input, &call, batches, !result.is_null());
        if let Some(object) = object {
            // SAFETY: writable, and what it held is the caller's to free.
            unsafe { result.write(object.into_object()) };
        }
        code
    })
}

impl ContextHandle {
    /// Evaluates, unless the context is dead, and kills it when that panics. Gives an object only if it is
    /// `wanted` and the code is no error.
    fn eval(&mut self, input: Input, call: &Call<'_>, batches: bool, wanted: bool) -> (i32, Option<Owned>) {
        // Cleared at the end: a panic on the way leaves it set.
        if replace(&mut self.poisoned, true) {
            self.unused.push(input);
            return (ERR_INTERNAL, None);
        }
        guard((ERR_INTERNAL, None), || {
            let outcome =
                if batches { self.context.eval_batches(input, call) } else { self.context.eval(input, call) };
            let answer = match outcome {
                Ok(outcome) => answer(outcome, wanted.then_some(self.output)),
                Err(error) => {
                    log(WARN, FUNCTION, || error.to_string());
                    match error {
                        EvalError::NotAMap => (ERR_INVALID_OBJECT, None),
                        EvalError::Alloc => (ERR_INTERNAL, None),
                    }
                }
            };
            self.poisoned = false;
            answer
        })
    }
}

/// An outcome as code and, in the memory of `output`, as object.
fn answer(mut outcome: Outcome<'_>, output: Option<AllocRef>) -> (i32, Option<Owned>) {
    if outcome.timed_out() {
        log(INFO, FUNCTION, || "time was up before everything was evaluated".to_owned());
    }
    let code = if outcome.is_match() { MATCH } else { OK };
    match output.map(|output| outcome.to_object(output)).transpose() {
        Ok(object) => (code, object),
        Err(error) => {
            log(ERROR, FUNCTION, || format!("no memory for the result: {error}"));
            (ERR_INTERNAL, None)
        }
    }
}

/// `ddwaf_context_destroy`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_context_destroy(context: *mut ContextHandle) {
    guard((), || {
        if !context.is_null() {
            // SAFETY: a live handle, not used again.
            drop(unsafe { Box::from_raw(context) });
        }
    })
}

/// `ddwaf_subcontext_destroy`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_subcontext_destroy(context: *mut ContextHandle) {
    // SAFETY: a live handle, not used again, or null.
    unsafe { ddwaf_context_destroy(context) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ddwaf_destroy, ddwaf_get_default_allocator, ddwaf_init};
    use bartizan_engine::Clock;
    use bartizan_object::json;
    use std::cell::Cell;

    /// Goes off when it was read so many times.
    struct Bomb(Cell<u32>);

    impl Clock for Bomb {
        fn now_ns(&self) -> u64 {
            assert!(self.0.get() > 0, "the bomb went off, as it should");
            self.0.set(self.0.get() - 1);
            0
        }
    }

    #[test]
    fn a_panic_kills_its_context_and_no_other() {
        let config = json::parse(
            br#"{"rules":[{"id":"a","name":"a","tags":{"type":"t"},"conditions":[{"operator":"match_regex",
                "parameters":{"regex":"ev.l","inputs":[{"address":"a"}]}}]}]}"#,
            AllocRef::global(),
        )
        .expect("JSON");
        let data = || Input::from(json::parse(br#"{"a":["evil"]}"#, AllocRef::global()).expect("JSON"));
        // SAFETY: handles are live until they are destroyed, below.
        unsafe {
            let instance = ddwaf_init(&raw const *config, null_mut());
            let new = || ddwaf_context_init(instance, ddwaf_get_default_allocator());
            let mut reads = 0;
            loop {
                let (dead, alive) = (new(), new());
                let bomb = Bomb(Cell::new(reads));
                let call = Call { clock: Some(&bomb), timeout_ns: 1, ..Call::default() };
                let (code, object) = (*dead).eval(data(), &call, false, true);
                assert_eq!(object.is_none(), code == ERR_INTERNAL);
                if code != ERR_INTERNAL {
                    // There is no further reading of the clock in which it could go off.
                    assert!(reads > 2 && code == MATCH, "{reads} {code}");
                    ddwaf_context_destroy(dead);
                    ddwaf_context_destroy(alive);
                    break;
                }
                assert_eq!((*dead).eval(data(), &Call::default(), false, true).0, ERR_INTERNAL);
                assert!((*dead).unused.len() == 1 && ddwaf_subcontext_init(dead).is_null());
                // Destroying it gives its working memory back, with which the other must do.
                ddwaf_context_destroy(dead);
                assert_eq!((*alive).eval(data(), &Call::default(), false, true).0, MATCH);
                ddwaf_context_destroy(alive);
                reads += 1;
            }
            ddwaf_destroy(instance);
        }
    }
}
