//! Redaction of what events show.

mod secret;

use crate::plan::{PlannedObfuscator, PlannedRedaction};
use crate::state::Scratch;
use crate::verify::{Argument, KeyPathItem};
use alloc::vec::Vec;

/// What stands in place of a secret.
pub(super) const REDACTED: &[u8] = b"<Redacted>";

/// What is left of a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Redaction {
    /// All of it.
    None,
    /// Nothing.
    Whole,
    /// This.
    Partial(Vec<u8>),
}

/// Redacts a value under a sensitive key, or a sensitive value; nothing without an obfuscator.
pub(super) fn redact(
    obfuscator: Option<&PlannedObfuscator>,
    argument: &Argument,
    scratch: &mut Scratch,
) -> Redaction {
    let Some(obfuscator) = obfuscator else { return Redaction::None };
    if let Some(regex) = &obfuscator.key {
        for item in &argument.key_path {
            if let KeyPathItem::Key(key) = item
                && regex.find(key, 0, scratch).is_some()
            {
                return Redaction::Whole;
            }
        }
    }
    match &obfuscator.value {
        PlannedRedaction::Off => Redaction::None,
        PlannedRedaction::Default => without_secrets(&argument.value),
        PlannedRedaction::Whole(regex) => match regex.find(&argument.value, 0, scratch) {
            Some(_) => Redaction::Whole,
            None => Redaction::None,
        },
    }
}

/// Replaces what [`secret::Secrets`] finds.
fn without_secrets(value: &[u8]) -> Redaction {
    let mut rest = Vec::new();
    let mut shown = 0;
    for secret in secret::Secrets::new(value) {
        rest.extend_from_slice(&value[shown..secret.start]);
        rest.extend_from_slice(REDACTED);
        shown = secret.end;
    }
    if shown == 0 {
        return Redaction::None;
    }
    rest.extend_from_slice(&value[shown..]);
    Redaction::Partial(rest)
}

#[cfg(test)]
mod tests {
    use super::{Redaction, without_secrets};

    fn redacted(value: &[u8]) -> Vec<u8> {
        match without_secrets(value) {
            Redaction::Partial(rest) => rest,
            Redaction::None => value.to_vec(),
            Redaction::Whole => b"whole".to_vec(),
        }
    }
    use alloc::vec::Vec;

    #[test]
    fn only_secrets_are_replaced() {
        let cases: [(&str, &str); 34] = [
            ("password=x&x=1", "password=<Redacted>&x=1"),
            ("a=1;Pwd \n= x y;b=2", "a=1;Pwd \n=<Redacted>;b=2"),
            ("passwd=;x", "passwd=;x"),
            ("pass-phrase=a=b", "pass-phrase=<Redacted>"),
            ("passwrd=a", "passwrd=a"),
            ("mytoken=a", "mytoken=<Redacted>"),
            ("tokens=a", "tokens=a"),
            ("jwt.=a", "jwt.=a"),
            ("sid=1;sid=2&sid=3", "sid=<Redacted>;sid=<Redacted>&sid=<Redacted>"),
            (r#"{"Password" : "a b", "x": "y"}"#, r#"{"Password" : <Redacted>, "x": "y"}"#),
            (r#"{"api_key":12345}"#, r#"{"api_key":<Redacted>}"#),
            (r#"{"api_key":"","token":-1}"#, r#"{"api_key":"","token":-1}"#),
            (r#"{"token":"a"#, r#"{"token":"a"#),
            ("privatekey-id=1", "privatekey-id=<Redacted>"),
            ("accesskeys=1", "accesskeys=1"),
            ("key=1", "key=1"),
            ("consumer_secret=1&consumer=2", "consumer_secret=<Redacted>&consumer=2"),
            ("signed=1&sign=2&signage=3", "signed=<Redacted>&sign=<Redacted>&signage=3"),
            ("asp.net_sessionid=1&aspxnet-sessionid=2", "asp.net_sessionid=<Redacted>&aspxnet-sessionid=2"),
            ("PHPSESSID=1;JSESSIONID=2", "PHPSESSID=<Redacted>;JSESSIONID=<Redacted>"),
            ("Authorization: Bearer a.b-c_d, x", "Authorization: Bearer <Redacted>, x"),
            ("bearer:a", "bearer:a"),
            ("token : 0123456789abcdef", "token : <Redacted>def"),
            ("token:0123456789ab", "token:0123456789ab"),
            ("ghp_0123456789012345678901234567890123456", "ghp_<Redacted>6"),
            ("ghx_012345678901234567890123456789012345", "ghx_012345678901234567890123456789012345"),
            ("x eyJhbGciOi.eyJzdWI.sig/n+ y", "x eyJhbGciOi.<Redacted> y"),
            ("eyJeyJ.eyKx.", "eyJeyJ.<Redacted>."),
            ("eyJx.eyJ.x", "eyJx.eyJ.x"),
            // The first to begin wins; what it took is not looked at again.
            ("bearer token=abc", "bearer <Redacted>=abc"),
            ("token=bearer x; bearer y", "token=<Redacted>; bearer <Redacted>"),
            ("eyJtoken=abc.x", "eyJtoken=<Redacted>"),
            // Two letters outside of ASCII are as good as their like.
            (
                "pa\u{17f}sword=1&\u{17f}ecret-\u{212a}ey=2",
                "pa\u{17f}sword=<Redacted>&\u{17f}ecret-\u{212a}ey=<Redacted>",
            ),
            ("token=\u{e9}&", "token=<Redacted>&"),
        ];
        for (value, wanted) in cases {
            assert_eq!(redacted(value.as_bytes()), wanted.as_bytes(), "{value}");
        }
        assert_eq!(redacted(b"token=ab\xffcd&"), b"token=<Redacted>\xffcd&");
        assert_eq!(redacted(b"token=\xff"), b"token=\xff");
    }

    #[test]
    fn keys_of_several_lines() {
        let pem = |begin: &str, body: &str, end: &str| {
            alloc::format!("x-----BEGIN{begin}-----{body}-----END{end}").into_bytes()
        };
        let shown = pem(" RSA PRIVATE KEY", "<Redacted>", " RSA PRIVATE KEY-----");
        assert_eq!(redacted(&pem(" RSA PRIVATE KEY", "\nMII+/=\n", " RSA PRIVATE KEY-----")), shown);
        for unlike in [
            pem(" PUBLIC KEY", "x", " PRIVATE KEY"),
            pem("PRIVATE KEY", "x", " PRIVATE KEY"),
            pem(" PRIVATE KEY", "x", " PRIVATE"),
            pem(" PRIVATE KEYS", "x", " PRIVATE KEY"),
            pem(" PRIVATE KEY", "", " PRIVATE KEY"),
            pem(" PRIVATE KEY", "x-", " PRIVATE KEY"),
        ] {
            assert_eq!(redacted(&unlike), unlike);
        }
        // The pattern ends with the last `PRIVATE KEY` of its line.
        let line = pem(" x PRIVATE\tKEY", "x", " PRIVATE KEY sid private\nkey sid=1");
        assert!(redacted(&line).ends_with(b"private\nkey sid=<Redacted>"));

        let key = [b"ssh-rsa ", &[b'A'; 100][..], b"="].concat();
        assert_eq!(redacted(&key), b"ssh-rsa <Redacted>=");
        assert_eq!(redacted(&key[..107]), &key[..107]);
    }
}
