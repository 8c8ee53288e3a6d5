//! `normalize_path`: resolves `./` and `/../` in the text of a path.

use super::find::find;
use crate::ByteSet;
use alloc::vec::Vec;

pub(super) const TRIGGERS: ByteSet = ByteSet::of(b".");

pub(super) fn apply(input: &[u8], output: &mut Vec<u8>) -> bool {
    normalize(input, output, |byte| byte)
}

/// What a dot at some position of the path asks for.
enum Dot {
    /// An ordinary character.
    Keep,
    /// The segment `.`: it goes, with the slash after it.
    Here,
    /// The second dot of the segment `..`, which is not the first segment.
    Up,
}

/// Normalises the path that `read` makes of `input`, byte by byte.
///
/// The answer stays false when all that vanishes is `.` segments at the very end:
/// nothing had to be moved, so the path counts as untouched.
pub(super) fn normalize(input: &[u8], output: &mut Vec<u8>, read: impl Fn(u8) -> u8) -> bool {
    let is_slash = |at: usize| read(input[at]) == b'/';
    let dot = |at: usize| {
        if at + 1 < input.len() && !is_slash(at + 1) {
            Dot::Keep
        } else if at == 0 || is_slash(at - 1) {
            Dot::Here
        } else if at > 1 && input[at - 1] == b'.' && is_slash(at - 2) {
            Dot::Up
        } else {
            Dot::Keep
        }
    };

    let mut changed = false;
    // input[copied..at] is read and kept, but not yet written.
    let (mut copied, mut at) = (0, 0);
    while at < input.len() {
        let Some(offset) = find(&input[at..], |byte| byte == b'.') else { break };
        at += offset;
        let action = dot(at);
        if matches!(action, Dot::Keep) {
            at += 1;
            continue;
        }
        changed |= copied < at && copied != output.len();
        output.extend(input[copied..at].iter().map(|&byte| read(byte)));
        if matches!(action, Dot::Up) {
            // The output ends with the parent's name, a slash and one dot.
            let mut end = output.len().saturating_sub(3);
            while end != 0 && output[end] != b'/' {
                end -= 1;
            }
            output.truncate(end);
            output.push(b'/');
            changed = true;
        }
        at += 2;
        copied = at;
    }
    let rest = input.get(copied..).unwrap_or_default();
    if !changed && (rest.is_empty() || copied == output.len()) {
        return false;
    }
    output.extend(rest.iter().map(|&byte| read(byte)));
    true
}

#[cfg(test)]
mod tests {
    use crate::transform::{Transformer, tests::check};

    #[test]
    fn segments() {
        check(
            Transformer::NormalizePath,
            &[
                (b"/a/b.c/d..e/.f/g./..h", None),
                (b"//a//", None),
                (b"..", None),
                (b"a/...", None),
                (b"./", None),
                (b"/a/./.", None),
                (b"./a", Some(b"a")),
                (b"a/./b/././c", Some(b"a/b/c")),
                (b"a/..", Some(b"/")),
                (b"/a/b/../c", Some(b"/a/c")),
                (b"a/../../b", Some(b"/b")),
                (b"../../etc", Some(b"/etc")),
                (b"/x/../.", Some(b"/")),
                (b"/a/./b/../.", Some(b"/a/")),
                (b"/./..", Some(b"/")),
            ],
        );
    }
}
