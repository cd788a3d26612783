"""Is an event loop waiting for this code right now?

The answer rests on thread and loop state alone. Context variables would lie: they travel into
worker threads, where no loop waits.
"""

from __future__ import annotations

import gc
import sys
import threading
from asyncio import _get_running_loop
from typing import TYPE_CHECKING, Any, NamedTuple

from ginger_async_safe._frames import current_greenlet, greenlets, walk
from ginger_async_safe._loops.asyncio_loops import AsyncioLoops
from ginger_async_safe._loops.trio_runs import TrioRuns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextvars import Context
    from importlib.machinery import ModuleSpec
    from types import FrameType, ModuleType

    from ginger_async_safe._loops.protocol import LoopLibrary

__all__ = [
    "AsyncContext",
    "async_context",
    "current_async_library",
    "in_async_context",
    "libraries",
    "probe",
    "watch_imports",
]

_asyncio = AsyncioLoops()
_trio = TrioRuns()
libraries: tuple[LoopLibrary, ...] = (_asyncio, _trio)
_RUNS_LOOP = frozenset({"run_forever", "run_until_complete"})


class AsyncContext(NamedTuple):
    """The event loop that waits for the code at hand.

    Attributes:
        library: The event loop library that runs the code.
        loop: What identifies the loop: asyncio's loop object, or the root task of a trio run.
        task: The task whose step is running, or ``None`` in a callback.
    """

    library: LoopLibrary
    loop: Any
    task: Any | None

    def task_name(self) -> str | None:
        """Return the name of the task, or ``None`` in a callback."""
        return None if self.task is None else self.library.task_name(self.task)

    def loop_name(self) -> str:
        """Return how a report names the loop: ``asyncio``, ``asyncio on uvloop``, ``trio``."""
        implementation = self.library.implementation(self.loop)
        return self.library.name if implementation is None else f"{self.library.name} on {implementation}"

    def frames(self, frame: FrameType | None, waiting: Iterable[Any] | None = None) -> Iterator[FrameType]:
        """Yield ``frame`` and its callers, up to where the loop called into the task or callback.

        Args:
            frame: A frame of the code that runs now.
            waiting: The greenlets that wait for that code, as :func:`~ginger_async_safe._frames.walk` takes them.
        """
        root = self.root()
        # A loop in C (uvloop) has no frame where it calls back: the function that runs it seems to be the caller.
        is_bounded = self.task is not None or self.library.shows_frames(self.loop)
        for each in walk(frame, waiting):
            if self.library.turns_loop(each) or not (is_bounded or _RUNS_LOOP.isdisjoint(each.f_code.co_names)):
                return
            yield each
            if each is root:
                return

    def root(self) -> FrameType | None:
        """Return the outermost frame of the task, or ``None`` where it has none, and in a callback."""
        return None if self.task is None else self.library.task_frame(self.task)


def async_context() -> AsyncContext | None:
    """Return the event loop that waits for the calling code, or ``None`` where none does."""
    found = [
        AsyncContext(library, loop, library.current_task(loop))
        for library in libraries
        if (loop := library.running_loop()) is not None
    ]
    if not found:
        return None
    if current_greenlet() is not None:
        found = [context for context in found if _is_on_this_stack(context)]
    return found[0] if len(found) == 1 else _innermost(found)


def in_async_context() -> bool:
    """Tell whether a running event loop is waiting for the calling code.

    True in tasks, callbacks and async generators of asyncio, uvloop and trio, and in sync code
    called from them however deep. False in worker threads, in a greenlet beside the loop's, in a
    child process forked from a task, and where no loop runs.
    """
    return async_context() is not None


def current_async_library() -> str | None:
    """Return ``"asyncio"`` or ``"trio"``, whichever waits for the calling code, or ``None``."""
    context = async_context()
    return None if context is None else context.library.name


