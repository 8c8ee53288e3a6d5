//! Bodies to addresses, by their content type and within limits.

use crate::address::{Address, bit};
use crate::graphql::Resolvers;
use crate::json_body::{self, Extent, Limits};
use crate::multimap::Multimap;
use crate::multipart;
use crate::settings::Settings;
use crate::url;
use alloc::vec::Vec;
use bartizan_object::{AllocError, AllocRef, MapWriter, Object, Owned, View};

/// How much of a body was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Inspected {
    /// Nothing: the content type or its encoding is not one that is read.
    #[default]
    None,
    /// What came before a limit, the end of what the host gave, or an error.
    Partial,
    /// Everything.
    Full,
}

impl Inspected {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Partial => "partial",
            Self::Full => "full",
        }
    }

    fn if_all(all: bool) -> Self {
        if all { Self::Full } else { Self::Partial }
    }
}

/// What the headers say about a body.
#[derive(Default)]
pub(crate) struct ContentType {
    value: Vec<u8>,
    encoded: bool,
}

impl ContentType {
    pub(crate) fn new(value: Option<Vec<u8>>, encoding: Option<Vec<u8>>) -> Self {
        let encoded = encoding.is_some_and(|name| {
            !name.trim_ascii().is_empty() && !name.trim_ascii().eq_ignore_ascii_case(b"identity")
        });
        Self { value: value.unwrap_or_default(), encoded }
    }

    fn form(&self, body: &[u8]) -> Form {
        let media = url::split(&self.value, b';').0.trim_ascii().to_ascii_lowercase();
        let (kind, subtype) = url::split(&media, b'/');
        match (kind, subtype) {
            _ if self.encoded => Form::Unread,
            (b"application", b"x-www-form-urlencoded") => Form::Urlencoded,
            (b"multipart", b"form-data") => Form::Multipart,
            (b"application", b"graphql") => Form::GraphQl,
            (_, b"json") => Form::Json,
            _ if subtype.ends_with(b"+json") => Form::Json,
            _ if subtype == b"xml" || subtype.ends_with(b"+xml") => Form::Markup,
            (b"text", _) => Form::Text,
            (b"", _) => match body.trim_ascii_start().first() {
                Some(b'{' | b'[') => Form::Json,
                _ if core::str::from_utf8(body).is_ok() => Form::Markup,
                _ => Form::Unread,
            },
            _ => Form::Unread,
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Form {
    Json,
    Urlencoded,
    Multipart,
    GraphQl,
    Text,
    /// Text whose own encoding is not undone.
    Markup,
    Unread,
}

/// A body, and what is known about it.
pub(crate) struct Body<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) content_type: &'a ContentType,
    /// Whether the bytes are all there are.
    pub(crate) complete: bool,
    pub(crate) graphql: bool,
}

impl<'a> Body<'a> {
    /// What of the bytes is looked at, and whether that is all there are.
    fn within(&self, settings: &Settings) -> (&'a [u8], bool) {
        let limit = settings.body_limit.min(self.bytes.len());
        (&self.bytes[..limit], self.complete && limit == self.bytes.len())
    }
}

/// What is looked at of what the bytes hold.
pub(crate) fn limits(settings: &Settings) -> Limits {
    Limits { depth: settings.body_depth, items: settings.body_items }
}

/// Adds what a request's body shows to a map of addresses, and their bits to `sent`.
pub(crate) fn request(
    body: &Body<'_>,
    settings: &Settings,
    map: &mut MapWriter<'_>,
    sent: &mut u64,
) -> Result<Inspected, AllocError> {
    let (bytes, complete) = body.within(settings);
    let limits = limits(settings);
    let inspected = match body.content_type.form(bytes) {
        _ if bytes.is_empty() => return Ok(Inspected::if_all(complete)),
        Form::Unread => return Ok(Inspected::None),
        Form::Json => {
            let mut value = Owned::new(AllocRef::global());
            let inspected = json(bytes, limits, &mut value)?;
            let whole = !body.graphql || operations(&value, map, sent)?;
            put(map, Address::Body, sent)?.copy_of(&value)?;
            if whole { inspected } else { Inspected::Partial }
        }
        Form::Urlencoded => {
            let (pairs, all) = url::pairs(bytes, limits.items);
            if !pairs.is_empty() {
                pairs.write(put(map, Address::Body, sent)?, true)?;
            }
            Inspected::if_all(all)
        }
        Form::Multipart => {
            let boundary = multipart::parameter(&body.content_type.value, b"boundary").unwrap_or_default();
            let (form, all) = multipart::read(bytes, &boundary, limits.items);
            files(&form.files, map, sent)?;
            if !form.fields.is_empty() {
                form.fields.write(put(map, Address::Body, sent)?, true)?;
            }
            Inspected::if_all(all)
        }
        Form::GraphQl => {
            let mut resolvers = Resolvers::default();
            resolvers.read(bytes, None)?;
            write_resolvers(&resolvers, map, sent)?;
            put(map, Address::Body, sent)?.string(bytes)?;
            Inspected::if_all(resolvers.is_whole())
        }
        Form::Text => {
            put(map, Address::Body, sent)?.string(bytes)?;
            Inspected::Full
        }
        Form::Markup => {
            put(map, Address::Body, sent)?.string(bytes)?;
            Inspected::Partial
        }
    };
    Ok(if complete { inspected } else { Inspected::Partial })
}

/// The same for a response, of which only JSON is looked at.
pub(crate) fn response(
    body: &Body<'_>,
    settings: &Settings,
    map: &mut MapWriter<'_>,
    sent: &mut u64,
) -> Result<Inspected, AllocError> {
    let (bytes, complete) = body.within(settings);
    if body.content_type.form(bytes) != Form::Json || bytes.is_empty() {
        return Ok(Inspected::None);
    }
    let mut value = Owned::new(AllocRef::global());
    let inspected = json(bytes, limits(settings), &mut value)?;
    put(map, Address::ResponseBody, sent)?.copy_of(&value)?;
    Ok(if complete { inspected } else { Inspected::Partial })
}

/// What is no JSON is looked at as text: the application's parser may see more in it than ours.
fn json(bytes: &[u8], limits: Limits, value: &mut Owned) -> Result<Inspected, AllocError> {
    match json_body::read(bytes, limits, value.slot())? {
        Extent::Full => return Ok(Inspected::Full),
        Extent::Partial => {}
        Extent::Malformed => value.slot().string(bytes)?,
    }
    Ok(Inspected::Partial)
}

fn put<'m>(
    map: &'m mut MapWriter<'_>,
    address: Address,
    sent: &mut u64,
) -> Result<bartizan_object::Slot<'m>, AllocError> {
    *sent |= bit(address);
    map.insert_literal(address.name())
}

