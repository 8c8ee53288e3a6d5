//! Scalar conditions: true at the first value that the operator matches.

use super::operator::{Highlight, Operator};
use super::{Argument, Arguments, ConditionMatch, Verifier, declared, discovered, value};
use crate::exclude::Hidden;
use crate::scan::path::{self, Place};
use crate::scan::walk::{Visit, walk};
use crate::state::{Expired, Scratch};
use alloc::vec;
use alloc::vec::Vec;
use bartizan_lang::ruleset::{Condition, DataSource, Input};
use bartizan_lang::vocab::Text;
use bartizan_object::{Object, View};
use bartizan_text::transform::Transformer;
use core::ops::ControlFlow;

/// A value that matched.
struct Found {
    steps: Vec<u32>,
    value: Vec<u8>,
    highlights: Vec<Vec<u8>>,
}

impl Verifier<'_, '_> {
    pub(super) fn scalar(&mut self, number: u32, hidden: &Hidden) -> Result<Option<ConditionMatch>, Expired> {
        let plan = self.plan;
        let Condition::Scalar { operator: name, inputs, .. } = plan.condition(number) else {
            return Ok(None);
        };
        let planned = &plan.conditions[number as usize];
        let Some(operator) = &planned.operator else { return Ok(None) };
        for (probe, input) in planned.probes.clone().zip(inputs) {
            if !self.state.candidates.any(probe..probe + 1) {
                continue;
            }
            let Some(root) = self.state.store.get(input.address) else { continue };
            let is_hidden = |object: &Object| hidden.hides(&self.state.exclusions, object);
            let Some(root) = path::resolve_for_values(root, &input.key_path, is_hidden) else { continue };
            // The path may have led to something hidden.
            let is_hidden = |object: &Object| object.address() != root.address() && is_hidden(object);
            let mut check = Check {
                operator,
                transformers: &input.transformers,
                now_s: self.now_s,
                scratch: self.scratch,
            };
            let mut found = None;
            if self.state.candidates.is_unlisted(probe) {
                let outcome = walk(root, is_hidden, |visit, position| {
                    let matched = match (visit, input.source) {
                        (Visit::Key(key), DataSource::Keys) => check.bytes(key, self.budget),
                        (Visit::Scalar(object), DataSource::Values) => check.view(object.view(), self.budget),
                        _ => Ok(None),
                    };
                    match matched {
                        Ok(None) => ControlFlow::Continue(()),
                        Ok(Some((value, highlights))) => ControlFlow::Break(Ok(Found {
                            steps: position.steps().collect(),
                            value,
                            highlights,
                        })),
                        Err(expired) => ControlFlow::Break(Err(expired)),
                    }
                });
                found = outcome.transpose()?;
            } else {
                for steps in self.state.candidates.of(probe) {
                    let Some(place) = path::follow(root, steps, is_hidden) else { continue };
                    let matched = match (input.source, place.entry) {
                        (DataSource::Values, _) => check.view(place.value.view(), self.budget)?,
                        (DataSource::Keys, Some(entry)) => {
                            check.bytes(entry.key.as_bytes().unwrap_or_default(), self.budget)?
                        }
                        (DataSource::Keys, None) => None,
                    };
                    if let Some((value, highlights)) = matched {
                        found = Some(Found { steps: steps.to_vec(), value, highlights });
                        break;
                    }
                }
            }
            let confirmed = found.map(|found| ConditionMatch {
                operator: operator.reported_name(name),
                operator_value: operator.reported_value(),
                arguments: Arguments::Input(Argument {
                    address: self.address(input),
                    key_path: key_path(input, root, &found.steps),
                    value: found.value,
                }),
                highlights: found.highlights,
            });
            // Checked once; what did not match now cannot match later.
            self.state.candidates.clear_probe(probe);
            if confirmed.is_some() {
                return Ok(confirmed);
            }
        }
        Ok(None)
    }
}

fn key_path(input: &Input, root: &Object, steps: &[u32]) -> Vec<super::KeyPathItem> {
    let mut items = declared(&input.key_path);
    let mut place = Place { value: root, entry: None };
    for step in steps {
        let Some(next) = path::follow(place.value, &[*step], |_| false) else { break };
        items.push(discovered(next.entry, *step));
        place = next;
    }
    items
}

/// Holds values against an operator, transformed first.
struct Check<'c> {
    operator: &'c Operator,
    transformers: &'c [Transformer],
    now_s: u64,
    scratch: &'c mut Scratch,
}

type Matched = Option<(Vec<u8>, Vec<Vec<u8>>)>;

impl Check<'_> {
    fn view(&mut self, view: View<'_>, budget: &mut crate::state::Budget<'_>) -> Result<Matched, Expired> {
        match view {
            View::String(bytes) => self.bytes(bytes, budget),
            _ => {
                budget.spend(1)?;
                let found = self.operator.check(view, self.now_s, self.scratch);
                Ok(found.map(|highlight| {
                    let text = value::text(view);
                    let highlights = highlights(&highlight, &text);
                    (text, highlights)
                }))
            }
        }
    }

    fn bytes(&mut self, bytes: &[u8], budget: &mut crate::state::Budget<'_>) -> Result<Matched, Expired> {
        budget.spend(bytes.len() as u64 + 8)?;
        // The buffers leave the scratch while it is used for the search.
        let mut buffers = core::mem::take(&mut self.scratch.buffers);
        let text = buffers.transform(self.transformers, bytes).unwrap_or(bytes);
        let found = self.operator.check(View::String(text), self.now_s, self.scratch);
        let matched = found.map(|highlight| (text.to_vec(), highlights(&highlight, text)));
        self.scratch.buffers = buffers;
        Ok(matched)
    }
}

fn highlights(highlight: &Highlight, value: &[u8]) -> Vec<Vec<u8>> {
    vec![match highlight {
        Highlight::Empty => Vec::new(),
        Highlight::Whole => value.to_vec(),
        Highlight::Range(start, end) => value.get(*start..*end).unwrap_or_default().to_vec(),
        Highlight::Text(text) => text.clone(),
    }]
}

impl Operator {
    /// The name in events: for data, the one that its own type has.
    pub(super) fn reported_name(&self, configured: &Text) -> Text {
        let name = match self {
            Self::Exact(_) => "exact_match",
            Self::Ip(_) => "ip_match",
            _ => return configured.clone(),
        };
        if configured.starts_with(b"!") {
            let mut negated = vec![b'!'];
            negated.extend_from_slice(name.as_bytes());
            return Text::from(negated.as_slice());
        }
        Text::from(name)
    }

    /// The value in events: only regexes have one.
    pub(super) fn reported_value(&self) -> Text {
        match self {
            Self::Regex { regex, .. } | Self::RegexWithChecksum { regex, .. } => regex.pattern().text.clone(),
            _ => Text::default(),
        }
    }
}
