//! Detectors of injections: resources, parameters that were put into them, and those that were not.

use crate::case::{Manner, Step};
use crate::draft::{Draft, disguise, noise, path_value, splice};
use crate::random::Random;
use crate::value::{Text, Value, map, text, texts};

const SQL: [&str; 24] = [
    "SELECT ",
    "* ",
    "a, b ",
    "FROM users ",
    "WHERE ",
    "id = 1 ",
    "name = 'bob' ",
    "OR 1=1 ",
    "or 'a'='a' ",
    "UNION SELECT 1, 2 ",
    "ORDER BY ",
    "name ASC, 2 DESC ",
    "LIMIT 5 OFFSET 2 ",
    "-- x",
    "--",
    "/* c */ ",
    "# h\n",
    "\"q\" ",
    "`q` ",
    "$tag$ x $tag$ ",
    "(1, 'x') ",
    "; DROP TABLE t ",
    "x::int ",
    "@@v := 0x1F ",
];

const SHELL: [&str; 26] = [
    "ls ",
    "-l ",
    "; ",
    "id",
    "$(",
    ")",
    "`",
    "cat ",
    "/etc/passwd ",
    "\"",
    "'",
    "| ",
    "|| ",
    "&& ",
    "& ",
    "> f ",
    "2>&1 ",
    "<<< ",
    "x=1 ",
    "${x} ",
    "$x ",
    "{ ",
    "; } ",
    "\n",
    "! ",
    "$((1+2)) ",
];

const URLS: [&str; 14] = [
    "http://",
    "https://",
    "ftp://",
    "gopher://",
    "user:pw@",
    "example.com",
    "169.254.169.254",
    "metadata.google",
    ":8080",
    "/path/",
    "../",
    "?q=1",
    "&r=2",
    "#f",
];

/// Forms of hosts that only we see.
const ODD_URLS: [&str; 8] = [
    "http://LOCALHOST/",
    "http://localhost./",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://127.1/",
    "http://[::ffff:127.0.0.1]/",
    "http://evillocalhost/",
    "http://0177.0.0.1/",
];

const PATHS: [&str; 8] = ["/var/www/", "../", "..", "etc/passwd", "/etc/passwd", "./", "a", "\\..\\"];

const WORDS: [&str; 20] = [
    "bash",
    "-c",
    "/bin/sh",
    "sh",
    "zsh",
    "ls -l /tmp; id",
    "pwsh",
    "-Command",
    "powershell.exe",
    "fish",
    "--command",
    "-lc",
    "--",
    "+o",
    "$(id)",
    "/usr/bin/evil",
    " x ",
    "-o",
    "ksh",
    "cat a | nc b",
];

const SYSTEMS: [&str; 9] =
    ["mysql", "MySQL2", "postgresql", "pgsql", "sqlite", "oracle", "doctrine", "hsqldb", "unknown"];

pub(crate) fn generate(draft: &mut Draft<'_>) {
    let kind = draft.random.choose(&["lfi", "ssrf", "sqli", "shi", "cmdi"]);
    let name = if draft.chance(10) {
        format!("{kind}_detector@v{}", draft.random.below(5))
    } else {
        format!("{kind}_detector")
    };
    let mut chain = if draft.chance(15) { crate::draft::chain(draft) } else { Vec::new() };
    let mut params: Vec<Value> = Vec::new();
    for address in ["p", "q"].into_iter().take(draft.random.between(1, 2)) {
        let mut param = map([("address", text(address))]);
        if draft.chance(10) {
            let path = draft.path();
            param.put("key_path", path_value(&path));
        }
        if !chain.is_empty() {
            param.put("transformers", texts(&chain));
        }
        params.push(param);
    }
    let mut resource = map([("address", text("res"))]);
    if draft.chance(10) {
        let path = draft.path();
        resource.put("key_path", path_value(&path));
    }
    let mut parameters = map([("resource", Value::Array(vec![resource])), ("params", Value::Array(params))]);
    if kind == "sqli" {
        parameters.put("db_type", Value::Array(vec![map([("address", text("db"))])]));
    }
    if kind == "ssrf" && draft.chance(60) {
        settings(draft, &mut parameters);
    }
    let mut conditions = vec![map([("operator", text(name)), ("parameters", parameters)])];
    if draft.chance(10) {
        let other = draft.plain("db", "mysql");
        conditions.insert(draft.random.below(2), other);
    }
    let mut rule = draft.rule(conditions);
    if chain.is_empty() && draft.chance(10) {
        chain = crate::draft::chain(draft);
        rule.put("transformers", texts(&chain));
    }
    draft.add("rules", rule);
    draft.build();
    let context = draft.fresh();
    draft.steps.push(Step::Open { context });
    for _ in 0..draft.random.between(1, 5) {
        let id = draft.fresh();
        let data = data(draft.random, kind, &chain);
        draft.steps.push(Step::Eval {
            context,
            id,
            data,
            batches: false,
            manner: Manner::Lent,
            timeout_us: 60_000_000,
        });
    }
}

