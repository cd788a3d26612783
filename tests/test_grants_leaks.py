"""Nothing but the granted block in the granted task is allowed: every other code is tried."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import gc
import itertools
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import greenlet
import pytest
import trio
from _effects import blocking, explained, is_stopped
from _guarding import called_in_task
from _running import TIMEOUT, in_new_process, nesting
from asgiref.sync import async_to_sync, sync_to_async

from ginger_async_safe import allow_async_unsafe

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator, Iterator

    from _running import OnLoop

MANY = 200

ORDERS = [
    order
    for order in sorted(set(itertools.permutations("aabbcc")))
    if order.index("a") < order.index("b") < order.index("c")  # the others are these under other names
]
"""Each order in which three visitors can enter and exit."""


async def child() -> bool:
    """Look in a new task, immediately and after the loop has run other tasks."""
    at_once = is_stopped()
    await asyncio.sleep(0)
    return at_once and is_stopped()


async def child_on_any_loop() -> bool:
    """Look in a task of any library."""
    return is_stopped()


def loop_of_its_own() -> bool:
    """Look in a task of a new event loop."""
    return called_in_task(is_stopped)


# -- Tasks


class TestTasks:
    """Tasks that the block starts are separate tasks."""

    @pytest.mark.parametrize(
        "start",
        [
            pytest.param(lambda: asyncio.create_task(child()), id="create_task"),
            pytest.param(lambda: asyncio.ensure_future(child()), id="ensure_future"),
            pytest.param(lambda: asyncio.gather(child()), id="gather"),
            pytest.param(lambda: asyncio.shield(child()), id="shield"),
            pytest.param(lambda: asyncio.wait_for(asyncio.create_task(child()), TIMEOUT), id="wait_for a task"),
            pytest.param(
                lambda: asyncio.create_task(child(), name="with a name"),
                id="create_task with a name",
            ),
            pytest.param(
                lambda: asyncio.get_running_loop().create_task(child()),
                id="loop.create_task",
            ),
        ],
    )
    def test_children(self, start: Callable[[], Awaitable[Any]], on_asyncio_loop: OnLoop) -> None:
        """200 tasks that start and end inside the block are stopped, and the block itself stays allowed."""

        async def main() -> tuple[list[Any], bool]:
            with allow_async_unsafe():
                children = [start() for _ in range(MANY)]
                return [await each for each in children], is_stopped()

        seen, own = on_asyncio_loop(main)
        assert ([True] * MANY, False) == ([each[0] if isinstance(each, list) else each for each in seen], own)

    def test_children_that_outlive_the_block(self, on_asyncio_loop: OnLoop) -> None:
        """Tasks started inside the block and run after it are stopped."""

        async def main() -> list[bool]:
            with allow_async_unsafe():
                children = [asyncio.create_task(child()) for _ in range(MANY)]
            return await asyncio.gather(*children)

        assert [True] * MANY == on_asyncio_loop(main)

    def test_children_with_the_context_of_the_block(self) -> None:
        """Tasks with the block's own context, not a copy of it, are stopped."""
        if sys.version_info < (3, 11):
            pytest.skip("create_task takes a context since Python 3.11")

        async def main() -> list[bool]:
            with allow_async_unsafe():
                context = contextvars.copy_context()
                return await asyncio.gather(*(asyncio.create_task(child(), context=context) for _ in range(3)))

        assert [True] * 3 == asyncio.run(main())

    def test_older_tasks(self, on_asyncio_loop: OnLoop) -> None:
        """Tasks that are older than the block are stopped while it is open."""

        async def main() -> list[bool]:
            is_open = asyncio.Event()

            async def elder() -> bool:
                await is_open.wait()
                return is_stopped()

            elders = [asyncio.create_task(elder()) for _ in range(3)]
            await asyncio.sleep(0)
            with allow_async_unsafe():
                is_open.set()
                return await asyncio.gather(*elders)

        assert [True] * 3 == on_asyncio_loop(main)

    @pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with Python 3.12")
    def test_eager_children(self) -> None:
        """Eager tasks, whose first step runs inside the block, are stopped from that step on."""

        async def main() -> tuple[list[bool], bool]:
            asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)  # type: ignore[attr-defined,unused-ignore]
            with allow_async_unsafe():
                children = [asyncio.create_task(child()) for _ in range(MANY)]
                return await asyncio.gather(*children), is_stopped()

        assert ([True] * MANY, False) == asyncio.run(main())

    @pytest.mark.skipif(sys.version_info < (3, 11), reason="task groups came with Python 3.11")
    def test_task_group(self, on_asyncio_loop: OnLoop) -> None:
        """The children of a task group are, too, wherever the group was entered."""

        async def main() -> list[bool]:
            async with asyncio.TaskGroup() as outer:  # type: ignore[attr-defined,unused-ignore]
                with allow_async_unsafe():
                    async with asyncio.TaskGroup() as inner:  # type: ignore[attr-defined,unused-ignore]
                        tasks = [group.create_task(child()) for group in (outer, inner)]
                        await asyncio.sleep(0)
            return [each.result() for each in tasks]

        assert [True] * 2 == on_asyncio_loop(main)

    def test_nursery(self) -> None:
        """The children of a trio nursery, and trio's system tasks, are, too."""

        async def main() -> list[bool]:
            seen: list[bool] = []

            async def child_of_trio() -> None:
                seen.append(is_stopped())
                await trio.lowlevel.checkpoint()
                seen.append(is_stopped())

            async with trio.open_nursery() as outer:
                with allow_async_unsafe():
                    async with trio.open_nursery() as inner:
                        for _ in range(MANY):
                            inner.start_soon(child_of_trio)
                        outer.start_soon(child_of_trio)
                        trio.lowlevel.spawn_system_task(child_of_trio)
                    seen.append(not is_stopped())
            return seen

        assert [True] * (2 * MANY + 5) == trio.run(main)

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_anyio_task_group(self, backend: str) -> None:
        """The children of an anyio task group are, too, on either backend."""

        async def main() -> list[bool]:
            seen: list[bool] = []

            async def child_of_anyio() -> None:
                seen.append(is_stopped())
                await anyio.lowlevel.checkpoint()
                seen.append(is_stopped())

            with allow_async_unsafe():
                async with anyio.create_task_group() as group:
                    for _ in range(MANY):
                        group.start_soon(child_of_anyio)
                seen.append(not is_stopped())
            return seen

        assert [True] * (2 * MANY + 1) == anyio.run(main, backend=backend)

    def test_loop_inside_the_block(self) -> None:
        """A block around ``asyncio.run`` does not apply to the loop that runs there."""
        with allow_async_unsafe():
            assert loop_of_its_own()

    def test_loop_of_another_library_inside_the_block(self) -> None:
        """A block in a trio task does not apply to an asyncio loop inside it."""

        async def main() -> tuple[bool, bool]:
            with allow_async_unsafe():
                return loop_of_its_own(), is_stopped()

        assert (True, False) == trio.run(main)

    @nesting
    def test_nested_loop(self, nesting: str) -> None:
        """If the loop is run again inside the block, its tasks and callbacks are stopped."""
        assert [True, True, True, False] == in_new_process(
            f"""
            import asyncio, json, warnings
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # it asks for the current loop
                import {nesting} as nest_asyncio
                nest_asyncio.apply()
            from _effects import is_stopped
            from ginger_async_safe import allow_async_unsafe

            seen = []

            def block():
                loop = asyncio.get_running_loop()
                with allow_async_unsafe():
                    loop.call_soon(lambda: seen.append(is_stopped()))
                    loop.run_until_complete(child())
                    seen.append(is_stopped())

            async def child():
                seen.append(is_stopped())
                await asyncio.sleep(0)
                seen.append(is_stopped())

            async def main():
                block()

            loop = asyncio.new_event_loop()
            nest_asyncio.apply(loop)
            loop.run_until_complete(main())
            loop.close()
            print(json.dumps(seen))
            """
        )


