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

    pub(crate) fn advance(&self, bytes: usize, requests: u64) {
        self.0.inc(bytes as u64);
        if requests.is_multiple_of(64) {
            self.0.set_message(format!("{requests} requests"));
        }
    }

    pub(crate) fn end(&self) {
        self.0.finish_and_clear();
    }
}
