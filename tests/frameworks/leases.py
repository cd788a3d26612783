"""Leased threads under a framework's own async handler: which request holds one, when it is given back, and its connections.

test_asgi_leased_frameworks.py runs this for each framework on each database: FRAMEWORK and DATABASE in the environment
name them.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import random
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
from _asgi import SECONDS, Client, exchange, http_scope, until
from _project import DATABASE, database, framework
from asgiref.sync import sync_to_async

from ginger_async_safe._runtime import failures
from ginger_async_safe.asgi import LeasedThreads, holdings, lease

__all__ = ["database"]  # a fixture

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.usefixtures("database"),
    # The frameworks' handlers leave a request's body open when they are cancelled.
    pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning"),
]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

db = framework("db")
http = framework("http")
path = framework("urls").path
settings = framework("conf").settings
ident = sync_to_async(threading.get_ident)


class Site:
    """Views, served by the framework's own async handler in leased threads."""

    def __init__(self) -> None:
        self.served: list[LeasedThreads] = []

    def __call__(self, *views: Any, **options: Any) -> LeasedThreads:
        """Return the application; each view has its own name as its path."""
        settings.ROOT_URLCONF = tuple(path(view.__name__, view) for view in views)
        handler = LeasedThreads(framework("core.asgi").get_asgi_application(), **options)
        self.served.append(handler)
        return handler


@pytest.fixture
def site() -> Iterator[Site]:
    """Serve views; afterwards there are no threads and no connections left."""
    before = set(threading.enumerate())
    old = settings.ROOT_URLCONF
    serving = Site()
    yield serving
    settings.ROOT_URLCONF = old
    for handler in serving.served:
        handler._pool.join()
    left = [each.name for each in threading.enumerate() if each not in before and each.name.startswith("leased thread")]
    assert [] == left
    gc.collect()  # from now on, what is collected belongs to this test


@pytest.fixture(params=[0, 60, None])
def max_age(request: pytest.FixtureRequest) -> Iterator[float | None]:
    """Each CONN_MAX_AGE, for connections that are opened from now on."""
    alias = db.connections.settings["default"]
    old, alias["CONN_MAX_AGE"] = alias["CONN_MAX_AGE"], request.param
    yield request.param
    alias["CONN_MAX_AGE"] = old


@pytest.fixture
def opened() -> Iterator[list[Any]]:
    """The connection objects that are opened during the test."""
    found: list[Any] = []
    signal = framework("db.backends.signals").connection_created

    def take(connection: Any, **_: Any) -> None:
        if connection not in found:
            found.append(connection)

    signal.connect(take)
    yield found
    signal.disconnect(take)


def query(sql: str = "SELECT 1") -> Any:
    """Query through the thread's connection."""
    with db.connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()


def fetch(handler: LeasedThreads, view: Callable[..., Any]) -> asyncio.Task[Client]:
    """Request a view."""
    return asyncio.create_task(exchange(handler, http_scope(f"/{view.__name__}")))


async def answered(*tasks: asyncio.Task[Client]) -> list[int]:
    """Return the statuses of the responses."""
    return [client.status for client in await asyncio.wait_for(asyncio.gather(*tasks), SECONDS)]


class Polls:
    """Async views that wait for an event, and how many have begun to."""

    def __init__(self) -> None:
        self.begun = 0
        self.release = asyncio.Event()

    async def wait(self) -> None:
        """Wait."""
        self.begun += 1
        await self.release.wait()


