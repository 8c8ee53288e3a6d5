"""Protection under an application that knows nothing of it.

With BARTIZAN_ENABLED=true in the environment, servers that this process imports put protection before the
application that they are given, and frameworks tell about users and path parameters. `bartizan-run` sets it.
"""

from __future__ import annotations

import functools
import importlib.abc
import importlib.util
import inspect
import logging
import os
import sys
from typing import Any, Callable, Dict, Optional

log = logging.getLogger("bartizan")

_protection = None


def wanted() -> bool:
    """Whether the environment asks for it."""
    return os.environ.get("BARTIZAN_ENABLED", "").strip().lower() in ("1", "true", "yes", "on")


def protection() -> Any:
    """The protection of this process, made when it is first needed; None when it cannot be."""
    global _protection
    if _protection is None:
        from ._protection import Protection

        try:
            _protection = Protection()
        except Exception as failure:
            # An application must come up without its protection, but not in silence.
            log.error("the application is NOT protected: %s", failure)
            _protection = False
    return _protection or None


def protect(application: Any) -> Any:
    """An application with protection before it, unless it has that already."""
    from ._asgi import AsgiMiddleware
    from ._wsgi import WsgiMiddleware

    if isinstance(application, (AsgiMiddleware, WsgiMiddleware)) or not callable(application):
        return application
    mine = protection()
    if mine is None:
        return application
    return (AsgiMiddleware if is_asgi(application) else WsgiMiddleware)(application, mine)


def is_asgi(application: Any) -> bool:
    """Whether it takes a scope and not an environment."""
    if inspect.isclass(application):
        return hasattr(application, "__await__") or len(inspect.signature(application).parameters) == 1
    call = application if inspect.isfunction(application) else getattr(application, "__call__", application)
    call = inspect.unwrap(call.func if isinstance(call, functools.partial) else call)
    if inspect.iscoroutinefunction(call):
        return True
    try:
        names = list(inspect.signature(call).parameters)
    except (TypeError, ValueError):
        return False
    return names[:1] == ["scope"]


def _wrap(owner: Any, name: str, make: Callable[[Callable], Callable]) -> None:
    function = getattr(owner, name, None)
    if function is not None and not hasattr(function, "_bartizan"):
        fresh = functools.wraps(function)(make(function))
        fresh._bartizan = True
        setattr(owner, name, fresh)


# ------------------------------------------------------------------------------------------------------ servers


def _wsgiref(module: Any) -> None:
    def make(set_app: Callable) -> Callable:
        return lambda self, application: set_app(self, protect(application))

    _wrap(module.WSGIServer, "set_app", make)


def _werkzeug(module: Any) -> None:
    def make(make_server: Callable) -> Callable:
        def made(host: Any = None, port: Any = None, app: Any = None, *rest: Any, **more: Any) -> Any:
            return make_server(host, port, protect(app), *rest, **more)

        return made

    _wrap(module, "make_server", make)


def _gunicorn(module: Any) -> None:
    def make(wsgi: Callable) -> Callable:
        def made(self: Any) -> Any:
            application = wsgi(self)
            # A worker for ASGI hands it to its own server, which is patched too.
            return application if is_asgi(application) else protect(application)

        return made

    _wrap(module.BaseApplication, "wsgi", make)


def _uvicorn(module: Any) -> None:
    def make(load: Callable) -> Callable:
        def made(self: Any) -> None:
            load(self)
            self.loaded_app = protect(self.loaded_app)

        return made

    _wrap(module.Config, "load", make)


def _waitress(module: Any) -> None:
    def make(create_server: Callable) -> Callable:
        return lambda application, *rest, **more: create_server(protect(application), *rest, **more)

    _wrap(module, "create_server", make)


def _cheroot(module: Any) -> None:
    def make(init: Callable) -> Callable:
        def made(self: Any, bind_addr: Any, wsgi_app: Any, *rest: Any, **more: Any) -> None:
            init(self, bind_addr, protect(wsgi_app), *rest, **more)

        return made

    _wrap(module.Server, "__init__", make)


# --------------------------------------------------------------------------------------------------- frameworks


def _flask(module: Any) -> None:
    from ._hooks import flask

    flask(module, _wrap)


def _flask_login(module: Any) -> None:
    from ._hooks import flask_login

    flask_login(module, _wrap)


def _flask_login_manager(module: Any) -> None:
    from ._hooks import flask_login_manager

    flask_login_manager(module, _wrap)


def _starlette(module: Any) -> None:
    from ._hooks import starlette

    starlette(module, _wrap)


def _django(module: Any) -> None:
    from ._hooks import django

    django(module, _wrap)


def _django_auth(module: Any) -> None:
    from ._hooks import django_auth

    django_auth(module)


_PATCHES: Dict[str, Callable[[Any], None]] = {
    "wsgiref.simple_server": _wsgiref,
    "werkzeug.serving": _werkzeug,
    "gunicorn.app.base": _gunicorn,
    "uvicorn.config": _uvicorn,
    "waitress.server": _waitress,
    "cheroot.wsgi": _cheroot,
    "flask.app": _flask,
    "flask_login.utils": _flask_login,
    "flask_login.login_manager": _flask_login_manager,
    "starlette.routing": _starlette,
    "django.core.handlers.base": _django,
    "django.contrib.auth.signals": _django_auth,
}


class _Finder(importlib.abc.MetaPathFinder):
    """Patches modules right after they were imported."""

    def __init__(self) -> None:
        self._busy: set = set()

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        patch = _PATCHES.get(name)
        if patch is None or name in self._busy:
            return None
        self._busy.add(name)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._busy.discard(name)
        if spec is None or spec.loader is None or not hasattr(spec.loader, "exec_module"):
            return None
        execute = spec.loader.exec_module

        def exec_module(module: Any) -> None:
            execute(module)
            _apply(name, module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def _apply(name: str, module: Any) -> None:
    try:
        _PATCHES[name](module)
    except Exception:
        log.exception("%s could not be given protection", name)


_installed: Optional[_Finder] = None


def install() -> None:
    """Patches what is imported already, and what will be."""
    global _installed
    if _installed is not None:
        return
    _installed = _Finder()
    sys.meta_path.insert(0, _installed)
    for name in _PATCHES:
        if name in sys.modules:
            _apply(name, sys.modules[name])


if wanted():
    install()
