"""The application under ddtrace-run, with an agent and another server of our own on the loopback interface.

session.py OUT: sends the requests of traffic.py one after the other, to the application under the recommended rules and
then to one under rules.json, and writes what the tracer reported, as JSON: for each request the answer and all spans of its
trace, with tags, metrics and the structures beside them (triggers, which an agent turns into the tag `_dd.appsec.json`,
and stack traces). What differs in every run is blanked.
"""

import base64
import gzip
import http.client
import http.server
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgpack

import traffic

HERE = Path(__file__).parent
PATIENCE_S = 60

# Different in every run, whatever the engine.
VOLATILE = {
    "_dd.appsec.rasp.duration",
    "_dd.appsec.rasp.duration_ext",
    "_dd.appsec.waf.duration",
    "_dd.appsec.waf.duration_ext",
    "_dd.p.tid",
    "process_id",
    "runtime-id",
    "span_id",
}
PLACE_IN_MEMORY = re.compile(r" at 0x[0-9a-f]+")
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


class Quiet(http.server.BaseHTTPRequestHandler):
    """A server that says nothing in the terminal."""

    protocol_version = "HTTP/1.1"

    def answer(self, status, content, headers=()):
        data = json.dumps(content).encode()
        self.send_response(status)
        for name, value in [("Content-Type", "application/json"), ("Content-Length", str(len(data))), *headers]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while True:
            size = int(self.rfile.readline().split(b";")[0], 16)
            body += self.rfile.read(size)
            self.rfile.readline()
            if size == 0:
                return body

    def log_message(self, *words):
        pass


class Agent(Quiet):
    """Takes traces as a tracer's agent does and keeps every span. A trace may come in parts."""

    spans = []

    def take(self):
        body = self.body()
        if self.path.startswith("/v0.4/traces") and body:
            for part in msgpack.unpackb(body, strict_map_key=False):
                Agent.spans.extend(part)
        if self.path == "/info":
            self.answer(200, {"endpoints": ["/v0.4/traces"], "version": "7.60.0", "client_drop_p0s": False})
        else:
            self.answer(200, {"rate_by_service": {"service:,env:": 1.0}})

    do_GET = do_POST = do_PUT = take


class Upstream(Quiet):
    """The other server, which the application calls."""

    def take(self):
        self.body()
        if self.path.startswith("/status/"):
            self.answer(int(self.path.rpartition("/")[2]), {})
        elif self.path == "/elsewhere":
            self.answer(302, {}, [("Location", "/ok")])
        elif self.path == "/grumpy":
            self.answer(200, {}, [("X-Mood", "grumpy")])
        else:
            self.answer(200, {"said": "a whisper"})

    do_GET = do_POST = take


def serve(handler):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(what, ready):
    end = time.monotonic() + PATIENCE_S
    while not ready():
        if time.monotonic() > end:
            sys.exit(f"error: after {PATIENCE_S} s still no {what}")
        time.sleep(0.02)


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def loaded(pid):
    """Whether the library that the process has mapped is ours: it alone has functions of that name."""
    lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
    paths = {line.split(maxsplit=5)[5] for line in lines if line.endswith("/libddwaf.so")}
    return [b"bartizan_version" in Path(path).read_bytes() for path in paths] == [True]


