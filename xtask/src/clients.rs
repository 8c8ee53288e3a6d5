//! `clients`: test suites of real clients of libddwaf, on their own library and then on ours, compared
//! test by test.

use crate::counts::Counts;
use crate::ddtrace;
use crate::failure::{Failure, Outcome};
use crate::house::{House, empty_dir, files_in, folders_in, make_dir, read, write};
use crate::tools::{command, hear, shown, step};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The binding of the Go tracer: it carries libddwaf compressed, loads it from memory, and has tests.
const MODULE: &str = "github.com/DataDog/go-libddwaf/v5";
const RELEASE: &str = "v5.0.1";

/// Where the module keeps its library and that library's version, which one of its tests compares.
const LIBRARY: &str = "internal/lib/libddwaf-linux-ARCH.so.gz";
const LIBRARY_VERSION: &str = "internal/lib/.version";
const OUR_VERSION: &str = "2.1.0";

/// Some tests measure time and fail on a busy machine, whatever the library.
const ATTEMPTS: usize = 3;

/// More differences than these are no matter of time.
const MANY: usize = 10;

/// The module calls C in one of two ways, by how it is built.
const WAYS: [(&str, &str, &[&str]); 2] = [("without cgo", "0", &["-tags", "appsec"]), ("with cgo", "1", &[])];

/// A package and a test in it; parts of a test follow its name after slashes.
type Name = (String, String);

/// How each test ended, and what it printed.
type Ended = BTreeMap<Name, (Status, String)>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Passed,
    Failed,
    Skipped,
}

/// All clients, or the Go module alone.
pub(crate) fn run(house: &House, go_alone: bool) -> Outcome {
    let counts = go(house)?;
    println!("{counts}");
    if counts.failed == 0 {
        return if go_alone { Ok(()) } else { ddtrace::run(house) };
    }
    Err(Failure::new(
        format!("{} tests of a client pass with libddwaf and not with this library", counts.failed),
        "the lines marked DIFFERENT above",
        "run the test by itself in target/clients, and compare what both libraries answer there",
    ))
}

/// One count per test of the Go module: passed with both, failed with ours alone, or else skipped.
pub(crate) fn go(house: &House) -> Outcome<Counts> {
    let folder = house.path("target/clients");
    let (theirs, ours) = (folder.join("go-libddwaf"), folder.join("go-bartizan"));
    let source = module(&folder)?;
    for copy in [&theirs, &ours] {
        empty_dir(copy)?;
        copy_tree(&source, copy)?;
    }
    swap(house, &ours)?;

    let mut counts = Counts::default();
    for way in WAYS {
        step(format!("the tests of {MODULE} {RELEASE} {}, with its libddwaf", way.0));
        let with_theirs = tests(&theirs, way, None)?;
        step("the same with libbartizan.so in its place");
        let with_ours = tests(&ours, way, None)?;
        counts += compare(way, (&theirs, with_theirs), (&ours, with_ours))?;
    }
    Ok(counts)
}

/// Fetches the module, as any Go program would, and gives the folder where Go keeps it.
fn module(folder: &Path) -> Outcome<PathBuf> {
    make_dir(folder)?;
    let mut download = command("go", &["mod", "download", "-json", &format!("{MODULE}@{RELEASE}")]);
    download.current_dir(folder);
    let line = shown(&download);
    let heard = hear(download, "install Go 1.25 or newer")?;
    let said: Value = serde_json::from_slice(&heard.stdout).unwrap_or_default();
    if let (true, Some(dir)) = (heard.status.success(), said["Dir"].as_str()) {
        return Ok(PathBuf::from(dir));
    }
    let why = said["Error"]
        .as_str()
        .map_or_else(|| String::from_utf8_lossy(&heard.stderr).trim().to_owned(), str::to_owned);
    Err(Failure::new(
        format!("the Go module cannot be had: {why}"),
        line,
        "check that the module proxy is reachable (`go env GOPROXY`); nothing else needs this module",
    ))
}

/// The content alone: what Go keeps is read-only, and copies have to be changed and removed.
fn copy_tree(from: &Path, to: &Path) -> Outcome {
    for file in files_in(from)? {
        write(&to.join(file.file_name().unwrap_or_default()), &read(&file)?)?;
    }
    for folder in folders_in(from)? {
        copy_tree(&folder, &to.join(folder.file_name().unwrap_or_default()))?;
    }
    Ok(())
}

/// Puts our library where the module has its own.
fn swap(house: &House, copy: &Path) -> Outcome {
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let place = copy.join(LIBRARY.replace("ARCH", arch));
    if std::env::consts::OS != "linux" || !place.exists() || !copy.join(LIBRARY_VERSION).exists() {
        return Err(Failure::new(
            "the module has no library for this machine where one is expected",
            house.show(&place),
            "use Linux on x86_64 or aarch64, or see where this release of the module keeps its library",
        ));
    }
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let library = read(&house.dist("libbartizan.so"))?;
    let packed = encoder.write_all(&library).and_then(|()| encoder.finish());
    write(&place, &packed.expect("writing to memory does not fail"))?;
    write(&copy.join(LIBRARY_VERSION), OUR_VERSION.as_bytes())
}