def _innermost(found: list[AsyncContext]) -> AsyncContext | None:
    """Pick the loop that called the code most directly, where one runs inside another."""
    entrances = [(context, context.root()) for context in found]
    for frame in walk(sys._getframe()):
        for context, root in entrances:
            if frame is root or context.library.turns_loop(frame):
                return context
    return found[0] if found else None


def _is_on_this_stack(context: AsyncContext) -> bool:
    """Tell whether the loop turns in the current greenlet or in one that waits for it.

    asyncio and trio know their loop by thread. A thread with greenlets has several stacks, and a
    loop may be parked on another one: Playwright's sync API parks it while user code runs.
    """
    root = context.root()
    if any(frame is root or context.library.turns_loop(frame) for frame in walk(sys._getframe())):
        return True
    if context.library.shows_frames(context.loop):
        return False
    # A loop in C (uvloop) has no Python frame to look for, but it enters a context to run each
    # callback, and greenlets have contexts of their own.
    return bool(_entered_contexts(greenlets())) and not _is_parked(context.loop)


def _entered_contexts(greenlets: Iterable[Any]) -> list[Context]:
    """Return the contexts that these greenlets' code runs in, as far as something entered them.

    A context refuses to be entered twice, so entering it again tells.
    """
    entered = []
    for greenlet in greenlets:
        try:
            context = greenlet.gr_context
        except ValueError:  # it runs in another thread
            continue
        try:
            if context is not None:
                context.run(int)
        except RuntimeError:
            entered.append(context)
    return entered


def _is_parked(loop: Any) -> bool:  # noqa: ANN401 - as LoopLibrary.running_loop returned it
    """Tell whether a callback of a loop in C waits in a greenlet that does not wait for this code.

    Others than a loop enter contexts, too: asyncio.to_thread does. But the handle or transport
    that the parked callback belongs to knows both the loop and the context it runs in. Finding it
    takes the garbage collector milliseconds, so this is asked last, and seldom.
    """
    waiting = list(greenlets())
    kind = sys.modules["greenlet"].greenlet
    # Not isinstance: it asks an object for its __class__, and a lazy one would come to life.
    others = [each for each in gc.get_objects() if issubclass(type(each), kind) and each not in waiting]
    package = type(loop).__module__.partition(".")[0]
    return any(
        str(type(holder).__module__).partition(".")[0] == package
        and any(held is loop for held in gc.get_referents(holder))
        for holder in gc.get_referrers(*_entered_contexts(others))
    )


# -- The question a guard asks first. It may say yes too often, never no too often: async_context()
#    has the last word. One C call, as long as trio has not been imported.


def _any_loop() -> object | None:
    """Return ``None`` where this thread runs no loop of either library."""
    loop = _get_running_loop()
    return True if loop is None and _trio.may_run() else loop


probe: Callable[[], object | None] = _get_running_loop
"""The quick question: ``None`` where no loop can be waiting. Replaced once trio is imported."""

_lock = threading.Lock()
_listeners: list[Callable[[], None]] = []


class _TrioIsImported:
    """An import finder that finds nothing: it notices that the program imports trio."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        # Its parts, too: trio itself may have been found just before this finder came.
        if name == "trio" or name.startswith("trio."):
            _see_trio()
        return None


_finder = _TrioIsImported()


def watch_imports(changed: Callable[[], None]) -> None:
    """Keep :data:`probe` right for the rest of the program, and tell when it is replaced.

    Nothing is watched before this is called: importing this library leaves the interpreter as it
    was. The finder stays: an import that goes through ``sys.meta_path`` while one leaves it, in
    this thread or in another, would skip the next one.

    Args:
        changed: Called without arguments after each replacement, in the importing thread.
    """
    with _lock:
        _listeners.append(changed)
        if probe is not _any_loop and _finder not in sys.meta_path:
            sys.meta_path.insert(0, _finder)
    if "trio" in sys.modules:
        _see_trio()


def _see_trio() -> None:
    global probe  # noqa: PLW0603 - guards read it by name; this is where it changes, once
    if probe is _any_loop:
        return
    probe = _any_loop
    for changed in tuple(_listeners):
        changed()
