//! Allocators that clients can choose.

mod pool;

use crate::guard::guard;
use crate::log::{ERROR, log};
use bartizan_object::{AllocRef, Allocator, Object, Owned};
use pool::{Bump, Pool};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::ffi::c_void;
use std::ptr::{NonNull, null_mut};
use std::sync::Mutex;

// Callbacks may unwind. A panic that comes out of one is caught right there, as unwinding through values that
// are being freed would end the process: allocating counts as refused, freeing as done.

/// `ddwaf_alloc_fn_type`: user data, size, alignment.
pub type AllocFn = unsafe extern "C-unwind" fn(*mut c_void, usize, usize) -> *mut c_void;
/// `ddwaf_free_fn_type`: user data, memory, size, alignment.
pub type FreeFn = unsafe extern "C-unwind" fn(*mut c_void, *mut c_void, usize, usize);
/// `ddwaf_udata_free_fn_type`: user data.
pub type UserDataFreeFn = unsafe extern "C-unwind" fn(*mut c_void);

/// What a `ddwaf_allocator` points to.
pub struct AllocatorHandle(Kind);

enum Kind {
    /// `malloc` and `free`, whatever allocator a Rust program around us has chosen for itself.
    Default,
    SynchronizedPool(Mutex<Pool>),
    UnsynchronizedPool(UnsafeCell<Pool>),
    Monotonic(UnsafeCell<Bump>),
    User {
        alloc: AllocFn,
        free: FreeFn,
        data: *mut c_void,
        data_free: Option<UserDataFreeFn>,
    },
}

// SAFETY: the unsynchronised kinds are used by one thread at a time, as the header demands; the others
// synchronise themselves or are stateless.
unsafe impl Sync for AllocatorHandle {}
// SAFETY: as above; user data may move between threads, as the header says.
unsafe impl Send for AllocatorHandle {}

static DEFAULT: AllocatorHandle = AllocatorHandle(Kind::Default);

/// Where there is nothing to allocate there is still an address to hand out and to take back.
fn layout(size: usize, align: usize) -> Option<Layout> {
    Layout::from_size_align(size.max(1), align).ok()
}

// SAFETY: each kind hands out memory of the size and alignment asked for and takes it back.
unsafe impl Allocator for AllocatorHandle {
    fn allocate(&self, size: usize, align: usize) -> *mut u8 {
        match &self.0 {
            // SAFETY: the layout's size is at least 1.
            Kind::Default => layout(size, align).map_or(null_mut(), |layout| unsafe { System.alloc(layout) }),
            Kind::SynchronizedPool(pool) => match pool.lock() {
                Ok(mut pool) => pool.allocate(size, align),
                Err(_) => null_mut(),
            },
            // SAFETY: one thread at a time, and the borrow ends here.
            Kind::UnsynchronizedPool(pool) => unsafe { &mut *pool.get() }.allocate(size, align),
            // SAFETY: as above.
            Kind::Monotonic(bump) => unsafe { &mut *bump.get() }.allocate(size, align),
            Kind::User { alloc, data, .. } => guard(null_mut(), || {
                // SAFETY: the client's function with the client's data.
                unsafe { alloc(*data, size, align) }.cast()
            }),
        }
    }

    /// Takes null and sizes of 0, as objects that a client put together may carry them; what the client's
    /// own function makes of those is the client's affair.
    unsafe fn deallocate(&self, ptr: *mut u8, size: usize, align: usize) {
        if let Kind::User { free, data, .. } = &self.0 {
            // SAFETY: the client's function with the client's data.
            return guard((), || unsafe { free(*data, ptr.cast(), size, align) });
        }
        if ptr.is_null() {
            return;
        }
        match &self.0 {
            Kind::Default => {
                if let Some(layout) = layout(size, align) {
                    // SAFETY: the caller's promise; `free` does not look at the size.
                    unsafe { System.dealloc(ptr, layout) }
                }
            }
            Kind::SynchronizedPool(pool) => {
                if let Ok(mut pool) = pool.lock() {
                    // SAFETY: the caller's promise.
                    unsafe { pool.deallocate(ptr, size, align) }
                }
            }
            Kind::UnsynchronizedPool(pool) => {
                // SAFETY: one thread at a time, and the borrow ends here; the rest is the caller's promise.
                unsafe { (*pool.get()).deallocate(ptr, size, align) }
            }
            Kind::Monotonic(_) | Kind::User { .. } => {}
        }
    }
}