async def test_long_polls_hold_no_thread(site: Site) -> None:
    """24 of them wait on 6 threads at once, and other views, async and sync, are served meanwhile."""
    polls = Polls()

    async def poll(request: Any) -> Any:
        await polls.wait()
        return http.HttpResponse("news")

    async def other(request: Any) -> Any:
        return http.HttpResponse("other")

    def sync(request: Any) -> Any:
        return http.HttpResponse(str(query()))

    handler = site(poll, other, sync, threads=6)
    waiting = [fetch(handler, poll) for _ in range(24)]
    await until(lambda: polls.begun == 24)
    assert [200] * 12 == await answered(*(fetch(handler, view) for view in [other, sync] * 6))
    assert not any(task.done() for task in waiting)
    polls.release.set()
    assert [200] * 24 == await answered(*waiting)
    await until(lambda: not handler.stats().busy)
    assert (36, 0) == (handler.stats().served, handler.stats().queued)


async def test_event_streams_hold_no_thread(site: Site) -> None:
    """While 1,000 are open, six sync views have a thread each at the same time."""
    polls = Polls()
    together = threading.Barrier(6)

    async def events(request: Any) -> Any:
        async def stream() -> Any:
            yield b"data: first\n\n"
            await polls.wait()

        return http.StreamingHttpResponse(stream(), content_type="text/event-stream")

    def sync(request: Any) -> Any:
        together.wait(SECONDS)
        return http.HttpResponse("")

    handler = site(events, sync, threads=6)
    streams = [fetch(handler, events) for _ in range(1000)]
    await until(lambda: polls.begun == 1000)
    assert [200] * 6 == await answered(*(fetch(handler, sync) for _ in range(6)))
    polls.release.set()
    assert [200] * 1000 == await answered(*streams)


async def test_slow_readers_hold_no_thread(site: Site) -> None:
    """When a view has returned, with its queries and its transaction, its thread serves others while its client reads."""
    release = asyncio.Event()
    threads: list[int] = []

    class SlowClient(Client):
        async def send(self, message: dict[str, Any]) -> None:
            await release.wait()
            await super().send(message)

    def view(request: Any) -> Any:
        with db.transaction.atomic(), db.transaction.atomic():
            query()
        threads.append(threading.get_ident())
        return http.HttpResponse("book")

    handler = site(view, threads=3)
    clients = [SlowClient() for _ in range(12)]
    tasks = [asyncio.create_task(handler(http_scope("/view"), each.receive, each.send)) for each in clients]
    await until(lambda: len(threads) == 12)
    assert [200] == await answered(fetch(handler, view))
    release.set()
    await asyncio.wait_for(asyncio.gather(*tasks), SECONDS)
    assert ([200] * 12, 3) == ([each.status for each in clients], len(set(threads)))


def begin() -> Any:
    """Begin a transaction that another call ends."""
    block = db.transaction.atomic()
    block.__enter__()
    query()
    return lambda: block.__exit__(None, None, None)


def begin_by_hand() -> Any:
    """Switch autocommit off."""
    db.connection.set_autocommit(False)
    query()

    def end() -> None:
        db.connection.rollback()
        db.connection.set_autocommit(True)

    return end


def begin_in_sql() -> Any:
    """Begin a transaction that the framework does not know of."""
    with db.connection.cursor() as cursor:
        cursor.execute("  BEGIN")

    def end() -> None:
        with db.connection.cursor() as cursor:
            cursor.execute("ROLLBACK")

    return end


def fetch_half() -> Any:
    """Leave a cursor that has more rows."""
    rows = framework("apps").apps.get_model("shelf", "Book").objects.iterator(chunk_size=1)
    next(rows)
    return lambda: list(rows)


def change_session() -> Any:
    """Change the state of the database session."""
    with db.connection.cursor() as cursor:
        cursor.execute({"sqlite3": "CREATE TEMPORARY TABLE mine (n int)"}.get(DATABASE, "SET work_mem = '5MB'"))

    def end() -> None:
        with db.connection.cursor() as cursor:
            cursor.execute({"sqlite3": "DROP TABLE mine"}.get(DATABASE, "RESET work_mem"))

    return end


def wrap() -> Any:
    """Enter an execute wrapper that another call exits."""
    query()
    return wrap_unopened()


