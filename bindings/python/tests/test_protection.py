"""Protection as it is installed: the shared cases of hosts, both kinds of middleware, live rules, failures."""

import asyncio
import base64
import hashlib
import http.server
import io
import json
import logging
import os
import tempfile
import threading
import unittest
from pathlib import Path
from unittest import mock

import bartizan
from bartizan import AsgiMiddleware, Builder, Engine, Protection, WsgiMiddleware
from bartizan._engine import error
from bartizan._raw import Handle

CASES = Path(__file__).parents[2] / "host/cases.json"
logging.getLogger("bartizan").setLevel(logging.CRITICAL)


def rule(ident, address, regex, **more):
    conditions = [{"operator": "match_regex", "parameters": {"inputs": [{"address": address}], "regex": regex}}]
    return {"id": ident, "name": ident, "tags": {"type": ident}, "conditions": conditions, **more}


def ruleset(*more):
    return json.dumps(
        {
            "version": "2.2",
            "rules": [
                rule("scanner", "server.request.headers.no_cookies", "^dd-test-scanner-log$"),
                rule("block", "server.request.headers.no_cookies", "^block-me$", on_match=["block"]),
                rule("evil", "server.request.body", "evil", on_match=["block"]),
                rule("user", "usr.id", "^mallory$", on_match=["block"]),
                rule("leak", "server.response.headers.no_cookies", "leak", on_match=["block"]),
                rule("params", "server.request.path_params", "evil", on_match=["block"]),
                *more,
            ],
        }
    )


def folder(test, **files):
    place = tempfile.TemporaryDirectory()
    test.addCleanup(place.cleanup)
    for name, text in files.items():
        Path(place.name, name.replace("_", ".")).write_text(text)
    return Path(place.name)


def protect(test, text=None, **settings):
    place = folder(test, rules_json=text or ruleset())
    lines = []
    protection = Protection(rules=[str(place / "rules.json")], environment={}, on_event=lines.append, **settings)
    test.addCleanup(protection.close)
    return protection, lines


class Cases(unittest.TestCase):
    """bindings/host/cases.json, through the functions that the middleware uses."""

    def test_native(self):
        self.check(Engine.native())

    def test_wasm(self):
        self.check(Engine.wasm())

    def check(self, engine):
        content = json.loads(CASES.read_text(encoding="utf-8"))
        for case in content["cases"]:
            with self.subTest(case["id"]):
                builder = Builder(engine)
                self.assertTrue(builder.update("rules", content["rulesets"][case["rules"]])[0])
                instance = builder.build()
                settings = engine.create("bartizan_host_new", json.dumps(case["settings"]).encode())
                host = Handle(engine, settings, "bartizan_host_free")
                made = engine.create("bartizan_request_new", host._handle, instance._handle, 1_800_000_000, 1)
                request = Handle(engine, made, "bartizan_request_free")
                found = [self.step(engine, request._handle, step) for step in case["steps"]]
                self.assertEqual(found, case["want"])

    def step(self, engine, request, step):
        name, value = next((k, v) for k, v in step.items() if k not in ("complete", "subcontext"))
        flags = []
        if name in ("flat", "response_flat"):
            data = "\0".join([str(len(value) + 1), *value]).encode()
            name = {"flat": "start", "response_flat": "response"}[name]
        elif name in ("body", "response_body", "body_base64"):
            data = base64.b64decode(value) if name == "body_base64" else value.encode()
            name = name.replace("_base64", "")
            flags = [1 if step.get("complete", True) else 0]
        elif name == "finish":
            code, text = engine.call("bartizan_request_finish", request, 1 if value else 0)
            return self.told(code, text)
        else:
            data = json.dumps(value).encode()
            flags = [4 if step.get("subcontext") else 0] if name == "eval" else []
        return self.told(*engine.call(f"bartizan_request_{name}", request, data, *flags))

    def told(self, code, text):
        if code < 0 or not code & 3:
            return {"code": code}
        document = json.loads(text)
        document.pop("duration", None)
        return {"code": code, "document": document}


