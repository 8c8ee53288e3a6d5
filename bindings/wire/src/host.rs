//! Host, request and rules, with the clock and the randomness of the machine where there are any.

use crate::clock;
use crate::session::{Error, Instance};
use alloc::sync::Arc;
use alloc::vec::Vec;
use bartizan_engine::Clock;
use bartizan_host as host;
use host::{Code, Inspected, Moment, Offer};

/// What is the same for all requests: settings, and an account of what was ever sent.
#[derive(Clone)]
pub struct Host(Arc<host::Host>);

impl Host {
    /// A host with the settings of a document.
    ///
    /// # Errors
    /// The document cannot be read or is not a map. Wrong values are warnings in [`Host::settings`].
    pub fn new(settings: &[u8]) -> Result<Self, Error> {
        Ok(Self(Arc::new(host::Host::new(settings)?)))
    }

    /// The settings in force, as JSON.
    #[must_use]
    pub fn settings(&self) -> &[u8] {
        self.0.document()
    }

    /// Sends a request that must be found and one that must pass; `out` has `{"ok":…,"problems":[…]}`.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub fn self_check(&self, instance: &Instance, now_s: u64, out: &mut Vec<u8>) -> Result<bool, Error> {
        self.0.self_check(instance.inner(), moment(now_s, 1), out)
    }

    /// `{"wanted":[…],"sent":[…],"never_sent":[…]}`: addresses that the rules look at.
    pub fn doctor(&self, instance: &Instance, out: &mut Vec<u8>) {
        self.0.doctor(instance.inner(), out);
    }

    /// One request. `now_s` 0 means to look at the clock and `entropy` 0 to draw, each time anew, where that is
    /// possible.
    #[must_use]
    pub fn request(&self, instance: &Instance, now_s: u64, entropy: u64) -> HostRequest {
        let request = host::Request::new(self.0.clone(), instance.inner());
        HostRequest { request, now_s, entropy, clock: clock::monotonic() }
    }
}

fn moment(now_s: u64, entropy: u64) -> Moment<'static> {
    Moment {
        now_s: if now_s == 0 { clock::now_s() } else { now_s },
        entropy: if entropy == 0 { clock::entropy() } else { entropy },
        clock: clock::monotonic(),
    }
}

/// One request. Documents are as in `bartizan.h`.
pub struct HostRequest {
    request: host::Request,
    now_s: u64,
    entropy: u64,
    clock: Option<&'static dyn Clock>,
}

impl HostRequest {
    /// Another clock, for durations and for the time limit of the settings.
    pub fn set_clock(&mut self, clock: Option<&'static dyn Clock>) {
        self.clock = clock;
    }

    fn moment(&self) -> Moment<'static> {
        Moment { clock: self.clock, ..moment(self.now_s, self.entropy) }
    }

    /// First line, headers and peer.
    ///
    /// # Errors
    /// The data cannot be read, or the request was started before.
    pub fn start(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<Code, Error> {
        #[cfg(feature = "forced-panic")]
        if data.windows(16).any(|window| window.eq_ignore_ascii_case(b"x-bartizan-panic"))
            || data.windows(16).any(|window| window.eq_ignore_ascii_case(b"x_bartizan_panic"))
        {
            panic!("forced by a header");
        }
        self.request.start(data, self.moment(), out)
    }

    /// The body.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub fn body(
        &mut self,
        bytes: &[u8],
        complete: bool,
        out: &mut Vec<u8>,
    ) -> Result<(Code, Inspected), Error> {
        self.request.body(bytes, complete, self.moment(), out)
    }

    /// What the application says about a user or its business.
    ///
    /// # Errors
    /// The document cannot be read, or names no event.
    pub fn event(&mut self, document: &[u8], out: &mut Vec<u8>) -> Result<Code, Error> {
        self.request.event(document, self.moment(), out)
    }

    /// Addresses as they are; with `subcontext` nothing of them is remembered.
    ///
    /// # Errors
    /// The document cannot be read, or is not a map.
    pub fn eval(&mut self, document: &[u8], subcontext: bool, out: &mut Vec<u8>) -> Result<Code, Error> {
        self.request.eval(document, subcontext, self.moment(), out)
    }

    /// Status and headers of the response.
    ///
    /// # Errors
    /// The data cannot be read.
    pub fn response(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<Code, Error> {
        self.request.response(data, self.moment(), out)
    }

    /// The body of the response, where it is JSON.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub fn response_body(
        &mut self,
        bytes: &[u8],
        complete: bool,
        out: &mut Vec<u8>,
    ) -> Result<(Code, Inspected), Error> {
        self.request.response_body(bytes, complete, self.moment(), out)
    }

    /// What the request came to; nothing when it came to nothing, unless `always`.
    pub fn finish(&self, always: bool, out: &mut Vec<u8>) -> Code {
        self.request.finish(always, self.moment(), out)
    }
}

/// The rules in force, and what is offered in their place.
#[derive(Default)]
pub struct Rules(host::Rules);

impl Rules {
    /// Nothing in force.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes an offer document; `out` has what became of it.
    ///
    /// # Errors
    /// The document itself cannot be read or is not a map.
    pub fn offer(&mut self, document: &[u8], out: &mut Vec<u8>) -> Result<Offer, Error> {
        self.0.offer(document, out)
    }

    /// Takes what [`Rules::save`] gave.
    ///
    /// # Errors
    /// None: what is damaged is refused.
    pub fn restore(&mut self, saved: &[u8], out: &mut Vec<u8>) -> Result<Offer, Error> {
        self.0.restore(saved, out)
    }

    /// What is in force, to be kept on disk; false when that is nothing.
    pub fn save(&self, out: &mut Vec<u8>) -> bool {
        self.0.save(out)
    }

    /// The instance in force.
    #[must_use]
    pub fn instance(&self) -> Option<Instance> {
        self.0.instance().cloned().map(Instance::new)
    }
}
