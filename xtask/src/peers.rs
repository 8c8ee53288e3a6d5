//! `peers`: our library and the genuine one side by side, over generated cases, the published suite and the
//! recommended rules. The work is done by the program of xtask/peers.

use crate::failure::{Failure, Outcome};
use crate::house::House;
use crate::tools::{cargo, run as call, step};
use crate::{build, oracle};
use clap::Args;
use std::path::PathBuf;
use std::process::Command;

/// What to compare; each switch is a comparison of its own.
#[derive(Args)]
pub(crate) struct Peers {
    /// Generate cases from a seed and compare everything observable
    #[arg(long)]
    oracle: bool,
    /// Run the published suite of black-box tests that lies in this folder
    #[arg(long, value_name = "DIR")]
    validator: Option<PathBuf>,
    /// Evaluate requests and mutations of them with the recommended rules
    #[arg(long)]
    recommended: bool,
    /// Play the case of this file and show both answers
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[arg(long, default_value_t = 100_000)]
    cases: u64,
    /// How many mutated requests
    #[arg(long, default_value_t = 20_000)]
    requests: u64,
    /// Features to generate cases of; all without this
    #[arg(long, value_name = "FEATURE", value_delimiter = ',')]
    only: Vec<String>,
    /// Our library; without this dist/libbartizan.so, which is built when it is not there
    #[arg(long, value_name = "FILE")]
    library: Option<PathBuf>,
}

pub(crate) fn run(house: &House, peers: &Peers) -> Outcome {
    if !(peers.oracle || peers.recommended) && peers.validator.is_none() && peers.replay.is_none() {
        return Err(Failure::new(
            "nothing to compare",
            "cargo xtask peers",
            "ask for --oracle, --recommended, --validator DIR or --replay FILE",
        ));
    }
    let ours = match &peers.library {
        Some(library) => library.clone(),
        None => house.dist("libbartizan.so"),
    };
    if !ours.exists() {
        build::build(house)?;
    }
    if let Some(suite) = &peers.validator {
        step("the published suite, through the C ABI and the wasm module");
        let mut program = program(house, "validator");
        program.arg(suite).arg("--ours").arg(&ours);
        let module = house.dist("bartizan.wasm");
        if module.exists() {
            program.arg("--wasm").arg(module);
        }
        call(program, "see which expectations are not met")?;
    }
    if !(peers.oracle || peers.recommended || peers.replay.is_some()) {
        return Ok(());
    }
    let genuine = oracle::fetch(house)?;
    let both = |mut program: Command| {
        program.arg("--theirs").arg(&genuine.library).arg("--ours").arg(&ours);
        program.args(["--seed", &peers.seed.to_string()]);
        call(program, "replay a case that is shown with --replay FILE")
    };
    if let Some(file) = &peers.replay {
        let mut program = program(house, "replay");
        program.arg(file);
        both(program)?;
    }
    if peers.recommended {
        step("the recommended rules over requests and mutations of them");
        let mut program = program(house, "recommended");
        program.arg(house.path("host-examples/requests.ndjson")).arg("--rules").arg(&genuine.rules);
        program.args(["--cases", &peers.requests.to_string()]);
        both(program)?;
    }
    if peers.oracle {
        step("generated cases");
        let mut program = program(house, "run");
        program.args(["--cases", &peers.cases.to_string(), "--only", &peers.only.join(",")]);
        both(program)?;
    }
    Ok(())
}

fn program(house: &House, task: &str) -> Command {
    cargo(house, &["run", "--quiet", "--release", "--package", "bartizan-peers", "--", task])
}
