"""What session.py asks of the application: requests of one run under the recommended rules, and of one under rules.json.

A request is its name, method, path, headers and body. `UPSTREAM` in a path stands for another server on the loopback
interface. Where several rules of one type match, which of them libddwaf reports depends on its hash tables: each of these
requests matches at most one rule of a type.
"""

import json
from urllib.parse import quote

CANARY = {"User-Agent": "dd-test-scanner-log"}
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
XML = {"Content-Type": "application/xml"}
# {"alg": "HS256", "typ": "JWT"} and {"sub": "ada", "exp": 4102444800}
TOKEN = "Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhZGEiLCJleHAiOjQxMDI0NDQ4MDB9.c2lnbmF0dXJl"
SESSION = {"Cookie": "theme=dark; session=4f2a; lang=en, fr"}
BROWSER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64)",
    "Accept": "text/html",
    "Accept-Encoding": "gzip",
    "Accept-Language": "en-GB,en;q=0.5",
    "Connection": "keep-alive",
    "Referer": "http://demo.test/",
    "X-Own": "1",
    "X-Forwarded-For": "192.0.2.150, 10.0.0.1",
}


def get(name, path, headers=None, /, **query):
    text = "&".join(f"{key}={quote(value, safe='')}" for key, value in query.items())
    return name, "GET", f"{path}?{text}" if text else path, headers or {}, None


def post(name, path, body, headers=None):
    body, kind = (body, {}) if isinstance(body, str) else (json.dumps(body), JSON)
    return name, "POST", path, kind | (headers or {}), body


def configure(name, update=(), remove=()):
    return name, "PUT", "/rules", JSON, json.dumps({"update": update, "remove": remove})


def matching(address, path, operator, **parameters):
    target = {"address": address, "key_path": path} if path else {"address": address}
    return {"operator": operator, "parameters": {"inputs": [target]} | parameters}


def rule(identity, conditions, **more):
    return {"id": identity, "name": identity, "tags": {"type": identity, "category": "own"}, "conditions": conditions} | more


X_OWN = ("server.request.headers.no_cookies", ["x-own"])
BLOCKED = [{"value": "203.0.113.7"}, {"value": "198.51.100.0/28", "expiration": 4102444800}]
BLOCKED_IPS = {"rules_data": [{"id": "blocked_ips", "type": "ip_with_expiration", "data": BLOCKED}]}
UNBLOCKED_IPS = {"rules_data": [{"id": "blocked_ips", "type": "ip_with_expiration", "data": BLOCKED[1:]}]}
BLOCKED_USERS = {"rules_data": [{"id": "blocked_users", "type": "data_with_expiration", "data": [{"value": "user-13"}]}]}
OWN_RULES = {
    "custom_rules": [
        rule("own-one", [matching(*X_OWN, "exact_match", list=["one"])]),
        rule("own-two", [matching(*X_OWN, "match_regex", regex="^two$")], on_match=["curt"]),
    ],
    "actions": [{"id": "curt", "type": "block_request", "parameters": {"status_code": 451, "type": "html"}}],
}
OVERRIDES = {
    "rules_override": [
        {"rules_target": [{"rule_id": "ua0-600-55x"}], "enabled": False},
        {"rules_target": [{"rule_id": "ua0-600-12x"}], "on_match": ["block"]},
    ],
    "exclusions": [
        {"id": "let-pass", "rules_target": [{"rule_id": "own-one"}], "conditions": [matching("http.client_ip", None, "ip_match", list=["192.0.2.1"])]}
    ],
}
BROKEN = {
    "custom_rules": [
        rule("broken-operator", [matching("a", None, "divine")]),
        rule("broken-regex", [matching("a", None, "match_regex", regex="(")]),
        rule("whole", [matching(*X_OWN, "exact_match", list=["whole"])]),
        {"id": "broken-rule"},
    ]
}
REFUSED = {"custom_rules": [{"id": "refused"}]}
REPLACED = {"version": "2.2", "metadata": {"rules_version": "9.9.9"}, "rules": [rule("only", [matching(*X_OWN, "exact_match", list=["only"])])]}

