//! `exists` and `!exists`.

use super::{Argument, Arguments, ConditionMatch, Verifier, declared};
use crate::exclude::Hidden;
use crate::scan::path::{self, Resolved};
use crate::state::Expired;
use alloc::vec::Vec;
use bartizan_lang::ruleset::Input;
use bartizan_lang::vocab::Text;
use bartizan_object::Object;

impl Verifier<'_, '_> {
    /// True for the first input that is there; what is hidden does not count.
    pub(super) fn exists(
        &mut self,
        inputs: &[Input],
        hidden: &Hidden,
    ) -> Result<Option<ConditionMatch>, Expired> {
        for input in inputs {
            self.budget.spend(1)?;
            let Some(root) = self.state.store.get(input.address) else { continue };
            let is_hidden = |object: &Object| hidden.hides(&self.state.exclusions, object);
            if let Resolved::Found(_) = path::resolve(root, &input.key_path, is_hidden) {
                return Ok(Some(self.presence("exists", input)));
            }
        }
        Ok(None)
    }

    /// True when the address is there and nothing is at the path, hidden or not.
    pub(super) fn not_exists(
        &mut self,
        input: &Input,
        hidden: &Hidden,
    ) -> Result<Option<ConditionMatch>, Expired> {
        self.budget.spend(1)?;
        let Some(root) = self.state.store.get(input.address) else { return Ok(None) };
        let is_hidden = |object: &Object| hidden.hides(&self.state.exclusions, object);
        match path::resolve(root, &input.key_path, is_hidden) {
            Resolved::Absent => Ok(Some(self.presence("!exists", input))),
            Resolved::Found(_) | Resolved::Hidden => Ok(None),
        }
    }

    fn presence(&self, operator: &str, input: &Input) -> ConditionMatch {
        ConditionMatch {
            operator: Text::from(operator),
            operator_value: Text::default(),
            arguments: Arguments::Input(Argument {
                address: self.address(input),
                key_path: declared(&input.key_path),
                value: Vec::new(),
            }),
            highlights: Vec::new(),
        }
    }
}
