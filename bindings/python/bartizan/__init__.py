"""Bartizan: a web application firewall and business-logic rule engine.

Before an application:

    from bartizan import Protection, WsgiMiddleware          # or AsgiMiddleware

    application = WsgiMiddleware(application, Protection(rules=["rules/waf.json"]))

In the application, what only it knows:

    import bartizan

    bartizan.track_user_login_success("ann", user={"id": 42, "role": "customer"})
    bartizan.track_custom_event("payment.failure", {"amount": 12, "currency": "EUR"})

And the engine itself, without a server:

    from bartizan import Builder

    builder = Builder()
    accepted, diagnostics = builder.update("rules", rules)
    instance = builder.build()                               # None: nothing would ever run

    with instance.context() as context:                      # one for each request
        result = context.eval({"server.request.query": {"q": ["' or 1=1 -- "]}})
        if result and "block_request" in result.actions:
            ...

Documents are plain values, JSON text (str or bytes) or MessagePack (bytes). Every object can be closed,
and closes itself when it is no longer used. Contexts and requests belong to one thread at a time.
"""

from __future__ import annotations

from ._asgi import AsgiMiddleware
from ._engine import Engine, EngineError, InternalError, InvalidArgument, MalformedDocument
from ._protection import Protection
from ._raw import UNLIMITED, Builder, Context, Instance, Result, Subcontext
from ._request import Answer, Blocked, Request, current
from ._users import (
    is_user_blocked,
    set_user,
    track_custom_event,
    track_user_login_failure,
    track_user_login_success,
    track_user_signup,
)
from ._wsgi import WsgiMiddleware

__all__ = [
    "Answer",
    "AsgiMiddleware",
    "Blocked",
    "Builder",
    "Context",
    "Engine",
    "EngineError",
    "Instance",
    "InternalError",
    "InvalidArgument",
    "MalformedDocument",
    "Protection",
    "Request",
    "Result",
    "Subcontext",
    "UNLIMITED",
    "WsgiMiddleware",
    "current",
    "is_user_blocked",
    "set_user",
    "track_custom_event",
    "track_user_login_failure",
    "track_user_login_success",
    "track_user_signup",
]
