"""Middleware for ASGI."""

from __future__ import annotations

from typing import Any, Callable, List, Optional

from ._protection import Protection
from ._request import Blocked, Request, _current, flat


class AsgiMiddleware:
    """Puts protection before an ASGI application.

        application = AsgiMiddleware(application, Protection(rules=["rules/"]))
    """

    def __init__(self, application: Callable, protection: Optional[Protection] = None) -> None:
        self.application = application
        self.protection = protection or Protection()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.application, name)

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.application(scope, receive, send)
            return
        protection = self.protection
        request = protection.request()
        if request is None:
            if protection.settings["enabled"] and protection.settings["on_failure"] == "closed":
                await _refuse(protection.settings["failure_response"], scope, receive, send)
                return
            await self.application(scope, receive, send)
            return
        try:
            request.start(flat_scope(scope))
            if scope["type"] == "http" and request.refusal is None and _has_body(scope):
                receive = await _look_at_body(request, receive, protection.body_limit)
            if request.refusal is not None:
                await _refuse(request.refusal, scope, receive, send)
                return
            await self._serve(request, scope, receive, send)
        finally:
            request.finish()

    async def _serve(self, request: Request, scope: dict, receive: Callable, send: Callable) -> None:
        sender = _Sender(request, send, self.protection.settings["response_body"])
        token = _current.set(request)
        try:
            await self.application(scope, receive, sender if scope["type"] == "http" else send)
        except Blocked as blocked:
            request.refusal = request.refusal or blocked.response
            if not sender.started:
                await _refuse(request.refusal, scope, receive, send)
        except Exception:
            # Frameworks answer what they do not know with an error and raise it again.
            if not sender.refused:
                raise
        finally:
            _current.reset(token)


def flat_scope(scope: dict) -> bytes:
    """The flat form of a request's beginning."""
    target = scope.get("raw_path") or scope["path"].encode("utf-8", "surrogateescape")
    query = scope.get("query_string")
    if query and b"?" not in target:
        target += b"?" + query
    client = scope.get("client")
    fields = [
        scope.get("method", "GET").encode(),
        target,
        client[0].encode() if client else b"",
        scope.get("scheme", "http").encode(),
        b"",
        b"",
    ]
    for pair in scope["headers"]:
        fields += pair
    return flat(fields)


def _has_body(scope: dict) -> bool:
    return any(
        name == b"content-length" and value != b"0" or name == b"transfer-encoding" for name, value in scope["headers"]
    )


async def _look_at_body(request: Request, receive: Callable, limit: int) -> Callable:
    messages: List[dict] = []
    size, more = 0, True
    while more and size <= limit:
        message = await receive()
        messages.append(message)
        if message["type"] != "http.request":
            break
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    content = b"".join(message.get("body", b"") for message in messages)
    request.body(content[:limit], not more and size <= limit)

    async def replay() -> dict:
        return messages.pop(0) if messages else await receive()

    return replay


async def _refuse(refusal: dict, scope: dict, receive: Callable, send: Callable) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    await _answer(refusal, send)


async def _answer(refusal: dict, send: Callable) -> None:
    body = refusal["body"].encode()
    headers = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in refusal["headers"]]
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": refusal["status"], "headers": headers})
    await send({"type": "http.response.body", "body": body})


class _Sender:
    """Stands before `send`: looks at what the application says, and may say something else."""

    __slots__ = ("_request", "_send", "_whole", "_start", "_pieces", "started", "refused")

    def __init__(self, request: Request, send: Callable, whole: bool) -> None:
        self._request = request
        self._send = send
        self._whole = whole
        self._start: Optional[dict] = None
        self._pieces: List[bytes] = []
        self.started = False
        self.refused = False

    async def __call__(self, message: dict) -> None:
        if self.refused:
            return
        if message["type"] == "http.response.start" and not self.started:
            if self._request.refusal is None:
                fields = [str(message["status"]).encode(), b""]
                for pair in message.get("headers", ()):
                    fields += pair
                self._request.response(flat(fields))
            if await self._refused():
                return
            if self._whole:
                self._start = message
                return
            self.started = True
        elif self._start is not None and message["type"] == "http.response.body":
            await self._body(message)
            return
        await self._send(message)

    async def _body(self, message: dict) -> None:
        self._pieces.append(message.get("body", b""))
        if message.get("more_body", False):
            return
        content = b"".join(self._pieces)
        self._request.response_body(content)
        if await self._refused():
            return
        self.started = True
        start, self._start = self._start, None
        await self._send(start)
        await self._send({"type": "http.response.body", "body": content})

    async def _refused(self) -> bool:
        if self._request.refusal is None:
            return False
        self.refused = self.started = True
        await _answer(self._request.refusal, self._send)
        return True