impl Drop for AllocatorHandle {
    fn drop(&mut self) {
        if let Kind::User { data, data_free: Some(data_free), .. } = &self.0 {
            // SAFETY: the client's function with the client's data, called once.
            guard((), || unsafe { data_free(*data) });
        }
    }
}

/// # Safety
/// `allocator` is null or lives as long as everything made with it.
pub(crate) unsafe fn alloc_ref(allocator: *const AllocatorHandle) -> Option<AllocRef> {
    let handle = NonNull::new(allocator.cast_mut())?;
    // SAFETY: the caller's promise.
    Some(unsafe { AllocRef::from_raw(handle as NonNull<dyn Allocator>) })
}

/// The allocator that the client frees diagnostics and paths with.
pub(crate) fn default_ref() -> AllocRef {
    // SAFETY: a static lives for ever, and this one is stateless.
    unsafe { AllocRef::from_raw(NonNull::from(&DEFAULT as &dyn Allocator)) }
}

/// Writes a document where the client wants it, in the default allocator's memory; an invalid object when
/// there is no memory.
///
/// # Safety
/// `place` is null or writable; what it held is the client's to free.
pub(crate) unsafe fn hand_over(document: &Owned, place: *mut Object) {
    if !place.is_null() {
        let copy = document.clone_in(default_ref()).unwrap_or(Object::invalid());
        // SAFETY: the caller's promise; null was ruled out.
        unsafe { place.write(copy) }
    }
}

fn new(kind: Kind) -> *mut AllocatorHandle {
    guard(null_mut(), || Box::into_raw(Box::new(AllocatorHandle(kind))))
}

/// `ddwaf_get_default_allocator`
#[unsafe(no_mangle)]
pub extern "C" fn ddwaf_get_default_allocator() -> *mut AllocatorHandle {
    (&raw const DEFAULT).cast_mut()
}

/// `ddwaf_synchronized_pool_allocator_init`
#[unsafe(no_mangle)]
pub extern "C" fn ddwaf_synchronized_pool_allocator_init() -> *mut AllocatorHandle {
    new(Kind::SynchronizedPool(Mutex::default()))
}

/// `ddwaf_unsynchronized_pool_allocator_init`
#[unsafe(no_mangle)]
pub extern "C" fn ddwaf_unsynchronized_pool_allocator_init() -> *mut AllocatorHandle {
    new(Kind::UnsynchronizedPool(UnsafeCell::default()))
}

/// `ddwaf_monotonic_allocator_init`
#[unsafe(no_mangle)]
pub extern "C" fn ddwaf_monotonic_allocator_init() -> *mut AllocatorHandle {
    new(Kind::Monotonic(UnsafeCell::default()))
}

/// `ddwaf_user_allocator_init`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_user_allocator_init(
    alloc: Option<AllocFn>,
    free: Option<FreeFn>,
    data: *mut c_void,
    data_free: Option<UserDataFreeFn>,
) -> *mut AllocatorHandle {
    guard(null_mut(), || match (alloc, free) {
        (Some(alloc), Some(free)) => new(Kind::User { alloc, free, data, data_free }),
        _ => {
            log(ERROR, c"ddwaf_user_allocator_init", || {
                "a function to allocate or to free is NULL".to_owned()
            });
            null_mut()
        }
    })
}

/// `ddwaf_allocator_alloc`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_allocator_alloc(
    allocator: *mut AllocatorHandle,
    bytes: usize,
    alignment: usize,
) -> *mut c_void {
    guard(null_mut(), || {
        if !alignment.is_power_of_two() {
            return null_mut();
        }
        // SAFETY: a live handle or null.
        let Some(handle) = (unsafe { allocator.as_ref() }) else { return null_mut() };
        handle.allocate(bytes, alignment).cast()
    })
}

/// `ddwaf_allocator_free`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_allocator_free(
    allocator: *mut AllocatorHandle,
    ptr: *mut c_void,
    bytes: usize,
    alignment: usize,
) {
    guard((), || {
        // SAFETY: a live handle or null.
        if let Some(handle) = unsafe { allocator.as_ref() }
            && alignment.is_power_of_two()
        {
            // SAFETY: memory of this allocator with the same numbers, as the header demands.
            unsafe { handle.deallocate(ptr.cast(), bytes, alignment) }
        }
    })
}

/// `ddwaf_allocator_destroy`
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ddwaf_allocator_destroy(allocator: *mut AllocatorHandle) {
    guard((), || {
        if !allocator.is_null() && !std::ptr::eq(allocator, &raw const DEFAULT) {
            // SAFETY: a live handle from one of the functions above, not used again.
            drop(unsafe { Box::from_raw(allocator) });
        }
    })
}
