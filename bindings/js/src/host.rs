//! Host, requests and rules.
//!
//! A call on a request gives one number: the code in bits 0 and 1, what was looked at of a body in bits 4
//! and 5, and from bit 6 on the length of the document that is put out; negative on error.

use super::{INTERNAL, Instance, MALFORMED, OUTPUT, given, put};
use bartizan_wire as wire;
use wasm_bindgen::prelude::*;
use wire::{Code, Inspected, Offer};

/// Settings, and an account of what was ever sent.
#[wasm_bindgen]
pub struct Host(wire::Host);

#[wasm_bindgen]
impl Host {
    /// The input is the document of settings; nothing when it cannot be read.
    pub fn with_settings(len: usize) -> Option<Host> {
        given(0, len, wire::Host::new).ok().map(Host)
    }

    /// The settings in force, which are put out.
    #[must_use]
    pub fn settings(&self) -> usize {
        put(self.0.settings().to_vec())
    }

    /// Whether the rules find what they must and let pass what they must; what is wrong is put out.
    #[must_use]
    pub fn self_check(&self, instance: &Instance, now_s: f64) -> bool {
        let mut out = Vec::new();
        let fine = self.0.self_check(&instance.0, now_s as u64, &mut out);
        put(out);
        fine == Ok(true)
    }

    /// The addresses that rules look at, and which of them were never sent; they are put out.
    #[must_use]
    pub fn doctor(&self, instance: &Instance) -> usize {
        let mut out = Vec::new();
        self.0.doctor(&instance.0, &mut out);
        put(out)
    }

    /// One request.
    #[must_use]
    pub fn request(
        &self,
        instance: &Instance,
        now_s: f64,
        entropy_low: u32,
        entropy_high: u32,
    ) -> HostRequest {
        let entropy = u64::from(entropy_high) << 32 | u64::from(entropy_low);
        HostRequest(self.0.request(&instance.0, now_s as u64, entropy))
    }
}

/// One request, from its first line to its response. The input is the data of each call.
#[wasm_bindgen]
pub struct HostRequest(wire::HostRequest);

#[wasm_bindgen]
impl HostRequest {
    /// First line, headers and peer.
    pub fn start(&mut self, len: usize) -> i32 {
        answer(len, |data, out| Ok((self.0.start(data, out)?, None)))
    }

    /// The body, or the beginning of it.
    pub fn body(&mut self, len: usize, complete: bool) -> i32 {
        answer(len, |data, out| self.0.body(data, complete, out).map(|(code, share)| (code, Some(share))))
    }

    /// What the application says about a user or its business.
    pub fn event(&mut self, len: usize) -> i32 {
        answer(len, |data, out| Ok((self.0.event(data, out)?, None)))
    }

    /// Addresses as they are; with `subcontext` nothing of them is remembered.
    pub fn eval(&mut self, len: usize, subcontext: bool) -> i32 {
        answer(len, |data, out| Ok((self.0.eval(data, subcontext, out)?, None)))
    }

    /// Status and headers of the response.
    pub fn response(&mut self, len: usize) -> i32 {
        answer(len, |data, out| Ok((self.0.response(data, out)?, None)))
    }

    /// The body of the response, or the beginning of it.
    pub fn response_body(&mut self, len: usize, complete: bool) -> i32 {
        answer(len, |data, out| {
            self.0.response_body(data, complete, out).map(|(code, share)| (code, Some(share)))
        })
    }

    /// What the request came to; nothing when it came to nothing, unless `always`.
    #[must_use]
    pub fn finish(&self, always: bool) -> i32 {
        answer(0, |_, out| Ok((self.0.finish(always, out), None)))
    }
}

fn answer(
    len: usize,
    call: impl FnOnce(&[u8], &mut Vec<u8>) -> Result<(Code, Option<Inspected>), wire::Error>,
) -> i32 {
    OUTPUT.with_borrow_mut(|out| match given(0, len, |data| call(data, out)) {
        Ok((code, share)) => {
            let code = match code {
                Code::Nothing => 0,
                Code::Report => 1,
                Code::Block => 2,
            };
            let share = match share {
                None => 0,
                Some(Inspected::None) => 1,
                Some(Inspected::Partial) => 2,
                Some(Inspected::Full) => 3,
            };
            let told = if code == 0 { 0 } else { out.len() };
            match i32::try_from(told << 6) {
                Ok(told) => told | share << 4 | code,
                Err(_) => INTERNAL,
            }
        }
        Err(error) => {
            *out = error.to_string().into_bytes();
            if error == wire::Error::Internal { INTERNAL } else { MALFORMED }
        }
    })
}

/// The rules in force, and what is offered in their place.
#[wasm_bindgen]
#[derive(Default)]
pub struct Rules(wire::Rules);

#[wasm_bindgen]
impl Rules {
    /// Nothing in force.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The input is an offer. 2 in force from now on, 1 nothing new, 0 refused, negative on error; what became
    /// of it is put out.
    pub fn offer(&mut self, len: usize) -> i32 {
        told(|out| given(0, len, |document| self.0.offer(document, out)))
    }

    /// The input is what was saved. As `offer`.
    pub fn restore(&mut self, len: usize) -> i32 {
        told(|out| given(0, len, |saved| self.0.restore(saved, out)))
    }

    /// What is in force, which is put out; 0 when that is nothing.
    #[must_use]
    pub fn save(&self) -> usize {
        let mut out = Vec::new();
        if self.0.save(&mut out) { put(out) } else { 0 }
    }

    /// The instance in force.
    #[must_use]
    pub fn instance(&self) -> Option<Instance> {
        self.0.instance().map(Instance)
    }
}

fn told(call: impl FnOnce(&mut Vec<u8>) -> Result<Offer, wire::Error>) -> i32 {
    OUTPUT.with_borrow_mut(|out| match call(out) {
        Ok(Offer::Changed) => 2,
        Ok(Offer::Unchanged) => 1,
        Ok(Offer::Refused) => 0,
        Err(error) => {
            *out = error.to_string().into_bytes();
            if error == wire::Error::Internal { INTERNAL } else { MALFORMED }
        }
    })
}
