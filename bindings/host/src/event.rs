//! What an application says about users and business: tags for whoever counts, addresses for rules.

use crate::Error;
use crate::address::Address;
use crate::document::scalar_text;
use crate::settings::Collection;
use crate::sha256;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use bartizan_object::{AllocError, AllocRef, Object, Owned, View};

/// Levels of metadata that become tags.
const LEVELS: usize = 5;

/// Leaves of metadata that become tags, in one event.
const LEAVES: usize = 256;

/// The fields of a framework's user that can be its id, in order of preference.
const ID_FIELDS: [&[u8]; 5] = [b"id", b"email", b"username", b"login", b"user"];

const COLLECTION_MODE: &[u8] = b"_dd.appsec.user.collection_mode";

/// Metadata without which rules about an event can do nothing, and what that is.
const REQUIRED: [(&[u8], &[u8], &str); 8] = [
    (b"users.login.success", b"usr.login", "nobody can say whose login it was"),
    (b"users.login.failure", b"usr.login", "failures are not counted by user"),
    (b"users.login.failure", b"usr.exists", "attacks on accounts that exist cannot be told apart"),
    (b"users.signup", b"usr.id", "the new account is not known"),
    (b"users.delete", b"usr.id", "deleted accounts are not counted"),
    (b"users.password_reset", b"usr.login", "resets are not counted by user"),
    (b"users.password_reset", b"exists", "a hunt for accounts cannot be told from resets"),
    (b"activity.sensitive", b"name", "activities are not told apart, and no rule counts them"),
];

/// A tag, and whether the application itself gave it. What a framework's hook saw never replaces that.
pub(crate) struct Tag {
    pub(crate) name: Vec<u8>,
    pub(crate) value: Vec<u8>,
    pub(crate) manual: bool,
}

/// What an event comes to.
pub(crate) struct Statement {
    pub(crate) tags: Vec<Tag>,
    pub(crate) warnings: Vec<String>,
    /// A map from address to value; nothing to evaluate when it is empty.
    pub(crate) addresses: Owned,
    /// A question whose answer leaves no trace.
    pub(crate) is_question: bool,
}

/// Reads an event document.
pub(crate) fn read(document: &Object, collection: Collection) -> Result<Statement, Error> {
    let kind = document.get(b"event").and_then(Object::as_bytes).unwrap_or_default();
    let auto = document.get(b"auto").is_some_and(|value| matches!(value.view(), View::Bool(true)));
    let mut speaker = Speaker {
        auto: auto.then_some(collection),
        tags: Vec::new(),
        warnings: Vec::new(),
        addresses: Vec::new(),
    };
    if auto && collection == Collection::Disabled {
        return speaker.end(false);
    }
    let user = User::of(document.get(b"user"), auto);
    let login = document.get(b"login").and_then(scalar_text).filter(|login| !login.is_empty());
    let metadata = document.get(b"metadata").filter(|metadata| !is_empty(metadata));
    match kind {
        b"set_user" => speaker.set_user(&user),
        b"is_user_blocked" => {
            match &user.id {
                Some(id) => speaker.address(Address::UserId.name(), Some(id)),
                None => speaker.warn("is_user_blocked: the user has no id, so nobody is blocked".to_owned()),
            }
            if let Some(session) = &user.session_id {
                speaker.address(Address::SessionId.name(), Some(session));
            }
            return speaker.end(true);
        }
        b"login_success" => {
            speaker.login(b"users.login.success", &user, login.as_deref(), None, metadata);
            speaker.identity(&user);
            speaker.address(Address::LoginSuccess.name(), None);
        }
        b"login_failure" => {
            let exists = document.get(b"exists").filter(|value| !matches!(value.view(), View::Null));
            let exists = exists.map(|value| match value.view() {
                View::Bool(exists) => exists,
                View::Unsigned(number) => number != 0,
                View::String(text) => text == b"true",
                _ => false,
            });
            speaker.login(b"users.login.failure", &user, login.as_deref(), exists, metadata);
            speaker.address(Address::LoginFailure.name(), None);
        }
        b"signup" => {
            speaker.login(b"users.signup", &user, login.as_deref(), None, metadata);
            speaker.identity(&user);
            speaker.address(Address::Signup.name(), None);
        }
        b"custom" => {
            let name = document.get(b"name").and_then(Object::as_bytes).unwrap_or_default().trim_ascii();
            speaker.custom(name, &user, metadata);
        }
        _ => {
            return Err(Error::Malformed(format!(
                "`event` is `{}`; set_user, is_user_blocked, login_success, login_failure, signup or custom is needed",
                kind.escape_ascii()
            )));
        }
    }
    speaker.end(false)
}

