//! Any headers, cookies, tokens, URIs and values through all processors: the engine makes of them what its twin makes.

use crate::tape::Tape;
use crate::value::{RULES, TOUR, request, value};
use bartizan_reference::Value;
use bartizan_reference::generate::{Case, Step};
use bartizan_reference::judge::judge;

const HEADERS: [&str; 16] = [
    "Host",
    "User-Agent",
    "user_agent",
    "Accept",
    "accept-language",
    "Referer",
    "X-Forwarded-For",
    "x_real_ip",
    "True-Client-IP",
    "forwarded",
    "cf-connecting-ip",
    "authorization",
    "Authorization",
    "x-datadog-trace-id",
    "X-Custom",
    "",
];

pub(crate) fn run(data: &[u8]) {
    let mut tape = Tape::new(data);
    let mut steps = vec![Step::Update { path: "p".into(), config: RULES[2].clone() }, Step::Open];
    while tape.has_more() && steps.len() < 6 {
        let data = match tape.below(4) {
            0 => request(&mut tape),
            _ => aimed(&mut tape),
        };
        steps.push(Step::Eval { context: 0, data, now_s: 0, has_time: true });
    }
    if let Err(difference) = judge(&Case { steps: steps.clone() }) {
        panic!("{difference}\n{}", Case { steps });
    }
}

/// A map of what the processors ask for, in about the form that they expect.
fn aimed(tape: &mut Tape<'_>) -> Value {
    let mut entries = Vec::new();
    for _ in 0..=tape.below(5) {
        let address = *tape.pick(&[
            "headers", "cookies", "a", "b", "c", "uri", "url", "method", "session", "user", "extract",
        ]);
        let value = match address {
            "headers" => Value::Map((0..tape.below(7)).map(|_| header(tape)).collect()),
            "cookies" => {
                Value::Map((0..tape.below(5)).map(|_| (tape.bytes().into(), value(tape, 1))).collect())
            }
            "uri" | "url" | "method" | "session" | "user" => Value::bytes(tape.bytes()),
            "extract" => Value::map([("schema", Value::Bool(true))]),
            _ => value(tape, 4),
        };
        entries.push((address.into(), value));
    }
    if tape.below(8) == 0 { TOUR.clone() } else { Value::Map(entries) }
}

fn header(tape: &mut Tape<'_>) -> (Vec<u8>, Value) {
    let name = *tape.pick(&HEADERS);
    let value = match tape.below(4) {
        0 => value(tape, 1),
        1 if name.eq_ignore_ascii_case("authorization") => Value::Bytes([b"Bearer ", tape.bytes()].concat()),
        _ => Value::bytes(tape.bytes()),
    };
    (name.into(), value)
}