RECOMMENDED = [
    get("plain page", "/", {"User-Agent": "Mozilla/5.0"}),
    get("page for a browser", "/item/book/7", BROWSER | SESSION),
    get("canary on an existing route", "/", CANARY),
    get("canary on a missing route", "/missing", CANARY),
    get("blocking canary", "/", {"User-Agent": "dd-test-scanner-log-block"}),
    get("blocking canary for a browser", "/", {"User-Agent": "dd-test-scanner-log-block", "Accept": "text/html"}),
    get("blocking canary on a missing route", "/missing", {"User-Agent": "dd-test-scanner-log-block"}),
    get("scanner", "/", {"User-Agent": "Arachni/v1.5"}),
    get("path traversal in the query", "/", file="../../../../etc/passwd"),
    get("script in the query", "/", q="<script>"),
    post("injection in a body", "/login", '{"user": "x\' or 1=1 union select password from users --"}', JSON),
    post("ordinary body", "/login", {"user": "ada", "password": "lovelace"}),
    get("secret file on a missing route", "/.git/config"),
    post("lists, texts and numbers", "/echo", {"a": ["x", 10, False, 10.5, None, {}, []], "b": {"mail": "ada@example.test", "card": "4111111111111111"}}),
    post("a form", "/echo", "name=ada&colour=red&colour=blue&pin=1234", FORM),
    post("XML", "/echo", "<order><line count='2'>tea</line><line>milk</line></order>", XML),
    post("a body that is no JSON", "/echo", '{"a": [1, 2', JSON),
    get("a token", "/", {"Authorization": TOKEN}),
    get("a token without signature", "/", {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ."}),
    get("a secret that has to be redacted", "/", password="<script>"),
    get("a file that the query names", "/file", path="../../../../../../etc/hostname"),
    get("an address that the query names", "/fetch", url="UPSTREAM/ok"),
    get("the same through another client", "/get", url="UPSTREAM/ok"),
    get("an address that redirects", "/get", url="UPSTREAM/elsewhere"),
    post("another server is told something", "/send?url=UPSTREAM/ok", {"hush": "whisper"}),
    get("a query that the query changes", "/find", name="x' or name='y"),
    get("a shell command that the query changes", "/shell", word="x; true y"),
    get("a shell command through a pipe", "/pipe", word="$(true y)"),
    get("a command that the query names", "/spawn", part="/bin/true"),
    get("a login", "/user/success", login="ada", id="user-1"),
    get("a failed login of someone", "/user/failure", login="ada", id="user-1"),
    get("a failed login of nobody", "/user/failure", login="nobody"),
    get("a signup", "/user/signup", login="grace", id="user-2"),
    get("a session", "/user/session", SESSION, login="ada", id="user-1", session="4f2a"),
    get("an event of the application", "/user/custom"),
    get("a login, told as before", "/user/former-success", login="ada", id="user-1"),
    get("a failed login, told as before", "/user/former-failure", id="user-1"),
    get("a user that is set", "/user/set", SESSION, login="ada", id="user-1", session="4f2a"),
    configure("data arrive", [("ASM_DATA", "data/ips", BLOCKED_IPS), ("ASM_DATA", "data/users", BLOCKED_USERS)]),
    get("a blocked address", "/", {"X-Forwarded-For": "203.0.113.7"}),
    get("an address in a blocked range", "/", {"X-Forwarded-For": "198.51.100.9"}),
    get("an address beside the range", "/", {"X-Forwarded-For": "198.51.100.16"}),
    get("a blocked user", "/user/set", id="user-13"),
    get("a blocked user logs in", "/user/success", login="thirteen", id="user-13"),
    configure("data change", [("ASM_DATA", "data/ips", UNBLOCKED_IPS)]),
    get("an address that is no longer blocked", "/", {"X-Forwarded-For": "203.0.113.7"}),
    configure("rules and overrides arrive", [("ASM", "rules/own", OWN_RULES), ("ASM", "rules/overrides", OVERRIDES)]),
    get("a rule of one's own", "/", {"X-Own": "one"}),
    get("an exclusion of one's own", "/", {"X-Own": "one", "X-Forwarded-For": "192.0.2.1"}),
    get("an action of one's own", "/", {"X-Own": "two"}),
    get("a rule that is switched off", "/", CANARY),
    get("a rule that was made blocking", "/", {"User-Agent": "Arachni/v1.5"}),
    configure("some rules are broken", [("ASM", "rules/broken", BROKEN), ("ASM", "rules/refused", REFUSED)]),
    get("a rule beside broken ones", "/", {"X-Own": "whole"}),
    configure("all rules are replaced", [("ASM_DD", "rules/all", REPLACED)]),
    get("the only rule", "/", {"X-Own": "only"}),
    get("a rule that is gone", "/", {"User-Agent": "dd-test-scanner-log-block"}),
    configure("everything is removed", remove=[("ASM_DD", "rules/all"), ("ASM", "rules/own"), ("ASM", "rules/overrides"), ("ASM", "rules/broken"), ("ASM_DATA", "data/ips"), ("ASM_DATA", "data/users")]),
    get("a rule that is back", "/", CANARY),
    get("a user that is no longer blocked", "/user/set", id="user-13"),
]

OWN = [
    get("plain page", "/"),
    get("page for a browser", "/item/book/7", BROWSER | SESSION),
    get("a blocked address", "/", {"X-Forwarded-For": "203.0.113.7"}),
    get("a blocked address for a browser", "/", {"X-Forwarded-For": "203.0.113.7", "Accept": "text/html"}),
    get("an address in a blocked range", "/", {"X-Forwarded-For": "198.51.100.15"}),
    get("an address that is blocked no longer", "/", {"X-Forwarded-For": "203.0.113.99"}),
    get("a blocked address of the sixth version", "/", {"X-Forwarded-For": "2001:db8:0:7::1"}),
    get("a watched address", "/", {"X-Forwarded-For": "192.0.2.5"}),
    get("a trusted address", "/", {"X-Forwarded-For": "192.0.2.200", "User-Agent": "coffee-machine"}),
    get("a blocked user", "/user/set", id="user-13"),
    get("a blocked user logs in", "/user/success", login="thirteen", id="user-13"),
    get("a user that is blocked no longer", "/user/set", SESSION, id="user-14", session="4f2a"),
    get("a login that is sent away", "/user/success", login="mallory", id="user-3"),
    get("a session that is stopped", "/user/session", login="ada", id="user-1", session="stolen-42"),
    get("a login", "/user/success", BROWSER, login="ada", id="user-1"),
    get("a failed login", "/user/failure", BROWSER, login="ada", id="user-1"),
    get("a failed login, told as before", "/user/former-failure", BROWSER, id="user-1"),
    get("a client that is refused", "/", {"User-Agent": "A Coffee-Machine/2"}),
    get("a client that is nearly refused", "/", {"User-Agent": "a coffee-machines"}),
    get("a client on trial", "/", {"User-Agent": "grinder", "X-Trial": "1"}),
    get("a client that is sent away", "/", {"User-Agent": "lost-tourist"}),
    get("markup in the query", "/", q="<img src=x onerror=alert(1)>", r="%3Cscript%3E"),
    post("markup in a body", "/echo", {"deep": [{"text": "fine"}, {"text": "<svg/onload=alert(1)>"}]}),
    get("markup in a cookie", "/", {"Cookie": "a=fine; b=<script>"}),
    get("markup in the path", "/item/%3Cscript%3E/1"),
    get("a statement in the query", "/", q="1' or '1'='1"),
    get("a statement where free text is", "/", note="1' or '1'='1"),
    post("a statement where free text is, deeper", "/echo", {"notes": [{"text": "1' or '1'='1"}]}),
    post("a statement beside free text", "/echo", {"notes": [{"title": "1' or '1'='1"}]}),
    get("a path behind an encoding", "/", f="L3Zhci8uLi9ldGMvc2hhZG93"),
    post("a path behind another", "/echo", {"f": "%2Fhome%2F..%2FETC%2Fpasswd"}),
    post("a number of a card", "/echo", {"card": "4111111111111111", "nick": "ada", "mail": "Ada@Example.test"}),
    post("a name of a key", "/echo", {"a": {"__PROTO__": {"x": 1}}}),
    get("a secret by its key", "/", password="a suspect", other="a suspect"),
    post("a secret by its value", "/echo", {"text": "token=suspect; bearer suspect"}),
    get("a secret in a header", "/", {"X-Api-Key": "suspect"}),
    get("a secret in a cookie", "/", {"Cookie": "pwd=suspect; x=1"}),
    get("a rule made harsh", "/", {"X-Harsh": "1"}, q="suspect"),
    get("a rule made strict", "/", {"X-Strict": "yes"}),
    get("a word that users refuse", "/", q="please refuse-me"),
    get("a page that is not there", "/settings.env"),
    get("an answer that names someone", "/item/person/1", SESSION),
    post("an order", "/echo", {"order": {"total": 1500, "gift": True, "lines": [{"article": "tea"}, {"article": "milk"}]}}),
    post("a gift that is announced", "/echo", {"order": {"total": 10, "gift": True}}, {"X-Announced": "yes"}),
    post("an order with a text for its total", "/echo", {"order": {"total": "1500", "lines": []}}),
    get("a token", "/", {"Authorization": TOKEN}),
    get("a file that the query names", "/file", path="../../../../../../etc/hostname"),
    get("an absolute file that the query names", "/file", path="/etc/hostname"),
    get("a file that is only named", "/file", path="hostname"),
    get("an address that the query names", "/fetch", url="UPSTREAM/ok"),
    get("the same through another client", "/get", url="UPSTREAM/ok"),
    get("an address that is whole", "/fetch", url="http://UPSTREAM/ok"),
    get("another server is unwell", "/get", url="http://UPSTREAM/status/503"),
    get("another server is grumpy", "/fetch", url="http://UPSTREAM/grumpy"),
    get("another server redirects", "/fetch", url="http://UPSTREAM/elsewhere"),
    post("another server is told something", "/send?url=http://UPSTREAM/ok", {"hush": "whisper"}),
    get("a query that the query changes", "/find", name="x' or name='y"),
    get("a query that stays", "/find", name="x"),
    get("a query with a comment", "/find", name="x' -- "),
    get("a shell command that the query changes", "/shell", word="x; true y"),
    get("a shell command through a pipe", "/pipe", word="$(true y)"),
    get("a shell command that stays", "/shell", word="x"),
    get("a command that the query names", "/spawn", part="/bin/true"),
    ("a shell that the query tells what to do", "GET", "/spawn?part=sh&part=-c&part=true%3B%20true%20x", {}, None),
    post("lists, texts and numbers", "/echo", {"a": ["x", 10, False, 10.5, None, {}, []], "b": [[1, 2], ["x"], {"k": 1}, {"j": 1}], "c": list(range(12))}),
    post("a form", "/echo", "name=ada&colour=red&colour=blue&pin=1234", FORM),
]
