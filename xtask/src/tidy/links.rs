//! Links between the repository's texts lead somewhere.

use super::{Finding, Tree};
use std::collections::HashSet;

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut known: HashSet<&str> = tree.paths.iter().map(String::as_str).collect();
    for path in &tree.paths {
        let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
        known.extend(folders);
    }
    let mut found = Vec::new();
    for source in tree.sources.iter().filter(|s| s.path.ends_with(".md")) {
        for (line, target) in targets(&source.text) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let Some(path) = resolve(&source.path, file) else {
                found.push(Finding::new(
                    &source.path,
                    line,
                    format!("`{target}` leads out of the repository"),
                ));
                continue;
            };
            if !known.contains(path.as_str()) && !path.is_empty() {
                found.push(Finding::new(&source.path, line, format!("`{target}` leads nowhere")));
            } else if !heading.is_empty() {
                let there = tree.sources.iter().find(|s| s.path == path);
                if there.is_some_and(|s| s.path.ends_with(".md") && !anchors(&s.text).contains(heading)) {
                    found.push(Finding::new(&source.path, line, format!("`{target}`: no such heading")));
                }
            }
        }
    }
    found
}

/// Lines outside fenced blocks, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(at, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        (!fenced && !fence).then_some((at + 1, line))
    })
}

/// What stands in `](…)` outside code, without a title.
fn targets(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (at, line) in prose(text) {
        for (open, _) in line.match_indices("](") {
            let in_code = line[..open].matches('`').count() % 2 == 1;
            let rest = &line[open + 2..];
            if let (false, Some(close)) = (in_code, rest.find(')')) {
                found.push((at, rest[..close].split_whitespace().next().unwrap_or("")));
            }
        }
    }
    found
}

/// A path from the root, or nothing when it climbs above it.
fn resolve(from: &str, link: &str) -> Option<String> {
    if link.is_empty() {
        return Some(from.to_owned());
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// Headings as web views of repositories turn them into anchors.
fn anchors(text: &str) -> HashSet<String> {
    let heading = |(_, line): (usize, &str)| {
        let title = line.strip_prefix('#')?.trim_start_matches('#').trim();
        let kept = title.to_lowercase().replace(' ', "-");
        Some(kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect())
    };
    prose(text).filter_map(heading).collect()
}

#[cfg(test)]
mod tests {
    use super::{Tree, check};

    #[test]
    fn dead_links_are_found_and_live_ones_pass() {
        let page = "# The top\n[a](b.md) [b](../README.md#in-short) [c](gone.md)\n```\n[d](gone.md)\n```\n\
                    `[e](gone.md)` [f](#the-top) [g](../README.md#no) [h](../../x) [i](https://example.org/x) [j](../docs)";
        let tree = Tree::of(&[("docs/a.md", page), ("docs/b.md", ""), ("README.md", "## In short\n")]);
        let found: Vec<_> = check(&tree).into_iter().map(|f| (f.line, f.what)).collect();
        assert_eq!(
            found,
            [
                (2, "`gone.md` leads nowhere".to_owned()),
                (6, "`../README.md#no`: no such heading".to_owned()),
                (6, "`../../x` leads out of the repository".to_owned()),
            ]
        );
    }
}
