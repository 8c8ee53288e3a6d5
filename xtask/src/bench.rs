//! `bench`: what our library costs, against the genuine one in the same run. The work is done by the program of xtask/bench.

use crate::failure::{Failure, Outcome};
use crate::house::{House, make_dir, read_text, write};
use crate::oracle::{self, Oracle};
use crate::tools::{cargo, command, debian_package, output, run as call, step};
use clap::Args;
use std::path::{Path, PathBuf};

const CLASSES: [&str; 6] = ["benign", "long", "attack", "rasp", "worst", "strict"];

#[derive(Args)]
pub(crate) struct Options {
    /// A fifth of the requests, five rounds, speed alone: for a first look
    #[arg(long)]
    quick: bool,
    /// Classes of requests; all without this
    #[arg(long, value_name = "CLASS", value_delimiter = ',')]
    class: Vec<String>,
    /// Count instructions per request with callgrind instead of measuring time
    #[arg(long)]
    instructions: bool,
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
}

pub(crate) fn run(house: &House, options: &Options) -> Outcome {
    if let Some(unknown) = options.class.iter().find(|c| !CLASSES.contains(&c.as_str())) {
        return Err(Failure::new(
            format!("no class of requests is called {unknown}"),
            "--class",
            format!("choose among {}", CLASSES.join(", ")),
        ));
    }
    let genuine = oracle::fetch(house)?;
    let theirs = options.against.clone().unwrap_or_else(|| genuine.library.clone());
    let ours = match &options.library {
        Some(library) => library.clone(),
        None => library(house, "release")?,
    };
    step("building the benchmark");
    call(
        cargo(house, &["build", "--quiet", "--release", "--package", "bartizan-bench"]),
        "mend what the compiler says",
    )?;
    make_dir(&house.dist("bench"))?;
    if options.instructions {
        return instructions(house, options, &genuine, &theirs, &ours);
    }
    step("speed, in turns");
    let mut speed = command(house.path("target/release/bench"), &["speed"]);
    speed.arg("--theirs").arg(theirs).arg("--ours").arg(ours).arg("--rules").arg(&genuine.rules);
    speed.arg("--out").arg(house.dist("bench/speed.json"));
    speed.args(["--seed", &options.seed.to_string()]);
    let rounds = options.rounds.unwrap_or(if options.quick { 5 } else { 11 });
    speed.args(["--rounds", &rounds.to_string()]);
    if options.quick {
        speed.args(["--share", "20"]);
    }
    if !options.class.is_empty() {
        speed.args(["--class", &options.class.join(",")]);
    }
    call(speed, "where the libraries differ, see which of them is right")
}

/// Our library, built with a profile.
fn library(house: &House, profile: &str) -> Outcome<PathBuf> {
    step(format!("building the C library ({profile} profile)"));
    let mut build = cargo(house, &["build", "--quiet", "--package", "bartizan-artifact", "--profile"]);
    build.arg(profile);
    call(build, "mend what the compiler says")?;
    Ok(house.path("target").join(profile).join("libbartizan.so"))
}

/// How many of a hundred requests callgrind sees: it is some fifty times slower.
fn share(class: &str, quick: bool) -> usize {
    let share = match class {
        "benign" | "attack" => 8,
        "worst" | "long" => 12,
        _ => 15,
    };
    if quick { share / 3 } else { share }
}

/// Per class and library, with a profile of each left in dist/bench.
fn instructions(house: &House, options: &Options, genuine: &Oracle, theirs: &Path, ours: &Path) -> Outcome {
    debian_package("valgrind", &["--version"], "valgrind")?;
    let mut counts = serde_json::Map::new();
    println!("instructions per request, once warm");
    println!("class    requests |      theirs        ours |  fewer");
    for class in
        CLASSES.into_iter().filter(|c| options.class.is_empty() || options.class.iter().any(|o| o == c))
    {
        let mut pair = Vec::new();
        let mut requests = 0;
        for (side, library) in [("theirs", theirs), ("ours", ours)] {
            let profile = house.dist("bench").join(format!("{class}-{side}.callgrind"));
            let mut valgrind = command("valgrind", &["--quiet", "--tool=callgrind"]);
            // A context's life is counted, from the call between the two passes on.
            for function in ["ddwaf_context_*", "ddwaf_subcontext_*"] {
                valgrind.arg(format!("--toggle-collect={function}"));
            }
            valgrind.arg("--zero-before=ddwaf_get_version");
            valgrind.arg(format!("--callgrind-out-file={}", profile.display()));
            valgrind.arg(house.path("target/release/bench")).arg("drive").arg("--library").arg(library);
            valgrind.arg("--rules").arg(&genuine.rules).args(["--class", class]);
            valgrind.args(["--seed", &options.seed.to_string()]);
            valgrind.args(["--share", &share(class, options.quick).to_string()]);
            requests = output(valgrind, "see what valgrind says")?.trim().parse().unwrap_or(0);
            pair.push(total(&profile)? / requests.max(1));
        }
        let fewer = pair[0] as f64 / pair[1].max(1) as f64;
        println!("{class:<8} {requests:>8} | {:>11} {:>11} | {fewer:>6.1}", pair[0], pair[1]);
        counts.insert(class.to_owned(), serde_json::json!({"theirs": pair[0], "ours": pair[1]}));
    }
    write(
        &house.dist("bench/instructions.json"),
        format!("{:#}\n", serde_json::Value::Object(counts)).as_bytes(),
    )?;
    println!(
        "profiles: callgrind_annotate dist/bench/CLASS-ours.callgrind; names need --library FILE with symbols, as cargo build --profile bench -p bartizan-artifact leaves them"
    );
    Ok(())
}

/// What a profile counts in sum.
fn total(profile: &Path) -> Outcome<u64> {
    let text = read_text(profile)?;
    let sum = text.lines().find_map(|line| line.strip_prefix("totals: ").or(line.strip_prefix("summary: ")));
    sum.and_then(|sum| sum.trim().parse().ok()).ok_or_else(|| {
        Failure::new("a profile without a sum", profile.display().to_string(), "run valgrind by hand and see")
    })
}
