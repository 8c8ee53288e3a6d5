"""Unchanged applications, started by real servers with bartizan-run or with one environment variable."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

PROGRAMS = Path(sys.executable).parent

WSGI = """
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]
"""

ASGI = """
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})
"""

FLASK = """
from flask import Flask, request
from flask_login import LoginManager, UserMixin, login_required, login_user

app = Flask(__name__)
app.secret_key = "test"
manager = LoginManager(app)

class User(UserMixin):
    def __init__(self, id):
        self.id = id

@manager.user_loader
def load(id):
    return User(id)

@app.get("/item/<name>")
def item(name):
    return name

@app.get("/login/<name>")
def login(name):
    login_user(User(name))
    return "in"

@app.get("/me")
@login_required
def me():
    return "me"
"""

STARLETTE = """
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

async def item(request):
    return PlainTextResponse("hello")

app = Starlette(routes=[Route("/item/{name}", item)])
"""

WSGIREF = """
import sys
from wsgiref.simple_server import make_server
from app import app
make_server("127.0.0.1", int(sys.argv[1]), app).serve_forever()
"""

DJANGO = """
import os, sys
import django
from django.conf import settings
settings.configure(
    DEBUG=False, SECRET_KEY="test", ROOT_URLCONF="app", ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(os.path.dirname(__file__), "base")}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
)
django.setup()
from django.contrib.auth import authenticate, login
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path
call_command("migrate", verbosity=0)
for name in ("ann", "mallory"):
    if not User.objects.filter(username=name).exists():
        User.objects.create_user(name, password="secret")

def enter(request, name):
    user = authenticate(request, username=name, password=request.GET.get("p"))
    if user is None:
        return HttpResponse("no", status=401)
    login(request, user)
    return HttpResponse("in")

def item(request, name):
    return HttpResponse(name)

urlpatterns = [path("enter/<name>", enter), path("item/<name>", item)]
app = get_wsgi_application()
"""

RULES = """
{"version":"2.2","rules":[
 {"id":"scanner","name":"s","tags":{"type":"a"},"conditions":[{"operator":"match_regex","parameters":{"inputs":[{"address":"server.request.headers.no_cookies"}],"regex":"^dd-test-scanner-log$"}}]},
 {"id":"agent","name":"a","tags":{"type":"b"},"conditions":[{"operator":"match_regex","parameters":{"inputs":[{"address":"server.request.headers.no_cookies"}],"regex":"^block-me$"}}],"on_match":["block"]},
 {"id":"param","name":"p","tags":{"type":"c"},"conditions":[{"operator":"match_regex","parameters":{"inputs":[{"address":"server.request.path_params"}],"regex":"^evil$"}}],"on_match":["block"]},
 {"id":"user","name":"u","tags":{"type":"d"},"conditions":[{"operator":"match_regex","parameters":{"inputs":[{"address":"usr.id"},{"address":"usr.login"}],"regex":"^mallory$"}}],"on_match":["block"]}]}
