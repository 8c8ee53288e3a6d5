//! Transformers: one value in, the decoded or normalised value out.
//!
//! | name | alias | what it does |
//! |---|---|---|
//! | `lowercase` | | ASCII capitals become small |
//! | `remove_nulls` | `removeNulls` | deletes NUL bytes |
//! | `compress_whitespace` | `compressWhiteSpace` | one space for a run of spaces |
//! | `normalize_path` | `normalizePath` | resolves `./` and `/../` |
//! | `normalize_path_win` | `normalizePathWin` | the same after `\` became `/` |
//! | `url_decode` | `urlDecode` | `%XX` and `+`, once |
//! | `url_decode_iis` | `urlDecodeUni` | `%XX`, `%uXXXX` and `+`, until nothing is left to decode |
//! | `css_decode` | `cssDecode` | backslash escapes of style sheets |
//! | `js_decode` | `jsDecode` | backslash escapes of script string literals |
//! | `html_entity_decode` | `htmlEntityDecode` | `&#N;`, `&#xH;`, `&lt;` `&gt;` `&amp;` `&quot;` `&nbsp;` |
//! | `base64_decode` | `base64Decode` | values that are base64 as a whole |
//! | `base64url_decode` | | the same in the URL alphabet |
//! | `base64_encode` | `base64Encode` | the standard alphabet with padding |
//! | `shell_unescape` | `cmdLine` | drops quoting, folds blanks, makes letters small |
//! | `url_basename` | `_sqr_basename` | what follows the last `/` of the path |
//! | `url_path` | `_sqr_filename` | what precedes `?` and `#` |
//! | `url_querystring` | `_sqr_querystring` | what stands between `?` and `#` |
//! | `remove_comments` | `removeComments` | takes out comments of markup, C, SQL and shell |
//! | `unicode_normalize` | | plain letters for accented, styled and hidden ones |

mod base64_decode;
mod base64_encode;
mod base64url_decode;
mod compress_whitespace;
mod css_decode;
mod find;
mod hex;
mod html_entity_decode;
mod js_decode;
mod lowercase;
mod normalize_path;
mod normalize_path_win;
mod remove_comments;
mod remove_nulls;
mod shell_unescape;
mod unicode_normalize;
mod url_basename;
mod url_decode;
mod url_decode_iis;
mod url_path;
mod url_querystring;
mod utf8;

use crate::ByteSet;
use alloc::vec::Vec;

/// A transformer of values; its variants are named after the rule language's words.
///
/// ```
/// use bartizan_text::transform::Transformer;
/// let decode = Transformer::from_name(b"urlDecode").expect("an alias of url_decode");
/// let mut output = Vec::new();
/// assert!(decode.apply(b"a%20b", &mut output));
/// assert_eq!(output, b"a b");
/// assert!(!decode.apply(b"a b", &mut output));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transformer {
    /// ASCII capitals become small.
    Lowercase,
    /// Deletes NUL bytes.
    RemoveNulls,
    /// One space for a run of spaces (U+0020 only).
    CompressWhitespace,
    /// Resolves `./` and `/../` in the text of a path.
    NormalizePath,
    /// Turns `\` into `/`, then as [`NormalizePath`](Self::NormalizePath).
    NormalizePathWin,
    /// Decodes `%XX` and `+`, once.
    UrlDecode,
    /// Decodes `%XX`, `%uXXXX` and `+` until nothing is left to decode.
    UrlDecodeIis,
    /// Decodes backslash escapes of style sheets.
    CssDecode,
    /// Decodes backslash escapes of script string literals.
    JsDecode,
    /// Decodes numeric character references and five named ones.
    HtmlEntityDecode,
    /// Decodes values that are base64 as a whole.
    Base64Decode,
    /// Decodes values that are base64 in the URL alphabet as a whole.
    Base64UrlDecode,
    /// Encodes as base64 with padding.
    Base64Encode,
    /// Undoes shell quoting, folds blanks, makes letters small.
    ShellUnescape,
    /// Keeps what follows the last `/` of a URL's path.
    UrlBasename,
    /// Keeps what precedes `?` and `#`.
    UrlPath,
    /// Keeps what stands between `?` and `#`.
    UrlQuerystring,
    /// Takes out comments of markup, C, SQL and shell.
    RemoveComments,
    /// Replaces accented, styled and hidden characters by plain ones.
    UnicodeNormalize,
}

