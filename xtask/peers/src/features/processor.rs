//! Processors of every kind, before and after the rules, with scanners and their overrides.

use crate::draft::{Bait, Draft, TEXTS, Taste, condition, noise, string};
use crate::random::Random;
use crate::value::{Text, Value, map, text, texts};

const GENERATORS: [(&str, &[&str]); 7] = [
    ("extract_schema", &["inputs"]),
    ("http_endpoint_fingerprint", &["method", "uri_raw", "query", "body"]),
    ("http_header_fingerprint", &["headers"]),
    ("http_network_fingerprint", &["headers"]),
    ("session_fingerprint", &["cookies", "session_id", "user_id"]),
    ("jwt_decode", &["inputs"]),
    ("uri_parse", &["inputs"]),
];

/// Operators that scanners know.
const SCANNING: [&str; 12] = [
    "match_regex",
    "match_regex_with_checksum",
    "phrase_match",
    "exact_match",
    "ip_match",
    "equals",
    "greater_than",
    "lower_than",
    "is_sqli",
    "is_xss",
    "hidden_ascii_match",
    "greater_equal",
];

const HEADERS: [&str; 34] = [
    "referer",
    "Connection",
    "accept-encoding",
    "content_encoding",
    "cache-control",
    "TE",
    "accept-charset",
    "content-type",
    "accept",
    "accept-language",
    "user-agent",
    "User_Agent",
    "x-forwarded-for",
    "X-Real-IP",
    "true-client-ip",
    "x-client-ip",
    "x-forwarded",
    "forwarded-for",
    "x-cluster-client-ip",
    "fastly-client-ip",
    "cf-connecting-ip",
    "cf-connecting-ipv6",
    "x-datadog-trace",
    "X_Datadog",
    "host",
    "x-custom",
    "x,comma",
    "é",
    "cookie",
    "authorization",
    "Via",
    "dnt",
    "x-request-id",
    "",
];

/// Different also when letter case is left aside.
const NAMES: [&str; 10] = ["a", "B", "sid", "Token", "x,y", "é", "", "zz", "_1", "q-q"];

const METHODS: [&str; 5] = ["GET", "post", "", "PuT", "é"];

const URIS: [&str; 26] = [
    "/",
    "/path/to?x=1",
    "/a#f",
    "http://h/p?q=1",
    "https://user:pw@example.com:8080/p/a?q=1&q=2&r[]=3&s#frag",
    "//h/x",
    "x",
    "?a=b",
    "http://[::1]:80/",
    "http://h:65536/",
    "http://h:/",
    "/p?a&b=&=c&&a=1",
    "/p?q[1]=x&q[]=y",
    "mailto:a@b",
    "/ü",
    "/a b",
    "",
    "http://",
    "HTTP://EXAMPLE.com/%41",
    "/p?x=%26&y=a+b",
    "http://h?x#y?z",
    "a://b:c@d:1/e?f=g#h",
    "/p?a[]=1&a=2",
    "/p?[]=1",
    "urn:x:y",
    "http://1.2.3.4:0080/",
];

const TOKENS: [&str; 12] = [
    "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
    "Bearer\teyJhbGciOiJub25lIn0.eyJhIjpbMSwiYiIseyJjIjpudWxsfV19.",
    "Bearer  e30.e30.x.y",
    "bearer e30.e30.",
    "Bearer .e30.",
    "Bearer e30..",
    "Bearer e30",
    "Bearer e30.e30",
    "Bearer !!!.e30.sig",
    "Bearere30.e30.a",
    "Basic YTpi",
    "Bearer WzFd.MQ.x",
];

pub(crate) fn generate(draft: &mut Draft<'_>) {
    for number in 0..draft.random.between(1, 3) {
        processor(draft, number);
    }
    if draft.chance(60) {
        scanners(draft);
    }
    let rule = if draft.chance(50) {
        let condition = draft.plain("a", "hit");
        draft.rule(vec![condition])
    } else {
        let condition = draft.plain("b", "hot");
        draft.rule(vec![condition])
    };
    draft.add("rules", rule);
    draft.build();
    draft.session();
}