class Wsgi(unittest.TestCase):
    def app(self, environ, start_response):
        self.seen = environ["wsgi.input"].read()
        path = environ["PATH_INFO"]
        if path == "/mallory":
            bartizan.set_user("mallory")
        if path == "/swallowed":
            # As frameworks do with exceptions that they do not know.
            try:
                bartizan.set_user("mallory")
            except Exception:
                start_response("500 Error", [])
                return [b"oops"]
        headers = [("X-Note", "leak")] if path == "/leak" else []
        start_response("200 OK", headers)
        return (piece for piece in [b"he", b"llo"]) if path == "/stream" else [b"hello"]

    def ask(self, protection, path="/", method="GET", body=b"", **headers):
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "REMOTE_ADDR": "203.0.113.9",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "CONTENT_LENGTH": str(len(body)) if body else "",
            **headers,
        }
        said = []
        answer = WsgiMiddleware(self.app, protection)(environ, lambda *words: said.append(words))
        content = b"".join(answer)
        getattr(answer, "close", lambda: None)()
        return int(said[-1][0][:3]), content

    def test_requests_pass_are_reported_and_are_blocked(self):
        protection, lines = protect(self)
        self.assertEqual(self.ask(protection), (200, b"hello"))
        self.assertEqual(self.ask(protection, "/stream"), (200, b"hello"))
        self.assertEqual(lines, [])
        self.assertEqual(self.ask(protection, HTTP_USER_AGENT="dd-test-scanner-log")[0], 200)
        self.assertEqual([line["verdict"] for line in lines], ["monitor"])
        status, content = self.ask(protection, HTTP_USER_AGENT="block-me", HTTP_ACCEPT="application/json")
        self.assertEqual((status, set(json.loads(content))), (403, {"error", "detail", "security_response_id"}))
        self.assertEqual(protection.stats["blocked"], 1)

    def test_the_body_is_looked_at_and_handed_on(self):
        protection, lines = protect(self, body_limit=16)
        form = "application/x-www-form-urlencoded"
        self.assertEqual(self.ask(protection, "/", "POST", b"a=1", CONTENT_TYPE=form), (200, b"hello"))
        self.assertEqual(self.seen, b"a=1")
        self.assertEqual(self.ask(protection, "/", "POST", b"a=evil", CONTENT_TYPE=form)[0], 403)
        long = b"a=" + b"x" * 100 + b"evil"
        self.assertEqual(self.ask(protection, "/", "POST", long, CONTENT_TYPE=form)[0], 200)
        self.assertEqual(self.seen, long)

    def test_users_are_blocked_in_their_request(self):
        protection, lines = protect(self)
        for path in ("/mallory", "/swallowed"):
            self.assertEqual(self.ask(protection, path)[0], 403, path)
        self.assertEqual([line["verdict"] for line in lines], ["block", "block"])
        protection, lines = protect(self, mode="monitor")
        self.assertEqual(self.ask(protection, "/mallory")[0], 200)
        self.assertEqual(lines[0]["tags"]["usr.id"], "mallory")

    def test_a_response_is_replaced(self):
        protection, _ = protect(self)
        self.assertEqual(self.ask(protection, "/leak")[0], 403)

    def test_calls_outside_of_a_request_do_nothing(self):
        self.assertIsNone(bartizan.set_user("mallory"))
        self.assertFalse(bartizan.is_user_blocked("mallory"))

    def test_what_fails_is_open_or_closed(self):
        for settings, status in [({}, 200), ({"on_failure": "closed"}, 503)]:
            protection, _ = protect(self, **settings)

            def broken(*_):
                raise error(-3)

            protection._core.request_start = broken
            self.assertEqual(self.ask(protection, HTTP_USER_AGENT="block-me")[0], status)
            self.assertEqual(protection.stats["failures"], 1)
            del protection._core.request_start
            protection._core.request_start = protection._core.engine.bound("bartizan_request_start")
            self.assertEqual(self.ask(protection, HTTP_USER_AGENT="block-me")[0], 403)

    @unittest.skipUnless(os.environ.get("BARTIZAN_FORCED_PANIC"), "BARTIZAN_FORCED_PANIC names no engine that can panic")
    def test_a_panic_costs_its_request_alone(self):
        place = os.environ["BARTIZAN_FORCED_PANIC"]
        for variable, file, wasm in [
            ("BARTIZAN_LIBRARY", "libbartizan.so", False),
            ("BARTIZAN_MODULE", "bartizan.wasm", True),
        ]:
            for policy, status in [("open", 200), ("closed", 503)]:
                with self.subTest(file=file, policy=policy), mock.patch.dict(os.environ, {variable: f"{place}/{file}"}):
                    protection, lines = protect(self, wasm=wasm, on_failure=policy)
                    neighbour = protection.request()
                    neighbour.start({"method": "GET", "headers": {}})
                    self.assertEqual(self.ask(protection, HTTP_X_BARTIZAN_PANIC="1")[0], status)
                    self.assertEqual(protection.stats["failures"], 1)
                    self.assertEqual(self.ask(protection, HTTP_USER_AGENT="block-me")[0], 403)
                    self.assertTrue(neighbour.event({"event": "set_user", "user": "mallory"}).blocked)
                    self.assertEqual(protection.stats["failures"], 1)

    def test_a_wasm_engine_that_broke_is_loaded_again(self):
        protection, _ = protect(self, wasm=True)
        before = protection.request()
        before.start({"method": "GET", "headers": {}})
        protection._core.engine._door.broken = True
        self.assertIsNone(before.event({"event": "set_user", "user": "ann"}).get("response"))
        self.assertEqual(self.ask(protection, HTTP_USER_AGENT="block-me")[0], 403)
        self.assertFalse(protection._core.engine.broken)

    def test_doctor_tells_what_is_never_sent(self):
        protection, _ = protect(self)
        self.ask(protection)
        report = protection.doctor()
        self.assertIn("server.request.headers.no_cookies", report["sent"])
        self.assertEqual(
            sorted(report["never_sent"]), ["server.request.body", "server.request.path_params", "usr.id"]
        )
        self.assertEqual(report["problems"], [])


