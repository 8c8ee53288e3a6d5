//! Redaction of what events show.

use crate::draft::{Bait, Draft, PathItem, string};
use crate::value::{Text, Value, map, text};

const KEYS: [&str; 10] = [
    "password",
    "PWD",
    "api_key",
    "X-Api-Key",
    "token",
    "authorization",
    "sid",
    "harmless",
    "consumer-secret",
    "jwt",
];

const VALUES: [&str; 22] = [
    "password=x&x=1",
    "pwd : secret; other",
    "{\"password\" : \"hunter2\", \"a\": 1}",
    "{\"api_key\": 12345}",
    "bearer abcdef0123456789",
    "Authorization: Bearer x.y-z_1",
    "token: 0123456789abc",
    "token:0123456789abcd",
    "ghp_0123456789abcdefghijABCDEFGHIJ0123456789",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\n-----END RSA PRIVATE KEY-----",
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDAAAAB3NzaC1yc2EAAAADAQABAAABAQDAAAAB3NzaC1yc2EAAAADAQABAAABAQDxyz12345",
    "jsessionid=abc;path=/",
    "secret=",
    "a harmless text",
    "passwd=1&token=2&sign=3",
    "access_token=aa%20bb",
    "'phpsessid': 'x'",
    "asp.net_sessionid=q",
    "private-key=zz; pass=yy",
    "\"secret\":\"a\\\"b\"",
    "sig=1 signature=2",
];

pub(crate) fn generate(draft: &mut Draft<'_>) {
    for _ in 0..draft.random.between(1, 2) {
        let address = draft.address();
        let regex = draft.random.choose(&["(?s).+", "[a-z]+", "\\d+", "="]);
        let mut input = map([("address", text(&address))]);
        let on_keys = draft.chance(15);
        if on_keys {
            input.put("transformers", Value::Array(vec![text("keys_only")]));
        }
        let parameters = map([("inputs", Value::Array(vec![input])), ("regex", text(regex))]);
        let rule = draft.rule(vec![map([("operator", text("match_regex")), ("parameters", parameters)])]);
        draft.add("rules", rule);
        for _ in 0..4 {
            let bytes = if draft.chance(80) {
                draft.random.pick(&VALUES).as_bytes().to_vec()
            } else {
                string(draft.random)
            };
            let key = draft.random.choose(&KEYS);
            let path = if draft.chance(40) { vec![PathItem::Key(Text::new(key))] } else { Vec::new() };
            draft.baits.push(Bait { address: address.clone(), path, value: text(bytes), as_key: on_keys });
        }
    }
    if draft.chance(25) {
        let inputs = |address: &str| Value::Array(vec![map([("address", text(address))])]);
        let parameters = map([("resource", inputs("cmd")), ("params", inputs("arg"))]);
        let rule = draft.rule(vec![map([("operator", text("shi_detector")), ("parameters", parameters)])]);
        draft.add("rules", rule);
        let path = if draft.chance(50) { vec![PathItem::Key(Text::new("password"))] } else { Vec::new() };
        draft.baits.push(Bait {
            address: "cmd".into(),
            path: Vec::new(),
            value: text("ls; cat password=x"),
            as_key: false,
        });
        draft.baits.push(Bait {
            address: "arg".into(),
            path,
            value: text("; cat password=x"),
            as_key: false,
        });
    }
    let mut obfuscator = Value::Map(Vec::new());
    if draft.chance(45) {
        obfuscator.put(
            "key_regex",
            text(draft.random.pick(&["(?i)harm", "", "^k$", "(unclosed", "password", "."])),
        );
    }
    if draft.chance(45) {
        obfuscator.put(
            "value_regex",
            text(draft.random.pick(&["", "text", "[0-9]{3}", "(?=x)", "pass(\\w+)", "^$"])),
        );
    }
    if draft.chance(90) {
        draft.sections.push(("obfuscator", obfuscator));
    }
    draft.build();
    draft.session();
}
