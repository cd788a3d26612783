"""What waits for the task that a report names: as asyncio knows it from Python 3.14 on."""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import threading
import weakref
from typing import TYPE_CHECKING, Any

import pytest
import trio
from _effects import blocking
from _guarding import listening
from _running import new_loops

from ginger_async_safe import configure
from ginger_async_safe._reporting.baseline import entry_of
from ginger_async_safe._reporting.ledger import Ledger
from ginger_async_safe._reporting.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from _running import NewLoop

    from ginger_async_safe import Violation

    Body = Callable[[Callable[[], "asyncio.Task[None]"]], Coroutine[Any, Any, Any]]

aio: Any = asyncio  # the types of the oldest Python lack what newer ones have

KNOWN = sys.version_info >= (3, 14)
"""Whether asyncio knows which task awaits which."""

PY_TASK: Any = aio.tasks._PyTask


@pytest.fixture(autouse=True)
def _let_calls_pass() -> None:
    configure(policy="ignore")


def known(*entries: str) -> tuple[str, ...]:
    """Return what is expected if asyncio knows what waits; otherwise nothing is reported."""
    return entries if KNOWN else ()


async def leaf() -> None:
    """Block once another task waits for this one."""
    await asyncio.sleep(0)
    blocking()


def start(coroutine: Coroutine[Any, Any, None] | None = None, name: str = "inner") -> asyncio.Task[None]:
    """Start a task that blocks."""
    return asyncio.get_running_loop().create_task(coroutine or leaf(), name=name)


def waiting_in(main: Callable[[], Coroutine[Any, Any, Any]], new_loop: NewLoop = asyncio.new_event_loop) -> Violation:
    """Run a task called ``outer``, and return its only record."""
    loop = new_loop()

    async def outer() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.set_name("outer")
        await main()

    with listening() as heard:
        try:
            loop.run_until_complete(outer())
        finally:
            loop.close()
    (violation,) = heard
    return violation


async def awaits() -> None:
    """Await a task."""
    await start()


async def gathers() -> None:
    """Await several tasks, each through another future."""
    await asyncio.gather(asyncio.gather(start()), asyncio.sleep(0))


async def groups() -> None:
    """Leave a task group."""
    async with aio.TaskGroup() as group:
        group.create_task(leaf(), name="inner")


async def waits_for() -> None:
    """Await a task with a timeout in seconds."""
    await asyncio.wait_for(start(), 20)


async def times_out() -> None:
    """Await a task inside a timeout."""
    async with aio.timeout(20):
        await start()


async def shields() -> None:
    """Await a task that is shielded from cancellation."""
    await asyncio.shield(start())


async def takes_as_completed() -> None:
    """Await the first task that ends."""
    for each in asyncio.as_completed([start()]):
        await each


async def waits_on_all() -> None:
    """Await a set of tasks."""
    await asyncio.wait([start()])


WAYS = [awaits, gathers, waits_for, shields, takes_as_completed, waits_on_all]
if sys.version_info >= (3, 11):
    WAYS += [groups, times_out]


@new_loops
@pytest.mark.parametrize("way", WAYS)
def test_kinds_of_waiting(way: Callable[[], Coroutine[Any, Any, None]], new_loop: NewLoop) -> None:
    """The waiting functions of the user come first, from the inside out, then the name of their task."""

    async def view() -> None:
        await way()

    violation = waiting_in(view, new_loop)
    entries = (way.__name__, *(("view", "outer") if KNOWN else ()), "'outer'")
    assert known(*entries) == violation.waiting
    shown = " ← ".join(("task 'inner'", *known(*entries)))
    assert f"   ({shown}, {violation.loop})" in str(violation)


def test_chain_of_tasks() -> None:
    """Each waiting task is named, up to one that no other task waits for."""

    async def middle() -> None:
        await start()

    async def view() -> None:
        await start(middle(), name="middle")

    assert known("middle", "'middle'", "view", "outer", "'outer'") == waiting_in(view).waiting


def test_nobody_waits() -> None:
    """If no code awaits the task, nothing is reported; the same is true of a callback."""

    async def alone() -> None:
        task = start()
        while not task.done():  # noqa: ASYNC110 - no code must wait for the task
            await asyncio.sleep(0)

    async def calls_back() -> None:
        asyncio.get_running_loop().call_soon(blocking)
        await asyncio.sleep(0)

    assert () == waiting_in(alone).waiting
    assert () == waiting_in(calls_back).waiting


def test_several_wait() -> None:
    """Of several waiting tasks, the oldest is followed, and the others are counted."""

    async def view() -> None:
        task = start()

        async def waits() -> None:
            await task

        await asyncio.gather(*(start(waits(), name=f"Task-{number}") for number in (10, 9, 11)))

    assert known("waits", "'Task-9' and 2 others", "view", "outer", "'outer'") == waiting_in(view).waiting


def test_long_chain() -> None:
    """A long chain is cut."""

    async def deep(depth: int) -> None:
        await start(deep(depth - 1) if depth else leaf(), name=str(depth))

    waiting = waiting_in(lambda: deep(40)).waiting
    assert known("deep", "'1'", "deep", "'2'", "deep", "'3'", "deep", "'4'", "deep", "…") == waiting


