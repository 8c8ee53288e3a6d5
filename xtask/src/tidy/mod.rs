//! Checks of the tree that no compiler makes. Plain text processing; each check can fail, and its tests show it.

mod code;
mod layers;
mod links;
mod lints;
mod places;
mod sizes;
mod unsafety;
mod versions;
mod words;

use crate::failure::{Failure, Outcome};
use crate::house::House;
use crate::tools::{command, output, step};

/// One text file of the repository, by its path from the root.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// The text files that are committed or about to be.
pub(crate) struct Tree {
    pub(crate) sources: Vec<Source>,
    /// Every path, of binary files too.
    pub(crate) paths: Vec<String>,
}

/// Something to mend.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) path: String,
    /// From 1; 0 when the whole file is meant.
    pub(crate) line: usize,
    pub(crate) what: String,
}

impl Finding {
    pub(crate) fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Finding { path: path.to_owned(), line, what: what.into() }
    }
}

type Check = fn(&Tree) -> Vec<Finding>;

/// Name, check, what to do.
const CHECKS: [(&str, Check, &str); 8] = [
    (
        "layers",
        layers::check,
        "go through a layer that may know both, or change the table in xtask/src/tidy/layers.rs with an ADR",
    ),
    ("sizes", sizes::check, "split the file by noun: one small thing, one file"),
    ("words", words::check, "name the thing by what it is in the rule language or the pipeline"),
    (
        "unsafe",
        unsafety::check,
        "move the unsafe code to a crate that may hold it, or bring docs/unsafe.md up to date",
    ),
    ("lints", lints::check, "inherit the workspace's lints; give each exception its reason"),
    ("versions", versions::check, "say the workspace's version"),
    ("places", places::check, "say it without a path of one machine or the address of one registry"),
    ("links", links::check, "mend the link or the heading it points to"),
];

/// Passed and failed checks, for `test`.
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
}

pub(crate) fn run(house: &House) -> Outcome {
    let tally = tally(house)?;
    if tally.failed == 0 {
        return Ok(());
    }
    Err(Failure::new(
        format!("{} of {} checks found something", tally.failed, CHECKS.len()),
        "the lines above",
        "see each check's advice",
    ))
}

pub(crate) fn tally(house: &House) -> Outcome<Tally> {
    let tree = read(house)?;
    step(format!("tidy: {} files", tree.paths.len()));
    let mut tally = Tally { passed: 0, failed: 0 };
    for (name, check, remedy) in CHECKS {
        let findings = check(&tree);
        if findings.is_empty() {
            println!("    {name}: ok");
            tally.passed += 1;
            continue;
        }
        tally.failed += 1;
        println!("    {name}: {} found", findings.len());
        for finding in &findings {
            match finding.line {
                0 => println!("      {}: {}", finding.path, finding.what),
                line => println!("      {}:{line}: {}", finding.path, finding.what),
            }
        }
        println!("      to mend: {remedy}");
    }
    Ok(tally)
}

/// Asks git, so that ignored files stay out and new ones count before they are committed.
fn read(house: &House) -> Outcome<Tree> {
    let mut git = command("git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    git.current_dir(house.root());
    let list = output(git, "run this in a git clone of the repository")?;
    let mut paths: Vec<String> = list.split('\0').filter(|p| !p.is_empty()).map(str::to_owned).collect();
    paths.sort();
    paths.dedup();
    // A file that git knows and the work tree lacks is a removal not committed yet.
    paths.retain(|p| house.path(p).exists());
    let sources = paths
        .iter()
        .filter_map(|path| {
            let text = String::from_utf8(std::fs::read(house.path(path)).ok()?).ok()?;
            Some(Source { path: path.clone(), text })
        })
        .collect();
    Ok(Tree { sources, paths })
}

impl Tree {
    fn rust(&self) -> impl Iterator<Item = &Source> {
        self.sources.iter().filter(|s| s.path.ends_with(".rs"))
    }

    /// A tree of given files, for tests of checks.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        Tree {
            sources: files.iter().map(|(p, t)| Source { path: (*p).into(), text: (*t).into() }).collect(),
            paths: files.iter().map(|(p, _)| (*p).into()).collect(),
        }
    }
}
