//! Data of extreme shapes: deep, wide, long, empty, of odd kinds and with repeated keys.

use crate::case::{Manner, Step};
use crate::draft::{ADDRESSES, Draft, KEYS, Taste, condition, noise, string};
use crate::random::Random;
use crate::value::{Text, Value, text};

fn extreme(random: &mut Random) -> Value {
    let inner = if random.chance(60) { text("evil") } else { noise(random, 1) };
    match random.below(9) {
        0 => {
            let mut value = inner;
            for _ in 0..random.between(20, 200) {
                value = if random.chance(50) {
                    Value::Array(vec![value])
                } else {
                    Value::Map(vec![(Text::new(random.pick(&KEYS)), value)])
                };
            }
            value
        }
        1 => {
            let mut items: Vec<Value> =
                (0..random.between(100, 1500)).map(|n| Value::Unsigned(n as u64)).collect();
            let at = random.between(0, items.len());
            items.insert(at, inner);
            Value::Array(items)
        }
        2 => {
            let mut entries: Vec<(Text, Value)> = (0..random.between(50, 600))
                .map(|n| (Text::new(format!("key{}", n % 97)), Value::Null))
                .collect();
            entries.push((Text::new("k"), inner));
            Value::Map(entries)
        }
        3 => {
            let mut bytes = string(random).repeat(random.between(1, 3000));
            bytes.truncate(70_000);
            bytes.extend_from_slice(b" evil ");
            text(bytes)
        }
        4 => Value::Map(vec![
            (Text::new("k"), Value::Invalid),
            (Text::new("k"), inner),
            (Text::new(""), text("evil")),
        ]),
        5 => Value::Array(vec![
            Value::Array(Vec::new()),
            Value::Map(Vec::new()),
            text(""),
            Value::Invalid,
            inner,
        ]),
        6 => Value::Array(vec![Value::Invalid, Value::Null, inner, Value::Float(f64::NAN)]),
        _ => noise(random, 6),
    }
}

pub(crate) fn generate(draft: &mut Draft<'_>) {
    let taste = Taste { transformed: 20, with_path: 40, ..Taste::default() };
    for _ in 0..draft.random.between(1, 3) {
        let condition = condition(draft, &taste);
        let rule = draft.rule(vec![condition]);
        draft.add("rules", rule);
    }
    draft.build();
    let context = draft.fresh();
    draft.steps.push(Step::Open { context });
    for _ in 0..draft.random.between(1, 3) {
        let mut data = Value::Map(Vec::new());
        for address in ADDRESSES {
            if draft.chance(35) {
                let value = extreme(draft.random);
                data.put(address, value);
            }
        }
        let id = draft.fresh();
        let manner = draft.random.choose(&[Manner::Lent, Manner::Lent, Manner::Large, Manner::Given]);
        draft.steps.push(Step::Eval { context, id, data, batches: false, manner, timeout_us: 60_000_000 });
    }
}
