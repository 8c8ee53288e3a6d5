//! Whether two libraries find the same in requests: what a comparison of their speed has to know first.

use crate::case::{Case, Manner, Step};
use crate::compare::Difference;
use crate::library::Library;
use crate::recommended::{Pair, ruleset};
use crate::value::Value;
use std::collections::BTreeMap;

/// One evaluation of a request.
#[derive(Clone, Debug)]
pub struct Call {
    /// A map of addresses.
    pub data: Value,
    /// Evaluated in a subcontext of its own, which ends with the call.
    pub apart: bool,
}

/// What was found in agreement.
#[derive(Clone, Debug, Default)]
pub struct Agreed {
    /// Requests that were compared.
    pub requests: usize,
    /// Those in which rules matched.
    pub matched: usize,
    /// Events of all requests together.
    pub events: usize,
    /// Rules that matched, and in how many events.
    pub rules: BTreeMap<String, usize>,
    /// Differences that docs/deviations.md names, and how many there were.
    pub deviations: BTreeMap<&'static str, usize>,
}

/// Holds codes, events, actions and attributes of each request against each other. Every rule gets a type of its own, because
/// which one of a type is reported depends on the genuine library's hash tables; with `all`, rules that are off are on.
///
/// # Errors
/// A library cannot be loaded, refuses the rules, or finds something else than the other: then the first such request is shown.
pub fn agree(
    libraries: [&str; 2],
    rules: &str,
    all: bool,
    requests: &[&[Call]],
    mut progress: impl FnMut(usize),
) -> Result<Agreed, String> {
    let [theirs, ours] = libraries;
    let (theirs, ours) = (Library::open(theirs)?, Library::open(ours)?);
    let pair = Pair::of([&theirs, &ours], ruleset(rules, all)?)?;
    let mut agreed = Agreed::default();
    for request in requests {
        let case = case_of(request);
        let (answers, differences) = pair.compare(&case);
        for (difference, name) in differences {
            let Some(name) = name else { return Err(unlike(&case, &difference)) };
            *agreed.deviations.entry(name).or_default() += 1;
        }
        let mut events = 0;
        for answer in &answers {
            let list = answer.get("result").and_then(|r| r.get("events")).map(Value::items);
            for event in list.unwrap_or_default() {
                events += 1;
                *agreed.rules.entry(crate::compare::rule_of(event)).or_default() += 1;
            }
        }
        agreed.requests += 1;
        agreed.matched += usize::from(events > 0);
        agreed.events += events;
        progress(agreed.requests);
    }
    Ok(agreed)
}

fn case_of(request: &[Call]) -> Case {
    let mut steps = vec![Step::Open { context: 0 }];
    for (id, call) in (1..).zip(request) {
        let context = if call.apart { id } else { 0 };
        if call.apart {
            steps.push(Step::Subcontext { context, of: 0 });
        }
        steps.push(Step::Eval {
            context,
            id,
            data: call.data.clone(),
            batches: false,
            manner: Manner::Lent,
            timeout_us: 60_000_000,
        });
        if call.apart {
            steps.push(Step::Close { context });
        }
    }
    Case { feature: "speed".to_owned(), steps }
}

fn unlike(case: &Case, difference: &Difference) -> String {
    let side = |value: &Option<Value>| match value {
        Some(value) => value.to_json().to_string(),
        None => "nothing".to_owned(),
    };
    format!(
        "the libraries differ in step {}, {}\n  theirs: {}\n  ours:   {}\n  replay this with `cargo xtask peers --replay FILE` after the rules: {}",
        difference.step,
        difference.part,
        side(&difference.theirs),
        side(&difference.ours),
        case.to_json(),
    )
}