class Asgi(unittest.TestCase):
    async def app(self, scope, receive, send):
        self.seen = b""
        more = True
        while more:
            message = await receive()
            self.seen += message.get("body", b"")
            more = message.get("more_body", False)
        if scope["path"] == "/mallory":
            bartizan.set_user("mallory")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello"})

    def ask(self, protection, path="/", headers=(), pieces=(b"",)):
        scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": list(headers),
            "client": ("203.0.113.9", 1),
        }
        messages = [
            {"type": "http.request", "body": piece, "more_body": at + 1 < len(pieces)} for at, piece in enumerate(pieces)
        ]
        said = []

        async def receive():
            return messages.pop(0)

        async def send(message):
            said.append(message)

        asyncio.run(AsgiMiddleware(self.app, protection)(scope, receive, send))
        return said[0]["status"], b"".join(message.get("body", b"") for message in said[1:])

    def test_requests_pass_and_are_blocked(self):
        protection, lines = protect(self)
        self.assertEqual(self.ask(protection), (200, b"hello"))
        self.assertEqual(self.ask(protection, headers=[(b"user-agent", b"block-me")])[0], 403)
        self.assertEqual(self.ask(protection, "/mallory")[0], 403)
        form = [(b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", b"6")]
        self.assertEqual(self.ask(protection, headers=form, pieces=(b"a=", b"evil"))[0], 403)
        self.assertEqual(self.ask(protection, headers=form, pieces=(b"a=", b"good")), (200, b"hello"))
        self.assertEqual(self.seen, b"a=good")
        self.assertEqual(len(lines), 3)


class LiveRules(unittest.TestCase):
    def matches(self, protection, agent):
        request = protection.request()
        answer = request.start({"method": "GET", "headers": {"user-agent": agent}})
        request.close()
        return answer is not None

    def test_files_and_folders_change_while_serving(self):
        place = folder(self, a_json=ruleset())
        protection = Protection(rules=[str(place)], environment={})
        self.assertFalse(self.matches(protection, "new"))
        (place / "b.json").write_text(json.dumps({"version": "2.2", "rules": [rule("new", "server.request.headers.no_cookies", "^new$")]}))
        protection.refresh()
        self.assertTrue(self.matches(protection, "new"))
        for broken in ["{", "", "\0" * 100, "[1]", json.dumps({"version": "2.2", "rules": [{}]})]:
            (place / "b.json").write_text(broken)
            protection.refresh()
            self.assertTrue(self.matches(protection, "new"), broken)
        self.assertEqual(protection.stats["swaps"], 2)
        self.assertEqual(protection.stats["refused"], 5)
        for file in place.iterdir():
            file.unlink()
        protection.refresh()
        self.assertTrue(self.matches(protection, "new"))

    def test_a_checksum_beside_the_file(self):
        place = folder(self, a_json=ruleset())
        sidecar = place / "a.json.sha256"
        sidecar.write_text(hashlib.sha256((place / "a.json").read_bytes()).hexdigest() + "  a.json\n")
        protection = Protection(rules=[str(place / "a.json")], environment={})
        self.assertTrue(protection.active)
        (place / "a.json").write_text(ruleset(rule("new", "server.request.headers.no_cookies", "^new$")))
        protection.refresh()
        self.assertFalse(self.matches(protection, "new"), "the checksum is that of the former file")
        sidecar.write_text(hashlib.sha256((place / "a.json").read_bytes()).hexdigest())
        protection.refresh()
        self.assertTrue(self.matches(protection, "new"))

    def test_a_server_and_a_restart_without_it(self):
        state = {"text": ruleset(), "asked": [], "status": 200, "digest": None}

        class Rules(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                etag = '"%s"' % hashlib.md5(state["text"].encode()).hexdigest()
                state["asked"].append(self.headers.get("If-None-Match"))
                if state["status"] != 200 or self.headers.get("If-None-Match") == etag:
                    self.send_response(304 if state["status"] == 200 else state["status"])
                    self.end_headers()
                    return
                content = state["text"].encode()
                self.send_response(200)
                self.send_header("ETag", etag)
                self.send_header("Content-Length", str(len(content)))
                if state["digest"]:
                    self.send_header("Repr-Digest", state["digest"])
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *words):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Rules)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        kept = folder(self)
        url = f"http://127.0.0.1:{server.server_port}/rules.json"
        protection = Protection(rules=[url], state_dir=str(kept), environment={})
        self.assertTrue(protection.active)
        protection.refresh()
        self.assertIsNotNone(state["asked"][1], "the second time with the etag")
        state["text"] = ruleset(rule("new", "server.request.headers.no_cookies", "^new$"))
        state["digest"] = "sha-256=:AAAA:"
        protection.refresh()
        self.assertFalse(self.matches(protection, "new"), "the checksum does not fit")
        state["digest"] = "sha-256=:%s:" % base64.b64encode(hashlib.sha256(state["text"].encode()).digest()).decode()
        state["text"] += " "
        protection.refresh()
        self.assertFalse(self.matches(protection, "new"))
        state["text"] = state["text"][:-1]
        protection.refresh()
        self.assertTrue(self.matches(protection, "new"))
        for status in (500, 404):
            state["status"] = status
            protection.refresh()
            self.assertTrue(self.matches(protection, "new"))
        server.shutdown()
        server.server_close()
        again = Protection(rules=[url], state_dir=str(kept), environment={})
        self.assertTrue(self.matches(again, "new"), "the last good rules survive without the source")
        (kept / "last-good.json").write_bytes(b"\0garbage")
        self.assertFalse(Protection(rules=[url], state_dir=str(kept), environment={}).active)

    def test_requests_are_served_while_rules_are_swapped(self):
        protection, _ = protect(self)
        stop, wrong = threading.Event(), []

        def serve():
            while not stop.is_set():
                if not self.matches(protection, "block-me") or self.matches(protection, "calm"):
                    wrong.append(1)

        threads = [threading.Thread(target=serve) for _ in range(4)]
        for thread in threads:
            thread.start()
        for number in range(30):
            text = ruleset(rule(f"n{number}", "a", "x"))
            self.assertEqual(protection.offer({"files": [{"path": "rules", "text": text}]})["state"], "changed")
        stop.set()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])
        self.assertEqual(protection.stats["failures"], 0)


