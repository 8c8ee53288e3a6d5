"""What frameworks know: path parameters and users. Installed by the launcher; `install_django` and others by hand."""

from __future__ import annotations

import logging
from typing import Any, Callable, Optional

from ._request import Blocked, current

log = logging.getLogger("bartizan")

_FIELDS = ("id", "email", "username", "login", "user", "name")


def fields(user: Any) -> dict:
    """The plain fields of a user object that may say who it is."""
    found = {}
    for name in _FIELDS:
        value = getattr(user, name, None)
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            found[name] = value
    if "id" not in found:
        key = getattr(user, "pk", None)
        if key is None and callable(getattr(user, "get_id", None)):
            key = user.get_id()
        if key is not None:
            found["id"] = str(key)
    return found


def _login(found: dict) -> Optional[str]:
    login = found.get("username") or found.get("login") or found.get("email") or found.get("id")
    return None if login is None else str(login)


def _quietly(function: Callable) -> Callable:
    """A hook never breaks an application; blocking is no breaking."""

    def quiet(*arguments: Any, **more: Any) -> Any:
        try:
            return function(*arguments, **more)
        except Blocked:
            raise
        except Exception:
            log.exception("a hook failed")
            return None

    return quiet


@_quietly
def seen(user: Any, session_id: Optional[str] = None) -> None:
    """A user whose request this is."""
    request = current()
    found = fields(user)
    if request is None or not found:
        return
    if session_id:
        found["session_id"] = session_id
    request.automatic({"event": "set_user", "user": found})


@_quietly
def logged_in(user: Any, session_id: Optional[str] = None) -> None:
    """A login that worked."""
    request = current()
    if request is None:
        return
    found = fields(user)
    if session_id:
        found["session_id"] = session_id
    request.automatic({"event": "login_success", "login": _login(found), "user": found})


@_quietly
def refused(login: Optional[str], exists: Optional[bool]) -> None:
    """A login that did not."""
    request = current()
    if request is not None:
        request.automatic({"event": "login_failure", "login": login, "exists": exists})


@_quietly
def routed(params: Any) -> None:
    """What the route found in the path."""
    request = current()
    if request is not None and params:
        request.path_params({name: str(value) for name, value in params.items()})
        if request.refusal is not None:
            raise Blocked(request.refusal)


# -------------------------------------------------------------------------------------------------------- flask


def flask(module: Any, wrap: Callable) -> None:
    """Path parameters, before the view runs."""

    def make(preprocess: Callable) -> Callable:
        def made(self: Any, *rest: Any) -> Any:
            from flask import request

            routed(request.view_args)
            return preprocess(self, *rest)

        return made

    wrap(module.Flask, "preprocess_request", make)


def flask_login(module: Any, wrap: Callable) -> None:
    """Logins by `login_user`."""

    def logs_in(login_user: Callable) -> Callable:
        def made(user: Any, *rest: Any, **more: Any) -> Any:
            worked = login_user(user, *rest, **more)
            if worked:
                logged_in(user)
            return worked

        return made

    wrap(module, "login_user", logs_in)
    package = __import__("sys").modules.get("flask_login")
    if package is not None and hasattr(package, "login_user"):
        package.login_user = module.login_user


def flask_login_manager(module: Any, wrap: Callable) -> None:
    """The user of each request."""

    def loads(load: Callable) -> Callable:
        def made(self: Any) -> Any:
            result = load(self)
            from flask import g, session

            user = g.get("_login_user")
            if user is not None and getattr(user, "is_authenticated", False):
                seen(user, session.get("_id"))
            return result

        return made

    wrap(module.LoginManager, "_load_user", loads)


# ---------------------------------------------------------------------------------------------------- starlette


def starlette(module: Any, wrap: Callable) -> None:
    """Path parameters, before the endpoint runs."""

    def make(handle: Callable) -> Callable:
        async def made(self: Any, scope: dict, receive: Callable, send: Callable) -> None:
            routed(scope.get("path_params"))
            await handle(self, scope, receive, send)

        return made

    wrap(module.Route, "handle", make)


# ------------------------------------------------------------------------------------------------------- django


class DjangoMiddleware:
    """Path parameters and the user of each request. Put it last in MIDDLEWARE, or let the launcher do that."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        return self.get_response(request)

    def process_view(self, request: Any, _view: Any, _arguments: Any, params: dict) -> None:
        try:
            routed(params)
            user = getattr(request, "user", None)
            if user is not None and getattr(user, "is_authenticated", False):
                session = getattr(request, "session", None)
                seen(user, getattr(session, "session_key", None))
        except Blocked as blocked:
            return _django_response(blocked)

    def process_exception(self, _request: Any, exception: BaseException) -> Any:
        return _django_response(exception) if isinstance(exception, Blocked) else None


def _django_response(blocked: Blocked) -> Any:
    from django.http import HttpResponse

    refusal = blocked.response
    answer = HttpResponse(refusal["body"], status=refusal["status"])
    for name, value in refusal["headers"]:
        answer[name] = value
    return answer


def django(module: Any, wrap: Callable) -> None:
    """Puts the middleware last, without touching the project's settings."""

    def make(load: Callable) -> Callable:
        def made(self: Any, is_async: bool = False) -> None:
            from django.conf import settings

            name = "bartizan._hooks.DjangoMiddleware"
            if name not in settings.MIDDLEWARE:
                settings.MIDDLEWARE = [*settings.MIDDLEWARE, name]
            load(self, is_async=is_async)

        return made

    wrap(module.BaseHandler, "load_middleware", make)


def django_auth(module: Any) -> None:
    """Logins by Django's own signals."""

    @_quietly
    def on_login(sender: Any = None, request: Any = None, user: Any = None, **_: Any) -> None:
        session = getattr(request, "session", None)
        logged_in(user, getattr(session, "session_key", None))

    @_quietly
    def on_failure(sender: Any = None, credentials: Any = None, **_: Any) -> None:
        from django.contrib.auth import get_user_model

        model = get_user_model()
        name = model.USERNAME_FIELD
        login = (credentials or {}).get(name) or (credentials or {}).get("username")
        exists = None
        if login is not None:
            exists = model._default_manager.filter(**{name: login}).exists()
        refused(None if login is None else str(login), exists)

    module.user_logged_in.connect(on_login, weak=False, dispatch_uid="bartizan")
    module.user_login_failed.connect(on_failure, weak=False, dispatch_uid="bartizan")
