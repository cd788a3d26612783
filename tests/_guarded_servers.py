"""An application with two views that block, and the requests that are sent to it under each server with the guard on."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from _servers import Over, arguments_of, running

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pytest
    from _servers import Answer, Server

RUN = [sys.executable, "-m", "ginger_async_safe", "run"]
REPORT = "found.json"

SHOP = """
import hashlib, time
from pathlib import Path

import anyio


async def hello():
    await anyio.sleep(0)
    return b"hello"


async def nap():
    time.sleep(0.01)  # NAP
    return b"rested"


def source():
    return Path(__file__).read_bytes()  # READ


async def read():
    return source()


async def body_of(receive):
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    assert scope["type"] == "http"
    if scope["method"] == "POST":
        said = hashlib.sha256(await body_of(receive)).hexdigest().encode()
    else:
        said = await {"/": hello, "/nap": nap, "/read": read}[scope["path"]]()
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(said))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": said})
"""


def line_of(mark: str, text: str = SHOP) -> int:
    """Return the number of the line that has a mark."""
    return next(number for number, line in enumerate(text.splitlines(), 1) if line.endswith(f"# {mark}"))


MADE_AT = {f"shop.py:{line_of('NAP')} in async nap", f"shop.py:{line_of('READ')} in source"}
FOUND = {("time.sleep", line_of("NAP")), ("file.open", line_of("READ")), ("file.read", line_of("READ"))}
UPLOADS = [bytes(range(250)) * 1_200, bytes(range(250)) * 12_000]
"""300 KB and 3 MB: Daphne writes the first to a temporary file, and passes the second on in pieces."""


class Case(NamedTuple):
    """A server, and how it is run.

    Attributes:
        name: Its name.
        options: Its options.
        over: What it speaks HTTP over.
        workers: The number of processes that serve, if the first process does not serve alone.
        ends: Its exit code after SIGTERM.
        own: The package that makes calls of its own on the loop, if there is one.
    """

    name: str
    options: Sequence[str] = ()
    over: Over = Over.TCP
    workers: int = 0
    ends: int = 0
    own: str | None = None


@dataclass
class Seen:
    """What a server did, from its start to its end.

    Attributes:
        hello: Its first and its last response.
        uploads: Its responses to uploads.
        blocking: Its responses from the views that block.
        processes: The number of its processes.
        ended: Its exit code.
        output: What it printed.
        found: The report, if there is one.
    """

    hello: list[Answer]
    uploads: list[Answer]
    blocking: list[Answer]
    processes: int
    ended: int
    output: str
    found: dict[str, Any] | None


def seen(server: Server) -> Seen:
    """Send a server every request, and end it."""
    hello = [server.fetch("/")]
    uploads = [server.fetch("/", "POST", upload) for upload in UPLOADS]
    blocking = [server.fetch("/nap"), server.fetch("/read")]
    hello.append(server.fetch("/"))
    processes = len(server.processes())
    ended = server.end()
    report = server.directory / REPORT
    found = json.loads(report.read_text(encoding="utf-8")) if report.exists() else None
    return Seen(hello, uploads, blocking, processes, ended, server.output(), found)


def made_anew(factory: pytest.TempPathFactory) -> Path:
    """Return a new directory that contains the application."""
    directory = factory.mktemp("shop")
    (directory / "shop.py").write_text(SHOP, encoding="utf-8")
    return directory


@contextlib.contextmanager
def guarded(case: Case, directory: Path, *options: str) -> Iterator[Server]:
    """Run a server under ``ginger-async-safe run``.

    Args:
        case: The server.
        directory: The directory of the application.
        options: Options of the command.
    """

    def command(port: int) -> list[str]:
        arguments = arguments_of(case.name, "shop:application", port, case.options, case.over)
        return [*RUN, *options, "--", case.name, *arguments]

    with running(command, directory, name=case.name, over=case.over) as server:
        yield server


def assert_serves(run: Seen) -> None:
    """Check that all responses are complete, before a view has blocked and afterwards."""
    assert [(200, b"hello")] * 2 == [(answer.status, answer.body) for answer in run.hello]
    expected = [(200, hashlib.sha256(upload).hexdigest().encode()) for upload in UPLOADS]
    assert expected == [(answer.status, answer.body) for answer in run.uploads]


def assert_found(run: Seen) -> None:
    """Check that the user's two calls were stopped, and no other ones, and that the guard has not failed."""
    assert [500, 500] == [answer.status for answer in run.blocking]
    stopped = re.findall(r"^[ |]*(?:made )?at +(.*)$", run.output, re.MULTILINE)
    assert MADE_AT == {Path(place).name for place in stopped}, run.output
    assert 2 == run.output.count("Traceback (most recent call last)"), run.output
    assert "ginger_async_safe failed" not in run.output
    assert "InternalErrorWarning" not in run.output


def violations(run: Seen) -> set[tuple[str, int]]:
    """Return each call in a report, with its line in the application; lines of other files are negative."""
    assert run.found is not None, run.output
    found = [(each["call"], each["record"]["called_at"]) for each in run.found["violations"]]
    return {(call, place["line"] * (1 if Path(place["file"]).name == "shop.py" else -1)) for call, place in found}