fn is_empty(value: &Object) -> bool {
    match value.view() {
        View::Map(entries) => entries.is_empty(),
        View::Array(items) => items.is_empty(),
        View::Null | View::Invalid => true,
        View::String(text) => text.is_empty(),
        _ => false,
    }
}

/// What stands for a person's name where names are not collected.
fn anonymous(text: &[u8]) -> Vec<u8> {
    let sum = sha256::hex(&sha256::sum(text)[..16]);
    [b"anon_", sum.as_bytes()].concat()
}

/// A user as an application or a framework describes it.
#[derive(Default)]
struct User<'a> {
    id: Option<Vec<u8>>,
    session_id: Option<Vec<u8>>,
    /// All members but the id.
    fields: Vec<(&'a [u8], &'a Object)>,
}

impl<'a> User<'a> {
    fn of(value: Option<&'a Object>, auto: bool) -> Self {
        let Some(value) = value else { return Self::default() };
        let text = |value: &Object| scalar_text(value).filter(|text| !text.is_empty());
        let Some(entries) = value.as_map() else {
            return Self { id: text(value), ..Self::default() };
        };
        let candidates: &[&[u8]] = if auto { &ID_FIELDS } else { &ID_FIELDS[..1] };
        let id = candidates.iter().find_map(|name| value.get(name).and_then(text));
        let fields = entries
            .iter()
            .map(|entry| (entry.key.as_bytes().unwrap_or_default(), &entry.value))
            .filter(|(name, value)| !name.is_empty() && *name != b"id" && !is_empty(value))
            .collect();
        Self { id, session_id: value.get(b"session_id").and_then(text), fields }
    }

    fn is_none(&self) -> bool {
        self.id.is_none() && self.fields.is_empty()
    }

    fn field(&self, name: &[u8]) -> Option<Vec<u8>> {
        self.fields.iter().find(|(found, _)| *found == name).and_then(|(_, value)| scalar_text(value))
    }
}

/// An address and its value; null where only its presence says something.
type Sent<'a> = (Vec<u8>, Option<Owned>);

struct Speaker {
    /// Of a hook's events, what may be collected.
    auto: Option<Collection>,
    tags: Vec<Tag>,
    warnings: Vec<String>,
    addresses: Vec<Sent<'static>>,
}

impl Speaker {
    fn end(self, is_question: bool) -> Result<Statement, Error> {
        let mut addresses = Owned::new(AllocRef::global());
        let mut map = addresses.slot().map(self.addresses.len())?;
        for (name, value) in &self.addresses {
            let slot = map.insert(name)?;
            match value {
                Some(value) => slot.copy_of(value)?,
                None => slot.null(),
            }
        }
        Ok(Statement { tags: self.tags, warnings: self.warnings, addresses, is_question })
    }

    fn warn(&mut self, text: String) {
        self.warnings.push(text);
    }

    fn tag(&mut self, name: &[&[u8]], value: &[u8]) {
        let manual = self.auto.is_none();
        self.tags.push(Tag { name: name.concat(), value: value.to_vec(), manual });
    }

    /// Rules see who somebody is, whatever is collected.
    fn address(&mut self, name: &[u8], value: Option<&[u8]>) {
        let value = value.and_then(|text| {
            let mut owned = Owned::new(AllocRef::global());
            owned.slot().string(text).ok().map(|()| owned)
        });
        self.addresses.push((name.to_vec(), value));
    }

    /// A name as it may be collected.
    fn shown(&self, text: &[u8]) -> Vec<u8> {
        if self.auto == Some(Collection::Anonymization) { anonymous(text) } else { text.to_vec() }
    }

    fn mode(&mut self) {
        let mode = self.auto.map_or("sdk", Collection::word);
        self.tag(&[COLLECTION_MODE], mode.as_bytes());
    }

    fn track(&mut self, event: &[u8]) {
        self.tag(&[b"appsec.events.", event, b".track"], b"true");
        match self.auto {
            None => self.tag(&[b"_dd.appsec.events.", event, b".sdk"], b"true"),
            Some(mode) => {
                self.tag(&[b"_dd.appsec.events.", event, b".auto.mode"], mode.word().as_bytes());
            }
        }
    }

