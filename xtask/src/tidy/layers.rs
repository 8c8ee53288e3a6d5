//! Who may know whom: crates by their dependencies, stages by their `use` edges.

use super::code::{Token, only, tokens};
use super::{Finding, Source, Tree};
use std::collections::BTreeSet;

/// A name, and the sisters that it may use.
type Row = (&'static str, &'static [&'static str]);

/// Folder of a crate, and the crates of ours that it may depend on (tests may use more).
const CRATES: [Row; 20] = [
    ("engine/object", &[]),
    ("engine/text", &[]),
    ("engine/lang", &["object", "text"]),
    ("engine", &["object", "text", "lang"]),
    ("engine/reference", &["object", "text", "lang", "engine"]),
    ("bindings/host", &["object", "text", "engine"]),
    ("bindings/wire", &["object", "engine", "host"]),
    ("bindings/capi", &["object", "engine", "wire"]),
    ("bindings/capi/artifact", &["capi"]),
    ("bindings/wasm", &["wire"]),
    ("bindings/js", &["wire"]),
    ("rules/build", &[]),
    ("rules/spec/runner", &["object", "lang", "engine", "reference"]),
    ("cli", &["object", "text", "engine", "wire", "packs"]),
    ("xtask", &[]),
    ("xtask/bare", &["object", "engine"]),
    ("xtask/bench", &["object", "engine", "peers"]),
    ("xtask/bindgen", &[]),
    ("xtask/doors", &["object", "engine"]),
    ("xtask/peers", &["text", "capi"]),
];

/// Source folder, and the rows of its modules.
const MODULES: [(&str, &[Row]); 2] = [
    (
        "engine/lang/src",
        &[
            ("vocab", &[]),
            ("ruleset", &["vocab"]),
            ("config", &["vocab", "ruleset"]),
            ("compile", &["vocab", "ruleset", "config"]),
            ("bundle", &["vocab", "ruleset"]),
            ("content", &["vocab", "ruleset", "config", "compile", "bundle"]),
        ],
    ),
    (
        "engine/src",
        &[
            // The plan makes the operators that verify asks.
            ("plan", &["verify"]),
            // What a request has shown holds what each stage remembers of it.
            ("state", &["plan", "verify", "exclude", "process", "report"]),
            ("scan", &["plan", "state"]),
            ("verify", &["plan", "state", "scan", "exclude"]),
            ("exclude", &["plan", "state", "verify"]),
            ("process", &["plan", "state", "scan", "verify", "exclude", "report"]),
            ("report", &["plan", "state", "scan", "verify"]),
            // Only the life cycle meets all stages.
            ("run", &["plan", "state", "scan", "verify", "exclude", "process", "report"]),
        ],
    ),
];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in &tree.sources {
        if let Some(folder) = source.path.strip_suffix("/Cargo.toml") {
            crate_edges(source, folder, &mut found);
        }
    }
    for (folder, modules) in MODULES {
        for source in tree.rust() {
            if let Some(inner) = source.path.strip_prefix(folder).and_then(|p| p.strip_prefix('/')) {
                module_edges(source, inner, modules, &mut found);
            }
        }
    }
    found
}

fn crate_edges(manifest: &Source, folder: &str, found: &mut Vec<Finding>) {
    // A crate with a workspace of its own, such as fuzzing, stands outside the house.
    if !manifest.text.contains("[package]") || manifest.text.lines().any(|l| l.trim() == "[workspace]") {
        return;
    }
    let Some((_, may)) = CRATES.iter().find(|(f, _)| *f == folder) else {
        found.push(Finding::new(&manifest.path, 0, "this crate has no row in the table of layers"));
        return;
    };
    let mut counts = false;
    for (at, line) in manifest.text.lines().enumerate() {
        if let Some(section) = line.trim().strip_prefix('[') {
            let section = section.trim_end_matches(']');
            counts = section.ends_with("dependencies") && !section.contains("dev-");
        } else if let Some(rest) = line.strip_prefix("bartizan-").filter(|_| counts) {
            let name = rest.split(|c: char| !c.is_alphanumeric() && c != '-').next().unwrap_or("");
            if !may.contains(&name) {
                found.push(Finding::new(
                    &manifest.path,
                    at + 1,
                    format!("{folder} must not know bartizan-{name}"),
                ));
            }
        }
    }
}

fn module_edges(source: &Source, inner: &str, modules: &[Row], found: &mut Vec<Finding>) {
    let path = module_path(inner);
    // The root itself only declares and re-exports.
    let Some(home) = path.first() else { return };
    let Some((_, may)) = modules.iter().find(|(m, _)| m == home) else {
        found.push(Finding::new(
            &source.path,
            0,
            format!("the module `{home}` has no row in the table of layers"),
        ));
        return;
    };
    for (line, sister) in edges(&source.text, path.len()) {
        let known = modules.iter().any(|(m, _)| *m == sister);
        if known && sister != *home && !may.contains(&sister.as_str()) {
            found.push(Finding::new(&source.path, line, format!("`{home}` must not know `{sister}`")));
        }
    }
}

/// `plan/group/mod.rs` and `plan/group.rs` are both `[plan, group]`; `lib.rs` is the root.
fn module_path(inner: &str) -> Vec<&str> {
    let mut path: Vec<&str> = inner.trim_end_matches(".rs").split('/').collect();
    if matches!(path.last(), Some(&("mod" | "lib" | "main"))) {
        path.pop();
    }
    path
}

/// Top-level modules named after `crate::` or after enough `super::`, with lines. `depth` is the
/// file's own module depth; each inline module in the file adds one.
fn edges(text: &str, depth: usize) -> BTreeSet<(usize, String)> {
    let code = only(text);
    let tokens = tokens(&code);
    let mut found = BTreeSet::new();
    let mut inline = Vec::new();
    let mut braces = 0usize;
    let mut at = 0;
    while at < tokens.len() {
        let follows = |n: usize, text: &str| tokens.get(at + n).is_some_and(|t| t.text == text);
        match tokens[at].text {
            "{" => braces += 1,
            "}" => {
                braces = braces.saturating_sub(1);
                if inline.last() == Some(&braces) {
                    inline.pop();
                }
            }
            "mod" if follows(2, "{") => inline.push(braces),
            "crate" if follows(1, "::") => {
                heads(&tokens[at + 2..], &mut found);
            }
            "super" => {
                let mut up = 0;
                while follows(2 * up, "super") && follows(2 * up + 1, "::") {
                    up += 1;
                }
                if up > 0 && up == depth + inline.len() {
                    heads(&tokens[at + 2 * up..], &mut found);
                }
                at += (2 * up).saturating_sub(1);
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// The first name of a path, or of each path in a `{…}` group.
fn heads(rest: &[Token<'_>], found: &mut BTreeSet<(usize, String)>) {
    let Some(first) = rest.first() else { return };
    if first.text != "{" {
        found.insert((first.line, first.text.to_owned()));
        return;
    }
    let mut depth = 0usize;
    let mut starts = false;
    for token in rest {
        match token.text {
            "{" => {
                depth += 1;
                starts = depth == 1;
            }
            "}" => {
                depth -= 1;
                if depth == 0 {
                    return;
                }
            }
            "," => starts = depth == 1,
            name => {
                if starts {
                    found.insert((token.line, name.to_owned()));
                }
                starts = false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Tree, check};

    fn found(files: &[(&str, &str)]) -> Vec<(usize, String)> {
        check(&Tree::of(files)).into_iter().map(|f| (f.line, f.what)).collect()
    }

    #[test]
    fn a_crate_knows_only_those_below() {
        let manifest = "[package]\n[dependencies]\nbartizan-lang.workspace = true\n[dev-dependencies]\nbartizan-engine = \"1\"\n";
        assert_eq!(found(&[("engine/Cargo.toml", manifest)]), []);
        assert_eq!(
            found(&[("engine/text/Cargo.toml", manifest)]),
            [(3, "engine/text must not know bartizan-lang".to_owned())]
        );
        assert_eq!(found(&[("new/Cargo.toml", manifest)]).len(), 1);
    }

    #[test]
    fn a_stage_knows_only_those_before_it() {
        let bad =
            |path: &str, text: &str| found(&[(path, text)]).into_iter().map(|(l, _)| l).collect::<Vec<_>>();
        assert_eq!(
            bad("engine/src/report/event.rs", "use crate::verify::Match;\nuse crate::run::Context;"),
            [2]
        );
        assert_eq!(
            bad("engine/src/report/event.rs", "use crate::{\n state,\n run::{Context, plan},\n};"),
            [3]
        );
        assert_eq!(bad("engine/src/report/event.rs", "use super::super::run::X;"), [1]);
        assert_eq!(bad("engine/src/report/mod.rs", "use super::run::X;"), [1]);
        assert_eq!(
            bad("engine/src/report.rs", "mod tests {\n use super::run;\n use super::super::run; }"),
            [3]
        );
        assert_eq!(bad("engine/src/report/event.rs", "use super::run::X; // crate::run"), [0usize; 0]);
        assert_eq!(bad("engine/src/report/event.rs", "fn f() { crate::run::g() }"), [1]);
        assert_eq!(bad("engine/src/run/mod.rs", "use crate::{plan, scan, report};"), [0usize; 0]);
        assert_eq!(bad("engine/src/elsewhere.rs", ""), [0]);
        assert_eq!(bad("engine/src/lib.rs", "pub use crate::run::Builder;"), [0usize; 0]);
    }
}
