"""Real servers under the guard: each serves as without it, its housekeeping is not stopped, and the user's code is."""

from __future__ import annotations

import hashlib
import http.client
import json
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from _guarded_servers import (
    FOUND,
    REPORT,
    RUN,
    SHOP,
    UPLOADS,
    Case,
    assert_found,
    assert_serves,
    guarded,
    line_of,
    made_anew,
    seen,
    violations,
)
from _servers import TIMEOUT, Over, running

if TYPE_CHECKING:
    from collections.abc import Callable

    from _guarded_servers import Seen

TERMINATED = -15
H11_WORKER = ["--worker-class", "uvicorn_worker.UvicornH11Worker"]
ASGI_WORKER = ["--worker-class", "asgi"]

CASES = {
    "uvicorn-h11-asyncio": Case("uvicorn", ["--http", "h11", "--loop", "asyncio"], ends=TERMINATED),
    "uvicorn-httptools-uvloop": Case("uvicorn", ["--http", "httptools", "--loop", "uvloop"], ends=TERMINATED),
    "uvicorn-tls-asyncio": Case("uvicorn", ["--loop", "asyncio"], Over.TLS, ends=TERMINATED, own="uvicorn"),
    "uvicorn-tls-uvloop": Case("uvicorn", ["--loop", "uvloop"], Over.TLS, ends=TERMINATED, own="uvicorn"),
    "uvicorn-unix": Case("uvicorn", [], Over.UNIX, ends=TERMINATED, own="uvicorn"),
    "uvicorn-workers": Case("uvicorn", ["--workers", "2"], workers=2),
    "gunicorn": Case("gunicorn", [], workers=1, own="gunicorn"),
    "gunicorn-h11": Case("gunicorn", H11_WORKER, workers=1, own="gunicorn"),
    "gunicorn-preload": Case("gunicorn", ["--preload"], workers=1, own="gunicorn"),
    "gunicorn-tls": Case("gunicorn", [], Over.TLS, workers=1, own="uvicorn"),
    "gunicorn-asgi": Case("gunicorn", ASGI_WORKER, workers=1, own="gunicorn"),
    "gunicorn-asgi-preload": Case("gunicorn", [*ASGI_WORKER, "--preload"], workers=1, own="gunicorn"),
    "gunicorn-asgi-tls": Case("gunicorn", ASGI_WORKER, Over.TLS, workers=1, own="gunicorn"),
    "hypercorn": Case("hypercorn"),
    "hypercorn-tls": Case("hypercorn", [], Over.TLS, own="hypercorn"),
    "hypercorn-unix": Case("hypercorn", [], Over.UNIX),
    "hypercorn-uvloop": Case("hypercorn", ["--worker-class", "uvloop"]),
    "hypercorn-trio": Case("hypercorn", ["--worker-class", "trio"]),
    "hypercorn-trio-tls": Case("hypercorn", ["--worker-class", "trio"], Over.TLS, own="hypercorn"),
    "daphne": Case("daphne", own="twisted"),
    "daphne-tls": Case("daphne", [], Over.TLS, own="twisted"),
    "daphne-unix": Case("daphne", [], Over.UNIX, own="twisted"),
    "granian-asyncio": Case("granian", ["--loop", "asyncio"]),
    "granian-uvloop": Case("granian", ["--loop", "uvloop"]),
    "granian-asginl": Case("granian", ["--interface", "asginl"]),
    "granian-workers": Case("granian", ["--workers", "2"], workers=2),
}
OWN = {name: case for name, case in CASES.items() if case.own is not None}


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    """Each server."""
    return CASES[request.param]


