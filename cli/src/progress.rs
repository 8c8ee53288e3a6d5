//! Progress for people who wait: only where standard error is a terminal.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, IsTerminal};
use std::time::Duration;

/// A bar over bytes when their number is known, a counter otherwise; nothing where nobody looks.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn new(bytes: Option<u64>, quiet: bool) -> Self {
        if quiet || !io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let (bar, template) = match bytes {
            Some(bytes) => (ProgressBar::new(bytes), "{bar:32} {percent:>3} %  {msg}  {eta} left"),
            None => (ProgressBar::new_spinner(), "{spinner} {msg}  {elapsed}"),
        };
        bar.enable_steady_tick(Duration::from_millis(100));
        bar.set_style(ProgressStyle::with_template(template).expect("the template is right"));
        Self(bar)
    }

    /// A bar over the time that something may take, when that is known.
    pub(crate) fn of_time(time: Option<Duration>, quiet: bool) -> Self {
        let Some(time) = time else { return Self::new(None, quiet) };
        Self::new(Some(time.as_millis() as u64), quiet)
    }

    pub(crate) fn advance(&self, bytes: usize, requests: u64) {
        self.0.inc(bytes as u64);
        if requests.is_multiple_of(64) {
            self.0.set_message(format!("{requests} requests"));
        }
    }

    /// How far it is, and what there is to say.
    pub(crate) fn at(&self, elapsed: Duration, message: impl FnOnce() -> String) {
        if !self.0.is_hidden() {
            self.0.set_position(elapsed.as_millis() as u64);
            self.0.set_message(message());
        }
    }

    pub(crate) fn end(&self) {
        self.0.finish_and_clear();
    }
}
