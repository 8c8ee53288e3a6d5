//! The ways into the engine that `demo` shows. Each is a program of the same command line:
//! `--engine FILE --rules FILE… --requests FILE`; it prints a result document, or `null`, for each run of
//! each request, and on standard error a summary with its time.

use crate::failure::{Failure, Outcome};
use crate::house::{House, make_dir};
use crate::tools::{cargo, command, hear, php, python, run as call, shown, succeed};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a door gave.
pub(crate) struct Ran {
    /// A line per run.
    pub(crate) results: Vec<Vec<u8>>,
    pub(crate) ns_per_request: u64,
}

/// A way into the engine.
#[derive(Clone, Copy)]
pub(crate) enum Door {
    /// The crate, inside a Rust program.
    Native,
    /// The ddwaf functions of the C library.
    Ddwaf,
    /// The bartizan functions of the C library.
    Wire,
    PythonNative,
    PythonWasm,
    Node,
    Go,
    Php,
}

pub(crate) const ALL: [Door; 8] = [
    Door::Native,
    Door::Ddwaf,
    Door::Wire,
    Door::PythonNative,
    Door::PythonWasm,
    Door::Node,
    Door::Go,
    Door::Php,
];

/// Needed by the Python package for the wasm module; the range that the package itself asks for.
pub(crate) const WASMTIME: &str = "wasmtime>=50,<51";

impl Door {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Door::Native => "Rust, the crate",
            Door::Ddwaf => "C, ddwaf functions",
            Door::Wire => "C, bartizan functions",
            Door::PythonNative => "Python, C library",
            Door::PythonWasm => "Python, wasm in wasmtime",
            Door::Node => "Node, wasm in V8",
            Door::Go => "Go, wasm in wazero",
            Door::Php => "PHP, C library",
        }
    }

    pub(crate) fn run(self, house: &House, rules: &[PathBuf], requests: &Path) -> Outcome<Ran> {
        let library = house.dist("libbartizan.so");
        let module = house.dist("bartizan.wasm");
        let (program, engine) = match self {
            Door::Native => (own(house, "native")?, library),
            Door::Ddwaf => (own(house, "ddwaf")?, library),
            Door::Wire => (own(house, "wire")?, library),
            Door::PythonNative => (python_example(house)?, library),
            Door::PythonWasm => (python_example(house)?, module),
            Door::Node => (command("node", &["host-examples/node/main.mjs"]), house.dist("js")),
            Door::Go => (go_example(house)?, module),
            Door::Php => {
                php()?;
                (command("php", &["-d", "ffi.enable=1", "host-examples/php/main.php"]), library)
            }
        };
        through(program, house, &engine, rules, requests)
    }
}

/// The ddwaf functions of any library that has them.
pub(crate) fn ddwaf(house: &House, library: &Path, rules: &Path, requests: &Path) -> Outcome<Ran> {
    through(own(house, "ddwaf")?, house, library, &[rules.to_owned()], requests)
}

/// The program `doors`, built as what ships is built.
fn own(house: &House, door: &str) -> Outcome<Command> {
    Ok(cargo(house, &["run", "--quiet", "--release", "--package", "doors", "--", door]))
}

fn python_example(house: &House) -> Outcome<Command> {
    let mut example = command(python(house, "venv", &[WASMTIME])?, &["host-examples/python/main.py"]);
    example.env("PYTHONPATH", house.path("bindings/python")).env("PYTHONDONTWRITEBYTECODE", "1");
    Ok(example)
}

fn go_example(house: &House) -> Outcome<Command> {
    let program = house.path("target/demo/go-example");
    let mut build = command("go", &["build", "-o"]);
    build.arg(&program).arg(".").current_dir(house.path("host-examples/go"));
    call(build, "install Go 1.25 or newer, and check that the module proxy is reachable")?;
    Ok(Command::new(program))
}

fn through(
    mut run: Command,
    house: &House,
    engine: &Path,
    rules: &[PathBuf],
    requests: &Path,
) -> Outcome<Ran> {
    make_dir(&house.path("target/demo"))?;
    run.arg("--engine").arg(engine);
    for rules in rules {
        run.arg("--rules").arg(rules);
    }
    run.arg("--requests").arg(requests).current_dir(house.root());
    let line = shown(&run);
    let heard = hear(run, "install the program, or see its message")?;
    let said = String::from_utf8_lossy(&heard.stderr);
    if !heard.status.success() {
        eprint!("{said}");
    }
    succeed(heard.status, &line, "see the message above")?;
    // Whatever else was said, by a compiler for example, the summary is the last line.
    let summary: serde_json::Value =
        serde_json::from_str(said.lines().last().unwrap_or_default()).unwrap_or_default();
    let ns_per_request = summary["ns per request"].as_u64().ok_or_else(|| {
        Failure::new(
            "a door did not say its time",
            line,
            "its last line on standard error must be the summary",
        )
    })?;
    let mut results: Vec<_> = heard.stdout.split(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
    // What follows the last line's end is no line.
    results.pop();
    Ok(Ran { results, ns_per_request })
}
