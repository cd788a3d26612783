"""A generated project under the four servers, as real processes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from _servers import SERVERS, serving

from ginger_async_safe.cli.startproject import startproject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _servers import Server

TITLES = ["The Left Hand of Darkness", "Invisible Cities", "Kindred"]

EMBEDDED = """
from bookshop.asgi import application
from bookshop.async_endpoints import AsyncEndpoints
from starlette.applications import Starlette
from starlette.routing import Mount

site = Starlette(routes=[Mount("/shop", application)])


class Stamp:
    def __init__(self, application):
        self.application = application

    async def __call__(self, scope, receive, send):
        async def stamped(message):
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-stamp", b"stamped")]
            await send(message)

        await self.application(scope, receive, stamped)


wrapped = Stamp(application)
guarded = AsyncEndpoints(application)
"""


@pytest.fixture(scope="module")
def bookshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project as ``startproject`` writes it, and a module that wraps and embeds its application."""
    directory = tmp_path_factory.mktemp("shops")
    startproject("bookshop", directory)
    (directory / "embedded.py").write_text(EMBEDDED, encoding="utf-8")
    shutil.copy(Path(__file__).parent.parent / "examples" / "async_endpoints.py", directory / "bookshop")
    return directory


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest, bookshop: Path) -> Iterator[Server]:
    """The project under each server in turn."""
    pytest.importorskip(request.param)
    with serving(request.param, "bookshop.asgi:application", bookshop) as running:
        yield running


def test_get(server: Server) -> None:
    """A sync view that queries sqlite works, in a leased thread."""
    answer = server.fetch("/books")
    found = json.loads(answer.body)
    assert (200, "application/json") == (answer.status, answer.headers["content-type"])
    assert TITLES == [book["title"] for book in found["books"]][:3]
    assert found["thread"].startswith("leased")


def test_page(server: Server) -> None:
    """The front page is HTML and shows the books."""
    answer = server.fetch("/")
    assert 200 == answer.status
    assert b"<li>Invisible Cities, Italo Calvino</li>" in answer.body


def test_stream(server: Server) -> None:
    """A streamed response arrives whole."""
    answer = server.fetch("/export")
    assert TITLES == [json.loads(line)["title"] for line in answer.body.splitlines()][:3]


def test_post(server: Server, request: pytest.FixtureRequest) -> None:
    """A form is stored; sent again, it is a conflict; without a title it is refused."""
    title = f"Sold by {request.node.callspec.params['server']}"
    form = f"title={title}&author=Nobody".encode()
    assert 201 == server.fetch("/add", "POST", form).status
    assert title in [book["title"] for book in json.loads(server.fetch("/books").body)["books"]]
    assert [409, 400, 405] == [
        server.fetch("/add", "POST", form).status,
        server.fetch("/add", "POST", b"author=Nobody").status,
        server.fetch("/add").status,
    ]


def test_unknown_path(server: Server) -> None:
    """A path without a view is a 404."""
    assert 404 == server.fetch("/elsewhere").status


@pytest.mark.parametrize("name", ["uvicorn", "hypercorn"])
def test_wrapped_in_middleware(bookshop: Path, name: str) -> None:
    """ASGI middleware wraps the application."""
    with serving(name, "embedded:wrapped", bookshop) as running:
        answer = running.fetch("/books")
    assert (200, "stamped") == (answer.status, answer.headers["x-stamp"])


@pytest.mark.parametrize("name", ["uvicorn", "granian"])
def test_embedded_in_starlette(bookshop: Path, name: str) -> None:
    """Another ASGI application embeds it below a path, which is in its own links."""
    with serving(name, "embedded:site", bookshop) as running:
        books, page, outside = (running.fetch(path) for path in ("/shop/books", "/shop/", "/books"))
    assert (200, 404) == (books.status, outside.status)
    assert b'action="/shop/add"' in page.body


def test_marked_call_on_the_loop(bookshop: Path) -> None:
    """A marked call in an async endpoint is stopped with the user's line, and works in a thread."""
    lines = (bookshop / "bookshop" / "async_endpoints.py").read_text(encoding="utf-8").splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "db.list_books()}" in text)
    with serving("uvicorn", "embedded:guarded", bookshop) as running:
        stopped, in_thread, granted = (running.fetch(f"/async/{name}") for name in ("direct", "in-thread", "granted"))
    report = stopped.body.decode().splitlines()
    assert (500, 200, 200) == (stopped.status, in_thread.status, granted.status)
    assert "You cannot call this from an async context - use a thread or sync_to_async." == report[0]
    assert "  call      bookshop.db.list_books" == report[1]
    assert f"  at        bookshop/async_endpoints.py:{line} in async direct" == report[2]
    assert "  fix       await sync_to_async(list_books)(...)" == report[5]
