//! One request.

use super::instance::Shared;
use crate::report::{Ids, Report};
use crate::state::{Clock, Scratch, State};
use alloc::boxed::Box;
use alloc::sync::Arc;
use bartizan_object::{AllocError, AllocRef, Input, Kind, Owned};
use core::fmt;

/// What the host gives to a call: the engine has no clock and no randomness of its own.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// Seconds since the epoch, for data that expires.
    pub now_s: u64,
    /// 64 random bits, for ids.
    pub entropy: u64,
    /// Work units, roughly one per byte looked at; `u64::MAX` for no limit.
    pub budget: u64,
    /// A monotonic clock for the deadline and the reported duration.
    pub clock: Option<&'a dyn Clock>,
    /// Nanoseconds from the start of the call to its deadline; needs the clock.
    pub timeout_ns: u64,
}

impl Default for Call<'_> {
    /// No limits, no clock, time zero.
    fn default() -> Self {
        Self { now_s: 0, entropy: 0, budget: u64::MAX, clock: None, timeout_ns: u64::MAX }
    }
}

/// Why a call evaluated nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvalError {
    /// The data is not a map (for several batches: not an array of maps).
    NotAMap,
    /// Memory was refused.
    Alloc,
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAMap => "request data is not a map from address to value",
            Self::Alloc => "memory was refused while evaluating",
        })
    }
}

impl core::error::Error for EvalError {}

impl From<AllocError> for EvalError {
    fn from(_: AllocError) -> Self {
        Self::Alloc
    }
}

/// What one request has shown, and the means to look at more of it. A subcontext is a context too: it
/// starts with what its parent knows, and nothing flows back.
pub struct Context {
    pub(super) shared: Arc<Shared>,
    pub(super) state: State,
    pub(super) scratch: Option<Box<Scratch>>,
}

impl Context {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let state = State::new(&shared.plan);
        Self { shared, state, scratch: None }
    }

    /// Evaluates one batch: a map from address to value.
    ///
    /// # Errors
    /// [`EvalError::NotAMap`]; the data is kept until the context is dropped all the same.
    pub fn eval(&mut self, data: Input, call: &Call<'_>) -> Result<Outcome<'_>, EvalError> {
        let data = Arc::new(data);
        self.state.store.keep(&data);
        if data.kind() != Kind::Map {
            return Err(EvalError::NotAMap);
        }
        self.run(&[(data, None)], call)
    }

    /// Evaluates several batches in order, in one call: an array of maps.
    ///
    /// # Errors
    /// [`EvalError::NotAMap`] unless every item is a map; nothing is evaluated then.
    pub fn eval_batches(&mut self, data: Input, call: &Call<'_>) -> Result<Outcome<'_>, EvalError> {
        let data = Arc::new(data);
        self.state.store.keep(&data);
        let Some(items) = data.as_array() else { return Err(EvalError::NotAMap) };
        if items.iter().any(|item| item.kind() != Kind::Map) {
            return Err(EvalError::NotAMap);
        }
        let batches: alloc::vec::Vec<_> =
            (0..items.len()).map(|index| (data.clone(), Some(index as u32))).collect();
        self.run(&batches, call)
    }

    /// A context that starts as a copy of this one.
    #[must_use]
    pub fn subcontext(&self) -> Self {
        Self { shared: self.shared.clone(), state: self.state.clone(), scratch: None }
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        if let Some(scratch) = self.scratch.take() {
            self.shared.pool.give_back(scratch);
        }
    }
}

/// What a call found.
pub struct Outcome<'c> {
    pub(super) report: Report,
    pub(super) shared: &'c Shared,
    pub(super) scratch: &'c mut Scratch,
    pub(super) entropy: u64,
    pub(super) units_left: u64,
}

impl Outcome<'_> {
    /// Whether there are events, actions or attributes.
    #[must_use]
    pub fn is_match(&self) -> bool {
        self.report.is_match(&self.shared.plan)
    }

    /// Whether the budget was spent or the deadline passed before all was looked at.
    #[must_use]
    pub fn timed_out(&self) -> bool {
        self.report.timeout
    }

    /// What is left of the call's budget, in work units: how much work a call takes is the difference. A call
    /// without limit is not counted, and has `u64::MAX` left.
    #[must_use]
    pub fn units_left(&self) -> u64 {
        self.units_left
    }

    /// The result as an object: a map of `events`, `actions`, `duration` (ns), `timeout`, `attributes`,
    /// `keep`, `evaluated`, in memory of `alloc`.
    ///
    /// # Errors
    /// The allocator refused.
    pub fn to_object(&mut self, alloc: AllocRef) -> Result<Owned, AllocError> {
        self.report.write(&self.shared.plan, &Ids::new(self.entropy), self.scratch, alloc)
    }
}