fn processor(draft: &mut Draft<'_>, number: usize) {
    let (generator, arguments) = draft.random.choose(&GENERATORS);
    let mut mappings = Vec::new();
    let count = if draft.chance(90) { 1 } else { 2 };
    for at in 0..count {
        let mut mapping = Value::Map(Vec::new());
        for name in arguments {
            let address = format!("{generator}.{name}{}", if at > 0 { "2" } else { "" });
            bait(draft, generator, name, &address);
            let mut input = map([("address", text(&address))]);
            if *name == "inputs" && draft.chance(15) {
                let key = draft.random.choose(&["authorization", "k"]);
                input.put("key_path", texts([key]));
                if let Some(last) = draft.baits.last_mut().filter(|_| generator == "jwt_decode") {
                    last.value = map([("k", last.value.clone()), ("authorization", last.value.clone())]);
                }
            }
            let mut inputs = vec![input];
            if draft.chance(5) {
                inputs.push(map([("address", text("a"))]));
            }
            mapping.put(*name, Value::Array(inputs));
        }
        let output = format!("out.{number}.{at}");
        mapping.put("output", text(&output));
        mappings.push(mapping);
        if draft.chance(50) {
            let rule = consumer(draft, generator, &output);
            draft.add("rules", rule);
        }
    }
    let mut parameters = map([("mappings", Value::Array(mappings))]);
    if generator == "extract_schema" && draft.chance(60) {
        let scanners = [
            vec![map([("id", text("s1"))]), map([("id", text("s2"))])],
            vec![map([("tags", map([("group", text("g"))]))])],
            vec![map([("id", text("s3"))]), map([("tags", map([("group", text("h"))]))])],
        ];
        parameters.put("scanners", Value::Array(draft.random.pick(&scanners).clone()));
    }
    let mut item = map([
        ("id", text(format!("proc{number}"))),
        ("generator", text(generator)),
        ("parameters", parameters),
    ]);
    match draft.random.below(4) {
        0 => {}
        1 => item.put("output", Value::Bool(true)),
        2 => {
            item.put("evaluate", Value::Bool(false));
            item.put("output", Value::Bool(true));
        }
        _ => {
            item.put("evaluate", Value::Bool(true));
            item.put("output", Value::Bool(draft.random.chance(50)));
        }
    }
    if draft.chance(25) {
        let condition = match draft.random.below(4) {
            3 => condition(draft, &Taste { with_path: 10, inputs: 2, ..Taste::default() }),
            0 => draft.plain("flag", "on"),
            1 => map([
                ("operator", text("equals")),
                (
                    "parameters",
                    map([
                        ("inputs", Value::Array(vec![map([("address", text("waf.context.event"))])])),
                        ("type", text("boolean")),
                        ("value", Value::Bool(true)),
                    ]),
                ),
            ]),
            _ => map([
                ("operator", text("exists")),
                ("parameters", map([("inputs", Value::Array(vec![map([("address", text("b"))])]))])),
            ]),
        };
        item.put("conditions", Value::Array(vec![condition]));
    }
    draft.add("processors", item);
}

/// A rule that looks at what a processor made.
fn consumer(draft: &mut Draft<'_>, generator: &str, output: &str) -> Value {
    let mut input = map([("address", text(output))]);
    let condition = match generator {
        "extract_schema" => {
            input.put("key_path", Value::Array(vec![Value::Unsigned(0), text("k")]));
            map([("operator", text("exists")), ("parameters", map([("inputs", Value::Array(vec![input]))]))])
        }
        _ => {
            match generator {
                "uri_parse" => {
                    // The query has no order, so it is asked for one name.
                    let parts = [
                        &["host"][..],
                        &["scheme"],
                        &["query", "q"],
                        &["query", "x"],
                        &["path"],
                        &["fragment"],
                        &["userinfo"],
                    ];
                    input.put("key_path", texts(draft.random.choose(&parts)));
                }
                "jwt_decode" => {
                    let key = draft.random.choose(&["header", "payload"]);
                    input.put("key_path", texts([key]));
                }
                _ => {}
            }
            let parameters = map([("inputs", Value::Array(vec![input])), ("regex", text("."))]);
            map([("operator", text("match_regex")), ("parameters", parameters)])
        }
    };
    draft.rule(vec![condition])
}