fn settings(draft: &mut Draft<'_>, parameters: &mut Value) {
    let mut options = Value::Map(Vec::new());
    for name in [
        "authority-inspection",
        "path-inspection",
        "query-inspection",
        "forbid-full-url-injection",
        "enforce-policy-without-injection",
    ] {
        if draft.chance(40) {
            options.put(name, Value::Bool(draft.random.chance(70)));
        }
    }
    parameters.put("options", options);
    if draft.chance(40) {
        let mut policy = Value::Map(Vec::new());
        if draft.chance(50) {
            policy.put("allowed-schemes", texts(["http", "gopher"]));
        }
        if draft.chance(50) {
            policy.put("forbidden-domains", texts(["example.com", ".internal"]));
        }
        if draft.chance(50) {
            policy.put("forbidden-ips", texts(["169.254.0.0/16", "::1"]));
        }
        parameters.put("policy", policy);
    }
}

fn joined(random: &mut Random, of: &[&str], most: usize) -> String {
    (0..random.between(1, most)).map(|_| random.choose(of)).collect()
}

fn data(random: &mut Random, kind: &str, chain: &[&str]) -> Value {
    let (resource, whole) = match kind {
        "lfi" => {
            let path = joined(random, &PATHS, 6);
            (text(&path), path)
        }
        "ssrf" => {
            let url = if random.chance(6) {
                format!("{}{}", random.pick(&ODD_URLS), joined(random, &["x", "/y", "?z=1"], 2))
            } else if random.chance(50) {
                let host = random.choose(&[
                    "example.com",
                    "10.0.0.1",
                    "a.internal",
                    "[::1]",
                    "1.2.3.4",
                    "localhost",
                ]);
                format!(
                    "{}{}{host}{}/{}",
                    random.pick(&["http://", "https://", "ftp://", "//", ""]),
                    random.pick(&["", "", "u@", "u:p@"]),
                    random.pick(&["", "", ":80", ":"]),
                    joined(random, &["p", "/", "..", "?", "q=1", "&", "#", "%2f", "%5c", ";"], 6)
                )
            } else {
                joined(random, &URLS, 7)
            };
            (text(&url), url)
        }
        "sqli" => {
            let statement = joined(random, &SQL, 10);
            (text(&statement), statement)
        }
        "shi" if random.chance(30) => {
            let words: Vec<String> = (0..random.between(1, 4)).map(|_| joined(random, &SHELL, 4)).collect();
            (texts(&words), words.join(" "))
        }
        "shi" => {
            let line = joined(random, &SHELL, 8);
            (text(&line), line)
        }
        _ => {
            let words: Vec<&str> = (0..random.between(1, 5)).map(|_| random.choose(&WORDS)).collect();
            let whole = if random.chance(50) { words.join(" ") } else { (random.choose(&words)).to_owned() };
            (texts(&words), whole)
        }
    };
    let param = |random: &mut Random| {
        let bytes = whole.as_bytes();
        let part = match random.below(10) {
            0 => bytes.to_vec(),
            1 => splice(random, bytes),
            2 => return noise(random, 2),
            3 => {
                // The end, which is what a file name is checked for.
                let from = random.below(bytes.len() + 1);
                bytes[from..].to_vec()
            }
            _ => {
                let from = random.below(bytes.len() + 1);
                let to = random.between(from, bytes.len());
                bytes[from..to].to_vec()
            }
        };
        text(disguise(random, chain, &part))
    };
    let mut params = param(random);
    if random.chance(50) {
        let mut items: Vec<Value> = (0..random.between(0, 2)).map(|_| param(random)).collect();
        items.push(params);
        params = if random.chance(50) {
            Value::Array(items)
        } else {
            Value::Map(
                items
                    .into_iter()
                    .map(|value| match (random.chance(40), value) {
                        (true, Value::String(key)) => (key, text("v")),
                        (_, value) => (Text::new("k"), value),
                    })
                    .collect(),
            )
        };
    }
    let mut data = Value::Map(Vec::new());
    if random.chance(95) {
        data.put("res", if random.chance(97) { resource } else { noise(random, 1) });
    }
    if random.chance(90) {
        data.put("p", params);
    }
    if random.chance(40) {
        let other = param(random);
        data.put("q", other);
    }
    if random.chance(95) {
        data.put("db", text(random.pick(&SYSTEMS)));
    }
    data
}