# -- Threads


class TestThreads:
    """Threads that the block starts have no grants."""

    @pytest.mark.parametrize(
        "in_thread",
        [
            pytest.param(lambda: asyncio.to_thread(loop_of_its_own), id="to_thread"),
            pytest.param(
                lambda: asyncio.get_running_loop().run_in_executor(None, loop_of_its_own), id="run_in_executor"
            ),
            pytest.param(
                lambda: asyncio.get_running_loop().run_in_executor(
                    None, contextvars.copy_context().run, loop_of_its_own
                ),
                id="run_in_executor with the context",
            ),
            pytest.param(sync_to_async(loop_of_its_own), id="sync_to_async"),
            pytest.param(sync_to_async(loop_of_its_own, thread_sensitive=False), id="sync_to_async elsewhere"),
            pytest.param(lambda: anyio.to_thread.run_sync(loop_of_its_own), id="anyio"),
        ],
    )
    def test_loop_in_thread(self, in_thread: Callable[[], Awaitable[bool]], on_asyncio_loop: OnLoop) -> None:
        """An event loop in a thread that the block starts is stopped, with a copy of the context or without."""

        async def main() -> list[bool]:
            with allow_async_unsafe():
                return [await in_thread() for _ in range(3)]

        assert [True] * 3 == on_asyncio_loop(main)

    def test_loop_in_thread_of_trio(self) -> None:
        """An event loop in a thread of trio is, too."""

        async def main() -> bool:
            with allow_async_unsafe():
                return bool(await trio.to_thread.run_sync(loop_of_its_own))

        assert trio.run(main)

    @pytest.mark.parametrize("copies_context", [False, True])
    def test_plain_threads(self, copies_context: bool) -> None:
        """Loops in many plain threads at once are, too."""

        async def main() -> list[bool]:
            with allow_async_unsafe(), ThreadPoolExecutor(8) as pool:
                looks = [
                    pool.submit(contextvars.copy_context().run, loop_of_its_own)
                    if copies_context
                    else pool.submit(loop_of_its_own)
                    for _ in range(32)
                ]
                return [each.result(TIMEOUT) for each in looks]

        assert [True] * 32 == asyncio.run(main())

    def test_back_on_the_loop(self) -> None:
        """What a thread of the block sends back to the loop is a separate callback or task."""

        async def main() -> list[bool]:
            loop = asyncio.get_running_loop()
            seen: list[bool] = []

            def work() -> None:
                done = threading.Event()
                loop.call_soon_threadsafe(lambda: seen.append(is_stopped()))
                loop.call_soon_threadsafe(done.set)
                assert done.wait(TIMEOUT)
                seen.append(asyncio.run_coroutine_threadsafe(child(), loop).result(TIMEOUT))

            with allow_async_unsafe():
                await asyncio.to_thread(work)
            return seen

        assert [True, True] == asyncio.run(main())

    def test_back_in_the_task(self) -> None:
        """What trio's ``from_thread`` runs in the block's own task, below the block, is allowed."""

        async def main() -> list[bool]:
            with allow_async_unsafe():
                seen = [
                    await trio.to_thread.run_sync(lambda: trio.from_thread.run_sync(is_stopped)),
                    await anyio.to_thread.run_sync(lambda: anyio.from_thread.run_sync(is_stopped)),
                ]
            return [*seen, is_stopped()]

        assert [False, False, True] == trio.run(main)


