//! The genuine article: what the ddtrace wheel carries, fetched for comparison and never kept in the tree.

use crate::failure::{Failure, Outcome};
use crate::house::{House, make_dir};
use crate::tools::{command, listen_quietly, python, run, step};
use std::path::PathBuf;

/// The release whose rules and library the project is measured against.
pub(crate) const DDTRACE: &str = "ddtrace==4.16.0";

/// What was taken out of the wheel.
pub(crate) struct Oracle {
    /// The recommended rules, as tracers ship them.
    pub(crate) rules: PathBuf,
    /// libddwaf 2.1.0.
    pub(crate) library: PathBuf,
}

const RULES: &str = "ddtrace/appsec/rules.json";

/// Copies two members of a zip archive to given paths.
const EXTRACT: &str = "
import glob, sys, zipfile
folder, *wanted = sys.argv[1:]
archive = zipfile.ZipFile(glob.glob(folder + '/*.whl')[0])
for member, path in zip(wanted[::2], wanted[1::2]):
    with open(path, 'wb') as out: out.write(archive.read(member))
";

/// Fetches once; later calls find it in target/oracle.
pub(crate) fn fetch(house: &House) -> Outcome<Oracle> {
    let folder = house.path("target/oracle");
    let oracle = Oracle { rules: folder.join("rules.json"), library: folder.join("libddwaf.so") };
    if oracle.rules.exists() && oracle.library.exists() {
        return Ok(oracle);
    }
    let arch = std::env::consts::ARCH;
    if std::env::consts::OS != "linux" {
        return Err(Failure::new(
            "the genuine library is compared on Linux only",
            std::env::consts::OS,
            "use a Linux machine",
        ));
    }
    step(format!("fetching the {DDTRACE} wheel for its rules and library"));
    make_dir(&folder)?;
    let python = python(house, "venv-oracle", &[])?;
    // Any Python's wheel carries the same two files, so the machine's own version does not matter.
    let platform = format!("manylinux2014_{arch}");
    let mut pip =
        command(&python, &["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]);
    pip.args(["--disable-pip-version-check", "--python-version", "3.11", "--platform", &platform, "--dest"]);
    pip.arg(&folder).arg(DDTRACE);
    listen_quietly(pip, "check that the Python package index is reachable")?;
    let library = format!("ddtrace/appsec/_ddwaf/libddwaf/{arch}/lib/libddwaf.so");
    let mut extract = command(&python, &["-c", EXTRACT]);
    extract.arg(&folder).arg(RULES).arg(&oracle.rules).arg(library).arg(&oracle.library);
    run(extract, "the wheel is not laid out as expected; compare its listing with the names above")?;
    Ok(oracle)
}
