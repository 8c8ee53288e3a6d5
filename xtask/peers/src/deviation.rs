//! Differences that are meant, each recognised by what makes it one.
//!
//! The list is that of docs/deviations.md. A predicate sees one difference and its case, and says no unless the
//! case holds what the deviation is about.

mod evidence;

use crate::case::{Case, Manner, Step};
use crate::compare::Difference;
use crate::features::broken;
use crate::value::{Text, Value};
use evidence::{chain_differs, has_odd_host, is_bounded, transformed};
use std::collections::BTreeMap;

/// What follows from an event that only one side has.
const FOLLOWS: &str = "follows from a deviation above";
const REFUSED: &str = "a refused configuration leaves what was there";

/// Modules without collections.
const MODULES: [&str; 6] =
    ["network-acl", "authentication-acl", "custom-acl", "configuration", "business-logic", "rasp"];

/// Stands for the id of rules whose ids are no strings.
const ANY: &str = "\0any";

/// Names, for each difference, the deviation that explains it.
pub(crate) fn explain(
    case: &Case,
    theirs: &[Value],
    differences: &[Difference],
) -> Vec<Option<&'static str>> {
    explain_with(None, case, theirs, differences)
}

/// The same, where a configuration was loaded before the case.
pub(crate) fn explain_with(
    config: Option<&Value>,
    case: &Case,
    theirs: &[Value],
    differences: &[Difference],
) -> Vec<Option<&'static str>> {
    if differences.is_empty() {
        return Vec::new();
    }
    let facts = Facts::new(config, case);
    let refused = refused(case, theirs);
    let mut names: Vec<Option<&'static str>> = Vec::new();
    for difference in differences {
        let earlier =
            differences.iter().zip(&names).filter(|(d, name)| d.step < difference.step && name.is_some());
        let again = difference.part.starts_with("event ")
            && earlier.into_iter().any(|(d, _)| d.part == difference.part);
        let left = matches!(difference.part.as_str(), "built" | "addresses" | "actions");
        let name = if refused.is_some_and(|step| step < difference.step || left && step == difference.step) {
            Some(REFUSED)
        } else if again {
            Some(FOLLOWS)
        } else {
            facts.name(case, difference, differences)
        };
        names.push(name);
    }
    // What a step says in sum follows from its events.
    for at in 0..names.len() {
        if names[at].is_some() {
            continue;
        }
        let difference = &differences[at];
        let event_of = |(other, name): &(&Difference, &Option<&str>)| {
            let shows = ["event ", "attribute "].iter().any(|part| other.part.starts_with(part));
            name.is_some() && other.step <= difference.step && shows
        };
        let mut events = differences.iter().zip(&names).filter(event_of);
        let sums = matches!(difference.part.as_str(), "code" | "keep" | "evaluated");
        if events.any(|(event, _)| sums || facts.acts(event) && !difference.part.contains('/')) {
            names[at] = Some(FOLLOWS);
        }
    }
    names
}

/// The first step at which a configuration was refused that had something to lose or to leave.
fn refused(case: &Case, theirs: &[Value]) -> Option<usize> {
    case.steps.iter().zip(theirs).position(|(step, answer)| match step {
        Step::Config { .. } => matches!(answer.get("taken"), Some(Value::Bool(false))),
        // Here the answer says nothing of it, but a section that failed as a whole may have left something.
        Step::Init { .. } => answer
            .get("diagnostics")
            .is_some_and(|sections| sections.entries().iter().any(|(_, s)| s.get("error").is_some())),
        _ => false,
    })
}

/// What a case says about its rules and data.
#[derive(Default)]
struct Facts<'c> {
    /// By id; a rule may be defined more than once.
    rules: BTreeMap<String, Vec<&'c Value>>,
    /// Strings that were evaluated, keys too, with the number of the step.
    strings: Vec<(usize, &'c Text)>,
    /// Processors and filters.
    conditional: Vec<&'c Value>,
    scanners: Vec<&'c Value>,
    /// Overrides may move rules to other modules.
    moved: bool,
    /// Steps whose data the library stored itself.
    given: Vec<usize>,
}