# -- Callbacks

schedule = pytest.mark.parametrize(
    "schedule",
    [
        pytest.param(lambda loop, callback: loop.call_soon(callback), id="call_soon"),
        pytest.param(lambda loop, callback: loop.call_later(0, callback), id="call_later"),
        pytest.param(lambda loop, callback: loop.call_at(loop.time(), callback), id="call_at"),
        pytest.param(lambda loop, callback: loop.call_soon_threadsafe(callback), id="call_soon_threadsafe"),
        pytest.param(
            lambda loop, callback: loop.call_soon(callback, context=contextvars.copy_context()),
            id="call_soon with a context",
        ),
        pytest.param(
            lambda loop, callback: loop.create_task(asyncio.sleep(0)).add_done_callback(lambda _: callback()),
            id="done-callback",
        ),
    ],
)


class TestCallbacks:
    """Callbacks are called by the loop, not by the block."""

    @schedule
    @pytest.mark.parametrize("is_scheduled_inside", [True, False])
    @pytest.mark.parametrize("runs_inside", [True, False])
    def test_callback(
        self,
        schedule: Callable[[asyncio.AbstractEventLoop, Callable[[], None]], object],
        is_scheduled_inside: bool,
        runs_inside: bool,
        on_asyncio_loop: OnLoop,
    ) -> None:
        """A callback is stopped, whether the block scheduled it or is open while it runs."""

        async def main() -> bool:
            loop = asyncio.get_running_loop()
            seen: asyncio.Future[bool] = loop.create_future()

            def callback() -> None:
                seen.set_result(is_stopped())

            if not is_scheduled_inside:
                schedule(loop, callback)
            with allow_async_unsafe():
                if is_scheduled_inside:
                    schedule(loop, callback)
                if runs_inside:
                    return await seen
            return await seen

        assert on_asyncio_loop(main)

    def test_trio_callback(self) -> None:
        """What trio is told to run soon is, too."""

        async def main() -> bool:
            seen: list[bool] = []
            done = trio.Event()
            with allow_async_unsafe():
                token = trio.lowlevel.current_trio_token()
                token.run_sync_soon(lambda: seen.append(is_stopped()))
                token.run_sync_soon(done.set)
                await done.wait()
            return seen[0]

        assert trio.run(main)

    def test_grant_in_a_callback(self, on_asyncio_loop: OnLoop) -> None:
        """A callback may have a block of its own, which applies to no other callback and no task."""

        async def main() -> list[bool]:
            loop = asyncio.get_running_loop()
            seen: list[bool] = []
            done = asyncio.Event()

            def granted() -> None:
                with allow_async_unsafe():
                    seen.append(not is_stopped())
                seen.append(is_stopped())

            def left_open() -> None:
                stack.enter_context(allow_async_unsafe())

            with ExitStack() as stack:
                loop.call_soon(granted)
                loop.call_soon(left_open)
                loop.call_soon(lambda: seen.append(is_stopped()))
                loop.call_soon(done.set)
                await done.wait()
                seen.append(is_stopped())
            return seen

        assert [True] * 4 == on_asyncio_loop(main)


