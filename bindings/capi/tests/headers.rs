//! The headers declare what the crate exports, and the C programs call all of it.

use std::collections::BTreeMap;
use std::path::Path;

/// Exported for programs that were compiled against these names, and not declared.
const FORMER: [&str; 5] = [
    "ddwaf_object_bool",
    "ddwaf_object_float",
    "ddwaf_object_null",
    "ddwaf_object_signed",
    "ddwaf_object_unsigned",
];

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Without comments.
fn code(c: &str) -> String {
    let mut code = String::new();
    let mut rest = c;
    while let Some((before, comment)) = rest.split_once("/*") {
        code.push_str(before);
        rest = comment.split_once("*/").expect("comments end").1;
    }
    code + rest
}

/// Names of ours that an opening bracket follows, with the number of things between the brackets.
fn called(c: &str) -> BTreeMap<String, usize> {
    let c = code(c);
    let name = |(at, _): (usize, &str)| {
        let before = &c[..at];
        let start = before.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(0, |at| at + 1);
        let name = &before[start..];
        let inside = c[at + 1..].split_once(')')?.0;
        (name.starts_with("ddwaf_") || name.starts_with("bartizan_"))
            .then(|| (name.to_owned(), count(inside)))
    };
    c.match_indices('(').filter_map(name).collect()
}

fn count(parameters: &str) -> usize {
    parameters.split(',').filter(|part| !matches!(part.trim(), "" | "void")).count()
}

/// Functions that a folder of Rust sources exports under their own names, with their numbers of parameters.
fn exported(folder: &Path, found: &mut BTreeMap<String, usize>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() {
            exported(&path, found);
            continue;
        }
        let source = std::fs::read_to_string(&path).expect("a readable source");
        for item in source.split("#[unsafe(no_mangle)]").skip(1) {
            let (_, after) = item.split_once("fn ").expect("an attribute of a function");
            let (name, after) = after.split_once('(').expect("parameters");
            let (inside, _) = after.split_once(')').expect("the end of the parameters");
            found.insert(name.to_owned(), count(inside));
        }
    }
}

#[test]
fn headers_declare_what_is_exported_and_programs_call_it() {
    let declared: BTreeMap<_, _> =
        ["include/ddwaf.h", "include/bartizan.h"].iter().flat_map(|header| called(&read(header))).collect();
    let mut exports = BTreeMap::new();
    for folder in ["src", "../wire/src"] {
        exported(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut exports);
    }
    let count = |prefix: &str| exports.keys().filter(|name| name.starts_with(prefix)).count();
    assert_eq!((count("ddwaf_"), count("bartizan_")), (73, 42));
    for former in FORMER {
        assert!(exports.remove(former).is_some() && !declared.contains_key(former), "{former}");
    }
    assert_eq!(declared, exports, "functions and their numbers of parameters");

    let calls: BTreeMap<_, _> =
        ["tests/ddwaf.c", "tests/bartizan.c"].iter().flat_map(|program| called(&read(program))).collect();
    // In source code the names without `_large` mean those with it.
    let uncalled: Vec<_> =
        declared.keys().filter(|name| !name.ends_with("_large") && !calls.contains_key(*name)).collect();
    assert_eq!(uncalled, [""; 0]);
}
