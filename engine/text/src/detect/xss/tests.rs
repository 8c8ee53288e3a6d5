//! Whole values. The expectations are what libddwaf 2.1.0 answers.

use super::{TRIGGERS, is_xss};

#[track_caller]
fn check(found: bool, values: &[&str]) {
    for value in values {
        assert_eq!(is_xss(value.as_bytes()), found, "{value:?}");
        assert!(!found || value.bytes().any(|byte| TRIGGERS.contains(byte)), "{value:?}");
    }
}

#[test]
fn tags() {
    check(
        true,
        &[
            "<script>",
            "x<script",
            "</script >",
            "<\0script>",
            "<<script>",
            "<b><meta>",
            "<base/>",
            "><object x>",
            "<!doctype html>",
            "x' ><style>",
            "\"><link>",
            "`/><embed",
            "<iframe src=x>",
            "<b></ x><script>",
            "</><script>",
        ],
    );
    check(
        false,
        &[
            "",
            "script",
            "< script>",
            "</script>",
            "<b>bold</b>",
            "a < b > c",
            "<svg>",
            "<",
            "</",
            "<!",
            "<iframe src=\"https://www.youtube.com/embed/x\"></iframe><p>hello",
        ],
    );
}

#[test]
fn attributes() {
    check(
        true,
        &[
            "<img onerror=x>",
            "<img\0onerror=x>",
            "<img/onerror=\"x\">",
            "<img a='b'onerror=x>",
            "<img onerror = >",
            "<img onerror\0=x",
            "onclick=x",
            "/ / onclick=x",
            "' onclick=x",
            "a\" onclick=x",
            "`onclick=x",
            "><b onclick=x",
            "<a href=javascript:x>",
            "<a href=\" javascript:x\">",
            "<a href='&#x6a;avascript:x'>",
            "<b style=\"x:expression(1)\">",
            "<b style=x:url(1)>",
            "<animate attributeName=onclick>",
            "<b datasrc=x>",
            "href=data:x",
        ],
    );
    check(
        false,
        &[
            "<img onerror>",
            "<img onerror=",
            "<img onerror= ",
            "<img x=onerror=x>",
            "<b><!-- onclick=x -->",
            "<a href=http://x/>",
            "<a href>javascript:x",
            "<b style=color:red>",
            "<animate attributeName=x>",
            "a=b&onclick=x",
            "class=x onclick",
        ],
    );
    // A byte 0xff where a name or value should start ends all.
    assert!(is_xss(b"<a onclick=x\xff>") && is_xss(b"<a \xfe=1 onclick=x>"));
    assert!(
        !is_xss(b"<a \xff=1 onclick=x>") && !is_xss(b"<a onclick=\xff>") && !is_xss(b"<a b \xff onclick=x>")
    );
}

#[test]
fn comments() {
    check(
        true,
        &[
            "<!--[if x]>",
            "<!--[IF -->",
            "<![if x>",
            "<?xml >",
            "<?import x>",
            "<!ENTITY>",
            "<%import%>",
            "<!--x--><script>",
            "<!--x-!><script>",
            "<!--x-\0\0-><script>",
            "<%x%><script>",
            "<![CDATA[x]]><script>",
            "<!--entity",
        ],
    );
    check(
        false,
        &[
            "</ import>",
            "<!-- [if x]>",
            "<!--[if",
            "<?xml",
            "<?imp\0ort>",
            "<![cdata[x]><b>",
            "<!-- note -->",
        ],
    );
}

#[test]
fn hostile_values_take_linear_time() {
    // Quadratic time on any of these would take a minute.
    for unit in [
        "<",
        "<a ",
        "</",
        "<!--",
        "<!---",
        "-\0",
        "<%",
        "%",
        "<![CDATA[",
        "]",
        "<?",
        "<b/",
        "a=",
        "a='",
        "a=\"b\"",
        "`",
        "href=&#0;",
        "href=&#x0",
        "style=/*",
        "style='*/'",
        "ur",
        "\0",
        "<\0",
        "<a>",
        "</a>",
        "onx=",
        "<iframe src=\"https://www.youtube.com/x\">",
        "<iframe src=\"",
        "\\",
    ] {
        let value = unit.repeat((1 << 18) / unit.len());
        for value in
            [value.as_str(), &value[1..], &["<a href='", &value].concat(), &["<a style=\"", &value].concat()]
        {
            // Whatever the answer is, it comes.
            let _ = is_xss(value.as_bytes());
        }
    }
}
