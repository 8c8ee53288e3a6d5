//! Reading a pack: files to rules and tests.

use crate::case::{Case, Want};
use crate::error::PackError;
use crate::expand::{self, Shared};
use crate::fields::Fields;
use crate::value::Value;
use std::path::Path;

/// Keys of a rule that go into the ruleset as they are, in this order.
const RULE_KEYS: [&str; 8] =
    ["name", "tags", "min_version", "max_version", "enabled", "transformers", "on_match", "output"];

/// A pack: the ruleset it builds, and the tests that come with it.
#[derive(Clone, Debug)]
pub struct Pack {
    name: String,
    title: String,
    intent: String,
    /// `version`, `metadata` and `actions`: what every config of the pack starts with.
    head: Vec<(String, Value)>,
    section: String,
    rules: Vec<Rule>,
    /// Config that only tests add, such as rule data.
    with: Vec<(String, Value)>,
    tests: Vec<Test>,
}

#[derive(Clone, Debug)]
struct Rule {
    id: String,
    json: Value,
    tests: Vec<Test>,
}

#[derive(Clone, Debug)]
struct Test {
    name: String,
    runs: Vec<Value>,
    want: Want,
    attributes: Option<Value>,
    rules: Option<Vec<String>>,
}

impl Pack {
    /// Reads `pack.yaml` in `pack_dir` and the files it includes.
    ///
    /// # Errors
    /// See [`build`](crate::build).
    pub fn read(pack_dir: &Path) -> Result<Self, PackError> {
        let file = pack_dir.join("pack.yaml");
        let mut top = Fields::new(&file, "pack", read_yaml(&file)?)?;
        let (name, title, intent) =
            (top.need_text("pack")?, top.need_text("title")?, top.need_text("intent")?);
        if pack_dir.file_name().is_some_and(|dir| dir != name.as_str()) {
            return Err(top.error("`pack` is not the name of its directory"));
        }
        let mut head = vec![("version".to_owned(), Value::String(top.need_text("schema")?))];
        let version = Value::String(top.need_text("version")?);
        head.push(("metadata".into(), Value::Map(vec![("rules_version".into(), version)])));
        let actions = top.list("actions")?;
        if !actions.is_empty() {
            head.push(("actions".into(), Value::Array(actions)));
        }
        let section = top.need_text("section")?;
        if !["rules", "custom_rules"].contains(&section.as_str()) {
            return Err(top.error("`section` is neither `rules` nor `custom_rules`"));
        }
        let mut reader = Reader { shared: shared(&mut top)?, probes: top.map("probes")?, rules: Vec::new() };
        reader.rules(&file, top.list("rules")?)?;
        for include in top.list("include")? {
            let include = include.as_str().ok_or_else(|| top.error("`include` holds no file name"))?;
            reader.file(&pack_dir.join(include))?;
        }
        let mut tests = Vec::new();
        for item in top.list("tests")? {
            tests.push(reader.test(&file, "a test of the pack", item)?);
        }
        for (index, item) in top.list("benign")?.into_iter().enumerate() {
            tests.push(Test::plain(format!("harmless {}", index + 1), vec![item], Want::Nothing));
        }
        let with = top.map("with")?;
        top.finish()?;
        if reader.rules.is_empty() {
            return Err(PackError::new(&file, "the pack has no rules"));
        }
        Ok(Self { name, title, intent, head, section, rules: reader.rules, with, tests })
    }

    /// The pack's name, which is that of its directory.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// One line on what the pack is.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What the pack is for.
    #[must_use]
    pub fn intent(&self) -> &str {
        &self.intent
    }

    /// The ids of the rules, in order.
    pub fn rule_ids(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().map(|rule| rule.id.as_str())
    }

    /// The ruleset: a config with every rule of the pack.
    #[must_use]
    pub fn ruleset(&self) -> Value {
        self.config(self.rules.iter().map(|rule| rule.json.clone()).collect(), false)
    }

    /// Every test of the pack. A rule's tests see that rule alone; the pack's own see all rules.
    #[must_use]
    pub fn cases(&self) -> Vec<Case> {
        let mut cases = Vec::new();
        for rule in &self.rules {
            let config = self.config(vec![rule.json.clone()], true).to_json();
            let case = |test: &Test| test.case(&format!("{}/{}", self.name, rule.id), &config);
            cases.extend(rule.tests.iter().map(case));
        }
        let config = self.config(self.rules.iter().map(|rule| rule.json.clone()).collect(), true).to_json();
        cases.extend(self.tests.iter().map(|test| test.case(&self.name, &config)));
        cases
    }

    fn config(&self, rules: Vec<Value>, for_tests: bool) -> Value {
        let mut config = self.head.clone();
        config.push((self.section.clone(), Value::Array(rules)));
        if for_tests {
            config.extend(self.with.iter().cloned());
        }
        Value::Map(config)
    }
}

impl Test {
    fn plain(name: String, runs: Vec<Value>, want: Want) -> Self {
        Self { name, runs, want, attributes: None, rules: None }
    }

