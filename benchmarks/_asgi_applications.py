"""The applications that asgi_handlers.py serves; CONTENDER in the environment selects one.

All have the same routes. The plain ones are one WSGI application under different bridges; the others are one project of
GingerDJ or Django under different handlers.
"""

# ruff: noqa: ANN401 - the results of other packages have no types here

from __future__ import annotations

import asyncio
import importlib
import io
import json
import os
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from ginger_async_safe.asgi import ASGIHandler, LeasedThreads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

THREADS = int(os.environ.get("THREADS", "16"))
DATABASE = os.environ["DATABASE"]
JSON = json.dumps([{"id": number, "title": "x" * 80} for number in range(190)]).encode()
UPLOAD_SIZE = 1024 * 1024  # bytes
CHUNKS = [b"x" * 4096] * 200
SELECT = "SELECT id, title FROM book"

_local = threading.local()


def query() -> bytes:
    """Read ten rows through this thread's connection."""
    if not hasattr(_local, "connection"):
        _local.connection = sqlite3.connect(DATABASE)
    return repr(_local.connection.execute(SELECT).fetchall()).encode()


def wsgi_application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Serve the routes, as WSGI."""
    path = environ["PATH_INFO"]
    if path == "/stream":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return (chunk for chunk in CHUNKS)
    if path == "/hello":
        body = b"hello, world"
    elif path == "/sleep10":
        time.sleep(0.01)
        body = b"slept"
    elif path == "/json":
        body = JSON
    elif path == "/upload":
        body = b"%d" % len(environ["wsgi.input"].read())
    else:
        body = query()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def configure(name: str) -> None:
    """Configure GingerDJ or Django with views for the routes."""
    http = importlib.import_module(f"{name}.http")
    conf = importlib.import_module(f"{name}.conf")
    urls = importlib.import_module(f"{name}.urls")
    # Connections are kept open, as under any fast WSGI server: the frameworks' own handlers cannot do that.
    database = {"ENGINE": f"{name}.db.backends.sqlite3", "NAME": DATABASE, "CONN_MAX_AGE": 60}
    conf.settings.configure(
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        DATABASES={"default": database},
        MIDDLEWARE=[],
        SECRET_KEY="x",  # noqa: S106 - of no real project
    )
    importlib.import_module(name).setup()
    connection = importlib.import_module(f"{name}.db").connection

    def rows() -> bytes:
        with connection.cursor() as cursor:
            cursor.execute(SELECT)
            return repr(cursor.fetchall()).encode()

    def slept() -> bytes:
        time.sleep(0.01)
        return b"slept"

    async def hello(_: Any) -> Any:
        return http.HttpResponse(b"hello, world")

    global urlpatterns  # noqa: PLW0603 - ROOT_URLCONF refers to it
    urlpatterns = [
        urls.path("hello", lambda _: http.HttpResponse(b"hello, world")),
        urls.path("sleep10", lambda _: http.HttpResponse(slept())),
        urls.path("json", lambda _: http.HttpResponse(JSON)),
        urls.path("upload", lambda request: http.HttpResponse(b"%d" % len(request.read()))),
        urls.path("stream", lambda _: http.StreamingHttpResponse(iter(CHUNKS))),
        urls.path("orm", lambda _: http.HttpResponse(rows())),
        urls.path("async", hello),
    ]


urlpatterns: list[Any] = []


def bare_hand_off() -> Any:
    """Pass the call to a thread and send its result: the least that every bridge has to do."""
    executor = ThreadPoolExecutor(THREADS)

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        environ = {"PATH_INFO": scope["path"], "wsgi.input": await _whole_body(receive)}
        headers: list[tuple[bytes, bytes]] = []

        def run() -> bytes:
            def start_response(_status: str, given: list[tuple[str, str]]) -> None:
                headers.extend((name.lower().encode(), value.encode()) for name, value in given)

            return b"".join(wsgi_application(environ, start_response))

        body = await asyncio.get_running_loop().run_in_executor(executor, run)
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return application


async def _whole_body(receive: Any) -> Any:
    body = io.BytesIO()
    while True:
        message = await receive()
        body.write(message.get("body", b""))
        if not message.get("more_body"):
            body.seek(0)
            return body


def framework_application(package: str, how: str) -> Any:
    """Return a project's application: under its own handler, under LeasedThreads, as WSGI under ASGIHandler, or mixed."""
    configure(package)
    if how == "mixed":
        door = importlib.import_module(f"ginger_async_safe.contrib.{package}")
        return door.get_asgi_application(threads=THREADS)
    if how == "wsgi":
        return ASGIHandler(importlib.import_module(f"{package}.core.wsgi").get_wsgi_application(), threads=THREADS)
    own = importlib.import_module(f"{package}.core.asgi").get_asgi_application()
    return LeasedThreads(own, threads=THREADS) if how == "leased" else own


def peer(module: str, name: str, **arguments: int) -> Any:
    """Return the plain application in the bridge of another package."""
    return getattr(importlib.import_module(module), name)(wsgi_application, **arguments)


CONTENDERS: dict[str, Callable[[], Any]] = {
    "ours": lambda: ASGIHandler(wsgi_application, threads=THREADS),
    "ours-asgiref": lambda: ASGIHandler(wsgi_application, threads=THREADS, hop="asgiref"),
    "uvicorn": lambda: peer("uvicorn.middleware.wsgi", "_WSGIMiddleware", workers=THREADS),
    "a2wsgi": lambda: peer("a2wsgi", "WSGIMiddleware", workers=THREADS),
    "starlette": lambda: peer("starlette.middleware.wsgi", "WSGIMiddleware"),
    "asgiref": lambda: peer("asgiref.wsgi", "WsgiToAsgi"),
    "hypercorn": lambda: peer("hypercorn.middleware", "AsyncioWSGIMiddleware", max_body_size=2 * UPLOAD_SIZE),
    "floor": bare_hand_off,
    "gunicorn": lambda: wsgi_application,
}


def give_threads() -> None:
    """Set the number of threads of the loop's and anyio's pools, for bridges that use these."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
    if chosen == "starlette":
        importlib.import_module("anyio.to_thread").current_default_thread_limiter().total_tokens = THREADS


class Watched:
    """An application with a timer on its loop, on request: /watch starts it, /gap ends it.

    The response to /gap is the longest time between two ticks, in milliseconds.
    """

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._longest = 0.0
        self._heart: asyncio.Task[None] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve."""
        if scope["type"] == "lifespan":
            give_threads()
        path = scope.get("path")
        if path not in {"/watch", "/gap"}:
            await self._inner(scope, receive, send)
            return
        if self._heart is not None:
            self._heart.cancel()
        if path == "/watch":
            self._longest = 0.0
            self._heart = asyncio.create_task(self._beat())
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"%.1f" % (self._longest * 1000)})

    async def _beat(self) -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            self._longest = max(self._longest, now - last)
            last = now


chosen = os.environ["CONTENDER"]
application = CONTENDERS[chosen]() if chosen in CONTENDERS else framework_application(*chosen.split("-"))
if chosen != "gunicorn":  # which serves WSGI without a loop
    application = Watched(application)