"""


class Launch(unittest.TestCase):
    def open(self, command, cwd=None, environment=None, **files):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        for name, text in files.items():
            Path(place.name, f"{name}.py").write_text(textwrap.dedent(text))
        rules = Path(place.name, "rules.json")
        rules.write_text(RULES)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.events = Path(place.name, "events")
        settings = {"BARTIZAN_RULES": str(rules), "BARTIZAN_EVENTS": str(self.events), "PATH": f"{PROGRAMS}:/usr/bin:/bin"}
        given = {**os.environ, **settings, **(environment or {})}
        words = [str(word).replace("PORT", str(self.port)) for word in command]
        self.log = open(Path(place.name, "log"), "w+")
        process = subprocess.Popen(words, cwd=place.name, env=given, stdout=self.log, stderr=self.log, start_new_session=True)

        def stop():
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
            self.log.close()

        self.addCleanup(stop)
        end = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if time.monotonic() > end or process.poll() is not None:
                    self.log.seek(0)
                    self.fail(f"{words} did not start: {self.log.read()}")
                time.sleep(0.05)

    def ask(self, path="/", agent="calm", cookie=None):
        headers = {"User-Agent": agent, **({"Cookie": cookie} if cookie else {})}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                self.cookie = answer.headers.get("Set-Cookie")
                return answer.status
        except urllib.error.HTTPError as answer:
            return answer.code

    def told(self, *parts):
        """Waits for lines with these parts: a server may write one after the client has its answer."""
        end = time.monotonic() + 10
        while True:
            lines = self.events.read_text()
            absent = [part for part in parts if part not in lines]
            if not absent:
                return
            if time.monotonic() > end:
                self.fail(f"{absent} not found in {lines}")
            time.sleep(0.05)

    def held(self, path="/"):
        self.assertEqual(self.ask(path), 200)
        self.assertEqual(self.ask(path, "block-me"), 403)

    def test_wsgiref_by_environment(self):
        self.open([sys.executable, "serve.py", "PORT"], environment={"BARTIZAN_ENABLED": "true"}, app=WSGI, serve=WSGIREF)
        self.held()

    def test_nothing_without_being_asked(self):
        self.open([sys.executable, "serve.py", "PORT"], app=WSGI, serve=WSGIREF)
        self.assertEqual(self.ask("/", "block-me"), 200)

    def test_gunicorn(self):
        self.open(["bartizan-run", "gunicorn", "--workers", "2", "--threads", "2", "--bind", "127.0.0.1:PORT", "app:app"], app=WSGI)
        self.held()

    def test_uvicorn(self):
        self.open(["bartizan-run", "uvicorn", "--port", "PORT", "app:app"], app=ASGI)
        self.held()

    def test_waitress(self):
        self.open(["bartizan-run", "waitress-serve", "--listen", "127.0.0.1:PORT", "app:app"], app=WSGI)
        self.held()

    def test_flask_with_its_users(self):
        self.open(["bartizan-run", "flask", "--app", "app", "run", "--port", "PORT"], app=FLASK)
        self.held("/item/x")
        self.assertEqual(self.ask("/item/evil"), 403)
        self.assertEqual(self.ask("/login/ann"), 200)
        self.assertEqual(self.ask("/me", cookie=self.cookie.split(";")[0]), 200)
        self.assertEqual(self.ask("/login/mallory"), 403)
        self.told('"_dd.appsec.events.users.login.success.auto.mode":"identification"', '"usr.id":"ann"')
        self.told('"path":"/login/ann"', '"path":"/me"')

    def test_starlette(self):
        self.open(["bartizan-run", "uvicorn", "--port", "PORT", "app:app"], app=STARLETTE)
        self.held("/item/x")
        self.assertEqual(self.ask("/item/evil"), 403)

    def test_django_with_its_users(self):
        self.open(["bartizan-run", "gunicorn", "--bind", "127.0.0.1:PORT", "app:app"], app=DJANGO)
        self.held("/item/x")
        self.assertEqual(self.ask("/item/evil"), 403)
        self.assertEqual(self.ask("/enter/ann?p=secret"), 200)
        self.assertEqual(self.ask("/enter/ann?p=wrong"), 401)
        self.assertEqual(self.ask("/enter/nobody?p=wrong"), 401)
        self.assertEqual(self.ask("/enter/mallory?p=secret"), 403)
        self.told(
            'login.failure.usr.exists":"true"',
            'login.failure.usr.exists":"false"',
            'login.success.usr.login":"ann"',
        )

    def test_the_command_says_what_is_wrong(self):
        done = subprocess.run([PROGRAMS / "bartizan-run", "no-such-program"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 127)
        self.assertIn("there is no program no-such-program", done.stderr)
        checked = subprocess.run([sys.executable, "-m", "bartizan", "doctor"], capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.assertIn('"problems": []', checked.stdout)


if __name__ == "__main__":
    unittest.main()
