//! Any configuration document: parsing reports, never fails, and a refusal leaves the last good rules serving.

use bartizan_wire::{Builder, Format, Request};

const GOOD: &[u8] = br#"{"rules":[{"id":"good","name":"n","tags":{"type":"t"},"conditions":[
    {"operator":"match_regex","parameters":{"regex":"^probe","inputs":[{"address":"agent"}]}}]}]}"#;

pub(crate) fn run(data: &[u8]) {
    let mut builder = Builder::new();
    assert!(builder.update(b"good", GOOD, Format::Json).accepted);
    let update = builder.update(b"any", data, Format::Json);
    assert!(!update.diagnostics.is_empty(), "diagnostics are always a document");
    let again = builder.update(b"any", data, Format::Json);
    assert_eq!(update.accepted, again.accepted, "the same document under the same path, the same answer");
    // An accepted document may switch the good rule off.
    let Some(instance) = builder.build() else {
        assert!(update.accepted, "a refused document must change nothing");
        return;
    };
    let mut out = Vec::new();
    let _ = instance.context().eval(br#"{"agent":"probe/1.0"}"#, Request::default(), &mut out);
    if !update.accepted {
        assert!(out.windows(4).any(|window| window == b"good"), "a refused document must change nothing");
    }
}
