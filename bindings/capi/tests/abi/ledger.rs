//! A user allocator that keeps books, insists on getting back exactly what it gave, and can refuse.

use bartizan_capi::*;
use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::HashMap;
use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::Mutex;

/// Which requests are refused, by number from 0.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Refuse {
    #[default]
    Nothing,
    Only(usize),
    From(usize),
}

#[derive(Default)]
struct Books {
    live: HashMap<usize, (usize, usize)>,
    requests: usize,
    refuse: Refuse,
    /// A refusal panics instead of returning null.
    violent: bool,
    given_back: Vec<(usize, usize)>,
    faults: Vec<String>,
}

pub(crate) struct Ledger {
    books: Box<Mutex<Books>>,
    handle: *mut AllocatorHandle,
}

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size.max(1), align).expect("sizes and alignments that make sense")
}

unsafe extern "C-unwind" fn allocate(data: *mut c_void, size: usize, align: usize) -> *mut c_void {
    let books: &Mutex<Books> = unsafe { &*data.cast() };
    let mut books = books.lock().expect("no panic under the lock");
    let number = books.requests;
    books.requests += 1;
    let refused = match books.refuse {
        Refuse::Nothing => false,
        Refuse::Only(at) => number == at,
        Refuse::From(at) => number >= at,
    };
    if refused {
        let violent = books.violent;
        drop(books);
        assert!(!violent, "the allocator panics, as it should");
        return null_mut();
    }
    let memory = unsafe { System.alloc(layout(size, align)) };
    books.live.insert(memory.addr(), (size, align));
    memory.cast()
}

unsafe extern "C-unwind" fn free(data: *mut c_void, memory: *mut c_void, size: usize, align: usize) {
    let books: &Mutex<Books> = unsafe { &*data.cast() };
    let mut books = books.lock().expect("no panic under the lock");
    let given = books.live.remove(&memory.addr());
    books.given_back.push((size, align));
    if given == Some((size, align)) {
        unsafe { System.dealloc(memory.cast(), layout(size, align)) }
    } else {
        books.faults.push(format!("{memory:?} was {given:?}, came back as ({size}, {align})"));
    }
}

impl Ledger {
    pub(crate) fn new() -> Self {
        let books: Box<Mutex<Books>> = Box::default();
        let data = (&raw const *books).cast_mut().cast();
        let handle = unsafe { ddwaf_user_allocator_init(Some(allocate), Some(free), data, None) };
        assert!(!handle.is_null());
        Self { books, handle }
    }

    pub(crate) fn refusing(refuse: Refuse, violent: bool) -> Self {
        let ledger = Self::new();
        ledger.with(|books| (books.refuse, books.violent) = (refuse, violent));
        ledger
    }

    fn with<T>(&self, action: impl FnOnce(&mut Books) -> T) -> T {
        action(&mut self.books.lock().expect("no panic under the lock"))
    }

    pub(crate) fn handle(&self) -> *mut AllocatorHandle {
        self.handle
    }

    /// Memory as a program gets it that hands a string over.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> *mut std::ffi::c_char {
        let memory: *mut u8 = unsafe { ddwaf_allocator_alloc(self.handle, bytes.len(), 1) }.cast();
        if !memory.is_null() {
            unsafe { memory.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
        }
        memory.cast()
    }

    pub(crate) fn requests(&self) -> usize {
        self.with(|books| books.requests)
    }

    pub(crate) fn live(&self) -> usize {
        self.with(|books| books.live.len())
    }

    /// Sizes and alignments that came back since the last time this was asked, in order of size.
    pub(crate) fn given_back(&self) -> Vec<(usize, usize)> {
        let mut list = self.with(|books| std::mem::take(&mut books.given_back));
        list.sort_unstable();
        list
    }

    /// All came back, each as it was asked for.
    #[track_caller]
    pub(crate) fn assert_settled(&self) {
        self.with(|books| {
            assert_eq!(books.faults, Vec::<String>::new());
            assert!(
                books.live.is_empty(),
                "{} allocations were not freed: {:?}",
                books.live.len(),
                books.live
            );
        });
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        unsafe { ddwaf_allocator_destroy(self.handle) };
    }
}
