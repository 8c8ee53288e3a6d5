//! `build`: leaves everything that ships in dist/, and holds it against its limits.

use crate::failure::{Failure, Outcome};
use crate::house::{House, empty_dir, files_in, folders_in, install, read, read_text, write};
use crate::npm;
use crate::tools::{cargo, command, output, run as call, rust_target, step};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

const WASM_TARGET: &str = "wasm32-unknown-unknown";

const WASM: [&str; 4] = ["--profile", "wasm", "--target", WASM_TARGET];

/// In bytes after gzip; a module that is fetched has to stay small.
const WASM_GZIP_LIMIT: usize = 600_000;

/// In bytes; the library replaces one of 2.7 MB.
const SO_LIMIT: usize = 2_500_000;

pub(crate) fn run(house: &House) -> Outcome {
    build(house)?;
    for line in check(house)? {
        println!("    {line}");
    }
    step("dist/ is complete");
    Ok(())
}

/// Builds and copies; checks nothing.
pub(crate) fn build(house: &House) -> Outcome {
    rust_target(WASM_TARGET)?;

    step("building the C library and the command (release profile, whole-program optimisation)");
    for file in produced(house, &["bindings/capi/artifact", "cli"], &["--release"])? {
        let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if matches!(name.as_str(), "libbartizan.so" | "libbartizan.a" | "bartizan") {
            install(&file, &house.dist(&name))?;
        }
    }
    for header in files_in(&house.path("bindings/capi/include"))? {
        install(&header, &house.dist("include").join(header.file_name().unwrap_or_default()))?;
    }

    step("building the wasm module and the npm package (wasm profile)");
    install(&wasm(house)?, &house.dist("bartizan.wasm"))?;
    step("building the wasm module for hosts that all have SIMD, fast rather than small");
    install(&simd(house)?, &house.dist("bartizan-simd.wasm"))?;
    npm::package(house, &javascript(house, &[])?)?;
    crate::stage::run(house)?;
    packs(house)?;
    step("building the Python wheel");
    crate::wheel::build(house)?;
    Ok(())
}

/// The same module with vectors. In a folder of its own, as other flags would build everything anew.
fn simd(house: &House) -> Outcome<PathBuf> {
    let flags = format!("target.{WASM_TARGET}.rustflags=[\"-Ctarget-feature=+simd128\"]");
    let fast = ["--config", "profile.wasm.opt-level=3", "--target-dir", "target/simd"];
    let arguments =
        [&["--profile", "wasm", "--target", WASM_TARGET, "--config", &*flags], &fast[..]].concat();
    module(&produced(house, &["bindings/wasm"], &arguments)?)
}

/// Library and module that panic when a request has the header x-bartizan-panic, for tests of packages; in
/// target/forced-panic, unoptimised.
pub(crate) fn forced_panic(house: &House) -> Outcome<PathBuf> {
    step("building a library and a module that can be made to panic");
    let out = house.path("target/forced-panic");
    let feature = ["--features", "forced-panic"];
    for file in produced(house, &["bindings/capi/artifact"], &feature)? {
        if file.extension().is_some_and(|e| e == "so") {
            install(&file, &out.join("libbartizan.so"))?;
        }
    }
    // Without debugging information: hosts compile the module each time that they load it.
    let smaller = ["--config", "profile.dev.debug=false", "--config", "profile.dev.opt-level=1"];
    let place = ["--target", WASM_TARGET, "--target-dir", "target/forced-panic/build"];
    let wasm = [&smaller[..], &feature, &place].concat();
    install(&module(&produced(house, &["bindings/wasm"], &wasm)?)?, &out.join("bartizan.wasm"))?;
    Ok(out)
}

/// The module of the npm package, before wasm-bindgen.
pub(crate) fn javascript(house: &House, features: &[&str]) -> Outcome<PathBuf> {
    rust_target(WASM_TARGET)?;
    let arguments = [&WASM, features].concat();
    module(&produced(house, &["bindings/js"], &arguments)?)
}

/// Builds the wasm module.
pub(crate) fn wasm(house: &House) -> Outcome<PathBuf> {
    rust_target(WASM_TARGET)?;
    module(&produced(house, &["bindings/wasm"], &WASM)?)
}

