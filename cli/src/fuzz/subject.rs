//! The rules under test: each alone, and each condition alone, so that a search can tell how far an input gets.

use super::request::Request;
use bartizan_engine::{Builder, Call, Instance};
use bartizan_object::{AllocRef, json};
use serde_json::{Map, Value as Json, json};

/// Sections that hold rules.
const SECTIONS: [&str; 3] = ["rules", "custom_rules", "rules_compat"];

/// Where a condition looks.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) address: String,
    pub(super) key_path: Vec<Json>,
    pub(super) transformers: Vec<String>,
}

impl Place {
    /// Whether keys are looked at in place of values.
    pub(super) fn is_keys(&self) -> bool {
        let selects = |name: &&String| *name == "keys_only" || *name == "values_only";
        self.transformers.iter().rfind(selects).is_some_and(|name| name == "keys_only")
    }
}

/// A condition as far as an input must know it.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    /// As it is written.
    pub(super) written: String,
    /// Without negation and version.
    pub(super) operator: String,
    pub(super) is_negated: bool,
    pub(super) parameters: Map<String, Json>,
    /// The values of the data that the parameters name.
    pub(super) data: Vec<String>,
}

impl Condition {
    fn new(condition: &Json, configs: &[Json]) -> Self {
        let name = condition["operator"].as_str().unwrap_or_default();
        let plain = name.strip_prefix('!').unwrap_or(name);
        let operator = plain.split_once("@v").map_or(plain, |(operator, _)| operator);
        let parameters = condition["parameters"].as_object().cloned().unwrap_or_default();
        let data = parameters.get("data").and_then(Json::as_str).map_or(Vec::new(), |id| data(configs, id));
        Self {
            written: name.to_owned(),
            operator: operator.to_owned(),
            is_negated: name.starts_with('!'),
            parameters,
            data,
        }
    }

    /// The places of a parameter; those without transformers of their own have the rule's.
    pub(super) fn places(&self, parameter: &str, of_rule: &[String]) -> Vec<Place> {
        let texts = |value: &Json| -> Option<Vec<String>> {
            Some(value.as_array()?.iter().filter_map(|text| text.as_str().map(str::to_owned)).collect())
        };
        let place = |input: &Json| {
            Some(Place {
                address: input["address"].as_str()?.to_owned(),
                key_path: input["key_path"].as_array().cloned().unwrap_or_default(),
                transformers: texts(&input["transformers"]).unwrap_or_else(|| of_rule.to_vec()),
            })
        };
        let inputs = self.parameters.get(parameter).and_then(Json::as_array);
        inputs.into_iter().flatten().filter_map(place).collect()
    }

    pub(super) fn text(&self, parameter: &str) -> Option<&str> {
        self.parameters.get(parameter).and_then(Json::as_str)
    }

    pub(super) fn option(&self, name: &str) -> Option<&Json> {
        self.parameters.get("options").and_then(|options| options.get(name))
    }
}

/// A rule under test.
pub(super) struct Subject {
    pub(super) id: String,
    pub(super) section: &'static str,
    pub(super) conditions: Vec<Condition>,
    /// Transformers of the rule as a whole.
    pub(super) transformers: Vec<String>,
    /// The rule as it is written, switched on, and telling of its matches in events.
    rule: Json,
    /// What the rule may refer to.
    rest: Vec<Json>,
    alone: Instance,
    /// One instance for each condition.
    each: Vec<Option<Instance>>,
}

impl Subject {
    /// All rules that load, in order of declaration; and the ids of those that do not.
    pub(super) fn all(configs: &[Json]) -> (Vec<Self>, Vec<String>) {
        let rest: Vec<Json> = configs.iter().map(without_rules).collect();
        let (mut subjects, mut refused) = (Vec::new(), Vec::new());
        for section in SECTIONS {
            for rule in configs.iter().filter_map(|config| config[section].as_array()).flatten() {
                let id = rule["id"].as_str().unwrap_or_default().to_owned();
                match Self::new(rule, section, configs, &rest) {
                    Some(subject) => subjects.push(subject),
                    None => refused.push(id),
                }
            }
        }
        (subjects, refused)
    }

    fn new(rule: &Json, section: &'static str, configs: &[Json], rest: &[Json]) -> Option<Self> {
        let mut rule = rule.clone();
        let fields = rule.as_object_mut()?;
        fields.remove("output");
        fields.insert("enabled".to_owned(), true.into());
        let alone = built(&rule, rest)?;
        let conditions = rule["conditions"].as_array().cloned().unwrap_or_default();
        let each = |condition: &Json| {
            let mut rule = rule.clone();
            rule["conditions"] = json!([condition]);
            built(&rule, rest)
        };
        let transformers = rule["transformers"].as_array().into_iter().flatten();
        Some(Self {
            id: rule["id"].as_str()?.to_owned(),
            section,
            transformers: transformers.filter_map(|name| name.as_str().map(str::to_owned)).collect(),
            each: conditions.iter().map(each).collect(),
            conditions: conditions.iter().map(|condition| Condition::new(condition, configs)).collect(),
            alone,
            rest: rest.to_vec(),
            rule,
        })
    }

    /// Whether the rule fires, and the work units that it takes.
    pub(super) fn try_alone(&self, request: &Request) -> Trial {
        eval(&self.alone, request)
    }

