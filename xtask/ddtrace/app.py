"""A web application of two routes, for `cargo xtask ddtrace`."""

from flask import Flask, request

app = Flask(__name__)


@app.get("/")
def index():
    return "hello"


@app.route("/login", methods=["POST"])
def login():
    return {"welcome": request.get_json(silent=True) is not None}
