//! One version: what package managers of other languages read is the workspace's.

use super::{Finding, Tree};

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let root = tree.sources.iter().find(|s| s.path == "Cargo.toml");
    let Some(ours) =
        root.and_then(|s| after(&s.text, "[workspace.package]")).and_then(|s| stated(s, "version = "))
    else {
        return vec![Finding::new("Cargo.toml", 0, "says no version of the workspace")];
    };
    let mut found = Vec::new();
    for source in &tree.sources {
        let name = source.path.rsplit('/').next().unwrap_or_default();
        let theirs = match name {
            "package.json" | "composer.json" => stated(&source.text, "\"version\": "),
            "pyproject.toml" => after(&source.text, "[project]").and_then(|s| stated(s, "version = ")),
            "Cargo.toml" if !source.text.contains("[workspace]") => {
                after(&source.text, "[package]").and_then(|s| stated(s, "version = "))
            }
            _ => None,
        };
        if let Some((line, theirs)) = theirs.filter(|(_, theirs)| *theirs != ours.1) {
            let line = source.text.lines().position(|l| l == line).map_or(0, |at| at + 1);
            found.push(Finding::new(&source.path, line, format!("says {theirs}, the workspace {}", ours.1)));
        }
    }
    found
}

/// The text after a heading.
fn after<'a>(text: &'a str, heading: &str) -> Option<&'a str> {
    text.split_once(heading).map(|(_, rest)| rest)
}

/// The first line that begins with `key` and goes on with a quoted value: the line, and the value.
fn stated<'a>(text: &'a str, key: &str) -> Option<(&'a str, &'a str)> {
    text.lines().find_map(|line| Some((line, line.trim_start().strip_prefix(key)?.split('"').nth(1)?)))
}

#[cfg(test)]
mod tests {
    use super::{Tree, check};

    #[test]
    fn another_version_is_found() {
        let tree = Tree::of(&[
            ("Cargo.toml", "[workspace.package]\nversion = \"0.1.0\"\n"),
            ("a/Cargo.toml", "[package]\nversion.workspace = true\n[dependencies]\nx = \"2\"\n"),
            ("b/Cargo.toml", "[package]\nversion = \"0.2.0\"\n"),
            ("c/package.json", "{\n  \"version\": \"0.1.0\"\n}"),
            ("d/package.json", "{\n  \"version\": \"0.1.1\"\n}"),
            ("e/pyproject.toml", "[build-system]\nversion = \"9\"\n[project]\nversion = \"0.1.0\"\n"),
            ("f/pyproject.toml", "[project]\nversion = \"1\"\n"),
        ]);
        let found: Vec<_> = check(&tree).into_iter().map(|f| (f.path, f.line)).collect();
        assert_eq!(
            found,
            [("b/Cargo.toml".into(), 2), ("d/package.json".into(), 2), ("f/pyproject.toml".into(), 2)]
        );
        assert_eq!(check(&Tree::of(&[])).len(), 1);
    }
}
