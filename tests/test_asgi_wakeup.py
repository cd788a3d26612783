"""How a request's task waits for its thread: woken immediately, cancelled, and with every event loop's kind of task."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import weakref
from typing import TYPE_CHECKING, Any

import anyio
import pytest
import uvloop
from _asgi import SECONDS, until

from ginger_async_safe.asgi.wakeup import Wakeup

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

place: contextvars.ContextVar[str] = contextvars.ContextVar("place", default="outside")


def python_task(loop: asyncio.AbstractEventLoop, coroutine: Any, **how: Any) -> Any:
    """Create a task of the kind that asyncio has without its C part."""
    return asyncio.tasks._PyTask(coroutine, loop=loop, **how)  # type: ignore[attr-defined]


@pytest.fixture(params=["asyncio", "asyncio-python-tasks", "uvloop"])
def run(request: pytest.FixtureRequest) -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """Run a coroutine on a loop of each kind."""

    def run(main: Coroutine[Any, Any, Any]) -> Any:
        loop = uvloop.new_event_loop() if request.param == "uvloop" else asyncio.new_event_loop()
        if request.param == "asyncio-python-tasks":
            loop.set_task_factory(python_task)
        try:
            task = loop.create_task(main)
            # Not wait_for: from Python 3.14 on, asyncio's timeouts do not support tasks written in Python.
            loop.call_later(SECONDS, task.cancel)
            return loop.run_until_complete(task)
        finally:
            loop.close()

    return run


async def waiting(wakeup: Wakeup, seen: list[str]) -> None:
    """Wait, and record what happens in a context of its own."""
    place.set("inside")
    seen.append("waits")
    await wakeup
    seen.append(f"woken {place.get()}")


async def started(seen: list[str]) -> tuple[Wakeup, asyncio.Task[None]]:
    """Return a wait, and the task that awaits it."""
    loop = asyncio.get_running_loop()
    wakeup = Wakeup(loop)
    task = loop.create_task(waiting(wakeup, seen))
    await until(lambda: seen)
    return wakeup, task


def test_task_runs_where_it_is_set(run: Any) -> None:
    """When a callback sets it, the task has already continued when that returns, in the task's own context."""
    seen: list[str] = []

    async def main() -> None:
        wakeup, task = await started(seen)

        def callback() -> None:
            wakeup.set()
            seen.append(f"set {place.get()}")

        asyncio.get_running_loop().call_soon(callback)
        await task
        wakeup.set()  # no task waits any more

    run(main())
    assert ["waits", "woken inside", "set outside"] == seen


def test_set_within_another_task(run: Any) -> None:
    """If a task sets it, that task continues first: no task runs inside another."""
    seen: list[str] = []

    async def main() -> None:
        wakeup, task = await started(seen)
        wakeup.set()
        seen.append("set")
        await task

    run(main())
    assert ["waits", "set", "woken inside"] == seen


def test_cancelled(run: Any) -> None:
    """A waiting task can be cancelled, once, and setting the wait later does not wake it again."""
    seen: list[str] = []

    async def main() -> None:
        wakeup, task = await started(seen)
        assert task.cancel("enough")
        assert not wakeup.cancel()
        wakeup.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert task.cancelled()

    run(main())
    assert ["waits"] == seen


def test_cancelled_before_it_waits(run: Any) -> None:
    """A task that is cancelled before its first step, or in the step before the wait, does not wait."""
    seen: list[str] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        wakeup = Wakeup(loop)

        async def cancelled_inside() -> None:
            task.cancel()
            await waiting(wakeup, seen)

        task = loop.create_task(cancelled_inside())
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())
    assert ["waits"] == seen


def test_cancelled_wait_leaves_no_garbage(run: Any) -> None:
    """What was awaited is freed together with the cancelled task: its error does not refer to it."""
    kept: list[weakref.ref[Wakeup]] = []

    async def main() -> None:
        wakeup, task = await started([])
        kept.append(weakref.ref(wakeup))
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        # From Python 3.12 on, a task written in Python may keep the error that ended it.
        has_own_cycle.append(isinstance(task, asyncio.tasks._PyTask))  # type: ignore[attr-defined]

    gc.collect()
    gc.disable()
    has_own_cycle: list[bool] = []
    try:
        run(main())
        if any(has_own_cycle):
            gc.collect()
        assert [None] == [reference() for reference in kept]
    finally:
        gc.enable()


async def never() -> None:
    """Wait for something that is never set."""
    await Wakeup(asyncio.get_running_loop())


@pytest.mark.asyncio
async def test_timeout_of_asyncio() -> None:
    """A timeout of asyncio around the wait ends it."""
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(never(), 0.01)


@pytest.mark.asyncio
async def test_timeout_of_anyio() -> None:
    """A timeout of anyio around the wait ends it."""
    with pytest.raises(TimeoutError), anyio.fail_after(0.01):
        await never()
