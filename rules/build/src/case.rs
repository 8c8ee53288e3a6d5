//! Tests of a pack, as any engine can run them.

use crate::value::Value;

/// What a test expects of all its runs together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// Nothing matches.
    Nothing,
    /// Something matches; nothing is blocked.
    Match,
    /// Something matches and a blocking action results.
    Block,
}

impl Want {
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "nothing" => Some(Self::Nothing),
            "match" => Some(Self::Match),
            "block" => Some(Self::Block),
            _ => None,
        }
    }
}

/// One test: a config, the runs of one context, and what is expected.
#[derive(Clone, Debug)]
pub struct Case {
    /// `pack/rule/test`, unique in the pack.
    pub id: String,
    /// The config to load, as JSON.
    pub config: Vec<u8>,
    /// The runs, in order, each a JSON map from address to value.
    pub runs: Vec<Vec<u8>>,
    /// What is expected.
    pub want: Want,
    /// The attributes that all runs together must give, when the test says.
    pub attributes: Option<Value>,
    /// The ids of the rules that must report an event, when the test says.
    pub rules: Option<Vec<String>>,
}

/// Something that evaluates: the engine, or another to compare with.
pub trait Engine {
    /// Loads `config`, evaluates `runs` in one context and gives for each run the result document
    /// as JSON, or nothing where nothing matched.
    ///
    /// # Errors
    /// When the config has a rule that does not load, or a run is refused.
    fn run(&mut self, config: &[u8], runs: &[Vec<u8>]) -> Result<Vec<Option<Vec<u8>>>, String>;
}

impl Case {
    /// Runs the test on `engine` and judges the outcome.
    ///
    /// # Errors
    /// What differs from the expectation, or the engine's own error.
    pub fn check(&self, engine: &mut impl Engine) -> Result<(), String> {
        let results = engine.run(&self.config, &self.runs)?;
        self.judge(&results)
    }

    /// Judges the results of the runs.
    ///
    /// # Errors
    /// What differs from the expectation.
    pub fn judge(&self, results: &[Option<Vec<u8>>]) -> Result<(), String> {
        let mut got = Want::Nothing;
        let (mut attributes, mut rules) = (Vec::new(), Vec::new());
        for result in results.iter().flatten() {
            let result = Value::from_json(result)?;
            let actions = result.get("actions").and_then(Value::as_map).unwrap_or_default();
            let blocks =
                actions.iter().any(|(kind, _)| kind == "block_request" || kind == "redirect_request");
            got = if blocks || got == Want::Block { Want::Block } else { Want::Match };
            attributes
                .extend_from_slice(result.get("attributes").and_then(Value::as_map).unwrap_or_default());
            for event in result.get("events").and_then(Value::as_array).unwrap_or_default() {
                let id = event.get("rule").and_then(|rule| rule.get("id")).and_then(Value::as_str);
                rules.push(id.ok_or("an event without a rule id")?.to_owned());
            }
        }
        if got != self.want {
            return Err(format!("wanted {:?}, got {got:?} by {rules:?}", self.want));
        }
        if let Some(want) = &self.attributes {
            let got = Value::Map(attributes);
            if !got.same(want) {
                return Err(format!("wanted attributes {}, got {}", shown(want), shown(&got)));
            }
        }
        if let Some(want) = &self.rules {
            let mut want = want.clone();
            want.sort();
            rules.sort();
            if rules != want {
                return Err(format!("wanted events of {want:?}, got {rules:?}"));
            }
        }
        Ok(())
    }
}

fn shown(value: &Value) -> String {
    String::from_utf8_lossy(&value.to_json()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Case, Want};
    use crate::value::Value;

    fn case(want: Want, attributes: Option<&str>, rules: Option<&[&str]>) -> Case {
        Case {
            id: "p/r/t".into(),
            config: Vec::new(),
            runs: Vec::new(),
            want,
            attributes: attributes.map(|a| Value::from_json(a.as_bytes()).expect("JSON")),
            rules: rules.map(|r| r.iter().map(|id| (*id).to_owned()).collect()),
        }
    }

    #[test]
    fn a_result_is_judged_by_verdict_attributes_and_rules() {
        let event = r#"{"events":[{"rule":{"id":"r1"}}],"actions":{},"attributes":{"a":true}}"#;
        let block = r#"{"events":[],"actions":{"block_request":{}},"attributes":{}}"#;
        let ok = |case: Case, results: &[Option<&str>]| {
            let results: Vec<_> = results.iter().map(|r| r.map(|r| r.as_bytes().to_vec())).collect();
            case.judge(&results).is_ok()
        };
        assert!(ok(case(Want::Nothing, None, None), &[None, None]));
        assert!(!ok(case(Want::Nothing, None, None), &[None, Some(event)]));
        assert!(ok(case(Want::Match, None, None), &[Some(event)]));
        assert!(!ok(case(Want::Match, None, None), &[None]));
        assert!(!ok(case(Want::Match, None, None), &[Some(block), Some(event)]));
        assert!(ok(case(Want::Block, None, None), &[Some(block), Some(event)]));
        assert!(ok(case(Want::Match, Some(r#"{"a":true}"#), Some(&["r1"])), &[Some(event)]));
        assert!(!ok(case(Want::Match, Some(r#"{"a":true,"b":1}"#), None), &[Some(event)]));
        assert!(!ok(case(Want::Match, Some("{}"), None), &[Some(event)]));
        assert!(!ok(case(Want::Match, None, Some(&["r2"])), &[Some(event)]));
        assert!(!ok(case(Want::Match, None, None), &[Some("not JSON")]));
    }
}
