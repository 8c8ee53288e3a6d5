//! `wheel`: the Python package as it is published, and a fresh environment with it.

use crate::doors::WASMTIME;
use crate::failure::{Failure, Outcome};
use crate::house::{House, empty_dir, files_in};
use crate::tools::{command, output, python, run as call};
use std::path::PathBuf;
use std::process::Command;

/// Builds the wheel of what is in dist/ into dist/wheels.
pub(crate) fn build(house: &House) -> Outcome<PathBuf> {
    let out = house.dist("wheels");
    empty_dir(&out)?;
    let mut build = command("python3", &[]);
    build.arg(house.path("bindings/python/build_wheel.py")).arg(house.dist("")).arg(&out);
    output(build, "install Python 3.9 or newer and binutils")?;
    files_in(&out)?.into_iter().find(|f| f.extension().is_some_and(|e| e == "whl")).ok_or_else(|| {
        Failure::new("no wheel was made", house.show(&out), "run bindings/python/build_wheel.py by hand")
    })
}

/// The interpreter of an environment that has the wheel, as a user would install it, and the frameworks and
/// servers that its tests put under protection.
pub(crate) fn installed(house: &House) -> Outcome<PathBuf> {
    let wheel = build(house)?;
    let requirements =
        [WASMTIME, "flask", "flask-login", "django", "starlette", "gunicorn", "uvicorn", "waitress"];
    let python = python(house, "venv-wheel", &requirements)?;
    let mut pip = command(&python, &["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    pip.args(["--force-reinstall", "--no-deps", "--no-index"]).arg(&wheel);
    call(pip, "see what pip says above")?;
    Ok(python)
}

/// The shared corpus through the package as pip installed it, on the native library or the wasm module.
pub(crate) fn corpus(house: &House, engine: &str) -> Outcome<Command> {
    let mut run = command(installed(house)?, &["bindings/python/tests/corpus.py"]);
    run.arg(engine).current_dir(house.root()).env_remove("PYTHONPATH");
    Ok(run)
}
