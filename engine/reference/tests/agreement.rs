//! The engine answers what its twin answers, on generated cases.
//!
//! `BARTIZAN_CASES` sets how many, `BARTIZAN_SEED` where they start.

use bartizan_reference::generate::{Case, Step, case};
use bartizan_reference::judge::{Agreement, judge};
use bartizan_reference::shrink::shrink;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn shown(case: &Case) -> String {
    case.steps
        .iter()
        .map(|step| match step {
            Step::Update { path, config } => format!("  update {path} {}\n", config.to_json()),
            Step::Eval { context, data, now_s, has_time } => {
                format!(
                    "  eval in {context} at {now_s} {}: {}\n",
                    if *has_time { "" } else { "without time" },
                    data.to_json()
                )
            }
            step => format!("  {step:?}\n"),
        })
        .collect()
}

#[test]
fn engine_and_twin_agree() {
    let (first, count) = (number("BARTIZAN_SEED", 1), number("BARTIZAN_CASES", 4_000));
    let mut sum = Agreement::default();
    let mut failures = 0;
    for seed in first..first + count {
        match judge(&case(seed)) {
            Ok(agreement) => {
                sum.evaluations += agreement.evaluations;
                sum.matches += agreement.matches;
                sum.events += agreement.events;
            }
            Err(_) => {
                failures += 1;
                if failures < 12 {
                    let small = shrink(&case(seed), 5000, |case| judge(case).is_err());
                    let difference = judge(&small).expect_err("still fails");
                    println!("seed {seed}:\n{}{difference}", shown(&small));
                }
            }
        }
    }
    println!("{sum:?} failures {failures}");
    assert_eq!(failures, 0);
}
