"""One request: evaluated step by step, blocked by exception or by return value."""

from __future__ import annotations

import contextvars
import secrets
import time
from typing import Any, Iterable, List, Optional, Tuple

from ._document import decode, encode
from ._engine import EngineError, error

_current: contextvars.ContextVar = contextvars.ContextVar("bartizan request", default=None)

INSPECTED = ("", "none", "partial", "full")


def current() -> Optional[Request]:
    """The request that is being served, if it is protected."""
    return _current.get()


class Blocked(Exception):
    """The request is to be refused. The middleware turns it into `response`."""

    def __init__(self, response: dict) -> None:
        super().__init__("the request was blocked by a security rule")
        self.response = response


class Answer(dict):
    """What an evaluation came to: `verdict`, `events`, `actions`, `attributes`, `tags`, `response`, `warnings` …"""

    @property
    def blocked(self) -> bool:
        """Whether the request is to be refused."""
        return "response" in self

    @property
    def events(self) -> List[dict]:
        """What rules reported."""
        return self.get("events", [])

    @property
    def tags(self) -> dict:
        """What to write on the request's root span, or into a log."""
        return self.get("tags", {})


class Request:
    """One request. It belongs to one thread at a time.

    Each step gives an `Answer`, or None when there is nothing to tell. When the engine fails, the request goes on
    unchecked or is refused, as the settings say.
    """

    __slots__ = ("_protection", "_core", "_instance", "_handle", "_start", "refusal", "inspected", "__weakref__")

    def __init__(self, protection: Any, core: Any, instance: Any) -> None:
        self._protection = protection
        self._core = core
        self._instance = instance
        self._start = b""
        #: The response that the request is to be refused with, once it is.
        self.refusal: Optional[dict] = None
        #: How much of the body was looked at: none, partial or full; empty before.
        self.inspected = ""
        self._handle = 0
        self._handle = self._new()

    def _new(self) -> int:
        core = self._core
        if core.engine.has_clock:
            return core.request_new(core.host._pointer, self._instance._pointer, 0, 0) or 0
        try:
            return core.request_new(
                core.host._pointer, self._instance._pointer, int(time.time()), secrets.randbits(64)
            )
        except EngineError as failure:
            self._fail(failure)
            return 0

    def __del__(self) -> None:
        # Servers do not always close what they are given: werkzeug's does not when the client is gone by then.
        self.finish()

    def close(self) -> None:
        """Gives the memory back."""
        handle, self._handle = self._handle, 0
        if handle:
            try:
                self._core.request_free(handle)
            except EngineError:
                pass

    def _fail(self, failure: BaseException) -> None:
        self.close()
        self.refusal = self.refusal or self._protection.failed(failure, self._core)
        if self.refusal:
            self._protection.stats["blocked"] += 1

    def _step(self, step: str, data: bytes, *more: int) -> Optional[Answer]:
        handle = self._handle
        if not handle:
            return None
        core = self._core
        try:
            code, text = getattr(core, step)(handle, data, *more)
        except EngineError as failure:
            # The engine had broken before, on another request: this one goes on in the next.
            if core.engine.broken and failure.__cause__ is None and self._move():
                return self._step(step, data, *more)
            self._fail(failure)
            return None
        if code > 0:
            return self._told(code, text)
        if code < 0:
            self._refused(code)
        return None

    def _move(self) -> bool:
        """Begins again in the engine that took the place of a broken one."""
        core = self._protection.revived(self._core)
        if core is None or core.instance is None:
            return False
        self._core, self._instance, self._handle = core, core.instance, 0
        self._handle = self._new()
        if self._start and self._handle:
            core.request_start(self._handle, self._start)
        return bool(self._handle)

    def _refused(self, code: int) -> None:
        told, why = self._core.request_error(self._handle)
        failure = error(code, why.decode("utf-8", "replace") if told == 1 and why else "")
        if code == -2:
            # What an application says wrongly is no reason to leave its requests unchecked.
            self._protection.complain(f"not evaluated: {failure}")
            return
        self._fail(failure)

    def _told(self, code: int, text: Optional[bytes]) -> Optional[Answer]:
        if code & 0x30:
            self.inspected = INSPECTED[code >> 4 & 3]
        if not code & 3 or text is None:
            return None
        answer = Answer(decode(text))
        for warning in answer.get("warnings", ()):
            self._protection.complain(warning)
        if code & 3 == 2:
            if self.refusal is None and "blocked" not in answer:
                self._protection.stats["blocked"] += 1
                self.refusal = answer["response"]
        return answer

    # ------------------------------------------------------------------------------------------------- steps

    def start(self, data: Any) -> Optional[Answer]:
        """First line, headers and peer: a map of `method`, `target`, `peer`, `headers` …, or flat fields."""
        if type(data) is not bytes:
            data = encode(data)
        if not self._core.engine.has_clock:
            self._start = data
        return self._step("request_start", data)

    def body(self, content: bytes, complete: bool = True) -> Optional[Answer]:
        """The body, or what was read of it."""
        return self._step("request_body", content, 1 if complete else 0)

    def event(self, document: dict) -> Optional[Answer]:
        """What the application says about a user or its business."""
        return self._step("request_event", encode(document))

    def eval(self, addresses: dict, subcontext: bool = False) -> Optional[Answer]:
        """Addresses as they are, such as `server.io.net.url`; with `subcontext` nothing of them is remembered."""
        return self._step("request_eval", encode(addresses), 4 if subcontext else 0)

    def path_params(self, params: Any) -> Optional[Answer]:
        """What the route found in the path."""
        return self.eval({"server.request.path_params": params}) if params else None

    def response(self, data: Any) -> Optional[Answer]:
        """Status and headers of the response: a map of `status` and `headers`, or flat fields."""
        return self._step("request_response", data if type(data) is bytes else encode(data))

    def response_body(self, content: bytes, complete: bool = True) -> Optional[Answer]:
        """The body of the response, of which only JSON is looked at."""
        inspected = self.inspected
        answer = self._step("request_response_body", content, 1 if complete else 0)
        self.inspected = inspected
        return answer

    def finish(self) -> None:
        """Hands out the request's line, if it came to anything, and gives the memory back."""
        handle = self._handle
        if handle:
            try:
                code, text = self._core.request_finish(handle, 0)
                if code == 1 and text is not None:
                    self._protection.line(text)
            except EngineError as failure:
                self._fail(failure)
            self.close()

    # ------------------------------------------------------------------------------- users and business events

    def _say(self, document: dict, block: bool) -> Optional[Answer]:
        answer = self.event(document)
        if block and self.refusal is not None:
            raise Blocked(self.refusal)
        return answer

    def set_user(
        self,
        id: Any,
        *,
        name: Optional[str] = None,
        email: Optional[str] = None,
        session_id: Optional[str] = None,
        role: Optional[str] = None,
        scope: Optional[str] = None,
        block: bool = True,
        **tags: Any,
    ) -> Optional[Answer]:
        """Says whose request it is. Raises `Blocked` when that user is refused, unless `block` is false."""
        user = {"id": id, "name": name, "email": email, "session_id": session_id, "role": role, "scope": scope, **tags}
        user = {key: value for key, value in user.items() if value is not None}
        return self._say({"event": "set_user", "user": user}, block)

    def is_user_blocked(self, id: Any) -> bool:
        """Whether a user is refused, and requests are blocked at all. Says nothing about this request."""
        answer = self.event({"event": "is_user_blocked", "user": {"id": id}})
        return answer is not None and answer.blocked

    def track_user_login_success(
        self, login: Optional[str], user: Any = None, metadata: Optional[dict] = None, *, block: bool = True
    ) -> Optional[Answer]:
        """A login that worked. `user` is an id, or a map with `id` and more."""
        return self._say({"event": "login_success", "login": login, "user": user, "metadata": metadata}, block)

    def track_user_login_failure(
        self,
        login: Optional[str],
        exists: Optional[bool] = None,
        user: Any = None,
        metadata: Optional[dict] = None,
        *,
        block: bool = True,
    ) -> Optional[Answer]:
        """A login that was refused; `exists` says whether there is such a user."""
        document = {"event": "login_failure", "login": login, "exists": exists, "user": user, "metadata": metadata}
        return self._say(document, block)

    def track_user_signup(
        self, login: Optional[str], user: Any = None, metadata: Optional[dict] = None, *, block: bool = True
    ) -> Optional[Answer]:
        """A new account."""
        return self._say({"event": "signup", "login": login, "user": user, "metadata": metadata}, block)

    def track_custom_event(
        self, name: str, metadata: Optional[dict] = None, user: Any = None, *, block: bool = True
    ) -> Optional[Answer]:
        """Something that matters to the business, such as `payment.failure`."""
        return self._say({"event": "custom", "name": name, "metadata": metadata, "user": user}, block)

    def automatic(self, document: dict, *, block: bool = True) -> Optional[Answer]:
        """What a framework's hook saw; collected as the settings allow."""
        return self._say({**document, "auto": True}, block)


def flat(fields: Iterable[bytes]) -> bytes:
    """Fields with their number in front."""
    fields = list(fields)
    return b"%d\0" % (len(fields) + 1) + b"\0".join(fields)
