//! The engine as a crate, without any door.

use crate::{Door, ENTROPY, NOW_S, Outcome, Rules, parse};
use bartizan_engine::{Builder, Call, Instance};
use bartizan_object::{AllocRef, Input, Owned, json};
use std::ptr;

pub(crate) struct Native {
    instance: Instance,
}

impl Native {
    pub(crate) fn load(rules: &[Rules]) -> Outcome<Self> {
        let mut builder = Builder::new();
        for rules in rules {
            if !builder.update(rules.path.as_bytes(), &*parse(&rules.text)?).accepted {
                return Err(format!("{} is refused", rules.path));
            }
        }
        let instance = builder.build().ok_or("the engine takes none of the rules")?;
        Ok(Native { instance })
    }
}

impl Door for Native {
    type Run = Owned;

    fn prepare(&self, run: Owned) -> Owned {
        run
    }

    fn evaluate(&self, runs: &[Owned]) -> Outcome<Vec<Option<Vec<u8>>>> {
        let mut context = self.instance.context();
        let call = Call { now_s: NOW_S, entropy: ENTROPY, ..Call::default() };
        let mut found = Vec::with_capacity(runs.len());
        for run in runs {
            // SAFETY: the run outlives the context, which ends with this call, and stays as it is.
            let data = unsafe { Input::from_raw(ptr::read(&raw const **run), None) };
            let mut outcome = context.eval(data, &call).map_err(|e| e.to_string())?;
            found.push(match outcome.is_match() {
                false => None,
                true => {
                    let result = outcome.to_object(AllocRef::global()).map_err(|e| e.to_string())?;
                    let mut text = Vec::new();
                    json::write(&result, &mut text);
                    Some(text)
                }
            });
        }
        Ok(found)
    }
}
