//! The run as a whole: a worker process that is started again after a crash, and the closing table.

use crate::work::chosen;
use crate::{Arguments, Outcome};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

/// What was there so often has to have fired, or the cases test nothing of it.
const OFTEN: u64 = 1000;

#[derive(Default)]
struct Sum {
    done: u64,
    fired: BTreeMap<String, [u64; 2]>,
    deviations: BTreeMap<String, u64>,
    findings: BTreeMap<String, u64>,
    crashes: Vec<u64>,
    spent_us: [u64; 2],
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    chosen(&arguments.only)?;
    let began = Instant::now();
    let mut sum = Sum::default();
    let mut first = arguments.first;
    let progress = std::env::temp_dir().join(format!("peers-{}", std::process::id()));
    while first < arguments.cases {
        if work(arguments, first, &progress, &mut sum)? {
            break;
        }
        let at = std::fs::read(&progress).ok().and_then(|bytes| bytes.first_chunk().copied());
        let crashed = u64::from_le_bytes(at.ok_or("a worker ended before its first case")?);
        first = crashed + 1;
        let who = ["theirs", "ours"].into_iter().zip([&arguments.theirs, &arguments.ours]);
        let mut guilty = Vec::new();
        for (who, library) in who {
            // Held against itself, a library finds no difference; what is left is the crash.
            let alone = Arguments {
                theirs: library.clone(),
                ours: library.clone(),
                cases: first,
                ..arguments.clone()
            };
            if !work(&alone, crashed, &progress, &mut Sum::default())? {
                guilty.push(who);
            }
        }
        println!("CRASH in case {crashed} of seed {}: {guilty:?}", arguments.seed);
        sum.crashes.push(crashed);
        if sum.crashes.len() >= 20 {
            return Err("20 crashes are enough".to_owned());
        }
    }
    let _ = std::fs::remove_file(&progress);
    sum.print(arguments, began);
    let dead: Vec<_> =
        sum.fired.iter().filter(|(_, [fired, silent])| *fired == 0 && *silent >= OFTEN).collect();
    if !dead.is_empty() {
        let names: Vec<_> = dead.iter().map(|(name, _)| name.as_str()).collect();
        return Err(format!("never fired: {}", names.join(", ")));
    }
    if sum.findings.is_empty() && sum.crashes.is_empty() {
        return Ok(());
    }
    Err("the libraries differ".to_owned())
}

/// Whether a worker came to its end.
fn work(arguments: &Arguments, first: u64, progress: &std::path::Path, sum: &mut Sum) -> Outcome<bool> {
    let program = std::env::current_exe().map_err(|e| format!("cannot find this program: {e}"))?;
    let mut worker = Command::new(program);
    worker.args([
        "work",
        "--theirs",
        &arguments.theirs,
        "--ours",
        &arguments.ours,
        "--only",
        &arguments.only,
    ]);
    worker.args(["--seed", &arguments.seed.to_string(), "--cases", &arguments.cases.to_string()]);
    worker.args(["--first", &first.to_string(), "--progress"]).arg(progress);
    worker.args(arguments.whole.then_some("--whole"));
    let mut worker =
        worker.stdout(Stdio::piped()).spawn().map_err(|e| format!("cannot start a worker: {e}"))?;
    let pipe = worker.stdout.take().expect("standard output is piped");
    for line in BufReader::new(pipe).lines().map_while(Result::ok) {
        match serde_json::from_str::<Json>(&line) {
            Ok(said) => sum.take(&said, &line),
            Err(_) => println!("{line}"),
        }
    }
    let status = worker.wait().map_err(|e| format!("lost a worker: {e}"))?;
    if status.code() == Some(1) {
        return Err("a worker failed, see above".to_owned());
    }
    Ok(status.success())
}

impl Sum {
    fn take(&mut self, said: &Json, line: &str) {
        if let Some(kind) = said["finding"].as_str() {
            *self.findings.entry(kind.to_owned()).or_default() += 1;
            println!("{line}");
        } else if let Some(kind) = said["again"].as_str() {
            *self.findings.entry(kind.to_owned()).or_default() += 1;
        }
        let number = |json: &Json| json.as_u64().unwrap_or(0);
        if let Some(done) = said["done"].as_u64() {
            self.done = done;
            if done % 50_000 == 0 {
                println!("    {done} cases");
            }
        }
        for (name, counts) in said["fired"].as_object().into_iter().flatten() {
            let sum = self.fired.entry(name.clone()).or_default();
            sum[0] += number(&counts[0]);
            sum[1] += number(&counts[1]);
        }
        for (name, count) in said["deviations"].as_object().into_iter().flatten() {
            *self.deviations.entry(name.clone()).or_default() += number(count);
        }
        self.spent_us[0] += number(&said["theirs_us"]);
        self.spent_us[1] += number(&said["ours_us"]);
    }

    fn print(&self, arguments: &Arguments, began: Instant) {
        println!("\nfired / there but silent:");
        for (name, [fired, silent]) in &self.fired {
            let mark = if *fired == 0 { "  NEVER" } else { "" };
            println!("  {fired:>9} {silent:>9}  {name}{mark}");
        }
        // Some can only fire: codes, messages, what every case of a feature does.
        let is_rare = |counts: &[u64; 2]| counts[0] < OFTEN || (1..OFTEN).contains(&counts[1]);
        let rare = self.fired.iter().filter(|(_, counts)| is_rare(counts));
        let rare: Vec<String> = rare.map(|(name, [f, s])| format!("{name} ({f}/{s})")).collect();
        let often = self.fired.len() - rare.len();
        println!(
            "\n{often} of {} fired, and stayed silent where they can, {OFTEN} times or more",
            self.fired.len()
        );
        if !rare.is_empty() {
            println!("less often: {}", rare.join(", "));
        }
        println!("\ndeviations (meant, see docs/deviations.md):");
        for (name, count) in &self.deviations {
            println!("  {count:>9}  {name}");
        }
        println!("\ndifferences that nothing explains:");
        for (name, count) in &self.findings {
            println!("  {count:>9}  {name}");
        }
        let cases = self.done - arguments.first;
        let seconds = began.elapsed().as_secs_f64();
        println!(
            "\nseed {}: {cases} cases in {seconds:.1} s, {:.0} per second ({:.1} s in theirs, {:.1} s in ours); \
             {} differ without explanation, {} crashed",
            arguments.seed,
            cases as f64 / seconds,
            self.spent_us[0] as f64 / 1e6,
            self.spent_us[1] as f64 / 1e6,
            self.findings.values().sum::<u64>(),
            self.crashes.len(),
        );
    }
}
