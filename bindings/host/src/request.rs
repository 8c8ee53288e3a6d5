//! One request, from its first line to its response.

use crate::address::{Address, bit};
use crate::answer::{Answer, Summary, Verdict};
use crate::body::{self, Body, ContentType, Inspected};
use crate::event::{self, Tag};
use crate::head::{self, RequestHead, ResponseHead};
use crate::host::Host;
use crate::response::Refusal;
use crate::settings::Mode;
use crate::{Error, url};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use bartizan_engine::{Call, Clock, Context, Instance};
use bartizan_object::{AllocRef, MapWriter, Object, Owned};

/// Tags and warnings that one request can gather.
const GATHERED: usize = 4096;

/// Pairs of a query string that are taken apart; the whole of it is seen in the target.
const QUERY_PAIRS: usize = 4096;

/// Work units for each microsecond of time where there is no clock to look at.
const BUDGET_PER_US: u64 = 200;

/// Limits the time of a call, in microseconds; 0 is no limit. Without a clock the budget is limited instead.
pub fn limit_time(call: &mut Call<'_>, timeout_us: u64) {
    if timeout_us == 0 {
        return;
    }
    match call.clock {
        Some(_) => call.timeout_ns = timeout_us.saturating_mul(1000),
        None => call.budget = call.budget.min(timeout_us.saturating_mul(BUDGET_PER_US)),
    }
}

/// What a call brings that the engine does not have.
#[derive(Clone, Copy, Default)]
pub struct Moment<'a> {
    /// Seconds since the epoch.
    pub now_s: u64,
    /// 64 random bits, the same for all calls of a request or others for each.
    pub entropy: u64,
    /// For deadlines and durations.
    pub clock: Option<&'a dyn Clock>,
}

/// What a host has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// Nothing.
    Nothing,
    /// Read the document.
    Report,
    /// Read the document, and answer the request with the response in it.
    Block,
}

/// One request. It belongs to one thread at a time.
pub struct Request {
    host: Arc<Host>,
    context: Context,
    accounts: bool,
    started: bool,
    calls: u64,
    graphql: bool,
    accept: Vec<u8>,
    content_type: ContentType,
    response_type: ContentType,
    inspected: Option<Inspected>,
    line: Line,
    refusal: Option<Refusal>,
    verdict: Verdict,
    results: Vec<Owned>,
    tags: Vec<Tag>,
    warnings: Vec<String>,
}

#[derive(Default)]
struct Line {
    method: Vec<u8>,
    path: Vec<u8>,
    route: Vec<u8>,
    client_ip: Vec<u8>,
    status: Vec<u8>,
}

