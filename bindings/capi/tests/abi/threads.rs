//! One instance, many threads.

use crate::fixture::*;
use crate::ledger::Ledger;
use bartizan_capi::*;
use std::ptr::null_mut;

/// Handles that threads share, as a C program would.
struct Shared<T>(*mut T);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Shared<T> {}

// SAFETY: the functions that the tests call may be called from any thread.
unsafe impl<T> Send for Shared<T> {}

impl<T> Shared<T> {
    fn get(self) -> *mut T {
        self.0
    }
}

#[test]
fn many_threads_get_the_answers_of_one() {
    let handle = instance(CONFIG);
    let requests = [
        (r#"{"a":"evil"}"#, vec!["a"]),
        (r#"{"a":["good","evil"],"c":{"x":1}}"#, vec!["a", "c"]),
        (r#"{"b":"evil"}"#, vec!["b"]),
        (r#"{"a":"good","b":{"k":"good"},"c":{},"d":"192.168.0.1"}"#, vec![]),
        (r#"{"d":"10.9.8.7"}"#, vec!["d"]),
    ];
    let shared = Shared(handle);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let requests = &requests;
            scope.spawn(move || {
                let handle = shared.get();
                let ledger = Ledger::new();
                for round in 0..100 {
                    let (data, want) = &requests[(round + thread) % requests.len()];
                    unsafe {
                        let mut size = 0;
                        assert_eq!(names(ddwaf_known_addresses(handle, &mut size), size).len(), 4);
                        let context = ddwaf_context_init(handle, ledger.handle());
                        let (_, result) =
                            eval_as(ddwaf_context_eval, context, data, ledger.handle(), ledger.handle());
                        assert_eq!(ids(&result.expect("no error")), *want);
                        ddwaf_context_destroy(context);
                    }
                }
                ledger.assert_settled();
            });
        }
    });
    unsafe { ddwaf_destroy(handle) };
}

#[test]
fn subcontexts_run_beside_their_parent_and_each_other() {
    let handle = instance(CONFIG);
    let ledger = Ledger::new();
    unsafe {
        let parent = ddwaf_context_init(handle, default());
        let mut data = from_json(r#"{"c":{"x":"a string that all of them look at"}}"#, ledger.handle());
        assert_eq!(ddwaf_context_eval(parent, &mut data, ledger.handle(), null_mut(), LONG), MATCH);
        let children: Vec<_> = (0..8).map(|_| Shared(ddwaf_subcontext_init(parent))).collect();
        let alloc = Shared(ledger.handle());
        std::thread::scope(|scope| {
            for (number, child) in children.into_iter().enumerate() {
                scope.spawn(move || {
                    let (child, alloc) = (child.get(), alloc.get());
                    for round in 0..50 {
                        let text = format!(r#"{{"a":"evil {number} {round}","c":{{"x":1}}}}"#);
                        let (code, result) = eval_as(ddwaf_subcontext_eval, child, &text, alloc, default());
                        assert_eq!(code, if round == 0 { MATCH } else { OK });
                        assert_eq!(ids(&result.expect("no error")).len(), usize::from(round == 0));
                    }
                    ddwaf_subcontext_destroy(child);
                });
            }
            assert_eq!(eval(parent, r#"{"b":"evil"}"#), (MATCH, vec!["b".into()]));
        });
        ddwaf_context_destroy(parent);
        ddwaf_destroy(handle);
    }
    ledger.assert_settled();
}

#[test]
fn a_synchronised_pool_serves_many() {
    let pool = Shared(ddwaf_synchronized_pool_allocator_init());
    std::thread::scope(|scope| {
        for thread in 0..8 {
            scope.spawn(move || {
                let pool = pool.get();
                for round in 0..200 {
                    let json =
                        format!(r#"{{"key {thread}":["a string of round {round}",[1,2,3],{{"a":"b"}}]}}"#);
                    let mut object = from_json(&json, pool);
                    let mut copy = fresh();
                    unsafe {
                        ddwaf_object_clone(&object, &mut copy, pool);
                        ddwaf_object_destroy(&mut object, pool);
                        assert_eq!(text(&copy), json);
                        ddwaf_object_destroy(&mut copy, pool);
                    }
                }
            });
        }
    });
    unsafe { ddwaf_allocator_destroy(pool.get()) };
}
