//! Fuzz targets: functions from any bytes to nothing, which panic when a promise is broken.

#![forbid(unsafe_code)]

mod agreement;
mod config_text;
mod detect;
mod regex_dialect;
mod transform;
mod wire;

/// A target and its name.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 6] = [
    ("config_text", config_text::run),
    ("wire", wire::run),
    ("regex_dialect", regex_dialect::run),
    ("transform", transform::run),
    ("detect", detect::run),
    ("agreement", agreement::run),
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

/// Cuts in two at the first NUL byte.
fn halves(data: &[u8]) -> (&[u8], &[u8]) {
    match data.iter().position(|byte| *byte == 0) {
        Some(at) => (&data[..at], &data[at + 1..]),
        None => (data, &[]),
    }
}
