"""Protection: settings, rules in force, events, and what happens when something fails."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from typing import Any, Callable, Dict, List, Optional

from ._document import decode, encode
from ._engine import BUNDLED, Engine, InternalError, MalformedDocument
from ._raw import Handle, Instance
from ._request import Request
from ._sources import Source, Watcher

log = logging.getLogger("bartizan")


class _Core:
    """What lives inside one loaded engine: host, rules and the instance in force."""

    def __init__(self, engine: Engine, settings: bytes) -> None:
        self.engine = engine
        handle = engine.make("bartizan_host_new", settings)
        if not handle:
            raise MalformedDocument(-2, "the settings cannot be read, or are not a map")
        self.host = Handle(engine, handle, "bartizan_host_free")
        self.rules = Handle(engine, engine.create("bartizan_rules_new"), "bartizan_rules_free")
        self.instance: Optional[Instance] = None
        bound = engine.bound
        self.request_new = bound("bartizan_request_new")
        self.request_start = bound("bartizan_request_start")
        self.request_body = bound("bartizan_request_body")
        self.request_event = bound("bartizan_request_event")
        self.request_eval = bound("bartizan_request_eval")
        self.request_response = bound("bartizan_request_response")
        self.request_response_body = bound("bartizan_request_response_body")
        self.request_finish = bound("bartizan_request_finish")
        self.request_error = bound("bartizan_request_error")
        self.request_free = bound("bartizan_request_free")

    def swap(self) -> None:
        handle = self.engine.make("bartizan_rules_instance", self.rules._handle)
        # Requests in flight keep what they need of the former.
        self.instance = Instance(self.engine, handle) if handle else None


class Protection:
    """What stands before an application: one for each process.

        protection = Protection(rules=["rules/waf.json"], mode="block")
        application = bartizan.WsgiMiddleware(application, protection)

    Settings come from the arguments, then from environment variables (`BARTIZAN_RULES` for `rules`, and so on).
    `wasm=True` or `engine=` choose another engine than the native library; `on_event` is called with the line of
    each request that came to something. Without `rules` those packs are in force that come with the package.
    """

    def __init__(
        self,
        *,
        engine: Optional[Engine] = None,
        wasm: bool = False,
        on_event: Optional[Callable[[dict], None]] = None,
        environment: Optional[Dict[str, str]] = None,
        **settings: Any,
    ) -> None:
        given = os.environ if environment is None else environment
        mine = {k: v for k, v in given.items() if k.startswith(("BARTIZAN_", "DD_APPSEC_"))}
        for key in ("html_template", "json_template"):
            path = mine.get(f"BARTIZAN_{key.upper()}_FILE")
            if path and key not in settings:
                with open(path, encoding="utf-8") as file:
                    settings[key] = file.read()
        self._document = encode({**settings, "environment": mine})
        self._load = (lambda: engine) if engine else (Engine.wasm if wasm else Engine.native)
        self._reload = Engine.wasm if engine is None else None
        self._lock = threading.RLock()
        self._saved: Optional[bytes] = None
        self._core = _Core(self._load(), self._document)
        _, text = self._core.engine.call("bartizan_host_settings", self._core.host._handle)
        #: The settings in force.
        self.settings: dict = decode(text)
        self.body_limit: int = self.settings["body_limit"]
        self.on_event = on_event
        #: Counts since the start: requests, events (lines that had some), blocked, failures, swaps, refused.
        self.stats = dict.fromkeys(("requests", "events", "blocked", "failures", "swaps", "refused"), 0)
        self._sink = _sink(self.settings["events"])
        self._complained: set = set()
        for warning in self.settings["warnings"]:
            log.warning("%s", warning)
        places = self.settings["rules"]
        if not places and (BUNDLED / "packs").is_dir():
            places = [str(BUNDLED / "packs")]
        self._watcher = Watcher(self, [Source(where, self.settings) for where in places])
        self._watcher.first()
        if self.settings["enabled"] and self._core.instance is None:
            log.error(
                "there are no rules in force, so nothing is protected; name a file, a folder or a URL in "
                "BARTIZAN_RULES (rules=[…])"
            )
        if self._core.instance is not None:
            for problem in self.self_check():
                log.error("self-check: %s", problem)

    # ---------------------------------------------------------------------------------------------- requests

    @property
    def active(self) -> bool:
        """Whether there are rules in force and protection is enabled."""
        return self._core.instance is not None and self.settings["enabled"]

    def request(self) -> Optional[Request]:
        """A request to be evaluated; None where nothing is protected."""
        core = self._core
        instance = core.instance
        if instance is None or not self.settings["enabled"]:
            return None
        self._watcher.ensure()
        self.stats["requests"] += 1
        return Request(self, core, instance)

    def failed(self, failure: BaseException, core: Optional[_Core] = None) -> Optional[dict]:
        """Counts a failure; gives the response if requests that cannot be checked are to be refused."""
        self.stats["failures"] += 1
        self.complain(f"a request could not be checked: {failure!r}")
        if core is not None and core.engine.broken:
            self._revive(core)
        return self.settings["failure_response"] if self.settings["on_failure"] == "closed" else None

    def _revive(self, broken: _Core) -> None:
        """Makes another engine in the place of one that is broken, with the same rules."""
        with self._lock:
            if self._core is not broken or self._reload is None:
                return
            core = _Core(self._reload(), self._document)
            if self._saved is not None:
                core.engine.call("bartizan_rules_restore", core.rules._handle, self._saved)
                core.swap()
            self._core = core
            log.warning("the engine failed and was loaded again; %d requests failed so far", self.stats["failures"])

    def revived(self, broken: _Core) -> Optional[_Core]:
        """The engine in the place of one that is broken; None where there can be none."""
        self._revive(broken)
        return self._core if self._core is not broken else None

    def complain(self, text: str) -> None:
        """Warns, each text once."""
        if text not in self._complained and len(self._complained) < 1000:
            self._complained.add(text)
            log.warning("%s", text)

    def line(self, text: bytes) -> None:
        """Hands out what a request came to."""
        self.stats["events"] += 1
        if self._sink is not None:
            self._sink(text)
        if self.on_event is not None:
            try:
                self.on_event(decode(text))
            except Exception:
                log.exception("the callback for events failed")

    # ------------------------------------------------------------------------------------------------- rules

    def offer(self, offer: dict) -> dict:
        """Offers rules: `files` of `path` and `text`, with `source`, `etag` and `digest`. Whole or not at all."""
        with self._lock:
            core = self._core
            code, out = core.engine.call("bartizan_rules_offer", core.rules._handle, encode(offer))
            return self._took(code, out)

    def restore(self, saved: bytes) -> dict:
        """Takes rules that were kept."""
        with self._lock:
            core = self._core
            code, out = core.engine.call("bartizan_rules_restore", core.rules._handle, saved)
            return self._took(code, out)

    def _took(self, code: int, out: Optional[bytes]) -> dict:
        if code < 0 or out is None:
            raise InternalError(code)
        told = decode(out)
        for warning in told["warnings"]:
            log.warning("%s", warning)
        if code == 2:
            self._core.swap()
            self.stats["swaps"] += 1
            told_, saved = self._core.engine.call("bartizan_rules_save", self._core.rules._handle)
            self._saved = saved if told_ == 1 else self._saved
        elif code == 0:
            self.stats["refused"] += 1
        return told

    @property
    def saved(self) -> Optional[bytes]:
        """The rules in force, as they are kept on disk."""
        return self._saved

    @property
    def instance(self) -> Optional[Instance]:
        """The instance in force."""
        return self._core.instance

    def refresh(self) -> None:
        """Looks at all sources of rules now."""
        self._watcher.look()

    # ------------------------------------------------------------------------------------------------ health

    def self_check(self) -> List[str]:
        """What is wrong: a canary must be found, and a browser must pass."""
        core = self._core
        if core.instance is None:
            return ["there are no rules in force"]
        code, out = core.engine.call(
            "bartizan_host_self_check", core.host._handle, core.instance._handle, int(time.time())
        )
        if code < 0 or out is None:
            return ["the engine failed"]
        return decode(out)["problems"]

    def doctor(self) -> dict:
        """Settings, counts, and the addresses that the rules want: `wanted`, `sent`, `never_sent`."""
        core = self._core
        report: Dict[str, Any] = {"engine": core.engine.version, "settings": self.settings, "counts": dict(self.stats)}
        report["problems"] = self.self_check()
        if core.instance is not None:
            _, out = core.engine.call("bartizan_host_doctor", core.host._handle, core.instance._handle)
            report.update(decode(out))
        return report

    def close(self) -> None:
        """Stops watching sources."""
        self._watcher.stop()


def _sink(where: str) -> Optional[Callable[[bytes], None]]:
    if not where:
        return None
    if where in ("stdout", "stderr"):
        stream = getattr(sys, where).buffer
    else:
        stream = open(where, "ab", buffering=0)
    lock = threading.Lock()

    def write(line: bytes) -> None:
        with lock:
            stream.write(line + b"\n")
            stream.flush()

    return write