    fn set_user(&mut self, user: &User<'_>) {
        if user.id.is_none() {
            self.warn("set_user: the user has no id; it is ignored".to_owned());
            return;
        }
        self.identity(user);
        self.mode();
        if let Some(login) = user.field(b"login") {
            self.address(Address::UserLogin.name(), Some(&login));
        }
    }

    /// Who makes this request: tags of the whole request, and what rules look at.
    fn identity(&mut self, user: &User<'_>) {
        if let Some(id) = &user.id {
            let shown = self.shown(id);
            self.tag(&[b"usr.id"], &shown);
            if self.auto.is_some() {
                self.tag(&[b"_dd.appsec.usr.id"], &shown);
            }
            self.address(Address::UserId.name(), Some(id));
        }
        if let Some(session) = &user.session_id {
            self.address(Address::SessionId.name(), Some(session));
        }
        if self.auto.is_none() {
            self.user_fields(b"usr", user);
        } else if let Some(session) = &user.session_id {
            let shown = self.shown(session);
            self.tag(&[b"usr.session_id"], &shown);
        }
    }

    fn user_fields(&mut self, prefix: &[u8], user: &User<'_>) {
        for (name, value) in &user.fields {
            self.flatten(&[prefix, b".", name].concat(), value, 2);
        }
    }

    /// The events that begin with a login.
    fn login(
        &mut self,
        event: &[u8],
        user: &User<'_>,
        login: Option<&[u8]>,
        exists: Option<bool>,
        metadata: Option<&Object>,
    ) {
        let prefix = [b"appsec.events.", event].concat();
        self.track(event);
        self.mode();
        if let Some(metadata) = metadata {
            self.flatten(&prefix, metadata, 1);
        }
        let login = login.or(user.id.as_deref());
        if let Some(login) = login {
            let shown = self.shown(login);
            self.tag(&[&prefix, b".usr.login"], &shown);
            if self.auto.is_some() {
                self.tag(&[b"_dd.appsec.usr.login"], &shown);
            }
            self.address(Address::UserLogin.name(), Some(login));
        }
        if let Some(id) = &user.id {
            let shown = self.shown(id);
            self.tag(&[&prefix, b".usr.id"], &shown);
        }
        if let Some(exists) = exists {
            self.tag(&[&prefix, b".usr.exists"], if exists { b"true" } else { b"false" });
        }
        if self.auto.is_none() {
            self.user_fields(&[&prefix[..], b".usr"].concat(), user);
        }
        self.check(event, &prefix);
    }

    fn custom(&mut self, name: &[u8], user: &User<'_>, metadata: Option<&Object>) {
        if name.is_empty() {
            self.warn("track_custom_event: the event has no name; it is ignored".to_owned());
            return;
        }
        if metadata.is_none() && user.is_none() {
            self.warn(format!(
                "track_custom_event: the event `{}` has no metadata; it is ignored",
                name.escape_ascii()
            ));
            return;
        }
        let prefix = [b"appsec.events.", name].concat();
        self.track(name);
        if let Some(metadata) = metadata {
            self.flatten(&prefix, metadata, 1);
        }
        if !user.is_none() {
            self.identity(user);
            self.mode();
            if let Some(id) = &user.id {
                self.tag(&[&prefix, b".usr.id"], id);
            }
            self.user_fields(&[&prefix[..], b".usr"].concat(), user);
        }
        let (by_login, by_id) = ([&prefix[..], b".usr.login"].concat(), [&prefix[..], b".usr.id"].concat());
        if self.value(&by_login).is_none()
            && let Some(id) = self.value(&by_id).map(<[u8]>::to_vec)
        {
            self.tag(&[&by_login], &id);
        }
        self.check(name, &prefix);
        let value = metadata.and_then(copied);
        self.addresses.push(([b"server.business_logic.", name].concat(), value));
    }

    fn value(&self, name: &[u8]) -> Option<&[u8]> {
        self.tags.iter().rev().find(|tag| tag.name == name).map(|tag| &*tag.value)
    }

