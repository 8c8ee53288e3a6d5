//! The engine as a crate.

use super::{Call, Door, Session, built, evaluated, refused, updated, value_of};
use crate::case::{Document, Need};
use bartizan_engine as engine;
use bartizan_object::AllocRef;
use bartizan_reference::Value;
use std::collections::BTreeMap;

pub(crate) struct Crate;

impl Door for Crate {
    fn can(&self, need: Need) -> bool {
        need != Need::Documents
    }

    fn session(&self) -> Box<dyn Session + '_> {
        Box::<Case>::default()
    }
}

#[derive(Default)]
struct Case {
    builder: engine::Builder,
    instance: Option<engine::Instance>,
    contexts: BTreeMap<String, engine::Context>,
}

impl Session for Case {
    fn update(&mut self, path: &str, config: &Document) -> Result<Value, String> {
        let update = self.builder.update(path.as_bytes(), &value_of(config)?.to_object());
        Ok(updated(update.accepted, Value::from(&*update.diagnostics)))
    }

    fn remove(&mut self, path: &str) -> Result<Value, String> {
        Ok(Value::Bool(self.builder.remove(path.as_bytes())))
    }

    fn build(&mut self) -> Result<Value, String> {
        self.instance = self.builder.build();
        Ok(built(self.instance.as_ref().map(|instance| {
            (
                instance.addresses().iter().map(Value::bytes).collect(),
                instance.actions().iter().map(Value::bytes).collect(),
            )
        })))
    }

    fn open(&mut self, context: &str) -> Result<(), String> {
        let instance = self.instance.as_ref().ok_or("there is no instance")?;
        self.contexts.insert(context.to_owned(), instance.context());
        Ok(())
    }

    fn subcontext(&mut self, context: &str, of: &str) -> Result<(), String> {
        let child = self.contexts.get(of).ok_or("there is no such context")?.subcontext();
        self.contexts.insert(context.to_owned(), child);
        Ok(())
    }

    fn eval(&mut self, context: &str, data: &Document, call: Call) -> Result<Value, String> {
        let context = self.contexts.get_mut(context).ok_or("there is no such context")?;
        let data = value_of(data)?.to_object();
        let engine_call = engine::Call {
            now_s: call.now_s,
            entropy: 1,
            budget: call.budget.unwrap_or(u64::MAX),
            ..engine::Call::default()
        };
        let outcome = if call.batches {
            context.eval_batches(data.into(), &engine_call)
        } else {
            context.eval(data.into(), &engine_call)
        };
        match outcome {
            Ok(mut outcome) => {
                let result = outcome.to_object(AllocRef::global()).map_err(|error| error.to_string())?;
                evaluated(outcome.is_match(), Some(Value::from(&*result)))
            }
            Err(engine::EvalError::NotAMap) => Ok(refused("malformed")),
            Err(error) => Err(error.to_string()),
        }
    }
}
