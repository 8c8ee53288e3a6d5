//! The life cycle: builder → instance → context → subcontext.

mod builder;
mod context;
mod eval;
mod instance;
mod modules;
mod pool;
#[cfg(test)]
mod tests;

pub use builder::{Builder, Update};
pub use context::{Call, Context, EvalError, Outcome};
pub use instance::Instance;
