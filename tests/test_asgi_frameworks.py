"""ASGIHandler with applications of other frameworks, and under a server that forks."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING

import pytest
from _asgi import exchange, http_scope
from _servers import TIMEOUT, serving

from ginger_async_safe.asgi import ASGIHandler

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = """
import {framework}
from {framework}.conf import settings
from {framework}.core.wsgi import get_wsgi_application
from {framework}.db import connection
from {framework}.http import HttpResponse, JsonResponse, StreamingHttpResponse
from {framework}.urls import path

from ginger_async_safe.asgi import ASGIHandler

database = {{"ENGINE": "{framework}.db.backends.sqlite3", "NAME": ":memory:"}}
settings.configure(
    ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, MIDDLEWARE=[], SECRET_KEY="secret", DATABASES={{"default": database}}
)
{framework}.setup()


def query(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 + 1")
        return JsonResponse({{"answer": cursor.fetchone()[0], "sent": request.body.decode(), "path": request.path}})


async def later(request):
    return HttpResponse("async")


def stream(request):
    return StreamingHttpResponse(str(number) for number in range(5))


def cookies(request):
    response = HttpResponse("cookies")
    response.set_cookie("first", "1")
    response.set_cookie("second", "2", httponly=True)
    return response


urlpatterns = [path("query", query), path("later", later), path("stream", stream), path("cookies", cookies)]
application = ASGIHandler(get_wsgi_application())
"""

FORKED = """
import asyncio
import os
import sys

from ginger_async_safe.asgi import ASGIHandler

sys.path.insert(0, os.environ["TESTS"])

from _asgi import exchange


def wsgi_application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]


application = ASGIHandler(wsgi_application, threads=2)
before = asyncio.run(exchange(application)).body.decode()
assert before == str(os.getpid())
"""


@pytest.mark.parametrize("framework", ["gingerdj", "django"])
def test_framework_views(framework: str, tmp_path: Path) -> None:
    """A project's sync, async and streaming views work, and may use the ORM."""
    pytest.importorskip(framework)
    (tmp_path / "project.py").write_text(PROJECT.format(framework=framework), encoding="utf-8")
    with serving("uvicorn", "project:application", tmp_path) as server:
        response = server.fetch("/query", "POST", b"caf\xc3\xa9")
        later, stream = server.fetch("/later"), server.fetch("/stream")
    assert {"answer": 2, "sent": "café", "path": "/query"} == json.loads(response.body)
    assert [(200, b"async"), (200, b"01234")] == [(each.status, each.body) for each in (later, stream)]


@pytest.mark.asyncio
async def test_flask() -> None:
    """A Flask application works, mounted below a path, with its own error pages."""
    flask = pytest.importorskip("flask")
    application = flask.Flask("shop")

    @application.post("/echo/<word>")  # type: ignore[untyped-decorator]
    def echo(word: str) -> str:
        return f"{word} {flask.request.get_data(as_text=True)} {flask.url_for('echo', word='x')}"

    handler = ASGIHandler(application)
    scope = http_scope(
        "/shop/echo/a b", "POST", root_path="/shop", headers=[(b"host", b"h"), (b"content-length", b"5")]
    )
    client = await exchange(handler, scope, [b"he", b"llo"])
    missing = await exchange(handler, http_scope("/nowhere"))
    assert (200, b"a b hello /shop/echo/x") == (client.status, client.body)
    assert 404 == missing.status


@pytest.mark.parametrize("parser", ["h11", "httptools"])
@pytest.mark.parametrize("framework", ["gingerdj", "django"])
def test_framework_cookies(framework: str, parser: str, tmp_path: Path) -> None:
    """Each cookie that a project sets arrives; the frameworks' WSGI handlers put a space before it, which h11 refuses."""
    pytest.importorskip(framework)
    pytest.importorskip(parser)
    (tmp_path / "project.py").write_text(PROJECT.format(framework=framework), encoding="utf-8")
    with serving("uvicorn", "project:application", tmp_path, options=["--http", parser]) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=TIMEOUT)
        connection.request("GET", "/cookies")
        with connection.getresponse() as response:
            found = response.headers.get_all("Set-Cookie")
            assert (200, b"cookies") == (response.status, response.read())
        connection.close()
    assert ["first=1; Path=/", "second=2; HttpOnly; Path=/"] == found


def test_preloading_server(tmp_path: Path) -> None:
    """An application that has served requests before the server forks serves in the forked worker, with new threads."""
    pytest.importorskip("uvicorn_worker")
    (tmp_path / "forked.py").write_text(FORKED, encoding="utf-8")
    tests = str(__file__.rpartition("/")[0])
    with serving("gunicorn", "forked:application", tmp_path, options=["--preload"], TESTS=tests) as server:
        answers = {server.fetch("/").body.decode() for _ in range(10)}
        workers = set(map(str, server.processes()[1:]))
    assert answers <= workers