impl<'c> Facts<'c> {
    fn new(config: Option<&'c Value>, case: &'c Case) -> Self {
        let mut facts = Facts::default();
        if let Some(config) = config {
            facts.learn(config);
        }
        for (number, step) in case.steps.iter().enumerate() {
            match step {
                Step::Config { value, .. } | Step::Init { value } => facts.learn(value),
                Step::Eval { data, manner, .. } => {
                    strings(data, &mut |text| facts.strings.push((number, text)));
                    if matches!(manner, Manner::Given | Manner::Counted) {
                        facts.given.push(number);
                    }
                }
                Step::Threads { data, .. } => {
                    strings(data, &mut |text| facts.strings.push((number, text)));
                    facts.given.push(number);
                }
                _ => {}
            }
        }
        facts
    }

    /// Takes in a configuration.
    fn learn(&mut self, config: &'c Value) {
        let items = |section| config.get(section).map(Value::items).unwrap_or_default();
        for item in items("rules_override") {
            self.moved |= item.get("tags").is_some_and(|tags| tags.get("module").is_some());
        }
        self.conditional.extend(items("processors").iter().chain(items("exclusions")));
        self.scanners.extend(items("scanners"));
        for rule in ["rules", "rules_compat", "custom_rules"].into_iter().flat_map(items) {
            let id = match rule.get("id") {
                Some(id @ Value::String(_)) => id.shown(),
                // Shown as text in ways that need not be known here.
                _ => ANY.to_owned(),
            };
            self.rules.entry(id).or_default().push(rule);
        }
    }

    /// Whether the rule of an event does more than be reported.
    fn acts(&self, event: &Difference) -> bool {
        self.rules_of(event).any(|rule| rule.get("on_match").is_some() || rule.get("output").is_some())
    }

