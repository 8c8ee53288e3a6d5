//! Ordinary traffic.

use super::words::{
    agent, base64url, email, encode, hex, ip, key, language, path, person, prose, token, uuid, value, word,
};
use super::{Addresses, strings};
use bartizan_peers::agreement::Call;
use bartizan_peers::random::Random;
use bartizan_peers::value::{Text, Value, text};

/// What a request is going to be, before it is split into evaluations.
pub(super) struct Draft {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) cookies: Vec<(String, String)>,
    pub(super) params: Vec<(String, String)>,
    pub(super) body: Option<Value>,
    pub(super) status: &'static str,
}

pub(super) fn request(random: &mut Random) -> Vec<Call> {
    draft(random).calls(random)
}

pub(super) fn draft(random: &mut Random) -> Draft {
    let api = random.chance(45);
    let posts = random.chance(45);
    let mut draft = Draft {
        method: if posts { random.choose(&["POST", "POST", "PUT", "PATCH"]) } else { "GET" },
        path: path(random),
        query: fields(random, 4),
        headers: headers(random, api),
        cookies: if api { Vec::new() } else { cookies(random) },
        params: Vec::new(),
        body: posts.then(|| if api { json(random, 0) } else { form(random) }),
        status: random.choose(&["200", "200", "200", "201", "204", "302", "304"]),
    };
    if posts {
        let kind = if api { "application/json" } else { "application/x-www-form-urlencoded" };
        draft.headers.push(("content-type".to_owned(), kind.to_owned()));
        draft.headers.push(("content-length".to_owned(), random.between(40, 900).to_string()));
    }
    if random.chance(40) {
        draft.params.push((key(random).to_owned(), random.below(100_000).to_string()));
    }
    draft
}

impl Draft {
    /// The start of the request, then its body and response, as tracers tell of them.
    pub(super) fn calls(self, random: &mut Random) -> Vec<Call> {
        let mut start = Addresses::default();
        start.put("http.client_ip", text(ip(random)));
        start.put("server.request.method", text(self.method));
        let mut uri = self.path;
        for (at, (key, value)) in self.query.iter().enumerate() {
            uri.push(if at == 0 { '?' } else { '&' });
            uri.push_str(&format!("{}={}", encode(key), encode(value)));
        }
        start.put("server.request.uri.raw", text(uri));
        start.put("server.request.headers.no_cookies", strings(self.headers));
        if !self.cookies.is_empty() {
            start.put("server.request.cookies", strings(self.cookies));
        }
        let list = |(key, value): (String, String)| (Text::new(key), Value::Array(vec![text(value)]));
        start.put("server.request.query", Value::Map(self.query.into_iter().map(list).collect()));
        if !self.params.is_empty() {
            start.put("server.request.path_params", strings(self.params));
        }
        let mut rest = Addresses::default();
        if let Some(body) = self.body {
            rest.put("server.request.body", body);
        }
        rest.put("server.response.status", text(self.status));
        rest.put("server.response.headers.no_cookies", strings(response_headers(random)));
        if random.chance(10) {
            rest.put("usr.id", text(format!("user-{}", random.below(10_000))));
        }
        // A tracer samples some requests for their schema.
        if random.chance(5) {
            let wish = Value::Map(vec![(Text::new("extract-schema"), Value::Bool(true))]);
            rest.put("waf.context.processor", wish);
        }
        vec![start.call(), rest.call()]
    }
}

pub(super) fn fields(random: &mut Random, most: usize) -> Vec<(String, String)> {
    let count = random.below(most + 1);
    (0..count).map(|_| (key(random).to_owned(), value(random))).collect()
}

