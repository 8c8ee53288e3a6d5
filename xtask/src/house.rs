//! Where things are: the repository's root and the folders that tasks write to.

use crate::failure::{Failure, Outcome};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The repository this program was built from.
pub(crate) struct House {
    root: PathBuf,
}

impl House {
    /// `cargo run` says where it found xtask; the place it was built at may be another clone's.
    pub(crate) fn here() -> Self {
        let xtask = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        House { root: Path::new(&xtask).parent().expect("xtask/ stands in the root").to_owned() }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path below the root. `target/…` is where tasks install and download.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.root.join(below)
    }

    /// What ships.
    pub(crate) fn dist(&self, below: &str) -> PathBuf {
        self.root.join("dist").join(below)
    }

    /// A path as people write it: from the root where possible.
    pub(crate) fn show(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}

pub(crate) fn read(path: &Path) -> Outcome<Vec<u8>> {
    fs::read(path).map_err(|e| {
        Failure::new(
            format!("cannot read a file: {e}"),
            path.display().to_string(),
            "check that it was built or committed",
        )
    })
}

pub(crate) fn read_text(path: &Path) -> Outcome<String> {
    String::from_utf8(read(path)?)
        .map_err(|e| Failure::new(format!("not UTF-8: {e}"), path.display().to_string(), "save it as UTF-8"))
}

pub(crate) fn write(path: &Path, bytes: &[u8]) -> Outcome {
    make_dir(path.parent().unwrap_or(Path::new(".")))?;
    fs::write(path, bytes).map_err(|e| {
        Failure::new(
            format!("cannot write a file: {e}"),
            path.display().to_string(),
            "check permissions and free space",
        )
    })
}

/// Copies by rename, so that a process that still maps the old file keeps what it has.
pub(crate) fn install(from: &Path, to: &Path) -> Outcome {
    make_dir(to.parent().unwrap_or(Path::new(".")))?;
    let fresh = to.with_extension("fresh");
    fs::copy(from, &fresh).and_then(|_| fs::rename(&fresh, to)).map_err(|e| {
        Failure::new(
            format!("cannot copy {}: {e}", from.display()),
            to.display().to_string(),
            "check that the build left the file, and permissions and free space",
        )
    })
}

pub(crate) fn make_dir(path: &Path) -> Outcome {
    fs::create_dir_all(path).map_err(|e| {
        Failure::new(
            format!("cannot make a folder: {e}"),
            path.display().to_string(),
            "check permissions and free space",
        )
    })
}

/// Removes a folder's content; a folder that is not there is empty already.
pub(crate) fn empty_dir(path: &Path) -> Outcome {
    match fs::remove_dir_all(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(Failure::new(
            format!("cannot empty a folder: {e}"),
            path.display().to_string(),
            "check permissions and that no program holds files in it",
        )),
        _ => make_dir(path),
    }
}

/// The files right inside a folder, sorted by name.
pub(crate) fn files_in(path: &Path) -> Outcome<Vec<PathBuf>> {
    Ok(inside(path)?.into_iter().filter(|p| p.is_file()).collect())
}

/// The folders right inside a folder, sorted by name.
pub(crate) fn folders_in(path: &Path) -> Outcome<Vec<PathBuf>> {
    Ok(inside(path)?.into_iter().filter(|p| p.is_dir()).collect())
}

fn inside(path: &Path) -> Outcome<Vec<PathBuf>> {
    let list = fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(|e| {
        Failure::new(format!("cannot list a folder: {e}"), path.display().to_string(), "check that it exists")
    })?;
    let mut paths: Vec<_> = list.into_iter().map(|e| e.path()).collect();
    paths.sort();
    Ok(paths)
}
