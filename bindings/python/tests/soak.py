"""A million requests and a thousand swaps of rules under load, and what became of memory:

    soak.py [--requests 1000000] [--swaps 1000] [--threads 8] [--wasm]

Ends with a line of figures; with an error when a verdict was lost or doubled, or memory grew.
"""

import argparse
import json
import logging
import sys
import threading
import time

from bartizan import Protection, WsgiMiddleware

AGENTS = {"calm": (200, 0), "dd-test-scanner-log": (200, 1), "dd-test-scanner-log-block": (403, 1)}
GARBAGE = ["{", "\0" * 1000, "[]", '{"version":"2.2","rules":[{}]}', "x" * 100_000]


def resident():
    """Memory in KiB."""
    with open("/proc/self/status", encoding="ascii") as status:
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1])


def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--swaps", type=int, default=1_000)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--wasm", action="store_true")
    arguments = parser.parse_args()
    logging.getLogger("bartizan").setLevel(logging.CRITICAL)

    told = threading.local()

    def on_event(line):
        told.lines += 1

    protection = Protection(rules=["pack:waf-starter"], wasm=arguments.wasm, on_event=on_event, environment={})
    application = WsgiMiddleware(app, protection)
    (file,) = protection._watcher._sources[0].files
    each = arguments.requests // arguments.threads
    done, made, wrong = [0] * arguments.threads, [0], []

    def serve(thread):
        said = []
        agents = list(AGENTS.items())
        number = -1
        # All swaps are made under load, however long they take.
        while number + 1 < each or made[0] < arguments.swaps:
            number += 1
            agent, (status, lines) = agents[(number + thread) % 3 if number % 10 == 0 else 0]
            told.lines = 0
            said.clear()
            environ = {
                "REQUEST_METHOD": "GET",
                "PATH_INFO": "/products",
                "QUERY_STRING": "q=books&page=2",
                "REMOTE_ADDR": "203.0.113.9",
                "wsgi.url_scheme": "http",
                "HTTP_USER_AGENT": agent,
                "HTTP_ACCEPT": "*/*",
            }
            application(environ, lambda *words: said.append(words[0]))
            if int(said[0][:3]) != status or len(said) != 1 or told.lines != lines:
                wrong.append((agent, list(said), told.lines))
            done[thread] = number + 1

    threads = [threading.Thread(target=serve, args=(number,)) for number in range(arguments.threads)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    swaps, early, shown = 0, None, 0
    while any(thread.is_alive() for thread in threads):
        share = min(sum(done) / arguments.requests, 0.5 + swaps / arguments.swaps / 2)
        if swaps < arguments.swaps:
            rules = json.loads(file["text"])
            rules["rules"].append({**rules["rules"][0], "id": f"swap-{swaps}", "name": f"swap {swaps}"})
            protection.offer({"files": [{"path": "rules", "text": json.dumps(rules)}]})
            swaps += 1
            made[0] = swaps
            if swaps % 50 == 0:
                protection.offer({"files": [{"path": "rules", "text": GARBAGE[swaps // 50 % len(GARBAGE)]}]})
        else:
            time.sleep(0.05)
        if early is None and share > 0.2:
            early = resident()
        if share - shown >= 0.1:
            shown = share
            print(f"{sum(done)} requests, {swaps} swaps, {resident()} KiB", file=sys.stderr)
    grown = resident() - (early or resident())
    figures = {
        "requests": sum(done),
        "seconds": round(time.monotonic() - began, 1),
        "threads": arguments.threads,
        **protection.stats,
        "wrong": len(wrong),
        "grown_kib": grown,
    }
    print(json.dumps(figures))
    if wrong or protection.stats["failures"] or sum(done) < each * arguments.threads:
        sys.exit(f"error: verdicts were lost or doubled, or requests failed: {wrong[:3]}")
    if grown > 32 * 1024:
        sys.exit(f"error: memory grew by {grown} KiB while it should have been flat")


main()
