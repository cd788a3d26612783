"""Is a loop waiting for this code? The rows of the truth table about greenlets, with real ones."""

from __future__ import annotations

import asyncio
import contextvars
from typing import TYPE_CHECKING, Any

import anyio.to_thread
import greenlet
import pytest
import sqlalchemy.util
import trio
from _greenlets import LoopInChild, in_greenlet
from _looks import ASYNCIO, NOWHERE, TRIO, in_copied_context, look, look_async
from _running import TIMEOUT, in_new_process, in_thread, new_loops
from asgiref.sync import sync_to_async

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from _looks import Look
    from _running import NewLoop, OnLoop


@new_loops
class TestLoopParkedInAChildGreenlet:
    """Playwright's sync API: user code runs in the parent greenlet, and its loop is parked in a child."""

    def test_in_a_task(self, new_loop: NewLoop) -> None:
        """While a task is parked, no loop waits for the user's code; the task itself is in an async context afterwards."""
        looks: list[Look] = []
        with LoopInChild(new_loop()) as child:

            async def task() -> None:
                looks.append(look())
                child.park()
                looks.append(look())
                await asyncio.sleep(0)
                looks.append(look())

            running = child.loop.create_task(task())
            child.resume()
            parked = look()
            child.sync(asyncio.wait_for(running, TIMEOUT))
            assert (NOWHERE, [ASYNCIO] * 3, NOWHERE) == (parked, looks, look())
        assert NOWHERE == look()

    @pytest.mark.parametrize("how", ["call_soon", "call_later"])
    def test_in_a_callback(self, new_loop: NewLoop, how: str) -> None:
        """The same is true while a callback is parked, which continues as a part of the loop."""
        looks: list[Look] = []
        with LoopInChild(new_loop()) as child:

            def callback() -> None:
                looks.append(look())
                child.park()
                looks.append(look())

            if how == "call_soon":
                child.loop.call_soon(callback)
            else:
                child.loop.call_later(0.001, callback)
            child.resume()
            assert (NOWHERE, [ASYNCIO]) == (look(), looks)
            looked = child.sync(look_async())
            assert (ASYNCIO, NOWHERE, [ASYNCIO] * 2) == (looked, look(), looks)

    def test_in_a_done_callback(self, new_loop: NewLoop) -> None:
        """The same is true in a done-callback, where Playwright's loop is between two calls of its API."""
        with LoopInChild(new_loop()) as child:
            looks = [(child.sync(look_async()), look()) for _ in range(3)]
        assert [(ASYNCIO, NOWHERE)] * 3 == looks

    def test_below_context_run(self, new_loop: NewLoop) -> None:
        """The same is true if the user's code runs in a context that was entered for it."""

        def user() -> list[Look]:
            with LoopInChild(new_loop()) as child:
                return [child.sync(look_async()), look(), child.sync(look_async()), look()]

        assert [ASYNCIO, NOWHERE, ASYNCIO, NOWHERE] == contextvars.copy_context().run(user)

    @pytest.mark.parametrize(
        "to_thread",
        [asyncio.to_thread, anyio.to_thread.run_sync, lambda function: sync_to_async(function)()],
        ids=["asyncio", "anyio", "asgiref"],
    )
    def test_in_a_worker_thread(
        self, new_loop: NewLoop, to_thread: Callable[[Callable[[], Any]], Awaitable[Any]], on_asyncio_loop: OnLoop
    ) -> None:
        """The same is true in a worker thread of another loop, as in a sync view of an async server."""

        def user() -> list[Look]:
            with LoopInChild(new_loop()) as child:
                return [child.sync(look_async()), look(), contextvars.copy_context().run(look)]

        async def main() -> list[Look]:
            return [look(), *await to_thread(user), look()]

        assert [ASYNCIO, ASYNCIO, NOWHERE, NOWHERE, ASYNCIO] == on_asyncio_loop(main)

    def test_reads_no_class_of_an_object(self, new_loop: NewLoop) -> None:
        """The search for the parked loop does not read ``__class__`` of objects, which would create lazy ones."""
        calls: list[object] = []

        class Lazy:
            @property  # type: ignore[misc]
            def __class__(self) -> Any:
                calls.append(self)
                return str

        lazy = Lazy()

        def user() -> Look:
            with LoopInChild(new_loop()) as child:
                child.sync(look_async())
                return look()

        assert NOWHERE == contextvars.copy_context().run(user)
        assert calls == []
        assert isinstance(lazy, str)

    def test_in_another_child(self, new_loop: NewLoop) -> None:
        """The same is true in a greenlet that the user's code starts beside the loop's."""
        with LoopInChild(new_loop()) as child:
            child.sync(look_async())
            assert NOWHERE == in_greenlet(look)

    def test_trio_meanwhile(self, new_loop: NewLoop) -> None:
        """While asyncio is parked, user code that runs trio is in trio."""

        def user() -> list[Look]:
            with LoopInChild(new_loop()) as child:
                child.sync(look_async())
                return [trio.run(look_async), look(), child.sync(look_async())]

        assert [TRIO, NOWHERE, ASYNCIO] == in_thread(user)


