"""Plays a session against one of the shops, and prints what came of it: the same for each.

session.py BASE EVENTS           what session.txt holds
session.py --drill BASE EVENTS   250 requests to a page and 250 to none, by a scanner, twice

BASE is where the shop listens, EVENTS the file to which it writes events.
"""

import http.client
import json
import sys
import time
from urllib.parse import urlsplit

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"

# What is done, by what name; a path, and for a POST what is sent.
STEPS = [
    ("the front page", "/"),
    ("all products", "/products"),
    ("a search", "/products?q=a%20la"),
    ("a product", "/products/2"),
    ("no product", "/products/9"),
    ("a wrong password", "/login", {"login": "alice", "password": "guess"}),
    ("nobody", "/login", {"login": "bob", "password": "guess"}),
    ("the right password", "/login", {"login": "alice", "password": "wonder"}),
    ("a payment", "/payment", {"amount": 30, "card": "4000"}),
    ("a payment that fails", "/payment", {"amount": 80, "card": "declined"}),
    ("an attack in the query", "/products?q=1%27%20or%20%271%27%3D%271"),
    ("an attack in a body", "/payment", {"amount": "1' or '1'='1", "card": "4000"}),
    ("a script in the query", "/products?q=%3Cscript%3Ealert(1)%3C/script%3E"),
    ("a password reset", "/password-reset", {"login": "alice"}),
    ("a password reset of the staff", "/password-reset", {"login": "admin"}),
    ("somebody who is blocked", "/login", {"login": "mallory", "password": "secret"}),
    ("the front page again", "/"),
]


def ask(base, path, body=None, agent=BROWSER):
    """Status and text of an answer."""
    place = urlsplit(base)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=30)
    headers = {"user-agent": agent, "accept": "application/json"}
    if body is not None:
        headers["content-type"] = "application/json"
        body = json.dumps(body)
    connection.request("GET" if body is None else "POST", path, body, headers)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response.status, text


def events(path, skip, wanted=None):
    """The lines behind the first ones, as soon as there are as many as wanted, or no more come."""
    lines, quiet = [], 0
    while quiet < 20:
        with open(path, encoding="utf-8") as file:
            now = file.read().split("\n")[skip:-1]
        if wanted is not None and len(now) >= wanted:
            return [json.loads(line) for line in now]
        quiet = quiet + 1 if len(now) == len(lines) else 0
        lines = now
        time.sleep(0.05)
    return [json.loads(line) for line in lines]


def told(line):
    rules = sorted(event["rule"]["id"] for event in line.get("events", []))
    tags = line.get("tags", {})
    shown = {name: tags[name] for name in sorted(tags) if name.startswith(("usr.", "appsec.events."))}
    parts = [line.get("method"), line.get("path"), line["verdict"], " ".join(rules)]
    return " ".join(part for part in parts if part) + (f" {json.dumps(shown)}" if shown else "")


def session(base, path):
    for name, place, *body in STEPS:
        status, text = ask(base, place, *body)
        print(f"{name}: {status} {'blocked' if status == 403 else json.dumps(json.loads(text), sort_keys=True)}")
    for line in events(path, 0):
        print(told(line))


def drill(base, path):
    seen = len(events(path, 0))
    for agent in ("dd-test-scanner-log", "dd-test-scanner-log-block"):
        statuses = [ask(base, place, agent=agent)[0] for place in ("/", "/no/such/page") for _ in range(250)]
        lines = events(path, seen, 500)
        seen += len(lines)
        found = sum(1 for line in lines if line.get("events"))
        blocked = sum(1 for line in lines if line["verdict"] == "block")
        refused = statuses.count(403)
        print(f"{agent}: {len(statuses)} requests, {found} events, {blocked} blocked, {refused} answered 403")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[:1] == ["--drill"]:
        drill(*arguments[1:])
    else:
        session(*arguments)
