//! The shared cases, on the crate itself. With `BLESS` set in the environment, what is found becomes what is
//! wanted: read the difference before you commit it.

#![allow(clippy::unwrap_used, reason = "a test that unwraps nothing has failed")]

use bartizan_engine::Builder;
use bartizan_host::{Code, Error, Host, Inspected, Moment, Request};
use bartizan_object::{AllocRef, parse_document};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::sync::Arc;

const MOMENT: Moment<'static> = Moment { now_s: 1_800_000_000, entropy: 1, clock: None };

fn number(code: Code) -> i32 {
    match code {
        Code::Nothing => 0,
        Code::Report => 1,
        Code::Block => 2,
    }
}

fn with_share((code, inspected): (Code, Inspected)) -> i32 {
    let share = match inspected {
        Inspected::None => 1,
        Inspected::Partial => 2,
        Inspected::Full => 3,
    };
    number(code) | share << 4
}

fn fields(value: &Value) -> Vec<u8> {
    let fields: Vec<_> = value.as_array().unwrap().iter().map(|field| field.as_str().unwrap()).collect();
    let count = (fields.len() + 1).to_string();
    [&[&*count], &*fields].concat().join("\0").into_bytes()
}

fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut out) = (0_u32, 0, Vec::new());
    for digit in text.chars().filter_map(|c| DIGITS.find(c)) {
        bits = bits << 6 | digit as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    out
}

fn step(request: &mut Request, step: &Value) -> Value {
    let (name, value) =
        step.as_object().unwrap().iter().find(|(k, _)| !matches!(&***k, "complete" | "subcontext")).unwrap();
    let complete = step["complete"].as_bool().unwrap_or(true);
    let text = value.as_str().unwrap_or_default();
    let document = value.to_string().into_bytes();
    let mut out = Vec::new();
    let done: Result<i32, Error> = match &**name {
        "start" => request.start(&document, MOMENT, &mut out).map(number),
        "flat" => request.start(&fields(value), MOMENT, &mut out).map(number),
        "body" => request.body(text.as_bytes(), complete, MOMENT, &mut out).map(with_share),
        "body_base64" => request.body(&base64(text), complete, MOMENT, &mut out).map(with_share),
        "event" => request.event(&document, MOMENT, &mut out).map(number),
        "eval" => {
            let subcontext = step["subcontext"].as_bool().unwrap_or(false);
            request.eval(&document, subcontext, MOMENT, &mut out).map(number)
        }
        "response" => request.response(&document, MOMENT, &mut out).map(number),
        "response_flat" => request.response(&fields(value), MOMENT, &mut out).map(number),
        "response_body" => request.response_body(text.as_bytes(), complete, MOMENT, &mut out).map(with_share),
        "finish" => Ok(number(request.finish(value.as_bool().unwrap(), MOMENT, &mut out))),
        other => panic!("no such step: {other}"),
    };
    match done {
        Err(Error::Malformed(_)) => json!({ "code": -2 }),
        Err(Error::Internal) => json!({ "code": -3 }),
        Ok(code) if code & 3 == 0 => json!({ "code": code }),
        Ok(code) => {
            let mut document: Value = serde_json::from_slice(&out).unwrap();
            document.as_object_mut().unwrap().remove("duration");
            json!({ "code": code, "document": document })
        }
    }
}

#[test]
fn the_shared_cases() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases.json");
    let mut all: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let rulesets = all["rulesets"].clone();
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for case in all["cases"].as_array_mut().unwrap() {
        let rules = rulesets[case["rules"].as_str().unwrap()].to_string();
        let mut builder = Builder::new();
        let rules = parse_document(rules.as_bytes(), AllocRef::global()).unwrap();
        assert!(builder.update(b"rules", &rules).accepted);
        let host = Arc::new(Host::new(case["settings"].to_string().as_bytes()).unwrap());
        let mut request = Request::new(host, &builder.build().unwrap());
        let found: Vec<_> = case["steps"].as_array().unwrap().iter().map(|s| step(&mut request, s)).collect();
        if bless {
            case["want"] = found.into();
        } else if case["want"] != Value::from(found.clone()) {
            wrong.push(format!("{}\n  wanted {}\n  found  {}", case["id"], case["want"], Value::from(found)));
        }
    }
    if bless {
        fs::write(&path, format!("{all:#}\n")).unwrap();
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}
