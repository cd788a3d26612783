"""Two hundred clients that make no progress, or sleep, beside other clients: under real servers."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from _servers import serving, wait_until
from _slow_clients import APPLICATION, SLEEPERS, Kind, answered, crowd, files, threads

from ginger_async_safe.asgi.threads import MAX_WAITING, MOST_THREADS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _servers import Server

SERVERS = {
    "uvicorn-h11": ("1.1", ["--http", "h11"]),
    "uvicorn-httptools": ("1.1", ["--http", "httptools"]),
    "hypercorn": ("1.1", ["--backlog", "1000", "--keep-alive", "1"]),
    "hypercorn-http2": ("2", ["--keep-alive", "1"]),
    "granian": ("1.1", []),
}
CHUNKS = {
    "1.1": "1000",
    "2": "32",
}  # Hypercorn accepts more of a stalled stream than it can send, and keeps it in memory

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="counts threads and files in /proc")


@pytest.fixture(scope="module", params=SERVERS)
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    """The application under each server in turn, and the version of HTTP that the clients speak."""
    name, _, parser = request.param.partition("-")
    pytest.importorskip(name)
    if parser in {"h11", "httptools"}:
        pytest.importorskip(parser)
    version, options = SERVERS[request.param]
    directory = tmp_path_factory.mktemp("slow")
    (directory / "slow.py").write_text(APPLICATION, encoding="utf-8")
    with serving(name, "slow:application", directory, options=options, SLEEP="1", CHUNKS=CHUNKS[version]) as server:
        yield server, version


def stats(server: Server) -> dict[str, Any]:
    """Return the handler's statistics, with one more request."""
    found: dict[str, Any] = json.loads(server.fetch("/stats").body)
    return found


@pytest.mark.parametrize("kind", [Kind.DOWNLOADS, Kind.UPLOADS, Kind.EXPECTING])
def test_crowd_delays_no_others(served: tuple[Server, str], kind: Kind) -> None:
    """Others are answered while the clients make no progress; afterwards there are as many threads and files as at first."""
    server, version = served
    assert b"/hello" == server.fetch("/hello").body
    wait_until(lambda: 0 == stats(server)["idle"])
    at_first = threads(server), files(server)
    with crowd(server, kind, version=version):
        if version == "1.1" or kind is not Kind.DOWNLOADS:
            wait_until(lambda: MAX_WAITING <= stats(server)["waiting"])
        assert [b"/hello"] * 20 == [server.fetch("/hello").body for _ in range(20)]
        assert threads(server) - at_first[0] <= MOST_THREADS + MAX_WAITING
    wait_until(lambda: 0 == stats(server)["waiting"])
    wait_until(lambda: threads(server) <= at_first[0])
    wait_until(lambda: files(server) <= at_first[1])


def test_sleeping_requests_delay_others_little(served: tuple[Server, str]) -> None:
    """A request after 64 requests that sleep gets a thread before all of them have one."""
    server, _ = served
    with crowd(server, Kind.SLEEPING) as connections:
        assert b"/hello" == server.fetch("/hello").body
        assert answered(connections) < SLEEPERS
        wait_until(lambda: SLEEPERS == answered(connections))
