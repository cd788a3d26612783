"""How requests get to their threads: canaries for asgiref's private names, and an unknown asgiref."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import inspect
import os
import re
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asgiref
import asgiref.sync
import pytest
from _asgi import PLAIN, SECONDS, Client, answering, exchange, http_scope
from _effects import explained
from _running import TIMEOUT
from asgiref.local import Local
from asgiref.sync import SyncToAsync, ThreadSensitiveContext, async_to_sync, sync_to_async

from ginger_async_safe import ConfigurationError
from ginger_async_safe.asgi import ASGIHandler, _asgiref_private, get_asgi_application

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from _asgi import Environ, Message

pytestmark = pytest.mark.asyncio


# Canaries: what each private name is used for


async def test_asgiref_is_known() -> None:
    """The asgiref of the suite is one that the fast hop was written for, so it is used."""
    assert _asgiref_private.difference() is None
    assert "fast" == ASGIHandler(answering([])).stats().hop


async def test_thread_locals_of_a_thread() -> None:
    """In a thread of ``sync_to_async``, ``threadlocal`` has the loop, the process and the tasks, and nothing else."""
    loop = asyncio.get_running_loop()
    found: list[dict[str, Any]] = []
    thread_sensitive = ThreadSensitiveContext()  # its thread is a new one
    async with thread_sensitive:
        await sync_to_async(lambda: found.append(dict(vars(_asgiref_private.threadlocal))))()
    expected = {"main_event_loop": loop, "main_event_loop_pid": os.getpid(), "task_context": []}
    assert [expected] == found


async def test_restored_context() -> None:
    """``_restore_context`` sets a context's variables, and makes its Locals belong to the current thread."""
    local = Local()
    local.name = "from a task"
    found: list[str] = []

    def look(context: contextvars.Context) -> None:
        assert not hasattr(local, "name")
        _asgiref_private.restore_context(context)
        found.append(local.name)

    context = contextvars.copy_context()
    await asyncio.to_thread(context.run, look, context)
    assert ["from a task"] == found


async def test_thread_sensitive_context() -> None:
    """``thread_sensitive_context`` is the context in force, and ``context_to_thread_executor`` has its executor."""
    async with ThreadSensitiveContext() as context:
        await sync_to_async(int)()
        assert context is _asgiref_private.thread_sensitive_context.get()
        assert context in _asgiref_private.context_to_thread_executor


@pytest.mark.skipif(
    "executor" not in inspect.signature(ThreadSensitiveContext).parameters, reason="asgiref does so from 3.13 on"
)
async def test_exit_of_a_context() -> None:
    """``_exited`` is the reason why a task that outlives a context with an executor fails; without it, the task continues."""
    over = asyncio.Event()

    async def outlive() -> int:
        await over.wait()
        return await sync_to_async(threading.get_ident)()

    with ThreadPoolExecutor(1) as executor:
        for forgets in (False, True):
            over.clear()
            async with ThreadSensitiveContext(executor=executor) as context:
                task = asyncio.create_task(outlive())
                await asyncio.sleep(0)
            if forgets:
                _asgiref_private.forget_exit(context)
            over.set()
            if forgets:
                assert threading.get_ident() != await task
            else:
                with pytest.raises(RuntimeError):
                    await task


async def test_executor_of_a_waiting_thread() -> None:
    """In code that ``async_to_sync`` runs, ``executors.current`` is the executor of the waiting thread."""
    found: list[bool] = []

    async def look() -> None:
        found.append(hasattr(_asgiref_private.executors.current, "run_until_future"))

    await asyncio.to_thread(async_to_sync(look))
    assert [True] == found


# Selection


@pytest.mark.parametrize("name", ["fast", "asgiref"])
async def test_selected_hop(name: Any) -> None:
    """Either hop can be selected, and stats() shows it."""
    handler = ASGIHandler(answering([b"hello"]), hop=name)
    assert (b"hello", name) == ((await exchange(handler)).body, handler.stats().hop)


