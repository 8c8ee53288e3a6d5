//! Settings: explicit ones, then environment variables of ours, then those of Datadog's tracers.

use crate::client_ip::Trusted;
use crate::document::{Members, scalar_text};
use crate::{Error, head, response};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use bartizan_object::{Object, View};

/// Whether verdicts are carried out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Monitor,
    Block,
}

/// What is collected of users that a framework's hook saw.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Collection {
    Identification,
    Anonymization,
    Disabled,
}

impl Collection {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Identification => "identification",
            Self::Anonymization => "anonymization",
            Self::Disabled => "disabled",
        }
    }
}

pub(crate) struct Settings {
    pub(crate) mode: Mode,
    pub(crate) collection: Collection,
    pub(crate) trusted: Trusted,
    pub(crate) client_ip_headers: Vec<Vec<u8>>,
    pub(crate) body_limit: usize,
    pub(crate) body_depth: usize,
    pub(crate) body_items: usize,
    pub(crate) graphql_paths: Vec<Vec<u8>>,
    pub(crate) timeout_us: u64,
    pub(crate) budget: u64,
    pub(crate) html_template: Vec<u8>,
    pub(crate) json_template: Vec<u8>,
    pub(crate) canary: Vec<u8>,
}

/// Explicit keys, each with its environment variables in order of precedence.
const KEYS: [(&[u8], &[&[u8]]); 22] = [
    (b"enabled", &[b"BARTIZAN_ENABLED"]),
    (b"mode", &[b"BARTIZAN_MODE"]),
    (b"rules", &[b"BARTIZAN_RULES"]),
    (b"poll_s", &[b"BARTIZAN_POLL_S"]),
    (b"state_dir", &[b"BARTIZAN_STATE_DIR"]),
    (b"events", &[b"BARTIZAN_EVENTS"]),
    (b"on_failure", &[b"BARTIZAN_ON_FAILURE"]),
    (b"trusted_proxies", &[b"BARTIZAN_TRUSTED_PROXIES"]),
    (b"client_ip_headers", &[b"BARTIZAN_CLIENT_IP_HEADERS"]),
    (b"body_limit", &[b"BARTIZAN_BODY_LIMIT"]),
    (b"body_depth", &[b"BARTIZAN_BODY_DEPTH"]),
    (b"body_items", &[b"BARTIZAN_BODY_ITEMS"]),
    (b"response_body", &[b"BARTIZAN_RESPONSE_BODY"]),
    (b"timeout_us", &[b"BARTIZAN_TIMEOUT_US"]),
    (b"budget", &[b"BARTIZAN_BUDGET"]),
    (b"graphql_paths", &[b"BARTIZAN_GRAPHQL_PATHS"]),
    (
        b"auto_user_mode",
        &[b"BARTIZAN_AUTO_USER_INSTRUMENTATION_MODE", b"DD_APPSEC_AUTO_USER_INSTRUMENTATION_MODE"],
    ),
    (
        b"auto_user_events",
        &[
            b"BARTIZAN_AUTOMATED_USER_EVENTS_TRACKING_ENABLED",
            b"DD_APPSEC_AUTOMATED_USER_EVENTS_TRACKING_ENABLED",
        ],
    ),
    (b"html_template", &[]),
    (b"json_template", &[]),
    (b"canary", &[b"BARTIZAN_CANARY"]),
    (b"environment", &[]),
];

/// Variables that a package itself looks at.
const OF_PACKAGES: [&[u8]; 4] =
    [b"BARTIZAN_LIBRARY", b"BARTIZAN_MODULE", b"BARTIZAN_HTML_TEMPLATE_FILE", b"BARTIZAN_JSON_TEMPLATE_FILE"];

const KIB: u64 = 1024;