def test_trio_parked_in_a_child_greenlet() -> None:
    """A trio task that is parked in a child greenlet does not wait for code in the parent."""
    looks: list[Look] = []
    user = greenlet.getcurrent()

    async def main() -> None:
        looks.append(look())
        user.switch()
        looks.append(look())

    child = greenlet.greenlet(lambda: trio.run(main))
    child.switch()
    looks.append(look())
    child.switch()
    assert child.dead
    assert [TRIO, NOWHERE, TRIO, NOWHERE] == [*looks, look()]


def test_greenlet_below_a_task(on_loop: OnLoop) -> None:
    """A loop waits for the greenlets that its tasks start, and for those below them."""

    async def main() -> list[Look]:
        return [look(), in_greenlet(look), in_greenlet(lambda: in_greenlet(look)), in_greenlet(in_copied_context)]

    looks = on_loop(main)
    assert looks[0].is_async
    assert {looks[0]} == set(looks)
    assert NOWHERE == in_greenlet(look)


@new_loops
def test_greenlet_below_a_callback(new_loop: NewLoop) -> None:
    """A loop waits for the greenlets that its callbacks start."""
    loop = new_loop()
    looks: list[Look] = []
    loop.call_soon(lambda: looks.append(in_greenlet(look)))
    loop.call_soon(lambda: looks.append(in_greenlet(lambda: in_greenlet(look))))
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.close()
    assert [ASYNCIO, ASYNCIO] == looks


@new_loops
def test_callback_that_enters_a_context(new_loop: NewLoop) -> None:
    """A callback that enters a context of its own still belongs to the loop."""
    loop = new_loop()
    looks: list[Look] = []
    loop.call_soon(lambda: looks.append(in_copied_context()))
    loop.call_soon(lambda: looks.append(in_greenlet(in_copied_context)))
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.close()
    assert [ASYNCIO, ASYNCIO] == looks


@new_loops
def test_greenlet_beside_the_loop(new_loop: NewLoop) -> None:
    """A loop in one greenlet does not wait for another one of the same parent."""
    looks: list[Look] = []

    async def main() -> None:
        looks.append(look())
        beside.switch()
        looks.append(look())

    def run() -> None:
        loop = new_loop()
        loop.run_until_complete(main())
        loop.close()

    def look_and_go_back() -> None:
        looks.append(look())
        turning.switch()

    turning = greenlet.greenlet(run)
    beside = greenlet.greenlet(look_and_go_back)
    turning.switch()
    assert [ASYNCIO, NOWHERE, ASYNCIO] == looks


def test_sqlalchemy_greenlet_spawn(on_asyncio_loop: OnLoop) -> None:
    """SQLAlchemy's sync code under an async engine runs on the loop, before and after it awaits."""

    def sync_code() -> list[Look]:
        looks = [look()]
        sqlalchemy.util.await_only(asyncio.sleep(0))
        return [*looks, look(), in_copied_context()]

    async def main() -> list[Look]:
        return [look(), *await sqlalchemy.util.greenlet_spawn(sync_code), look()]

    assert [ASYNCIO] * 5 == on_asyncio_loop(main)


@pytest.mark.parametrize("is_patched", [False, True], ids=["as imported", "monkey-patched"])
@pytest.mark.parametrize("package", ["asyncio", "uvloop"])
def test_gevent(package: str, is_patched: bool) -> None:
    """A gevent greenlet is not in the loop that another one runs, while that loop's task or callback is parked."""
    source = f"""
        import gevent.monkey
        if {is_patched}:
            gevent.monkey.patch_all()
        import asyncio, gevent.queue, json, {package}
        from _looks import look

        looks = []
        parked, looked = gevent.queue.SimpleQueue(), gevent.queue.SimpleQueue()

        def park():
            looks.append(look())
            parked.put("go on")
            looked.get()
            looks.append(look())

        async def main():
            park()
            done = asyncio.Event()
            asyncio.get_running_loop().call_soon(lambda: (park(), done.set()))
            await done.wait()
            looks.append(look())

        def turn():
            loop = {package}.new_event_loop()
            loop.run_until_complete(main())
            loop.close()

        def beside():
            for _ in range(2):
                parked.get()
                looks.append(look())
                looks.append(gevent.spawn(look).get())
                looked.put("go on")

        gevent.joinall([gevent.spawn(turn), gevent.spawn(beside)], raise_error=True)
        print(json.dumps([*looks, look()]))
    """
    expected = [ASYNCIO, NOWHERE, NOWHERE, ASYNCIO] * 2 + [ASYNCIO, NOWHERE]
    assert [list(each) for each in expected] == in_new_process(source)