    fn rules_of(&self, difference: &Difference) -> impl Iterator<Item = &'c Value> {
        let id = difference.part.strip_prefix("event ").unwrap_or_default();
        let id = id.split_once(" #").map_or(id, |(id, _)| id);
        [id, ANY].into_iter().filter_map(|id| self.rules.get(id)).flatten().copied()
    }

    fn name(&self, case: &Case, difference: &Difference, all: &[Difference]) -> Option<&'static str> {
        if let Some(name) = self.order(case, difference, all) {
            return Some(name);
        }
        if difference.part.starts_with("event ") {
            return self.rules_of(difference).find_map(|rule| self.event(rule, difference));
        }
        let (theirs, ours) = (difference.theirs.as_ref(), difference.ours.as_ref());
        if difference.part.starts_with("attribute ") {
            return match (theirs, ours) {
                (Some(theirs), Some(ours)) if self.fingerprint(theirs, ours) => {
                    Some("an empty header does not wipe the network fingerprint")
                }
                _ => self.around(difference),
            };
        }
        // Where nobody wants the result, no event says which rule it was.
        if difference.part == "code"
            && matches!(case.steps[difference.step], Step::Eval { manner: Manner::Blind, .. })
        {
            return self.rules.values().flatten().find_map(|rule| {
                let conditions = rule.get("conditions").map(Value::items).unwrap_or_default();
                conditions.iter().find_map(|it| self.cause(&chains(rule, it), it, None, difference))
            });
        }
        if difference.part.starts_with("action ") && twice(difference, all) {
            return Some("no action twice");
        }
        // Their error takes the scanners' place, so that nothing seems to be loaded.
        let of_obfuscator = difference.part == "sections"
            || difference.part == "taken" && case.steps[difference.step].value()?.get("scanners").is_some()
            || difference.part.starts_with("scanners/")
            || difference.part.starts_with("obfuscator/");
        if of_obfuscator && obfuscator(case, difference.step, all) {
            return Some("the obfuscator's diagnostics stand under its own name");
        }
        None
    }

    /// Whether what differs is which of several comes first, where nothing says which.
    fn order(&self, case: &Case, difference: &Difference, all: &[Difference]) -> Option<&'static str> {
        let others = || all.iter().filter(|d| d.step == difference.step && d.part != difference.part);
        let only_ours = |d: &Difference| d.theirs.is_none() && d.ours.is_some();
        let only_theirs = |d: &Difference| d.ours.is_none() && d.theirs.is_some();
        let opposite = |d: &&Difference| {
            only_ours(d) && only_theirs(difference) || only_theirs(d) && only_ours(difference)
        };
        if difference.part.starts_with("event ") {
            let rank = |rule: &Value| {
                let tags = rule.get("tags");
                let tag = |name: &str| tags.and_then(|t| t.get(name)).map(Value::shown).unwrap_or_default();
                let module = Some(tag("module")).filter(|m| MODULES.contains(&m.as_str()));
                module.unwrap_or_else(|| format!("type {}", tag("type")))
            };
            let ranks: Vec<String> = self.rules_of(difference).map(rank).collect();
            let rival =
                |d: &Difference| self.moved || self.rules_of(d).any(|rule| ranks.contains(&rank(rule)));
            let found = others().filter(|d| d.part.starts_with("event ")).filter(opposite).any(rival);
            return found.then_some("of rules of one rank the one declared first");
        }
        // Of rules that make no events the attributes say which it was.
        if let Some(name) = difference.part.strip_prefix("attribute ")
            && (only_ours(difference) || only_theirs(difference))
        {
            let output =
                |rule: &Value, part: &str| rule.get("output").and_then(|output| output.get(part)).cloned();
            let is_silent = |rule: &Value| output(rule, "event") == Some(Value::Bool(false));
            let kind = |rule: &Value| rule.get("tags").and_then(|tags| tags.get("type")).map(Value::shown);
            let rules = || self.rules.values().flatten();
            let sets = |rule: &Value| output(rule, "attributes").is_some_and(|all| all.get(name).is_some());
            let has_rival = |rule: &Value| rules().filter(|rival| kind(rival) == kind(rule)).count() > 1;
            let found = rules().any(|rule| is_silent(rule) && sets(rule) && has_rival(rule));
            return found.then_some("of rules of one rank the one declared first");
        }
        // Tags and attributes are read in no order: the first that is wrong is what is said.
        let is_error = |d: &Difference| d.part.contains("/errors/");
        let found = is_error(difference) && others().any(is_error) && has_choice(case, difference);
        found.then_some("of several errors the first")
    }

    fn event(&self, rule: &Value, difference: &Difference) -> Option<&'static str> {
        let conditions = rule.get("conditions").map(Value::items).unwrap_or_default();
        let cause = |(at, condition)| self.cause(&chains(rule, condition), condition, Some(at), difference);
        if let Some(name) = conditions.iter().enumerate().find_map(cause) {
            return Some(name);
        }
        let shown = |event: &Option<Value>| {
            event.as_ref().is_some_and(|event| event.to_json().to_string().contains("\"net-"))
        };
        if shown(&difference.theirs) && shown(&difference.ours) && self.wiped() {
            return Some("an empty header does not wipe the network fingerprint");
        }
        self.around(difference)
    }

    /// The deviation that a condition of a processor or filter, or a scanner, is under.
    fn around(&self, difference: &Difference) -> Option<&'static str> {
        let conditions = self
            .conditional
            .iter()
            .flat_map(|item| item.get("conditions").map(Value::items).unwrap_or_default());
        let sides =
            self.scanners.iter().flat_map(|scanner| [scanner.get("key"), scanner.get("value")]).flatten();
        conditions.chain(sides).find_map(|condition| {
            let mut chains = chains(&Value::Null, condition);
            chains.push(Vec::new());
            self.cause(&chains, condition, None, difference)
        })
    }

    /// The deviation by which a condition says something else; `at` is its place in the rule of an event.
    fn cause(
        &self,
        chains: &[Vec<String>],
        condition: &Value,
        at: Option<usize>,
        difference: &Difference,
    ) -> Option<&'static str> {
        let operator = condition.get("operator").map(Value::shown).unwrap_or_default();
        let operator = operator.split('@').next().unwrap_or_default();
        let seen = || self.strings.iter().filter(|(step, _)| *step <= difference.step).map(|(_, text)| *text);
        let changed = |chain: &Vec<String>| seen().find_map(|text| chain_differs(chain, &text.bytes));
        if let Some(name) = chains.iter().find_map(changed) {
            return Some(name);
        }
        let found = match operator {
            "phrase_match" | "!phrase_match" => {
                let phrases = Phrases::of(condition);
                let present =
                    || chains.iter().any(|c| seen().any(|t| phrases.are_in(&transformed(c, &t.bytes))));
                match at {
                    Some(at) if !operator.starts_with('!') => phrases.are_right(difference, at),
                    Some(_) => difference.ours.is_none() && present(),
                    None => present(),
                }
            }
            "hidden_ascii_match" => {
                let is_heap = |step: &usize, text: &Text| evidence::is_heap(text, self.given.contains(step));
                let mut unseen = self.strings.iter().filter(|(s, t)| *s <= difference.step && !is_heap(s, t));
                unseen.any(|(_, t)| chains.iter().any(|c| evidence::has_tags(&transformed(c, &t.bytes))))
            }
            "ssrf_detector" => seen().any(|text| has_odd_host(&text.bytes, condition)),
            _ => false,
        };
        let name = match operator {
            "hidden_ascii_match" => "hidden_ascii_match sees strings of every form",
            "ssrf_detector" => "more forms of hosts are seen",
            _ => "phrase_match finds every phrase",
        };
        found.then_some(name)
    }

    /// Whether two values are network fingerprints that differ in the count only, for a cause.
    fn fingerprint(&self, theirs: &Value, ours: &Value) -> bool {
        let (theirs, ours) = (theirs.shown(), ours.shown());
        let bits =
            |text: &str| text.strip_prefix("net-").and_then(|t| t.split_once('-')).map(|(_, b)| b.to_owned());
        bits(&theirs).is_some() && bits(&theirs) == bits(&ours) && self.wiped()
    }

    /// Whether a header with addresses was sent that holds none.
    fn wiped(&self) -> bool {
        // Names of headers are among the strings; an empty or odd value beside them is what matters, and
        // all headers with addresses have a name like these.
        self.strings.iter().any(|(_, text)| {
            let name = text.bytes.to_ascii_lowercase();
            [&b"x-"[..], b"x_", b"true", b"forwarded", b"fastly", b"cf"].iter().any(|p| name.starts_with(p))
        })
    }
}

