//! Nothing in the repository depends on one machine's folders or one registry's address.

use super::{Finding, Tree};

/// Written in two halves, so that this file does not find itself.
const FOLDERS: [(&str, &str); 4] = [("/wo", "rk/"), ("/tm", "p/"), ("/roo", "t/"), ("C:\\Us", "ers\\")];

const HOSTS: [(&str, &str); 9] = [
    ("crates", ".io/"),
    ("static.crates", ".io"),
    ("index.crates", ".io"),
    ("pypi", ".org"),
    ("pythonhosted", ".org"),
    ("registry.npmjs", ".org"),
    ("proxy.golang", ".org"),
    ("static.rust-lang", ".org"),
    ("deb.debian", ".org"),
];

/// Requests, rules and test values carry such paths as the attacks that they are.
const PAYLOADS: [&str; 4] = ["rules/", "host-examples/requests", "engine/text/src/", "fuzz/"];

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for source in &tree.sources {
        let payload = PAYLOADS.iter().any(|p| source.path.starts_with(p));
        for (at, line) in source.text.lines().enumerate() {
            let mut say = |what: String| found.push(Finding::new(&source.path, at + 1, what));
            for (a, b) in FOLDERS.iter().filter(|_| !payload) {
                if line.contains(&format!("{a}{b}")) {
                    say(format!("names the folder {a}{b}"));
                }
            }
            for (a, b) in HOSTS {
                if line.contains(&format!("{a}{b}")) {
                    say(format!("names the registry {a}{b}"));
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{FOLDERS, HOSTS, PAYLOADS, Tree, check};

    #[test]
    fn every_listed_place_is_found() {
        for (a, b) in FOLDERS.into_iter().chain(HOSTS) {
            let text = format!("fine\nsee {a}{b}x");
            let lines: Vec<_> =
                check(&Tree::of(&[("README.md", &text)])).into_iter().map(|f| f.line).collect();
            assert!(lines.contains(&2), "{a}{b}");
            assert!(!lines.contains(&1), "{a}{b}");
        }
    }

    #[test]
    fn payloads_may_name_folders_but_no_registry() {
        let folder = format!("{}{}", FOLDERS[0].0, FOLDERS[0].1);
        let host = format!("{}{}", HOSTS[3].0, HOSTS[3].1);
        let path = format!("{}x.json", PAYLOADS[0]);
        assert_eq!(check(&Tree::of(&[(&path, &folder)])), []);
        assert_eq!(check(&Tree::of(&[(&path, &host)])).len(), 1);
    }
}