fn scanners(draft: &mut Draft<'_>) {
    if draft.chance(30) {
        // One alone, of any operator.
        let mut scanner =
            map([("id", text("s1")), ("tags", map([("type", text("t")), ("group", text("g"))]))]);
        for side in ["key", "value"] {
            if side == "value" || draft.chance(30) {
                let taste = Taste {
                    operators: &SCANNING,
                    negated: 0,
                    transformed: 0,
                    with_path: 0,
                    on_keys: 0,
                    ..Taste::default()
                };
                let mut matcher = condition(draft, &taste);
                let wanted: Vec<Value> =
                    draft.baits.iter().rev().take(3).map(|bait| bait.value.clone()).collect();
                if let Value::Map(entries) = &mut matcher
                    && let Some((_, Value::Map(parameters))) = entries.last_mut()
                {
                    parameters.retain(|(key, _)| key.bytes != b"inputs");
                }
                scanner.put(side, matcher);
                let value = Value::Array(wanted);
                let address = "extract_schema.inputs".to_owned();
                draft.baits.push(Bait { address, path: Vec::new(), value, as_key: false });
            }
        }
        draft.add("scanners", scanner);
        return;
    }
    // At most one of them takes a value: they differ in what they take.
    let values = ["hit", "4111", "@"];
    let by_key = draft.chance(40);
    for (at, value) in values.iter().enumerate().take(draft.random.between(1, 3)) {
        let group = draft.random.choose(&["g", "h"]);
        let tags = map([("type", text(format!("t{at}"))), ("group", text(group))]);
        let mut scanner = map([("id", text(format!("s{}", at + 1))), ("tags", tags)]);
        let matcher = |regex: String| {
            let mut parameters = map([("regex", text(regex))]);
            parameters.put("options", map([("min_length", Value::Unsigned(1))]));
            map([("operator", text("match_regex")), ("parameters", parameters)])
        };
        if by_key {
            let key = ["k", "q", "id"][at];
            scanner.put("key", matcher(format!("^{key}$")));
            if draft.chance(30) {
                scanner.put("value", matcher("^[^x]".into()));
            }
        } else if draft.chance(70) {
            scanner.put("value", matcher(format!("^{value}")));
        } else {
            let parameters = map([("list", texts([*value, "hot"]))]);
            let name = draft.random.choose(&["phrase_match", "exact_match"]);
            scanner.put("value", map([("operator", text(name)), ("parameters", parameters)]));
            // What is in both lists must not be taken twice.
            if at > 0 {
                continue;
            }
        }
        draft.add("scanners", scanner);
    }
    if draft.chance(40) {
        let target = |random: &mut Random| {
            if random.chance(60) {
                map([("id", text(format!("s{}", random.between(1, 3))))])
            } else {
                map([("tags", map([("group", text(random.pick(&["g", "h"])))]))])
            }
        };
        let mut scanners = Value::Map(Vec::new());
        for part in ["include", "exclude"] {
            if draft.chance(60) {
                let targets = (0..draft.random.between(1, 2)).map(|_| target(draft.random)).collect();
                scanners.put(part, Value::Array(targets));
            }
        }
        let item = map([
            ("target", Value::Array(vec![map([("id", text(format!("proc{}", draft.random.below(3))))])])),
            ("scanners", scanners),
        ]);
        draft.add("processor_overrides", item);
    }
}

fn bait(draft: &mut Draft<'_>, generator: &str, argument: &str, address: &str) {
    let times = draft.random.between(1, 3);
    for _ in 0..times {
        let value = argument_value(draft.random, generator, argument);
        draft.baits.push(Bait { address: address.to_owned(), path: Vec::new(), value, as_key: false });
    }
}

fn argument_value(random: &mut Random, generator: &str, argument: &str) -> Value {
    if random.chance(6) {
        return noise(random, 2);
    }
    match (generator, argument) {
        ("extract_schema", _) => shape(random, 4),
        (_, "method") => text(random.pick(&METHODS)),
        (_, "uri_raw") | ("uri_parse", _) => text(random.pick(&URIS)),
        (_, "headers") => named(random, &HEADERS, |random| {
            if random.chance(15) {
                return noise(random, 1);
            }
            text(random.pick(&["1.2.3.4", "1.1.1.1, 2.2.2.2", "Mozilla/5.0", "gzip", "x"]))
        }),
        (_, "cookies") => named(random, &NAMES, |random| {
            let bytes = string(random);
            match random.below(8) {
                0 => noise(random, 1),
                1 => texts([bytes]),
                2 => texts([bytes, b"x".to_vec()]),
                _ => text(bytes),
            }
        }),
        (_, "query" | "body") => named(random, &NAMES, |random| noise(random, 1)),
        ("jwt_decode", _) => {
            let token = text(random.pick(&TOKENS));
            match random.below(4) {
                0 => Value::Array(vec![token, text("x")]),
                _ => token,
            }
        }
        _ => text(random.pick(&TEXTS)),
    }
}

/// A map whose names do not repeat.
fn named(random: &mut Random, of: &[&str], mut value: impl FnMut(&mut Random) -> Value) -> Value {
    let mut names = of.to_vec();
    random.shuffle(&mut names);
    names.truncate(random.between(0, 6));
    let cased = |name: &str, random: &mut Random| {
        if random.chance(25) { name.to_ascii_uppercase() } else { name.to_owned() }
    };
    Value::Map(names.iter().map(|name| (Text::new(cased(name, random)), value(random))).collect())
}

/// Containers of few kinds, so that schemas have something to say.
fn shape(random: &mut Random, depth: usize) -> Value {
    if depth == 0 || random.chance(35) {
        return match random.below(6) {
            0 => noise(random, 0),
            1 => Value::Unsigned(random.below(3) as u64),
            _ => text(random.pick(&["hit", "4111111111111111", "@x", "plain", "hot"])),
        };
    }
    if random.chance(50) {
        let len = if random.chance(5) { random.between(9, 13) } else { random.below(4) };
        Value::Array((0..len).map(|_| shape(random, depth - 1)).collect())
    } else {
        let mut value = Value::Map(Vec::new());
        for _ in 0..random.below(4) {
            let key = random.choose(&["k", "q", "id", "", "other", "é"]);
            let inner = shape(random, depth - 1);
            value.put(key, inner);
        }
        value
    }
}
