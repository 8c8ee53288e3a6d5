//! Prints a pack: its ruleset, or with `--cases` its tests, one JSON object per line.
//!
//! `cargo run -p bartizan-packs --example pack -- rules/packs/waf-starter --cases`

use bartizan_packs::{Pack, Value, Want};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let dir = args.first().ok_or("usage: pack DIR [--cases]")?;
    let pack = Pack::read(dir.as_ref())?;
    if args.get(1).is_none_or(|arg| arg != "--cases") {
        print!("{}", String::from_utf8(pack.ruleset().to_json_pretty())?);
        return Ok(());
    }
    for case in pack.cases() {
        let runs = case.runs.iter().map(|run| Value::from_json(run)).collect::<Result<_, _>>()?;
        let want = match case.want {
            Want::Nothing => "nothing",
            Want::Match => "match",
            Want::Block => "block",
        };
        let mut line = vec![
            ("id".to_owned(), Value::String(case.id)),
            ("config".to_owned(), Value::from_json(&case.config)?),
            ("runs".to_owned(), Value::Array(runs)),
            ("want".to_owned(), want.into()),
        ];
        line.extend(case.attributes.map(|attributes| ("attributes".to_owned(), attributes)));
        let rules = |ids: Vec<String>| Value::Array(ids.into_iter().map(Value::String).collect());
        line.extend(case.rules.map(|ids| ("rules".to_owned(), rules(ids))));
        println!("{}", String::from_utf8(Value::Map(line).to_json())?);
    }
    Ok(())
}