# -- Code that is suspended inside its block


def generator() -> Generator[bool, None, None]:
    """Look before, inside and after a block, one step at a time."""
    yield is_stopped()
    with allow_async_unsafe():
        yield is_stopped()
        yield is_stopped()
    yield is_stopped()


async def async_generator() -> AsyncIterator[bool]:
    """Look before, inside and after a block, one step at a time."""
    yield is_stopped()
    with allow_async_unsafe():
        yield is_stopped()
        yield is_stopped()
    yield is_stopped()


class Pause:
    """An awaitable that returns control to the code that runs the coroutine."""

    def __await__(self) -> Generator[None, None, None]:
        yield


class TestSuspended:
    """While the code of a block is suspended, the block does not apply."""

    def test_generator(self, on_loop: OnLoop) -> None:
        """The grant of a generator is its own: its task is stopped while the generator is suspended."""

        async def main() -> list[tuple[bool, bool]]:
            return [(inside, is_stopped()) for inside in generator()]

        assert [(True, True), (False, True), (False, True), (True, True)] == on_loop(main)

    def test_async_generator(self, on_loop: OnLoop) -> None:
        """The grant of an async generator is, too."""

        async def main() -> list[tuple[bool, bool]]:
            return [(inside, is_stopped()) async for inside in async_generator()]

        assert [(True, True), (False, True), (False, True), (True, True)] == on_loop(main)

    def test_generator_below_a_helper(self) -> None:
        """The grant of a generator that holds it through a context manager is, too."""

        @contextmanager
        def granted() -> Iterator[None]:
            with allow_async_unsafe():
                yield

        def steps() -> Iterator[bool]:
            with granted():
                yield is_stopped()
                with ExitStack() as stack:
                    stack.enter_context(granted())
                    yield is_stopped()

        assert [(False, True), (False, True)] == called_in_task(lambda: [(inside, is_stopped()) for inside in steps()])

    def test_generator_with_a_stack(self, on_loop: OnLoop) -> None:
        """The grant that another function entered on the exit stack of a generator, sync or async, is, too."""

        def fill(stack: ExitStack | AsyncExitStack) -> None:
            stack.enter_context(allow_async_unsafe())

        async def fill_async(stack: AsyncExitStack) -> None:
            fill(stack)

        def steps() -> Iterator[bool]:
            with ExitStack() as stack:
                fill(stack)
                yield is_stopped()

        async def async_steps() -> AsyncIterator[bool]:
            async with AsyncExitStack() as stack:
                await fill_async(stack)
                yield is_stopped()

        async def main() -> list[tuple[bool, bool]]:
            return [
                *[(inside, is_stopped()) for inside in steps()],
                *[(inside, is_stopped()) async for inside in async_steps()],
            ]

        assert [(False, True)] * 2 == on_loop(main)

    def test_delegated_generator(self) -> None:
        """A generator that delegates to another one is below its own block in each step of that."""

        def steps() -> Iterator[bool]:
            yield is_stopped()

        def outer() -> Iterator[bool]:
            with allow_async_unsafe():
                yield from steps()

        assert [(False, True)] == called_in_task(lambda: [(inside, is_stopped()) for inside in outer()])

    def test_coroutine_stepped_by_hand(self) -> None:
        """The grant of a coroutine that no task runs is its own, too."""

        async def steps(seen: list[bool]) -> None:
            with allow_async_unsafe():
                seen.append(is_stopped())
                await Pause()
                seen.append(is_stopped())

        @allow_async_unsafe()
        async def decorated(seen: list[bool]) -> None:
            seen.append(is_stopped())
            await Pause()
            seen.append(is_stopped())

        def drive(function: Callable[[list[bool]], Coroutine[Any, Any, None]]) -> list[bool]:
            seen: list[bool] = []
            coroutine = function(seen)
            coroutine.send(None)
            seen.append(is_stopped())
            with suppress(StopIteration):
                coroutine.send(None)
            return [*seen, is_stopped()]

        assert [[False, True, False, True]] * 2 == [
            called_in_task(functools.partial(drive, each)) for each in (steps, decorated)
        ]

    def test_generator_resumed_in_another_task(self, on_loop: OnLoop) -> None:
        """A generator's grant is for the task that entered the block; other tasks are stopped inside it."""

        async def main() -> list[bool]:
            steps = generator()
            seen = [next(steps), next(steps)]

            async def elsewhere() -> None:
                seen.append(next(steps))

            await in_another_task(elsewhere)
            return [*seen, *steps]

        assert [True, False, True, True] == on_loop(main)

    def test_async_generator_resumed_in_another_task(self, on_loop: OnLoop) -> None:
        """An async generator's grant is, too."""

        async def main() -> list[bool]:
            steps = async_generator()
            seen = [await steps.__anext__(), await steps.__anext__()]

            async def elsewhere() -> None:
                seen.append(await steps.__anext__())

            await in_another_task(elsewhere)
            return [*seen, *[each async for each in steps]]

        assert [True, False, True, True] == on_loop(main)

    def test_generator_resumed_in_another_thread(self) -> None:
        """A loop in another thread that resumes a generator is stopped inside its block."""

        def resume_elsewhere() -> list[bool]:
            steps = generator()
            seen = [next(steps), next(steps)]
            with ThreadPoolExecutor(1) as pool:
                seen += [pool.submit(called_in_task, functools.partial(next, steps)).result(TIMEOUT) for _ in range(2)]
            return [*seen, is_stopped()]

        assert [True, False, True, True, True] == called_in_task(resume_elsewhere)

    def test_generator_resumed_after_its_consumers_block(self, on_loop: OnLoop) -> None:
        """A generator that was first resumed inside a block is stopped when it is resumed outside."""

        def steps() -> Iterator[bool]:
            while True:
                yield is_stopped()

        async def main() -> list[bool]:
            looks = steps()
            with allow_async_unsafe():
                seen = [next(looks)]
            return [*seen, next(looks)]

        assert [False, True] == on_loop(main)

    def test_async_generator_resumed_after_its_consumers_block(self, on_loop: OnLoop) -> None:
        """An async generator is, too."""

        async def steps() -> AsyncIterator[bool]:
            while True:
                yield is_stopped()

        async def main() -> list[bool]:
            looks = steps()
            with allow_async_unsafe():
                seen = [await looks.__anext__()]
            seen.append(await looks.__anext__())
            await looks.aclose()  # type: ignore[attr-defined]
            return seen

        assert [False, True] == on_loop(main)

    def test_dropped_generator(self) -> None:
        """A generator that is never resumed again takes its grant with it."""

        def drop() -> list[bool]:
            for _ in itertools.islice(generator(), 2):
                pass
            gc.collect()
            return [is_stopped(), "grant" not in explained()]

        assert [True, True] == called_in_task(drop)

    def test_forgotten_generator(self) -> None:
        """A generator that is garbage-collected with its task does so, too."""

        async def forget() -> None:
            steps = [generator(), generator()]  # alive in this frame, and closed with it
            for each in steps:
                next(each)
                next(each)

        async def main() -> list[bool]:
            await forget()
            await asyncio.create_task(forget())
            return [is_stopped(), "grant" not in explained()]

        assert [True, True] == asyncio.run(main())

    def test_dropped_async_generator(self) -> None:
        """An async generator that another task closes, as asyncio does with unreferenced ones, does so, too."""

        async def main() -> list[bool]:
            steps = async_generator()
            await steps.__anext__()
            await steps.__anext__()
            seen = [is_stopped(), "grant" not in explained()]
            await asyncio.create_task(steps.aclose())  # type: ignore[attr-defined]
            return [*seen, "grant" not in explained()]

        assert [True, False, True] == asyncio.run(main())

    def test_greenlet(self) -> None:
        """The grant of a greenlet that switches away inside its block is its own."""

        def block() -> None:
            with allow_async_unsafe():
                parent.switch(is_stopped())
                parent.switch(is_stopped())

        def drive() -> list[bool]:
            below = greenlet.greenlet(block)
            seen = [below.switch(), is_stopped(), below.switch(), is_stopped()]
            below.switch()
            return [*seen, is_stopped()]

        parent = greenlet.getcurrent()
        assert [False, True, False, True, True] == called_in_task(drive)


