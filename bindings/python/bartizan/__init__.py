"""Bartizan: a web application firewall and business-logic rule engine.

    from bartizan import Builder, Engine

    engine = Engine.wasm("bartizan.wasm")            # or Engine.native("libbartizan.so")
    builder = Builder(engine)
    accepted, diagnostics = builder.update("rules", rules)
    instance = builder.build()                       # None: nothing would ever run

    with instance.context() as context:              # one for each request
        result = context.eval({"server.request.query": {"q": ["' or 1=1 -- "]}})
        if result and "block_request" in result["actions"]:
            ...

Documents are plain values, JSON text (str or bytes) or MessagePack (bytes). Every object can be closed,
and closes itself when it is no longer used. A context belongs to one thread at a time.
"""

from __future__ import annotations

import secrets
import time
import weakref
from typing import Any, Optional, Tuple, Union

from ._document import encode, decode
from ._engine import Engine, EngineError

__all__ = ["Builder", "Context", "Engine", "EngineError", "Instance", "UNLIMITED"]

Document = Union[str, bytes, dict, list]

#: A budget without limit.
UNLIMITED = 2**64 - 1
_BATCHES = 2


class _Handle:
    """Something of the engine that must be given back."""

    def __init__(self, engine: Engine, handle: int, free: str) -> None:
        self._engine = engine
        self._pointer = handle
        self._finalizer = weakref.finalize(self, engine.release, free, handle)

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


class Builder(_Handle):
    """Collects configuration documents under paths."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, engine.create("bartizan_builder_new"), "bartizan_builder_free")

    def update(self, path: str, config: Document) -> Tuple[bool, dict]:
        """Adds or replaces the configuration of a path; gives whether it was taken over, and diagnostics.

        When it was not, what the path held before stays in force.
        """
        code, out = self._engine.call("bartizan_builder_update", self._handle, path.encode(), encode(config), 0)
        if code < 0:
            raise EngineError(code)
        return code == 1, decode(out)

    def remove(self, path: str) -> bool:
        """Removes a path; False when it is not known."""
        code, _ = self._engine.call("bartizan_builder_remove", self._handle, path.encode(), out=False)
        if code < 0:
            raise EngineError(code)
        return code == 1

    def build(self) -> Optional[Instance]:
        """An instance of the configuration as it stands; None when nothing in it would ever run."""
        handle = self._engine.make("bartizan_builder_build", self._handle)
        return Instance(self._engine, handle) if handle else None


class Instance(_Handle):
    """What evaluates. It never changes, and all threads may use it."""

    def __init__(self, engine: Engine, handle: int) -> None:
        super().__init__(engine, handle, "bartizan_instance_free")

    def _names(self, function: str) -> list:
        code, out = self._engine.call(function, self._handle)
        if code < 0:
            raise EngineError(code)
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


class Context(_Handle):
    """One request: what it has shown so far, and what has been reported of it."""

    def __init__(self, engine: Engine, handle: int) -> None:
        super().__init__(engine, handle, "bartizan_context_free")

    def eval(self, data: Document, **options: Any) -> Optional[dict]:
        """Evaluates addresses; gives the result, or None when nothing matched. For options see eval_json."""
        out = self.eval_json(data, **options)
        return None if out is None else decode(out)

    def eval_json(
        self,
        data: Document,
        *,
        now: Optional[int] = None,
        entropy: Optional[int] = None,
        budget: int = UNLIMITED,
        batches: bool = False,
    ) -> Optional[bytes]:
        """Evaluates addresses; gives the result as the engine wrote it, or None when nothing matched.

        now: seconds since 1970, for data that expires (default: the clock). entropy: 64 random bits, for
        ids (default: random). budget: work units. batches: the data is a list of maps.
        """
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
            raise EngineError(code)
        return out if code == 1 else None

    def subcontext(self) -> Context:
        """A context that starts as a copy of this one; nothing flows back."""
        return Context(self._engine, self._engine.create("bartizan_subcontext_new", self._handle))
