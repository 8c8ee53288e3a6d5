//! `bench`: what our library costs, against the genuine one in the same run. The work is done by the program of xtask/bench.

mod instructions;

use crate::failure::Outcome;
use crate::house::{House, make_dir};
use crate::tools::{cargo, command, run as call, step};
use crate::{build, oracle};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::process::Command;

/// What can be measured; each leaves a file of its own in dist/bench.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Requests of each class on both libraries, in turns
    Speed,
    /// Build, first request, reload
    Load,
    /// What instances and contexts hold
    Memory,
    /// Two threads on one instance
    Threads,
    /// The wasm module in wasmtime, V8 and wazero
    Wasm,
    /// Seek the inputs that cost most for each byte
    Worst,
    /// Instructions per request, counted by callgrind
    Instructions,
}

const PARTS: [Part; 7] =
    [Part::Speed, Part::Load, Part::Memory, Part::Threads, Part::Wasm, Part::Worst, Part::Instructions];

/// Kinds of traffic, as the program that measures knows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Class {
    Benign,
    Long,
    Attack,
    Rasp,
    Worst,
    Strict,
}

const CLASSES: [Class; 6] =
    [Class::Benign, Class::Long, Class::Attack, Class::Rasp, Class::Worst, Class::Strict];

impl Class {
    fn name(self) -> &'static str {
        match self {
            Class::Benign => "benign",
            Class::Long => "long",
            Class::Attack => "attack",
            Class::Rasp => "rasp",
            Class::Worst => "worst",
            Class::Strict => "strict",
        }
    }
}

#[derive(Args)]
pub(crate) struct Options {
    /// A fifth of the requests and few rounds, for a first look; without --only speed alone
    #[arg(long)]
    quick: bool,
    /// What to measure; everything without this
    #[arg(long, value_name = "PART", value_delimiter = ',')]
    only: Vec<Part>,
    /// Classes of requests; all without this
    #[arg(long, value_name = "CLASS", value_delimiter = ',')]
    class: Vec<Class>,
    /// The same as --only instructions
    #[arg(long)]
    instructions: bool,
    /// The same as --only worst
    #[arg(long)]
    worst: bool,
    #[arg(long)]
    rounds: Option<usize>,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Our library; without this it is built as what ships is built
    #[arg(long, value_name = "FILE")]
    library: Option<PathBuf>,
    /// A library in the place of the genuine one: an older build of ours, for example
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// Bring the table of the README up to date with what was measured last
    #[arg(long)]
    readme: bool,
}

/// What is measured against what.
struct Bench<'o> {
    house: &'o House,
    options: &'o Options,
    rules: PathBuf,
    theirs: PathBuf,
    ours: PathBuf,
}

pub(crate) fn run(house: &House, options: &Options) -> Outcome {
    let genuine = oracle::fetch(house)?;
    let bench = Bench {
        house,
        options,
        rules: genuine.rules,
        theirs: options.against.clone().unwrap_or(genuine.library),
        ours: match &options.library {
            Some(library) => library.clone(),
            None => library(house)?,
        },
    };
    step("building the benchmark");
    let build = cargo(house, &["build", "--quiet", "--release", "--package", "bartizan-bench"]);
    call(build, "mend what the compiler says")?;
    make_dir(&house.dist("bench"))?;
    for part in PARTS.into_iter().filter(|part| options.wants(*part)) {
        match part {
            Part::Speed => bench.speed()?,
            Part::Load => bench.load()?,
            Part::Memory => bench.each("memory", "what instances and contexts hold")?,
            Part::Threads => bench.each("threads", "two threads")?,
            Part::Wasm => bench.wasm()?,
            Part::Worst => bench.worst()?,
            Part::Instructions => bench.instructions()?,
        }
    }
    bench.report()
}

impl Options {
    fn wants(&self, part: Part) -> bool {
        if self.instructions {
            return part == Part::Instructions;
        }
        if self.worst {
            return part == Part::Worst;
        }
        if self.only.is_empty() { !self.quick || part == Part::Speed } else { self.only.contains(&part) }
    }

    fn classes(&self) -> Vec<Class> {
        CLASSES.into_iter().filter(|c| self.class.is_empty() || self.class.contains(c)).collect()
    }
}