impl Settings {
    /// Reads settings, and writes the document of what they come to.
    pub(crate) fn read(document: &[u8]) -> Result<(Self, Vec<u8>), Error> {
        let owned = head::read(document)?;
        if owned.as_map().is_none() {
            return Err(Error::Malformed("settings are not a map".into()));
        }
        let mut given = Given { map: &owned, warnings: Vec::new() };
        given.check_names();

        let enabled = given.bool(b"enabled", true);
        let mode = given.word(b"mode", &["block", "monitor"]);
        let rules = given.list(b"rules", &[]);
        let poll_s = given.number(b"poll_s", 10, 1..=86_400);
        let state_dir = given.text(b"state_dir", b"");
        let events = given.text(b"events", b"");
        let on_failure = given.word(b"on_failure", &["open", "closed"]);
        let proxies = given.list(b"trusted_proxies", &[]);
        let headers = given
            .list(b"client_ip_headers", &["x-forwarded-for", "forwarded", "x-real-ip", "true-client-ip"]);
        let body_limit = given.number(b"body_limit", 128 * KIB, 0..=16 * KIB * KIB);
        let body_depth = given.number(b"body_depth", 20, 1..=20);
        let body_items = given.number(b"body_items", 4096, 1..=65_535);
        let response_body = given.bool(b"response_body", false);
        let timeout_us = given.number(b"timeout_us", 0, 0..=60_000_000);
        let budget = given.number(b"budget", 0, 0..=u64::MAX);
        let graphql_paths = given.list(b"graphql_paths", &["/graphql"]);
        let collection = given.collection();
        let html_template = given.text(b"html_template", response::HTML);
        let json_template = given.text(b"json_template", response::JSON);
        let canary = given.text(b"canary", b"dd-test-scanner-log");

        let mut trusted = Trusted::default();
        for word in &proxies {
            if !trusted.add(word) {
                given.warnings.push(format!(
                    "trusted_proxies: `{}` is not an address, a network (10.0.0.0/8), `private` or `unix`; it is ignored",
                    word.escape_ascii()
                ));
            }
        }

        let mut out = Vec::new();
        let mut members = Members::new(&mut out);
        members.bool(b"enabled", enabled);
        members.text(b"mode", mode.as_bytes());
        members.texts(b"rules", rules.iter().map(|text| &**text));
        members.number(b"poll_s", poll_s);
        members.text(b"state_dir", &state_dir);
        members.text(b"events", &events);
        members.text(b"on_failure", on_failure.as_bytes());
        members.texts(b"trusted_proxies", proxies.iter().map(|text| &**text));
        members.texts(b"client_ip_headers", headers.iter().map(|text| &**text));
        members.number(b"body_limit", body_limit);
        members.number(b"body_depth", body_depth);
        members.number(b"body_items", body_items);
        members.bool(b"response_body", response_body);
        members.number(b"timeout_us", timeout_us);
        members.number(b"budget", budget);
        members.texts(b"graphql_paths", graphql_paths.iter().map(|text| &**text));
        members.text(b"auto_user_mode", collection.word().as_bytes());
        members.text(b"canary", &canary);
        members.texts(b"warnings", given.warnings.iter().map(|text| text.as_bytes()));
        response::write_failure(members.key(b"failure_response"));
        members.end();

        let settings = Self {
            mode: if mode == "monitor" { Mode::Monitor } else { Mode::Block },
            collection,
            trusted,
            client_ip_headers: headers.iter().map(|name| name.to_ascii_lowercase()).collect(),
            body_limit: body_limit as usize,
            body_depth: body_depth as usize,
            body_items: body_items as usize,
            graphql_paths,
            timeout_us,
            budget: if budget == 0 { u64::MAX } else { budget },
            html_template,
            json_template,
            canary,
        };
        Ok((settings, out))
    }

    pub(crate) fn is_graphql(&self, path: &[u8]) -> bool {
        let path = path.strip_suffix(b"/").unwrap_or(path);
        self.graphql_paths.iter().any(|end| !end.is_empty() && path.ends_with(end))
    }
}

struct Given<'a> {
    map: &'a Object,
    warnings: Vec<String>,
}

impl<'a> Given<'a> {
    /// Warns of names that mean nothing: most likely typing errors.
    fn check_names(&mut self) {
        for entry in self.map.as_map().into_iter().flatten() {
            let name = entry.key.as_bytes().unwrap_or_default();
            if !KEYS.iter().any(|(key, _)| *key == name) {
                self.warnings.push(format!("`{}` is not a setting; it is ignored", name.escape_ascii()));
            }
        }
        let environment = self.map.get(b"environment").and_then(Object::as_map);
        for entry in environment.into_iter().flatten() {
            let name = entry.key.as_bytes().unwrap_or_default();
            let known = OF_PACKAGES.contains(&name) || KEYS.iter().any(|(_, names)| names.contains(&name));
            if name.starts_with(b"BARTIZAN_") && !known {
                let name = name.escape_ascii();
                self.warnings
                    .push(format!("the environment variable {name} is not a setting; it is ignored"));
            }
        }
    }

    /// The value of a key and the name under which it was given. An empty variable is none.
    fn get(&self, key: &'static [u8]) -> Option<(&'a Object, &'static [u8])> {
        if let Some(value) = self.map.get(key).filter(|value| !matches!(value.view(), View::Null)) {
            return Some((value, key));
        }
        let environment = self.map.get(b"environment")?;
        let (_, names) = KEYS.iter().find(|(known, _)| *known == key)?;
        names.iter().find_map(|name| {
            let value = environment.get(name)?;
            value.as_bytes().is_none_or(|text| !text.is_empty()).then_some((value, *name))
        })
    }

    fn warn(&mut self, (value, name): (&Object, &[u8]), wanted: &str) {
        let shown = scalar_text(value).unwrap_or_default();
        let shown = &shown[..shown.len().min(100)];
        self.warnings.push(format!("{} is `{}`; {wanted}", name.escape_ascii(), shown.escape_ascii()));
    }

    fn text(&mut self, key: &'static [u8], default: &[u8]) -> Vec<u8> {
        let Some(found) = self.get(key) else { return default.to_vec() };
        scalar_text(found.0).unwrap_or_else(|| {
            self.warn(found, "a text is needed; the default is in force");
            default.to_vec()
        })
    }

