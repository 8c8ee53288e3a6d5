"""Evaluates requests through the Python package; see ../README.md for the command line."""

import argparse
import json
import sys
import time

import bartizan

parser = argparse.ArgumentParser()
parser.add_argument("--engine", required=True, help="libbartizan.so or bartizan.wasm")
parser.add_argument("--rules", required=True, action="append", help="a ruleset; may be given several times")
parser.add_argument("--requests", required=True, help="one request per line")
parser.add_argument("--now", type=int, default=1_800_000_000, help="seconds since 1970")
parser.add_argument("--entropy", type=int, default=1, help="64 bits for ids")
arguments = parser.parse_args()

load = bartizan.Engine.wasm if arguments.engine.endswith(".wasm") else bartizan.Engine.native
builder = bartizan.Builder(load(arguments.engine))
for path in arguments.rules:
    with open(path, "rb") as file:
        accepted, diagnostics = builder.update(path, file.read())
    if not accepted:
        sys.exit(f"{path}: {json.dumps(diagnostics)}")
instance = builder.build()
if instance is None:
    sys.exit("the rules hold nothing that would ever run")

summary = {"requests": 0, "runs": 0, "events": 0, "blocked": 0}
spent = 0
with open(arguments.requests, encoding="utf-8") as file:
    for request in map(json.loads, file):
        results = []
        began = time.perf_counter_ns()
        with instance.context() as context:
            for run in request["runs"]:
                results.append(context.eval_json(run, now=arguments.now, entropy=arguments.entropy))
        spent += time.perf_counter_ns() - began
        summary["requests"] += 1
        for result in results:
            summary["runs"] += 1
            sys.stdout.buffer.write((result or b"null") + b"\n")
            if result:
                document = json.loads(result.decode("utf-8", "replace"))
                summary["events"] += len(document["events"])
                summary["blocked"] += "block_request" in document["actions"]
sys.stdout.flush()
summary["ns per request"] = spent // max(1, summary["requests"])
print(json.dumps(summary, separators=(",", ":")), file=sys.stderr)
