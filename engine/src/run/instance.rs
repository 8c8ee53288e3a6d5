//! What evaluates: immutable and shared between threads.

use super::Context;
use super::pool::Pool;
use crate::plan::{Plan, Reuse};
use alloc::sync::Arc;
use alloc::vec::Vec;
use bartizan_lang::Ruleset;
use bartizan_lang::vocab::Text;

/// A plan and the working memory that its contexts take turns with.
pub(crate) struct Shared {
    pub(crate) plan: Plan,
    pub(crate) pool: Pool,
    addresses: Vec<Text>,
    actions: Vec<Text>,
}

/// A built configuration. Cloning shares it; contexts keep it alive.
#[derive(Clone)]
pub struct Instance {
    shared: Arc<Shared>,
}

impl Instance {
    pub(crate) fn new(ruleset: Ruleset, reuse: &mut Reuse) -> Self {
        let addresses =
            ruleset.known_addresses().into_iter().map(|id| ruleset.addresses.name(id).clone()).collect();
        let actions = ruleset.known_actions();
        let plan = Plan::new(ruleset, reuse);
        Self { shared: Arc::new(Shared { plan, pool: Pool::default(), addresses, actions }) }
    }

    /// The addresses that rules, filters and processors look at; a host need not send others.
    #[must_use]
    pub fn addresses(&self) -> &[Text] {
        &self.shared.addresses
    }

    /// The types of the actions that rules and filters can put out.
    #[must_use]
    pub fn actions(&self) -> &[Text] {
        &self.shared.actions
    }

    /// A context for one request.
    #[must_use]
    pub fn context(&self) -> Context {
        Context::new(self.shared.clone())
    }
}
