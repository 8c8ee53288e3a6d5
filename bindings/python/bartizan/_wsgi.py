"""Middleware for WSGI."""

from __future__ import annotations

import io
from http.client import responses
from typing import Any, Callable, Iterable, List, Optional

from ._protection import Protection
from ._request import Blocked, Request, _current

_BODY_METHODS = {"POST", "PUT", "PATCH", "DELETE", "QUERY"}


class WsgiMiddleware:
    """Puts protection before a WSGI application.

        application = WsgiMiddleware(application, Protection(rules=["rules/"]))
    """

    def __init__(self, application: Callable, protection: Optional[Protection] = None) -> None:
        self.application = application
        self.protection = protection or Protection()

    def __getattr__(self, name: str) -> Any:
        # An application keeps its own attributes for those who look for them.
        return getattr(self.application, name)

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        protection = self.protection
        request = protection.request()
        if request is None:
            refusal = None
            if protection.settings["enabled"] and protection.settings["on_failure"] == "closed":
                refusal = protection.settings["failure_response"]
            return _answer(refusal, start_response) if refusal else self.application(environ, start_response)
        request.start(flat_environ(environ))
        if request.refusal is None and _has_body(environ):
            _look_at_body(request, environ, protection.body_limit)
        if request.refusal is not None:
            return _refuse(request, start_response)
        return _serve(self.application, request, environ, start_response, protection.settings["response_body"])


def flat_environ(environ: dict) -> bytes:
    """The flat form of a request's beginning."""
    target = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if target is None:
        target = _quoted(environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""))
        query = environ.get("QUERY_STRING")
        if query:
            target += "?" + query
    fields = [
        "",
        environ["REQUEST_METHOD"],
        target,
        environ.get("REMOTE_ADDR") or "",
        environ["wsgi.url_scheme"],
        "",
        "cgi",
    ]
    for name, value in environ.items():
        if name[:5] == "HTTP_" or name == "CONTENT_TYPE" or name == "CONTENT_LENGTH":
            fields += (name, value or "")
    fields[0] = str(len(fields))
    text = "\0".join(fields)
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape")


_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/!$&'()*+,;=:@")


def _quoted(path: str) -> str:
    if _PLAIN.issuperset(path):
        return path
    return "".join(c if c in _PLAIN else f"%{ord(c):02X}" if ord(c) < 256 else c for c in path)


def _has_body(environ: dict) -> bool:
    length = environ.get("CONTENT_LENGTH")
    return bool(length) and length != "0" or "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()


class _Replayed(io.RawIOBase):
    """An input whose beginning was read before."""

    def __init__(self, beginning: bytes, rest: Any) -> None:
        self._beginning = io.BytesIO(beginning)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def read(self, size: Optional[int] = -1) -> bytes:
        if size is None or size < 0:
            return self._beginning.read() + self._rest.read()
        found = self._beginning.read(size)
        return found if found or not size else self._rest.read(size)

    def readline(self, size: Optional[int] = -1) -> bytes:
        size = -1 if size is None else size
        line = self._beginning.readline(size)
        if line.endswith(b"\n") or 0 <= size <= len(line):
            return line
        rest = self._rest.readline(size - len(line)) if size >= 0 else self._rest.readline()
        return line + rest

    def readinto(self, buffer: Any) -> int:
        found = self.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)

    def readlines(self, hint: Optional[int] = -1) -> List[bytes]:
        return list(iter(self.readline, b""))

    def __iter__(self):
        return iter(self.readline, b"")

    def __next__(self) -> bytes:
        line = self.readline()
        if not line:
            raise StopIteration
        return line


def _look_at_body(request: Request, environ: dict, limit: int) -> None:
    source = environ["wsgi.input"]
    length = environ.get("CONTENT_LENGTH") or ""
    known = int(length) if length.isdigit() else None
    wanted = limit + 1 if known is None else min(known, limit)
    chunks, size = [], 0
    while size < wanted:
        chunk = source.read(wanted - size)
        if not chunk:
            break
        chunks.append(chunk)
        size += len(chunk)
    content = b"".join(chunks)
    environ["wsgi.input"] = _Replayed(content, source) if known is None or known > size else io.BytesIO(content)
    complete = size >= known if known is not None else size <= limit
    request.body(content[:limit], complete)