async def test_selected_hop_in_a_project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """get_asgi_application() accepts the hop's name, too."""
    (tmp_path / "hop_settings.py").write_text("WSGI_APPLICATION = 'wsgiref.simple_server.demo_app'", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("GINGER_SETTINGS_MODULE", "hop_settings")
    assert "asgiref" == get_asgi_application(hop="asgiref").stats().hop


@pytest.mark.parametrize("name", ["slow", "", 1])
async def test_no_hop(name: Any) -> None:
    """An unknown name is refused when the handler is created."""
    with pytest.raises(ConfigurationError, match='give "asgiref", "fast", or None'):
        ASGIHandler(answering([]), hop=name)


async def test_explained() -> None:
    """``explain()`` shows which hop is the default."""
    assert ["fast   from the default"] == explained()["hop to a thread"]


def wrapped(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a function, as tracing tools do."""

    @functools.wraps(function)
    def wrapper(*arguments: Any, **named: Any) -> Any:
        return function(*arguments, **named)

    return wrapper


@pytest.mark.parametrize(
    ("owner", "name", "value", "expected"),
    [
        (SyncToAsync, "__call__", wrapped(SyncToAsync.__call__), "SyncToAsync.__call__ does not use AsyncToSync there"),
        (SyncToAsync, "__call__", functools.partial(print), "SyncToAsync.__call__ is no plain function there"),
        (SyncToAsync, "thread_handler", lambda self, *_: self.tell(), "SyncToAsync.thread_handler uses tell there"),
        (asgiref.sync, "_restore_context", None, "_restore_context is no plain function there"),
        (_asgiref_private, "threadlocal", None, "SyncToAsync.threadlocal is missing there"),
    ],
    ids=["wrapped", "compiled", "different", "missing", "no local"],
)
async def test_asgiref_that_differs(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, value: Any, expected: str
) -> None:
    """If asgiref has changed, its own way is the default, the fast one is refused, and explain() gives the reason."""
    monkeypatch.setattr(owner, name, value)
    assert "asgiref" == ASGIHandler(answering([])).stats().hop
    (row,) = explained()["hop to a thread"]
    assert row.startswith(f"asgiref   because asgiref {asgiref.__version__} is not known: ")
    assert expected in row
    with pytest.raises(ConfigurationError, match=r'hop="fast" is not for asgiref .*; leave hop out'):
        ASGIHandler(answering([]), hop="fast")


SERVING = """
import asyncio
import threading

from _asgi import exchange
from asgiref.sync import async_to_sync, sync_to_async

from ginger_async_safe import explain
from ginger_async_safe.asgi import ASGIHandler, LeasedThreads


async def inner():
    return await sync_to_async(threading.get_ident)()


def application(environ, start_response):
    start_response("200 OK", [])
    yield b"here" if async_to_sync(inner)() == threading.get_ident() else b"elsewhere"


handler = ASGIHandler(application)
client = asyncio.run(exchange(handler))
print(client.status, client.body.decode(), client.is_complete, handler.stats().hop)
explain()
"""


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("_restore_context", "_restore_context is no plain function"),
        (
            "threadlocal|executors|context_to_thread_executor",
            "SyncToAsync.__call__ uses other_context_to_thread_executor",
        ),
    ],
)
async def test_asgiref_with_other_names(names: str, expected: str, tmp_path: Path) -> None:
    """With an asgiref whose private names have changed, requests are served by its own way."""
    shutil.copytree(Path(asgiref.__file__).parent, tmp_path / "asgiref", ignore=shutil.ignore_patterns("__pycache__"))
    for path in (tmp_path / "asgiref").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(rf"\b({names})\b", r"other_\1", text), encoding="utf-8")
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-W", "error", "-c", SERVING],
        check=False,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(Path(__file__).parent)])},
        text=True,
        timeout=3 * TIMEOUT,
    )
    first, *rows = done.stdout.splitlines()
    assert ("200 here True asgiref", "") == (first, done.stderr)
    assert f"is not known: {expected} there" in rows[-1]


# An asgiref that gets to its executor in another way


async def later(self: Any, *arguments: Any) -> None:
    """Wait before the thread is requested, and after it is done."""
    await asyncio.sleep(0)
    await asyncio.sleep(0.001)
    await asyncio.get_running_loop().run_in_executor(self._executor, self.func, *arguments)
    await asyncio.sleep(0)
    await asyncio.sleep(0.001)


async def polling(self: Any, *arguments: Any) -> None:
    """Poll until the thread is done."""
    future = asyncio.get_running_loop().run_in_executor(self._executor, self.func, *arguments)
    while not future.done():  # noqa: ASYNC110 - the handler has to support this
        await asyncio.sleep(0)


async def lending(self: Any, *arguments: Any) -> None:
    """Run things on the loop for which the thread waits."""
    loop = asyncio.get_running_loop()
    wanted: asyncio.Queue[threading.Event | None] = asyncio.Queue()

    def call() -> None:
        for _ in range(3):
            done = threading.Event()
            loop.call_soon_threadsafe(wanted.put_nowait, done)
            assert done.wait(SECONDS)
        self.func(*arguments)
        loop.call_soon_threadsafe(wanted.put_nowait, None)

    future = loop.run_in_executor(self._executor, call)
    while (done := await wanted.get()) is not None:
        done.set()
    await future


@pytest.mark.parametrize("way", [later, polling, lending])
@pytest.mark.parametrize("make", [list, iter], ids=["list", "stream"])
async def test_other_awaits_before_the_executor(monkeypatch: pytest.MonkeyPatch, way: Any, make: Any) -> None:
    """Whatever asgiref awaits meanwhile, the request is served in the server's own task."""
    monkeypatch.setattr(SyncToAsync, "__call__", way)
    tasks: list[Any] = []

    class Noting(Client):
        async def send(self, message: Message) -> None:
            tasks.append(asyncio.current_task())
            await super().send(message)

    def application(environ: Environ, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", PLAIN)
        chunks: Iterator[bytes] = make([b"a", b"b"])
        return chunks

    client = Noting()
    handler = ASGIHandler(application)
    task = asyncio.create_task(handler(http_scope(), client.receive, client.send))
    await asyncio.wait_for(task, SECONDS)
    assert (b"ab", True, {task}, "asgiref") == (client.body, client.is_complete, set(tasks), handler.stats().hop)


# A request that gets a thread before its body is complete


async def test_context_of_an_early_start(hop: str) -> None:
    """The thread has the request's own context and not the timer's, and changes in it are visible afterwards."""
    caller: contextvars.ContextVar[str] = contextvars.ContextVar("caller")
    view: contextvars.ContextVar[str] = contextvars.ContextVar("view")
    local = Local()
    found: list[tuple[str, str]] = []
    names = ["Anna", "Bert"]  # one timer serves both
    have_begun = {name: threading.Event() for name in names}

    def application(environ: Environ, start_response: Any) -> list[bytes]:
        found.append((caller.get(), local.name))
        view.set(f"for {caller.get()}")
        have_begun[caller.get()].set()
        environ["wsgi.input"].read()
        start_response("200 OK", PLAIN)
        return [caller.get().encode()]

    class Slow(Client):
        async def receive(self) -> Message:
            await asyncio.to_thread(have_begun[caller.get()].wait, SECONDS)
            return await super().receive()

    handler = ASGIHandler(application)
    assert hop == handler.stats().hop

    async def fetch(name: str) -> tuple[str, bytes]:
        caller.set(name)
        local.name = name
        client = Slow([b"body"])
        scope = http_scope(method="POST", headers=[(b"content-length", b"4")])
        await handler(scope, client.receive, client.send)
        return view.get(), client.body

    caller.set("nobody")
    answers = await asyncio.wait_for(asyncio.gather(*map(fetch, names)), SECONDS)
    assert [(name, name) for name in names] == sorted(found)
    assert [(f"for {name}", name.encode()) for name in names] == answers
