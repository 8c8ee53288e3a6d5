//! A case done to one library.

use crate::abroad::{log, threads};
use crate::books::Books;
use crate::case::{Case, Manner, Step};
use crate::library::{Context, Data, Instance, Lent, Library};
use crate::value::{Text, Value, map, text, texts};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What each step gave; `Null` for steps that had nothing to work on.
pub(crate) fn play(case: &Case, library: &Library) -> Vec<Value> {
    play_on(case, library, None)
}

/// The same, beginning with an instance that is there already.
pub(crate) fn play_on<'l>(
    case: &Case,
    library: &'l Library,
    instance: Option<Rc<Instance<'l>>>,
) -> Vec<Value> {
    let mut stage = Stage {
        builder: None,
        instance,
        contexts: BTreeMap::new(),
        lent: BTreeMap::new(),
        books: None,
        library,
    };
    case.steps.iter().map(|step| stage.step(step).unwrap_or_else(|e| map([("error", text(e))]))).collect()
}

struct Stage<'l> {
    /// Contexts go first: they may use what is lent.
    contexts: BTreeMap<u32, Context<'l>>,
    lent: BTreeMap<u32, Rc<Lent>>,
    /// What was given with an allocator that counts.
    books: Option<Rc<Books<'l>>>,
    instance: Option<Rc<Instance<'l>>>,
    builder: Option<crate::library::Builder<'l>>,
    library: &'l Library,
}

impl<'l> Stage<'l> {
    fn step(&mut self, step: &Step) -> Result<Value, String> {
        let library = self.library;
        match step {
            Step::Config { path, value } => {
                let builder = self.builder.get_or_insert_with(|| library.builder());
                let (taken, diagnostics) = builder.update(path, value)?;
                Ok(map([("taken", Value::Bool(taken)), ("diagnostics", diagnostics)]))
            }
            Step::Remove { path } => {
                let builder = self.builder.get_or_insert_with(|| library.builder());
                Ok(map([("removed", Value::Bool(builder.remove(path)))]))
            }
            Step::Paths { pattern } => {
                let builder = self.builder.get_or_insert_with(|| library.builder());
                let (count, paths) = builder.paths(&pattern.bytes)?;
                Ok(map([("count", Value::Unsigned(count.into())), ("paths", paths)]))
            }
            Step::Json { text } => {
                let (read, value) = library.read_json(&text.bytes)?;
                Ok(map([("read", Value::Bool(read)), ("value", value)]))
            }
            Step::Build => {
                let builder = self.builder.get_or_insert_with(|| library.builder());
                let built = builder.build();
                Ok(self.take(built))
            }
            Step::Init { value } => {
                let (instance, diagnostics) = library.instance(value)?;
                let mut answer = self.take(instance);
                answer.put("diagnostics", diagnostics);
                Ok(answer)
            }
            Step::Open { context } => {
                if let Some(instance) = &self.instance {
                    self.contexts.insert(*context, instance.context());
                }
                Ok(Value::Null)
            }
            Step::Subcontext { context, of } => {
                if let Some(sub) = self.contexts.get(of).and_then(Context::subcontext) {
                    self.contexts.insert(*context, sub);
                }
                Ok(Value::Null)
            }
            Step::Close { context } => {
                self.contexts.remove(context);
                // As long as any is open, how much is kept for it is the library's business.
                Ok(match &self.books {
                    Some(books) if self.contexts.is_empty() => map([("out", Value::Signed(books.out()))]),
                    _ => Value::Null,
                })
            }
            Step::Eval { context, id, data, batches, manner, timeout_us } => {
                let Some(context) = self.contexts.get_mut(context) else { return Ok(Value::Null) };
                let data = match manner {
                    Manner::Given => Data::Given(data),
                    Manner::Nothing => Data::Nothing,
                    Manner::Counted => {
                        let books = self.books.get_or_insert_with(|| Rc::new(Books::new(library)));
                        Data::Counted(data, books.clone())
                    }
                    Manner::Lent | Manner::Large | Manner::Blind => {
                        let lent = Rc::new(Lent::new(data, *manner == Manner::Large));
                        self.lent.insert(*id, lent.clone());
                        Data::Lent(lent)
                    }
                };
                evaluated(context.eval(data, *batches, *timeout_us, *manner == Manner::Blind)?)
            }
            Step::Again { context, id, batches, timeout_us } => {
                let (Some(context), Some(lent)) = (self.contexts.get_mut(context), self.lent.get(id)) else {
                    return Ok(Value::Null);
                };
                evaluated(context.eval(Data::Lent(lent.clone()), *batches, *timeout_us, false)?)
            }
            Step::Threads { count, data } => match &self.instance {
                Some(instance) => threads(instance, *count, data),
                None => Ok(Value::Null),
            },
            Step::Log { level, value } => log(library, *level, value),
        }
    }

    fn take(&mut self, built: Option<Instance<'l>>) -> Value {
        let mut answer = map([("built", Value::Bool(built.is_some()))]);
        if let Some(instance) = &built {
            answer.put("addresses", texts(instance.known_addresses()));
            answer.put("actions", texts(instance.known_actions()));
        }
        self.instance = built.map(Rc::new);
        answer
    }
}

fn evaluated((code, result): (i32, Option<Value>)) -> Result<Value, String> {
    let mut answer = map([("code", Value::Signed(code.into()))]);
    if let Some(result) = result {
        answer.put(Text::new("result"), result);
    }
    Ok(answer)
}
