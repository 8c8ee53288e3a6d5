"""One run of the application under ddtrace-run, with an agent of our own on the loopback interface.

session.py OUT: sends the requests below one after the other and writes what the tracer reported, as
JSON: for each request its status, the tags and metrics of its root span, and the triggers (which an agent
turns into the tag `_dd.appsec.json`).
"""

import base64
import gzip
import http.client
import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgpack

CANARY = {"User-Agent": "dd-test-scanner-log"}
JSON = {"Content-Type": "application/json"}

# Where several rules of one type match, which of them libddwaf reports depends on its hash tables: each of
# these matches one rule of a type.
REQUESTS = [
    ("plain page", "GET", "/", {"User-Agent": "Mozilla/5.0"}, None),
    ("canary on an existing route", "GET", "/", CANARY, None),
    ("canary on a missing route", "GET", "/missing", CANARY, None),
    ("blocking canary", "GET", "/", {"User-Agent": "dd-test-scanner-log-block"}, None),
    ("scanner", "GET", "/", {"User-Agent": "Arachni/v1.5"}, None),
    ("path traversal in the query", "GET", "/?file=../../../../etc/passwd", {}, None),
    ("script in the query", "GET", "/?q=%3Cscript%3E", {}, None),
    ("injection in a body", "POST", "/login", JSON, '{"user": "x\' or 1=1 union select password from users --"}'),
    ("ordinary body", "POST", "/login", JSON, '{"user": "ada", "password": "lovelace"}'),
    ("secret file on a missing route", "GET", "/.git/config", {}, None),
]
PATIENCE_S = 60

# Different in every run, whatever the engine.
VOLATILE = {
    "_dd.appsec.waf.duration",
    "_dd.appsec.waf.duration_ext",
    "_dd.p.tid",
    "process_id",
    "runtime-id",
    "security_response_id",
    "span_id",
    "stack_id",
}


class Agent(http.server.BaseHTTPRequestHandler):
    """Takes traces as a tracer's agent does and keeps every span."""

    protocol_version = "HTTP/1.1"
    spans = []

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = self.chunks()
        if self.path.startswith("/v0.4/traces") and body:
            for trace in msgpack.unpackb(body, strict_map_key=False):
                Agent.spans.extend(trace)
        if self.path == "/info":
            reply = {"endpoints": ["/v0.4/traces"], "version": "7.60.0", "client_drop_p0s": False}
        else:
            reply = {"rate_by_service": {"service:,env:": 1.0}}
        data = json.dumps(reply).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def chunks(self):
        body = b""
        while True:
            size = int(self.rfile.readline().split(b";")[0], 16)
            body += self.rfile.read(size)
            self.rfile.readline()
            if size == 0:
                return body

    do_GET = do_POST = do_PUT = answer

    def log_message(self, *words):
        pass


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(what, ready):
    end = time.monotonic() + PATIENCE_S
    while not ready():
        if time.monotonic() > end:
            sys.exit(f"error: after {PATIENCE_S} s still no {what}")
        time.sleep(0.05)


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def send(port, method, path, headers, body):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    connection.request(method, path, body=body, headers={"Host": "demo.test"} | headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def roots():
    return [s for s in Agent.spans if s.get("type") == "web" and not s.get("parent_id")]


def loaded(pid):
    """Whether the library that the process has mapped is ours: it alone has functions of that name."""
    lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
    paths = {line.split(maxsplit=5)[5] for line in lines if line.endswith("/libddwaf.so")}
    return [b"bartizan_version" in Path(path).read_bytes() for path in paths] == [True]


def plain(value):
    """Bytes as text and nothing volatile, all the way down."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dict):
        return {plain(k): plain(v) for k, v in value.items() if plain(k) not in VOLATILE}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value


def tags(span):
    """The span's tags. Schemas are unpacked: the packed form holds the time of packing, and libddwaf's order of
    keys in them is that of its hash tables."""
    meta = plain(span.get("meta", {}))
    for name in [n for n in meta if n.startswith("_dd.appsec.s.")]:
        meta[name] = json.loads(gzip.decompress(base64.b64decode(meta[name])))
    return meta


def triggers(span):
    packed = span.get("meta_struct", {}).get("appsec")
    return plain(msgpack.unpackb(packed)) if packed else None


def main(out):
    here = Path(__file__).parent
    agent = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Agent)
    threading.Thread(target=agent.serve_forever, daemon=True).start()
    port = free_port()
    environment = dict(
        os.environ,
        DD_APPSEC_ENABLED="true",
        DD_TRACE_AGENT_URL=f"http://127.0.0.1:{agent.server_port}",
        DD_TRACE_API_VERSION="v0.4",
        DD_INSTRUMENTATION_TELEMETRY_ENABLED="false",
        DD_REMOTE_CONFIGURATION_ENABLED="false",
        DD_TRACE_CLIENT_IP_ENABLED="true",
        DD_APPSEC_WAF_TIMEOUT="10000",
        # Schemas for every request, not for one in thirty seconds.
        DD_API_SECURITY_SAMPLE_DELAY="0",
        DD_TRACE_WRITER_INTERVAL_SECONDS="0.1",
    )
    bin_dir = Path(sys.executable).parent
    server = [bin_dir / "ddtrace-run", bin_dir / "flask", "--app", "app", "run", "--port", str(port)]
    reports = []
    app = subprocess.Popen(server, cwd=here, env=environment)
    try:
        wait_until("answer from the application", lambda: app.poll() is not None or listens(port))
        for name, method, path, headers, body in REQUESTS:
            status = send(port, method, path, headers, body)
            wait_until(f"span for the request '{name}'", lambda: len(roots()) > len(reports))
            span = roots()[len(reports)]
            report = {"request": name, "status": status, "_dd.appsec.json": triggers(span)}
            report["ours"] = loaded(app.pid)
            reports.append(report | {"meta": tags(span), "metrics": plain(span.get("metrics", {}))})
    finally:
        app.send_signal(signal.SIGTERM)
        try:
            app.wait(10)
        except subprocess.TimeoutExpired:
            app.kill()
    Path(out).write_text(json.dumps(reports, indent=1, sort_keys=True))


main(sys.argv[1])
