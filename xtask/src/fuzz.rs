//! `fuzz`: hunts with the targets of fuzz/ on nightly, and says what it found. What a finding needs to be told again is
//! left in fuzz/regressions, which the tests replay.

mod coverage;

use crate::failure::{Failure, Outcome};
use crate::house::{House, files_in, make_dir, read, read_text, write};
use crate::tools::{cargo, command, have, run as call, step};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What is hunted, and how long.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// A target, the name of a file in fuzz/fuzz_targets; all of them without this
    target: Option<String>,
    /// Seconds for each target
    #[arg(long, default_value_t = 60)]
    time: u64,
    /// Do not hunt; say how much of the engine's code each target reaches with what was found on earlier hunts
    #[arg(long)]
    coverage: bool,
}

/// Targets whose code is partly unsafe, for a sanitizer to watch. It makes a target several times slower, so the others, which
/// reach less of that code or the same in the same ways, do without.
const WATCHED: [&str; 4] = ["capi_sequence", "config_text", "eval_sequence", "wire"];

/// Targets that read their input as text or as a document; to the others it is a string of choices, which need not be long,
/// and need not be short before it is long.
const TEXTUAL: [&str; 6] = ["config_text", "detect", "regex_dialect", "token", "transform", "wire"];

/// Bounds of one input: seconds, and MiB over the whole hunt.
const LIMITS: [&str; 2] = ["-timeout=20", "-rss_limit_mb=4096"];

/// How often a hunt says how it goes.
const PULSE: Duration = Duration::from_secs(10);

pub(crate) fn run(house: &House, options: &Options) -> Outcome {
    let mut targets = targets(house)?;
    if let Some(target) = &options.target {
        if !targets.contains(target) {
            return Err(Failure::new(
                format!("there is no target {target}"),
                "fuzz/fuzz_targets",
                targets.join(", "),
            ));
        }
        targets = vec![target.clone()];
    }
    install(house)?;
    if options.coverage {
        return coverage::show(house, &targets);
    }
    let mut table = Vec::new();
    let mut found = Vec::new();
    for target in &targets {
        step(format!("fuzz: {target}, {} s", options.time));
        let hunt = hunt(house, target, options.time)?;
        table.push(format!("{target:>14}: {}", hunt.status));
        for artifact in hunt.artifacts {
            found.push(keep(house, target, &artifact, &hunt.words)?);
        }
    }
    println!();
    table.iter().for_each(|line| println!("{line}"));
    if found.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!("{} findings", found.len()), found.join(", "), "each has a note beside it"))
}

fn targets(house: &House) -> Outcome<Vec<String>> {
    let stem = |path: &PathBuf| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(files_in(&house.path("fuzz/fuzz_targets"))?.iter().map(stem).collect())
}

fn install(house: &House) -> Outcome {
    if !have("rustc", &["+nightly", "--version"]) {
        step("installing the nightly toolchain, which coverage-guided fuzzing needs");
        let rustup = command("rustup", &["toolchain", "install", "nightly", "--profile", "minimal"]);
        call(rustup, "install rustup, or a nightly toolchain by hand")?;
    }
    if !fuzzer(house).exists() {
        step("installing cargo-fuzz into target/tools");
        let tools = house.path("target/tools");
        let mut install = cargo(house, &["install", "--quiet", "--locked", "cargo-fuzz", "--root"]);
        install.arg(tools);
        call(install, "check that the package registry is reachable")?;
    }
    Ok(())
}

fn fuzzer(house: &House) -> PathBuf {
    house.path("target/tools/bin/cargo-fuzz")
}

/// A call of cargo-fuzz for a target, on nightly. What cargo told this process about xtask must not leak into it.
fn cargo_fuzz(house: &House, task: &str, target: &str) -> Command {
    let is_watched = WATCHED.contains(&target);
    let (sanitizer, folder) = if is_watched { ("address", "address") } else { ("none", "plain") };
    let mut fuzz = command(fuzzer(house), &["fuzz", task, "--fuzz-dir", "fuzz", "--features", "hunt"]);
    fuzz.args(["--sanitizer", sanitizer, "--target-dir"])
        .arg(house.path("target/fuzz").join(folder))
        .arg(target);
    fuzz.current_dir(house.root()).env("RUSTUP_TOOLCHAIN", "nightly");
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST") || text == "CARGO" {
            fuzz.env_remove(&name);
        }
    }
    fuzz
}

/// What came of hunting with a target.
struct Hunt {
    /// The fuzzer's last line of numbers.
    status: String,
    /// What else it said at the end.
    words: String,
    /// Inputs that it stopped at.
    artifacts: Vec<PathBuf>,
}

