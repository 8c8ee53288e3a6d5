//! Any request document, JSON or MessagePack, whole and in pieces: an error or an answer, the same twice.

use bartizan_wire::{Builder, Format, Instance, Request};
use std::sync::OnceLock;

const RULES: &[u8] = br#"{"rules":[
    {"id":"1","name":"n","tags":{"type":"a"},"conditions":[{"operator":"is_sqli","parameters":{"inputs":[{"address":"a"}]}}]},
    {"id":"2","name":"n","tags":{"type":"b"},"transformers":["url_decode_iis","lowercase"],"conditions":[
        {"operator":"phrase_match","parameters":{"list":["union","select"],"inputs":[{"address":"a"},{"address":"b"}]}}]},
    {"id":"3","name":"n","tags":{"type":"c"},"conditions":[{"operator":"match_regex","parameters":{"regex":"x[0-9]+y","inputs":[
        {"address":"b","transformers":["keys_only"]},{"address":"c","key_path":["k",-1]}]}}]},
    {"id":"4","name":"n","tags":{"type":"d"},"conditions":[{"operator":"!exact_match","parameters":{"list":["z"],"inputs":[{"address":"c"}]}}]}]}"#;

fn instance() -> &'static Instance {
    static INSTANCE: OnceLock<Instance> = OnceLock::new();
    INSTANCE.get_or_init(|| {
        let mut builder = Builder::new();
        assert!(builder.update(b"rules", RULES, Format::Json).accepted);
        builder.build().expect("rules are enabled")
    })
}

pub(crate) fn run(data: &[u8]) {
    let (choice, data) = crate::choice(data);
    let request = Request { batches: choice & 1 != 0, ..Request::default() };
    let once = || {
        let (mut context, mut out) = (instance().context(), Vec::new());
        let first = context.eval(data, request, &mut out);
        let mut child = context.subcontext();
        let _ = child.eval(data, request, &mut Vec::new());
        let _ = context.eval(&data[data.len() / 2..], request, &mut Vec::new());
        (first, out)
    };
    let blank = |(result, out): (Result<bool, _>, Vec<u8>)| {
        let text = String::from_utf8(out).expect("result documents are UTF-8");
        let cut = |text: &str, at: &str| text.split(at).next().unwrap_or_default().to_owned();
        (result.is_ok(), cut(&text, "\"duration\""))
    };
    assert_eq!(blank(once()), blank(once()), "the same request, the same answer");
}