class Settings(unittest.TestCase):
    def test_they_come_from_arguments_and_environment(self):
        environment = {"BARTIZAN_MODE": "monitor", "BARTIZAN_BODY_LIMIT": "7", "PATH": "x"}
        protection = Protection(rules=[], mode="block", environment=environment)
        self.assertEqual((protection.settings["mode"], protection.body_limit), ("block", 7))

    def test_without_rules_those_of_the_package_are_in_force(self):
        protection = Protection(environment={})
        self.assertTrue(protection.active)
        self.assertEqual(protection.self_check(), [])

    def test_lines_go_where_they_are_wanted(self):
        place = folder(self, rules_json=ruleset())
        protection = Protection(rules=[str(place / "rules.json")], events=str(place / "events"), environment={})
        request = protection.request()
        request.start({"method": "GET", "target": "/x?y", "headers": {"user-agent": "block-me"}})
        request.finish()
        (line,) = (place / "events").read_text().splitlines()
        self.assertEqual((json.loads(line)["path"], json.loads(line)["verdict"]), ("/x", "block"))

    def test_a_context_has_a_deadline(self):
        import time

        for engine in (Engine.native(), Engine.wasm()):
            builder = Builder(engine)
            builder.update("rules", {"version": "2.2", "rules": [rule("r", "a", f"(?:a|b|ab){{2,9}}{n}c$") | {"id": str(n)} for n in range(50)]})
            with builder.build().context() as context:
                result = context.eval({"a": "ab" * 30_000}, deadline=time.monotonic() - 1)
                self.assertIsNone(result)


if __name__ == "__main__":
    unittest.main()