/// Runs all tests, or one with its parts.
fn tests(copy: &Path, way: (&str, &str, &[&str]), only: Option<&Name>) -> Outcome<Ended> {
    let mut go = command("go", &["test", "-count=1", "-json"]);
    go.args(way.2).current_dir(copy).env("CGO_ENABLED", way.1);
    match only {
        None => go.arg("./..."),
        Some((package, test)) => go.args(["-run", &format!("^{test}$"), package]),
    };
    let line = shown(&go);
    let heard = hear(go, "install Go 1.25 or newer, and a C compiler for cgo")?;
    let ended = understand(&String::from_utf8_lossy(&heard.stdout));
    if ended.is_empty() {
        eprint!("{}{}", String::from_utf8_lossy(&heard.stdout), String::from_utf8_lossy(&heard.stderr));
        return Err(Failure::new("no test of the module ran", line, "see the messages above"));
    }
    Ok(ended)
}

/// Reads the events of `go test -json`. A test that began and never ended has failed.
fn understand(events: &str) -> Ended {
    let mut ended = Ended::new();
    for event in events.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let (Some(package), Some(test)) = (event["Package"].as_str(), event["Test"].as_str()) else {
            continue;
        };
        let (status, text) = ended
            .entry((package.to_owned(), test.to_owned()))
            .or_insert_with(|| (Status::Failed, String::new()));
        match event["Action"].as_str() {
            Some("pass") => *status = Status::Passed,
            Some("skip") => *status = Status::Skipped,
            Some("output") => text.push_str(event["Output"].as_str().unwrap_or_default()),
            _ => {}
        }
    }
    ended
}

/// Prints a line per test, its parts counted in, and what ours said where it did worse.
fn compare(
    way: (&str, &str, &[&str]),
    (theirs, mut with_theirs): (&Path, Ended),
    (ours, mut with_ours): (&Path, Ended),
) -> Outcome<Counts> {
    for _ in 1..ATTEMPTS {
        let again: BTreeSet<Name> = worse(&with_theirs, &with_ours)
            .into_iter()
            .map(|(package, test)| (package, whole(&test).to_owned()))
            .collect();
        if again.len() > MANY {
            break;
        }
        for name in &again {
            println!("    {} differs; both again, by itself", name.1);
            with_theirs.extend(tests(theirs, way, Some(name))?);
            with_ours.extend(tests(ours, way, Some(name))?);
        }
    }
    let worse = worse(&with_theirs, &with_ours);
    let mut table: BTreeMap<(&str, &str), [Counts; 2]> = BTreeMap::new();
    for (side, ended) in [&with_theirs, &with_ours].into_iter().enumerate() {
        for ((package, test), (status, _)) in ended {
            let counts = match status {
                Status::Passed => Counts::passed(1),
                Status::Failed => Counts::failed(1),
                Status::Skipped => Counts { skipped: 1, ..Counts::default() },
            };
            table.entry((package, whole(test))).or_default()[side] += counts;
        }
    }
    for ((package, test), [with_theirs, with_ours]) in table {
        let package = package.strip_prefix(MODULE).unwrap_or(package).trim_start_matches('/');
        let place = if package.is_empty() { String::new() } else { format!("{package}: ") };
        if with_theirs == with_ours {
            println!("    {place}{test}: {with_theirs} with either");
        } else {
            println!("    {place}{test}: DIFFERENT; {with_theirs} with libddwaf; {with_ours} with bartizan");
        }
    }
    for name in &worse {
        println!("    DIFFERENT: {} {} with bartizan:", name.0, name.1);
        let said = with_ours.get(name).map_or("it did not run\n", |(_, text)| text);
        said.lines().for_each(|line| println!("        {line}"));
    }
    let both = |name: &&Name| [&with_theirs, &with_ours].iter().all(|ended| passed(ended, name));
    let passed = with_theirs.keys().filter(both).count();
    let counts = Counts { passed, failed: worse.len(), skipped: with_theirs.len() - passed - worse.len() };
    println!("    {}: {counts}", way.0);
    Ok(counts)
}

/// The tests that pass with theirs and not with ours.
fn worse(theirs: &Ended, ours: &Ended) -> Vec<Name> {
    theirs.keys().filter(|name| passed(theirs, name) && !passed(ours, name)).cloned().collect()
}

fn passed(ended: &Ended, name: &Name) -> bool {
    ended.get(name).is_some_and(|(status, _)| *status == Status::Passed)
}

/// The test that a part belongs to.
fn whole(test: &str) -> &str {
    test.split('/').next().unwrap_or(test)
}

#[cfg(test)]
mod tests {
    use super::{Status, understand, whole, worse};

    #[test]
    fn what_passes_with_theirs_alone_is_found() {
        let events = |endings: &[(&str, &str)]| {
            let mut text = "no event\n{\"Action\":\"start\",\"Package\":\"p\"}\n".to_owned();
            for (test, action) in endings {
                for action in ["run", "output", action] {
                    text += &format!(
                        "{{\"Action\":\"{action}\",\"Package\":\"p\",\"Test\":\"{test}\",\"Output\":\"{action}!\"}}\n"
                    );
                }
            }
            text
        };
        let theirs = understand(&events(&[
            ("A", "pass"),
            ("A/a", "pass"),
            ("B", "pass"),
            ("C", "pass"),
            ("D", "fail"),
            ("E", "skip"),
        ]));
        let ours = understand(&events(&[
            ("A", "fail"),
            ("A/a", "pass"),
            ("B", "pause"),
            ("D", "fail"),
            ("E", "fail"),
        ]));
        assert_eq!(theirs.len(), 6);
        assert_eq!(theirs[&("p".to_owned(), "E".to_owned())].0, Status::Skipped);
        assert_eq!(theirs[&("p".to_owned(), "A".to_owned())].1, "output!");
        let names: Vec<_> = worse(&theirs, &ours).into_iter().map(|(_, test)| test).collect();
        assert_eq!(names, ["A", "B", "C"]);
        assert_eq!((whole("A/b/c"), whole("A")), ("A", "A"));
    }
}