    /// Warns where rules about the event would look in vain. Hooks cannot know more than they see.
    fn check(&mut self, event: &[u8], prefix: &[u8]) {
        if self.auto.is_some() {
            return;
        }
        for (_, field, what) in REQUIRED.iter().filter(|(name, ..)| *name == event) {
            let under = |field: &[u8]| self.value(&[prefix, b".", field].concat()).is_some();
            // Older applications say `exists` where others say `usr.exists`.
            if under(field) || *field == b"exists" && under(b"usr.exists") {
                continue;
            }
            self.warn(format!(
                "the event `{}` lacks `{}`: {what}; pass it with the event or in its metadata",
                event.escape_ascii(),
                field.escape_ascii()
            ));
        }
    }

    /// Tags of a value and of all that is in it, by dotted paths.
    fn flatten(&mut self, prefix: &[u8], value: &Object, level: usize) {
        let mut left = LEAVES;
        if !self.leaves(prefix, value, level, &mut left) {
            self.warn(format!(
                "metadata under `{}` has more than {LEAVES} values; the rest is left out",
                prefix.escape_ascii()
            ));
        }
    }

    /// False when there is room for no more.
    fn leaves(&mut self, prefix: &[u8], value: &Object, level: usize, left: &mut usize) -> bool {
        match value.view() {
            View::Map(entries) if level <= LEVELS => entries.iter().all(|entry| {
                let name = [prefix, b".", entry.key.as_bytes().unwrap_or_default()].concat();
                self.leaves(&name, &entry.value, level + 1, left)
            }),
            View::Array(items) if level <= LEVELS => items.iter().enumerate().all(|(at, item)| {
                let name = [prefix, format!(".{at}").as_bytes()].concat();
                self.leaves(&name, item, level + 1, left)
            }),
            View::Map(_) | View::Array(_) => true,
            _ => {
                let Some(rest) = left.checked_sub(1) else { return false };
                *left = rest;
                let text = scalar_text(value).unwrap_or_else(|| b"null".to_vec());
                self.tag(&[prefix], &text);
                true
            }
        }
    }
}

