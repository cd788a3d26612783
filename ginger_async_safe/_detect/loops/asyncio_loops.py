"""asyncio, and every loop that implements its interface: uvloop, nest_asyncio and nest_asyncio2, loops over Qt.

anyio, sniffio and asgiref are adapters, through which programs use it.
"""

from __future__ import annotations

import asyncio
from asyncio import _get_running_loop
from types import BuiltinMethodType, CoroutineType, FunctionType, GeneratorType, MethodType
from typing import TYPE_CHECKING, Any

from ginger_async_safe._runtime.frames import is_async

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType, ModuleType

    from ginger_async_safe._detect.loops.protocol import AsyncGeneratorHooks

__all__ = ["AsyncioLoops"]

_LOOP_MODULES = frozenset(
    {"asyncio.base_events", "asyncio.events", "asyncio.runners", "nest_asyncio", "nest_asyncio2", "uvloop"}
)
_START_LOOP = frozenset({"run_forever", "run_until_complete"})
_POLLING = frozenset({("selectors", "select"), ("asyncio.windows_events", "_poll")})

_BOUND = (BuiltinMethodType, MethodType)

_SEARCH_LIMIT = 100
"""The maximum number of frames and futures to examine when looking for what awaits a task."""

# asyncio has each class twice, in C and in Python, and a task of one may await a task of the other. The base classes'
# methods are called directly, so that no code of a user's subclass runs.
_FUTURES: tuple[type[Any], ...] = (asyncio.Future, asyncio.futures._PyFuture)  # type: ignore[attr-defined]
_TASKS: tuple[type[Any], ...] = (asyncio.Task, asyncio.tasks._PyTask)  # type: ignore[attr-defined]

_RECORDS_AWAITERS = hasattr(asyncio.Future, "_asyncio_awaited_by")
"""Whether asyncio records which task awaits which; it does since Python 3.14."""


