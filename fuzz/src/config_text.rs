//! Any configuration document: parsing reports, never fails, the same twice; and a refusal leaves the last good rules
//! serving.

use crate::value::TOUR;
use bartizan_object::{AllocRef, json};
use bartizan_wire::{Builder, Format, Request};
use std::sync::LazyLock;

const GOOD: &[u8] = br#"{"rules":[{"id":"good","name":"n","tags":{"type":"t"},"conditions":[
    {"operator":"match_regex","parameters":{"regex":"^probe","inputs":[{"address":"agent"}]}}]}]}"#;

static REQUEST: LazyLock<String> = LazyLock::new(|| TOUR.to_json());

pub(crate) fn run(data: &[u8]) {
    let mut builder = Builder::new();
    assert!(builder.update(b"good", GOOD, Format::Json).accepted);
    let update = builder.update(b"any", data, Format::Json);
    assert!(json::parse(&update.diagnostics, AllocRef::global()).is_some(), "diagnostics are a document");
    // A second time, ids under the same path are not taken for duplicates.
    let again = builder.update(b"any", data, Format::Json);
    assert_eq!(update, again, "the same document under the same path, the same answer");
    let paths: &[u8] = if update.accepted { br#"["good","any"]"# } else { br#"["good"]"# };
    assert_eq!(builder.paths(), paths);
    // An accepted document may switch the good rule off.
    let Some(instance) = builder.build() else {
        assert!(update.accepted, "a refused document must change nothing");
        return;
    };
    let mut out = Vec::new();
    if update.accepted {
        let _ = instance.context().eval(REQUEST.as_bytes(), Request::default(), &mut out);
    } else {
        assert!(
            instance.context().eval(br#"{"agent":"probe/1.0"}"#, Request::default(), &mut out) == Ok(true)
        );
        assert!(out.windows(4).any(|window| window == b"good"), "a refused document must change nothing");
    }
    assert!(builder.remove(b"any") == update.accepted && builder.build().is_some());
}
