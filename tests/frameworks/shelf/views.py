"""Sync code that blocks, called by a sync view and by an async one."""

import os
from importlib import import_module
from typing import Any

from ginger_async_safe import SynchronousOnlyOperation
from shelf.models import Author, Book

FRAMEWORK = os.environ["FRAMEWORK"]
db: Any = import_module(f"{FRAMEWORK}.db")
http: Any = import_module(f"{FRAMEWORK}.http")
loader: Any = import_module(f"{FRAMEWORK}.template.loader")


def connect(_request: Any) -> None:
    """Open the connection."""
    db.connection.close()
    db.connection.connect()


def cursor(_request: Any) -> None:
    """Use a cursor."""
    with db.connection.cursor() as opened:
        opened.execute("SELECT 1")


def transaction(_request: Any) -> None:
    """Write in a transaction."""
    with db.transaction.atomic():
        Author.objects.update(name="Ursula K. Le Guin")


def query(_request: Any) -> None:
    """Query through a manager."""
    assert Book.objects.count() == 2


def relation(request: Any) -> None:
    """Follow a relation that is fetched at its first use."""
    book = request.book if hasattr(request, "book") else Book.objects.all()[0]
    assert book.author.name


def template(_request: Any) -> None:
    """Render a queryset."""
    assert "Dispossessed" in loader.render_to_string("books.txt", {"books": Book.objects.all()})


def session(request: Any) -> None:
    """Read and write the session."""
    request.session["visits"] = request.session.get("visits", 0) + 1
    request.session.save()


def admin(request: Any) -> None:
    """Render a page of the admin."""
    from django.contrib.admin import site  # noqa: PLC0415 - Django's only
    from django.contrib.auth.models import User  # noqa: PLC0415 - Django's only

    request.user = User(username="root", is_staff=True, is_superuser=True, pk=1)
    site.index(request).render()


ACTIONS = {each.__name__: each for each in (connect, cursor, transaction, query, relation, template, session, admin)}


def sync_view(request: Any, name: str) -> Any:
    """Do something that blocks, in a thread."""
    ACTIONS[name](request)
    return http.HttpResponse("done")


async def async_view(request: Any, name: str) -> Any:
    """Do the same on the event loop, and answer with the report."""
    request.book = await Book.objects.afirst()
    try:
        ACTIONS[name](request)
    except SynchronousOnlyOperation as error:
        return http.HttpResponse(str(error))
    return http.HttpResponse("done", status=418)


async def awaiting_view(_request: Any) -> Any:
    """Query asynchronously."""
    titles = [book.title async for book in Book.objects.order_by("pk")]
    return http.HttpResponse(", ".join(titles))
