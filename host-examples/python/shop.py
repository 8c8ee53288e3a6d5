"""A small shop under protection; see ../README.md."""

import argparse
import json
import logging
import re
from socketserver import ThreadingMixIn
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from bartizan import (
    Protection,
    WsgiMiddleware,
    set_user,
    track_custom_event,
    track_user_login_failure,
    track_user_login_success,
)

PRODUCTS = [
    {"id": 1, "name": "lamp", "price": 30},
    {"id": 2, "name": "chair", "price": 80},
    {"id": 3, "name": "table", "price": 200},
]
USERS = {"alice": {"id": "u1", "password": "wonder"}, "mallory": {"id": "u2", "password": "secret"}}
NOT_FOUND = 404, {"error": "not found"}


def front(query, body):
    return 200, {"shop": "bartizan"}


def products(query, body):
    wanted = query.get("q", [""])[0]
    return 200, {"products": [product for product in PRODUCTS if wanted in product["name"]]}


def login(query, body):
    name = body.get("login")
    user = USERS.get(name)
    if user is None or user["password"] != body.get("password"):
        track_user_login_failure(name, exists=user is not None)
        return 401, {"error": "wrong login or password"}
    track_user_login_success(name, user["id"])
    set_user(user["id"], name=name)
    return 200, {"user": user["id"]}


def password_reset(query, body):
    track_custom_event("password.reset", {"login": body.get("login")})
    return 200, {"sent": True}


def payment(query, body):
    amount = body.get("amount")
    track_custom_event("payment.creation", {"amount": amount})
    if body.get("card") == "declined":
        track_custom_event("payment.failure", {"reason": "declined"})
        return 402, {"error": "declined"}
    track_custom_event("payment.success", {"amount": amount})
    return 200, {"paid": amount}


ROUTES = {
    "GET /": front,
    "GET /products": products,
    "POST /login": login,
    "POST /password-reset": password_reset,
    "POST /payment": payment,
}


def answer(environ):
    method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    product = re.fullmatch(r"/products/(\d+)", path)
    if method == "GET" and product:
        return next(((200, found) for found in PRODUCTS if found["id"] == int(product[1])), NOT_FOUND)
    route = ROUTES.get(f"{method} {path}")
    if route is None:
        return NOT_FOUND
    text = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return route(parse_qs(environ.get("QUERY_STRING", "")), json.loads(text) if text else {})


def shop(environ, start_response):
    status, content = answer(environ)
    body = json.dumps(content).encode()
    start_response(f"{status} ", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128


class Quiet(WSGIRequestHandler):
    def log_message(self, *words):
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--rules", action="append", default=[])
    parser.add_argument("--events", default="")
    parser.add_argument("--state", default="")
    arguments = parser.parse_args()
    logging.basicConfig(format="%(name)s: %(message)s")
    protection = Protection(rules=arguments.rules, events=arguments.events, state_dir=arguments.state)
    server = make_server("127.0.0.1", arguments.port, WsgiMiddleware(shop, protection), Server, Quiet)
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