class Run:
    """The application under one set of rules."""

    def __init__(self, agent, upstream, rules):
        self.upstream = f"127.0.0.1:{upstream}"
        self.port = free_port()
        environment = dict(
            os.environ,
            DD_APPSEC_ENABLED="true",
            DD_TRACE_AGENT_URL=f"http://127.0.0.1:{agent}",
            DD_TRACE_API_VERSION="v0.4",
            DD_INSTRUMENTATION_TELEMETRY_ENABLED="false",
            DD_REMOTE_CONFIGURATION_ENABLED="false",
            DD_TRACE_CLIENT_IP_ENABLED="true",
            DD_APPSEC_WAF_TIMEOUT="10000",
            # Schemas for every request, not for one in thirty seconds.
            DD_API_SECURITY_ENABLED="true",
            DD_API_SECURITY_SAMPLE_DELAY="0",
            # What other servers answer is looked at always, not half of the time.
            DD_API_SECURITY_DOWNSTREAM_BODY_ANALYSIS_SAMPLE_RATE="1.0",
            DD_TRACE_WRITER_INTERVAL_SECONDS="0.1",
        )
        environment.pop("DD_APPSEC_RULES", None)
        if rules:
            environment["DD_APPSEC_RULES"] = str(rules)
        programs = Path(sys.executable).parent
        command = [programs / "ddtrace-run", programs / "flask", "--app", "app", "run", "--port", str(self.port)]
        self.process = subprocess.Popen(command, cwd=HERE, env=environment)
        wait_until("answer from the application", lambda: self.process.poll() is not None or listens(self.port))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def ask(self, name, method, path, headers, body):
        """Sends a request and waits for the span that it began with."""
        before = len(Agent.spans)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        path = path.replace("UPSTREAM", self.upstream)
        connection.request(method, path, body=body, headers={"Host": "demo.test"} | headers)
        answer = connection.getresponse()
        content = answer.read().decode("utf-8", "replace")
        connection.close()
        wait_until(f"span for the request '{name}'", lambda: any(map(is_entry, Agent.spans[before:])))
        entry = next(filter(is_entry, Agent.spans[before:]))
        report = {"request": name, "status": answer.status, "body": content, "ours": loaded(self.process.pid)}
        report["headers"] = {key: answer.getheader(key) for key in ("Content-Type", "Content-Length", "Location")}
        return report, entry["trace_id"]

    def tell(self, report, trace_id):
        """The report of a request with all that belongs to it."""
        spans = told([span for span in Agent.spans if span["trace_id"] == trace_id])
        triggers = next((span["meta_struct"]["appsec"] for span in spans if "appsec" in span["meta_struct"]), None)
        return self.blank(report | {"triggers": triggers, "spans": spans})

    def blank(self, value):
        """Ids and ports as words and nothing volatile, all the way down."""
        if isinstance(value, str):
            value = value.replace(self.upstream, "<upstream>").replace(f":{self.port}", ":<port>")
            return PLACE_IN_MEMORY.sub("", ID.sub("<id>", value))
        if isinstance(value, dict):
            return {self.blank(key): self.blank(item) for key, item in value.items() if key not in VOLATILE}
        if isinstance(value, list):
            return [self.blank(item) for item in value]
        return "<port>" if value in (self.port, int(self.upstream.rpartition(":")[2])) else value


def is_entry(span):
    """Whether a request began with it."""
    return span.get("type") == "web" and not span.get("parent_id")


def plain(value):
    """Bytes as text, all the way down."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def told(trace):
    """Everything about a trace's spans but ids and times; a span's parent is its number here."""
    trace.sort(key=lambda span: span["start"])
    numbers = {span["span_id"]: number for number, span in enumerate(trace)}
    spans = []
    for span in trace:
        meta = plain(span.get("meta", {}))
        for name in [name for name in meta if name.startswith("_dd.appsec.s.")]:
            # The packed form holds the time of packing.
            meta[name] = json.loads(gzip.decompress(base64.b64decode(meta[name])))
        structs = {plain(name): plain(msgpack.unpackb(packed)) for name, packed in span.get("meta_struct", {}).items()}
        parts = {name: plain(span.get(name)) for name in ("name", "resource", "service", "type", "error")}
        parts["parent"] = numbers.get(span.get("parent_id"))
        spans.append(parts | {"meta": meta, "metrics": plain(span.get("metrics", {})), "meta_struct": structs})
    return spans


def main(out):
    agent, upstream = serve(Agent), serve(Upstream)
    reports = []
    for title, rules, requests in [
        ("recommended rules", None, traffic.RECOMMENDED),
        ("own rules", HERE / "rules.json", traffic.OWN),
    ]:
        run = Run(agent, upstream, rules)
        try:
            asked = [run.ask(f"{title}: {name}", *request) for name, *request in requests]
            # The last part of the last trace.
            time.sleep(0.5)
        finally:
            run.stop()
        reports += [run.tell(*one) for one in asked]
    Path(out).write_text(json.dumps(reports, indent=1, sort_keys=True))


main(sys.argv[1])
