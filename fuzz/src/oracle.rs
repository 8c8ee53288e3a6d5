//! The case that the bytes choose, played on libddwaf and on ours: no difference but those that are meant.
//!
//! `BARTIZAN_ORACLE` is the path of libddwaf 2.1.0; without it the target says so, once, and does nothing.

use bartizan_peers::Taped;
use std::cell::RefCell;

thread_local! {
    static PAIR: RefCell<Option<Taped>> = RefCell::new(open());
}

fn open() -> Option<Taped> {
    let Ok(path) = std::env::var("BARTIZAN_ORACLE") else {
        eprintln!("oracle: skipped, as BARTIZAN_ORACLE does not name a libddwaf.so");
        return None;
    };
    Some(Taped::open(&path).expect("BARTIZAN_ORACLE names a libddwaf.so that can be loaded"))
}

pub(crate) fn run(data: &[u8]) {
    PAIR.with_borrow_mut(|pair| {
        let found = pair.as_mut().and_then(|pair| pair.hold(data));
        assert!(found.is_none(), "{}", found.unwrap_or_default());
    });
}
