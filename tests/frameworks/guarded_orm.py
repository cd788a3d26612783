"""The ORM under this library's guard: what is stopped, what works, what catches the error, and how calls are allowed.

test_contrib.py runs this for each framework on each database: FRAMEWORK and DATABASE in the environment name them.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import io
import json
import os
import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from _asgi import exchange, http_scope
from _guarding import listening
from _project import FRAMEWORK, database, framework, has_admin
from asgiref.sync import sync_to_async

import ginger_async_safe
from ginger_async_safe import allow_async_unsafe, async_unsafe, configure, explain
from ginger_async_safe._policy import escape_hatch
from ginger_async_safe.asgi import ASGIHandler, LeasedThreads
from ginger_async_safe.cli import main

__all__ = ["database"]  # a fixture

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("database")]

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

contrib = import_module(f"ginger_async_safe.contrib.{FRAMEWORK}")
HATCH = contrib.FRAMEWORK.hatch
PACKAGE = f"{FRAMEWORK}.db.backends"
CALLS = {
    "connect": "db.backends.",
    "cursor": "db.backends.base.base.BaseDatabaseWrapper.cursor",
    "transaction": "db.transaction.Atomic.__enter__",
    "query": "db.models.query.QuerySet.count",
    "relation": "db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__",
    "template": "template.loader.render_to_string",
    "session": "contrib.sessions.backends.base.SessionBase.save",
    "admin": "template.response.SimpleTemplateResponse.render",
}
"""Operations that block, with what each is reported as."""
ACTIONS = list(CALLS)
STATEMENTS = [
    ("Book.objects.get(pk=1)", "db.models.query.QuerySet.get"),
    ("Book.objects.filter(pk=1).first()", "db.models.query.QuerySet.first"),
    ("list(Book.objects.all())", "db.models.query.QuerySet.__iter__"),
    ("[book.pk for book in Book.objects.all()]", "db.models.query.QuerySet.__iter__"),
    ("list(Book.objects.iterator())", "db.models.query.QuerySet.__iter__"),
    ("list(Book.objects.prefetch_related('tags'))", "db.models.query.QuerySet.__iter__"),
    ("len(Book.objects.all())", "db.models.query.QuerySet.__len__"),
    ("bool(Book.objects.all())", "db.models.query.QuerySet.__bool__"),
    ("Book.objects.all()[0]", "db.models.query.QuerySet.__getitem__"),
    ("Author.objects.get_or_create(name='Stanislaw Lem')", "db.models.query.QuerySet.get_or_create"),
    ("Author(name='Stanislaw Lem').save()", "db.models.base.Model.save"),
    ("Author.objects.create(name='Stanislaw Lem')", "db.models.query.QuerySet.create"),
    ("author.books.count()", "db.models.query.QuerySet.count"),
    ("author.books.create(title='Solaris')", "db.models.query.QuerySet.create"),
    ("author.books.add(book)", "db.models.fields.related_descriptors.RelatedManager.add"),
    ("book.tags.clear()", "db.models.fields.related_descriptors.RelatedManager.clear"),
    ("book.author", "db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__"),
    ("shortcuts.get_object_or_404(Book, pk=1)", "shortcuts.get_object_or_404"),
]
"""Statements of the ORM, with what each is reported as."""


@pytest.fixture(scope="module")
def asynchronous(database: None) -> Iterator[Any]:
    """The framework's own async handler, in leased threads."""
    handler = LeasedThreads(framework("core.asgi").get_asgi_application(), threads=2)
    yield handler
    handler._pool.join()


@pytest.fixture(scope="module")
def wsgi(database: None) -> Iterator[Any]:
    """The same project as a WSGI application."""
    handler = ASGIHandler(framework("core.wsgi").get_wsgi_application(), threads=2)
    yield handler
    handler._pool.join()


@pytest.fixture(params=ACTIONS)
def action(request: pytest.FixtureRequest) -> str:
    """Each operation that blocks."""
    name: str = request.param
    if name == "admin" and not has_admin():
        pytest.skip(f"the release of {FRAMEWORK} has no auth application, which its admin needs")
    return name


# What is stopped, and what works


