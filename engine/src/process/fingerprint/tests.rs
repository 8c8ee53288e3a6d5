use super::{Fields, http_endpoint, http_header, http_network, session};
use alloc::string::String;
use alloc::vec::Vec;
use bartizan_object::{AllocRef, Owned, json};

fn object(text: &str) -> Owned {
    json::parse(text.as_bytes(), AllocRef::global()).expect("the test's own JSON")
}

fn text(fingerprint: Vec<u8>) -> String {
    String::from_utf8(fingerprint).expect("ASCII")
}

#[test]
fn network() {
    let cases = [
        ("{}", "net-0-0000000000"),
        (r#"{"X-Real-IP":"::1","host":"x"}"#, "net-1-0100000000"),
        (r#"{"CF_Connecting_IPv6":"::1","x-client-ip":["1.2.3.4,,5.6.7.8"]}"#, "net-3-0001000001"),
        // An empty value, or one of another type, is passed over, wherever it stands.
        (r#"{"x-forwarded-for":"","x-real-ip":"1,2"}"#, "net-2-1100000000"),
        (r#"{"x-real-ip":"1,2","x-forwarded-for":""}"#, "net-2-1100000000"),
        (r#"{"x-real-ip":"1,2","x-forwarded-for":["a","b"]}"#, "net-2-1100000000"),
        (r#"{"x-forwarded-for":"1,2,3,4,5,6,7,8,9,10,11","x-real-ip":"1"}"#, "net-11-1100000000"),
        // Of one header given twice the first counts.
        (r#"{"x-real-ip":"1","X-Real-Ip":"1,2"}"#, "net-1-0100000000"),
    ];
    for (headers, wanted) in cases {
        assert_eq!(text(http_network(object(headers).as_map().expect("a map"))), wanted, "{headers}");
    }
}

#[test]
fn header() {
    let hash = |names: &str| text(session(&mut Fields::default(), None, None, Some(names.as_bytes())));
    let digits = |names: &str| String::from(&hash(names)[4..12]);
    let cases = [
        ("{}", "hdr-0000000000--0-", ""),
        (r#"{"Accept":1,"TE":"x","referer":{}}"#, "hdr-1000010010--0-", ""),
        (r#"{"x-datadog-trace-id":"1","x-forwarded-for":"1"}"#, "hdr-0000000000--0-", ""),
        (r#"{"X_B":"1","Host":"1","x-a":""}"#, "hdr-0000000000--3-", "host,x-a,x-b"),
        // Bytes above 0x7f come last here; names are counted as often as they come.
        (r#"{"é":"1","z":"1","Z":""}"#, "hdr-0000000000--3-", "z,z,é"),
        (
            r#"{"x-longer-than-8-b":"1","x-longer-than-8":"1","x-longer-than-8-a":""}"#,
            "hdr-0000000000--3-",
            "x-longer-than-8,x-longer-than-8-a,x-longer-than-8-b",
        ),
    ];
    for (headers, start, names) in cases {
        let wanted = String::from(start) + &if names.is_empty() { String::new() } else { digits(names) };
        assert_eq!(text(http_header(object(headers).as_map().expect("a map"))), wanted, "{headers}");
    }
    let agent = object(r#"{"user-agent":"first","User_Agent":["cURL/7"]}"#);
    let wanted = String::from("hdr-0000000000-") + &digits("curl/7") + "-0-";
    assert_eq!(text(http_header(agent.as_map().expect("a map"))), wanted);
}

#[test]
fn endpoint() {
    let mut fields = Fields::default();
    let (query, body) = (object(r#"{"b,c":"1","A":"2"}"#), object("{}"));
    let query = query.as_map();
    // The hashes are those of `/a/b` and `a,b\,c`.
    let first = http_endpoint(&mut fields, b"POST", b"/A/b?x", None, body.as_map());
    assert_eq!(text(first), "http-post-662b7b62--");
    let later = http_endpoint(&mut fields, b"GET", b"/c", query, query);
    assert_eq!(text(later), "http-post-662b7b62-47cd51c5-", "what was made stays, an empty body too");
    let empty = http_endpoint(&mut Fields::default(), b"", b"#", None, None);
    assert_eq!(text(empty), "http----");
}

#[test]
fn sessions() {
    let cookies = object(r#"{"b":"X,y","A":["z"],"é":1,"c":["1","2"]}"#);
    let mut fields = Fields::default();
    assert_eq!(text(session(&mut fields, None, Some(b"S"), None)), "ssn----043a7187");
    // Keys: `é` first, as its bytes are negative there; values are not in lower case.
    let wanted = "ssn-0bfe935e-313d240e-832237a7-043a7187";
    assert_eq!(text(session(&mut fields, cookies.as_map(), Some(b"other"), Some(b"U"))), wanted);
    let empty = object("{}");
    assert_eq!(text(session(&mut Fields::default(), empty.as_map(), Some(b""), Some(b""))), "ssn----");
    assert_eq!(text(session(&mut fields, empty.as_map(), None, None)), wanted);
}