impl Transformer {
    /// Every transformer, in the order of declaration.
    pub const ALL: [Self; 19] = [
        Self::Lowercase,
        Self::RemoveNulls,
        Self::CompressWhitespace,
        Self::NormalizePath,
        Self::NormalizePathWin,
        Self::UrlDecode,
        Self::UrlDecodeIis,
        Self::CssDecode,
        Self::JsDecode,
        Self::HtmlEntityDecode,
        Self::Base64Decode,
        Self::Base64UrlDecode,
        Self::Base64Encode,
        Self::ShellUnescape,
        Self::UrlBasename,
        Self::UrlPath,
        Self::UrlQuerystring,
        Self::RemoveComments,
        Self::UnicodeNormalize,
    ];

    /// The transformer of this canonical name or alias; case matters.
    #[must_use]
    pub fn from_name(name: &[u8]) -> Option<Self> {
        let goes_by = |it: &Self| {
            it.name().as_bytes() == name || it.alias().is_some_and(|alias| alias.as_bytes() == name)
        };
        Self::ALL.into_iter().find(goes_by)
    }

    /// The canonical name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lowercase => "lowercase",
            Self::RemoveNulls => "remove_nulls",
            Self::CompressWhitespace => "compress_whitespace",
            Self::NormalizePath => "normalize_path",
            Self::NormalizePathWin => "normalize_path_win",
            Self::UrlDecode => "url_decode",
            Self::UrlDecodeIis => "url_decode_iis",
            Self::CssDecode => "css_decode",
            Self::JsDecode => "js_decode",
            Self::HtmlEntityDecode => "html_entity_decode",
            Self::Base64Decode => "base64_decode",
            Self::Base64UrlDecode => "base64url_decode",
            Self::Base64Encode => "base64_encode",
            Self::ShellUnescape => "shell_unescape",
            Self::UrlBasename => "url_basename",
            Self::UrlPath => "url_path",
            Self::UrlQuerystring => "url_querystring",
            Self::RemoveComments => "remove_comments",
            Self::UnicodeNormalize => "unicode_normalize",
        }
    }

    /// The second name that older rules use, where there is one.
    #[must_use]
    pub const fn alias(self) -> Option<&'static str> {
        Some(match self {
            Self::RemoveNulls => "removeNulls",
            Self::CompressWhitespace => "compressWhiteSpace",
            Self::NormalizePath => "normalizePath",
            Self::NormalizePathWin => "normalizePathWin",
            Self::UrlDecode => "urlDecode",
            Self::UrlDecodeIis => "urlDecodeUni",
            Self::CssDecode => "cssDecode",
            Self::JsDecode => "jsDecode",
            Self::HtmlEntityDecode => "htmlEntityDecode",
            Self::Base64Decode => "base64Decode",
            Self::Base64Encode => "base64Encode",
            Self::ShellUnescape => "cmdLine",
            Self::UrlBasename => "_sqr_basename",
            Self::UrlPath => "_sqr_filename",
            Self::UrlQuerystring => "_sqr_querystring",
            Self::RemoveComments => "removeComments",
            Self::Lowercase | Self::Base64UrlDecode | Self::UnicodeNormalize => return None,
        })
    }

    /// Bytes of which at least one must occur in a value for the transformer to change it.
    ///
    /// [`ByteSet::ALL`] when any value may change.
    #[must_use]
    pub const fn triggers(self) -> ByteSet {
        match self {
            Self::Lowercase => lowercase::TRIGGERS,
            Self::RemoveNulls => remove_nulls::TRIGGERS,
            Self::CompressWhitespace => compress_whitespace::TRIGGERS,
            Self::NormalizePath => normalize_path::TRIGGERS,
            Self::NormalizePathWin => normalize_path_win::TRIGGERS,
            Self::UrlDecode => url_decode::TRIGGERS,
            Self::UrlDecodeIis => url_decode_iis::TRIGGERS,
            Self::CssDecode => css_decode::TRIGGERS,
            Self::JsDecode => js_decode::TRIGGERS,
            Self::HtmlEntityDecode => html_entity_decode::TRIGGERS,
            Self::Base64Decode => base64_decode::TRIGGERS,
            Self::Base64UrlDecode => base64url_decode::TRIGGERS,
            Self::Base64Encode => base64_encode::TRIGGERS,
            Self::ShellUnescape => shell_unescape::TRIGGERS,
            Self::UrlBasename => url_basename::TRIGGERS,
            Self::UrlPath => url_path::TRIGGERS,
            Self::UrlQuerystring => url_querystring::TRIGGERS,
            Self::RemoveComments => remove_comments::TRIGGERS,
            Self::UnicodeNormalize => unicode_normalize::TRIGGERS,
        }
    }

    /// As [`triggers`](Self::triggers), where it makes no difference whether ASCII letters are capitals.
    #[must_use]
    pub const fn caseless_triggers(self) -> ByteSet {
        match self {
            Self::Lowercase => ByteSet::EMPTY,
            Self::ShellUnescape => shell_unescape::CASELESS_TRIGGERS,
            _ => self.triggers(),
        }
    }

    /// Whether what comes out, letter case aside, depends on what goes in, letter case aside.
    #[must_use]
    pub const fn is_caseless(self) -> bool {
        match self {
            Self::Lowercase
            | Self::RemoveNulls
            | Self::CompressWhitespace
            | Self::NormalizePath
            | Self::NormalizePathWin
            | Self::UrlDecode
            | Self::ShellUnescape
            | Self::UrlBasename
            | Self::UrlPath
            | Self::UrlQuerystring
            | Self::RemoveComments => true,
            Self::UrlDecodeIis
            | Self::CssDecode
            | Self::JsDecode
            | Self::HtmlEntityDecode
            | Self::Base64Decode
            | Self::Base64UrlDecode
            | Self::Base64Encode
            | Self::UnicodeNormalize => false,
        }
    }

    /// Bytes that may come out although they did not go in, letter case aside.
    #[must_use]
    pub const fn creates(self) -> ByteSet {
        match self {
            Self::Lowercase
            | Self::RemoveNulls
            | Self::CompressWhitespace
            | Self::NormalizePath
            | Self::UrlBasename
            | Self::UrlPath
            | Self::UrlQuerystring
            | Self::RemoveComments => ByteSet::EMPTY,
            Self::NormalizePathWin => ByteSet::of(b"/"),
            Self::ShellUnescape => ByteSet::of(b" "),
            Self::UrlDecode
            | Self::UrlDecodeIis
            | Self::CssDecode
            | Self::JsDecode
            | Self::HtmlEntityDecode
            | Self::Base64Decode
            | Self::Base64UrlDecode
            | Self::Base64Encode
            | Self::UnicodeNormalize => ByteSet::ALL,
        }
    }

    /// Writes the transformed value into `output` (cleared first) and returns true;
    /// returns false, leaving `output` unspecified, when the value stays as it is.
    ///
    /// An empty value stays as it is; the result of another may be empty. The time is
    /// linear in the input. Only `base64_encode` (by a third) and `unicode_normalize` (at
    /// most elevenfold) grow a value.
    pub fn apply(self, input: &[u8], output: &mut Vec<u8>) -> bool {
        output.clear();
        let apply = match self {
            Self::Lowercase => lowercase::apply,
            Self::RemoveNulls => remove_nulls::apply,
            Self::CompressWhitespace => compress_whitespace::apply,
            Self::NormalizePath => normalize_path::apply,
            Self::NormalizePathWin => normalize_path_win::apply,
            Self::UrlDecode => url_decode::apply,
            Self::UrlDecodeIis => url_decode_iis::apply,
            Self::CssDecode => css_decode::apply,
            Self::JsDecode => js_decode::apply,
            Self::HtmlEntityDecode => html_entity_decode::apply,
            Self::Base64Decode => base64_decode::apply,
            Self::Base64UrlDecode => base64url_decode::apply,
            Self::Base64Encode => base64_encode::apply,
            Self::ShellUnescape => shell_unescape::apply,
            Self::UrlBasename => url_basename::apply,
            Self::UrlPath => url_path::apply,
            Self::UrlQuerystring => url_querystring::apply,
            Self::RemoveComments => remove_comments::apply,
            Self::UnicodeNormalize => unicode_normalize::apply,
        };
        apply(input, output)
    }

    /// The same in a chain: `None` when the value stays as it is, otherwise whether that counts as a change.
    ///
    /// What does not count is handed on all the same, and shows when another transformer of the chain changes
    /// something that counts. Only `html_entity_decode` has such results: those as long as the value.
    pub fn apply_in_chain(self, input: &[u8], output: &mut Vec<u8>) -> Option<bool> {
        match self {
            Self::HtmlEntityDecode => {
                output.clear();
                html_entity_decode::decode(input, output).then_some(output.len() != input.len())
            }
            _ => self.apply(input, output).then_some(true),
        }
    }
}

#[cfg(test)]
mod tests;
