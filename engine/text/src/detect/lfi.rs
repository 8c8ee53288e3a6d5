//! Local file inclusion: does a parameter choose the file that is opened?

use super::Platform;

/// Whether `param` leads the path `resource` astray.
///
/// The parameter must be the end of the path (or all of it), of at least 5 bytes with a `/` in it, and either be the whole
/// absolute path or hold `..` among two or more segments. On Windows 2 bytes suffice,
/// backslashes separate as well and a drive letter makes a path absolute.
///
/// ```
/// use bartizan_text::detect::{Platform, lfi};
/// assert!(lfi::is_injected(b"/var/www/../../etc/passwd", b"../../etc/passwd", Platform::Unix));
/// ```
#[must_use]
pub fn is_injected(resource: &[u8], param: &[u8], platform: Platform) -> bool {
    let (min_len, is_separator): (usize, fn(u8) -> bool) = match platform {
        Platform::Unix => (5, |byte| byte == b'/'),
        Platform::Windows => (2, |byte| matches!(byte, b'/' | b'\\')),
    };
    if param.len() < min_len || !resource.ends_with(param) {
        return false;
    }
    // Without a separator a Unix path is neither absolute nor of two segments.
    let is_absolute = match *param {
        [first, ..] if is_separator(first) => true,
        [drive, b':', third, ..] => {
            platform == Platform::Windows && drive.is_ascii_alphabetic() && is_separator(third)
        }
        _ => false,
    };
    (is_absolute && param == resource) || climbs(param, is_separator)
}

/// Whether the path has two segments or more, one of them `..`.
fn climbs(path: &[u8], is_separator: fn(u8) -> bool) -> bool {
    let segments = || path.split(|&byte| is_separator(byte)).filter(|segment| !segment.is_empty());
    segments().nth(1).is_some() && segments().any(|segment| segment == b"..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_path() {
        let cases: &[(&[u8], &[u8], bool)] = &[
            (b"/etc/passwd", b"/etc/passwd", true),
            (b"/www/../etc/passwd", b"../etc/passwd", true),
            (b"/www/a/..", b"a/..", false),
            (b"/www/ab/..", b"ab/..", true),
            (b"/www/..//", b"..///", false),
            (b"/www/../../", b"../..", false),
            (b"/www/../..", b"../..", true),
            (b"/www/etc/passwd", b"etc/passwd", false),
            (b"/www/../etc/passwd.txt", b"../etc/passwd", false),
            (b"file:///etc/passwd", b"/etc/passwd", false),
            (b"/www/.../etc", b".../etc", false),
            (b"/a/b", b"/a/b", false),
            (b"C:\\etc\\x", b"C:\\etc\\x", false),
            (b"", b"", false),
        ];
        for (resource, param, want) in cases {
            assert_eq!(is_injected(resource, param, Platform::Unix), *want, "{param:?}");
        }
        let cases: &[(&[u8], &[u8], bool)] = &[
            (b"c:\\x", b"c:\\x", true),
            (b"c:\\a\\..\\x", b"..\\x", true),
            (b"c:\\a\\..\\x", b"a\\..\\x", true),
            (b"\\x", b"\\x", true),
            (b"1:\\x", b"1:\\x", false),
            (b"c:x", b"c:x", false),
        ];
        for (resource, param, want) in cases {
            assert_eq!(is_injected(resource, param, Platform::Windows), *want, "{param:?}");
        }
    }
}
