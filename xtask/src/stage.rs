//! The Go module and the Composer package as they ship: what is written by hand in bindings/, the engine and the
//! licence, in one folder each.

use crate::failure::Outcome;
use crate::house::{House, empty_dir, files_in, folders_in, install};
use crate::tools::step;
use std::path::Path;

/// What is asked of one of them alone.
#[derive(clap::Subcommand)]
pub(crate) enum Task {
    /// Measure what a request costs on the recommended rules, beside a peer
    Bench,
    /// A million requests from 8 goroutines or workers, while rules change a thousand times
    Soak,
}

pub(crate) fn run(house: &House) -> Outcome {
    step("staging the Go module and the Composer package");
    package(house, "go", "bartizan-simd.wasm", "bartizan.wasm")?;
    let place = format!("lib/{}-{}/libbartizan.so", std::env::consts::OS, std::env::consts::ARCH);
    package(house, "php", "libbartizan.so", &place)
}

fn package(house: &House, language: &str, engine: &str, place: &str) -> Outcome {
    let package = house.dist(language);
    empty_dir(&package)?;
    copy(&house.path("bindings").join(language), &package)?;
    install(&house.path("LICENSE"), &package.join("LICENSE"))?;
    install(&house.dist(engine), &package.join(place))
}

pub(crate) fn copy(from: &Path, to: &Path) -> Outcome {
    for file in files_in(from)? {
        install(&file, &to.join(file.file_name().unwrap_or_default()))?;
    }
    for folder in folders_in(from)?.iter().filter(|f| !f.ends_with("vendor")) {
        copy(folder, &to.join(folder.file_name().unwrap_or_default()))?;
    }
    Ok(())
}