/// Whether the section that a message is about has an item with tags or attributes to choose from.
fn has_choice(case: &Case, difference: &Difference) -> bool {
    let section = difference.part.split('/').next().unwrap_or_default();
    let items = case.steps[difference.step].value().and_then(|config| config.get(section));
    let attributes = |item: &Value| item.get("output")?.get("attributes").cloned();
    let several = |map: Option<Value>| map.is_some_and(|map| map.entries().len() > 1);
    items
        .map(Value::items)
        .unwrap_or_default()
        .iter()
        .any(|item| several(item.get("tags").cloned()) || several(attributes(item)))
}

/// The chains of transformers of a condition's inputs.
fn chains(rule: &Value, condition: &Value) -> Vec<Vec<String>> {
    let names = |value: &Value| -> Option<Vec<String>> {
        value.get("transformers").map(|list| list.items().iter().map(Value::shown).collect())
    };
    let of_rule = names(rule).unwrap_or_default();
    let mut chains = Vec::new();
    for (_, inputs) in condition.get("parameters").map(Value::entries).unwrap_or_default() {
        chains.extend(inputs.items().iter().map(|input| names(input).unwrap_or_else(|| of_rule.clone())));
    }
    chains
}

fn strings<'v>(value: &'v Value, see: &mut impl FnMut(&'v Text)) {
    match value {
        Value::String(text) => see(text),
        Value::Array(items) => items.iter().for_each(|item| strings(item, see)),
        Value::Map(entries) => {
            for (key, value) in entries {
                see(key);
                strings(value, see);
            }
        }
        _ => {}
    }
}

