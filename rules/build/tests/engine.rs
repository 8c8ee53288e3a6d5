//! The tests of every pack, on the engine.

use bartizan_packs::{Engine, Pack, Value};
use bartizan_wire::{Builder, Format, Instance, Request};
use std::collections::HashMap;
use std::path::Path;

/// Long after the entries of test data that have expired.
const NOW: u64 = 1_800_000_000;

/// Instances by config: most tests of a rule or a pack share one.
#[derive(Default)]
struct Ours(HashMap<Vec<u8>, Instance>);

impl Engine for Ours {
    fn run(&mut self, config: &[u8], runs: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, String> {
        if !self.0.contains_key(config) {
            self.0.insert(config.to_vec(), load(config)?);
        }
        let mut context = self.0[config].context();
        let evaluate = |run: &Vec<u8>| {
            let mut out = Vec::new();
            let request = Request { now_s: NOW, ..Request::default() };
            let matched = context.eval(run, request, &mut out).map_err(|e| e.to_string())?;
            Ok(matched.then_some(out))
        };
        runs.iter().map(evaluate).collect()
    }
}

fn load(config: &[u8]) -> Result<Instance, String> {
    let mut builder = Builder::new();
    let update = builder.update(b"pack", config, Format::Json);
    let diagnostics = Value::from_json(&update.diagnostics)?;
    for (section, said) in diagnostics.as_map().unwrap_or_default() {
        let failed = said.get("failed").and_then(Value::as_array).unwrap_or_default();
        if !failed.is_empty() || said.get("error").is_some() {
            return Err(format!("{section}: {}", String::from_utf8_lossy(&said.to_json())));
        }
    }
    builder.build().ok_or_else(|| "nothing would ever run".to_owned())
}

fn check(name: &str) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packs").join(name);
    let cases = Pack::read(&dir).unwrap_or_else(|e| panic!("{e}")).cases();
    let mut engine = Ours::default();
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| case.check(&mut engine).err().map(|why| format!("{}: {why}", case.id)))
        .collect();
    assert!(wrong.is_empty(), "{} of {} tests fail:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn waf_starter_does_what_its_tests_say() {
    check("waf-starter");
}

#[test]
fn business_logic_does_what_its_tests_say() {
    check("business-logic");
}
