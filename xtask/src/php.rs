//! The Composer package as it ships: its tests, the shared corpus, and projects that install and serve it.

use crate::counts::{Counts, of_line};
use crate::failure::Outcome;
use crate::house::{House, empty_dir};
use crate::stage::Task;
use crate::test::judged;
use crate::tools::{command, debian_package, listen, listen_quietly, php, step};
use std::process::Command;

/// Where a fresh project is made.
const FOLDER: &str = "target/packages/php";

pub(crate) fn run(house: &House, task: &Task) -> Outcome {
    php()?;
    match task {
        Task::Bench => bench(house),
        Task::Soak => {
            let mut soak = script(house, "tests/soak.php");
            soak.env("BARTIZAN_SOAK", "1");
            listen_quietly(soak, "see the message above")
        }
    }
}

pub(crate) fn package(house: &House) -> Outcome<Counts> {
    php()?;
    debian_package(
        "php",
        &["-r", "exit((@include 'Nyholm/Psr7/autoload.php') === false ? 1 : 0);"],
        "php-nyholm-psr7",
    )?;
    debian_package("composer", &["--version"], "composer")?;
    if !["php-fpm", "php-fpm8.2"].iter().any(|fpm| crate::tools::have(fpm, &["-v"])) {
        debian_package("php-fpm8.2", &["-v"], "php8.2-fpm")?;
    }
    let mut counts = judged(of_line, &listen(script(house, "tests/run.php"), "see the message above")?);
    let mut protection = script(house, "tests/protection.php");
    protection.arg(house.path("bindings/host/cases.json"));
    protection.env("BARTIZAN_FORCED_PANIC", crate::build::forced_panic(house)?);
    counts += judged(of_line, &listen(protection, "see the message above")?);
    counts += judged(of_line, &listen(script(house, "tests/soak.php"), "see the message above")?);
    step("composer install in an empty project, php -S and PHP-FPM");
    let folder = house.path(FOLDER);
    empty_dir(&folder)?;
    let mut servers = script(house, "tests/servers.php");
    servers.arg(folder);
    counts += judged(of_line, &listen(servers, "see the message above")?);
    Ok(counts)
}

/// The shared corpus through the package.
pub(crate) fn corpus(house: &House) -> Command {
    let mut run = script(house, "tests/corpus.php");
    run.arg(house.path("rules/spec/bundle.json"));
    run
}

/// What a request costs on the recommended rules, beside values that are passed object by object.
fn bench(house: &House) -> Outcome {
    let mut run = command("php", &["-d", "ffi.enable=1", "xtask/cost/php/cost.php"]);
    run.arg(house.dist("php")).arg(crate::oracle::fetch(house)?.rules).current_dir(house.root());
    crate::tools::run(run, "see the message above")
}

/// The example shop.
pub(crate) fn shop(house: &House) -> Outcome<Command> {
    php()?;
    let mut shop = command("php", &["host-examples/php/shop.php", "--package"]);
    shop.arg(house.dist("php"));
    Ok(shop)
}

/// A script of the package, run in it.
fn script(house: &House, name: &str) -> Command {
    let mut php = command("php", &["-d", "ffi.enable=1", name]);
    php.current_dir(house.dist("php"));
    php
}