@pytest.mark.skipif(not KNOWN, reason="asyncio does not record who waits before 3.14")
class TestFutureAddToAwaitedBy:
    """``asyncio.future_add_to_awaited_by`` accepts anything."""

    def test_circle(self) -> None:
        """Tasks that wait for one another are named once."""

        async def view() -> None:
            inner = start()
            aio.future_add_to_awaited_by(asyncio.current_task(), inner)
            await inner
            aio.future_discard_from_awaited_by(asyncio.current_task(), inner)

        assert ("view", "outer", "'outer'") == waiting_in(view).waiting

    def test_other_thread(self) -> None:
        """A task of another thread's loop is not inspected."""
        other: asyncio.Task[None] | None = None
        is_there, is_done = threading.Event(), threading.Event()

        async def elsewhere() -> None:
            nonlocal other
            other = asyncio.current_task()
            is_there.set()
            await asyncio.to_thread(is_done.wait)

        async def view() -> None:
            inner = start()
            aio.future_add_to_awaited_by(inner, other)
            while not inner.done():  # noqa: ASYNC110 - as above
                await asyncio.sleep(0)

        thread = threading.Thread(target=lambda: asyncio.run(elsewhere()))
        thread.start()
        try:
            assert is_there.wait(20)
            assert () == waiting_in(view).waiting
        finally:
            is_done.set()
            thread.join()

    def test_hostile_classes(self) -> None:
        """No code of a user's subclass runs, and a task that was never initialized is skipped."""

        def refuse(*_: object) -> Any:
            raise AssertionError("somebody looked")

        class Hostile(asyncio.Task[None]):
            __repr__ = get_name = get_coro = refuse
            _asyncio_awaited_by = _callbacks = property(refuse)

        class Started(asyncio.Task[None]):
            __repr__ = get_coro = refuse
            _asyncio_awaited_by = property(refuse)

        class Named(str):
            __slots__ = ()
            __repr__ = refuse

            def __str__(self) -> str:
                return self

        class Broken(PY_TASK):  # type: ignore[misc]
            def __init__(self) -> None:
                pass

        broken = Broken.__new__(Broken)
        broken._callbacks = [7]
        broken._log_destroy_pending = False

        class Awaitable:
            def __init__(self, inner: asyncio.Task[None]) -> None:
                self._inner = inner

            def __await__(self) -> Any:
                return self._inner.__await__()

            __getattr__ = __repr__ = refuse

        async def middle() -> None:
            inner = start()
            aio.future_add_to_awaited_by(inner, Hostile.__new__(Hostile))
            aio.futures._py_future_add_to_awaited_by(inner, broken)
            await Awaitable(inner)

        async def view() -> None:
            await Started(middle(), loop=asyncio.get_running_loop(), name=Named("started"))

        assert ("middle", "'started'", "view", "outer", "'outer'") == waiting_in(view).waiting


def test_tasks_written_in_python() -> None:
    """A task written in Python is known to be awaited by a task of either kind, and to await one."""

    def kind(is_python: bool, coroutine: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        loop = asyncio.get_running_loop()
        task: asyncio.Task[None] = (PY_TASK if is_python else asyncio.Task)(coroutine, loop=loop, name=name)
        return task

    for inner in (True, False):
        for outer in (True, False):

            async def middle(inner: bool = inner) -> None:
                await kind(inner, leaf(), "inner")

            async def view(outer: bool = outer, middle: Callable[[], Coroutine[Any, Any, None]] = middle) -> None:
                await kind(outer, middle(), "middle")

            violation = waiting_in(view)
            assert "inner" == violation.task
            assert known("middle", "'middle'", "view", "outer", "'outer'") == violation.waiting


@pytest.mark.skipif(sys.version_info < (3, 12), reason="there are no eager tasks before 3.12")
def test_eager_tasks() -> None:
    """A task that was started eagerly is awaited by others as soon as it has waited once itself."""

    async def view() -> None:
        asyncio.get_running_loop().set_task_factory(aio.eager_task_factory)
        await start()

    assert known("view", "outer", "'outer'") == waiting_in(view).waiting


def test_keeps_nothing_alive() -> None:
    """The record keeps none of the tasks alive."""
    tasks: list[weakref.ref[Any]] = []

    async def view() -> None:
        inner = start()
        tasks.extend(map(weakref.ref, (inner, asyncio.current_task())))
        await inner

    violation = waiting_in(view)
    gc.collect()
    assert ([None, None], "inner") == ([each() for each in tasks], violation.task)


def test_trio() -> None:
    """On trio nothing is reported: no code awaits a task there."""

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio_leaf)

    async def trio_leaf() -> None:
        await trio.lowlevel.checkpoint()
        blocking()

    with listening() as heard:
        trio.run(main)
    assert [()] == [each.waiting for each in heard]


def test_record_of_another_process() -> None:
    """It is kept in JSON for the report of a run; a baseline ignores it."""
    recorder, ledger = Recorder(ruling="ignore"), Ledger()
    recorder.start()
    try:
        violation = waiting_in(awaits)
    finally:
        recorder.stop()
    ledger.add(None, json.loads(json.dumps(recorder.take())))
    (site,) = ledger.sites
    assert violation == site.record
    assert list(violation.waiting) == site.violation["waiting"]
    assert entry_of(violation) == site.entry == entry_of(waiting_in(gathers))._replace(place=site.entry.place)