async def in_another_task(function: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine function in a new task, on any loop."""
    async with anyio.create_task_group() as group:
        group.start_soon(function)


# -- asgiref, context variables


class TestContexts:
    """Context variables carry no grant, however they are copied."""

    def test_copied_context(self) -> None:
        """A context that was copied inside the block, and is entered after it elsewhere, allows nothing."""

        async def main() -> list[bool]:
            with allow_async_unsafe():
                context = contextvars.copy_context()
                seen = [context.run(is_stopped)]
            seen.append(context.run(is_stopped))
            asyncio.get_running_loop().call_soon(context.run, lambda: seen.append(is_stopped()))
            await asyncio.sleep(0)
            return seen

        assert [False, True, True] == asyncio.run(main())

    def test_there_and_back(self, on_asyncio_loop: OnLoop) -> None:
        """What asgiref sends from the block to a thread, and back to the loop, is stopped; the block itself is not."""

        async def main() -> list[bool]:
            with allow_async_unsafe():
                seen = [await sync_to_async(async_to_sync(child))() for _ in range(3)]
                seen.append(not is_stopped())
            return [*seen, is_stopped()]

        assert [True] * 5 == on_asyncio_loop(main)

    def test_there_and_back_and_there(self) -> None:
        """What makes that round trip twice, with a context variable that is copied back each time, is, too."""
        trips: contextvars.ContextVar[int] = contextvars.ContextVar("trips", default=0)

        async def on_the_loop() -> bool:
            trips.set(trips.get() + 1)
            if trips.get() < 4:
                return bool(await sync_to_async(async_to_sync(on_the_loop))()) and is_stopped()
            return is_stopped()

        async def main() -> tuple[bool, int, bool, bool]:
            with allow_async_unsafe():
                seen = await sync_to_async(async_to_sync(on_the_loop))()
                return seen, trips.get(), not is_stopped(), await asyncio.create_task(child())

        assert (True, 4, True, True) == asyncio.run(main())

    def test_grant_in_the_thread(self) -> None:
        """A block in a thread from which asgiref copies contexts back allows nothing on the loop."""
        note: contextvars.ContextVar[str] = contextvars.ContextVar("note", default="")

        def in_thread() -> bool:
            stack.enter_context(allow_async_unsafe())  # left open
            note.set("was here")
            with allow_async_unsafe():
                return async_to_sync(child)()

        async def main() -> list[object]:
            return [await sync_to_async(in_thread)(), note.get(), is_stopped(), await asyncio.create_task(child())]

        with ExitStack() as stack:
            assert [True, "was here", True, True] == asyncio.run(main())

    def test_async_to_sync_inside_a_sync_block(self) -> None:
        """A block in sync code does not apply to the loop that async_to_sync starts."""
        with allow_async_unsafe():
            assert async_to_sync(child)()


# -- Two tasks, many threads


class Visitor:
    """A task that enters a block, looks, and exits it, each on command."""

    def __init__(self, grant: allow_async_unsafe) -> None:
        self._grant = grant
        self._words: asyncio.Queue[str] = asyncio.Queue()
        self._answers: asyncio.Queue[bool] = asyncio.Queue()
        self._task = asyncio.create_task(self._visit())

    async def _visit(self) -> None:
        await self._obey()
        with self._grant:
            await self._obey()
        await self._obey()

    async def _obey(self) -> None:
        while await self._words.get() == "look":
            self._answers.put_nowait(is_stopped())

    async def look(self) -> bool:
        """Return what is allowed where the task is."""
        self._words.put_nowait("look")
        return await self._answers.get()

    async def go_on(self) -> None:
        """Make the task enter the block, exit it, or end."""
        self._words.put_nowait("go on")
        await asyncio.sleep(0)


class TestAtOnce:
    """Blocks that are open at the same time are independent."""

    @pytest.mark.parametrize("order", ORDERS, ids="".join)
    @pytest.mark.parametrize("is_shared", [False, True])
    def test_tasks(self, order: tuple[str, ...], is_shared: bool) -> None:
        """Three tasks enter and exit in any order, with one grant object or three: each has its own block only."""

        async def main() -> list[list[bool]]:
            shared = allow_async_unsafe()
            visitors = {name: Visitor(shared if is_shared else allow_async_unsafe()) for name in "abc"}
            seen = []
            for name in order:
                await visitors[name].go_on()
                seen.append([await each.look() for each in visitors.values()])
            for each in visitors.values():
                await each.go_on()
            return seen

        steps = [order[: number + 1] for number in range(len(order))]
        assert [[done.count(name) != 1 for name in "abc"] for done in steps] == asyncio.run(main())

    def test_decorated_coroutine_function(self, on_asyncio_loop: OnLoop) -> None:
        """A decorated function that runs in many tasks at once is allowed in each until it ends there."""

        async def main() -> list[bool]:
            seen: list[bool] = []

            @allow_async_unsafe()
            async def granted(turns: int) -> None:
                for _ in range(turns):
                    await asyncio.sleep(0)
                    seen.append(not is_stopped())

            async def task(turns: int) -> None:
                await granted(turns)
                for _ in range(10 - turns):
                    seen.append(is_stopped())
                    await asyncio.sleep(0)

            await asyncio.gather(*map(task, [3, 7, 1, 10, 5]))
            return seen

        assert [True] * 50 == on_asyncio_loop(main)

    def test_threads(self) -> None:
        """One grant object in 32 threads at once, each with its own loop: each has its own block only."""
        grant = allow_async_unsafe()
        barrier = threading.Barrier(32, timeout=TIMEOUT)

        async def main() -> list[bool]:
            seen = []
            for _ in range(20):
                barrier.wait()
                seen.append(is_stopped())
                with grant:
                    barrier.wait()
                    seen.append(not is_stopped())
                    seen.append(await asyncio.create_task(child()))
                seen.append(is_stopped())
            return seen

        with ThreadPoolExecutor(32) as pool:
            threads = [pool.submit(lambda: asyncio.run(main())) for _ in range(32)]
            assert [[True] * 80] * 32 == [each.result(TIMEOUT) for each in threads]

    def test_suspended_blocks_of_one_object(self) -> None:
        """If blocks of one grant object end in another order, task or thread than they began, each ends itself."""
        grant = allow_async_unsafe()

        def steps() -> Iterator[bool]:
            with grant:
                yield is_stopped()
                yield is_stopped()

        def drive() -> list[bool]:
            first, second, third = steps(), steps(), steps()
            seen = [next(first), next(second), next(third)]
            with ThreadPoolExecutor(1) as pool:
                pool.submit(second.close).result(TIMEOUT)  # type: ignore[attr-defined]
            first.close()  # type: ignore[attr-defined]
            seen.append(next(third))
            third.close()  # type: ignore[attr-defined]
            return [*seen, not is_stopped(), "grant" in explained()]

        assert [False] * 6 == called_in_task(drive)


# -- The end of the block


class TestEnd:
    """After the block, nothing is left of it."""

    def test_exception(self, on_loop: OnLoop) -> None:
        """An exception ends the block."""

        async def main() -> list[bool]:
            with suppress(KeyError), allow_async_unsafe():
                raise KeyError
            return [is_stopped(), "grant" not in explained()]

        assert [True, True] == on_loop(main)

    def test_cancellation(self, on_asyncio_loop: OnLoop) -> None:
        """Cancellation ends the block; what the task does afterwards is stopped."""

        async def main() -> list[bool]:
            seen: list[bool] = []

            async def cancelled() -> None:
                try:
                    async with allow_async_unsafe():
                        try:
                            await asyncio.Event().wait()
                        finally:
                            seen.append(not is_stopped())
                finally:
                    seen.append(is_stopped())

            task = asyncio.create_task(cancelled())
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
            return [*seen, task.cancelled(), "grant" not in explained()]

        assert [True] * 4 == on_asyncio_loop(main)

    def test_cancel_scope(self) -> None:
        """Cancellation by trio does, too."""

        async def main() -> list[bool]:
            with trio.CancelScope() as scope:
                async with allow_async_unsafe():
                    scope.cancel()
                    await trio.sleep_forever()
            return [scope.cancelled_caught, is_stopped(), "grant" not in explained()]

        assert [True] * 3 == trio.run(main)

    def test_timeout(self, on_asyncio_loop: OnLoop) -> None:
        """A timeout does, too."""

        async def main() -> list[bool]:
            async def block() -> None:
                with allow_async_unsafe():
                    await asyncio.Event().wait()

            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(block(), 0.001)
            return [is_stopped(), "grant" not in explained()]

        assert [True, True] == on_asyncio_loop(main)

    @pytest.mark.parametrize("is_async", [False, True])
    def test_nothing_remains(self, is_async: bool) -> None:
        """After 10,000 blocks, the thread holds no grant."""

        async def main() -> list[bool]:
            grant = allow_async_unsafe()
            for number in range(10_000):
                with suppress(ZeroDivisionError):
                    if is_async:
                        async with grant:
                            number // (number % 2)
                    else:
                        with grant:
                            number // (number % 2)
            return [is_stopped(), "grant" not in explained()]

        assert [True, True] == asyncio.run(main())

    def test_frame_is_released(self) -> None:
        """A block keeps no frame alive, and so no local variable of the code around it."""

        class Local:
            pass

        def block(grant: allow_async_unsafe) -> weakref.ref[Local]:
            local = Local()
            with grant as held:
                assert held.matched == 0
                blocking()
            return weakref.ref(local)

        async def main() -> list[object]:
            grant = allow_async_unsafe()
            return [block(grant)() for _ in range(3)]

        assert [None] * 3 == asyncio.run(main())