    fn case(&self, owner: &str, config: &[u8]) -> Case {
        Case {
            id: format!("{owner}/{}", self.name),
            config: config.to_vec(),
            runs: self.runs.iter().map(Value::to_json).collect(),
            want: self.want,
            attributes: self.attributes.clone(),
            rules: self.rules.clone(),
        }
    }
}

struct Reader {
    shared: Shared,
    probes: Vec<(String, Value)>,
    rules: Vec<Rule>,
}

impl Reader {
    fn file(&mut self, file: &Path) -> Result<(), PackError> {
        let mut top = Fields::new(file, "file", read_yaml(file)?)?;
        let rules = top.list("rules")?;
        top.finish()?;
        self.rules(file, rules)
    }

    fn rules(&mut self, file: &Path, items: Vec<Value>) -> Result<(), PackError> {
        for (index, item) in items.into_iter().enumerate() {
            let place = format!("rule {index}");
            for one in expand::series(item).map_err(|e| PackError::new(file, format!("{place}: {e}")))? {
                let rule = self.rule(Fields::new(file, place.as_str(), one)?)?;
                if self.rules.iter().any(|known| known.id == rule.id) {
                    return Err(PackError::new(file, format!("rule {}: this id is taken", rule.id)));
                }
                self.rules.push(rule);
            }
        }
        Ok(())
    }

    fn rule(&self, mut fields: Fields<'_>) -> Result<Rule, PackError> {
        let id = fields.need_text("id")?;
        fields.rename(format!("rule {id}"));
        fields.need_text("intent")?;
        fields.need_text("false_positives")?;
        let conditions = fields.list("conditions")?;
        let conditions = expand::conditions(conditions, &self.shared).map_err(|e| fields.error(e))?;
        let mut json = vec![("id".to_owned(), Value::String(id.clone()))];
        for key in RULE_KEYS {
            if let Some(value) = fields.take(key) {
                json.push((key.to_owned(), value));
            }
        }
        let at = json.iter().position(|(k, _)| k == "tags").map_or(json.len(), |at| at + 1);
        json.insert(at, ("conditions".into(), Value::Array(conditions)));
        let tests = self.tests(&mut fields)?;
        fields.finish()?;
        Ok(Rule { id, json: Value::Map(json), tests })
    }

    fn tests(&self, fields: &mut Fields<'_>) -> Result<Vec<Test>, PackError> {
        let mut tests = Vec::new();
        let probe = fields.text("probe")?;
        for (key, want) in [("hits", Want::Match), ("misses", Want::Nothing)] {
            for (index, value) in fields.list(key)?.into_iter().enumerate() {
                let probe = probe.as_deref().ok_or_else(|| fields.error("`probe` is missing"))?;
                let shape = self.probes.iter().find(|(name, _)| name == probe);
                let (_, shape) =
                    shape.ok_or_else(|| fields.error(format_args!("no probe named `{probe}`")))?;
                let Value::String(value) = value else {
                    return Err(fields.error(format_args!("an item of `{key}` is not a text")));
                };
                let run = shape.map_text(&|text| text.replace("{value}", &value));
                tests.push(Test::plain(format!("{key} {}", index + 1), vec![run], want));
            }
        }
        for item in fields.list("tests")? {
            tests.push(self.test(fields.file(), fields.place(), item)?);
        }
        let has = |wanted: bool| tests.iter().any(|test| (test.want != Want::Nothing) == wanted);
        if !has(true) || !has(false) {
            return Err(fields.error("a rule needs a test that matches and one that does not"));
        }
        Ok(tests)
    }

    fn test(&self, file: &Path, place: &str, item: Value) -> Result<Test, PackError> {
        let mut fields = Fields::new(file, place, item)?;
        let name = fields.need_text("name")?;
        fields.rename(format!("{place}, test `{name}`"));
        let runs = fields.list("runs")?;
        if runs.is_empty() {
            return Err(fields.error("`runs` is missing or empty"));
        }
        let want = fields.need_text("want")?;
        let want =
            Want::from_name(&want).ok_or_else(|| fields.error("`want` is not match, block or nothing"))?;
        let attributes = fields.take("attributes");
        let rules = match fields.take("rules") {
            None => None,
            Some(list) => Some(texts(&list).ok_or_else(|| fields.error("`rules` is not a list of ids"))?),
        };
        fields.finish()?;
        Ok(Test { name, runs, want, attributes, rules })
    }
}

fn texts(list: &Value) -> Option<Vec<String>> {
    list.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

fn shared(top: &mut Fields<'_>) -> Result<Shared, PackError> {
    let mut shared = Shared::default();
    for (kind, value) in top.map("shared")? {
        let Value::Map(entries) = value else { return Err(top.error("an entry of `shared` is not a map")) };
        match kind.as_str() {
            "inputs" => shared.inputs = entries,
            "conditions" => shared.conditions = entries,
            _ => return Err(top.error(format_args!("unknown key `{kind}` in `shared`"))),
        }
    }
    Ok(shared)
}

fn read_yaml(file: &Path) -> Result<Value, PackError> {
    let text = std::fs::read_to_string(file).map_err(|e| PackError::new(file, e.to_string()))?;
    Value::from_yaml(&text).map_err(|e| PackError::new(file, e))
}