fn files(files: &[multipart::File<'_>], map: &mut MapWriter<'_>, sent: &mut u64) -> Result<(), AllocError> {
    if files.is_empty() {
        return Ok(());
    }
    type Part = for<'f> fn(&'f multipart::File<'_>) -> &'f [u8];
    let lists: [(Address, Part); 3] = [
        (Address::Filenames, |file| &file.name),
        (Address::FilesFieldNames, |file| &file.field),
        (Address::FilesContent, |file| file.content),
    ];
    for (address, part) in lists {
        let mut array = put(map, address, sent)?.array(files.len())?;
        for file in files {
            array.push()?.string(part(file))?;
        }
    }
    let size = files.iter().map(|file| file.content.len() as u64).sum();
    put(map, Address::CombinedFileSize, sent)?.unsigned(size);
    Ok(())
}

/// Operations in a JSON body on a GraphQL path: one, or several in an array. False when limits cut some.
fn operations(body: &Object, map: &mut MapWriter<'_>, sent: &mut u64) -> Result<bool, AllocError> {
    let mut resolvers = Resolvers::default();
    let several = match body.view() {
        View::Array(operations) => operations,
        _ => core::slice::from_ref(body),
    };
    for operation in several {
        if let Some(query) = operation.get(b"query").and_then(Object::as_bytes) {
            resolvers.read(query, operation.get(b"variables"))?;
        }
    }
    write_resolvers(&resolvers, map, sent)?;
    Ok(resolvers.is_whole())
}

/// A GraphQL request in a query string.
pub(crate) fn graphql_query(
    query: &Multimap<'_>,
    limits: Limits,
    map: &mut MapWriter<'_>,
    sent: &mut u64,
) -> Result<(), AllocError> {
    let Some(text) = query.get(b"query") else { return Ok(()) };
    let mut variables = Owned::new(AllocRef::global());
    if let Some(given) = query.get(b"variables") {
        json_body::read(given, limits, variables.slot())?;
    }
    let mut resolvers = Resolvers::default();
    resolvers.read(text, Some(&variables))?;
    write_resolvers(&resolvers, map, sent)
}

fn write_resolvers(
    resolvers: &Resolvers<'_>,
    map: &mut MapWriter<'_>,
    sent: &mut u64,
) -> Result<(), AllocError> {
    if resolvers.is_empty() {
        return Ok(());
    }
    resolvers.write(put(map, Address::AllResolvers, sent)?)
}