/// Our library, built as what ships is built.
fn library(house: &House) -> Outcome<PathBuf> {
    step("building the C library (release profile)");
    let build = cargo(house, &["build", "--quiet", "--release", "--package", "bartizan-artifact"]);
    call(build, "mend what the compiler says")?;
    Ok(house.path("target/release/libbartizan.so"))
}

impl Bench<'_> {
    /// A call of the program that measures.
    fn program(&self, task: &str) -> Command {
        let mut program = command(self.house.path("target/release/bench"), &[task]);
        program.arg("--rules").arg(&self.rules).args(["--seed", &self.options.seed.to_string()]);
        program
    }

    /// The same with both libraries.
    fn both(&self, task: &str) -> Command {
        let mut program = self.program(task);
        program.arg("--theirs").arg(&self.theirs).arg("--ours").arg(&self.ours);
        program.arg("--out").arg(self.house.dist("bench").join(format!("{task}.json")));
        program
    }

    fn speed(&self) -> Outcome {
        step("requests of each class, in turns");
        let mut speed = self.both("speed");
        let rounds = self.options.rounds.unwrap_or(if self.options.quick { 5 } else { 11 });
        speed.args(["--rounds", &rounds.to_string()]);
        if self.options.quick {
            speed.args(["--share", "20"]);
        }
        for class in self.options.classes() {
            speed.args(["--class", class.name()]);
        }
        call(speed, "where the libraries differ, see which of them is right")
    }

    fn load(&self) -> Outcome {
        step("building, and reloading");
        let mut load = self.both("load");
        if self.options.quick {
            load.args(["--repetitions", "7"]);
        }
        call(load, "see the message above")
    }

    fn worst(&self) -> Outcome {
        step("seeking the dearest inputs");
        call(self.both("worst"), "see the message above")
    }

    /// A task that looks at each library in a process of its own.
    fn each(&self, task: &str, what: &str) -> Outcome {
        for (side, library) in [("theirs", &self.theirs), ("ours", &self.ours)] {
            step(format!("{what}: {side}"));
            let mut program = self.program(task);
            program.arg("--library").arg(library);
            program.arg("--out").arg(self.house.dist("bench").join(format!("{task}-{side}.json")));
            call(program, "see the message above")?;
        }
        Ok(())
    }

    /// Builds the module and its hosts, and lets them take turns with the libraries.
    fn wasm(&self) -> Outcome {
        let house = self.house;
        step("building the wasm module, and its hosts: wasmtime takes some minutes the first time");
        let module = build::wasm(house)?;
        let wasmtime = house.path("target/wasmtime-host");
        let mut cargo = cargo(house, &["build", "--release", "--locked", "--manifest-path"]);
        cargo.arg(house.path("xtask/bench/hosts/wasmtime/Cargo.toml")).env("CARGO_TARGET_DIR", &wasmtime);
        call(cargo, "check that the crate registry is reachable")?;
        let wazero = house.path("target/wazero-host");
        let mut go = command("go", &["build", "-o"]);
        go.arg(&wazero).arg(".").current_dir(house.path("xtask/bench/hosts/wazero"));
        call(go, "install Go 1.25 or newer, and check that the module proxy is reachable")?;
        step("the module in its hosts, in turns with the libraries");
        let mut program = self.both("wasm");
        program.arg("--module").arg(module);
        let wasmtime = wasmtime.join("release/wasmtime-host");
        let v8 = house.path("xtask/bench/hosts/v8.mjs");
        program.arg("--host").arg(format!("wasmtime={}", wasmtime.display()));
        program.arg("--host").arg(format!("V8=node {}", v8.display()));
        program.arg("--host").arg(format!("wazero={}", wazero.display()));
        call(program, "install Node 20 or newer, or see the message above")
    }

    /// The table of all that lies in dist/bench.
    fn report(&self) -> Outcome {
        let mut report = command(self.house.path("target/release/bench"), &["report"]);
        report.arg("--folder").arg(self.house.dist("bench"));
        if self.options.readme {
            report.arg("--readme").arg(self.house.path("README.md"));
        }
        call(report, "see the message above")
    }
}
