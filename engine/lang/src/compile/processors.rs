//! Processors with the scanners they use.

use super::index::Index;
use crate::config::{Documents, ProcessorDocument, ProcessorOverride, Reference};
use crate::ruleset::{Generator, Processor, Scanner};
use crate::vocab::Text;
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Resolves all processors: those that run before the rules, and those that run after them.
pub(super) fn resolve(documents: &[&Documents]) -> (Vec<Processor>, Vec<Processor>) {
    let scanners: Vec<&Arc<Scanner>> = documents.iter().flat_map(|documents| &documents.scanners).collect();
    let index = Index::new(scanners.iter().map(|scanner| (&scanner.id, scanner.tags.as_slice())));
    let mut overrides: BTreeMap<&Text, Vec<&ProcessorOverride>> = BTreeMap::new();
    for change in documents.iter().flat_map(|documents| &documents.processor_overrides) {
        for target in &change.targets {
            overrides.entry(target).or_default().push(change);
        }
    }
    let resolve = |processor: &ProcessorDocument| Processor {
        id: processor.id.clone(),
        generator: processor.generator,
        conditions: processor.conditions.clone(),
        mappings: processor.mappings.clone(),
        scanners: if processor.generator == Generator::ExtractSchema {
            let overrides = overrides.get(&processor.id).map_or(&[][..], Vec::as_slice);
            select(&index, &processor.scanners, overrides)
                .map(|position| Arc::clone(scanners[position as usize]))
                .collect()
        } else {
            Arc::default()
        },
        evaluate: processor.evaluate,
        output: processor.output,
    };
    documents
        .iter()
        .flat_map(|documents| &documents.processors)
        .map(resolve)
        .partition(|processor| processor.evaluate)
}

/// The positions of the scanners that are included and not excluded. An exclusion by id always holds, one
/// by tags only against inclusions by tags.
fn select(
    index: &Index<'_>,
    own: &[Reference],
    overrides: &[&ProcessorOverride],
) -> impl Iterator<Item = u32> {
    let by_kind = |references: Vec<&Reference>| {
        let (ids, tags): (Vec<_>, Vec<_>) =
            references.into_iter().cloned().partition(|reference| matches!(reference, Reference::Id(_)));
        (index.select(&ids), index.select(&tags))
    };
    let (included_ids, included_tags) =
        by_kind(own.iter().chain(overrides.iter().flat_map(|change| &change.include)).collect());
    let (excluded_ids, excluded_tags) =
        by_kind(overrides.iter().flat_map(|change| &change.exclude).collect());
    let has = |list: &[u32], position: &u32| list.binary_search(position).is_ok();
    let mut selected: Vec<u32> = included_tags;
    selected.retain(|position| !has(&excluded_tags, position));
    selected.extend(included_ids);
    selected.retain(|position| !has(&excluded_ids, position));
    selected.sort_unstable();
    selected.dedup();
    selected.into_iter()
}
