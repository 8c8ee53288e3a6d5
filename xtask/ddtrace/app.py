"""A web application that does what its requests ask for, for `cargo xtask ddtrace`.

It is careless on purpose: the tracer is to see files, addresses, queries and commands that come from outside. Requests
come from session.py alone, over the loopback interface.
"""

import os
import sqlite3
import subprocess
import urllib.error
import urllib.request

import requests
from ddtrace.appsec import track_user_sdk
from ddtrace.appsec._processor import waf_update
from ddtrace.appsec.trace_utils import track_user_login_failure_event, track_user_login_success_event
from ddtrace.contrib.trace_utils import set_user
from ddtrace.trace import tracer
from flask import Flask, request

app = Flask(__name__)


@app.get("/")
def index():
    return "hello"


@app.get("/item/<kind>/<int:number>")
def item(kind, number):
    return {"kind": kind, "number": number, "owner": "ada@example.test"}


@app.post("/login")
def login():
    return {"welcome": request.get_json(silent=True) is not None}


@app.post("/echo")
def echo():
    return {"json": request.get_json(silent=True), "form": request.form.to_dict(), "length": request.content_length}


@app.get("/user/<event>")
def user(event):
    """What a login, a signup or a session tells the tracer, in both generations of its functions."""
    name, identity = request.args.get("login"), request.args.get("id")
    notes = {"plan": "gold", "trial": False}
    if event == "success":
        track_user_sdk.track_login_success(name, identity, notes)
    elif event == "failure":
        track_user_sdk.track_login_failure(name, exists=identity is not None, user_id=identity, metadata=notes)
    elif event == "signup":
        track_user_sdk.track_signup(name, identity)
    elif event == "session":
        track_user_sdk.track_user(name, identity, request.args.get("session"), notes)
    elif event == "custom":
        track_user_sdk.track_custom_event("checkout", notes)
    elif event == "former-success":
        track_user_login_success_event(tracer, identity, metadata=notes, login=name)
    elif event == "former-failure":
        track_user_login_failure_event(tracer, identity, exists=False, metadata=notes)
    elif event == "set":
        set_user(tracer, identity, name=name, session_id=request.args.get("session"))
    return {"event": event}


@app.get("/file")
def file():
    try:
        with open(request.args["path"], "rb") as content:
            return {"bytes": len(content.read(1))}
    except OSError as error:
        return {"error": type(error).__name__}, 404


def address():
    """Whole, or without its scheme."""
    asked = request.args["url"]
    return asked if "://" in asked else f"http://{asked}"


@app.get("/fetch")
def fetch():
    try:
        with urllib.request.urlopen(address(), timeout=10) as answer:
            return {"status": answer.status, "bytes": len(answer.read())}
    except (urllib.error.URLError, ValueError) as error:
        return {"error": type(error).__name__}, 502


@app.get("/get")
def get():
    try:
        answer = requests.get(address(), headers={"X-Purpose": "comparison"}, timeout=10)
        return {"status": answer.status_code, "bytes": len(answer.content)}
    except requests.RequestException as error:
        return {"error": type(error).__name__}, 502


@app.post("/send")
def send():
    answer = requests.post(address(), json=request.get_json(), timeout=10)
    return {"status": answer.status_code, "bytes": len(answer.content)}


@app.get("/find")
def find():
    base = sqlite3.connect(":memory:")
    try:
        base.execute("CREATE TABLE people (name TEXT, secret TEXT)")
        found = base.execute(f"SELECT name FROM people WHERE name = '{request.args['name']}'")
        return {"found": len(found.fetchall())}
    except sqlite3.Error as error:
        return {"error": type(error).__name__}, 500
    finally:
        base.close()


@app.get("/shell")
def shell():
    return {"status": os.system(f"test -n {request.args['word']} > /dev/null 2>&1")}


@app.get("/pipe")
def pipe():
    done = subprocess.run(f"test -n {request.args['word']}", shell=True, capture_output=True, timeout=10)
    return {"status": done.returncode}


@app.get("/spawn")
def spawn():
    try:
        return {"status": subprocess.run(request.args.getlist("part"), capture_output=True, timeout=10).returncode}
    except OSError as error:
        return {"error": type(error).__name__}, 500


@app.put("/rules")
def rules():
    """What the tracer does when configurations arrive from afar."""
    asked = request.get_json()
    waf_update([tuple(removal) for removal in asked["remove"]], [tuple(update) for update in asked["update"]])
    return {"removed": len(asked["remove"]), "updated": len(asked["update"])}