def wrap_unopened() -> Any:
    """Enter one on a connection that is not open."""
    block = db.connection.execute_wrapper(lambda execute, *arguments: execute(*arguments))
    block.__enter__()
    return lambda: block.__exit__(None, None, None)


def choose_tenant() -> Any:
    """Select a tenant, on the connection object of a backend that is not the framework's."""
    settings_of_tenants = {**db.connections.settings["default"], "ENGINE": "tenants", "NAME": ":memory:"}
    db.connections.settings["tenants"] = settings_of_tenants
    db.connections["tenants"].tenant = "shop"

    def end() -> None:
        assert db.connections["tenants"].tenant == "shop"
        settings_of_tenants["NAME"] = "closed"  # a connection to memory stays open
        db.connections["tenants"].close()
        del db.connections.settings["tenants"], db.connections["tenants"]

    return end


def choose_tenant_of_open() -> Any:
    """Select a tenant where the connection is open."""
    end = choose_tenant()
    db.connections["tenants"].tenant = "public"
    with db.connections["tenants"].cursor() as cursor:
        cursor.execute("SELECT 1")
    db.connections["tenants"].tenant = "shop"
    return end


HOLDS = [begin, begin_by_hand, begin_in_sql, fetch_half, change_session, wrap, wrap_unopened, choose_tenant]


@pytest.mark.parametrize("hold", [*HOLDS, choose_tenant_of_open], ids=lambda hold: hold.__name__)
async def test_request_that_holds_something_keeps_its_thread(site: Site, hold: Any) -> None:
    """A request that holds something keeps its thread, however many wait: another call ends there what one has begun."""
    polls = Polls()
    threads: list[int] = []

    def held() -> Any:
        threads.append(threading.get_ident())
        return hold()

    def release(end: Any) -> None:
        threads.append(threading.get_ident())
        end()

    async def holding(request: Any) -> Any:
        await ident()
        end = await sync_to_async(held)()
        await polls.wait()
        await sync_to_async(release)(end)
        return http.HttpResponse("")

    def sync(request: Any) -> Any:
        assert threading.get_ident() != threads[0]
        assert not db.connection.in_atomic_block
        return http.HttpResponse(str(query()))

    handler = site(holding, sync, threads=2)
    first = fetch(handler, holding)
    await until(lambda: polls.begun)
    assert [200] * 20 == await answered(*(fetch(handler, sync) for _ in range(20)))
    await asyncio.sleep(2 * lease.QUIET_SECONDS)  # long enough for a request that holds nothing to give its thread back
    assert [200] * 20 == await answered(*(fetch(handler, sync) for _ in range(20)))
    polls.release.set()
    assert [200] == await answered(first)
    assert (2, 1) == (len(threads), len(set(threads)))


def look() -> None:
    """Query."""
    query()


def write() -> None:
    """Write in a transaction, which has ended."""
    with db.transaction.atomic(), db.transaction.atomic():
        framework("apps").apps.get_model("shelf", "Author").objects.update(name="Ursula K. Le Guin")


def fetch_all() -> None:
    """Read all rows of a cursor."""
    list(framework("apps").apps.get_model("shelf", "Book").objects.iterator(chunk_size=1))


@pytest.mark.parametrize("use", [look, write, fetch_all], ids=lambda use: use.__name__)
async def test_request_that_holds_nothing_gives_its_thread_back(site: Site, use: Any) -> None:
    """With one thread, a request that has used the database and waits gives the thread to others, and continues in it later."""
    polls = Polls()

    async def using(request: Any) -> Any:
        await sync_to_async(use)()
        await polls.wait()
        await sync_to_async(use)()
        return http.HttpResponse("")

    def sync(request: Any) -> Any:
        return http.HttpResponse(str(query()))

    handler = site(using, sync, threads=1)
    first = [fetch(handler, using) for _ in range(4)]
    await until(lambda: polls.begun == 4)
    assert [200] * 4 == await answered(*(fetch(handler, sync) for _ in range(4)))
    polls.release.set()
    assert [200] * 4 == await answered(*first)


