"""The shared corpus through the package as it is installed: corpus.py native|wasm [BUNDLE].

A line for each case; see rules/spec/README.md.
"""

import json
import re
import sys
from pathlib import Path

from bartizan import UNLIMITED, Builder, Engine, MalformedDocument

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
IDS = {"security_response_id": "<security response id>", "stack_id": "<stack id>"}
CANNOT = {
    "any float": "JSON has no NaN and no infinity",
    "invalid": "documents have no invalid objects",
}



def document(value):
    """The bytes of a value, written so that nothing of it is lost."""
    if isinstance(value, dict) and len(value) == 1:
        (name, inner), = value.items()
        if name == "$hex":
            return quoted(bytes.fromhex(inner))
        if name in ("$float", "$integer"):
            return inner.encode()
        if name == "$pairs":
            return b"{" + b",".join(document(key) + b":" + document(item) for key, item in inner) + b"}"
        if name.startswith("$"):
            raise ValueError(f"no document has {name}")
    if isinstance(value, dict):
        return b"{" + b",".join(quoted(key.encode()) + b":" + document(item) for key, item in value.items()) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(map(document, value)) + b"]"
    if isinstance(value, str):
        return quoted(value.encode("utf-8", "surrogatepass"))
    return json.dumps(value).encode()


def quoted(text):
    escape = {0x22: b'\\"', 0x5C: b"\\\\"}
    return b'"' + b"".join(escape.get(c) or (b"\\u%04x" % c if c < 0x20 else bytes([c])) for c in text) + b'"'


def wanted(value):
    """What a want says, as a reader of JSON sees it."""
    if isinstance(value, dict) and len(value) == 1:
        (name, inner), = value.items()
        if name == "$hex":
            return bytes.fromhex(inner).decode("utf-8", "replace")
        if name == "$float":
            number = float(inner)
            return number if number - number == 0 else None
        if name == "$integer":
            return int(inner)
        if name == "$invalid":
            return None
        if name == "$pairs":
            return {wanted(key): wanted(item) for key, item in inner}
    if isinstance(value, dict):
        return {key: wanted(item) for key, item in value.items()}
    return [wanted(item) for item in value] if isinstance(value, list) else value


def given(step, name):
    """The bytes that a step brings."""
    if "document" not in step:
        return document(step[name])
    text = step["document"]
    return bytes.fromhex(text["$hex"]) if isinstance(text, dict) else text.encode()


def plain(result):
    """A result without what differs from run to run."""
    result = dict(result)
    result.pop("duration", None)
    seen = {}
    for holder in [*result.get("events", []), *result.get("actions", {}).values()]:
        for name, word in IDS.items():
            if name in holder:
                if not ID.fullmatch(holder[name]) or seen.setdefault(name, holder[name]) != holder[name]:
                    raise AssertionError(f"{name} is {holder[name]}")
                holder[name] = word
    return result


def run(case, engine):
    builder, instance, contexts = Builder(engine), None, {}
    for number, step in enumerate(case["steps"]):
        what, want = step["do"], step.get("want")
        if what == "update":
            accepted, diagnostics = builder.update(step["path"], given(step, "config"))
            found = {"accepted": accepted, "diagnostics": diagnostics}
        elif what == "remove":
            found = builder.remove(step["path"])
        elif what == "build":
            instance = builder.build()
            found = {
                "built": instance is not None,
                "addresses": sorted(instance.addresses(), key=str.encode) if instance else [],
                "actions": sorted(instance.actions(), key=str.encode) if instance else [],
            }
        elif what == "open":
            contexts[step["context"]] = instance.context()
            continue
        elif what == "subcontext":
            contexts[step["context"]] = contexts[step["of"]].subcontext()
            continue
        elif what == "eval":
            options = {
                "now": step.get("now_s", 1_700_000_000),
                "budget": step.get("budget", UNLIMITED),
                "batches": step.get("batches", False),
            }
            try:
                result = contexts[step["context"]].eval(given(step, "data"), **options)
                found = {"code": "ok"} if result is None else {"code": "match", "result": plain(result)}
            except MalformedDocument:
                found = {"code": "malformed"}
            if found["code"] == "ok" and want.get("code") == "ok":
                continue
        else:
            raise AssertionError(f"no such step: {what}")
        if isinstance(want, dict):
            found = {key: found.get(key) for key in want}
            want = {key: wanted(item) for key, item in want.items()}
        if found != want:
            raise AssertionError(f"step {number}: wanted {json.dumps(want)[:600]}, found {json.dumps(found)[:600]}")


def main(kind, bundle=None):
    path = Path(bundle) if bundle else Path(__file__).parents[3] / "rules/spec/bundle.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    if content["format"] != 1:
        sys.exit(f"error: {path} has the format {content['format']}, this program knows 1")
    engine = Engine.native() if kind == "native" else Engine.wasm()
    door = {"native": "wire", "wasm": "wasm"}[kind]
    failed = 0
    for case in content["cases"]:
        why = case.get("skip", {}).get(door) or next((CANNOT[n] for n in case.get("needs", []) if n in CANNOT), None)
        line = {"id": case["id"], "result": "skipped" if why else "passed", "why": why or ""}
        if not why:
            try:
                run(case, engine)
            except Exception as failure:
                line.update(result="failed", why=f"{type(failure).__name__}: {failure}")
                failed += 1
        print(json.dumps(line))
    return 1 if failed else 0


sys.exit(main(*sys.argv[1:]))