/// Builds packages by folder and gives the files that cargo says it made of them.
fn produced(house: &House, folders: &[&str], arguments: &[&str]) -> Outcome<Vec<PathBuf>> {
    let mut build = cargo(house, &["build", "--message-format", "json-render-diagnostics"]);
    build.args(arguments);
    for folder in folders {
        build.args(["--package", &package_name(house, folder)?]);
    }
    let manifests: Vec<PathBuf> = folders.iter().map(|f| house.path(f).join("Cargo.toml")).collect();
    let messages = output(build, "mend what the compiler reports above")?;
    let mut files = Vec::new();
    for line in messages.lines() {
        let Ok(message) = serde_json::from_str::<serde_json::Value>(line) else { continue };
        let ours = message["manifest_path"]
            .as_str()
            .is_some_and(|m| manifests.iter().any(|ours| ours == Path::new(m)));
        if ours && message["reason"] == "compiler-artifact" {
            files.extend(
                message["filenames"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(|f| f.as_str())
                    .map(PathBuf::from),
            );
        }
    }
    Ok(files)
}

fn package_name(house: &House, folder: &str) -> Outcome<String> {
    let path = house.path(folder).join("Cargo.toml");
    let manifest = read_text(&path)?;
    let name = manifest.lines().find_map(|l| l.strip_prefix("name = \"")?.strip_suffix('"'));
    name.map(str::to_owned)
        .ok_or_else(|| Failure::new("a manifest without a package name", house.show(&path), "give it one"))
}

fn module(files: &[PathBuf]) -> Outcome<PathBuf> {
    files.iter().find(|f| f.extension().is_some_and(|e| e == "wasm")).cloned().ok_or_else(|| {
        Failure::new("cargo made no wasm module", "the build above", "give the crate the type cdylib")
    })
}

/// Rule packs as JSON, as a host loads them.
pub(crate) fn packs(house: &House) -> Outcome {
    step("building the rule packs");
    empty_dir(&house.dist("packs"))?;
    for pack in folders_in(&house.path("rules/packs"))? {
        let mut make =
            cargo(house, &["run", "--quiet", "--package", "bartizan-packs", "--example", "pack", "--"]);
        make.arg(&pack);
        let ruleset = output(make, "mend the pack at the place that is named above")?;
        let name = pack.file_name().unwrap_or_default().to_string_lossy();
        write(&house.dist("packs").join(format!("{name}.json")), ruleset.as_bytes())?;
    }
    Ok(())
}

/// Sizes, imports and exports. Gives one line per check that holds.
pub(crate) fn check(house: &House) -> Outcome<Vec<String>> {
    let so = house.dist("libbartizan.so");
    let wasm = house.dist("bartizan.wasm");
    let module = read(&wasm)?;
    let mut held = vec![
        size("libbartizan.so", read(&so)?.len(), SO_LIMIT)?,
        size("bartizan.wasm after gzip", gzip(&module), WASM_GZIP_LIMIT)?,
    ];
    held.push(imports(&module)?);
    held.push(symbols(house, &so)?);
    Ok(held)
}

fn size(what: &str, bytes: usize, limit: usize) -> Outcome<String> {
    if bytes > limit {
        return Err(Failure::new(
            format!("{what} is {bytes} bytes, the limit is {limit}"),
            "dist/",
            "find what grew (`nm --size-sort`), or argue for another limit in an ADR",
        ));
    }
    Ok(format!("{what}: {bytes} bytes, limit {limit}"))
}

fn gzip(bytes: &[u8]) -> usize {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.expect("writing to memory does not fail").len()
}

fn imports(module: &[u8]) -> Outcome<String> {
    let place = "dist/bartizan.wasm";
    let broken = |e: wasmparser::BinaryReaderError| {
        Failure::new(format!("not a wasm module: {e}"), place, "build again")
    };
    let mut imports = Vec::new();
    for payload in wasmparser::Parser::new(0).parse_all(module) {
        if let wasmparser::Payload::ImportSection(section) = payload.map_err(broken)? {
            for group in section {
                imports.push(format!("{:?}", group.map_err(broken)?));
            }
        }
    }
    if let Some(first) = imports.first() {
        return Err(Failure::new(
            format!("the module has {} imports, the first is {first}", imports.len()),
            place,
            "the core has no clock, randomness or I/O; find the dependency that wants one",
        ));
    }
    Ok("bartizan.wasm: no imports".to_owned())
}

/// The five functions that libddwaf exports without declaring them, and the two for large containers.
const UNDECLARED: [&str; 7] = [
    "ddwaf_object_null",
    "ddwaf_object_bool",
    "ddwaf_object_signed",
    "ddwaf_object_unsigned",
    "ddwaf_object_float",
    "ddwaf_object_set_array_large",
    "ddwaf_object_set_map_large",
];

fn symbols(house: &House, so: &Path) -> Outcome<String> {
    let mut declared: BTreeSet<String> = UNDECLARED.iter().map(|s| (*s).to_owned()).collect();
    for header in ["ddwaf.h", "bartizan.h"] {
        declared.extend(functions(&read_text(&house.dist("include").join(header))?));
    }
    let mut nm = command("nm", &["--dynamic", "--defined-only", "--format=posix"]);
    nm.arg(so);
    let table = output(nm, "install binutils")?;
    let exported: BTreeSet<String> =
        table.lines().filter_map(|l| l.split_whitespace().next()).map(str::to_owned).collect();
    let list =
        |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect::<Vec<_>>().join(" ");
    let (absent, extra) = (list(&declared, &exported), list(&exported, &declared));
    if !absent.is_empty() || !extra.is_empty() {
        return Err(Failure::new(
            format!("headers and library differ; declared only: [{absent}], exported only: [{extra}]"),
            "dist/libbartizan.so and dist/include",
            "bring bindings/capi/include and the exported functions in line",
        ));
    }
    let count = |prefix: &str| exported.iter().filter(|s| s.starts_with(prefix)).count();
    Ok(format!(
        "libbartizan.so: exports {} ddwaf and {} bartizan functions, as declared",
        count("ddwaf_"),
        count("bartizan_")
    ))
}

/// Names of the functions that a header of ours declares: a name followed by its parameters.
fn functions(header: &str) -> BTreeSet<String> {
    let mut code = String::new();
    let mut rest = header;
    while let Some((before, comment)) = rest.split_once("/*") {
        code.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    code.push_str(rest);
    let mut found = BTreeSet::new();
    for line in
        code.lines().map(|l| l.split("//").next().unwrap_or("")).filter(|l| !l.trim_start().starts_with('#'))
    {
        for (open, _) in line.match_indices('(') {
            let before = line[..open].trim_end();
            let start = before.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(0, |at| at + 1);
            let name = &before[start..];
            // `(*name)(…)` ends in a bracket and so has no name here: a type, not a function.
            if name.starts_with("ddwaf_") || name.starts_with("bartizan_") {
                found.insert(name.to_owned());
            }
        }
    }
    found
}

/// The engine linked for a target that has no std: what links there needs none.
pub(crate) fn bare(house: &House) -> Outcome {
    let triple = "thumbv7em-none-eabi";
    rust_target(triple)?;
    let remedy = "the engine or a dependency asks for std: switch its default features off";
    call(cargo(house, &["build", "--package", "bartizan-bare", "--target", triple]), remedy)
}

#[cfg(test)]
mod tests {
    use super::{functions, gzip, imports, size};

    #[test]
    fn a_header_s_functions_are_its_declarations() {
        let header = "/* ddwaf_not_this(x) */\n#define ddwaf_nor_this(a) (a)\n\
                      typedef void (*ddwaf_type_fn)(void *p);\n// ddwaf_no(\n\
                      bool ddwaf_a(ddwaf_type_fn f,\n   int b);\nconst char *bartizan_b (void); int other(void);";
        assert_eq!(functions(header).into_iter().collect::<Vec<_>>(), ["bartizan_b", "ddwaf_a"]);
    }

    #[test]
    fn limits_bite() {
        assert!(size("x", 10, 10).is_ok());
        assert!(size("x", 11, 10).is_err());
        assert!(gzip(&[0; 1000]) < 100);
    }

    #[test]
    fn an_import_is_found() {
        let empty = b"\0asm\x01\0\0\0";
        let imported = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x02\x07\x01\x01e\x01f\0\0";
        assert!(imports(empty).is_ok());
        assert!(imports(imported).is_err_and(|e| e.to_string().contains("1 imports")));
        assert!(imports(b"no").is_err());
    }
}
