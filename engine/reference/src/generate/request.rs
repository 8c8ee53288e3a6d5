//! What is evaluated.

use super::random::Random;
use super::{ADDRESSES, KEYS, text};
use crate::value::Value;

/// A map from address to value. `sent` are values that came before, which come again, whole or varied.
pub(super) fn batch(random: &mut Random, sent: &mut Vec<(&'static str, Value)>) -> Value {
    let mut entries: Vec<(Vec<u8>, Value)> = Vec::new();
    for address in ADDRESSES {
        if !random.chance(if matches!(address, "a" | "b" | "c") { 55 } else { 18 }) {
            continue;
        }
        let former = sent.iter().rev().find(|(of, _)| *of == address).map(|(_, value)| value.clone());
        let value = match former {
            Some(former) if random.chance(45) => varied(random, former),
            _ => for_address(random, address),
        };
        sent.push((address, value.clone()));
        entries.push((address.into(), value));
    }
    if random.chance(10) {
        let address = *random.pick(&ADDRESSES);
        entries.insert(0, (address.into(), for_address(random, address)));
    }
    if random.chance(5) {
        entries.push(("unknown".into(), Value::from("x")));
    }
    Value::Map(entries)
}

/// A value with something small changed: a leaf, or one item more or less.
fn varied(random: &mut Random, value: Value) -> Value {
    match value {
        Value::Array(mut items) if !items.is_empty() && items.len() < 20 => {
            let at = random.below(items.len());
            match random.below(4) {
                0 => drop(items.remove(at)),
                1 => items.insert(at, Value::Bytes(text::value(random))),
                _ => {
                    let item = items[at].clone();
                    items[at] = varied(random, item);
                }
            }
            Value::Array(items)
        }
        Value::Map(mut entries) if !entries.is_empty() => {
            let at = random.below(entries.len());
            match random.below(5) {
                0 => drop(entries.remove(at)),
                1 => entries.insert(at, ((*random.pick(&KEYS)).into(), Value::Bytes(text::value(random)))),
                _ => {
                    let inner = entries[at].1.clone();
                    entries[at].1 = varied(random, inner);
                }
            }
            Value::Map(entries)
        }
        _ if random.chance(70) => Value::Bytes(text::value(random)),
        value => value,
    }
}

fn for_address(random: &mut Random, address: &str) -> Value {
    if random.chance(10) {
        return value(random, 3);
    }
    let pick = |random: &mut Random, items: &[&str]| Value::from(*random.pick(items));
    match address {
        "method" => pick(random, &["GET", "post"]),
        "uri" => pick(random, &["/a/b?x=1", "http://u@h:8080/p?k=v&k[]=w&f#g", "/", "", "x"]),
        "headers" => Value::Map(random.several(0, 6, |random| {
            let name = *random.pick(&[
                "Host",
                "User-Agent",
                "x_real_ip",
                "X-Forwarded-For",
                "Accept",
                "x-datadog-id",
                "x-custom",
                "Referer",
            ]);
            (name.into(), pick(random, &["", "a,b", "1.2.3.4", "curl/8"]))
        })),
        "token" => pick(random, &["Bearer eyJhIjoxfQ.WzFd.c", "Bearer e30.!.", "Basic x", "Bearer a.b"]),
        "statement" => pick(
            random,
            &[
                "SELECT * FROM users WHERE id = 1' OR '1'='1",
                "SELECT 1 UNION SELECT password FROM users",
                "SELECT 1",
            ],
        ),
        "system" => pick(random, &["mysql", "postgresql", "sqlite", "other"]),
        "file" => pick(random, &["/var/www/../../etc/passwd", "/etc/shadow", "a/b"]),
        "url" => pick(
            random,
            &[
                "http://169.254.169.254/latest",
                "http://good.example/a/../../b/c?x=1&admin=1",
                "//localhost/a",
            ],
        ),
        "shell" => match random.below(3) {
            0 => pick(random, &["ls -l; cat /etc/passwd", "echo ask", "x"]),
            1 => Value::Array(vec!["ls".into(), "; id".into()]),
            _ => Value::Array(vec!["/bin/sh".into(), "-c".into(), "cat /etc/passwd; id".into()]),
        },
        "params" => Value::Map(random.several(1, 3, |random| {
            let param = pick(
                random,
                &[
                    "1' OR '1'='1",
                    "UNION SELECT password",
                    "../../etc/passwd",
                    "169.254.169.254",
                    "http://good.example/a/../../b/c?x=1&admin=1",
                    "/../../b",
                    "1&admin=1",
                    "; cat /etc/passwd",
                    "; id",
                ],
            );
            ((*random.pick(&KEYS)).into(), if random.chance(30) { Value::map([("k", param)]) } else { param })
        })),
        _ => value(random, 4),
    }
}

/// Any value, containers nested so deep at most; now and then much deeper, or with many more items.
pub(super) fn value(random: &mut Random, depth: usize) -> Value {
    match random.below(if depth == 0 { 12 } else { 20 }) {
        0..8 => Value::Bytes(text::value(random)),
        8 => Value::Unsigned(*random.pick(&[0, 1, 5, 6, 42, 404, u64::MAX])),
        9 => Value::Signed(*random.pick(&[-6, -5, -1, 5, i64::MIN])),
        10 => Value::Float(*random.pick(&[5.0, 5.005, -0.0, 4.9, 1e21, f64::NAN, f64::INFINITY])),
        11 => random.pick(&[Value::Bool(true), Value::Bool(false), Value::Null, Value::Invalid]).clone(),
        12..15 => Value::Array(random.several(0, 4, |random| value(random, depth - 1))),
        15 if random.chance(12) => {
            Value::Array(random.several(60, 140, |random| Value::Bytes(text::value(random))))
        }
        15 if random.chance(12) => {
            let levels = random.between(15, 40);
            (0..levels).fold(Value::Bytes(text::value(random)), |inner, level| {
                if level % 3 == 0 { Value::map([("k", inner)]) } else { Value::Array(vec![inner]) }
            })
        }
        _ => Value::Map(random.several(0, 4, |random| {
            let key = match random.below(4) {
                0 => text::value(random),
                _ => (*random.pick(&KEYS)).into(),
            };
            (key, value(random, depth - 1))
        })),
    }
}
