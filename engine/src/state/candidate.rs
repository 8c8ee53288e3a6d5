//! Values that may match, not yet checked.

use alloc::vec::Vec;

/// Most candidates that are listed per probe and scan; beyond, the probe looks at all values instead.
pub(crate) const MAX_PER_PROBE: u8 = 64;
/// Most path steps that are kept per context; beyond, likewise.
const MAX_STEPS: usize = 1 << 18;

/// A value for a probe: the steps that lead to it from the probe's target.
#[derive(Clone, Copy)]
struct Candidate {
    probe: u32,
    start: u32,
    len: u32,
}

/// The candidates of a context.
#[derive(Clone, Default)]
pub(crate) struct Candidates {
    /// Sorted by probe, per probe in document order.
    listed: Vec<Candidate>,
    steps: Vec<u32>,
    /// Probes with too many candidates to list, sorted.
    unlisted: Vec<u32>,
}

impl Candidates {
    /// Adds a candidate; false when there is no more room for its steps.
    pub(crate) fn add(&mut self, probe: u32, steps: impl Iterator<Item = u32>) -> bool {
        if self.steps.len() >= MAX_STEPS {
            return false;
        }
        let start = self.steps.len();
        self.steps.extend(steps);
        let len = (self.steps.len() - start) as u32;
        self.listed.push(Candidate { probe, start: start as u32, len });
        true
    }

    /// Adds a second probe for the value that was added last.
    pub(crate) fn add_again(&mut self, probe: u32) {
        if let Some(last) = self.listed.last().copied() {
            self.listed.push(Candidate { probe, ..last });
        }
    }

    /// Makes a probe look at all values.
    pub(crate) fn unlist(&mut self, probe: u32) {
        if let Err(at) = self.unlisted.binary_search(&probe) {
            self.unlisted.insert(at, probe);
        }
    }

    /// To be called after candidates were added.
    pub(crate) fn sort(&mut self) {
        self.listed.sort_by_key(|candidate| candidate.probe);
    }

    /// Whether the probe has to look at all values.
    pub(crate) fn is_unlisted(&self, probe: u32) -> bool {
        self.unlisted.binary_search(&probe).is_ok()
    }

    /// Whether there is anything to check for one of these probes.
    pub(crate) fn any(&self, probes: core::ops::Range<u32>) -> bool {
        let at = self.listed.partition_point(|candidate| candidate.probe < probes.start);
        self.listed.get(at).is_some_and(|candidate| candidate.probe < probes.end)
            || self.unlisted.iter().any(|probe| probes.contains(probe))
    }

    /// The steps of a probe's candidates, in document order.
    pub(crate) fn of(&self, probe: u32) -> impl Iterator<Item = &[u32]> {
        let start = self.listed.partition_point(|candidate| candidate.probe < probe);
        self.listed[start..]
            .iter()
            .take_while(move |candidate| candidate.probe == probe)
            .map(|candidate| &self.steps[candidate.start as usize..][..candidate.len as usize])
    }

    /// Drops a probe's candidates: they were checked, or their value is gone.
    pub(crate) fn clear(&mut self, mut is_gone: impl FnMut(u32) -> bool) {
        self.listed.retain(|candidate| !is_gone(candidate.probe));
        self.unlisted.retain(|probe| !is_gone(*probe));
        if self.listed.is_empty() {
            self.steps.clear();
        }
    }

    /// Drops the candidates of one probe.
    pub(crate) fn clear_probe(&mut self, probe: u32) {
        let start = self.listed.partition_point(|candidate| candidate.probe < probe);
        let end = self.listed.partition_point(|candidate| candidate.probe <= probe);
        if start < end {
            self.listed.drain(start..end);
            if self.listed.is_empty() {
                self.steps.clear();
            }
        }
        if let Ok(at) = self.unlisted.binary_search(&probe) {
            self.unlisted.remove(at);
        }
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.listed.is_empty() && self.unlisted.is_empty()
    }
}
