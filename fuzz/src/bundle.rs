//! Compiled bundles: one of any configuration is taken like the configuration itself, and any bytes that pass for one
//! are refused or evaluate.

use crate::value::TOUR;
use bartizan_engine::bundle;
use bartizan_lang::bundle::seal;
use bartizan_object::{AllocRef, parse_document};
use bartizan_wire::{Builder, Format, Request};
use std::sync::LazyLock;

static REQUEST: LazyLock<String> = LazyLock::new(|| TOUR.to_json());

pub(crate) fn run(data: &[u8]) {
    let (choice, data) = crate::choice(data);
    match choice % 3 {
        0 => like_its_configuration(data),
        // What stands in the header is right, whatever comes after it.
        1 => evaluates(&seal(data)),
        // Bytes of a good bundle are changed, and the header is right again: place, place, byte and so on.
        _ => {
            let config = parse_document(include_bytes!("../seeds/config_text/waf.json"), AllocRef::global());
            let (_, sealed) = bundle(&config.expect("a seed"));
            let sealed = sealed.expect("a seed that is accepted");
            let mut body = sealed[seal(b"").len()..].to_vec();
            for change in data.chunks_exact(3) {
                let place = usize::from(u16::from_le_bytes([change[0], change[1]]));
                let length = body.len();
                body[length - 1 - place % length] = change[2];
            }
            evaluates(&seal(&body));
            evaluates(&sealed[..sealed.len() - 1 - data.len() % sealed.len()]);
        }
    }
}

fn like_its_configuration(data: &[u8]) {
    let Ok(config) = parse_document(data, AllocRef::global()) else { return };
    let (update, Some(sealed)) = bundle(&config) else { return };
    assert!(update.accepted);
    let [plain, loaded] = [data, &sealed].map(|document| {
        let mut builder = Builder::new();
        let update = builder.update(b"any", document, Format::Json);
        let mut results = Vec::new();
        if let Some(instance) = builder.build() {
            let request = Request { entropy: 7, budget: 1 << 20, ..Request::default() };
            let matched = instance.context().eval(REQUEST.as_bytes(), request, &mut results);
            results = crate::timeless(&results);
            results.push(u8::from(matched == Ok(true)));
        }
        (update, results)
    });
    assert_eq!(plain, loaded, "a bundle and its configuration");
}

fn evaluates(bytes: &[u8]) {
    let mut builder = Builder::new();
    builder.update(b"any", bytes, Format::Json);
    if let Some(instance) = builder.build() {
        let request = Request { budget: 1 << 20, ..Request::default() };
        let _ = instance.context().eval(REQUEST.as_bytes(), request, &mut Vec::new());
    }
}
