//! `shop`: the example shops, each played against with the same session and the same drill. All must say what
//! host-examples/session.txt holds.

use crate::counts::Counts;
use crate::failure::{Failure, Outcome};
use crate::house::{House, empty_dir, read_text};
use crate::tools::{command, hear, step, succeed};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A shop: its language, and the program before the arguments that all have.
struct Shop {
    name: &'static str,
    program: fn(&House) -> Outcome<Command>,
}

const SHOPS: [Shop; 4] = [
    Shop { name: "Node", program: node },
    Shop { name: "Python", program: python },
    Shop { name: "Go", program: crate::go::shop },
    Shop { name: "PHP", program: crate::php::shop },
];

const RULES: [&str; 3] =
    ["dist/packs/waf-starter.json", "dist/packs/business-logic.json", "host-examples/shop.json"];

const DRILL: &str = "dd-test-scanner-log: 500 requests, 500 events, 0 blocked, 0 answered 403\n\
                     dd-test-scanner-log-block: 500 requests, 500 events, 500 blocked, 500 answered 403\n";

pub(crate) fn run(house: &House) -> Outcome {
    crate::build::build(house)?;
    let counts = tally(house)?;
    println!("{counts}");
    if counts.failed == 0 {
        return Ok(());
    }
    Err(Failure::new(
        format!("{} shops or drills differ", counts.failed),
        "the lines above",
        "compare what was said with host-examples/session.txt",
    ))
}

/// Two tests for each shop, on dist/ as it was built.
pub(crate) fn tally(house: &House) -> Outcome<Counts> {
    let wanted = read_text(&house.path("host-examples/session.txt"))?;
    let mut counts = Counts::default();
    for shop in &SHOPS {
        let folder = house.path("target/shop").join(shop.name);
        empty_dir(&folder)?;
        let events = folder.join("events.ndjson");
        crate::house::write(&events, b"")?;
        let open = Open::start(house, (shop.program)(house)?, &events)?;
        let session = play(house, &open.base, &events, &[])?;
        counts += judged(&format!("{}: the session", shop.name), &session, &wanted);
        let drill = play(house, &open.base, &events, &["--drill"])?;
        counts += judged(&format!("{}: the drill", shop.name), &drill, DRILL);
    }
    Ok(counts)
}

fn judged(what: &str, said: &str, wanted: &str) -> Counts {
    step(format!("{what} {}", if said == wanted { "is as it should be" } else { "DIFFERS" }));
    if said != wanted {
        for (said, wanted) in said.lines().zip(wanted.lines()).filter(|(said, wanted)| said != wanted) {
            println!("    wanted {wanted}\n    said   {said}");
        }
        println!("    {} lines, wanted {}", said.lines().count(), wanted.lines().count());
    }
    Counts::of(said == wanted)
}

fn play(house: &House, base: &str, events: &Path, options: &[&str]) -> Outcome<String> {
    let mut session = command("python3", &["host-examples/session.py"]);
    session.args(options).arg(base).arg(events).current_dir(house.root());
    let heard = hear(session, "install Python 3.9 or newer")?;
    eprint!("{}", String::from_utf8_lossy(&heard.stderr));
    succeed(heard.status, "host-examples/session.py", "see the message above")?;
    Ok(String::from_utf8_lossy(&heard.stdout).into_owned())
}

/// A shop that is open; it closes when this goes.
struct Open {
    child: Child,
    base: String,
}

impl Open {
    fn start(house: &House, mut program: Command, events: &Path) -> Outcome<Self> {
        program.args(["--port", "0", "--events"]).arg(events);
        for rules in RULES {
            program.arg("--rules").arg(house.path(rules));
        }
        let line = crate::tools::shown(&program);
        let absent = |why: String| Failure::new(why, line.clone(), "run it by hand");
        program.stdin(Stdio::null()).stdout(Stdio::piped()).current_dir(house.root());
        let mut child = program.spawn().map_err(|e| absent(format!("the shop does not open: {e}")))?;
        let mut first = String::new();
        if let Some(out) = child.stdout.take() {
            let mut out = BufReader::new(out);
            let _ = out.read_line(&mut first);
            // Whatever else it says must not fill the pipe.
            std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        }
        let base = first.trim().strip_prefix("listening on ").map(str::to_owned);
        let open = Open { child, base: base.clone().unwrap_or_default() };
        base.map(|_| open).ok_or_else(|| absent(format!("the shop does not say where it listens: {first:?}")))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn node(house: &House) -> Outcome<Command> {
    let mut node = command("node", &["host-examples/node/shop.mjs", "--engine"]);
    node.arg(house.dist("js"));
    Ok(node)
}

fn python(house: &House) -> Outcome<Command> {
    let mut python = command(crate::wheel::installed(house)?, &["host-examples/python/shop.py"]);
    python.env_remove("PYTHONPATH");
    Ok(python)
}
