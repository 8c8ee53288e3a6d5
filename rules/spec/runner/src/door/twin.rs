//! The twin, which expectations are blessed from.

use super::{Call, Door, Session, answered, built, refused, updated, value_of};
use crate::case::{Document, Need};
use bartizan_lang::Content;
use bartizan_lang::vocab::Text;
use bartizan_reference::{Context, Twin, Value};
use std::collections::BTreeMap;

pub(crate) struct Reference;

impl Door for Reference {
    fn can(&self, need: Need) -> bool {
        matches!(need, Need::Clock | Need::AnyFloat | Need::Invalid)
    }

    fn session(&self) -> Box<dyn Session + '_> {
        Box::<Case>::default()
    }
}

#[derive(Default)]
struct Case {
    content: Content,
    twin: Option<Twin>,
    contexts: BTreeMap<String, Context>,
}

impl Session for Case {
    fn update(&mut self, path: &str, config: &Document) -> Result<Value, String> {
        let update = self.content.update(path.as_bytes(), &value_of(config)?.to_object());
        Ok(updated(update.accepted, Value::from(&*update.diagnostics)))
    }

    fn remove(&mut self, path: &str) -> Result<Value, String> {
        Ok(Value::Bool(self.content.remove(path.as_bytes())))
    }

    fn build(&mut self) -> Result<Value, String> {
        self.twin = self.content.compile().map(Twin::new);
        let texts = |texts: Vec<Text>| texts.iter().map(Value::bytes).collect();
        Ok(built(self.twin.as_ref().map(|twin| {
            let ruleset = twin.ruleset();
            let names = ruleset.known_addresses().into_iter().map(|id| ruleset.addresses.name(id).clone());
            (texts(names.collect()), texts(ruleset.known_actions()))
        })))
    }

    fn open(&mut self, context: &str) -> Result<(), String> {
        let twin = self.twin.as_ref().ok_or("there is no instance")?;
        self.contexts.insert(context.to_owned(), twin.context());
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
        let twin_call = bartizan_reference::Call { now_s: call.now_s, has_time: call.budget != Some(0) };
        let outcome = if call.batches {
            context.eval_batches(&data, twin_call)
        } else {
            context.eval(&data, twin_call)
        };
        Ok(match outcome {
            Ok(outcome) => answered(outcome.is_match, Some(outcome.result)),
            Err(_) => refused("malformed"),
        })
    }
}
