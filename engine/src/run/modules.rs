//! Rule modules in order.

use crate::exclude::Hidden;
use crate::plan::{Collection, Plan};
use crate::report::RuleMatch;
use crate::scan::{self, Part};
use crate::state::Expired;
use crate::verify::Verifier;
use alloc::vec::Vec;
use bartizan_lang::ruleset::{FilterMode, Module, Verdict};
use core::ops::Range;

/// Filters with conditions need candidates.
pub(super) fn scan_for_filters(verifier: &mut Verifier<'_, '_>) -> Result<(), Expired> {
    let plan = verifier.plan;
    if plan.rule_filters.iter().chain(&plan.input_filters).any(|conditions| !conditions.is_empty()) {
        return scan(verifier, Part::Dying);
    }
    Ok(())
}

fn scan(verifier: &mut Verifier<'_, '_>, part: Part) -> Result<(), Expired> {
    scan::run(verifier.plan, verifier.state, part, verifier.scratch, verifier.budget)
}

/// Asks the rules, module by module, until one blocks.
pub(super) fn run(verifier: &mut Verifier<'_, '_>, found: &mut Vec<RuleMatch>) -> Result<(), Expired> {
    let plan = verifier.plan;
    let mut scanned = [false; 2];
    for module in Module::ALL {
        let rules = plan.modules[module as usize].clone();
        if rules.is_empty()
            || is_grouped(plan, module) && !plan.collections.iter().any(|c| is_open(verifier, c))
        {
            continue;
        }
        let part = if module.honours_deadline() { Part::Dying } else { Part::Undying };
        let verdict = if part == Part::Dying {
            verifier.budget.spend(1)?;
            if !core::mem::replace(&mut scanned[part as usize], true) {
                scan(verifier, part)?;
            }
            module_verdict(verifier, module, rules, found)?
        } else {
            // The access lists have all the time they need.
            let mut endless = crate::state::Budget::new(u64::MAX, None);
            let mut undying = Verifier {
                plan,
                state: verifier.state,
                scratch: verifier.scratch,
                budget: &mut endless,
                now_s: verifier.now_s,
            };
            if !core::mem::replace(&mut scanned[part as usize], true) {
                scan(&mut undying, part)?;
            }
            module_verdict(&mut undying, module, rules, found)?
        };
        if verdict == Verdict::Block {
            return Ok(());
        }
    }
    Ok(())
}

fn module_verdict(
    verifier: &mut Verifier<'_, '_>,
    module: Module,
    rules: Range<u32>,
    found: &mut Vec<RuleMatch>,
) -> Result<Verdict, Expired> {
    if is_grouped(verifier.plan, module) {
        collections(verifier, rules, found)
    } else {
        ungrouped(verifier, rules, found)
    }
}

fn is_grouped(plan: &Plan, module: Module) -> bool {
    module == Module::Waf && !plan.untyped_waf
}

/// Whether a match of the collection would count: none of its type that is as strong was reported before.
fn is_open(verifier: &Verifier<'_, '_>, collection: &Collection) -> bool {
    verifier.state.collections.get(&collection.name) < Some(&collection.verdict)
}

/// Every match counts, up to the first that blocks.
fn ungrouped(
    verifier: &mut Verifier<'_, '_>,
    rules: Range<u32>,
    found: &mut Vec<RuleMatch>,
) -> Result<Verdict, Expired> {
    let mut next = rules.start;
    while let Some(rule) = verifier.state.open_rules.next(next, rules.end) {
        next = rule + 1;
        if let Some(matched) = ask(verifier, rule)? {
            let verdict = matched.verdict;
            found.push(matched);
            if verdict == Verdict::Block {
                return Ok(Verdict::Block);
            }
        }
    }
    Ok(Verdict::Monitor)
}

/// Neighbouring rules of one type form a collection: of each that is open the first match counts.
fn collections(
    verifier: &mut Verifier<'_, '_>,
    rules: Range<u32>,
    found: &mut Vec<RuleMatch>,
) -> Result<Verdict, Expired> {
    let plan = verifier.plan;
    let mut next = rules.start;
    while let Some(rule) = verifier.state.open_rules.next(next, rules.end) {
        let collection = &plan.collections[plan.collection_of[(rule - rules.start) as usize] as usize];
        if !is_open(verifier, collection) {
            next = collection.rules.end;
            continue;
        }
        next = rule + 1;
        if let Some(matched) = ask(verifier, rule)? {
            let verdict = matched.verdict;
            found.push(matched);
            let strongest = verifier.state.collections.entry(collection.name.clone()).or_default();
            *strongest = verdict.max(*strongest);
            if verdict == Verdict::Block {
                return Ok(Verdict::Block);
            }
            next = collection.rules.end;
        }
    }
    Ok(Verdict::Monitor)
}

/// Asks one rule.
fn ask(verifier: &mut Verifier<'_, '_>, rule: u32) -> Result<Option<RuleMatch>, Expired> {
    let plan: &Plan = verifier.plan;
    if verifier.state.done_rules.contains(rule) {
        verifier.state.open_rules.remove(rule);
        return Ok(None);
    }
    let mode = verifier.state.exclusions.mode(plan, rule);
    if mode == Some(&FilterMode::Bypass) {
        return Ok(None);
    }
    let conditions = plan.rules[rule as usize].conditions.clone();
    verifier.budget.spend(1)?;
    if verifier.hopeless(conditions.clone()) {
        verifier.state.open_rules.remove(rule);
        return Ok(None);
    }
    let hidden = Hidden::from_rule(plan, rule);
    if !verifier.all(conditions.clone(), &hidden)? {
        verifier.state.open_rules.remove(rule);
        return Ok(None);
    }
    verifier.state.open_rules.remove(rule);
    verifier.state.done_rules.insert(rule);
    let verdict = plan.ruleset.rules[rule as usize].verdict;
    let (verdict, override_action) = match mode {
        Some(FilterMode::Monitor) => (Verdict::Monitor, Some("monitor".into())),
        Some(FilterMode::Custom(action)) => (Verdict::Block, Some(action.clone())),
        _ => (verdict, None),
    };
    let conditions = conditions.filter_map(|number| verifier.state.matched.get(&number).cloned()).collect();
    Ok(Some(RuleMatch { rule, conditions, verdict, override_action }))
}
