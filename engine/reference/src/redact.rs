//! Redaction of what events show.

use crate::condition::Argument;
use crate::operator::Regexes;
use bartizan_lang::ruleset::{Obfuscator, ValueRedaction};
use bartizan_lang::vocab::PathItem;
use bartizan_text::regex;
use regex_automata::nfa::thompson::NFA;
use regex_automata::nfa::thompson::pikevm::PikeVM;
use regex_syntax::hir::{Capture, Hir};

/// What stands in place of a secret.
pub(crate) const REDACTED: &[u8] = b"<Redacted>";

/// What is taken out of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Redaction {
    Nothing,
    Whole,
    /// With what is left.
    Part(Vec<u8>),
}

/// Redacts a value under a sensitive key, or a sensitive value; nothing without an obfuscator.
pub(crate) fn redact(obfuscator: Option<&Obfuscator>, regexes: &Regexes, argument: &Argument) -> Redaction {
    let Some(obfuscator) = obfuscator else { return Redaction::Nothing };
    let is_sensitive = |item: &PathItem| match (&obfuscator.key, item) {
        (Some(regex), PathItem::Key(key)) => regexes.find(regex, key).is_some(),
        _ => false,
    };
    let finds = |regex| regexes.find(regex, &argument.value).is_some();
    match &obfuscator.value {
        _ if argument.key_path.iter().any(is_sensitive) => Redaction::Whole,
        ValueRedaction::Whole(regex) if finds(regex) => Redaction::Whole,
        ValueRedaction::Default => without_secrets(&argument.value),
        ValueRedaction::Off | ValueRedaction::Whole(_) => Redaction::Nothing,
    }
}

/// What secrets are called.
const NAME: &str = concat!(
    "(?:pwd|pword|pass(?:wd|word|[-_]?phrase)?|secret|token|sign(?:ed|ature)?|jwt|sid|jsessionid",
    r"|asp\.net[-_]sessionid|auth(?:entication|orization)?|(?:api|private|public|access)[-_]?key(?:[-_]?id)?",
    "|(?:secret|consumer)[-_]?key|consumer[-_]?id)"
);

/// What stands before a secret, the secret itself, and what must follow it. `NAME` is one of those above.
const SECRETS: [[&str; 3]; 8] = [
    [r"NAME\s*=", "[^;&]+", ""],
    [r#"NAME"\s*:\s*"#, r#""[^"]+"|[0-9]+"#, ""],
    [r"bearer\s+", "[a-z0-9._-]+", ""],
    [r"token\s*:\s*", "[a-z0-9]{13}", ""],
    ["gh[opsu]_", "[a-z0-9]{36}", ""],
    [r"ey[i-l][a-z0-9_=-]+\.", r"ey[i-l][a-z0-9_=-]+(?:\.[a-z0-9_.+/=-]+)?", ""],
    [r"-----begin[a-z\s]+private\skey-----", "[^-]+", r"-----end[a-z\s]+private\skey"],
    [r"ssh-rsa\s*", "[a-z0-9/.+]{100,}", ""],
];

thread_local! {
    static FINDER: PikeVM = finder();
}

fn finder() -> PikeVM {
    let parse = |pattern: &str| {
        let pattern = pattern.replace("NAME", NAME);
        let options = regex::Options { case_sensitive: false };
        regex::parse(pattern.as_bytes(), options).expect("the patterns above are well formed")
    };
    let secret = |sub: Hir| Hir::capture(Capture { index: 1, name: None, sub: Box::new(sub) });
    let one = |[before, inside, after]: [&str; 3]| {
        Hir::concat(vec![parse(before), secret(parse(inside)), parse(after)])
    };
    let all = Hir::alternation(SECRETS.into_iter().map(one).collect());
    let program =
        NFA::compiler().configure(NFA::config().utf8(false)).build_from_hir(&all).expect("it is small");
    PikeVM::new_from_nfa(program).expect("no configuration is refused")
}

/// Replaces secrets; what is around them is not looked at twice.
fn without_secrets(value: &[u8]) -> Redaction {
    FINDER.with(|finder| {
        let mut cache = finder.create_cache();
        let mut rest = Vec::new();
        let mut shown = 0;
        for found in finder.captures_iter(&mut cache, value) {
            let Some(secret) = found.get_group(1) else { continue };
            rest.extend_from_slice(&value[shown..secret.start]);
            rest.extend_from_slice(REDACTED);
            shown = secret.end;
        }
        if shown == 0 {
            return Redaction::Nothing;
        }
        rest.extend_from_slice(&value[shown..]);
        Redaction::Part(rest)
    })
}

#[cfg(test)]
mod tests {
    use super::{Redaction, without_secrets};

    #[test]
    fn secrets_are_found_by_what_is_around_them() {
        let part = |text: &str| Redaction::Part(text.into());
        let cases = [
            ("password=x&x=1", part("password=<Redacted>&x=1")),
            (r#"{"api_key":123,"token" : "a"}"#, part(r#"{"api_key":<Redacted>,"token" : <Redacted>}"#)),
            ("Bearer a.b, x", part("Bearer <Redacted>, x")),
            (
                "-----BEGIN X PRIVATE KEY-----abc-----END X PRIVATE KEY-----",
                part("-----BEGIN X PRIVATE KEY-----<Redacted>-----END X PRIVATE KEY-----"),
            ),
            ("tokens=a", Redaction::Nothing),
        ];
        for (value, wanted) in cases {
            assert_eq!(without_secrets(value.as_bytes()), wanted, "{value}");
        }
    }
}