class AsyncioLoops:
    """Implement :class:`~ginger_async_safe._detect.loops.protocol.LoopLibrary` for asyncio.

    In a forked child process asyncio itself reports no running loop: it compares process ids up to Python 3.11,
    and resets the running loop after a fork from 3.12.
    """

    name: str = "asyncio"
    packages: frozenset[str] = frozenset(
        {"asyncio", "uvloop", "nest_asyncio", "nest_asyncio2", "anyio", "sniffio", "asgiref"}
    )
    calls_back_in: frozenset[tuple[str, str]] = frozenset(
        {
            ("asyncio.events", "_run"),
            ("asyncio.runners", "run"),  # a loop in C has no frame of its own: its caller seems to be this,
            ("uvloop", "run"),  # or this before Python 3.11
            ("anyio._backends._asyncio", "wrapper"),  # for calls that a thread schedules on the loop
        }
    )
    # The loops of nest_asyncio and nest_asyncio2 set no hooks.
    announces_in: tuple[tuple[ModuleType, str], ...] = ((asyncio.events, "_set_running_loop"),)

    may_run: staticmethod[[], asyncio.AbstractEventLoop | None] = staticmethod(_get_running_loop)
    running_loop: staticmethod[[], asyncio.AbstractEventLoop | None] = staticmethod(_get_running_loop)

    def current_task(self, loop: asyncio.AbstractEventLoop) -> asyncio.Task[object] | None:
        task = asyncio.current_task(loop)
        # From Python 3.14 on, the C function ignores tasks of the class written in Python.
        in_python: asyncio.Task[object] | None = getattr(asyncio.tasks, "_current_tasks", {}).get(loop)
        if task is None or in_python is None or task is in_python:
            return task or in_python
        return in_python if self._runs_inside(in_python, task) else task

    def task_name(self, task: asyncio.Task[object]) -> str:
        name = _call_own(task, _TASKS, "get_name")
        # A subclass of str may override __repr__, which a report would call.
        return str.__str__(name) if isinstance(name, str) else str(task.get_name())

    def task_frame(self, task: asyncio.Task[object]) -> FrameType | None:
        coroutine = task.get_coro()
        # Coroutines compiled by Cython also have a cr_frame, but one that is never on the stack.
        return coroutine.cr_frame if isinstance(coroutine, CoroutineType) else None

    def _runs_inside(self, inner: asyncio.Task[object], outer: asyncio.Task[object]) -> bool:
        """Return whether one running task was started eagerly by the step of another."""
        root, frame = self.task_frame(outer), self.task_frame(inner)
        while frame is not None and frame is not root:
            frame = frame.f_back
        return frame is not None

    def waiting_tasks(self, loop: asyncio.AbstractEventLoop, task: asyncio.Task[object]) -> list[asyncio.Task[object]]:
        if not _RECORDS_AWAITERS:
            return []
        found: list[asyncio.Task[object]] = []
        seen, futures = {id(task)}, [task]
        while futures and len(seen) <= _SEARCH_LIMIT:
            for each in _awaited_by(futures.pop()):
                if id(each) in seen or _call_own(each, _FUTURES, "get_loop") is not loop:
                    continue
                seen.add(id(each))
                # A future may wrap others, as gather() does: what awaits it awaits those too.
                (futures if _kind(each, _TASKS) is None else found).append(each)
        return sorted(found, key=_age)

    def waiting_frames(self, task: asyncio.Task[object]) -> list[FrameType]:
        awaited = _call_own(task, _TASKS, "get_coro")
        frames: list[FrameType] = []
        while len(frames) < _SEARCH_LIMIT:
            # Only these types: reading an attribute of another awaitable may run arbitrary code.
            if type(awaited) is CoroutineType:
                frame, awaited = awaited.cr_frame, awaited.cr_await
            elif type(awaited) is GeneratorType:
                frame, awaited = awaited.gi_frame, awaited.gi_yieldfrom
            else:
                break
            if frame is not None:
                frames.append(frame)
        return frames

    def runs_loop(self, frame: FrameType) -> bool:
        # A coroutine such as create_connection() is awaited by a task like any other; it is not part of the loop.
        return frame.f_globals.get("__name__") in _LOOP_MODULES and not is_async(frame)

    def shows_frames(self, loop: asyncio.AbstractEventLoop) -> bool:
        return isinstance(type(loop).run_forever, FunctionType)

    def starts_loop(self, frame: FrameType) -> bool:
        return not _START_LOOP.isdisjoint(frame.f_code.co_names)

    def to_thread(self, function: str, arguments: str, *, awaits: bool) -> str:
        if awaits:
            return f"await sync_to_async({function})({arguments})"
        return f"loop.run_in_executor(None, {_listed(function, arguments)})"

    def to_process(self, function: str, arguments: str, *, awaits: bool) -> str:
        return f"{'await ' * awaits}loop.run_in_executor(process_pool, {_listed(function, arguments)})"

    def implementation(self, loop: asyncio.AbstractEventLoop) -> str | None:
        package = type(loop).__module__.partition(".")[0]
        return None if package == "asyncio" else package

    def owner(self, hooks: AsyncGeneratorHooks) -> asyncio.AbstractEventLoop | None:
        # A loop patched by nest_asyncio or nest_asyncio2 may set no hooks.
        loop = _get_running_loop() if hooks.firstiter is None else getattr(hooks.firstiter, "__self__", None)
        return loop if isinstance(loop, asyncio.AbstractEventLoop) else None

    def call_soon(self, loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> None:
        loop.call_soon_threadsafe(callback)

    task_seen = current_task

    def waits(self, frame: FrameType) -> bool:
        if (frame.f_globals.get("__name__"), frame.f_code.co_name) not in _POLLING:
            return False
        return frame.f_back is not None and self.runs_loop(frame.f_back)


def _listed(function: str, arguments: str) -> str:
    return f"{function}, {arguments}" if arguments else function


def _kind(thing: object, kinds: tuple[type[Any], ...]) -> type[Any] | None:
    """Return which of some classes a thing is an instance of. ``isinstance`` would read its ``__class__``."""
    return next((each for each in kinds if issubclass(type(thing), each)), None)


def _call_own(thing: Any, kinds: tuple[type[Any], ...], method: str) -> Any:  # noqa: ANN401 - as the method returns it
    """Call a method of asyncio's own class on a thing; return ``None`` where that fails.

    It fails where a subclass never called the initializer, or has overwritten attributes.
    """
    kind = _kind(thing, kinds)
    try:
        return None if kind is None else getattr(kind, method)(thing)
    except (AttributeError, RuntimeError, TypeError):
        return None


def _age(task: object) -> tuple[int, str]:
    """Return a sort key that orders tasks by their default names: the older task has the lower number."""
    name = _call_own(task, _TASKS, "get_name")
    return (len(name), str(name)) if isinstance(name, str) else (0, "")


def _awaited_by(future: object) -> Iterator[Any]:
    """Yield what awaits a future or task: the futures and tasks that asyncio has recorded, and tasks that it has not.

    asyncio records nothing where one of the two is of the class written in Python. The awaited future then has the
    task's wakeup method among its callbacks.
    """
    kind = _kind(future, _FUTURES)
    if kind is None:
        return
    try:
        waiting = kind._asyncio_awaited_by.__get__(future)
        callbacks = kind._callbacks.__get__(future) if hasattr(kind, "_callbacks") else vars(future).get("_callbacks")
        yield from waiting or ()
        for callback, *_ in callbacks or ():
            if type(callback) in _BOUND and _kind(callback.__self__, _TASKS) is not None:
                yield callback.__self__
    except (AttributeError, RuntimeError, TypeError, ValueError):  # as in _call_own()
        return
