//! No file that nobody can hold in the head.

use super::{Finding, Tree};

const RUST_LINES: usize = 800;

pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.rust()
        .map(|source| (source, source.text.lines().count()))
        .filter(|(_, lines)| *lines > RUST_LINES)
        .map(|(source, lines)| Finding::new(&source.path, 0, format!("{lines} lines; at most {RUST_LINES}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Finding, RUST_LINES, Tree, check};

    #[test]
    fn one_line_too_many_is_found() {
        let full = "x\n".repeat(RUST_LINES);
        let over = "x\n".repeat(RUST_LINES + 1);
        let tree = Tree::of(&[("a.rs", &full), ("b.rs", &over), ("c.txt", &over)]);
        assert_eq!(check(&tree), [Finding::new("b.rs", 0, "801 lines; at most 800")]);
    }
}
