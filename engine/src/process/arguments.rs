//! What a generator is given.

use crate::state::Store;
use bartizan_lang::ruleset::{Generator, Mapping};
use bartizan_lang::vocab::PathItem;
use bartizan_object::{Entry, Object};

/// The arguments of a generator, of the types that it takes.
pub(super) enum Arguments<'s> {
    Schema(&'s Object),
    Endpoint {
        method: &'s [u8],
        uri: &'s [u8],
        query: Option<&'s [Entry]>,
        body: Option<&'s [Entry]>,
    },
    Header(&'s [Entry]),
    Network(&'s [Entry]),
    Session {
        cookies: Option<&'s [Entry]>,
        session_id: Option<&'s [u8]>,
        user_id: Option<&'s [u8]>,
    },
    /// What may hold a token, and where in it.
    Token(&'s Object, &'s [PathItem]),
    Uri(&'s [u8]),
}

impl<'s> Arguments<'s> {
    /// What the store has for a mapping; `None` when something is missing. An argument of the wrong type is
    /// as good as none.
    pub(super) fn find(generator: Generator, mapping: &'s Mapping, store: &'s Store) -> Option<Self> {
        let any = |index: usize| store.get(mapping.arguments.get(index)?.address);
        let text = |index: usize| any(index).and_then(Object::as_bytes);
        let map = |index: usize| any(index).and_then(Object::as_map);
        Some(match generator {
            Generator::ExtractSchema => Self::Schema(any(0)?),
            Generator::HttpEndpointFingerprint => {
                Self::Endpoint { method: text(0)?, uri: text(1)?, query: map(2), body: map(3) }
            }
            Generator::HttpHeaderFingerprint => Self::Header(map(0)?),
            Generator::HttpNetworkFingerprint => Self::Network(map(0)?),
            Generator::SessionFingerprint => {
                let (cookies, session_id, user_id) = (map(0), text(1), text(2));
                if cookies.is_none() && session_id.is_none() && user_id.is_none() {
                    return None;
                }
                Self::Session { cookies, session_id, user_id }
            }
            Generator::JwtDecode => Self::Token(any(0)?, &mapping.arguments.first()?.key_path),
            Generator::UriParse => Self::Uri(text(0)?),
        })
    }

    /// How many of the optional arguments are there.
    pub(super) fn optional(&self) -> u8 {
        match self {
            Self::Endpoint { query, body, .. } => u8::from(query.is_some()) + u8::from(body.is_some()),
            Self::Session { cookies, session_id, user_id } => {
                u8::from(cookies.is_some()) + u8::from(session_id.is_some()) + u8::from(user_id.is_some())
            }
            _ => 0,
        }
    }

    /// What looking at them costs, roughly one per byte; a schema costs as it grows, a token as it is found.
    pub(super) fn units(&self) -> u64 {
        let bytes = |text: &[u8]| text.len() as u64;
        let entry = |entry: &Entry| {
            16 + entry.key.as_bytes().map_or(0, bytes) + entry.value.as_bytes().map_or(0, bytes)
        };
        let map = |map: &[Entry]| map.iter().map(entry).sum::<u64>();
        match self {
            Self::Schema(_) | Self::Token(..) => 0,
            Self::Endpoint { method, uri, query, body } => {
                bytes(method) + bytes(uri) + query.map_or(0, map) + body.map_or(0, map)
            }
            Self::Header(headers) | Self::Network(headers) => map(headers),
            Self::Session { cookies, session_id, user_id } => {
                cookies.map_or(0, map) + session_id.map_or(0, bytes) + user_id.map_or(0, bytes)
            }
            Self::Uri(uri) => bytes(uri),
        }
    }
}

/// How many arguments a generator can do without.
pub(super) fn optional_arguments(generator: Generator) -> u8 {
    generator.arguments().iter().map(|(_, optional)| u8::from(*optional)).sum()
}
