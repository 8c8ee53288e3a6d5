//! Instructions per request, counted by callgrind: the same from run to run, whatever else the machine does.

use super::{Bench, Class};
use crate::failure::{Failure, Outcome};
use crate::house::{read_text, write};
use crate::tools::{command, debian_package, output, step};
use serde_json::{Map, Value, json};
use std::path::Path;

/// How many of a hundred requests callgrind sees: it is some fifty times slower.
fn share(class: Class, quick: bool) -> usize {
    let share = match class {
        Class::Benign | Class::Attack => 8,
        Class::Worst | Class::Long => 12,
        Class::Rasp | Class::Strict => 15,
    };
    if quick { share / 3 } else { share }
}

impl Bench<'_> {
    /// Counts for each class and library, and leaves a profile of each in dist/bench.
    pub(super) fn instructions(&self) -> Outcome {
        debian_package("valgrind", &["--version"], "valgrind")?;
        step("counting instructions per request");
        let mut counts = Map::new();
        for class in self.options.classes() {
            let name = class.name();
            let mut sides = Map::new();
            for (side, library) in [("theirs", &self.theirs), ("ours", &self.ours)] {
                let profile = self.house.dist("bench").join(format!("{name}-{side}.callgrind"));
                let requests = self.count(class, library, &profile)?;
                let each = total(&profile)? / requests.max(1);
                println!("    {name}, {side}: {each} of {requests} requests each");
                sides.insert(side.to_owned(), json!(each));
            }
            counts.insert(name.to_owned(), Value::Object(sides));
        }
        println!(
            "    profiles: callgrind_annotate dist/bench/CLASS-ours.callgrind, where `--library` had symbols: `cargo build --profile bench -p bartizan-artifact` keeps them"
        );
        write(
            &self.house.dist("bench/instructions.json"),
            format!("{:#}\n", Value::Object(counts)).as_bytes(),
        )
    }

    /// Gives how many requests were played.
    fn count(&self, class: Class, library: &Path, profile: &Path) -> Outcome<u64> {
        let mut valgrind = command("valgrind", &["--quiet", "--tool=callgrind"]);
        // A context's life is counted, from the call between the two passes on.
        for function in ["ddwaf_context_*", "ddwaf_subcontext_*"] {
            valgrind.arg(format!("--toggle-collect={function}"));
        }
        valgrind.arg("--zero-before=ddwaf_get_version");
        valgrind.arg(format!("--callgrind-out-file={}", profile.display()));
        let drive = self.program("drive");
        valgrind.arg(drive.get_program()).args(drive.get_args());
        valgrind.arg("--library").arg(library).args(["--class", class.name()]);
        valgrind.args(["--share", &share(class, self.options.quick).to_string()]);
        let said = output(valgrind, "see what valgrind says")?;
        said.trim().parse().map_err(|_| {
            Failure::new(
                "the program did not say how many requests it played",
                said,
                "run it by hand and see",
            )
        })
    }
}

/// What a profile counts in sum.
fn total(profile: &Path) -> Outcome<u64> {
    let text = read_text(profile)?;
    let sum = text.lines().find_map(|line| line.strip_prefix("totals: ").or(line.strip_prefix("summary: ")));
    sum.and_then(|sum| sum.trim().parse().ok()).ok_or_else(|| {
        Failure::new("a profile without a sum", profile.display().to_string(), "run valgrind by hand and see")
    })
}
