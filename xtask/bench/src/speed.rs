//! Requests of each class on both libraries.

use crate::ddwaf::{Library, Objects, rules_of};
use crate::report::{ClassFigures, Figures};
use crate::rounds::measure;
use crate::traffic::{CLASSES, Class, requests};
use crate::{Outcome, Speed, Traffic, read, write};
use bartizan_peers::agreement::{Call, agree};
use std::path::Path;

pub(crate) fn run(options: &Speed) -> Outcome {
    let source = read(&options.rules)?;
    let libraries = [Library::open(&options.theirs)?, Library::open(&options.ours)?];
    let classes: Vec<Class> =
        CLASSES.into_iter().filter(|c| options.class.is_empty() || options.class.contains(c)).collect();
    let traffic = &options.traffic;
    let drawn: Vec<_> = classes.iter().map(|class| requests(*class, traffic.seed, traffic.share)).collect();

    let mut agreements = Vec::new();
    for (class, requests) in classes.iter().zip(&drawn) {
        let calls: Vec<&[Call]> = requests.iter().map(|r| r.calls.as_slice()).collect();
        let progress = |done| {
            if done % 500 == 0 {
                eprintln!("    {}: {done} of {} compared", class.name(), requests.len());
            }
        };
        let agreed = agree([&options.theirs, &options.ours], &source, class.all_rules(), &calls, progress)
            .map_err(|e| format!("{}: {e}", class.name()))?;
        eprintln!(
            "    {}: {} requests alike, {} of them with events of {} rules",
            class.name(),
            agreed.requests,
            agreed.matched,
            agreed.rules.len()
        );
        agreements.push(agreed);
    }

    let mut figures = Figures::new([libraries[0].version(), libraries[1].version()], options.rounds);
    for ((class, requests), agreed) in classes.iter().zip(&drawn).zip(&agreements) {
        let rules = rules_of(&source, class.all_rules())?;
        let instances = [libraries[0].load(&rules)?, libraries[1].load(&rules)?];
        let objects: Vec<Objects> = requests.iter().map(Objects::of).collect();
        let times = measure([&instances[0], &instances[1]], &objects, options.rounds, |round| {
            eprintln!("    {}: round {round} of {}", class.name(), options.rounds);
        });
        figures.classes.push(ClassFigures::of(*class, requests, agreed, &times));
    }
    println!("{}", figures.table());
    write(&options.out, &figures.to_json())
}

/// Calls `ddwaf_get_version` between the two passes: whoever counts starts there.
pub(crate) fn drive(library: &str, rules: &Path, class: Class, traffic: &Traffic) -> Outcome {
    let library = Library::open(library)?;
    let instance = library.load(&rules_of(&read(rules)?, class.all_rules())?)?;
    let objects: Vec<Objects> =
        requests(class, traffic.seed, traffic.share).iter().map(Objects::of).collect();
    let pass = || instance.pass(&objects);
    let warm = pass();
    library.version();
    if pass() != warm {
        return Err("two passes over the same requests found different things".to_owned());
    }
    println!("{}", objects.len());
    Ok(())
}
