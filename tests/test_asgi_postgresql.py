"""GingerDJ on PostgreSQL: connections belong to threads, so there are never more connections than threads."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest
from _servers import serving
from _services import postgresql

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from _servers import Server

THREADS = 16
REQUESTS = 500

PROJECT = """
import os

import gingerdj
from gingerdj.conf import settings
from gingerdj.core.asgi import get_asgi_application
from gingerdj.db import connection
from gingerdj.http import HttpResponse
from gingerdj.urls import path
from psycopg.conninfo import conninfo_to_dict

from ginger_async_safe.asgi import ASGIHandler, LeasedThreads

database = conninfo_to_dict(os.environ["CONNINFO"])
settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=[],
    SECRET_KEY="secret",
    DATABASES={
        "default": {
            "ENGINE": "gingerdj.db.backends.postgresql",
            "NAME": database["dbname"],
            "USER": database["user"],
            "HOST": database["host"],
            "PORT": database["port"],
            "CONN_MAX_AGE": None,
            "OPTIONS": {"application_name": os.environ["NAME"]},
        }
    },
)
gingerdj.setup()


def view(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid(), pg_sleep(0.01)")
        return HttpResponse(str(cursor.fetchone()[0]))


urlpatterns = [path("", view)]
own = get_asgi_application()
leased = LeasedThreads(own, threads=16)


def wsgi():
    from gingerdj.core.wsgi import get_wsgi_application

    return ASGIHandler(get_wsgi_application(), threads=16)


as_wsgi = wsgi()
"""


@pytest.fixture(scope="module")
def conninfo() -> str:
    """How to connect to PostgreSQL."""
    return postgresql()


@pytest.fixture
def server(request: pytest.FixtureRequest, tmp_path: Path, conninfo: str) -> Iterator[Server]:
    """The project under Uvicorn, with the handler that the test selects."""
    pytest.importorskip("uvicorn")
    (tmp_path / "project.py").write_text(PROJECT, encoding="utf-8")
    with serving("uvicorn", f"project:{request.param}", tmp_path, CONNINFO=conninfo, NAME=name(request)) as running:
        yield running


def name(request: pytest.FixtureRequest) -> str:
    """Return the name of the project's connections; PostgreSQL allows 63 characters."""
    return f"ginger_async_safe {request.node.callspec.id}"


async def fetch(port: int) -> tuple[int, bytes]:
    """Send one request on a connection of its own; return the status and the body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n")
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    return int(head.split()[1]), body


async def load(port: int, conninfo: str, application: str) -> tuple[list[tuple[int, bytes]], int]:
    """Send all requests at once; return the responses, and the highest number of connections in the database meanwhile."""
    import psycopg  # noqa: PLC0415 - the fixture has checked that it is installed

    most = 0
    async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as watch:
        requests = asyncio.gather(*(fetch(port) for _ in range(REQUESTS)))
        while not requests.done():
            cursor = await watch.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", (application,)
            )
            row = await cursor.fetchone()
            assert row is not None
            most = max(most, row[0])
        return await requests, most


@pytest.mark.parametrize("server", ["leased", "as_wsgi"], indirect=True)
def test_connections_never_outnumber_threads(server: Server, request: pytest.FixtureRequest, conninfo: str) -> None:
    """500 requests at once on 16 threads are all answered, over at most 16 connections, which are kept and reused."""
    answers, most = asyncio.run(load(server.port, conninfo, name(request)))
    assert {200} == {status for status, _ in answers}
    assert len({body for _, body in answers}) <= THREADS
    assert 0 < most <= THREADS


@pytest.mark.parametrize("server", ["own"], indirect=True)
def test_own_handler_opens_more(server: Server, request: pytest.FixtureRequest, conninfo: str) -> None:
    """With GingerDJ's own handler, the same load opens more connections than that, so the comparison is meaningful."""
    answers, _ = asyncio.run(load(server.port, conninfo, name(request)))
    assert len({body for status, body in answers if status == 200}) > THREADS
