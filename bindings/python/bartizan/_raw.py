"""Builder, instance and context: rules in, results out."""

from __future__ import annotations

import secrets
import time
import weakref
from typing import Any, List, Optional, Tuple, Union

from ._document import decode, encode
from ._engine import Engine, error

Document = Union[str, bytes, dict, list]

#: A budget without limit.
UNLIMITED = 2**64 - 1
_BATCHES = 2


class Handle:
    """Something of the engine that must be given back."""

    def __init__(self, engine: Engine, handle: int, free: str) -> None:
        self._engine = engine
        self._pointer = handle
        self._finalizer = weakref.finalize(self, engine.release, free, handle)
        # At the end of the process there is nothing to give back to.
        self._finalizer.atexit = False

    @property
    def _handle(self) -> int:
        if not self._finalizer.alive:
            raise ValueError("it is closed")
        return self._pointer

    def close(self) -> None:
        """Gives the memory back. Calling it again does nothing."""
        self._finalizer()

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Result(dict):
    """What an evaluation found: the result document, with its members as attributes too."""

    @property
    def events(self) -> List[dict]:
        """One for each rule that matched: `rule`, `rule_matches`, ids."""
        return self.get("events", [])

    @property
    def actions(self) -> dict:
        """What is to be done, by type: `block_request`, `redirect_request`, `generate_stack` …"""
        return self.get("actions", {})

    @property
    def attributes(self) -> dict:
        """What rules and processors say about the request."""
        return self.get("attributes", {})

    @property
    def keep(self) -> bool:
        """Whether the trace is worth keeping."""
        return self.get("keep", False)

    @property
    def timeout(self) -> bool:
        """Whether budget or deadline ended the evaluation before all was looked at."""
        return self.get("timeout", False)

    @property
    def duration_ns(self) -> int:
        """Nanoseconds inside the engine; 0 in wasm."""
        return self.get("duration", 0)


class Builder(Handle):
    """Collects configuration documents under paths."""

    def __init__(self, engine: Optional[Engine] = None) -> None:
        engine = engine or Engine.native()
        super().__init__(engine, engine.create("bartizan_builder_new"), "bartizan_builder_free")

    def update(self, path: str, config: Document) -> Tuple[bool, dict]:
        """Adds or replaces the configuration of a path; gives whether it was taken over, and diagnostics.

        When it was not, what the path held before stays in force.
        """
        code, out = self._engine.call("bartizan_builder_update", self._handle, path.encode(), encode(config), 0)
        if code < 0:
            raise error(code)
        return code == 1, decode(out)

    add = update

    def remove(self, path: str) -> bool:
        """Removes a path; False when it is not known."""
        code, _ = self._engine.call("bartizan_builder_remove", self._handle, path.encode(), out=False)
        if code < 0:
            raise error(code)
        return code == 1

    def paths(self) -> List[str]:
        """The paths, in order of first addition."""
        code, out = self._engine.call("bartizan_builder_paths", self._handle)
        if code < 0:
            raise error(code)
        return decode(out)

    def build(self) -> Optional[Instance]:
        """An instance of the configuration as it stands; None when nothing in it would ever run."""
        handle = self._engine.make("bartizan_builder_build", self._handle)
        return Instance(self._engine, handle) if handle else None


class Instance(Handle):
    """What evaluates. It never changes, and all threads may use it."""

    def __init__(self, engine: Engine, handle: int) -> None:
        super().__init__(engine, handle, "bartizan_instance_free")

    def _names(self, function: str) -> list:
        code, out = self._engine.call(function, self._handle)
        if code < 0:
            raise error(code)
        return decode(out)

    def addresses(self) -> list:
        """The addresses that rules look at: what is worth sending."""
        return self._names("bartizan_instance_addresses")

    def actions(self) -> list:
        """The types of actions that can be asked for."""
        return self._names("bartizan_instance_actions")

    def context(self) -> Context:
        """A context for one request."""
        return Context(self._engine, self._engine.create("bartizan_context_new", self._handle))


class Context(Handle):
    """One request: what it has shown so far, and what has been reported of it."""

    def __init__(self, engine: Engine, handle: int) -> None:
        super().__init__(engine, handle, "bartizan_context_free")
        self._timeout_us = 0

    def eval(self, data: Document, **options: Any) -> Optional[Result]:
        """Evaluates addresses; gives the result, or None when nothing matched. For options see eval_json."""
        out = self.eval_json(data, **options)
        return None if out is None else Result(decode(out))

    def eval_json(
        self,
        data: Document,
        *,
        now: Optional[int] = None,
        entropy: Optional[int] = None,
        budget: int = UNLIMITED,
        deadline: Optional[float] = None,
        batches: bool = False,
    ) -> Optional[bytes]:
        """Evaluates addresses; gives the result as the engine wrote it, or None when nothing matched.

        now: seconds since 1970, for data that expires (default: the clock). entropy: 64 random bits, for
        ids (default: random). budget: work units. deadline: the moment by time.monotonic() at which the
        evaluation is to stop; the wasm module, which has no clock, counts work instead. batches: the data is a
        list of maps.
        """
        timeout_us = 0 if deadline is None else max(1, int((deadline - time.monotonic()) * 1e6))
        if timeout_us != self._timeout_us:
            self._engine.call("bartizan_context_set_timeout", self._handle, timeout_us, out=False)
            self._timeout_us = timeout_us
        code, out = self._engine.call(
            "bartizan_context_eval",
            self._handle,
            encode(data),
            int(time.time()) if now is None else now,
            secrets.randbits(64) if entropy is None else entropy,
            budget,
            _BATCHES if batches else 0,
        )
        if code < 0:
            told, why = self._engine.call("bartizan_context_error", self._handle)
            raise error(code, why.decode("utf-8", "replace") if told == 1 and why else "")
        return out if code == 1 else None

    def subcontext(self) -> Subcontext:
        """A context that starts as a copy of this one; nothing flows back."""
        return Subcontext(self._engine, self._engine.create("bartizan_subcontext_new", self._handle))


class Subcontext(Context):
    """A context that started as a copy of another."""
