//! Whatever bytes come, every call ends soon, and none panics.

#![allow(clippy::unwrap_used, reason = "a test that unwraps nothing has failed")]

use bartizan_engine::{Builder, Instance};
use bartizan_host::{Host, Moment, Request, Rules};
use bartizan_object::{AllocRef, parse_document};
use std::sync::Arc;
use std::time::{Duration, Instant};

const RULES: &[u8] = br#"{"version":"2.2","rules":[{"id":"r","name":"r","tags":{"type":"t"},"conditions":[{"operator":"match_regex",
    "parameters":{"regex":"evil","inputs":[{"address":"server.request.query"},{"address":"server.request.body"},
    {"address":"graphql.server.all_resolvers"},{"address":"server.request.body.filenames"},{"address":"usr.id"}]}}]}]}"#;

fn instance() -> Instance {
    let mut builder = Builder::new();
    builder.update(b"rules", &parse_document(RULES, AllocRef::global()).unwrap());
    builder.build().unwrap()
}

fn host() -> Arc<Host> {
    Arc::new(Host::new(br#"{"trusted_proxies":["private"],"body_limit":16777216}"#).unwrap())
}

fn started(content_type: &str, target: &str) -> Request {
    let fields = ["11", "POST", target, "10.0.0.1", "http", "", "", "content-type", content_type, "x", "y"];
    let mut request = Request::new(host(), &instance());
    request.start(fields.join("\0").as_bytes(), Moment::default(), &mut Vec::new()).unwrap();
    request
}

const TYPES: [(&str, &str); 6] = [
    ("application/json", "/"),
    ("application/json", "/graphql"),
    ("application/graphql", "/"),
    ("multipart/form-data; boundary=X", "/"),
    ("application/x-www-form-urlencoded", "/"),
    ("", "/"),
];

/// Something to start from, so that what is made of it goes deep.
const SEEDS: [&str; 6] = [
    r#"{"a":["x\u00e9\"",1.5e3,{"b":null}],"query":"{a(b:\"evil\", c:[$v,{d:1}]) @e(f:true)}","variables":{"v":"evil"}}"#,
    r#"query Q($v: [String!] = ["a"]) { x: f(a: $v, b: """block "q" text""", c: {d: [1, -2.5, E]}) { g(h: "\u0041") } }"#,
    "--X\r\nContent-Disposition: form-data; name=\"a\\\"b\"; filename=\"x;y\"\r\n\r\n1\r\n--X\r\nContent-Disposition: form-data; filename*=UTF-8''%41\r\n\r\n--X--",
    "a=1&b=%41%4&%zz=+&&=&a=2",
    r#"{"event":"custom","name":"users.password_reset","user":{"id":1,"x":[1,{"y":2}]},"metadata":{"a":{"b":[1]}}}"#,
    "11\0GET\0/a?b=%41&c\x00127.0.0.1\0http\0\0cgi\0HTTP_COOKIE\0a=\"1\"; b=%41;;=\0HTTP_X_FORWARDED_FOR\0[::1]:80, 1.2.3.4:5, for=\"x",
];

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }

    fn damaged(&mut self, seed: &str) -> Vec<u8> {
        let mut bytes = seed.as_bytes().to_vec();
        for _ in 0..1 + self.below(6) {
            let at = self.below(bytes.len());
            match self.below(5) {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, b"\"\\{}[](),:;=\0\r\n-%$@#\xff"[self.below(21)]),
                2 if !bytes.is_empty() => {
                    bytes.remove(at);
                }
                3 => {
                    let end = at + self.below(bytes.len() - at + 1);
                    let part = bytes[at..end].to_vec();
                    bytes.splice(at..at, part);
                }
                _ if !bytes.is_empty() => bytes[at] = self.below(256) as u8,
                _ => {}
            }
        }
        bytes
    }
}

#[test]
fn damaged_documents_end() {
    let (instance, host) = (instance(), host());
    let mut random = Random(0x5eed);
    let mut out = Vec::new();
    for round in 0..6000 {
        let bytes = random.damaged(SEEDS[round % SEEDS.len()]);
        let (content_type, target) = TYPES[random.below(TYPES.len())];
        let mut request = started(content_type, target);
        let _ = request.body(&bytes, round % 2 == 0, Moment::default(), &mut out);
        let _ = request.event(&bytes, Moment::default(), &mut out);
        let _ = request.eval(&bytes, false, Moment::default(), &mut out);
        let _ = request.response(&bytes, Moment::default(), &mut out);
        let _ = request.response_body(&bytes, true, Moment::default(), &mut out);
        request.finish(true, Moment::default(), &mut out);
        let _ = Request::new(host.clone(), &instance).start(&bytes, Moment::default(), &mut out);
        let _ = Host::new(&bytes);
        let _ = Rules::new().offer(&bytes, &mut out);
        let _ = Rules::new().restore(&bytes, &mut out);
    }
}

#[test]
fn large_and_deep_bodies_take_linear_time() {
    let patterns = [
        "[", "{\"a\":", "[]", "\"", "\\", "a=&", "%", "&", "{a(b:", "$v ", "a(", "--X\r\n", "--X", "; ",
        "\r\n\r\n", "\"\"\"", "(", "},", "1,",
    ];
    for pattern in patterns {
        let body = pattern.repeat(1_000_000 / pattern.len());
        for (content_type, target) in TYPES {
            let mut request = started(content_type, target);
            let began = Instant::now();
            let _ = request.body(body.as_bytes(), true, Moment::default(), &mut Vec::new());
            let took = began.elapsed();
            assert!(took < Duration::from_secs(5), "{pattern:?} as {content_type}: {took:?}");
        }
    }
}

#[test]
fn many_names_and_hops_take_linear_time() {
    let names = (0..60_000).map(|n| format!("k{n}=v")).collect::<Vec<_>>().join("&");
    let hops = "10.0.0.1, ".repeat(20_000);
    let target = format!("/graphql?{names}&query={{a(b:1)}}");
    let fields = [
        "13",
        "GET",
        &target,
        "10.0.0.1",
        "http",
        "",
        "",
        "cookie",
        &names.replace('&', ";"),
        "x-forwarded-for",
        &hops,
        "a",
        "b",
    ];
    let mut request = Request::new(host(), &instance());
    let began = Instant::now();
    request.start(fields.join("\0").as_bytes(), Moment::default(), &mut Vec::new()).unwrap();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}