fn hunt(house: &House, target: &str, seconds: u64) -> Outcome<Hunt> {
    let artifacts = house.path("fuzz/artifacts").join(target);
    let corpus = house.path("target/fuzz/corpus").join(target);
    make_dir(&corpus)?;
    make_dir(&artifacts)?;
    let before: BTreeSet<PathBuf> = files_in(&artifacts)?.into_iter().collect();
    let mut fuzz = cargo_fuzz(house, "run", target);
    // The first folder is the one that grows.
    fuzz.arg(corpus);
    for folder in ["seeds", "regressions"] {
        let folder = house.path("fuzz").join(folder).join(target);
        if folder.exists() {
            fuzz.arg(folder);
        }
    }
    fuzz.arg("--").arg(format!("-max_total_time={seconds}")).args(LIMITS);
    fuzz.args(if TEXTUAL.contains(&target) {
        &["-max_len=8192"][..]
    } else {
        &["-max_len=1024", "-len_control=0"]
    });
    if let Some(words) = dictionary(house, target)? {
        fuzz.arg(format!("-dict={}", words.display()));
    }
    if target == "oracle" {
        fuzz.env("BARTIZAN_ORACLE", crate::oracle::fetch(house)?.library);
    }
    let (status, words) = listen(fuzz)?;
    let artifacts: Vec<PathBuf> =
        files_in(&artifacts)?.into_iter().filter(|file| !before.contains(file)).collect();
    if status.is_empty() && artifacts.is_empty() {
        return Err(Failure::new(
            format!("{target} did not start"),
            words,
            "mend what the compiler says above",
        ));
    }
    Ok(Hunt { status, words, artifacts })
}

/// The words of all dictionaries that are for a target, in one file, since the fuzzer reads one.
fn dictionary(house: &House, target: &str) -> Outcome<Option<PathBuf>> {
    let mut words = String::new();
    for file in files_in(&house.path("fuzz/dictionaries"))? {
        let text = read_text(&file)?;
        let mut targets = text.lines().filter_map(|line| line.strip_prefix("# for: "));
        if targets.any(|targets| targets.split(' ').any(|t| t == target)) {
            words += &text;
        }
    }
    if words.is_empty() {
        return Ok(None);
    }
    let merged = house.path("target/fuzz").join(format!("{target}.dict"));
    write(&merged, words.as_bytes())?;
    Ok(Some(merged))
}

/// Runs a fuzzer; gives its last line of numbers, and the last of what else it said.
fn listen(mut fuzz: Command) -> Outcome<(String, String)> {
    let lost =
        |e: std::io::Error| Failure::new(format!("lost the fuzzer: {e}"), "cargo-fuzz", "run it again");
    let mut child =
        fuzz.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().map_err(lost)?;
    let pipe = child.stderr.take().expect("standard error is piped");
    let (mut status, mut words, mut said) = (String::new(), Vec::new(), Instant::now());
    for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line).into_owned();
        if line.starts_with('#') && line.contains("exec/s") {
            if said.elapsed() > PULSE {
                println!("    {line}");
                said = Instant::now();
            }
            status = line;
        } else if !line.trim().is_empty() && !line.starts_with("\tNEW_FUNC") && !is_frame(&line) {
            words.push(line);
        }
    }
    if !child.wait().map_err(lost)?.success() {
        words.iter().for_each(|line| println!("    {line}"));
    }
    Ok((status, words.join("\n")))
}

/// Whether a line belongs to a stack, or is about the fuzzer itself.
fn is_frame(line: &str) -> bool {
    let line = line.trim_start();
    let number = line.trim_start_matches('#').trim_start_matches(|c: char| c.is_ascii_digit());
    number.len() < line.len() && (number.starts_with(": ") || number.starts_with(" 0x"))
        || ["at ", "INFO:", "WARNING:", "Compiling", "Finished"].iter().any(|start| line.starts_with(start))
}

/// Makes a finding small and puts it where it is replayed, with a note; gives its path.
fn keep(house: &House, target: &str, artifact: &Path, words: &str) -> Outcome<String> {
    let name = artifact.file_name().unwrap_or_default().to_string_lossy().into_owned();
    step(format!("fuzz: {target}: making {name} small"));
    let mut small = cargo_fuzz(house, "tmin", target);
    small.args(["--runs", "20000"]).arg(artifact).arg("--").args(LIMITS).arg("-max_total_time=60");
    if target == "oracle" {
        small.env("BARTIZAN_ORACLE", crate::oracle::fetch(house)?.library);
    }
    // Slow inputs and those that need a sanitizer's luck may not shrink; then the first will do.
    listen(small)?;
    let is_small = |file: &&PathBuf| {
        file.file_name().is_some_and(|n| n.to_string_lossy().starts_with("minimized-from-"))
    };
    let folder = house.path("fuzz/artifacts").join(target);
    let shrunk = files_in(&folder)?;
    let bytes = match shrunk.iter().filter(is_small).filter_map(|file| read(file).ok()).min_by_key(Vec::len) {
        Some(bytes) => bytes,
        None => read(artifact)?,
    };
    for file in shrunk.iter().filter(is_small) {
        std::fs::remove_file(file)
            .map_err(|e| Failure::new(e.to_string(), house.show(file), "remove it by hand"))?;
    }
    let kept = house.path("fuzz/regressions").join(target).join(&name[..name.len().min(14)]);
    write(&kept, &bytes)?;
    write(&kept.with_extension("md"), note(target, &house.show(&kept), words).as_bytes())?;
    Ok(house.show(&kept))
}

fn note(target: &str, path: &str, words: &str) -> String {
    let what: Vec<&str> = words.lines().skip_while(|line| !line.contains("panicked")).take(20).collect();
    format!(
        "# {target}: (a sentence)\n\n```\n{}\n```\n\n\
         To see it again: `cd fuzz && cargo test {target}`, on stable; the tests replay `{path}`.\n\n\
         Once it is understood it becomes a case of `rules/spec/found`: where the message has one, printed as\n\
         `- name: … runs: …`, copy that into a suite, give it a name that is a sentence and `origin: fuzz:{target}`,\n\
         and run `cargo xtask spec --bless`; else write the ruleset and request by hand. Then delete this note.\n",
        what.join("\n")
    )
}
