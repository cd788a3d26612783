"""The shutdown of a server: requests in flight have time, and a view that hangs does not keep the process from ending."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import signal
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
from _asgi import PLAIN, SECONDS, Client, exchange, held, http_scope, until
from _servers import TIMEOUT, arguments_of, serving, wait_until

from ginger_async_safe import ConfigurationError
from ginger_async_safe.asgi import ASGIHandler, LeasedThreads, shutdown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from _asgi import Environ, Message

    Make = Callable[..., Any]

APPLICATION = """
import threading
from pathlib import Path

from asgiref.sync import async_to_sync, sync_to_async

from ginger_async_safe.asgi import ASGIHandler, LeasedThreads

begun = []
goes_on = Path(__file__).with_name("goes_on")


def view(path):
    if path == "/begun":
        return str(len(begun))
    if path == "/hang":
        begun.append(path)
        threading.Event().wait()
    if path == "/slow":
        begun.append(path)
        while not goes_on.exists():
            threading.Event().wait(0.02)
    return "answered"


def wsgi_application(environ, start_response):
    answer = view(environ["PATH_INFO"])
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [answer.encode()]


async def asgi_application(scope, receive, send):
    if scope["type"] == "lifespan":
        for what in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{what}.complete"})
    else:
        answer = await sync_to_async(view)(scope["path"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": answer.encode()})


application = ASGIHandler(wsgi_application, threads=4)
hasty = ASGIHandler(wsgi_application, threads=4, shutdown_timeout=0.5)
leased = LeasedThreads(asgi_application, threads=4)
"""

ENDING = 15  # seconds in which a server has to end: fewer than shutdown_timeout, so that it is not the one that ends it
LEFT = "the server ends, and these requests did not, within shutdown_timeout or when the server gave them up: "

# The server, its options, and whether unfinished requests are logged: not if the server kills its process, with or
# without a signal.
LIMITED = {
    "uvicorn": ("uvicorn", ["--timeout-graceful-shutdown", "1"], True),
    "uvicorn, lifespan on": ("uvicorn", ["--timeout-graceful-shutdown", "1", "--lifespan", "on"], True),
    "uvicorn, lifespan off": ("uvicorn", ["--timeout-graceful-shutdown", "1", "--lifespan", "off"], False),
    "uvicorn, reload": ("uvicorn", ["--timeout-graceful-shutdown", "1", "--reload"], True),
    "hypercorn": ("hypercorn", ["--graceful-timeout", "1"], True),
    "daphne": ("daphne", [], True),
    "granian": ("granian", ["--workers-kill-timeout", "1"], False),
    "gunicorn": ("gunicorn", ["--graceful-timeout", "1"], False),
}


@contextlib.contextmanager
def requesting(port: int, path: str) -> Iterator[http.client.HTTPConnection]:
    """Send a request, and leave its response for later."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    with contextlib.closing(connection):
        connection.request("GET", path)
        yield connection


def exists(pid: int) -> bool:
    """Return whether a process still exists."""
    return subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout[
        :1
    ] not in {"", "Z"}


@pytest.mark.parametrize("name", LIMITED)
@pytest.mark.parametrize("application", ["application", "leased"])
def test_hung_view(name: str, application: str, tmp_path: Path) -> None:
    """A view that never returns does not keep a server from ending in its own time limit, and the request is logged."""
    server_name, options, is_told = LIMITED[name]
    pytest.importorskip({"gunicorn": "uvicorn_worker"}.get(server_name, server_name))
    if server_name == "hypercorn" and sys.version_info >= (3, 12):
        pytest.skip("hypercorn waits for its connections without a limit there: asyncio's Server.wait_closed() does")
    (tmp_path / "ending.py").write_text(APPLICATION, encoding="utf-8")
    with serving(server_name, f"ending:{application}", tmp_path, options=options) as server:
        with requesting(server.port, "/hang"):
            wait_until(lambda: b"1" == server.fetch("/begun").body)
            processes = server.processes()
            server.process.send_signal(signal.SIGTERM)
            server.process.wait(ENDING)
        wait_until(lambda: not any(map(exists, processes)))
        log = server.output()
    assert is_told == (f"{LEFT}GET /hang\n" in log), log


@pytest.mark.parametrize("name", ["uvicorn", "hypercorn", "granian"])
def test_request_in_flight(name: str, tmp_path: Path) -> None:
    """A request that ends in time is answered, although the server began its shutdown before."""
    pytest.importorskip(name)
    (tmp_path / "ending.py").write_text(APPLICATION, encoding="utf-8")
    with serving(name, "ending:application", tmp_path) as server:
        with requesting(server.port, "/slow") as connection:
            wait_until(lambda: b"1" == server.fetch("/begun").body)
            server.process.send_signal(signal.SIGTERM)
            if name != "hypercorn":  # the parent of its worker goes on listening
                wait_until(lambda: refuses(server.port))
            (tmp_path / "goes_on").touch()
            with connection.getresponse() as response:
                assert (200, b"answered") == (response.status, response.read())
        server.process.wait(ENDING)
        assert LEFT not in server.output()


def refuses(port: int) -> bool:
    """Return whether no server listens on a port any more."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT).close()
    except OSError:
        return True
    return False


def test_server_without_a_limit_of_its_own(tmp_path: Path) -> None:
    """If the server itself has no limit, ``shutdown_timeout`` ends the wait."""
    pytest.importorskip("granian")
    (tmp_path / "ending.py").write_text(APPLICATION, encoding="utf-8")
    with serving("granian", "ending:hasty", tmp_path) as server:
        with requesting(server.port, "/hang"):
            wait_until(lambda: b"1" == server.fetch("/begun").body)
            server.process.send_signal(signal.SIGTERM)
        server.process.wait(ENDING)
        assert f"{LEFT}GET /hang\n" in server.output()


# In this process


async def shut_down(application: Any) -> list[Message]:
    """Start and end the lifespan of an application, and return its messages."""
    sent: list[Message] = []
    messages: asyncio.Queue[Message] = asyncio.Queue()
    messages.put_nowait({"type": "lifespan.startup"})
    messages.put_nowait({"type": "lifespan.shutdown"})

    async def send(message: Message) -> None:
        sent.append(message)

    await asyncio.wait_for(application({"type": "lifespan"}, messages.get, send), SECONDS)
    return sent


COMPLETE = [{"type": "lifespan.startup.complete"}, {"type": "lifespan.shutdown.complete"}]


@pytest.mark.asyncio
async def test_limit(caplog: pytest.LogCaptureFixture) -> None:
    """The end of the lifespan is answered after ``shutdown_timeout``, and the log names what runs and what waits."""
    release = threading.Event()
    begun: list[str] = []
    handler = ASGIHandler(held(release, begun), threads=1, shutdown_timeout=0.05)
    running = asyncio.create_task(exchange(handler, http_scope("/run\nning", "POST")))
    await until(lambda: begun)
    waiting = asyncio.create_task(exchange(handler, http_scope("/waiting")))
    await until(lambda: handler.stats().queued)
    assert COMPLETE == await shut_down(handler)
    expected = f"{LEFT}POST /run\\nning, GET /waiting"
    assert [("ginger_async_safe.asgi", 30, expected)] == caplog.record_tuples
    release.set()
    assert [200, 200] == [(await running).status, (await waiting).status]


@pytest.mark.asyncio
async def test_many_are_left(caplog: pytest.LogCaptureFixture) -> None:
    """Of many unfinished requests, the log names some and counts the others."""
    release = threading.Event()
    begun: list[str] = []
    handler = ASGIHandler(held(release, begun), threads=1, shutdown_timeout=0)
    tasks = [asyncio.create_task(exchange(handler, http_scope(f"/{number}"))) for number in range(30)]
    await until(lambda: begun and 29 == handler.stats().queued)
    await shut_down(handler)
    release.set()
    await asyncio.gather(*tasks)
    assert [f"{LEFT}{', '.join(f'GET /{number}' for number in range(20))} and 10 more"] == caplog.messages


@pytest.mark.asyncio
@pytest.mark.parametrize("limit", [None, 1000.0])
async def test_given_up_by_the_server(
    limit: float | None, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that the server has cancelled is given less time than the others."""
    monkeypatch.setattr(shutdown, "GRACE", 0.05)
    release = threading.Event()
    begun: list[str] = []
    handler = ASGIHandler(held(release, begun), shutdown_timeout=limit)
    task = asyncio.create_task(exchange(handler))
    await until(lambda: begun)
    task.cancel()
    await asyncio.wait([task])
    assert COMPLETE == await shut_down(handler)
    assert [f"{LEFT}GET /"] == caplog.messages
    release.set()
    await until(lambda: not handler.stats().busy)


@pytest.mark.asyncio
async def test_given_up_and_close() -> None:
    """A stream that the server has cancelled is over, including its close(), when the lifespan ends."""
    closed: list[bool] = []

    class Endless:
        def __iter__(self) -> Iterator[bytes]:
            while True:
                yield b"."

        def close(self) -> None:
            closed.append(True)

    def application(environ: Environ, start_response: Any) -> Endless:
        start_response("200 OK", PLAIN)
        return Endless()

    client = Client()
    handler = ASGIHandler(application)
    task = asyncio.create_task(handler(http_scope(), client.receive, client.send))
    await until(lambda: client.body)
    task.cancel()
    await shut_down(handler)
    assert [True] == closed


@pytest.mark.parametrize("make", [ASGIHandler, LeasedThreads])
@pytest.mark.parametrize("limit", [-1, "1", float("nan"), True])
def test_bad_limit(make: Make, limit: object) -> None:
    """An invalid limit is refused by name."""
    with pytest.raises(ConfigurationError, match="shutdown_timeout"):
        make(held, shutdown_timeout=limit)


# Another event loop library


@pytest.mark.parametrize("application", ["application", "leased"])
def test_trio_server(application: str, tmp_path: Path) -> None:
    """A server that runs on trio does not start, and its error gives the fix."""
    pytest.importorskip("hypercorn")
    (tmp_path / "ending.py").write_text(APPLICATION, encoding="utf-8")
    name = {"application": "ASGIHandler", "leased": "LeasedThreads"}[application]
    expected = (
        f"ConfigurationError: {name} runs on asyncio, and this server runs on trio; "
        "start the server on asyncio or uvloop, as in: hypercorn --worker-class asyncio"
    )
    arguments = arguments_of("hypercorn", f"ending:{application}", 0, ["--worker-class", "trio"])
    done = subprocess.run(
        [sys.executable, "-m", "hypercorn.__main__", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert expected in done.stderr


@pytest.mark.parametrize("make", [ASGIHandler, LeasedThreads])
def test_requests_on_trio(make: Make) -> None:
    """Without a lifespan, the first request raises that error, so that the server logs it; all are a 500."""
    trio = pytest.importorskip("trio")
    application = make(held)
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    async def send_request() -> None:
        await application(http_scope(), receive, send)

    with pytest.raises(ConfigurationError, match="this server runs on trio"):
        trio.run(send_request)
    assert [] == sent
    for _ in range(2):
        trio.run(send_request)
    assert [500, 500] == [message["status"] for message in sent if "status" in message]
