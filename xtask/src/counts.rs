//! What test runners say of themselves, in numbers.

use std::fmt;
use std::ops::AddAssign;

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

impl Counts {
    pub(crate) fn passed(passed: usize) -> Self {
        Counts { passed, ..Counts::default() }
    }

    pub(crate) fn failed(failed: usize) -> Self {
        Counts { failed, ..Counts::default() }
    }

    /// One test.
    pub(crate) fn of(passed: bool) -> Self {
        if passed { Self::passed(1) } else { Self::failed(1) }
    }

    pub(crate) fn total(self) -> usize {
        self.passed + self.failed + self.skipped
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, more: Counts) {
        self.passed += more.passed;
        self.failed += more.failed;
        self.skipped += more.skipped;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// `test result: ok. 3 passed; 0 failed; 1 ignored; …`, one per test binary.
pub(crate) fn of_cargo(text: &str) -> Counts {
    let mut counts = Counts::default();
    for line in text.lines().filter(|l| l.starts_with("test result:")) {
        for part in line.split([';', '.']) {
            let mut words = part.split_whitespace();
            let (Some(Ok(n)), Some(what)) = (words.next().map(str::parse::<usize>), words.next()) else {
                continue;
            };
            match what {
                "passed" => counts.passed += n,
                "failed" => counts.failed += n,
                "ignored" => counts.skipped += n,
                _ => {}
            }
        }
    }
    counts
}

/// `--- PASS: TestName`, of `go test -v`; subtests stand indented and count too.
pub(crate) fn of_go(text: &str) -> Counts {
    let mut counts = Counts::default();
    for line in text.lines().map(str::trim_start) {
        counts.passed += usize::from(line.starts_with("--- PASS:"));
        counts.failed += usize::from(line.starts_with("--- FAIL:"));
        counts.skipped += usize::from(line.starts_with("--- SKIP:"));
    }
    counts
}

/// `# pass 3`, of Node's runner in TAP.
pub(crate) fn of_node(text: &str) -> Counts {
    let mut counts = Counts::default();
    for line in text.lines().filter_map(|l| l.strip_prefix("# ")) {
        let Some((what, Ok(n))) = line.split_once(' ').map(|(what, n)| (what, n.parse::<usize>())) else {
            continue;
        };
        match what {
            "pass" => counts.passed += n,
            "fail" | "cancelled" => counts.failed += n,
            "skipped" | "todo" => counts.skipped += n,
            _ => {}
        }
    }
    counts
}

/// `Ran 3 tests in …` and `OK` or `FAILED (failures=1, errors=1, skipped=1)`, of Python's unittest.
pub(crate) fn of_unittest(text: &str) -> Counts {
    let mut counts = Counts::default();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("Ran ") {
            counts.passed += rest.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0);
        } else if line.starts_with("OK (") || line.starts_with("FAILED (") {
            for part in line.split(['(', ',', ')']).map(str::trim) {
                let Some((what, Ok(n))) = part.split_once('=').map(|(w, n)| (w, n.parse::<usize>())) else {
                    continue;
                };
                match what {
                    "failures" | "errors" | "unexpected successes" => counts.failed += n,
                    "skipped" => counts.skipped += n,
                    _ => continue,
                }
                counts.passed = counts.passed.saturating_sub(n);
            }
        }
    }
    counts
}

/// `runner: {"passed":3,"failed":0,"skipped":0}`, for programs of our own.
pub(crate) fn of_line(text: &str) -> Counts {
    let mut counts = Counts::default();
    for line in text.lines().filter_map(|l| l.strip_prefix("runner: ")) {
        let Ok(said) = serde_json::from_str::<serde_json::Value>(line) else { continue };
        let number = |name: &str| said[name].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
        counts += Counts { passed: number("passed"), failed: number("failed"), skipped: number("skipped") };
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::{Counts, of_cargo, of_go, of_line, of_node, of_unittest};

    #[test]
    fn runners_are_understood() {
        let some = |passed, failed, skipped| Counts { passed, failed, skipped };
        for (got, want) in [
            (
                of_cargo(
                    "x 5 passed;\ntest result: ok. 14 passed; 0 failed; 2 ignored; 0 measured; 3 filtered out; finished in 0.00s\n\
                     test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured",
                ),
                some(15, 1, 2),
            ),
            (
                of_go(
                    "=== RUN A\n    --- PASS: A/x (0.0s)\n--- PASS: A (0.0s)\n--- FAIL: B\n--- SKIP: C\nok pkg",
                ),
                some(2, 1, 1),
            ),
            (
                of_node(
                    "ok 1 - a\n# tests 4\n# pass 2\n# fail 1\n# cancelled 0\n# skipped 1\n# duration_ms 3.4",
                ),
                some(2, 1, 1),
            ),
            (of_unittest("....\nRan 4 tests in 0.1s\n\nOK"), some(4, 0, 0)),
            (of_unittest("Ran 5 tests in 0.1s\n\nFAILED (failures=1, errors=1, skipped=1)"), some(2, 2, 1)),
            (
                of_line("runner: {\"passed\":3,\"failed\":1,\"skipped\":2}\nrunner: {\"passed\":1}"),
                some(4, 1, 2),
            ),
            (of_line("no line"), some(0, 0, 0)),
            (of_cargo(""), some(0, 0, 0)),
        ] {
            assert_eq!(got, want);
        }
    }
}
