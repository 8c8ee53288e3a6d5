"""Documents between Python and the engine."""

from __future__ import annotations

import json
from typing import Any

# Beyond this depth the engine sees empty containers, so that nothing is lost by stopping a little later.
_DEPTH = 32


def encode(document: Any) -> bytes:
    """The bytes of a document: text and bytes as they are, any other value as JSON."""
    if isinstance(document, (bytes, bytearray, memoryview)):
        return bytes(document)
    if isinstance(document, str):
        return _utf8(document)
    try:
        return _utf8(json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")))
    except (TypeError, ValueError, RecursionError):
        # Values that JSON does not have must not keep a request from being looked at.
        plain = _plain(document, _DEPTH)
        return _utf8(json.dumps(plain, ensure_ascii=False, allow_nan=False, separators=(",", ":")))


def decode(document: bytes) -> Any:
    """The value of a JSON document that the engine wrote; bytes that are not UTF-8 become surrogates."""
    return json.loads(document.decode("utf-8", "surrogateescape"))


def _utf8(text: str) -> bytes:
    try:
        # WSGI gives bytes that are not UTF-8 as lone surrogates: the engine gets the bytes themselves.
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _plain(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).decode("utf-8", "surrogateescape")
    if depth == 0:
        return None
    if isinstance(value, dict):
        return {k if isinstance(k, str) else str(k): _plain(v, depth - 1) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(v, depth - 1) for v in value]
    return str(value)