async def test_dropped_cursor_holds_no_longer(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cursor that was dropped without a further call does not keep the thread any longer."""
    monkeypatch.setattr(lease, "_SECONDS_BETWEEN_LOOKS", 0.01)
    polls = Polls()

    async def view(request: Any) -> Any:
        rows = [await sync_to_async(fetch_half)()]
        rows.clear()
        await polls.wait()
        return http.HttpResponse("")

    handler = site(view, threads=1)
    tasks = [fetch(handler, view) for _ in range(3)]
    await until(lambda: polls.begun == 3)
    polls.release.set()
    assert [200] * 3 == await answered(*tasks)


async def test_age_of_connections(site: Site, opened: list[Any], max_age: float | None) -> None:
    """At its end, a request has closed connections that are too old, in each of its threads; the others are used again."""
    polls = [Polls(), Polls()]
    threads: set[int] = set()

    def look_around() -> None:
        query()
        threads.add(threading.get_ident())

    async def view(request: Any) -> Any:
        for each in polls:
            await sync_to_async(look_around)()
            await each.wait()
        return http.HttpResponse(str(await sync_to_async(query)()))

    handler = site(view, threads=3)
    tasks = [fetch(handler, view) for _ in range(12)]
    for each in polls:
        await until(lambda each=each: each.begun == 12)  # type: ignore[misc]
        each.release.set()
    assert [200] * 12 == await answered(*tasks)
    await until(lambda: not handler.stats().busy)
    assert len(opened) == len(threads) <= 3
    assert [max_age != 0] * len(opened) == [each.connection is not None for each in opened]
    handler._pool.join()
    assert [None] * len(opened) == [each.connection for each in opened]


async def test_old_connections_are_closed_in_each_thread(
    site: Site, opened: list[Any], max_age: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request closes connections that are too old when it gives its thread back, and when it continues in another one."""
    polls = Polls()
    looks: list[Any] = []
    wrappers = type(db.connections["default"])
    close_if_too_old = wrappers.close_if_unusable_or_obsolete

    async def view(request: Any) -> Any:
        await sync_to_async(query)()
        await polls.wait()
        await sync_to_async(query)()
        return http.HttpResponse("")

    def look(connection: Any) -> None:
        if sys._getframe(1).f_globals["__name__"] == holdings.__name__:
            looks.append(connection)
        close_if_too_old(connection)

    inner = site(view)._application

    async def mixed(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/plain":  # sends no signals
            await ident()
        else:
            await inner(scope, receive, send)

    handler = LeasedThreads(mixed, threads=1)
    site.served.append(handler)
    first = fetch(handler, view)
    await until(lambda: polls.begun)
    monkeypatch.setattr(wrappers, "close_if_unusable_or_obsolete", look)
    await exchange(handler, http_scope("/plain"))
    await until(lambda: not handler.stats().busy)
    assert (1, max_age != 0) == (len(looks), opened[0].connection is not None)
    old = opened[0].connection
    opened[0].close_at = 0
    polls.release.set()
    assert [200] == await answered(first)
    assert old is None or (len(looks) > 1 and opened[0].connection is not old)


@pytest.mark.parametrize("end", ["returns", "cancelled"])
async def test_transaction_that_is_left_open(site: Site, end: str, caplog: pytest.LogCaptureFixture) -> None:
    """If a request ends within a transaction, no other request gets it: it is rolled back, and the log names the request."""
    Author = framework("apps").apps.get_model("shelf", "Author")  # noqa: N806 - a class
    begun = asyncio.Event()

    def write_and_leave() -> None:
        db.transaction.atomic().__enter__()
        Author.objects.create(name="Nobody")

    async def leaving(request: Any) -> Any:
        await sync_to_async(write_and_leave)()
        begun.set()
        if end == "cancelled":
            await asyncio.Event().wait()
        return http.HttpResponse("")

    def sync(request: Any) -> Any:
        assert not db.connection.in_atomic_block
        return http.HttpResponse(Author.objects.filter(name="Nobody").count())

    handler = site(leaving, sync, threads=1)
    with caplog.at_level(logging.WARNING, "ginger_async_safe.asgi"):
        task = fetch(handler, leaving)
        await begun.wait()
        if end == "cancelled":
            task.cancel()
        await asyncio.wait([task])
        client = await asyncio.wait_for(fetch(handler, sync), SECONDS)
    assert (200, b"0") == (client.status, client.body)
    assert "GET /leaving ended within a transaction on 'default', which was rolled back" in caplog.text


async def test_connection_of_a_cancelled_request(site: Site, opened: list[Any], max_age: float | None) -> None:
    """A cancelled request sends no signal at its end: the connections that it should have closed are closed all the same."""
    begun = asyncio.Event()

    async def view(request: Any) -> Any:
        await sync_to_async(query)()
        begun.set()
        await asyncio.Event().wait()

    handler = site(view, threads=1)
    task = fetch(handler, view)
    await begun.wait()
    task.cancel()
    await asyncio.wait([task])
    await until(lambda: not handler.stats().busy)
    assert [max_age != 0] == [each.connection is not None for each in opened]
    handler._pool.join()


async def test_task_that_outlives_its_request(site: Site) -> None:
    """A task that outlives its request still queries, as without the middleware, in a thread that no request has."""
    over = asyncio.Event()
    tasks: list[asyncio.Task[Any]] = []
    late: list[str] = []

    def query_late() -> Any:
        late.append(threading.current_thread().name)
        try:
            return query()
        finally:
            db.connections.close_all()

    async def later() -> Any:
        await sync_to_async(query)()
        await over.wait()
        return [await sync_to_async(query_late)() for _ in range(2)]

    async def view(request: Any) -> Any:
        tasks.append(asyncio.create_task(later()))
        return http.HttpResponse(str(await sync_to_async(query)()))

    handler = site(view, threads=1)
    assert [200] * 3 == await answered(*(fetch(handler, view) for _ in range(3)))
    over.set()
    assert [[(1,), (1,)]] * 3 == await asyncio.wait_for(asyncio.gather(*tasks), SECONDS)
    assert not [each for each in late if each.startswith("leased thread")]


async def test_queue_timeout(site: Site) -> None:
    """A request that waits too long for a thread gets a 503 without an error in the log, and what it has begun is closed."""
    release = threading.Event()
    begun: list[int] = []

    def view(request: Any) -> Any:
        begun.append(query()[0])
        release.wait(SECONDS)
        return http.HttpResponse("")

    handler = site(view, threads=1, queue_timeout=0.1)
    first = fetch(handler, view)
    await until(lambda: begun)
    others = [fetch(handler, view) for _ in range(5)]
    assert [503] * 5 == await answered(*others)
    assert all((b"retry-after", b"1") in each.result().headers for each in others)
    release.set()
    assert [200] == await answered(first)
    await until(lambda: not handler.stats().busy)
    assert ([1], 5, 0) == (begun, handler.stats().refused, handler.stats().queued)
    assert [200] == await answered(fetch(handler, view))


def fail(*_: Any, **__: Any) -> Any:
    """Fail."""
    raise LookupError("on purpose")


def failing_for_us(function: Any) -> Any:
    """Return a function that fails if this library calls it, and works for all other callers."""

    def either(*arguments: Any, **named: Any) -> Any:
        caller = sys._getframe(1).f_globals["__name__"]
        return (fail if caller == holdings.__name__ else function)(*arguments, **named)

    return either


@pytest.mark.usefixtures("failures_are_expected")
@pytest.mark.parametrize(
    ("part", "reported_as"),
    [
        ("all", "looking at the database connections of a thread"),
        ("execute", "following a database connection"),
        ("open", "following a database connection"),
        ("close_if_unusable_or_obsolete", "closing old database connections"),
        ("close", "closing database connections that a request left open"),
    ],
)
async def test_failures_are_contained(site: Site, part: str, reported_as: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If anything fails in this library's own code, requests are answered, and the log has the traceback."""
    handlers, wrappers = type(db.connections), type(db.connections["default"])
    if part == "execute":
        monkeypatch.setattr(holdings, "_changes_session", fail)
    elif part == "open":
        monkeypatch.setattr(holdings.Holdings, "follow", fail)
    else:
        owner = handlers if part == "all" else wrappers
        monkeypatch.setattr(owner, part, failing_for_us(getattr(owner, part)))

    async def view(request: Any) -> Any:
        await sync_to_async(begin if part == "close" else query)()
        if part != "close":  # which is called at the end
            await until(lambda: reported_as in failures.reported())
        return http.HttpResponse("")

    handler = site(view, threads=1)
    assert [200] * 2 == await answered(*(fetch(handler, view) for _ in range(2)))
    await until(lambda: not handler.stats().busy)
    assert reported_as in failures.reported()
    monkeypatch.undo()


@pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <generator object cursor_iter"
)  # of a client that has disconnected
async def test_random_calls(site: Site, opened: list[Any], max_age: float | None) -> None:
    """Whatever 200 requests on 4 threads do in whatever order, each one's transactions are its own, and nothing is left."""
    Tag, Book = (framework("apps").apps.get_model("shelf", name) for name in ("Tag", "Book"))  # noqa: N806
    chance = random.Random(16)
    mine = threading.local()
    writes = DATABASE != "sqlite3"  # SQLite allows one writer at a time

    def enter(name: str) -> Any:
        assert not db.connection.in_atomic_block
        block = db.transaction.atomic()
        block.__enter__()
        mine.name = name
        Tag.objects.create(name=name) if writes else Tag.objects.count()
        return block

    def leave(name: str, block: Any) -> None:
        assert (True, name) == (db.connection.in_atomic_block, mine.name)
        assert int(writes) == Tag.objects.filter(name=name).count()
        db.transaction.set_rollback(True)
        block.__exit__(None, None, None)

    async def pause() -> None:
        await asyncio.sleep(chance.choice([0, 0, 0.001, 0.03]))

    async def transaction(name: str) -> None:
        block = await sync_to_async(enter)(name)
        await pause()
        await sync_to_async(leave)(name, block)

    async def count(_name: str) -> None:
        assert 0 == await Tag.objects.acount()

    async def iterate(_name: str) -> None:
        assert 2 == len([book async for book in Book.objects.aiterator(chunk_size=1)])

    async def view(request: Any) -> Any:
        for number in range(chance.randrange(4)):
            await chance.choice([transaction, count, iterate])(f"{id(request)} {number}")
            await pause()
        return http.HttpResponse("")

    handler = site(view, threads=4)
    clients = [Client() for _ in range(200)]
    requests = asyncio.gather(*(handler(http_scope("/view"), each.receive, each.send) for each in clients))
    await until(lambda: handler.stats().served > 20)
    leaving = [client for client in clients if not client.sent and chance.random() < 0.1]
    for client in leaving:
        client.left.set()
    await asyncio.wait_for(requests, SECONDS)
    assert {200} == {client.status for client in clients if client not in leaving}
    await until(lambda: not handler.stats().busy)
    assert (200, 0) == (handler.stats().served, handler.stats().queued)
    still = [each for each in opened if each.connection is not None and not each.closed_in_transaction]
    assert len(still) <= 4
    assert not [each for each in still if each.in_atomic_block]
    handler._pool.join()
    assert 0 == await Tag.objects.acount()
