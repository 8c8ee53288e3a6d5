//! Requests that a search builds up, place by place.

use super::subject::Place;
use fastrand::Rng;
use serde_json::{Map, Value as Json, json};

/// A map from address to value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Request(pub(super) Map<String, Json>);

impl Request {
    /// The document that is evaluated.
    pub(super) fn to_json(&self) -> Vec<u8> {
        Json::Object(self.0.clone()).to_string().into_bytes()
    }

    /// Its size in bytes, as a document.
    pub(super) fn len(&self) -> usize {
        self.to_json().len()
    }

    /// Puts a value where a condition looks for it, beside what others have put there.
    pub(super) fn put(&mut self, place: &Place, value: Json, rng: &mut Rng) {
        let value = if place.is_keys() { key(value) } else { value };
        let value = place.key_path.iter().rev().fold(value, |inner, step| match step {
            Json::String(name) => json!({ name: inner }),
            Json::Number(number) => under(number.as_i64().unwrap_or_default(), inner),
            _ => inner,
        });
        match self.0.get_mut(&place.address) {
            None => {
                self.0.insert(place.address.clone(), value);
            }
            Some(former) => merge(former, value, rng),
        }
    }

    /// Every text in it, in order; keys where a map has them.
    pub(super) fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        self.0.values().for_each(|value| collect(value, &mut texts));
        texts
    }

    /// The same with another value in place of a text; the text may be the key of a map.
    pub(super) fn replaced(&self, text: &str, by: &Json) -> Self {
        let replace = |(address, value): (&String, &Json)| (address.clone(), replaced(value, text, by));
        Self(self.0.iter().map(replace).collect())
    }
}

/// The map with a value's text as its key.
fn key(value: Json) -> Json {
    match value {
        Json::String(text) => json!({ text: "" }),
        other => json!({ other.to_string(): "" }),
    }
}

/// A list with a value at an index, which may count from the end.
fn under(index: i64, value: Json) -> Json {
    let padding = index.unsigned_abs().min(64) as usize;
    let mut items = vec![json!(""); if index < 0 { padding - 1 } else { padding }];
    items.insert(if index < 0 { 0 } else { padding }, value);
    Json::Array(items)
}

fn merge(former: &mut Json, value: Json, rng: &mut Rng) {
    match (former, value) {
        (Json::Object(former), Json::Object(more)) => {
            for (key, value) in more {
                match former.get_mut(&key) {
                    None => {
                        former.insert(key, value);
                    }
                    Some(former) => merge(former, value, rng),
                }
            }
        }
        (Json::String(former), Json::String(more)) if *former == more || more.is_empty() => {}
        // The one that came last may be good for both.
        (Json::String(former), Json::String(more)) if rng.u8(..3) == 0 => *former = more,
        (Json::String(former), Json::String(more)) if rng.bool() => {
            *former = format!("{former}{}{more}", rng.choice(["", " ", ";", "&"]).unwrap_or_default());
        }
        (Json::Array(former), Json::Array(more)) => former.extend(more),
        (Json::Array(former), more) => former.push(more),
        (former, more) => *former = json!([former.take(), more]),
    }
}

fn collect(value: &Json, texts: &mut Vec<String>) {
    match value {
        Json::String(text) if !text.is_empty() => texts.push(text.clone()),
        Json::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        Json::Object(entries) => {
            for (key, value) in entries {
                texts.push(key.clone());
                collect(value, texts);
            }
        }
        _ => {}
    }
}

fn replaced(value: &Json, text: &str, by: &Json) -> Json {
    match value {
        Json::String(found) if found == text => by.clone(),
        Json::Array(items) => items.iter().map(|item| replaced(item, text, by)).collect(),
        Json::Object(entries) => {
            let entry = |(key, value): (&String, &Json)| {
                let key = match by {
                    Json::String(by) if key == text => by.clone(),
                    _ => key.clone(),
                };
                (key, replaced(value, text, by))
            };
            Json::Object(entries.iter().map(entry).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, Request};
    use fastrand::Rng;
    use serde_json::json;

    fn place(address: &str, key_path: serde_json::Value, transformers: &[&str]) -> Place {
        Place {
            address: address.into(),
            key_path: key_path.as_array().expect("a list").clone(),
            transformers: transformers.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    #[test]
    fn values_stand_where_they_are_looked_for() {
        let mut rng = Rng::with_seed(1);
        let mut request = Request::default();
        request.put(&place("a", json!(["k", -2]), &[]), json!("x"), &mut rng);
        request.put(&place("a", json!(["l", 1]), &[]), json!(5), &mut rng);
        request.put(&place("b", json!([]), &["keys_only"]), json!("name"), &mut rng);
        let wanted = json!({ "a": { "k": ["x", ""], "l": ["", 5] }, "b": { "name": "" } });
        assert_eq!(serde_json::Value::Object(request.0.clone()), wanted);
        assert_eq!(request.texts(), ["k", "x", "l", "name"]);
        let other = request.replaced("name", &json!("other")).replaced("x", &json!(["y", "z"]));
        let wanted = json!({ "a": { "k": [["y", "z"], ""], "l": ["", 5] }, "b": { "other": "" } });
        assert_eq!(serde_json::Value::Object(other.0), wanted);
    }
}