fn headers(random: &mut Random, api: bool) -> Vec<(String, String)> {
    let mut headers: Vec<(&str, String)> = vec![
        ("host", random.choose(&["shop.example", "api.shop.example", "www.shop.example:8443"]).to_owned()),
        ("user-agent", agent(random).to_owned()),
        ("accept-encoding", "gzip, deflate, br, zstd".to_owned()),
        ("accept-language", language(random).to_owned()),
        ("x-forwarded-for", format!("{}, {}", ip(random), ip(random))),
        ("x-forwarded-proto", "https".to_owned()),
        ("x-real-ip", ip(random)),
        ("via", "1.1 edge-7.shop.example (proxy)".to_owned()),
        ("x-amzn-trace-id", format!("Root=1-{}-{}", hex(random, 8), hex(random, 24))),
    ];
    if api {
        headers.push(("accept", "application/json".to_owned()));
        headers.push(("x-request-id", uuid(random)));
        headers.push((
            "x-client-version",
            format!("{}.{}.{}", random.below(9), random.below(30), random.below(10)),
        ));
        headers.push(("origin", "https://shop.example".to_owned()));
        headers.push((
            "x-datadog-trace-id",
            format!("{}{}", random.below(1_000_000_000), random.below(1_000_000_000)),
        ));
        headers.push(("x-device-id", token(random, 32)));
        headers.push(("authorization", authorization(random)));
        headers.push(("traceparent", format!("00-{}-{}-01", hex(random, 32), hex(random, 16))));
        if random.chance(30) {
            headers.push(("if-none-match", format!("W/\"{}\"", token(random, 27))));
        }
    } else {
        let accept = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";
        headers.push(("accept", accept.to_owned()));
        let (from, campaign) = (path(random), value(random));
        headers.push((
            "referer",
            format!("https://shop.example{from}?utm_source=newsletter&utm_campaign={}", encode(&campaign)),
        ));
        headers.push(("connection", "keep-alive".to_owned()));
        headers.push(("upgrade-insecure-requests", "1".to_owned()));
        headers.push(("sec-fetch-dest", "document".to_owned()));
        headers.push(("sec-fetch-mode", "navigate".to_owned()));
        headers.push(("sec-fetch-site", "same-origin".to_owned()));
        let brands = "\"Chromium\";v=\"141\", \"Not?A_Brand\";v=\"8\"";
        headers.push(("sec-ch-ua", brands.to_owned()));
        headers.push(("sec-ch-ua-platform", "\"Windows\"".to_owned()));
    }
    random.shuffle(&mut headers);
    headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A token of JSON, or one that only its issuer can read.
fn authorization(random: &mut Random) -> String {
    if random.chance(50) {
        return format!("Bearer {}", token(random, 280));
    }
    let head = format!("{{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"{}\"}}", hex(random, 16));
    let body = format!(
        "{{\"sub\":\"{}\",\"aud\":\"shop\",\"iat\":1795000000,\"exp\":4102444800,\"scope\":\"{} {}\"}}",
        uuid(random),
        word(random),
        word(random)
    );
    format!("Bearer {}.{}.{}", base64url(&head), base64url(&body), token(random, 171))
}

fn response_headers(random: &mut Random) -> Vec<(&'static str, String)> {
    vec![
        ("content-type", random.choose(&["text/html; charset=utf-8", "application/json"]).to_owned()),
        ("content-length", random.between(100, 60_000).to_string()),
        ("cache-control", "no-store".to_owned()),
        ("server", "nginx".to_owned()),
        ("content-language", "en-GB".to_owned()),
        ("x-request-id", uuid(random)),
    ]
}

fn cookies(random: &mut Random) -> Vec<(String, String)> {
    let mut cookies = vec![
        ("session".to_owned(), format!("s%3A{}.{}", token(random, 120), token(random, 43))),
        ("csrf".to_owned(), token(random, 40)),
        ("visited".to_owned(), format!("{}|{}|{}", word(random), word(random), word(random))),
        ("theme".to_owned(), random.choose(&["dark", "light"]).to_owned()),
    ];
    if random.chance(60) {
        let id = format!("GA1.2.{}.17{}", random.below(1_000_000_000), random.below(100_000_000));
        cookies.push(("_ga".to_owned(), id));
    }
    if random.chance(70) {
        cookies.push(("consent".to_owned(), consent(random)));
    }
    cookies
}

/// What a banner remembers.
fn consent(random: &mut Random) -> String {
    let groups: Vec<_> = (1..5).map(|group| format!("C000{group}%3A{}", random.below(2))).collect();
    format!(
        "isGpcEnabled=0&datestamp=Tue+Nov+{:02}+2026&version=202409.1.0&consentId={}&interactionCount=1&landingPath=NotLandingPage&groups={}",
        random.between(1, 28),
        uuid(random),
        groups.join("%2C")
    )
}

pub(super) fn form(random: &mut Random) -> Value {
    let mut pairs = fields(random, 9);
    pairs.push(("name".to_owned(), person(random)));
    pairs.push(("email".to_owned(), email(random)));
    let list = |(key, value): (String, String)| (Text::new(key), Value::Array(vec![text(value)]));
    Value::Map(pairs.into_iter().map(list).collect())
}

/// A document of an API.
pub(super) fn json(random: &mut Random, depth: usize) -> Value {
    let count = random.between(3, 8);
    let entry = |random: &mut Random| {
        let value = match random.below(10) {
            0 => Value::Unsigned(random.below(100_000) as u64),
            1 => Value::Bool(random.chance(50)),
            2 => Value::Float(random.below(100_000) as f64 / 100.0),
            3 if depth < 3 => json(random, depth + 1),
            4 if depth < 3 => {
                let count = random.between(1, 4);
                Value::Array((0..count).map(|_| text(value(random))).collect())
            }
            5 if random.chance(80) => {
                let len = random.between(80, 300);
                text(prose(random, len))
            }
            _ => text(value(random)),
        };
        (Text::new(key(random)), value)
    };
    Value::Map((0..count).map(|_| entry(random)).collect())
}
