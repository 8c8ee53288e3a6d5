//! Unsafe code stands in few crates, and a ledger says how much of it.

use super::code::{Token, only, tokens};
use super::{Finding, Tree};
use std::collections::BTreeMap;

/// The crates that may hold unsafe code, by folder.
const MAY: [&str; 8] = [
    "engine/object",
    "bindings/capi",
    "bindings/wire",
    "xtask/bare",
    "xtask/bench",
    "xtask/doors",
    "xtask/peers",
    "rules/spec/runner",
];

const LEDGER: &str = "docs/unsafe.md";

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut sites: BTreeMap<&str, usize> = MAY.iter().map(|folder| (*folder, 0)).collect();
    for source in tree.rust() {
        let code = only(&source.text);
        let tokens = tokens(&code);
        let lines: Vec<usize> = tokens.iter().filter(|t| t.text == "unsafe").map(|t| t.line).collect();
        let home =
            MAY.iter().find(|folder| source.path.strip_prefix(**folder).is_some_and(|p| p.starts_with('/')));
        match home {
            Some(folder) => {
                *sites.get_mut(*folder).expect("every folder has its entry") += arguments(&tokens)
            }
            None => found.extend(
                lines.iter().map(|l| Finding::new(&source.path, *l, "unsafe code in a crate without leave")),
            ),
        }
    }
    let ledger = tree.sources.iter().find(|s| s.path == LEDGER);
    let Some(ledger) = ledger else {
        if sites.values().any(|n| *n > 0) {
            found.push(Finding::new(LEDGER, 0, "the ledger is missing"));
        }
        return found;
    };
    let held = read(&ledger.text);
    for (folder, count) in &sites {
        match held.get(*folder) {
            Some((_, n)) if n == count => {}
            Some((line, n)) => {
                found.push(Finding::new(
                    LEDGER,
                    *line,
                    format!("{folder} has {count} sites, the ledger says {n}"),
                ));
            }
            None if *count > 0 => {
                found.push(Finding::new(LEDGER, 0, format!("{folder} has {count} sites and no row")));
            }
            None => {}
        }
    }
    for (folder, (line, _)) in held.iter().filter(|(folder, _)| !sites.contains_key(folder.as_str())) {
        found.push(Finding::new(LEDGER, *line, format!("{folder} may hold no unsafe code")));
    }
    found
}

/// Places where the code claims what no compiler checks: blocks and implementations. Functions that are
/// unsafe to call claim nothing; they ask.
fn arguments(tokens: &[Token<'_>]) -> usize {
    let claims = |pair: &&[Token<'_>]| pair[0].text == "unsafe" && matches!(pair[1].text, "{" | "impl");
    tokens.windows(2).filter(claims).count()
}

/// Rows of the table, by folder: line and number of sites.
fn read(ledger: &str) -> BTreeMap<String, (usize, usize)> {
    let row = |(at, line): (usize, &str)| {
        let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
        let folder = cells.next()?.trim_matches('`').to_owned();
        let sites = cells.next()?.parse().ok()?;
        Some((folder, (at + 1, sites)))
    };
    ledger.lines().enumerate().filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::{LEDGER, Tree, check};

    const SITE: &str = "#![forbid(unsafe_code)]\n// unsafe\nfn f() { unsafe { g() } }\ntype F = unsafe fn();";

    fn found(files: &[(&str, &str)]) -> Vec<(String, usize)> {
        check(&Tree::of(files)).into_iter().map(|f| (f.path, f.line)).collect()
    }

    #[test]
    fn a_site_needs_a_crate_with_leave() {
        assert_eq!(
            found(&[("engine/text/src/a.rs", SITE)]),
            [("engine/text/src/a.rs".into(), 3), ("engine/text/src/a.rs".into(), 4)]
        );
        assert_eq!(found(&[("engine/objects/src/a.rs", SITE)]).len(), 2);
    }

    #[test]
    fn the_ledger_must_agree() {
        let site = ("engine/object/src/a.rs", SITE);
        assert_eq!(found(&[site, (LEDGER, "| `engine/object` | 1 | values |")]), []);
        assert_eq!(found(&[site, (LEDGER, "x\n| `engine/object` | 2 | values |")]), [(LEDGER.into(), 2)]);
        assert_eq!(found(&[site, (LEDGER, "")]), [(LEDGER.into(), 0)]);
        assert_eq!(found(&[site]), [(LEDGER.into(), 0)]);
        assert_eq!(found(&[(LEDGER, "| `engine/text` | 0 | none |")]), [(LEDGER.into(), 1)]);
    }
}
