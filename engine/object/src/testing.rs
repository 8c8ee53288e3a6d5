//! What the tests of this crate share: an allocator that keeps books, and values as readable text.

use crate::{AllocRef, Allocator, Global, Object, View};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use core::ptr::{NonNull, null_mut};

/// An allocator that knows what it gave out, insists on getting back exactly that, and can refuse.
#[derive(Default)]
pub(crate) struct Ledger {
    live: RefCell<BTreeMap<usize, (usize, usize)>>,
    requests: RefCell<Vec<(usize, usize)>>,
    refuse: Cell<Option<(usize, bool)>>,
}

impl Ledger {
    /// A ledger that refuses the request with this number, and with `ever_after` all later ones.
    pub(crate) fn refusing(number: usize, ever_after: bool) -> Self {
        let ledger = Self::default();
        ledger.refuse.set(Some((number, ever_after)));
        ledger
    }

    pub(crate) fn handle(&self) -> AllocRef {
        // SAFETY: tests drop what they make before the ledger, on the same thread.
        unsafe { AllocRef::from_raw(NonNull::from(self as &dyn Allocator)) }
    }

    /// Size and alignment of every request so far, refused ones too.
    pub(crate) fn requests(&self) -> Vec<(usize, usize)> {
        self.requests.borrow().clone()
    }

    pub(crate) fn is_settled(&self) -> bool {
        self.live.borrow().is_empty()
    }
}

// SAFETY: memory comes from and goes back to `Global` with the same numbers, which are checked.
unsafe impl Allocator for Ledger {
    fn allocate(&self, size: usize, align: usize) -> *mut u8 {
        assert!(size > 0 && matches!(align, 1 | 8), "asked for {size} bytes at {align}");
        let number = self.requests.borrow().len();
        self.requests.borrow_mut().push((size, align));
        match self.refuse.get() {
            Some((first, ever_after)) if number == first || ever_after && number > first => null_mut(),
            _ => {
                let memory = Global.allocate(size, align);
                self.live.borrow_mut().insert(memory.addr(), (size, align));
                memory
            }
        }
    }

    unsafe fn deallocate(&self, ptr: *mut u8, size: usize, align: usize) {
        assert_eq!(self.live.borrow_mut().remove(&ptr.addr()), Some((size, align)));
        // SAFETY: just checked.
        unsafe { Global.deallocate(ptr, size, align) }
    }
}

/// Runs `build` with a refusal at every request, until it succeeds without one; whatever happens, nothing
/// may stay behind. Returns the number of requests of the successful run.
pub(crate) fn with_every_refusal(build: impl Fn(AllocRef) -> bool) -> usize {
    for ever_after in [false, true] {
        for number in 0.. {
            let ledger = Ledger::refusing(number, ever_after);
            let built = build(ledger.handle());
            assert!(ledger.is_settled(), "leak after refusal of request {number}");
            if ledger.requests().len() <= number {
                assert!(built, "refused without a refusal");
                if ever_after {
                    return number;
                }
                break;
            }
            assert!(!built, "built in spite of the refusal of request {number}");
        }
    }
    unreachable!("the loops return")
}

/// The value with everything that JSON hides: `u`nsigned, `i`nteger, `f`loat; the storage form of strings
/// (`s`mall, `h`eap, `l`iteral), invalid as `?`.
pub(crate) fn sketch(object: &Object) -> String {
    let join = |items: Vec<String>| items.join(" ");
    match object.view() {
        View::Invalid => "?".to_string(),
        View::Null => "null".to_string(),
        View::Bool(value) => value.to_string(),
        View::Signed(value) => format!("i{value}"),
        View::Unsigned(value) => format!("u{value}"),
        View::Float(value) => format!("f{value:?}"),
        View::String(bytes) => {
            let form = match object.tag() {
                crate::object::tag::SMALL => 's',
                crate::object::tag::LITERAL => 'l',
                _ => 'h',
            };
            format!("{form}\"{}\"", bytes.escape_ascii())
        }
        View::Array(items) => format!("[{}]", join(items.iter().map(sketch).collect())),
        View::Map(entries) => {
            let pair = |entry: &crate::Entry| format!("{}:{}", sketch(&entry.key), sketch(&entry.value));
            format!("{{{}}}", join(entries.iter().map(pair).collect()))
        }
    }
}

/// Numbers that are the same in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}
