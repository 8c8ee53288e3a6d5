//! Fuzz targets: functions from any bytes to nothing, which panic when a promise is broken.

#![deny(unsafe_code)]

mod bundle;
mod capi_sequence;
mod config_object;
mod config_text;
mod damage;
mod detect;
mod eval_sequence;
mod oracle;
mod plan_vs_twin;
mod processors;
mod regex_dialect;
mod tape;
mod token;
mod transform;
mod value;
mod wire;

#[path = "../../bindings/capi/tests/abi/fixture.rs"]
#[allow(
    dead_code,
    unsafe_code,
    clippy::undocumented_unsafe_blocks,
    reason = "shared with the tests of the C ABI"
)]
mod fixture;
#[path = "../../bindings/capi/tests/abi/ledger.rs"]
#[allow(
    dead_code,
    unsafe_code,
    clippy::undocumented_unsafe_blocks,
    reason = "shared with the tests of the C ABI"
)]
mod ledger;
#[path = "../../bindings/capi/tests/abi/sequences.rs"]
#[allow(unsafe_code, clippy::undocumented_unsafe_blocks, reason = "shared with the tests of the C ABI")]
mod sequences;

/// A target and its name.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 13] = [
    ("config_text", config_text::run),
    ("bundle", bundle::run),
    ("config_object", config_object::run),
    ("wire", wire::run),
    ("regex_dialect", regex_dialect::run),
    ("transform", transform::run),
    ("detect", detect::run),
    ("token", token::run),
    ("processors", processors::run),
    ("eval_sequence", eval_sequence::run),
    ("capi_sequence", capi_sequence::run),
    ("plan_vs_twin", plan_vs_twin::run),
    ("oracle", oracle::run),
];

/// Runs the target with this name.
///
/// # Panics
/// There is no such target, or it found something.
pub fn run(name: &str, data: &[u8]) {
    let (_, run) = TARGETS.iter().find(|(known, _)| *known == name).expect("a target of this name");
    run(data);
}

/// Cuts off the first byte, as a choice.
fn choice(data: &[u8]) -> (usize, &[u8]) {
    data.split_first().map_or((0, data), |(first, rest)| (usize::from(*first), rest))
}

/// A result without how long it took.
fn timeless(result: &[u8]) -> Vec<u8> {
    const DURATION: &[u8] = b"\"duration\":";
    let Some(at) = result.windows(DURATION.len()).position(|window| window == DURATION) else {
        return result.to_vec();
    };
    let (head, tail) = result.split_at(at + DURATION.len());
    let digits = tail.iter().take_while(|byte| byte.is_ascii_digit()).count();
    [head, &tail[digits..]].concat()
}

/// Cuts in two at the first NUL byte.
fn halves(data: &[u8]) -> (&[u8], &[u8]) {
    match data.iter().position(|byte| *byte == 0) {
        Some(at) => (&data[..at], &data[at + 1..]),
        None => (data, &[]),
    }
}