impl Request {
    /// A request that is evaluated with the rules of an instance.
    #[must_use]
    pub fn new(host: Arc<Host>, instance: &Instance) -> Self {
        Self {
            context: instance.context(),
            host,
            accounts: true,
            started: false,
            calls: 0,
            graphql: false,
            accept: Vec::new(),
            content_type: ContentType::default(),
            response_type: ContentType::default(),
            inspected: None,
            line: Line::default(),
            refusal: None,
            verdict: Verdict::None,
            results: Vec::new(),
            tags: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// A request of our own, which no account is kept of.
    pub(crate) fn rehearsal(host: Arc<Host>, instance: &Instance) -> Self {
        Self { accounts: false, ..Self::new(host, instance) }
    }

    /// Evaluates first line, headers and peer. `out` has the answer unless there is nothing to tell.
    ///
    /// # Errors
    /// The data is neither flat nor a map, or the request was started before.
    pub fn start(&mut self, data: &[u8], moment: Moment<'_>, out: &mut Vec<u8>) -> Result<Code, Error> {
        if self.started {
            return Err(Error::Malformed("the request was started before".into()));
        }
        let document = head::document(data)?;
        let head = match &document {
            Some(map) => RequestHead::map(map)?,
            None => RequestHead::flat(data)?,
        };
        self.started = true;
        let addresses = self.addresses(&head)?;
        self.evaluate(addresses, Vec::new(), Vec::new(), moment, out)
    }

    fn addresses(&mut self, head: &RequestHead<'_>) -> Result<Owned, Error> {
        let host = self.host.clone();
        let settings = &host.settings;
        let header = |name: &[u8]| head::joined(&head.headers, name);
        let (path, query) = url::path_and_query(&head.target);
        let client = settings.trusted.client(&head.peer, &settings.client_ip_headers, header);
        self.line.method = head.method.to_vec();
        self.line.path = path.to_vec();
        self.line.route = head.route.to_vec();
        self.line.client_ip = client.unwrap_or_default();
        self.accept = header(b"accept").unwrap_or_default();
        self.content_type = ContentType::new(header(b"content-type"), header(b"content-encoding"));
        self.graphql = settings.is_graphql(path);

        let mut addresses = Owned::new(AllocRef::global());
        let mut map = addresses.slot().map(8)?;
        let mut sent = bit(Address::Headers);
        for (address, value) in [(Address::Method, &head.method), (Address::UriRaw, &head.target)] {
            if !value.is_empty() {
                sent |= bit(address);
                map.insert_literal(address.name())?.string(value)?;
            }
        }
        let (query, _) = url::pairs(query, QUERY_PAIRS);
        if !query.is_empty() {
            sent |= bit(Address::Query);
            query.write(map.insert_literal(Address::Query.name())?, true)?;
            if self.graphql {
                body::graphql_query(&query, body::limits(settings), &mut map, &mut sent)?;
            }
        }
        let headers = head::without(&head.headers, b"cookie");
        headers.write(map.insert_literal(Address::Headers.name())?, false)?;
        let cookies = head::cookies(&head.headers);
        if !cookies.is_empty() {
            sent |= bit(Address::Cookies);
            cookies.write(map.insert_literal(Address::Cookies.name())?, false)?;
        }
        if let Some(params) = head.path_params {
            sent |= bit(Address::PathParams);
            map.insert_literal(Address::PathParams.name())?.copy_of(params)?;
        }
        if !self.line.client_ip.is_empty() {
            sent |= bit(Address::ClientIp);
            map.insert_literal(Address::ClientIp.name())?.string(&self.line.client_ip)?;
        }
        for entry in head.addresses.and_then(Object::as_map).into_iter().flatten() {
            let name = entry.key.as_bytes().unwrap_or_default();
            self.mark_name(name);
            map.insert(name)?.copy_of(&entry.value)?;
        }
        self.mark(sent);
        Ok(addresses)
    }

    /// Evaluates the body, or as much of it as the host has (`complete` says whether that is all).
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub fn body(
        &mut self,
        bytes: &[u8],
        complete: bool,
        moment: Moment<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(Code, Inspected), Error> {
        let host = self.host.clone();
        let content_type = core::mem::take(&mut self.content_type);
        let body = Body { bytes, content_type: &content_type, complete, graphql: self.graphql };
        let found = self.look(moment, out, |map, sent| body::request(&body, &host.settings, map, sent));
        self.content_type = content_type;
        if let Ok((_, inspected)) = found {
            self.inspected = Some(inspected);
        }
        found
    }

    /// Evaluates status and headers of the response.
    ///
    /// # Errors
    /// The data is neither flat nor a map.
    pub fn response(&mut self, data: &[u8], moment: Moment<'_>, out: &mut Vec<u8>) -> Result<Code, Error> {
        let document = head::document(data)?;
        let head = match &document {
            Some(map) => ResponseHead::map(map)?,
            None => ResponseHead::flat(data)?,
        };
        self.line.status = head.status.to_vec();
        let header = |name: &[u8]| head::joined(&head.headers, name);
        self.response_type = ContentType::new(header(b"content-type"), header(b"content-encoding"));
        let done = self.look(moment, out, |map, sent| {
            *sent |= bit(Address::ResponseStatus) | bit(Address::ResponseHeaders);
            map.insert_literal(Address::ResponseStatus.name())?.string(&head.status)?;
            let headers = head::without(&head.headers, b"set-cookie");
            headers.write(map.insert_literal(Address::ResponseHeaders.name())?, false)?;
            Ok(Inspected::None)
        });
        done.map(|(code, _)| code)
    }

    /// Evaluates the body of the response where it is JSON.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub fn response_body(
        &mut self,
        bytes: &[u8],
        complete: bool,
        moment: Moment<'_>,
        out: &mut Vec<u8>,
    ) -> Result<(Code, Inspected), Error> {
        let host = self.host.clone();
        let content_type = core::mem::take(&mut self.response_type);
        let body = Body { bytes, content_type: &content_type, complete, graphql: false };
        let found = self.look(moment, out, |map, sent| body::response(&body, &host.settings, map, sent));
        self.response_type = content_type;
        found
    }

    /// Evaluates what an application says about a user or its business.
    ///
    /// # Errors
    /// The document cannot be read, or names no event.
    pub fn event(&mut self, document: &[u8], moment: Moment<'_>, out: &mut Vec<u8>) -> Result<Code, Error> {
        if let Some(code) = self.again(out) {
            return Ok(code);
        }
        let document = head::read(document)?;
        let said = event::read(&document, self.host.settings.collection)?;
        for entry in said.addresses.as_map().unwrap_or_default() {
            self.mark_name(entry.key.as_bytes().unwrap_or_default());
        }
        if said.is_question {
            return self.question(said.addresses, said.warnings, moment, out);
        }
        self.evaluate(said.addresses, said.tags, said.warnings, moment, out)
    }

    /// Evaluates addresses as they are: what the application is about to do, or what no function here knows.
    /// In a subcontext nothing of them is remembered.
    ///
    /// # Errors
    /// The document cannot be read, or is not a map.
    pub fn eval(
        &mut self,
        document: &[u8],
        subcontext: bool,
        moment: Moment<'_>,
        out: &mut Vec<u8>,
    ) -> Result<Code, Error> {
        if let Some(code) = self.again(out) {
            return Ok(code);
        }
        let document = head::read(document)?;
        let Some(entries) = document.as_map() else {
            return Err(Error::Malformed("request data is not a map from address to value".into()));
        };
        for entry in entries {
            self.mark_name(entry.key.as_bytes().unwrap_or_default());
        }
        if !subcontext {
            return self.evaluate(document, Vec::new(), Vec::new(), moment, out);
        }
        let child = self.context.subcontext();
        let parent = core::mem::replace(&mut self.context, child);
        let done = self.evaluate(document, Vec::new(), Vec::new(), moment, out);
        self.context = parent;
        done
    }

    /// What the request came to, for a log; nothing when it came to nothing, unless `always`.
    pub fn finish(&self, always: bool, moment: Moment<'_>, out: &mut Vec<u8>) -> Code {
        let silent = self.results.is_empty() && self.tags.is_empty() && self.warnings.is_empty();
        if silent && !always {
            return Code::Nothing;
        }
        let summary = Summary {
            now_s: moment.now_s,
            line: [
                (b"method", &self.line.method),
                (b"path", &self.line.path),
                (b"route", &self.line.route),
                (b"client_ip", &self.line.client_ip),
                (b"status", &self.line.status),
                (b"inspected", self.inspected.map_or(&b""[..], |inspected| inspected.word().as_bytes())),
            ],
            verdict: self.verdict,
            results: &self.results,
            tags: &self.tags,
            warnings: &self.warnings,
        };
        summary.write(out);
        Code::Report
    }

    fn mark(&self, bits: u64) {
        if self.accounts {
            self.host.sent.mark(bits);
        }
    }

    fn mark_name(&self, name: &[u8]) {
        if self.accounts {
            self.host.sent.mark_name(name);
        }
    }

    /// Once a request is refused, that is the answer to everything.
    fn again(&self, out: &mut Vec<u8>) -> Option<Code> {
        let refusal = self.refusal.as_ref()?;
        let answer = Answer {
            verdict: Verdict::Block,
            result: None,
            tags: &[],
            warnings: &[],
            refusal: Some(refusal),
            blocked: None,
            timeout: false,
        };
        answer.write(&self.host.settings, out);
        Some(Code::Block)
    }

    /// Evaluates what `fill` writes, if it writes anything.
    fn look(
        &mut self,
        moment: Moment<'_>,
        out: &mut Vec<u8>,
        fill: impl FnOnce(&mut MapWriter<'_>, &mut u64) -> Result<Inspected, bartizan_object::AllocError>,
    ) -> Result<(Code, Inspected), Error> {
        if let Some(code) = self.again(out) {
            return Ok((code, Inspected::None));
        }
        let mut addresses = Owned::new(AllocRef::global());
        let mut map = addresses.slot().map(2)?;
        let mut sent = 0;
        let inspected = fill(&mut map, &mut sent)?;
        self.mark(sent);
        let code = self.evaluate(addresses, Vec::new(), Vec::new(), moment, out)?;
        Ok((code, inspected))
    }

    fn call<'m>(&mut self, moment: Moment<'m>) -> Call<'m> {
        let settings = &self.host.settings;
        let mut call =
            Call { now_s: moment.now_s, budget: settings.budget, clock: moment.clock, ..Call::default() };
        limit_time(&mut call, settings.timeout_us);
        // Each call has ids of its own, also where the host draws once.
        call.entropy = moment.entropy ^ self.calls.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.calls += 1;
        call
    }

    fn evaluate(
        &mut self,
        addresses: Owned,
        tags: Vec<Tag>,
        mut warnings: Vec<String>,
        moment: Moment<'_>,
        out: &mut Vec<u8>,
    ) -> Result<Code, Error> {
        let (mut result, mut timeout) = (None, false);
        if addresses.as_map().is_none_or(|entries| !entries.is_empty()) {
            let call = self.call(moment);
            let mut outcome = self.context.eval(addresses.into(), &call)?;
            timeout = outcome.timed_out();
            if outcome.is_match() {
                result = Some(outcome.to_object(AllocRef::global())?);
            }
        }
        if timeout {
            warnings.push("not all was looked at within the time or budget of the settings".into());
        }
        if result.is_none() && tags.is_empty() && warnings.is_empty() {
            return Ok(Code::Nothing);
        }
        let settings = &self.host.settings;
        let actions = result.as_ref().and_then(|result| result.get(b"actions"));
        let refusal = actions.and_then(|actions| Refusal::of(actions, &self.accept));
        let verdict = result
            .as_ref()
            .map_or(Verdict::None, |result| Verdict::of(result, refusal.as_ref(), settings.mode));
        let tags = news(tags, &self.tags);
        let answer = Answer {
            verdict,
            result: result.as_deref(),
            tags: &tags,
            warnings: &warnings,
            refusal: refusal.as_ref(),
            blocked: None,
            timeout,
        };
        answer.write(settings, out);
        self.verdict = self.verdict.max(verdict);
        self.results.extend(result);
        self.keep(tags, warnings);
        if verdict == Verdict::Block {
            self.refusal = refusal;
            return Ok(Code::Block);
        }
        Ok(Code::Report)
    }

    fn keep(&mut self, tags: Vec<Tag>, warnings: Vec<String>) {
        for tag in tags {
            match self.tags.iter().position(|known| known.name == tag.name) {
                Some(at) => self.tags[at] = tag,
                None if self.tags.len() < GATHERED => self.tags.push(tag),
                None => {}
            }
        }
        for warning in warnings {
            if self.warnings.len() < GATHERED && !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
    }

    /// Evaluates a user aside, and tells whether that would refuse the request.
    fn question(
        &mut self,
        addresses: Owned,
        warnings: Vec<String>,
        moment: Moment<'_>,
        out: &mut Vec<u8>,
    ) -> Result<Code, Error> {
        let call = self.call(moment);
        let mut child = self.context.subcontext();
        let mut outcome = child.eval(addresses.into(), &call)?;
        let result = outcome.to_object(AllocRef::global())?;
        let refusal = result.get(b"actions").and_then(|actions| Refusal::of(actions, &self.accept));
        if refusal.is_none() && warnings.is_empty() {
            return Ok(Code::Nothing);
        }
        let blocks = refusal.is_some() && self.host.settings.mode == Mode::Block;
        let verdict = match &refusal {
            Some(_) if blocks => Verdict::Block,
            Some(_) => Verdict::Monitor,
            None => Verdict::None,
        };
        let answer = Answer {
            verdict,
            result: None,
            tags: &[],
            warnings: &warnings,
            refusal: refusal.as_ref(),
            blocked: Some(refusal.is_some()),
            timeout: false,
        };
        answer.write(&self.host.settings, out);
        Ok(if blocks { Code::Block } else { Code::Report })
    }
}

/// Tags that say something new: a hook's tags do not replace the application's.
fn news(tags: Vec<Tag>, known: &[Tag]) -> Vec<Tag> {
    let replaces = |tag: &Tag| tag.manual || !known.iter().any(|old| old.manual && old.name == tag.name);
    tags.into_iter().filter(replaces).collect()
}