fn copied(value: &Object) -> Option<Owned> {
    let mut owned = Owned::new(AllocRef::global());
    let done: Result<(), AllocError> = owned.slot().copy_of(value);
    done.ok().map(|()| owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bartizan_object::json;

    fn said(document: &str, collection: Collection) -> (Vec<String>, String, Vec<String>) {
        let document = json::parse(document.as_bytes(), AllocRef::global()).unwrap();
        let said = read(&document, collection).unwrap();
        let tags = said
            .tags
            .iter()
            .map(|tag| format!("{}={}", tag.name.escape_ascii(), tag.value.escape_ascii()))
            .collect();
        (tags, format!("{:?}", said.addresses), said.warnings)
    }

    fn manual(document: &str) -> (Vec<String>, String, Vec<String>) {
        said(document, Collection::Anonymization)
    }

    #[test]
    fn a_user_is_tags_and_addresses() {
        let (tags, addresses, warnings) = manual(
            r#"{"event":"set_user","user":{"id":42,"name":"Ann","session_id":"s1","plan":{"kind":"gold"}}}"#,
        );
        assert_eq!(
            tags,
            [
                "usr.id=42",
                "usr.name=Ann",
                "usr.session_id=s1",
                "usr.plan.kind=gold",
                "_dd.appsec.user.collection_mode=sdk"
            ]
        );
        assert_eq!(addresses, r#"{"usr.id":"42","usr.session_id":"s1"}"#);
        assert!(warnings.is_empty());
        let (tags, addresses, warnings) = manual(r#"{"event":"set_user","user":{"name":"Ann"}}"#);
        assert_eq!((tags.len(), &*addresses, warnings.len()), (0, "{}", 1));
    }

    #[test]
    fn a_login_that_works() {
        let (tags, addresses, warnings) =
            manual(r#"{"event":"login_success","login":"ann","user":"u-1","metadata":{"n":123,"ok":true}}"#);
        assert_eq!(
            tags,
            [
                "appsec.events.users.login.success.track=true",
                "_dd.appsec.events.users.login.success.sdk=true",
                "_dd.appsec.user.collection_mode=sdk",
                "appsec.events.users.login.success.n=123",
                "appsec.events.users.login.success.ok=true",
                "appsec.events.users.login.success.usr.login=ann",
                "appsec.events.users.login.success.usr.id=u-1",
                "usr.id=u-1",
            ]
        );
        let want = r#"{"usr.login":"ann","usr.id":"u-1","server.business_logic.users.login.success":null}"#;
        assert_eq!(addresses, want);
        assert!(warnings.is_empty());
        let (tags, ..) = manual(r#"{"event":"login_success","user":"u-1"}"#);
        assert!(tags.contains(&"appsec.events.users.login.success.usr.login=u-1".into()));
    }

    #[test]
    fn a_login_that_fails() {
        let (tags, addresses, warnings) = manual(r#"{"event":"login_failure","login":"ann","exists":false}"#);
        assert!(tags.contains(&"appsec.events.users.login.failure.usr.exists=false".into()), "{tags:?}");
        assert!(!tags.iter().any(|tag| tag.starts_with("usr.id")));
        assert_eq!(addresses, r#"{"usr.login":"ann","server.business_logic.users.login.failure":null}"#);
        assert!(warnings.is_empty());
        assert_eq!(manual(r#"{"event":"login_failure"}"#).2.len(), 2);
    }

    #[test]
    fn metadata_has_five_levels() {
        let (tags, ..) = manual(
            r#"{"event":"custom","name":"e","metadata":{
                "a":{"b":{"c":{"d":{"x":"kept","e":{"f":"dropped"}}}}},"l":[{"k":1.5},null]}}"#,
        );
        assert_eq!(
            tags[2..],
            ["appsec.events.e.a.b.c.d.x=kept", "appsec.events.e.l.0.k=1.5", "appsec.events.e.l.1=null"]
        );
        let many = (0..400).map(|n| format!("\"k{n}\":{n}")).collect::<Vec<_>>().join(",");
        let (tags, _, warnings) =
            manual(&format!("{{\"event\":\"custom\",\"name\":\"e\",\"metadata\":{{{many}}}}}"));
        assert_eq!((tags.len(), warnings.len()), (2 + LEAVES, 1));
    }

    #[test]
    fn business_events_name_what_they_lack() {
        let lacks = |document: &str| manual(document).2;
        assert_eq!(
            lacks(r#"{"event":"custom","name":"activity.sensitive","metadata":{"name":"x"}}"#).len(),
            0
        );
        let found =
            lacks(r#"{"event":"custom","name":"activity.sensitive","metadata":{"required_role":"admin"}}"#);
        assert!(found[0].contains("lacks `name`"), "{found:?}");
        let reset =
            r#"{"event":"custom","name":"users.password_reset","metadata":{"usr":{"id":"7"},"exists":true}}"#;
        let (tags, addresses, warnings) = manual(reset);
        assert!(tags.contains(&"appsec.events.users.password_reset.usr.login=7".into()));
        assert!(warnings.is_empty(), "{warnings:?}");
        assert_eq!(
            addresses,
            r#"{"server.business_logic.users.password_reset":{"usr":{"id":"7"},"exists":true}}"#
        );
        assert_eq!(lacks(r#"{"event":"custom","name":"payment.failure","metadata":{"amount":1}}"#).len(), 0);
        for ignored in [
            r#"{"event":"custom","name":" ","metadata":{"a":1}}"#,
            r#"{"event":"custom","name":"e","metadata":{}}"#,
        ] {
            let (tags, _, warnings) = manual(ignored);
            assert_eq!((tags.len(), warnings.len()), (0, 1));
        }
    }

    #[test]
    fn what_hooks_see_is_collected_as_the_mode_allows() {
        let document =
            r#"{"event":"login_success","auto":true,"login":"test","user":{"email":"test","username":"x"}}"#;
        let (tags, addresses, _) = said(document, Collection::Anonymization);
        let anon = "anon_9f86d081884c7d659a2feaa0c55ad015";
        assert_eq!(
            tags,
            [
                "appsec.events.users.login.success.track=true".into(),
                "_dd.appsec.events.users.login.success.auto.mode=anonymization".into(),
                "_dd.appsec.user.collection_mode=anonymization".into(),
                format!("appsec.events.users.login.success.usr.login={anon}"),
                format!("_dd.appsec.usr.login={anon}"),
                format!("appsec.events.users.login.success.usr.id={anon}"),
                format!("usr.id={anon}"),
                format!("_dd.appsec.usr.id={anon}"),
            ]
        );
        assert!(addresses.starts_with(r#"{"usr.login":"test","usr.id":"test""#));
        let (tags, ..) = said(document, Collection::Identification);
        assert!(tags.contains(&"usr.id=test".into()));
        let (tags, addresses, _) = said(document, Collection::Disabled);
        assert_eq!((tags.len(), &*addresses), (0, "{}"));
    }
}