    /// How many of the conditions hold when asked alone.
    pub(super) fn conditions_met(&self, request: &Request) -> usize {
        self.each.iter().flatten().filter(|instance| eval(instance, request).fires).count()
    }

    /// The numbers of the conditions that do not.
    pub(super) fn conditions_missing(&self, request: &Request) -> Vec<usize> {
        let fires = |instance: &Option<Instance>| {
            instance.as_ref().is_some_and(|instance| eval(instance, request).fires)
        };
        (0..self.each.len()).filter(|at| !fires(&self.each[*at])).collect()
    }

    /// The same rule, with the inputs of a condition through transformers of their own before those they have.
    pub(super) fn with_transformers(&self, condition: usize, names: &[&str]) -> Option<Instance> {
        let mut rule = self.rule.clone();
        let parameters = rule["conditions"].get_mut(condition)?["parameters"].as_object_mut()?;
        let inputs = parameters.iter_mut().filter(|(name, _)| matches!(name.as_str(), "inputs" | "params"));
        for input in inputs.filter_map(|(_, inputs)| inputs.as_array_mut()).flatten() {
            let own: Vec<Json> = match input["transformers"].as_array() {
                Some(own) => own.clone(),
                None => self.transformers.iter().map(|name| name.as_str().into()).collect(),
            };
            let chain = names.iter().map(|name| Json::from(*name)).chain(own).collect();
            input.as_object_mut()?.insert("transformers".to_owned(), Json::Array(chain));
        }
        built(&rule, &self.rest)
    }
}

/// What came of an evaluation.
pub(super) struct Trial {
    pub(super) fires: bool,
    /// Work units.
    pub(super) units: u64,
}

/// Evaluates a request alone in a new context.
pub(super) fn eval(instance: &Instance, request: &Request) -> Trial {
    whole(instance, request, |outcome| outcome.is_match())
}

/// The ids of the rules that report a request, and the work units it takes.
pub(super) fn reporters(instance: &Instance, request: &Request) -> (Vec<String>, u64) {
    let mut ids = Vec::new();
    let trial = whole(instance, request, |outcome| {
        let mut text = Vec::new();
        if let Ok(result) = outcome.to_object(AllocRef::global()) {
            json::write(&result, &mut text);
        }
        let result: Json = serde_json::from_slice(&text).unwrap_or_default();
        let events = result["events"].as_array().into_iter().flatten();
        ids = events.filter_map(|event| event["rule"]["id"].as_str().map(str::to_owned)).collect();
        !ids.is_empty()
    });
    (ids, trial.units)
}

/// More than any request takes, yet counted, which no limit at all is not.
const PLENTY: u64 = u64::MAX - 1;

fn whole(
    instance: &Instance,
    request: &Request,
    mut fires: impl FnMut(&mut bartizan_engine::Outcome<'_>) -> bool,
) -> Trial {
    let Some(data) = json::parse(&request.to_json(), AllocRef::global()) else {
        return Trial { fires: false, units: 0 };
    };
    let call = Call { budget: PLENTY, now_s: 1, ..Call::default() };
    let mut context = instance.context();
    match context.eval(data.into(), &call) {
        Ok(mut outcome) => Trial { units: PLENTY - outcome.units_left(), fires: fires(&mut outcome) },
        Err(_) => Trial { fires: false, units: 0 },
    }
}

/// The instance of all configurations, in which each rule tells of its matches in events.
pub(super) fn whole_of(configs: &[Json]) -> Option<Instance> {
    let mut builder = Builder::new();
    for (at, config) in configs.iter().enumerate() {
        let mut config = config.clone();
        for section in SECTIONS {
            for rule in config.get_mut(section).and_then(Json::as_array_mut).into_iter().flatten() {
                rule.as_object_mut().and_then(|rule| rule.remove("output"));
            }
        }
        update(&mut builder, &format!("{at}"), &config);
    }
    builder.build()
}

fn built(rule: &Json, rest: &[Json]) -> Option<Instance> {
    let mut builder = Builder::new();
    for (at, config) in rest.iter().enumerate() {
        update(&mut builder, &format!("{at}"), config);
    }
    update(&mut builder, "rule", &json!({ "version": "2.2", "rules": [rule] }));
    builder.build()
}

fn update(builder: &mut Builder, path: &str, config: &Json) {
    let config = json::parse_with_depth(config.to_string().as_bytes(), usize::MAX, AllocRef::global());
    if let Ok(config) = config {
        builder.update(path.as_bytes(), &config);
    }
}

/// What rules refer to, without what hides them or derives values.
fn without_rules(config: &Json) -> Json {
    let mut config = config.clone();
    if let Some(sections) = config.as_object_mut() {
        sections.retain(|name, _| matches!(name.as_str(), "version" | "rules_data" | "actions"));
    }
    config
}

fn data(configs: &[Json], id: &str) -> Vec<String> {
    let sections = configs.iter().filter_map(|config| config["rules_data"].as_array()).flatten();
    let entries =
        sections.filter(|section| section["id"] == id).filter_map(|section| section["data"].as_array());
    entries.flatten().filter_map(|entry| entry["value"].as_str().map(str::to_owned)).collect()
}