async def test_stopped_in_an_async_view(action: str, asynchronous: Any) -> None:
    """An async view that blocks is stopped, and the report has the line of the user's code, and the view's own."""
    client = await exchange(asynchronous, http_scope(f"/async/{action}"))
    report = client.body.decode()
    function = getattr(import_module("shelf.views"), action)
    lines, first = inspect.getsourcelines(function)
    assert report.startswith("You cannot call this from an async context - use a thread or sync_to_async."), report
    called_at = next(line for line in report.splitlines() if line.startswith("  at  "))
    number = int(called_at.rpartition(":")[2].partition(" ")[0])
    assert (f" in {action}", True) == (called_at[-len(f" in {action}") :], first < number < first + len(lines))
    assert " in async async_view " in report
    assert f"fix       await sync_to_async({action})(...)" in report
    assert f"call      {FRAMEWORK}.{CALLS[action]}" in report
    assert "manager_method" not in report  # it calls only the queryset's method, which the path shows


_SOURCE = """
from {framework} import shortcuts
from shelf.models import Author, Book

async def statement(author: Author, book: Book):
    {statement}
"""


@contextmanager
def rolled_back() -> Iterator[None]:
    """Undo the block's changes of the database at its end, and close the connection, which each task has for itself."""
    transaction = framework("db.transaction")
    atomic = transaction.atomic()
    with allow_async_unsafe():
        atomic.__enter__()
    try:
        yield
    finally:
        with allow_async_unsafe():
            transaction.set_rollback(True)
            atomic.__exit__(None, None, None)
            framework("db").connections.close_all()