    fn word(&mut self, key: &'static [u8], words: &[&'static str]) -> &'static str {
        let Some(found) = self.get(key) else { return words[0] };
        let text = found.0.as_bytes().unwrap_or_default().trim_ascii();
        if let Some(word) = words.iter().find(|word| text.eq_ignore_ascii_case(word.as_bytes())) {
            return word;
        }
        self.warn(found, &format!("one of {} is needed; {} is in force", words.join(", "), words[0]));
        words[0]
    }

    fn bool(&mut self, key: &'static [u8], default: bool) -> bool {
        let Some(found) = self.get(key) else { return default };
        if let View::Bool(value) = found.0.view() {
            return value;
        }
        let text = scalar_text(found.0).unwrap_or_default().to_ascii_lowercase();
        match text.trim_ascii() {
            b"true" | b"1" | b"yes" | b"on" => true,
            b"false" | b"0" | b"no" | b"off" => false,
            _ => {
                self.warn(found, &format!("true or false is needed; {default} is in force"));
                default
            }
        }
    }

    fn number(&mut self, key: &'static [u8], default: u64, range: core::ops::RangeInclusive<u64>) -> u64 {
        let Some(found) = self.get(key) else { return default };
        let text = scalar_text(found.0).unwrap_or_default();
        let number = core::str::from_utf8(text.trim_ascii()).ok().and_then(|text| text.parse().ok());
        if let Some(number) = number.filter(|number| range.contains(number)) {
            return number;
        }
        let wanted = format!(
            "a whole number from {} to {} is needed; {default} is in force",
            range.start(),
            range.end()
        );
        self.warn(found, &wanted);
        default
    }

    /// A list, or its items in one text with commas between.
    fn list(&mut self, key: &'static [u8], default: &[&str]) -> Vec<Vec<u8>> {
        let Some(found) = self.get(key) else {
            return default.iter().map(|text| text.as_bytes().to_vec()).collect();
        };
        match found.0.view() {
            View::Array(items) => items.iter().filter_map(scalar_text).collect(),
            View::String(text) => {
                let parts = text.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
                parts.filter(|part| !part.is_empty()).map(<[u8]>::to_vec).collect()
            }
            _ => {
                self.warn(found, "a list is needed; the default is in force");
                default.iter().map(|text| text.as_bytes().to_vec()).collect()
            }
        }
    }

    fn collection(&mut self) -> Collection {
        if !self.bool(b"auto_user_events", true) {
            return Collection::Disabled;
        }
        let words = ["identification", "anonymization", "disabled", "ident", "anon", "extended", "safe"];
        match self.word(b"auto_user_mode", &words) {
            "anonymization" | "anon" | "safe" => Collection::Anonymization,
            "disabled" => Collection::Disabled,
            _ => Collection::Identification,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(document: &str) -> String {
        String::from_utf8(Settings::read(document.as_bytes()).unwrap().1).unwrap()
    }

    #[test]
    fn defaults_stand_where_nothing_is_given() {
        let text = resolved("{}");
        for part in [
            r#""enabled":true,"mode":"block","rules":[],"poll_s":10"#,
            r#""body_limit":131072"#,
            r#""auto_user_mode":"identification""#,
            r#""warnings":[]"#,
            r#""failure_response":{"status":503"#,
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn explicit_then_ours_then_theirs() {
        let theirs = r#""DD_APPSEC_AUTO_USER_INSTRUMENTATION_MODE":"anon""#;
        let ours = r#""BARTIZAN_AUTO_USER_INSTRUMENTATION_MODE":"disabled""#;
        let mode = |document: String| {
            let text = resolved(&document);
            let at = text.find("auto_user_mode\":\"").unwrap() + 17;
            String::from(&text[at..at + 4])
        };
        assert_eq!(mode(format!("{{\"environment\":{{{theirs}}}}}")), "anon");
        assert_eq!(mode(format!("{{\"environment\":{{{theirs},{ours}}}}}")), "disa");
        assert_eq!(mode(format!("{{\"auto_user_mode\":\"ident\",\"environment\":{{{ours}}}}}")), "iden");
        let off = r#"{"environment":{"DD_APPSEC_AUTOMATED_USER_EVENTS_TRACKING_ENABLED":"false"}}"#;
        assert_eq!(mode(off.into()), "disa");
    }

    #[test]
    fn what_is_wrong_is_named_and_ignored() {
        let text = resolved(
            r#"{"moed":1,"body_limit":-3,"trusted_proxies":["10.0.0.0/8","x"],
                "environment":{"BARTIZAN_MODE":"blok","BARTIZAN_RULE":"a","BARTIZAN_LIBRARY":"b","BARTIZAN_RULES":" a, b "}}"#,
        );
        for part in [
            "`moed` is not a setting",
            "BARTIZAN_RULE is not a setting",
            "BARTIZAN_MODE is `blok`; one of block, monitor is needed; block is in force",
            "body_limit is `-3`; a whole number from 0 to 16777216 is needed; 131072 is in force",
            "`x` is not an address",
            r#""rules":["a","b"]"#,
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("BARTIZAN_LIBRARY"));
        assert!(Settings::read(b"[]").is_err() && Settings::read(b"{").is_err());
    }
}