@pytest.fixture(scope="module")
def under_raise(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Return what a server does under the default policy."""
    with guarded(case, made_anew(tmp_path_factory)) as server:
        return seen(server)


@pytest.fixture(scope="module")
def under_report(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Return what a server does if violations are allowed, and reported."""
    with guarded(case, made_anew(tmp_path_factory), "--report", REPORT) as server:
        return seen(server)


class TestRun:
    """``ginger-async-safe run``, under the default policy."""

    def test_serves(self, case: Case, under_raise: Seen) -> None:
        """It serves an async view, and accepts uploads, with the number of processes that the options select."""
        assert_serves(under_raise)
        assert case.workers < under_raise.processes

    def test_blocking_views(self, under_raise: Seen) -> None:
        """A view that blocks is stopped, with the user's line, and nothing else is stopped."""
        assert_found(under_raise)

    def test_end(self, case: Case, under_raise: Seen) -> None:
        """SIGTERM ends it with its usual exit code."""
        assert case.ends == under_raise.ended


class TestReport:
    """``ginger-async-safe run --report``."""

    def test_serves(self, case: Case, under_report: Seen) -> None:
        """It serves everything, and ends as usual."""
        assert_serves(under_report)
        assert [200, 200] == [answer.status for answer in under_report.blocking]
        assert (case.ends, 0) == (under_report.ended, under_report.output.count("Traceback")), under_report.output

    def test_violations(self, under_report: Seen) -> None:
        """The report lists the user's lines as violations, and no others."""
        assert FOUND == violations(under_report)

    def test_housekeeping(self, case: Case, under_report: Seen) -> None:
        """It lists separately what a package did by itself, with the package's name and version."""
        assert under_report.found is not None
        apart = json.dumps({key: value for key, value in under_report.found.items() if key != "violations"})
        if case.own is None:
            assert case.name not in apart
        else:
            assert case.own in apart.lower()
            assert version(case.own) in apart


HEAD = """
import asyncio, sys

from ginger_async_safe import guard_blocking_calls

guard_blocking_calls()

from shop import application

PORT = int(sys.argv[1])
"""

UVICORN = """
import uvicorn

OPTIONS = {"log_level": "warning", "port": PORT, "ssl_keyfile": "key.pem", "ssl_certfile": "certificate.pem"}
"""

HYPERCORN = """
from hypercorn.config import Config

config = Config()
config.bind = [f"127.0.0.1:{PORT}"]
config.keyfile, config.certfile = "key.pem", "certificate.pem"
"""

PROGRAMS = {
    "uvicorn.run": (UVICORN + "uvicorn.run(application, **OPTIONS)", TERMINATED),
    "uvicorn.run-import": (UVICORN + "uvicorn.run('shop:application', loop='asyncio', **OPTIONS)", TERMINATED),
    "uvicorn.serve": (
        UVICORN + "asyncio.run(uvicorn.Server(uvicorn.Config(application, **OPTIONS)).serve())",
        TERMINATED,
    ),
    "uvicorn.serve-awaited": (
        UVICORN
        + """
async def main():
    await uvicorn.Server(uvicorn.Config(application, **OPTIONS)).serve()  # AWAITED

asyncio.run(main())
""",
        TERMINATED,
    ),
    "uvicorn.serve-awaited-on-uvloop": (
        UVICORN
        + """
import uvloop

async def main():
    task = asyncio.create_task(uvicorn.Server(uvicorn.Config(application, **OPTIONS)).serve())
    await task

def start():
    uvloop.new_event_loop().run_until_complete(main())

start()
""",
        TERMINATED,
    ),
    "hypercorn.serve": (HYPERCORN + "from hypercorn.asyncio import serve\nasyncio.run(serve(application, config))", 0),
    "hypercorn.serve-awaited": (
        HYPERCORN
        + """
from hypercorn.asyncio import serve

async def main():
    await serve(application, config)  # AWAITED

asyncio.run(main())
""",
        0,
    ),
    "hypercorn.trio.serve": (
        HYPERCORN + "import trio\nfrom hypercorn.trio import serve\ntrio.run(serve, application, config)",
        TERMINATED,
    ),
}


def program(name: str, factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Write a program of the user's that serves with TLS; return its directory and its source."""
    directory = made_anew(factory)
    source = HEAD + PROGRAMS[name][0]
    (directory / "serve.py").write_text(source, encoding="utf-8")
    return directory, source


@pytest.fixture(scope="module", params=PROGRAMS)
def name(request: pytest.FixtureRequest) -> str:
    """Each program."""
    return str(request.param)


@pytest.fixture(scope="module")
def embedded(name: str, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Return what a program does."""
    directory, _ = program(name, tmp_path_factory)
    with running(lambda port: [sys.executable, "serve.py", str(port)], directory, over=Over.TLS) as server:
        return seen(server)


class TestEmbedded:
    """A program of the user's runs the server, and calls ``guard_blocking_calls()`` at its top."""

    def test_serves(self, embedded: Seen) -> None:
        """It loads its certificate, and serves."""
        assert_serves(embedded)

    def test_blocking_views(self, embedded: Seen) -> None:
        """A view that blocks is stopped."""
        assert_found(embedded)

    def test_end(self, name: str, embedded: Seen) -> None:
        """It ends as usual."""
        assert PROGRAMS[name][1] == embedded.ended

    @pytest.mark.parametrize("awaited", ["uvicorn.serve-awaited", "hypercorn.serve-awaited"])
    def test_report(self, awaited: str, tmp_path_factory: pytest.TempPathFactory) -> None:
        """What a server does while the user's async function awaits it is reported there, as that package's."""
        directory, source = program(awaited, tmp_path_factory)
        words = [*RUN, "--report", REPORT, "--", "serve.py"]
        with running(lambda port: [*words, str(port)], directory, over=Over.TLS) as server:
            run = seen(server)
        loaded = ("ssl.SSLContext.load_cert_chain", -line_of("AWAITED", source))
        assert FOUND | {loaded} == violations(run)
        assert run.found is not None
        (entry,) = (each for each in run.found["violations"] if each["call"] == loaded[0])
        package = awaited.partition(".")[0]
        assert package in json.dumps(entry).lower()
        assert version(package) in json.dumps(entry)


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < deadline, "it does not come"
        time.sleep(0.02)  # between two checks of the condition


def test_reload(tmp_path_factory: pytest.TempPathFactory) -> None:
    """An application that has changed is reloaded by uvicorn."""
    directory = made_anew(tmp_path_factory)
    with guarded(Case("uvicorn", ["--reload"]), directory) as server:
        assert b"hello" == server.fetch("/").body

        def answers(path: str, expected: tuple[int, bytes | None]) -> bool:
            try:
                answer = server.fetch(path)
            except (OSError, http.client.HTTPException):  # the old process may end during the request
                return False
            return expected in {(answer.status, answer.body), (answer.status, None)}

        def is_new() -> bool:
            # Repeatedly: uvicorn ignores changes before its first look at the files.
            (directory / "shop.py").write_text(SHOP.replace('b"hello"', 'b"good evening"'), encoding="utf-8")
            return answers("/", (200, b"good evening"))

        until(is_new)
        until(lambda: answers("/nap", (500, None)))
        assert 0 == server.end()


def test_http_2(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Hypercorn serves HTTP/2, as without the guard."""
    case = CASES["hypercorn-tls"]
    with (
        guarded(case, made_anew(tmp_path_factory)) as server,
        httpx.Client(http2=True, verify=server.trusted(), base_url=f"https://127.0.0.1:{server.port}") as client,
    ):
        uploaded, blocked = client.post("/", content=UPLOADS[0]), client.get("/nap")
    assert ("HTTP/2", hashlib.sha256(UPLOADS[0]).hexdigest()) == (uploaded.http_version, uploaded.text)
    assert 500 == blocked.status_code


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"file": {"class": "logging.FileHandler", "filename": "access.log"}},
    "loggers": {
        name: {"handlers": ["file"], "level": "INFO", "propagate": False}
        for name in ("uvicorn", "uvicorn.access", "_granian", "granian.access")
    },
}


@pytest.mark.parametrize(
    ("server", "options"),
    [
        ("uvicorn", ["--log-level", "info", "--log-config", "logging.json"]),
        ("gunicorn", ["--access-logfile", "access.log"]),
        ("gunicorn", [*ASGI_WORKER, "--access-logfile", "access.log"]),
        ("hypercorn", ["--access-logfile", "access.log"]),
        ("daphne", ["--access-log", "access.log"]),
        ("granian", ["--access-log", "--log-config", "logging.json"]),
    ],
    ids=["uvicorn", "gunicorn", "gunicorn-asgi", "hypercorn", "daphne", "granian"],
)
def test_access_log(server: str, options: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    """A server that logs each request to a file, sometimes while the application awaits ``send``, is not stopped."""
    directory = made_anew(tmp_path_factory)
    (directory / "logging.json").write_text(json.dumps(LOGGING), encoding="utf-8")
    with guarded(Case(server, options), directory) as running_server:
        assert (200, b"hello") == (running_server.fetch("/").status, running_server.fetch("/").body)
        running_server.end()
    assert 2 <= (directory / "access.log").read_text(encoding="utf-8").count("GET /")
    assert "Traceback" not in running_server.output()


class TestGunicorn:
    """What gunicorn does beside serving."""

    @pytest.mark.parametrize("worker", [[], H11_WORKER, ASGI_WORKER], ids=["uvicorn", "h11", "asgi"])
    def test_heartbeat(self, worker: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
        """Its worker keeps reporting that it is alive, and is never replaced."""
        case = Case("gunicorn", [*worker, "--timeout", "2"])
        with guarded(case, made_anew(tmp_path_factory)) as server:
            server.fetch("/")
            workers = server.processes()
            beats: set[float] = set()

            def has_beaten() -> bool:
                beats.update(last_beat(pid) for pid in server.processes()[1:])
                return len(beats) > 2

            until(has_beaten)
            assert workers == server.processes()
            assert 200 == server.fetch("/").status

    def test_control_server(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        """Its control server responds, and does what it is told."""
        directory = made_anew(tmp_path_factory)
        with guarded(CASES["gunicorn-asgi"], directory) as server:
            until((directory / "control.sock").exists)
            assert 1 == send_command(directory, "show workers")["count"]
            send_command(directory, "worker add 1")
            until(lambda: send_command(directory, "show workers")["count"] == 2)
            assert 200 == server.fetch("/").status
            assert 0 == server.end()


def last_beat(worker: int) -> float:
    """Return when a worker of gunicorn last reported that it is alive: the time of its file, which has no name any more."""
    (beat,) = (each for each in Path(f"/proc/{worker}/fd").iterdir() if "wgunicorn-" in str(each.readlink()))
    return beat.stat().st_mtime


def send_command(directory: Path, command: str) -> dict[str, Any]:
    """Send a command to gunicorn's control server, and return its response."""
    words = [str(Path(sys.executable).with_name("gunicornc")), "-s", "control.sock", "-j", "-c", command]
    done = subprocess.run(words, cwd=directory, check=True, capture_output=True, text=True, timeout=TIMEOUT)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
