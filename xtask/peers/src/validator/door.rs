//! The ways into the engine that the suite is run through.

use crate::library::{Context, Data, Instance, Lent, Library};
use crate::value::Value;
use std::rc::Rc;

/// A way into the engine, with one ruleset loaded.
pub(crate) trait Door {
    type Context;

    fn name(&self) -> String;

    /// Takes a ruleset in the place of any other; false when it is refused.
    fn load(&mut self, ruleset: &Value) -> Result<bool, String>;

    fn context(&mut self) -> Result<Self::Context, String>;

    fn subcontext(&mut self, context: &Self::Context) -> Result<Self::Context, String>;

    /// The return code and the result; an empty map where nothing matched and the door gives none.
    fn eval(&mut self, context: &mut Self::Context, data: &Value) -> Result<(i32, Value), String>;

    fn close(&mut self, context: Self::Context) -> Result<(), String>;
}

/// The functions of a library of the ddwaf ABI.
pub(crate) struct Native<'l> {
    library: &'l Library,
    instance: Option<Instance<'l>>,
}

impl<'l> Native<'l> {
    pub(crate) fn new(library: &'l Library) -> Self {
        Native { library, instance: None }
    }
}

impl<'l> Door for Native<'l> {
    type Context = Context<'l>;

    fn name(&self) -> String {
        format!("C ABI, version {}", self.library.version())
    }

    fn load(&mut self, ruleset: &Value) -> Result<bool, String> {
        self.instance = self.library.instance(ruleset)?.0;
        Ok(self.instance.is_some())
    }

    fn context(&mut self) -> Result<Context<'l>, String> {
        self.instance.as_ref().map(Instance::context).ok_or_else(|| "no instance".to_owned())
    }

    fn subcontext(&mut self, context: &Context<'l>) -> Result<Context<'l>, String> {
        context.subcontext().ok_or_else(|| "no subcontext".to_owned())
    }

    fn eval(&mut self, context: &mut Context<'l>, data: &Value) -> Result<(i32, Value), String> {
        let (code, result) =
            context.eval(Data::Lent(Rc::new(Lent::new(data, false))), false, 60_000_000, false)?;
        Ok((code, result.unwrap_or(Value::Map(Vec::new()))))
    }

    fn close(&mut self, _: Context<'l>) -> Result<(), String> {
        Ok(())
    }
}
