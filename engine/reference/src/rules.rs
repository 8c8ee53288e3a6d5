//! Rules, module by module, until one blocks.

use crate::condition::{Asker, Found};
use crate::memory::Owner;
use crate::walk::Hidden;
use bartizan_lang::ruleset::{ActiveRule, FilterMode, Module, Verdict};
use bartizan_lang::vocab::Text;

/// A rule that matched.
pub(crate) struct RuleMatch {
    pub(crate) rule: usize,
    pub(crate) conditions: Vec<Found>,
    pub(crate) verdict: Verdict,
    /// The action that a filter put in place of the rule's own.
    pub(crate) override_action: Option<Text>,
}

impl Asker<'_> {
    /// Asks the rules of all modules; without time, of those only that the deadline does not stop. False
    /// when time was missing.
    pub(crate) fn ask_rules(&mut self, has_time: bool, found: &mut Vec<RuleMatch>) -> bool {
        for module in Module::ALL {
            let of_module = |rule: &ActiveRule| rule.module == module;
            let rules: Vec<usize> =
                (0..self.ruleset.rules.len()).filter(|rule| of_module(&self.ruleset.rules[*rule])).collect();
            if rules.is_empty() {
                continue;
            }
            let is_typed = |rule: &usize| !self.ruleset.rules[*rule].type_tag().is_empty();
            let grouped = module == Module::Waf && rules.iter().any(is_typed);
            if module.honours_deadline() && !has_time {
                // Time is missed where there was something to ask.
                if !grouped || self.collections(&rules).iter().any(|collection| self.is_open(collection)) {
                    return false;
                }
                continue;
            }
            let blocked =
                if grouped { self.ask_collections(&rules, found) } else { self.ask_each(&rules, found) };
            if blocked {
                return true;
            }
        }
        true
    }

    /// Every match counts, up to the first that blocks. Whether one did.
    fn ask_each(&mut self, rules: &[usize], found: &mut Vec<RuleMatch>) -> bool {
        for rule in rules {
            if let Some(matched) = self.ask(*rule) {
                found.push(matched);
                if found.last().is_some_and(|matched| matched.verdict == Verdict::Block) {
                    return true;
                }
            }
        }
        false
    }

    /// Neighbouring rules of one type. Those that come first and have none are never asked.
    fn collections(&self, rules: &[usize]) -> Vec<Vec<usize>> {
        let type_of = |rule: &usize| self.ruleset.rules[*rule].type_tag();
        let untyped = rules.iter().take_while(|rule| type_of(rule).is_empty()).count();
        rules[untyped..].chunk_by(|a, b| type_of(a) == type_of(b)).map(<[usize]>::to_vec).collect()
    }

    /// Whether nothing was reported of a collection's type that is as strong as the collection, which has
    /// the verdict of its first rule.
    fn is_open(&self, collection: &[usize]) -> bool {
        let first = &self.ruleset.rules[collection[0]];
        self.memory.collections.get(first.type_tag()).is_none_or(|known| *known < first.verdict)
    }

    /// Of each open collection the first match counts. Whether one blocked.
    fn ask_collections(&mut self, rules: &[usize], found: &mut Vec<RuleMatch>) -> bool {
        for collection in self.collections(rules) {
            if !self.is_open(&collection) {
                continue;
            }
            let name = self.ruleset.rules[collection[0]].type_tag().to_vec();
            let Some(matched) = collection.iter().find_map(|rule| self.ask(*rule)) else { continue };
            let strongest = self.memory.collections.entry(name).or_default();
            *strongest = matched.verdict.max(*strongest);
            let blocks = matched.verdict == Verdict::Block;
            found.push(matched);
            if blocks {
                return true;
            }
        }
        false
    }

    /// Asks one rule.
    fn ask(&mut self, number: usize) -> Option<RuleMatch> {
        let mode = self.mode(number).cloned();
        if self.memory.done.contains(&number) || mode == Some(FilterMode::Bypass) {
            return None;
        }
        let ruleset = self.ruleset;
        let active = &ruleset.rules[number];
        let hidden: Hidden = self.memory.hidden.get(&number).cloned().unwrap_or_default();
        if !self.all(Owner::Rule(number), &active.rule.conditions, &hidden) {
            return None;
        }
        self.memory.done.insert(number);
        let (verdict, override_action) = match mode {
            Some(FilterMode::Monitor) => (Verdict::Monitor, Some("monitor".into())),
            Some(FilterMode::Custom(action)) => (Verdict::Block, Some(action)),
            _ => (active.verdict, None),
        };
        let places = (0..active.rule.conditions.len()).map(|at| (Owner::Rule(number), at));
        let conditions = places.filter_map(|place| self.memory.matched.get(&place).cloned()).collect();
        Some(RuleMatch { rule: number, conditions, verdict, override_action })
    }
}