def _headers(refusal: dict) -> list:
    headers = [(name, value) for name, value in refusal["headers"]]
    headers.append(("content-length", str(len(refusal["body"].encode()))))
    return headers


def _status(refusal: dict) -> str:
    return f"{refusal['status']} {responses.get(refusal['status'], 'Blocked')}"


def _answer(refusal: dict, start_response: Callable, exc_info: Any = None) -> List[bytes]:
    if exc_info:
        start_response(_status(refusal), _headers(refusal), exc_info)
    else:
        start_response(_status(refusal), _headers(refusal))
    return [refusal["body"].encode()]


def _refuse(request: Request, start_response: Callable, exc_info: Any = None) -> List[bytes]:
    refusal = request.refusal
    request.finish()
    return _answer(refusal, start_response, exc_info)


class _Starter:
    """Stands before `start_response`: looks at what the application says, and may say something else."""

    __slots__ = ("request", "start_response", "refused", "started", "later", "pending")

    def __init__(self, request: Request, start_response: Callable, later: bool) -> None:
        self.request = request
        self.start_response = start_response
        self.refused = False
        self.started = False
        self.later = later
        self.pending: Optional[tuple] = None

    def __call__(self, status: str, headers: list, exc_info: Any = None) -> Callable:
        request = self.request
        if request.refusal is None:
            fields = ["", status[:3], ""]
            for pair in headers:
                fields += pair
            fields[0] = str(len(fields))
            try:
                request.response("\0".join(fields).encode("latin-1", "replace"))
            except TypeError:
                # The server will say what is wrong with these headers.
                pass
        if request.refusal is not None:
            self.refused = True
            if not self.started:
                self.started = True
                _answer(request.refusal, self.start_response, exc_info)
            return lambda _: None
        if self.later:
            self.pending = (status, headers, exc_info)
            return lambda _: None
        self.started = True
        return self.start_response(status, headers, exc_info) if exc_info else self.start_response(status, headers)

    def go(self) -> None:
        """Says what waited for the body."""
        if self.pending is not None:
            status, headers, exc_info = self.pending
            self.pending, self.started = None, True
            self.start_response(status, headers, exc_info) if exc_info else self.start_response(status, headers)


def _serve(
    application: Callable, request: Request, environ: dict, start_response: Callable, whole: bool
) -> Iterable[bytes]:
    environ["bartizan.request"] = request
    starter = _Starter(request, start_response, whole)
    token = _current.set(request)
    try:
        result = application(environ, starter)
    except Blocked as blocked:
        request.refusal = request.refusal or blocked.response
        return _refuse(request, start_response)
    except BaseException:
        request.finish()
        raise
    finally:
        _current.reset(token)
    if starter.refused:
        _close(result)
        return _body_of(request)
    if isinstance(result, (list, tuple)):
        if whole and starter.pending is not None:
            request.response_body(b"".join(result))
            if request.refusal is not None:
                return _refuse(request, start_response)
        starter.go()
        request.finish()
        return result
    starter.later = False
    starter.go()
    return _Streamed(result, request, starter)


def _body_of(request: Request) -> List[bytes]:
    body = request.refusal["body"].encode() if request.refusal else b""
    request.finish()
    return [body]


def _close(result: Any) -> None:
    close = getattr(result, "close", None)
    if close is not None:
        close()


class _Streamed:
    """A body that comes piece by piece."""

    def __init__(self, pieces: Iterable[bytes], request: Request, starter: _Starter) -> None:
        self._pieces = pieces
        self._request = request
        self._starter = starter

    def __iter__(self):
        if self._starter.started:
            # What is begun is not looked at any more.
            return iter(self._pieces)
        return self._watched()

    def _watched(self):
        token = _current.set(self._request)
        try:
            for piece in self._pieces:
                if self._starter.refused:
                    yield self._request.refusal["body"].encode()
                    return
                yield piece
        except Blocked as blocked:
            self._request.refusal = self._request.refusal or blocked.response
            if not self._starter.started:
                yield from _answer(self._request.refusal, self._starter.start_response)
        finally:
            try:
                _current.reset(token)
            except ValueError:
                pass

    def close(self) -> None:
        try:
            _close(self._pieces)
        finally:
            self._request.finish()
