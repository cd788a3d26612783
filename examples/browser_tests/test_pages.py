"""Tests of the pages and the database: they query between the page's actions, as any sync code may."""

import asyncio

import pytest
from bookshelf.books.models import Author, Book

from ginger_async_safe import SynchronousOnlyOperation, in_async_context


def test_list(page, live_server):
    """Queries before, between and after the page's actions."""
    butler = Author.objects.create(name="Octavia E. Butler")
    page.goto(live_server)
    assert "Kindred" not in page.text_content("pre")

    kindred = Book.objects.create(title="Kindred", author=butler)
    page.reload()
    assert "Kindred" in page.text_content("pre")

    kindred.delete()
    page.reload()
    assert "Kindred" not in page.text_content("pre")
    assert butler.books.count() == 0


def test_count(page, live_server):
    """The page of an async view."""
    author = Author.objects.create(name="Italo Calvino")
    for title in ["Invisible Cities", "The Baron in the Trees"]:
        author.books.create(title=title)
        answer = page.goto(f"{live_server}/count/")
        assert (answer.status, answer.json()) == (200, {"count": Book.objects.count()})


def test_mistake_in_a_view(page, live_server):
    """An async view that queries without awaiting is still stopped."""
    page.goto(f"{live_server}/mistake/")
    assert "fix       await sync_to_async(authors)(...)" in page.text_content("pre")


def test_mistake_in_a_handler(page, live_server):
    """So is a handler of the page's events, because Playwright's loop calls it, and is blocked by it."""
    stopped = []

    def count_books(response):
        with pytest.raises(SynchronousOnlyOperation) as error:
            Book.objects.count()
        stopped.append(error.value)

    page.on("response", count_books)
    page.goto(live_server)
    assert stopped
    assert Book.objects.count() == 0


def test_loop(page):
    """Asyncio reports a running loop in this thread, but it is parked: a simpler guard would be wrong here."""
    assert asyncio.get_running_loop().is_running()
    assert not in_async_context()
