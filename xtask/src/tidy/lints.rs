//! Nobody steps out of the lint wall unseen.

use super::code::{Token, only, tokens};
use super::{Finding, Tree};

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in tree.sources.iter().filter(|s| s.path.ends_with("Cargo.toml")) {
        let own_workspace = source.text.lines().any(|l| l.trim() == "[workspace]");
        let inherits = source.text.contains("[lints]\nworkspace = true");
        if source.text.contains("[package]") && !own_workspace && !inherits {
            found.push(Finding::new(&source.path, 0, "does not say `[lints]` `workspace = true`"));
        }
    }
    for source in tree.rust() {
        let code = only(&source.text);
        let tokens = tokens(&code);
        for (at, window) in tokens.windows(3).enumerate() {
            let named = |i: usize, text: &str| window[i].text == text;
            if (named(0, "["))
                && (named(1, "allow") || named(1, "expect"))
                && named(2, "(")
                && !reasoned(&tokens[at + 3..])
            {
                found.push(Finding::new(
                    &source.path,
                    window[1].line,
                    format!("`{}` without `reason = …`", window[1].text),
                ));
            }
        }
    }
    found
}

/// Whether the attribute that goes on here gives a reason before it ends.
fn reasoned(rest: &[Token<'_>]) -> bool {
    rest.iter().take_while(|t| t.text != "]").any(|t| t.text == "reason")
}

#[cfg(test)]
mod tests {
    use super::{Tree, check};

    #[test]
    fn an_exception_needs_its_reason() {
        let source = "#[allow(dead_code)]\nfn a() {}\n#[expect(x, reason = \"y\")]\nfn b() {}\n#![allow(z)]";
        let found: Vec<_> = check(&Tree::of(&[("a.rs", source)])).into_iter().map(|f| f.line).collect();
        assert_eq!(found, [1, 5]);
    }

    #[test]
    fn each_package_inherits_the_lints() {
        let good = "[package]\nname = \"a\"\n[lints]\nworkspace = true\n";
        let tree = Tree::of(&[
            ("a/Cargo.toml", good),
            ("b/Cargo.toml", "[package]\nname = \"b\"\n"),
            ("Cargo.toml", "[workspace]\n"),
            ("fuzz/Cargo.toml", "[package]\n[workspace]\n"),
        ]);
        let found: Vec<_> = check(&tree).into_iter().map(|f| f.path).collect();
        assert_eq!(found, ["b/Cargo.toml"]);
    }
}
