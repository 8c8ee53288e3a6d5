//! Names that say nothing are not used, neither for things nor for files.

use super::code::{only, tokens};
use super::{Finding, Tree};

const EMPTY: [&str; 6] = ["manager", "helper", "helpers", "util", "utils", "misc"];

/// Says nothing as a name of a type or a file; of values it may be said (a common prefix).
const VAGUE: &str = "common";

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for path in &tree.paths {
        for word in
            path.split(['/', '.']).flat_map(parts).filter(|w| EMPTY.contains(&w.as_str()) || w == VAGUE)
        {
            found.push(Finding::new(path, 0, format!("the path says `{word}`")));
        }
    }
    for source in tree.rust() {
        let code = only(&source.text);
        for token in tokens(&code) {
            let empty = |w: &String| EMPTY.contains(&w.as_str()) || (w == VAGUE && names_type(token.text));
            if let Some(word) = parts(token.text).into_iter().find(empty) {
                found.push(Finding::new(&source.path, token.line, format!("`{}` says `{word}`", token.text)));
            }
        }
    }
    found
}

/// `LikeThis`, not `LIKE_THIS`.
fn names_type(name: &str) -> bool {
    name.starts_with(char::is_uppercase) && name.contains(char::is_lowercase)
}

/// The words of a name in any of the usual cases, in lower case.
fn parts(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut before = ' ';
    for c in name.chars() {
        let starts = c.is_uppercase() && !before.is_uppercase();
        if !c.is_alphanumeric() || starts {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.push(word);
    words.retain(|w| !w.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::{Tree, check, parts};

    #[test]
    fn empty_words_are_found_in_names_and_paths_only() {
        let tree = Tree::of(&[
            (
                "a/rule_manager.rs",
                "// a common helper\nstruct RuleHelper;\nlet common_prefix = \"util\";\nstruct CommonRule;",
            ),
            ("tests/utils.py", ""),
            ("a/rule.rs", "fn rule() {}"),
        ]);
        let found: Vec<_> = check(&tree).into_iter().map(|f| (f.path, f.line)).collect();
        assert_eq!(
            found,
            [
                ("a/rule_manager.rs".into(), 0),
                ("tests/utils.py".into(), 0),
                ("a/rule_manager.rs".into(), 2),
                ("a/rule_manager.rs".into(), 4)
            ]
        );
    }

    #[test]
    fn names_fall_into_words() {
        assert_eq!(parts("SQLUtil_misc-kebabCase"), ["sqlutil", "misc", "kebab", "case"]);
        assert_eq!(parts("__x"), ["x"]);
    }
}