/// Whether the sections agree once ours of the obfuscator is put where theirs is.
fn obfuscator(case: &Case, step: usize, all: &[Difference]) -> bool {
    let config = case.steps[step].value();
    let Some(config) = config.filter(|config| config.get("obfuscator").is_some()) else { return false };
    let side = |part: String, ours: bool| {
        let found = all.iter().find(|d| d.step == step && d.part == part)?;
        if ours { found.ours.clone() } else { found.theirs.clone() }
    };
    let fails = side("obfuscator/error".into(), true);
    match fails {
        // An error takes the place of whatever the scanners had to say.
        Some(error) => side("scanners/error".into(), false) == Some(error),
        None if config.get("scanners").is_some() => {
            all.iter().all(|d| d.step != step || d.part == "sections" || !d.part.starts_with("scanners/"))
        }
        None => ["loaded", "failed", "skipped", "members"].iter().all(|member| {
            side(format!("scanners/{member}"), false) == side(format!("obfuscator/{member}"), true)
        }),
    }
}

/// Whether they have an action more than once, and we one of them.
fn twice(difference: &Difference, all: &[Difference]) -> bool {
    let name = difference.part.split(" #").next().unwrap_or_default();
    let more = format!("{name} #");
    let of_name =
        |d: &&Difference| d.step == difference.step && (d.part == name || d.part.starts_with(&more));
    let repeated = all.iter().filter(of_name).any(|d| d.part != name && d.ours.is_none());
    let one_of_them =
        difference.ours.is_none() || all.iter().filter(of_name).any(|d| d.theirs == difference.ours);
    repeated && one_of_them
}

/// The phrases of a condition.
struct Phrases<'c> {
    list: Vec<&'c [u8]>,
    bounded: bool,
}

impl<'c> Phrases<'c> {
    fn of(condition: &'c Value) -> Self {
        let parameters = condition.get("parameters");
        let list = parameters.and_then(|p| p.get("list")).map(Value::items).unwrap_or_default();
        let option = parameters.and_then(|p| p.get("options")).and_then(|o| o.get("enforce_word_boundary"));
        let bounded = match option {
            Some(Value::Bool(bounded)) => *bounded,
            Some(other) => other.shown().eq_ignore_ascii_case("true"),
            None => false,
        };
        Phrases { list: list.iter().filter_map(Value::as_bytes).collect(), bounded }
    }

    fn are_in(&self, text: &[u8]) -> bool {
        self.list.iter().filter(|p| !p.is_empty()).any(|phrase| {
            text.windows(phrase.len()).enumerate().any(|(at, window)| {
                window == *phrase && (!self.bounded || is_bounded(text, &(at..at + phrase.len())))
            })
        })
    }

    /// Whether what we report is there, and they report another value or nothing.
    fn are_right(&self, difference: &Difference, condition: usize) -> bool {
        let parameter = |event: &Value| {
            let matches = event.get("rule_matches").map(Value::items).unwrap_or_default();
            matches.get(condition)?.get("parameters").map(Value::items).unwrap_or_default().first().cloned()
        };
        let Some(ours) = difference.ours.as_ref().and_then(parameter) else { return false };
        let place =
            |p: &Value| [p.get("address").cloned(), p.get("key_path").cloned(), p.get("value").cloned()];
        if difference.theirs.as_ref().and_then(parameter).is_some_and(|theirs| place(&theirs) == place(&ours))
        {
            return false;
        }
        ours.get("value").and_then(Value::as_bytes).is_some_and(|value| self.are_in(value))
    }
}

/// Whether a case may be played: not when it is known to crash the genuine library.
pub(crate) fn is_playable(case: &Case) -> bool {
    !case.steps.iter().filter_map(Step::value).any(broken::crashes)
}
