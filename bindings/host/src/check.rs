//! Whether the rules do what they should, and whether they get what they need.

use crate::document::Members;
use crate::host::Host;
use crate::request::{Moment, Request};
use crate::settings::Mode;
use crate::{Code, Error};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use bartizan_engine::Instance;
use bartizan_object::{AllocRef, Object, Owned, parse_document};

/// What a browser asks for first.
const BENIGN: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0";

impl Host {
    /// Sends a request that must be found and one that must pass. `out` has `{"ok":…,"problems":[…]}`; true
    /// when there are none.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub fn self_check(
        self: &Arc<Self>,
        instance: &Instance,
        moment: Moment<'_>,
        out: &mut Vec<u8>,
    ) -> Result<bool, Error> {
        let mut problems = Vec::new();
        let canary = String::from_utf8_lossy(&self.settings.canary).into_owned();
        let (_, answer) = self.rehearse(instance, &canary, moment)?;
        if events(answer.as_deref()).is_none() {
            problems.push(alloc::format!(
                "the rules do not find the user agent `{canary}`: load rules that do (the pack waf-starter has one), or \
                 set `canary` (BARTIZAN_CANARY) to one that yours find"
            ));
        }
        let (code, answer) = self.rehearse(instance, BENIGN, moment)?;
        if let Some(rule) = events(answer.as_deref()) {
            let what =
                if code == Code::Block && self.settings.mode == Mode::Block { "block" } else { "report" };
            problems.push(alloc::format!(
                "the rules {what} an ordinary browser that asks for `/` (rule `{rule}`): every visitor would be; mend or \
                 exclude that rule"
            ));
        }
        out.clear();
        let mut members = Members::new(out);
        members.bool(b"ok", problems.is_empty());
        members.texts(b"problems", problems.iter().map(|text| text.as_bytes()));
        members.end();
        Ok(problems.is_empty())
    }

    fn rehearse(
        self: &Arc<Self>,
        instance: &Instance,
        user_agent: &str,
        moment: Moment<'_>,
    ) -> Result<(Code, Option<Owned>), Error> {
        let fields =
            ["11", "GET", "/", "127.0.0.1", "http", "", "", "host", "localhost", "user-agent", user_agent];
        let mut answer = Vec::new();
        let mut request = Request::rehearsal(self.clone(), instance);
        let code = request.start(fields.join("\0").as_bytes(), moment, &mut answer)?;
        Ok((code, parse_document(&answer, AllocRef::global()).ok()))
    }

    /// The addresses that the rules look at, those of them that were ever sent, and those that never were.
    pub fn doctor(&self, instance: &Instance, out: &mut Vec<u8>) {
        let wanted = || instance.addresses().iter().map(|name| &**name);
        out.clear();
        let mut members = Members::new(out);
        members.texts(b"wanted", wanted());
        members.texts(b"sent", wanted().filter(|name| self.sent.has(name)));
        members.texts(b"never_sent", wanted().filter(|name| !self.sent.has(name)));
        members.end();
    }
}

/// The id of the first rule that an answer reports.
fn events(answer: Option<&Object>) -> Option<String> {
    let event = answer?.get(b"events")?.as_array()?.first()?;
    let id = event.get(b"rule")?.get(b"id")?.as_bytes()?;
    Some(String::from_utf8_lossy(id).into_owned())
}
