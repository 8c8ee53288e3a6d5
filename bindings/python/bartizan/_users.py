"""What an application says about the request that is being served.

All functions raise `Blocked` when the request is to be refused, unless `block=False`; the middleware answers it.
Outside of a protected request they do nothing.
"""

from __future__ import annotations

import logging
from typing import Any, Optional

from ._request import Answer, current

log = logging.getLogger("bartizan")
_warned = set()


def _request(function: str) -> Any:
    request = current()
    if request is None and function not in _warned:
        _warned.add(function)
        log.warning("%s was called outside of a protected request; it does nothing there", function)
    return request


def set_user(
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
    """Says whose request it is: call it once the session is known. More keywords become tags `usr.<keyword>`."""
    request = _request("set_user")
    if request is None:
        return None
    return request.set_user(
        id, name=name, email=email, session_id=session_id, role=role, scope=scope, block=block, **tags
    )


def is_user_blocked(id: Any) -> bool:
    """Whether a user is refused, and requests are blocked at all."""
    request = _request("is_user_blocked")
    return request is not None and request.is_user_blocked(id)


def track_user_login_success(
    login: Optional[str], user: Any = None, metadata: Optional[dict] = None, *, block: bool = True
) -> Optional[Answer]:
    """A login that worked. `user` is an id, or a map with `id` and more."""
    request = _request("track_user_login_success")
    return request and request.track_user_login_success(login, user, metadata, block=block)


def track_user_login_failure(
    login: Optional[str],
    exists: Optional[bool] = None,
    user: Any = None,
    metadata: Optional[dict] = None,
    *,
    block: bool = True,
) -> Optional[Answer]:
    """A login that was refused; `exists` says whether there is such a user."""
    request = _request("track_user_login_failure")
    return request and request.track_user_login_failure(login, exists, user, metadata, block=block)


def track_user_signup(
    login: Optional[str], user: Any = None, metadata: Optional[dict] = None, *, block: bool = True
) -> Optional[Answer]:
    """A new account."""
    request = _request("track_user_signup")
    return request and request.track_user_signup(login, user, metadata, block=block)


def track_custom_event(
    name: str, metadata: Optional[dict] = None, user: Any = None, *, block: bool = True
) -> Optional[Answer]:
    """Something that matters to the business, such as `payment.failure` or `users.password_reset`."""
    request = _request("track_custom_event")
    return request and request.track_custom_event(name, metadata, user, block=block)