@pytest.mark.parametrize(("statement", "call"), STATEMENTS)
async def test_one_violation_a_statement(
    statement: str, call: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A statement is one violation each time, however many guarded calls it makes; the check gives it the same name."""
    shelf = import_module("shelf.models")
    source = _SOURCE.format(framework=FRAMEWORK, statement=statement)
    path = tmp_path / "shop.py"
    path.write_text(source, encoding="utf-8")
    names: dict[str, Any] = {"__name__": "shop"}
    exec(compile(source, str(path), "exec"), names)
    with rolled_back():
        with allow_async_unsafe():
            loaded = [(shelf.Author.objects.first(), shelf.Book.objects.first()) for _ in range(2)]
        configure(policy="ignore")
        with listening() as heard:
            for author, book in loaded:
                await names["statement"](author, book)
    assert [f"{FRAMEWORK}.{call}"] * 2 == [violation.call for violation in heard]
    configure(policy=None)
    models = inspect.getsource(shelf).partition("class ")
    (tmp_path / "shelf").mkdir()
    (tmp_path / "shelf" / "models.py").write_text(
        f"from {FRAMEWORK}.db import models\n\nclass {models[2]}", encoding="utf-8"
    )
    main(["check", "--no-cache", "--format", "json", str(tmp_path)])
    found = json.loads(capsys.readouterr().out)["findings"]
    assert [f"{FRAMEWORK}.{call}"] == [each["call"] for each in found]


@pytest.mark.parametrize("how", ["asynchronous", "wsgi"])
async def test_works_in_a_sync_view(action: str, how: str, request: pytest.FixtureRequest) -> None:
    """A sync view does the same in its thread, under the async handler and as WSGI."""
    client = await exchange(request.getfixturevalue(how), http_scope(f"/sync/{action}"))
    assert (200, b"done") == (client.status, client.body)


async def test_async_queries_work(asynchronous: Any) -> None:
    """An async view that awaits its queries is not stopped."""
    client = await exchange(asynchronous, http_scope("/awaiting"))
    assert b"The Dispossessed, The Left Hand of Darkness" == client.body


async def test_threads_close_their_connections() -> None:
    """A leased thread closes its database connections before it ends."""
    found: list[Any] = []

    def application(environ: Any, start_response: Any) -> list[bytes]:
        found.append(framework("db").connections["default"])
        found[0].ensure_connection()
        start_response("200 OK", [])
        return [b""]

    handler = ASGIHandler(application, threads=1)
    await exchange(handler)
    assert found[0].connection is not None
    await asyncio.to_thread(handler._pool.join)
    assert found[0].connection is None


# What catches the error


async def test_caught_as_either_error() -> None:
    """The error is the framework's and this library's at once, and can be pickled."""
    theirs = framework("core.exceptions").SynchronousOnlyOperation
    connection = framework("db").connection
    with pytest.raises(theirs):
        connection.cursor()
    with pytest.raises(ginger_async_safe.SynchronousOnlyOperation) as error:
        connection.cursor()
    again = pickle.loads(pickle.dumps(error.value))
    assert (type(error.value), str(error.value)) == (type(again), str(again))
    assert contrib.SynchronousOnlyOperation is type(again)


# How calls are allowed


async def test_allowed() -> None:
    """Grants, patterns and policies hold for the ORM."""
    book = import_module("shelf.models").Book
    with allow_async_unsafe(calls=f"{FRAMEWORK}.db.*", reason="a test"):
        assert 2 == book.objects.count()
        framework("db").connection.close()
    with pytest.raises(ginger_async_safe.SynchronousOnlyOperation):
        book.objects.count()
    configure(allow=[f"{PACKAGE}.*"])
    try:
        assert 2 == book.objects.count()
        framework("db").connection.close()
    finally:
        configure(allow=None)
    configure(policy="ignore")
    try:
        assert 2 == book.objects.count()
        framework("db").connection.close()  # each context on the loop has a connection of its own
    finally:
        configure(policy=None)


@pytest.mark.parametrize(
    ("value", "allows", "warns"),
    [
        ("1", True, False),
        ("true", True, False),
        ("0", False, True),
        ("false", False, True),
        ("{package}.*", True, True),
        ("elsewhere.*", False, True),
        ("maybe", False, True),
        ("", False, False),
    ],
)
async def test_hatch(value: str, allows: bool, warns: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The framework's own variable opens the escape hatch, strictly; a value with a former meaning is warned of once."""
    monkeypatch.setenv(HATCH, value.format(package=PACKAGE))
    escape_hatch.forget_values()
    seen: list[Any] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(2):
            try:
                framework("db").connection.cursor().close()
                framework("db").connection.close()
                seen.append(True)
            except ginger_async_safe.SynchronousOnlyOperation:  # noqa: PERF203 - twice
                seen.append(False)
    assert [allows] * 2 == seen
    assert [ginger_async_safe.ConfigurationWarning] * warns == [each.category for each in caught]
    assert all(HATCH in str(each.message) for each in caught)


# What is replaced


async def test_explained() -> None:
    """explain() lists each call that the framework marks, with the source of its guard, and nothing else about it."""
    printed = io.StringIO()
    explain(file=printed)
    rows = [line.split() for line in printed.getvalue().splitlines() if line.startswith(f"{FRAMEWORK} call")]
    calls = {row[2] for row in rows}
    base = {
        "connect", "cursor", "commit", "rollback", "close", "savepoint", "savepoint_rollback", "savepoint_commit",
        "ensure_connection", "clean_savepoints",
    }  # fmt: skip
    assert {f"{PACKAGE}.base.base.BaseDatabaseWrapper.{name}" for name in base} <= calls
    assert f"{PACKAGE}.{os.environ['DATABASE']}.base.DatabaseWrapper.get_new_connection" in calls
    assert all(row[-1] == f"ginger_async_safe.contrib.{FRAMEWORK}" for row in rows)


async def test_marked_later() -> None:
    """Code that imports the framework's decorator after the guard is on gets ours, as third-party backends do."""
    mark = framework("utils.asyncio").async_unsafe

    @mark
    def plain() -> str:
        return "plain"

    @mark("not here")
    def with_message() -> str:
        return "with a message"

    class Wrapper(framework("db.backends.base.base").BaseDatabaseWrapper):  # type: ignore[misc]
        vendor = "third party"

        @mark
        def get_new_connection(self, parameters: Any) -> Any:
            return parameters

    with pytest.raises(ginger_async_safe.SynchronousOnlyOperation, match="plain"):
        plain()
    with pytest.raises(framework("core.exceptions").SynchronousOnlyOperation, match="not here"):
        with_message()
    wrapper = object.__new__(Wrapper)
    with pytest.raises(ginger_async_safe.SynchronousOnlyOperation, match=r"Wrapper\.get_new_connection"):
        wrapper.get_new_connection({})
    assert ("plain", "with a message") == (await sync_to_async(plain)(), await sync_to_async(with_message)())


async def test_accepts_whatever_the_framework_accepts() -> None:
    """Our replacement accepts whatever the framework's decorator accepts: an import must not fail."""
    mark = framework("utils.asyncio").async_unsafe

    @mark
    async def coroutine_function() -> str:
        return "done"

    with pytest.raises(ginger_async_safe.SynchronousOnlyOperation):
        coroutine_function()
    with ThreadPoolExecutor(1) as pool:
        assert "done" == await (await asyncio.get_running_loop().run_in_executor(pool, coroutine_function))


async def test_decorated_twice() -> None:
    """A function with both marks has the outer one's message, and is checked once."""
    mark = framework("utils.asyncio").async_unsafe

    @mark
    @async_unsafe("the inner message", fix="await something_else()")
    def both() -> None:
        """Do nothing."""

    with pytest.raises(framework("core.exceptions").SynchronousOnlyOperation, match="something_else"):
        both()


async def test_restored() -> None:
    """Without the line, the framework's own guard is as before, also for those who have references to its functions."""
    connection, base = framework("db").connection, framework("db.backends.base.base").BaseDatabaseWrapper
    theirs = framework("core.exceptions").SynchronousOnlyOperation
    ours = base.cursor
    marked = framework("utils.asyncio").async_unsafe
    contrib.takeover.uninstall()
    try:
        with pytest.raises(theirs) as error:
            connection.cursor()
        assert (theirs, False) == (type(error.value), ours is base.cursor)
        old = base.cursor
        assert marked is framework("utils.asyncio").async_unsafe
    finally:
        contrib.takeover.install()
    contrib.takeover.install()  # the second call does nothing
    with pytest.raises(contrib.SynchronousOnlyOperation):
        connection.cursor()
    with pytest.raises(contrib.SynchronousOnlyOperation):
        old(connection)  # a reference that was kept


async def test_unknown_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """A version of the framework that marks functions differently is refused by name, and nothing is changed."""
    contrib.takeover.uninstall()
    try:
        with monkeypatch.context() as patch:
            patch.setattr(framework("utils.asyncio"), "async_unsafe", lambda function: function)
            with pytest.raises(ginger_async_safe.ConfigurationError, match=contrib.FRAMEWORK.title):
                contrib.takeover.install()
    finally:
        contrib.takeover.install()


# Fixes


def _fixes() -> list[Any]:
    """Return code that is stopped, its fix, and what the dots in the fix stand for."""
    whole = "with all that uses the connection in that function"
    at_once = 'await sync_to_async(getattr)({0}, "{1}"); or fetch both at once: {2}.objects.select_related("{1}")'
    rows = [
        ("Book.objects.get(pk=book.pk)", "await Book.objects.aget(...)", "pk=book.pk"),
        ("Book.objects.filter(pk=0).count()", "await queryset.acount()", ""),
        ("Book.objects.count()", "await Book.objects.acount()", ""),
        ("Book.objects.first()", "await Book.objects.afirst()", ""),
        ("Tag.objects.create(name='x')", "await Tag.objects.acreate(...)", "name='x'"),
        ("Tag.objects.get_or_create(name='x')", "await Tag.objects.aget_or_create(...)", "name='x'"),
        ("queryset.filter(pk=0).delete()", "await queryset.adelete()", ""),
        ("[*Book.objects.all()]", "[book async for book in queryset]", ""),
        ("list(queryset.all())", "[book async for book in queryset]", ""),
        ("for _ in queryset.iterator(): pass", "async for row in queryset.aiterator(...): ...", ""),
        ("len(queryset.all())", "await queryset.acount()", ""),
        ("bool(queryset.all())", "await queryset.aexists()", ""),
        ("queryset.all()[0]", "await sync_to_async(queryset.__getitem__)(...)", "0"),
        ("book.save()", "await book.asave(...)", ""),
        ("book.refresh_from_db()", "await book.arefresh_from_db(...)", ""),
        (
            "book.author",
            at_once.format("book", "author", "Book"),
            "",
        ),
        (
            "author.profile",
            at_once.format("author", "profile", "Author"),
            "",
        ),
        (
            "list(author.books.all())",
            '[book async for book in queryset]; or fetch them with it: Author.objects.prefetch_related("books")',
            "",
        ),
        (
            "list(book.tags.all())",
            '[tag async for tag in queryset]; or fetch them with it: Book.objects.prefetch_related("tags")',
            "",
        ),
        ("book.tags.add(tag)", "await manager.aadd(...)", "tag"),
        ("book.tags.set([tag])", "await manager.aset(...)", "[tag]"),
        ("book.tags.clear()", "await manager.aclear()", ""),
        ("author.books.count()", "await manager.acount()", ""),
        ("deferred.title", 'await book.arefresh_from_db(fields=["title"])', ""),
        ("get_object_or_404(Book, pk=book.pk)", "await aget_object_or_404(...)", "Book, pk=book.pk"),
        ("connection.cursor()", f"await sync_to_async(function)(...), {whole}", ""),
        ("connection.ensure_connection()", f"await sync_to_async(function)(...), {whole}", ""),
        (
            "transaction.atomic().__enter__()",
            "await sync_to_async(function)(...), with the whole transaction in that function",
            "",
        ),
        ("session['visits']", "await request.session.aget(key)", ""),
        ("session.save()", "await request.session.asave(...)", ""),
        ("render_to_string('books.txt', {'books': queryset.all()})", "await sync_to_async(render_to_string)(...)",
         "'books.txt', {'books': queryset.all()}"),
    ]  # fmt: skip
    if has_admin():  # which needs the auth application
        rows.append(("bool(session_request.user)", "await request.auser()", ""))
    return [pytest.param(*row, id=row[0]) for row in rows]


@pytest.mark.parametrize(("code", "fix", "arguments"), _fixes())
async def test_fixes(code: str, fix: str, arguments: str) -> None:
    """The report names the async counterpart, which works in the place of the call."""
    names = await _names()
    view: dict[str, Any] = {}
    exec(compile(f"async def view():\n    {code}\n", "view.py", "exec"), names, view)
    with pytest.raises(ginger_async_safe.SynchronousOnlyOperation) as error:
        await view["view"]()
    assert error.value.violation is not None
    assert fix == error.value.violation.fix
    if "delete" in code:
        names["queryset"] = names["queryset"].filter(pk=0)
    now, _, before = fix.partition("; or fetch ")
    await _carried_out(now.partition(", with ")[0].replace("...)", f"{arguments})").replace("...", "pass"), names)
    if before:  # with that in the query, the very same code is not stopped
        kind = before.partition(": ")[2]
        fetched = eval(kind, names)  # noqa: S307 - one of the calls listed above
        names["author" if kind.startswith("Author") else "book"] = await fetched.afirst()
        exec(compile(f"async def view():\n    {code}\n", "view.py", "exec"), names, view)
        await view["view"]()


async def _carried_out(code: str, names: dict[str, Any]) -> None:
    is_loop = code.startswith("async for")
    source = f"async def fixed():\n    {code}\n" if is_loop else f"async def fixed():\n    return {code}\n"
    fixed: dict[str, Any] = {}
    exec(compile(ast.parse(source), "fixed.py", "exec"), names, fixed)
    await fixed["fixed"]()


async def _names() -> dict[str, Any]:
    """Return the names that the code of a test may use."""
    models = import_module("shelf.models")
    store = import_module(f"{FRAMEWORK}.contrib.sessions.backends.db").SessionStore()
    request = type("Request", (), {"session": store})()
    await models.Tag.objects.aget_or_create(name="a tag")
    session = type(store)("0123456789abcdef0123456789abcdef")
    session_request = type("Request", (), {"session": session})()
    if has_admin():
        for each in (request, session_request):
            framework("contrib.auth.middleware").AuthenticationMiddleware(lambda _: None).process_request(each)
    return {
        "Author": models.Author,
        "Book": models.Book,
        "Tag": models.Tag,
        "session_request": session_request,
        "aget_object_or_404": framework("shortcuts").aget_object_or_404,
        "author": await models.Author.objects.afirst(),
        "book": await models.Book.objects.afirst(),
        "connection": framework("db").connection,
        "deferred": await models.Book.objects.defer("title").afirst(),
        "function": lambda: models.Book.objects.count(),  # noqa: PLW0108 - a lambda is what is tested
        "get_object_or_404": framework("shortcuts").get_object_or_404,
        "key": "visits",
        "manager": (await models.Book.objects.afirst()).tags,
        "queryset": models.Book.objects.all(),
        "render_to_string": framework("template.loader").render_to_string,
        "request": request,
        "session": session,
        "sync_to_async": sync_to_async,
        "tag": await models.Tag.objects.afirst(),
        "transaction": framework("db").transaction,
    }


# System checks


async def test_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """An open escape hatch is an error at deployment; the framework's own handler is a hint."""
    checks, settings = framework("core.checks"), framework("conf").settings

    @sync_to_async
    def ours(**how: bool) -> list[str]:
        return [each.id for each in checks.run_checks(**how) if each.id.startswith("ginger_async_safe")]

    assert ([], []) == (await ours(), await ours(include_deployment_checks=True))
    monkeypatch.setenv(HATCH, "1")
    assert ([], ["ginger_async_safe.E001"]) == (await ours(), await ours(include_deployment_checks=True))
    monkeypatch.setattr(settings, "DEBUG", True)
    assert [] == await ours(include_deployment_checks=True)
    monkeypatch.delenv(HATCH)
    monkeypatch.setattr(settings, "ASGI_APPLICATION", "shelf.asgi.bare", raising=False)
    assert ["ginger_async_safe.I001"] == await ours()
    monkeypatch.setattr(settings, "ASGI_APPLICATION", "shelf.asgi.leased", raising=False)
    assert [] == await ours()
    monkeypatch.setattr(settings, "ASGI_APPLICATION", "nowhere.asgi.application", raising=False)
    assert [] == await ours()
