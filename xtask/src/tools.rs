//! Running other programs, and installing the few that a fresh machine lacks.

use crate::failure::{Failure, Outcome};
use crate::house::House;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// Says what comes next.
pub(crate) fn step(text: impl AsRef<str>) {
    println!("==> {}", text.as_ref());
    // A closed pipe is the reader's choice; there is nobody left to tell.
    let _ = std::io::stdout().flush();
}

/// What a program printed, and how it ended.
pub(crate) struct Heard {
    pub(crate) text: String,
    pub(crate) status: ExitStatus,
}

pub(crate) fn command(program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments);
    command
}

pub(crate) fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let line = words.map(|w| w.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ");
    match command.get_current_dir() {
        Some(dir) => format!("{line}  (in {})", dir.display()),
        None => line,
    }
}

/// Runs with the terminal's own output; anything but success is a failure.
pub(crate) fn run(mut command: Command, remedy: &str) -> Outcome {
    let line = shown(&command);
    let status = command.stdin(Stdio::null()).status().map_err(|e| absent(&e, &line, remedy))?;
    succeed(status, &line, remedy)
}

/// Runs and gives back standard output; standard error stays the terminal's.
pub(crate) fn output(mut command: Command, remedy: &str) -> Outcome<String> {
    let line = shown(&command);
    let out = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| absent(&e, &line, remedy))?;
    succeed(out.status, &line, remedy)?;
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

/// Runs and gives back both outputs; how the program ended is the caller's to judge.
pub(crate) fn hear(mut command: Command, remedy: &str) -> Outcome<std::process::Output> {
    let line = shown(&command);
    command.stdin(Stdio::null()).output().map_err(|e| absent(&e, &line, remedy))
}

/// Runs, prints standard output line by line as it comes, and keeps it. Prints a sign of life while
/// the program is silent. How the program ended is the caller's to judge.
pub(crate) fn listen(command: Command, remedy: &str) -> Outcome<Heard> {
    tee(command, false, remedy)
}

/// As [`listen`], with standard error in the same stream.
pub(crate) fn listen_both(command: Command, remedy: &str) -> Outcome<Heard> {
    tee(command, true, remedy)
}

fn tee(mut command: Command, both: bool, remedy: &str) -> Outcome<Heard> {
    let line = shown(&command);
    let began = Instant::now();
    let (pipe, end) = std::io::pipe().map_err(|e| absent(&e, &line, remedy))?;
    if both {
        command.stderr(end.try_clone().map_err(|e| absent(&e, &line, remedy))?);
    }
    let mut child =
        command.stdin(Stdio::null()).stdout(end).spawn().map_err(|e| absent(&e, &line, remedy))?;
    // The command still holds the writing end; the reader sees no end of text while it does.
    drop(command);
    let (say, hear) = mpsc::channel();
    let reader = thread::spawn(move || {
        for text in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
            let heard = String::from_utf8_lossy(&text).into_owned();
            println!("{heard}");
            if say.send(heard).is_err() {
                break;
            }
        }
    });
    let mut text = String::new();
    loop {
        match hear.recv_timeout(Duration::from_secs(30)) {
            Ok(heard) => {
                text.push_str(&heard);
                text.push('\n');
            }
            Err(RecvTimeoutError::Timeout) => {
                eprintln!("    … {} s: {line}", began.elapsed().as_secs());
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let status = child.wait().map_err(|e| absent(&e, &line, remedy))?;
    reader.join().map_err(|_| Failure::new("lost a program's output", line, "run it again"))?;
    Ok(Heard { text, status })
}

pub(crate) fn succeed(status: ExitStatus, line: &str, remedy: &str) -> Outcome {
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("a program failed ({status})"), line, remedy))
}

fn absent(error: &std::io::Error, line: &str, remedy: &str) -> Failure {
    Failure::new(format!("cannot run a program: {error}"), line, remedy)
}

/// Whether a program answers.
pub(crate) fn have(program: impl AsRef<OsStr>, arguments: &[&str]) -> bool {
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
}

/// A cargo call in the repository, with the cargo that runs us.
pub(crate) fn cargo(house: &House, arguments: &[&str]) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(arguments).current_dir(house.root());
    // What cargo told this process about xtask itself must not leak into other builds.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text == "CARGO_MANIFEST_DIR" || text == "CARGO_MANIFEST_PATH" {
            cargo.env_remove(&name);
        }
    }
    cargo
}

/// A compilation target of the active toolchain. Needed even where rustup may not install by itself.
pub(crate) fn rust_target(triple: &str) -> Outcome {
    let remedy = "install rustup, or the target's standard library for the rustc in use";
    let sysroot = output(command("rustc", &["--print", "sysroot"]), remedy)?;
    if Path::new(sysroot.trim()).join("lib/rustlib").join(triple).join("lib").is_dir() {
        return Ok(());
    }
    step(format!("installing the Rust target {triple}"));
    run(command("rustup", &["target", "add", triple]), remedy)
}

/// Runs a program that prints little, with a sign of life while it works.
pub(crate) fn listen_quietly(command: Command, remedy: &str) -> Outcome {
    let line = shown(&command);
    let heard = listen(command, remedy)?;
    succeed(heard.status, &line, remedy)
}

/// A Python of the repository's own, so that nothing is installed into the machine's.
pub(crate) fn python(house: &House, name: &str, requirements: &[&str]) -> Outcome<PathBuf> {
    let venv = house.path("target").join(name);
    let python = venv.join("bin/python");
    let stamp = venv.join("installed");
    let wanted = requirements.join("\n");
    if std::fs::read_to_string(&stamp).is_ok_and(|had| had == wanted) && have(&python, &["--version"]) {
        return Ok(python);
    }
    step(
        format!("installing {} into target/{name}", if requirements.is_empty() { "Python" } else { &wanted })
            .replace('\n', ", "),
    );
    let remedy = "check that Python 3.9 or newer is installed with venv, and that the Python package index is reachable";
    let mut make = command("python3", &["-m", "venv", "--clear"]);
    make.arg(&venv);
    run(make, remedy)?;
    if !requirements.is_empty() {
        let mut pip = command(&python, &["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        pip.args(requirements);
        listen_quietly(pip, remedy)?;
    }
    crate::house::write(&stamp, wanted.as_bytes())?;
    Ok(python)
}

/// PHP's command line, from the system's packages where it is missing.
pub(crate) fn php() -> Outcome {
    debian_package("php", &["-r", "exit(extension_loaded('FFI') ? 0 : 1);"], "php-cli")
}

/// A program from the system's packages; `probe` is what it must answer with success.
pub(crate) fn debian_package(program: &str, probe: &[&str], package: &str) -> Outcome {
    if have(program, probe) {
        return Ok(());
    }
    let remedy = format!("install {package} by hand, or run as a user who may use apt-get");
    step(format!("installing {package} with apt-get"));
    run(command("apt-get", &["update", "-qq"]), &remedy)?;
    let mut install = command("apt-get", &["install", "-y", "-qq", "--no-install-recommends", package]);
    install.env("DEBIAN_FRONTEND", "noninteractive");
    listen_quietly(install, &remedy)?;
    if have(program, probe) {
        return Ok(());
    }
    Err(Failure::new(format!("{package} is installed, yet {program} does not answer"), program, remedy))
}
