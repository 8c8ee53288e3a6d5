//! How much work a call may do.

/// A monotonic clock of the host; the engine has none of its own.
pub trait Clock {
    /// Nanoseconds since any fixed point.
    fn now_ns(&self) -> u64;
}

/// The budget is spent or the deadline has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expired;

/// Work units and, where the host has a clock, a deadline. Once expired it stays so.
pub(crate) struct Budget<'a> {
    units: u64,
    deadline: Option<(&'a dyn Clock, u64)>,
    /// Units until the clock is read again.
    until_clock: u64,
    expired: bool,
}

/// Units between two looks at the clock: about ten microseconds of scanning.
const CLOCK_PERIOD: u64 = 16_384;

impl<'a> Budget<'a> {
    /// `units` is `u64::MAX` for no limit; the deadline is in the clock's nanoseconds.
    pub(crate) fn new(units: u64, deadline: Option<(&'a dyn Clock, u64)>) -> Self {
        Self { units, deadline, until_clock: 0, expired: false }
    }

    /// Spends `units`: roughly one per byte looked at.
    pub(crate) fn spend(&mut self, units: u64) -> Result<(), Expired> {
        if self.expired {
            return Err(Expired);
        }
        if self.units != u64::MAX {
            if self.units <= units {
                self.units = 0;
                self.expired = true;
                return Err(Expired);
            }
            self.units -= units;
        }
        if let Some((clock, deadline_ns)) = self.deadline {
            match self.until_clock.checked_sub(units) {
                Some(rest) if rest > 0 => self.until_clock = rest,
                _ => {
                    self.until_clock = CLOCK_PERIOD;
                    if clock.now_ns() >= deadline_ns {
                        self.expired = true;
                        return Err(Expired);
                    }
                }
            }
        }
        Ok(())
    }

    /// Units that are left; `u64::MAX` where there is no limit.
    pub(crate) fn left(&self) -> u64 {
        self.units
    }

    /// Whether some earlier check found it spent.
    pub(crate) fn expired(&self) -> bool {
        self.expired
    }
}

#[cfg(test)]
mod tests {
    use super::{Budget, Clock, Expired};
    use core::cell::Cell;

    struct Ticks(Cell<u64>);

    impl Clock for Ticks {
        fn now_ns(&self) -> u64 {
            self.0.set(self.0.get() + 1);
            self.0.get()
        }
    }

    #[test]
    fn units_run_out_and_stay_out() {
        let mut budget = Budget::new(10, None);
        assert_eq!(budget.spend(9), Ok(()));
        assert_eq!(budget.left(), 1);
        assert_eq!(budget.spend(1), Err(Expired));
        assert_eq!(budget.spend(0), Err(Expired));
        assert!(budget.expired());
    }

    #[test]
    fn the_first_check_reads_the_clock() {
        let clock = Ticks(Cell::new(5));
        assert_eq!(Budget::new(u64::MAX, Some((&clock, 6))).spend(1), Err(Expired));
        assert_eq!(Budget::new(u64::MAX, Some((&clock, 100))).spend(1), Ok(()));
    }
}
