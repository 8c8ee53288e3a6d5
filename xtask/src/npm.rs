//! The npm package: what bindings/js holds by hand, the module and its glue; and each portable file a second
//! time as a CommonJS module, which is what Node loads for `import` and `require` alike.

use crate::failure::{Failure, Outcome};
use crate::house::{House, empty_dir, files_in, install, read_text, write};
use crate::tools::{cargo, run as call};
use std::path::Path;

/// Makes the package in dist/js of a module that was compiled with wasm-bindgen.
pub(crate) fn package(house: &House, module: &Path) -> Outcome {
    package_into(house, module, &house.dist("js"))
}

/// As [`package`], in another folder.
pub(crate) fn package_into(house: &House, module: &Path, package: &Path) -> Outcome {
    empty_dir(package)?;
    let by_hand = house.path("bindings/js/package");
    for folder in ["", "lib", "lib/node"] {
        for file in files_in(&by_hand.join(folder))? {
            let name = file.file_name().unwrap_or_default();
            install(&file, &package.join(folder).join(name))?;
        }
    }
    let glue = house.path("target/glue");
    empty_dir(&glue)?;
    let mut bind = cargo(house, &["run", "--quiet", "--package", "bindgen", "--"]);
    bind.arg(module).arg(&glue);
    call(bind, "see the message above")?;
    install(&glue.join("glue_bg.wasm"), &package.join("bartizan.wasm"))?;
    install(&glue.join("glue.js"), &package.join("lib/glue.mjs"))?;
    install(&house.path("LICENSE"), &package.join("LICENSE"))?;
    for file in files_in(&package.join("lib"))? {
        if file.extension().is_some_and(|e| e == "mjs") {
            let twin = commonjs(&read_text(&file)?).map_err(|line| {
                let remedy = "write it as the other files do, or teach xtask/src/npm.rs";
                Failure::new(format!("cannot be made a CommonJS module: {line}"), house.show(&file), remedy)
            })?;
            write(&file.with_extension("cjs"), twin.as_bytes())?;
        }
    }
    for file in files_in(package)? {
        if let Some(name) = file.to_string_lossy().strip_suffix(".d.mts") {
            let twin = read_text(&file)?.replace(".mjs\"", ".cjs\"");
            write(Path::new(&format!("{name}.d.cts")), twin.as_bytes())?;
        }
    }
    Ok(())
}

/// A file of ours as a CommonJS module: statements that import and export stand on one line each. Gives the line
/// that it does not understand.
fn commonjs(source: &str) -> Result<String, String> {
    let mut out = String::from("\"use strict\";\n");
    let mut exports = Vec::new();
    for line in source.lines() {
        let unknown = || line.to_owned();
        if let Some(import) = line.strip_prefix("import ") {
            let (names, from) = from(import).ok_or_else(unknown)?;
            let names =
                names.strip_prefix("* as ").map_or_else(|| names.replace(" as ", ": "), str::to_owned);
            out.push_str(&format!("const {names} = {};\n", require(from)));
        } else if let Some(export) = line.strip_prefix("export ") {
            if let Some((names, from)) = from(export) {
                for (own, name) in listed(names).ok_or_else(unknown)? {
                    out.push_str(&format!("exports.{name} = {}.{own};\n", require(from)));
                }
            } else if export.starts_with('{') {
                let names = export.trim_end_matches(';');
                exports.extend(listed(names).ok_or_else(unknown)?);
            } else {
                let mut words = export.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$');
                let name = words.find(|word| !["async", "function", "class", "const", ""].contains(word));
                let name = name.filter(|_| !export.starts_with("let ") && !export.starts_with("default "));
                exports.push((name.ok_or_else(unknown)?.to_owned(), name.ok_or_else(unknown)?.to_owned()));
                out.push_str(export);
                out.push('\n');
            }
        } else if line.contains("import.meta") || line.starts_with("await ") {
            return Err(unknown());
        } else {
            out.push_str(line);
            out.push('\n');
        }
    }
    for (own, name) in exports {
        out.push_str(&format!("exports.{name} = {own};\n"));
    }
    Ok(out)
}

/// `NAMES from "PLACE";`
fn from(statement: &str) -> Option<(&str, &str)> {
    let (names, place) = statement.split_once(" from \"")?;
    Some((names, place.strip_suffix("\";")?))
}

fn require(place: &str) -> String {
    match place.strip_suffix(".mjs") {
        Some(stem) => format!("require(\"{stem}.cjs\")"),
        None => format!("require(\"{place}\")"),
    }
}

/// `{ a, b as c }`: what each is called here, and outside.
fn listed(names: &str) -> Option<Vec<(String, String)>> {
    let names = names.strip_prefix('{')?.strip_suffix('}')?;
    let pair = |name: &str| {
        let (own, outside) = name.split_once(" as ").unwrap_or((name, name));
        (own.trim().to_owned(), outside.trim().to_owned())
    };
    Some(names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(pair).collect())
}

#[cfg(test)]
mod tests {
    use super::commonjs;

    #[test]
    fn imports_and_exports_are_translated() {
        for (source, want) in [
            (r#"import { a, b as c } from "./x.mjs";"#, r#"const { a, b: c } = require("./x.cjs");"#),
            (r#"import * as x from "node:fs";"#, r#"const x = require("node:fs");"#),
            (
                r#"export { a, b as c } from "./x.mjs";"#,
                "exports.a = require(\"./x.cjs\").a;\nexports.c = require(\"./x.cjs\").b;",
            ),
            ("export class A {\n}", "class A {\n}\nexports.A = A;"),
            ("export async function f() {}", "async function f() {}\nexports.f = f;"),
            ("export const a = 1;", "const a = 1;\nexports.a = a;"),
            (
                "function f() {}\nexport { f, f as default };",
                "function f() {}\nexports.f = f;\nexports.default = f;",
            ),
        ] {
            assert_eq!(commonjs(source), Ok(format!("\"use strict\";\n{want}\n")), "{source}");
        }
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for source in [
            "import {",
            "export let a = 1;",
            "export default class {}",
            "const here = import.meta.url;",
            "export * from \"./x.mjs\";",
        ] {
            assert_eq!(commonjs(source), Err(source.to_owned()));
        }
    }
}
