use alloc::format;

use super::*;

const ALL: Options = Options {
    authority_inspection: true,
    path_inspection: true,
    query_inspection: true,
    forbid_full_url_injection: false,
    enforce_policy_without_injection: false,
};

/// The verdict on what stands in guillemets: `i`njection, `s`uspicious, `w`hole, or `-`.
fn verdict(marked: &str, options: Options) -> char {
    let (before, rest) = marked.split_once('«').expect("an opening mark");
    let (param, after) = rest.split_once('»').expect("a closing mark");
    let text = format!("{before}{param}{after}");
    let policy = Policy::default();
    match Resource::new(text.as_bytes(), options, &policy).check(param.as_bytes()) {
        Verdict::Harmless => '-',
        Verdict::Suspicious(range) => {
            assert_eq!(range, before.len()..before.len() + param.len(), "{marked}");
            's'
        }
        Verdict::Injection(range) => {
            assert_eq!(range, before.len()..before.len() + param.len(), "{marked}");
            'i'
        }
        Verdict::Whole => 'w',
    }
}

#[test]
fn scheme_and_authority() {
    let cases = [
        ("«http://a.com»", 'w'),
        ("http://«evil.com/a?»b", 'i'),
        ("http://«evil.com/»b", '-'),
        ("http://«evil.com/a»", 'i'),
        ("http://«127.0.0.1»/a", 'i'),
        ("http://«127.0.0.1»:80", 'i'),
        ("http://127«.0.0.1/»a", '-'),
        ("http://«[::1]»/a", 'i'),
        ("http://a«.localhost»", 'i'),
        ("http://a.«local»host", '-'),
        ("http://«x.localhost».com", '-'),
        ("«gopher:»//a", 'i'),
        ("«gopher»://a", '-'),
        ("«https:»//a", '-'),
        ("http://a/«b/../c»", '-'),
        ("not a url «http://»", '-'),
    ];
    for (marked, want) in cases {
        assert_eq!(verdict(marked, Options::default()), want, "{marked}");
    }
    let forbidding = Options { forbid_full_url_injection: true, ..Options::default() };
    assert_eq!(verdict("«http://a.com»", forbidding), 'i');
    let blind = Options { authority_inspection: false, ..Options::default() };
    assert_eq!(verdict("http://«127.0.0.1/abc»", blind), '-');
}

#[test]
fn hosts_in_disguise() {
    for host in [
        "2130706433",
        "0x7f000001",
        "0X7F.1",
        "017700000001",
        "127.1",
        "127.0.0.1.",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "LOCALHOST",
        "localhost.",
        "a.LocalHost",
    ] {
        assert_eq!(verdict(&format!("http://«{host}»/"), Options::default()), 'i', "{host}");
    }
    for host in ["evillocalhost", "127.0.0.2", "8.8.8.8", "0x08080808", "xinternal"] {
        assert_eq!(verdict(&format!("http://«{host}»/"), Options::default()), '-', "{host}");
    }
}

#[test]
fn path_and_query() {
    let cases = [
        ("http://a.b/x/«y/../z»/w", 's'),
        ("http://a.b/x/«y/..»/z/w", 's'),
        ("http://a.b/x«/..»/z/w", '-'),
        ("http://a.b/x/«../z»/w", 's'),
        ("http://a.b/x«y/...»/z/w", '-'),
        ("http://a.b/«x/../y»", '-'),
        ("http://a.b«/x/../y»", '-'),
        ("http://a.b/x/«y/..»", '-'),
        ("http://a.b/x/«y/../z»", 's'),
        ("http://a.b/x/«y%2Fz»/w", 's'),
        ("http://a.b/x/«y%5cz»/w", 's'),
        ("http://a.b/x/y?«q%2Fz»/w", '-'),
        ("http://a.b/x?a=«b/..»/c", '-'),
        ("http://a.b/x«y?z=1»2", 's'),
        ("http://a.b/x«y?z=1»&2", '-'),
        ("http://a.b/x?y=«1&z=2»", 's'),
        ("http://a.b/x?y=«1234»", '-'),
        ("http://a.b/x?y=1#«1&z=2»", '-'),
        ("http://a.b/«1&z=»/x?y", '-'),
    ];
    for (marked, want) in cases {
        assert_eq!(verdict(marked, ALL), want, "{marked}");
        assert_eq!(verdict(marked, Options::default()), '-', "{marked}");
    }
}

#[test]
fn policy_without_injection() {
    let options = Options { enforce_policy_without_injection: true, ..Options::default() };
    let policy = Policy::default();
    let violation = |text| Resource::new(text, options, &policy).violation();
    assert_eq!(violation(b"http://u@10.1.2.3:80/x"), Some(&b"http://u@10.1.2.3:80"[..]));
    assert_eq!(violation(b"http://10.1"), Some(&b"http://10.1"[..]));
    assert_eq!(violation(b"//a.com/x"), Some(&b"//a.com"[..]));
    assert_eq!(violation(b"file:/x"), Some(&b""[..]));
    assert_eq!(violation(b"https://a.com/x"), None);
    assert_eq!(violation(b"https://a.com/ "), None);
    assert_eq!(Resource::new(b"file:/x", Options::default(), &policy).violation(), None);
    let strict = Policy::new(["a"], [""], ["1.2.3.4", "x"]);
    assert_eq!(Resource::new(b"a://b", options, &strict).violation(), Some(&b"a://b"[..]));
}

#[test]
fn overlapping_places_take_linear_time() {
    let path = "/..".repeat(100_000);
    let text = format!("http://a/{path}x");
    let policy = Policy::default();
    let url = Resource::new(text.as_bytes(), ALL, &policy);
    assert_eq!(url.check("./".repeat(50_000).as_bytes()), Verdict::Harmless);
    assert_eq!(url.check(&path.as_bytes()[..150_000]), Verdict::Suspicious(9..150_009));
}
