//! A against B over the same requests in one run: in short turns, with the order flipped from turn to turn.

use crate::ddwaf::{Instance, Objects};
use std::time::Instant;

/// Requests that one side does before it is the other's turn: long enough that each is warm for most of its turn.
const TURN: usize = 40;

/// Nanoseconds by request and round.
pub(crate) struct Times {
    rounds: Vec<Vec<u64>>,
}

/// Plays each request once per round on both; the first round only warms up.
pub(crate) fn measure(
    sides: [&Instance<'_>; 2],
    requests: &[Objects],
    rounds: usize,
    mut progress: impl FnMut(usize),
) -> [Times; 2] {
    let mut times = [const { Times { rounds: Vec::new() } }; 2];
    for round in 0..=rounds {
        let mut ns = [vec![0; requests.len()], vec![0; requests.len()]];
        // Turns begin elsewhere in each round, so that no request always comes first.
        let shift = round * 17 % TURN;
        let starts = std::iter::once(0).chain((shift..requests.len()).step_by(TURN));
        for (turn, start) in starts.enumerate() {
            let end = if turn == 0 { shift.min(requests.len()) } else { (start + TURN).min(requests.len()) };
            for flip in 0..2 {
                let side = (round + turn + flip) % 2;
                for at in start..end {
                    let began = Instant::now();
                    sides[side].play(&requests[at]);
                    ns[side][at] = began.elapsed().as_nanos() as u64;
                }
            }
        }
        if round > 0 {
            let [theirs, ours] = ns;
            times[0].rounds.push(theirs);
            times[1].rounds.push(ours);
        }
        progress(round);
    }
    times
}

impl Times {
    /// Of rounds, each with the time of each request.
    pub(crate) fn of(rounds: Vec<Vec<u64>>) -> Self {
        Times { rounds }
    }

    fn requests(&self) -> usize {
        self.rounds.first().map_or(0, Vec::len)
    }

    fn each(&self, of: impl Fn(&mut Vec<u64>) -> u64) -> Vec<u64> {
        (0..self.requests()).map(|at| of(&mut self.rounds.iter().map(|round| round[at]).collect())).collect()
    }

    /// Each request's best round.
    pub(crate) fn bests(&self) -> Vec<u64> {
        self.each(|times| times.iter().copied().min().unwrap_or(0))
    }

    /// Each request's middle round.
    fn medians(&self) -> Vec<u64> {
        self.each(|times| quantile(times, 50))
    }

    /// Mean over requests of each request's best round, in nanoseconds.
    pub(crate) fn best(&self) -> f64 {
        mean(&self.bests())
    }

    /// The same of each request's middle round.
    pub(crate) fn median(&self) -> f64 {
        mean(&self.medians())
    }

    /// What one request in a hundred exceeds in its middle round.
    pub(crate) fn p99(&self) -> f64 {
        quantile(&mut self.medians(), 99) as f64
    }

    /// What one request in a hundred exceeds, of all rounds together: with whatever else the machine did.
    pub(crate) fn p99_of_all(&self) -> f64 {
        quantile(&mut self.rounds.concat(), 99) as f64
    }
}

/// Best and middle of some times, in nanoseconds.
pub(crate) fn best_and_median(times: &mut [u64]) -> (u64, u64) {
    let median = quantile(times, 50);
    (times.first().copied().unwrap_or(0), median)
}

fn mean(of: &[u64]) -> f64 {
    of.iter().sum::<u64>() as f64 / of.len().max(1) as f64
}

/// The value that so many of a hundred do not exceed.
pub(crate) fn quantile(of: &mut [u64], percent: usize) -> u64 {
    of.sort_unstable();
    let at = (of.len() * percent).div_ceil(100).saturating_sub(1);
    of.get(at).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{Times, quantile};

    #[test]
    fn figures_are_those_of_each_request() {
        let times = Times { rounds: vec![vec![10, 200], vec![30, 100], vec![20, 900]] };
        assert_eq!(times.bests(), [10, 100]);
        assert_eq!((times.best(), times.median()), (55.0, 110.0));
        assert_eq!((times.p99(), times.p99_of_all()), (200.0, 900.0));
        assert_eq!(quantile(&mut [3, 1, 2], 50), 2);
        assert_eq!(quantile(&mut [], 50), 0);
    }
}
