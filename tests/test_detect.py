"""Is a loop waiting for this code? The truth table, row by row, on the real loops, threads and processes."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import json
import os
import queue
import signal
import socket
import sys
import threading
import warnings
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import greenlet  # noqa: F401 - for a program that has it, see _stacks
import pytest
import trio
import uvloop
from _looks import ASYNCIO, NOWHERE, TRIO, in_copied_context, is_stopped, look, look_async
from _running import TIMEOUT, in_new_process, in_thread, nesting, new_loops
from asgiref.sync import async_to_sync, sync_to_async

from ginger_async_safe import allow_async_unsafe, current_async_library, in_async_context
from ginger_async_safe.detect import async_context

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator

    from _looks import Look
    from _running import NewLoop, OnLoop


@pytest.fixture(params=["one stack a thread", "greenlets"])
def _stacks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test as in a program that has not imported greenlet, and as in one that has."""
    if request.param == "one stack a thread":
        monkeypatch.delitem(sys.modules, "greenlet")


# -- asyncio and uvloop


@pytest.mark.usefixtures("_stacks")
class TestAsyncio:
    """Code that a loop with asyncio's interface calls."""

    def test_task(self, on_asyncio_loop: OnLoop) -> None:
        """A task is an async context."""
        assert ASYNCIO == on_asyncio_loop(look_async)

    def test_child_task(self, on_asyncio_loop: OnLoop) -> None:
        """Each task that it starts is one, too."""

        async def main() -> list[Look]:
            return await asyncio.gather(*(asyncio.create_task(look_async()) for _ in range(3)))

        assert [ASYNCIO] * 3 == on_asyncio_loop(main)

    @pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with Python 3.12")
    def test_eager_task(self) -> None:
        """A task that starts eagerly is one, and so is the code that started it, afterwards."""

        async def main() -> tuple[Look, Look]:
            asyncio.get_running_loop().set_task_factory(getattr(asyncio, "eager_task_factory"))  # noqa: B009
            child = asyncio.create_task(look_async())
            return child.result(), look()

        assert (ASYNCIO, ASYNCIO) == asyncio.run(main())

    def test_task_with_no_frame_of_its_own(self, on_asyncio_loop: OnLoop) -> None:
        """A task of an awaitable that was not written with ``async def``, like Cython's, is one."""

        class Compiled(Coroutine[Any, Any, Any]):
            def __await__(self) -> Generator[Any, Any, Any]:
                raise NotImplementedError

            def send(self, value: object) -> Any:
                raise StopIteration(look())

            def throw(self, *error: Any) -> Any:
                raise NotImplementedError

            def close(self) -> None:
                pass

        async def main() -> Look:
            looked: Look = await asyncio.create_task(Compiled())
            return looked

        assert ASYNCIO == on_asyncio_loop(main)

    @pytest.mark.parametrize(
        "arrange",
        [
            pytest.param(lambda loop, callback: loop.call_soon(callback), id="call_soon"),
            pytest.param(lambda loop, callback: loop.call_later(0.001, callback), id="call_later"),
            pytest.param(lambda loop, callback: loop.call_at(loop.time(), callback), id="call_at"),
            pytest.param(
                lambda loop, callback: threading.Thread(target=loop.call_soon_threadsafe, args=(callback,)).start(),
                id="call_soon_threadsafe",
            ),
            pytest.param(
                lambda loop, callback: loop.create_task(asyncio.sleep(0)).add_done_callback(lambda _: callback()),
                id="done-callback of a task",
            ),
            pytest.param(
                lambda loop, callback: (
                    future := loop.create_future(),
                    future.add_done_callback(lambda _: callback()),
                    future.set_result(None),
                ),
                id="done-callback of a future",
            ),
        ],
    )
    def test_callback(self, on_asyncio_loop: OnLoop, arrange: Callable[[Any, Callable[[], None]], object]) -> None:
        """A callback of the loop is an async context."""

        async def main() -> Look:
            looked = asyncio.get_running_loop().create_future()
            arrange(asyncio.get_running_loop(), lambda: looked.set_result(look()))
            result: Look = await asyncio.wait_for(looked, TIMEOUT)
            return result

        assert ASYNCIO == on_asyncio_loop(main)

    def test_signal_handler(self, on_asyncio_loop: OnLoop) -> None:
        """A signal handler of the loop is an async context."""

        async def main() -> Look:
            loop = asyncio.get_running_loop()
            looked = loop.create_future()
            loop.add_signal_handler(signal.SIGUSR1, lambda: looked.set_result(look()))
            try:
                os.kill(os.getpid(), signal.SIGUSR1)
                result: Look = await asyncio.wait_for(looked, TIMEOUT)
            finally:
                loop.remove_signal_handler(signal.SIGUSR1)
            return result

        assert ASYNCIO == on_asyncio_loop(main)

    def test_protocol(self, on_asyncio_loop: OnLoop) -> None:
        """The methods of a protocol, and the callback of a file descriptor, are async contexts."""
        looks: dict[str, Look] = {}

        class Protocol(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                looks["connection_made"] = look()

            def data_received(self, data: bytes) -> None:
                looks["data_received"] = look()

            def connection_lost(self, exc: Exception | None) -> None:
                looks["connection_lost"] = look()
                lost.set()

        lost: asyncio.Event

        async def main() -> None:
            nonlocal lost
            lost = asyncio.Event()
            loop = asyncio.get_running_loop()
            ours, theirs = socket.socketpair()
            with ours:
                await loop.create_connection(Protocol, sock=theirs)
                ours.send(b"data")
            await asyncio.wait_for(lost.wait(), TIMEOUT)
            ours, theirs = socket.socketpair()
            with ours, theirs:
                looked = loop.create_future()
                loop.add_writer(ours, lambda: looked.done() or looked.set_result(look()))  # type: ignore[func-returns-value]
                looks["add_writer"] = await asyncio.wait_for(looked, TIMEOUT)
                loop.remove_writer(ours)

        on_asyncio_loop(main)
        assert dict.fromkeys(["connection_made", "data_received", "connection_lost", "add_writer"], ASYNCIO) == looks

    @new_loops
    def test_callback_of_a_loop_in_a_thread(self, new_loop: NewLoop) -> None:
        """A loop may be started without ``asyncio.run``, outside of the main thread, and by code in C."""
        loop = new_loop()
        looks: queue.SimpleQueue[Look] = queue.SimpleQueue()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        try:
            loop.call_soon_threadsafe(lambda: looks.put(look()))
            assert ASYNCIO == looks.get(timeout=TIMEOUT)
            assert ASYNCIO == asyncio.run_coroutine_threadsafe(look_async(), loop).result(TIMEOUT)
            assert NOWHERE == look()
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(TIMEOUT)
            loop.close()

    def test_async_generator(self, on_asyncio_loop: OnLoop) -> None:
        """An async generator is an async context, in its body and when the loop closes it."""
        looks: list[Look] = []

        async def generator() -> AsyncIterator[Look]:
            try:
                yield look()
                yield look()
            finally:
                looks.append(look())

        async def main() -> None:
            looks.extend([each async for each in generator()])
            async for each in generator():
                looks.append(each)
                break
            left = generator()
            looks.append(await left.__anext__())
            await left.aclose()  # type: ignore[attr-defined]

        on_asyncio_loop(main)
        # What the loop itself closes is a finalizer: it is detected, and runs nevertheless.
        assert {(True, "asyncio")} == {(each.is_async, each.library) for each in looks}
        assert ASYNCIO in looks

    @new_loops
    def test_loop_that_does_not_run(self, new_loop: NewLoop) -> None:
        """A loop that exists, but does not run, does not wait for any code."""
        loop = new_loop()
        try:
            before = look()
            loop.run_until_complete(look_async())
            assert (NOWHERE, NOWHERE) == (before, look())
        finally:
            loop.close()


# -- trio


@pytest.mark.usefixtures("_stacks")
class TestTrio:
    """Code that trio calls."""

    def test_task(self) -> None:
        """A trio task is an async context, and so is each task that it starts."""
        looks: list[Look] = []

        async def child() -> None:
            looks.append(look())
            await trio.lowlevel.checkpoint()
            looks.append(look())

        async def main() -> None:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(child)
                nursery.start_soon(child)
            looks.append(look())

        trio.run(main)
        assert [TRIO] * 5 == looks

    def test_callbacks(self) -> None:
        """What trio calls between its tasks is one, too: instruments, abort functions, calls from other threads."""
        looks: dict[str, Look] = {}

        class Instrument(trio.abc.Instrument):
            def before_io_wait(self, timeout: float) -> None:
                looks["instrument"] = look()

            def before_task_step(self, task: trio.lowlevel.Task) -> None:
                looks["instrument of a step"] = look()

        def abort(_raise_cancel: object) -> trio.lowlevel.Abort:
            looks["abort function"] = look()
            return trio.lowlevel.Abort.SUCCEEDED

        async def main() -> None:
            called = trio.Event()

            def from_token() -> None:
                looks["run_sync_soon"] = look()
                called.set()

            trio.lowlevel.current_trio_token().run_sync_soon(from_token)
            await called.wait()
            looks["from_thread"] = await trio.to_thread.run_sync(lambda: trio.from_thread.run_sync(look))
            with trio.move_on_after(0.001):
                await trio.lowlevel.wait_task_rescheduled(abort)

        trio.run(main, instruments=[Instrument()])
        names = ["instrument", "instrument of a step", "run_sync_soon", "from_thread", "abort function"]
        assert dict.fromkeys(names, TRIO) == {name: looks[name] for name in names}

    def test_async_generator(self) -> None:
        """An async generator is an async context, also when trio closes it."""
        looks: list[Look] = []

        async def generator() -> AsyncIterator[Look]:
            try:
                yield look()
            finally:
                looks.append(look())

        async def main() -> None:
            left = generator()
            looks.append(await left.__anext__())
            await left.aclose()  # type: ignore[attr-defined]

        trio.run(main)
        assert [TRIO, TRIO] == looks

    def test_older_trio(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A trio older than ``in_trio_run`` is detected, and only while it runs."""
        monkeypatch.delattr(trio.lowlevel, "in_trio_run")
        assert (NOWHERE, TRIO, NOWHERE) == (look(), trio.run(look_async), look())

    def test_guest_of_asyncio(self, on_asyncio_loop: OnLoop) -> None:
        """With a trio run as a guest of asyncio, trio is detected in its tasks, and asyncio in those of its host."""
        looks: dict[str, Look] = {}
        hosts: set[Look] = set()

        async def guest() -> None:
            looks["guest"] = look()
            for _ in range(2):
                await trio.sleep(0.001)
            looks["guest in a thread"] = await trio.to_thread.run_sync(look)
            looks["guest after"] = look()

        async def main() -> None:
            loop = asyncio.get_running_loop()
            done = asyncio.Event()

            def end(_outcome: object) -> None:
                looks["done callback"] = look()
                done.set()

            def host_callback() -> None:
                hosts.add(look())
                if not done.is_set():
                    loop.call_later(0.001, host_callback)

            trio.lowlevel.start_guest_run(
                guest,
                run_sync_soon_threadsafe=loop.call_soon_threadsafe,
                done_callback=end,
                host_uses_signal_set_wakeup_fd=True,
            )
            hosts.add(look())
            loop.call_soon(host_callback)
            while not done.is_set():
                await asyncio.sleep(0.001)
                hosts.add(look())

        on_asyncio_loop(main)
        expected = {"guest": TRIO, "guest in a thread": NOWHERE, "guest after": TRIO, "done callback": ASYNCIO}
        assert (expected, {ASYNCIO}) == (looks, hosts)

    @pytest.mark.parametrize("has_in_trio_run", [True, False])
    def test_guest_of_a_plain_loop(self, has_in_trio_run: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        """The host's own code between two steps of a trio guest is not in trio: trio does not wait for it."""
        if not has_in_trio_run:
            monkeypatch.delattr(trio.lowlevel, "in_trio_run")
        ticks: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        looks: list[Look] = []
        hosts: list[Look] = []
        outcomes: list[Any] = []

        async def guest() -> str:
            looks.append(look())
            for _ in range(3):
                await trio.sleep(0.001)
                looks.append(look())
            return "done"

        def end(outcome: Any) -> None:
            hosts.append(look())
            outcomes.append(outcome)

        trio.lowlevel.start_guest_run(guest, run_sync_soon_threadsafe=ticks.put, done_callback=end)
        while not outcomes:
            hosts.append(look())
            ticks.get(timeout=TIMEOUT)()
        assert ("done", [TRIO] * 4, {NOWHERE}) == (outcomes[0].unwrap(), looks, {*hosts, look()})


# -- anyio


@pytest.mark.parametrize(
    ("backend", "options", "expected"),
    [
        pytest.param("asyncio", {}, ASYNCIO, id="asyncio"),
        pytest.param("asyncio", {"use_uvloop": True}, ASYNCIO, id="uvloop"),
        pytest.param("trio", {}, TRIO, id="trio"),
    ],
)
@pytest.mark.usefixtures("_stacks")
def test_anyio(backend: str, options: dict[str, Any], expected: Look) -> None:
    """Code under anyio is in the loop that anyio uses; its threads, and the code outside, are not."""

    async def main() -> list[Look]:
        looks = [look()]

        async def child() -> None:
            await anyio.lowlevel.checkpoint()
            looks.append(look())

        async with anyio.create_task_group() as group:
            group.start_soon(child)
        return [*looks, await anyio.to_thread.run_sync(look), look()]

    looks = anyio.run(main, backend=backend, backend_options=options)
    assert [expected, expected, NOWHERE, expected] == looks
    assert NOWHERE == look()


# -- Sync code below


class Looking:
    """An object that calls detection when Python itself calls one of its methods."""

    def __init__(self) -> None:
        self.looks: list[Look] = []

    def __eq__(self, other: object) -> bool:
        self.looks.append(look())
        return self is other

    def __hash__(self) -> int:
        return 0


def by_recursion(depth: int = 150) -> Look:
    """Look below many Python functions."""
    return look() if depth == 0 else by_recursion(depth - 1)


def by_c_code() -> Look:
    """Look below C functions that call back."""
    return max([look], key=lambda function: sorted([1], key=lambda _: function()))()


def by_generators() -> Look:
    """Look below suspended generators."""

    def innermost() -> Iterator[Look]:
        yield look()

    def outer() -> Iterator[Look]:
        yield from innermost()

    return next(each for each in outer())


def by_special_method() -> Look:
    """Look below an operator."""
    looking = Looking()
    assert looking != 0
    return looking.looks[0]


@pytest.mark.usefixtures("_stacks")
@pytest.mark.parametrize("deep", [by_recursion, by_c_code, by_generators, by_special_method, in_copied_context])
def test_sync_code_below_a_task(on_loop: OnLoop, deep: Callable[[], Look]) -> None:
    """Sync code that a task calls is in an async context, at any depth, and not without a task."""

    async def main() -> tuple[Look, Look]:
        return look(), deep()

    of_task, of_deep = on_loop(main)
    assert of_task.is_async
    assert of_task == of_deep
    assert NOWHERE == deep()


# -- Threads


async def by_plain_thread(function: Callable[[], Look]) -> Look:
    """Call in a thread of its own."""
    looks: queue.SimpleQueue[Look] = queue.SimpleQueue()
    thread = threading.Thread(target=lambda: looks.put(function()))
    thread.start()
    thread.join(TIMEOUT)
    return looks.get(timeout=TIMEOUT)


async def by_plain_thread_with_context(function: Callable[[], Look]) -> Look:
    """Call in a thread of its own that has a copy of the task's context."""
    return await by_plain_thread(functools.partial(contextvars.copy_context().run, function))


async def by_executor(function: Callable[[], Look]) -> Look:
    """Call in the loop's default executor."""
    return await asyncio.get_running_loop().run_in_executor(None, function)


async def by_executor_with_context(function: Callable[[], Look]) -> Look:
    """Call in the loop's default executor, in a copy of the task's context."""
    return await by_executor(functools.partial(contextvars.copy_context().run, function))


async def by_asgiref(function: Callable[[], Look]) -> Look:
    """Call in the single thread of asgiref."""
    return await sync_to_async(function, thread_sensitive=True)()


async def by_asgiref_pool(function: Callable[[], Look]) -> Look:
    """Call in any of asgiref's threads."""
    return await sync_to_async(function, thread_sensitive=False)()


async def by_nested_asgiref(function: Callable[[], Look]) -> Look:
    """Call in a thread from a coroutine from a thread."""

    @async_to_sync
    async def back() -> Look:
        return await sync_to_async(function)()

    return await sync_to_async(back)()


to_threads = [
    by_plain_thread,
    by_plain_thread_with_context,
    anyio.to_thread.run_sync,
]
to_asyncio_threads = [
    *to_threads,
    asyncio.to_thread,
    by_executor,
    by_executor_with_context,
    by_asgiref,
    by_asgiref_pool,
    by_nested_asgiref,
]
to_trio_threads = [*to_threads, trio.to_thread.run_sync]


def _name(function: Any) -> str:
    return f"{function.__module__}.{function.__qualname__}".removeprefix(f"{__name__}.")


@pytest.mark.usefixtures("_stacks")
@pytest.mark.parametrize("to_thread", to_asyncio_threads, ids=_name)
def test_thread_of_an_asyncio_task(
    on_asyncio_loop: OnLoop, to_thread: Callable[[Callable[[], Look]], Awaitable[Look]]
) -> None:
    """No loop waits for the code of a worker thread, whatever its context; the task itself is one afterwards."""

    async def main() -> list[Look]:
        return [look(), await to_thread(look), await to_thread(by_recursion), look()]

    assert [ASYNCIO, NOWHERE, NOWHERE, ASYNCIO] == on_asyncio_loop(main)


@pytest.mark.usefixtures("_stacks")
@pytest.mark.parametrize("to_thread", to_trio_threads, ids=_name)
def test_thread_of_a_trio_task(to_thread: Callable[[Callable[[], Look]], Awaitable[Look]]) -> None:
    """No loop waits for the code of trio's worker threads, either."""

    async def main() -> list[Look]:
        return [look(), await to_thread(look), await to_thread(by_recursion), look()]

    assert [TRIO, NOWHERE, NOWHERE, TRIO] == trio.run(main)


@pytest.mark.usefixtures("_stacks")
def test_loop_in_a_thread_of_a_task(on_loop: OnLoop) -> None:
    """A loop that runs in a worker thread is detected in that thread, whatever loop the task has."""

    async def main() -> list[Look]:
        return [
            await by_plain_thread(lambda: asyncio.run(look_async())),
            await by_plain_thread(lambda: trio.run(look_async)),
            await by_plain_thread(look),
        ]

    assert [ASYNCIO, TRIO, NOWHERE] == on_loop(main)


# -- asgiref's way back to sync code


@pytest.mark.usefixtures("_stacks")
@pytest.mark.parametrize("thread_sensitive", [True, False])
def test_async_to_sync_from_sync_code(thread_sensitive: bool) -> None:
    """A coroutine that sync code runs is in an async context; sync code that it sends back is not."""

    @async_to_sync
    async def main() -> list[Look]:
        return [look(), await sync_to_async(look, thread_sensitive=thread_sensitive)(), look()]

    assert [ASYNCIO, NOWHERE, ASYNCIO] == main()
    assert NOWHERE == look()


@pytest.mark.usefixtures("_stacks")
def test_round_trips(on_asyncio_loop: OnLoop) -> None:
    """Detection is right at every level of nested calls between loops and threads."""

    async def down(depth: int) -> list[Look]:
        below = await sync_to_async(up)(depth - 1) if depth else []
        return [look(), *below, look()]

    def up(depth: int) -> list[Look]:
        return [look(), *async_to_sync(down)(depth), look()]

    expected = [ASYNCIO, NOWHERE, ASYNCIO, NOWHERE, ASYNCIO, ASYNCIO, NOWHERE, ASYNCIO, NOWHERE, ASYNCIO]
    assert expected == on_asyncio_loop(lambda: down(2))
    assert expected[1:-1] == up(1)


# -- Processes


def in_forked_child(function: Callable[[], Any]) -> Any:
    """Call a function in a forked child process, and return its result."""
    read, write = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # Python 3.12 and newer: other tests have left threads running
        child = os.fork()
    if child == 0:
        try:
            os.write(write, json.dumps(function()).encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        result = pipe.read()
    os.waitpid(child, 0)
    return json.loads(result)


@pytest.mark.usefixtures("_stacks")
def test_fork_in_a_task(on_loop: OnLoop) -> None:
    """No loop runs in a child process that a task forks; the parent's continues."""

    async def main() -> tuple[list[Any], bool]:
        return in_forked_child(look), look().is_async

    assert (list(NOWHERE), True) == on_loop(main)


def test_fork_in_a_forked_child(on_loop: OnLoop) -> None:
    """The same is true in a grandchild process, as daemons are."""

    async def main() -> Any:
        return in_forked_child(lambda: [look(), in_forked_child(look), look()])

    assert [list(NOWHERE)] * 3 == on_loop(main)


@new_loops
def test_fork_in_a_callback(new_loop: NewLoop) -> None:
    """The same is true if a callback forks."""
    loop = new_loop()
    looks: list[object] = []
    loop.call_soon(lambda: looks.extend([in_forked_child(look), look()]))
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.close()
    assert [list(NOWHERE), ASYNCIO] == looks


def test_loop_in_a_forked_child(on_loop: OnLoop) -> None:
    """A loop that the child process starts itself is detected there."""

    async def main() -> Any:
        return in_forked_child(lambda: [asyncio.run(look_async()), look()])

    assert [list(ASYNCIO), list(NOWHERE)] == on_loop(main)


@pytest.mark.parametrize("library", ["asyncio", "trio"])
def test_fork_before_anything_was_guarded(library: str) -> None:
    """It is detected in the child process even if the program had neither guarded a function nor called detection before."""
    source = f"""
        import json, os, {library}
        from ginger_async_safe import in_async_context

        async def main():
            if os.fork() == 0:
                print(json.dumps(in_async_context()), flush=True)
                os._exit(0)
            os.wait()

        {library}.run(main{"()" if library == "asyncio" else ""})
    """
    assert False is in_new_process(source)


# -- A loop inside a loop


@pytest.mark.usefixtures("_stacks")
class TestNestedLoops:
    """The innermost loop that led to the call is the one that counts."""

    def test_trio_inside_asyncio(self, on_asyncio_loop: OnLoop) -> None:
        """With ``trio.run`` in a task of asyncio, trio is detected inside, asyncio before and after."""

        async def inner() -> list[Look]:
            return [look(), await trio.to_thread.run_sync(look), by_recursion()]

        async def main() -> list[Look]:
            return [look(), *trio.run(inner), look()]

        assert [ASYNCIO, TRIO, NOWHERE, TRIO, ASYNCIO] == in_thread(lambda: on_asyncio_loop(main))

    @new_loops
    def test_trio_inside_a_callback(self, new_loop: NewLoop) -> None:
        """With ``trio.run`` in a callback of the loop, too."""
        looks: list[Look] = []

        def run() -> None:
            loop = new_loop()
            loop.call_soon(lambda: looks.extend([look(), trio.run(look_async), look()]))
            loop.call_soon(loop.stop)
            loop.run_forever()
            loop.close()

        in_thread(run)
        assert [ASYNCIO, TRIO, ASYNCIO] == looks

    def test_asyncio_inside_trio(self, on_asyncio_loop: OnLoop) -> None:
        """With an asyncio loop in a trio task, asyncio is detected inside, trio before and after."""

        async def inner() -> list[Look]:
            return [look(), await asyncio.to_thread(look), by_recursion()]

        async def main() -> list[Look]:
            return [look(), *on_asyncio_loop(inner), look()]

        assert [TRIO, ASYNCIO, NOWHERE, ASYNCIO, TRIO] == in_thread(lambda: trio.run(main))

    @pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
    def test_callback_inside_trio(self, run: Callable[[Coroutine[Any, Any, Look]], Look]) -> None:
        """A callback of such a loop is in asyncio, too."""

        async def inner() -> Look:
            looked = asyncio.get_running_loop().create_future()
            asyncio.get_running_loop().call_soon(lambda: looked.set_result(look()))
            result: Look = await looked
            return result

        async def main() -> list[Look]:
            return [run(inner()), look()]

        assert [ASYNCIO, TRIO] == in_thread(lambda: trio.run(main))

    def test_failed_inner_loop(self, on_asyncio_loop: OnLoop) -> None:
        """The outer loop is detected again after the inner one has ended with an error."""

        async def fail() -> None:
            raise LookupError

        async def trio_failed() -> Look:
            with pytest.raises(LookupError):
                trio.run(fail)
            return look()

        async def asyncio_failed() -> Look:
            with pytest.raises(LookupError):
                on_asyncio_loop(fail)
            return look()

        assert ASYNCIO == in_thread(lambda: on_asyncio_loop(trio_failed))
        assert TRIO == in_thread(lambda: trio.run(asyncio_failed))


def test_tasks_written_in_python() -> None:
    """If tasks written in Python and in C run inside one another, the innermost is named, and grants are held by it."""
    kinds: list[Any] = [asyncio.Task, vars(asyncio.tasks)["_PyTask"]]

    async def step() -> tuple[str | None, bool, bool]:
        before = async_context()
        with allow_async_unsafe():
            granted = not is_stopped()
            await asyncio.sleep(0)
            granted &= not is_stopped()
        return before.task_name() if before else None, granted, is_stopped()

    async def outer(kind: Any) -> list[Any]:
        eager = {"eager_start": True} if sys.version_info >= (3, 12) else {}
        task = kind(step(), loop=asyncio.get_running_loop(), name="inner", **eager)
        return [await step(), await task]

    async def main() -> None:
        for kind in kinds:
            for inner in kinds:
                task = kind(outer(inner), loop=asyncio.get_running_loop(), name="outer")
                assert [("outer", True, True), ("inner", True, True)] == await task

    asyncio.run(main())


@nesting
def test_nested_in_itself(nesting: str) -> None:
    """A loop that runs inside itself is detected inside, and again after the inner run has ended."""
    source = f"""
        import asyncio, json, warnings
        import {nesting} as nest_asyncio
        from _looks import look

        async def inner():
            await asyncio.sleep(0)
            return look()

        async def main():
            looks = [look(), asyncio.run(inner()), look()]
            return [*looks, await asyncio.to_thread(look), asyncio.get_running_loop().run_until_complete(inner()), look()]

        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        nest_asyncio.apply(loop)
        looks = [*loop.run_until_complete(main()), look()]
        loop.close()
        print(json.dumps(looks))
    """
    expected = [ASYNCIO, ASYNCIO, ASYNCIO, NOWHERE, ASYNCIO, ASYNCIO, NOWHERE]
    assert list(map(list, expected)) == in_new_process(source)


def test_no_loop_at_all() -> None:
    """Where no loop runs there is no async context."""
    assert (False, None, False) == (in_async_context(), current_async_library(), is_stopped())
