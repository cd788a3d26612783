"""Is an event loop waiting for this code right now?

The answer depends on thread and loop state alone. Context variables would give wrong answers: they are copied into
worker threads, where no loop waits.
"""

from __future__ import annotations

import gc
import sys
import threading
from asyncio import _get_running_loop
from typing import TYPE_CHECKING, Any, NamedTuple

from ginger_async_safe._detect.finalizers import made_by_finalizer
from ginger_async_safe._detect.loops.asyncio_loops import AsyncioLoops
from ginger_async_safe._detect.loops.calling_back import calls_back
from ginger_async_safe._detect.loops.protocol import LoopLibrary
from ginger_async_safe._detect.loops.trio_runs import TrioRuns
from ginger_async_safe._runtime.failures import containing, report_failure
from ginger_async_safe._runtime.frames import current_greenlet, greenlet_type, greenlets, walk
from ginger_async_safe._runtime.heap import instances

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextvars import Context
    from importlib.machinery import ModuleSpec
    from types import FrameType, ModuleType

__all__ = [
    "AsyncContext",
    "AsyncioLoops",
    "LoopLibrary",
    "async_context",
    "calls_back",
    "current_async_library",
    "in_async_context",
    "libraries",
    "made_by_finalizer",
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
        loop: The object that identifies the loop: asyncio's loop object, or the root task of a trio run.
        task: The task whose step is running, or ``None`` in a callback.
    """

    library: LoopLibrary
    loop: Any
    task: Any | None

    def task_name(self) -> str | None:
        """Return the name of the task, or ``None`` in a callback."""
        return None if self.task is None else self.library.task_name(self.task)

    def loop_name(self) -> str:
        """Return the name of the loop for a report: ``asyncio``, ``asyncio on uvloop``, ``trio``."""
        implementation = self.library.implementation(self.loop)
        return self.library.name if implementation is None else f"{self.library.name} on {implementation}"

    def frames(self, frame: FrameType | None, waiting: Iterable[Any] | None = None) -> Iterator[FrameType]:
        """Yield ``frame`` and its callers, up to where the loop called into the task or callback.

        Args:
            frame: A frame of the code that is running.
            waiting: The greenlets that wait for that code, as :func:`~ginger_async_safe._runtime.frames.walk` takes them.
        """
        root = self.root()
        # A loop in C (uvloop) has no frame of its own: a callback seems to be called by the function that runs the loop.
        is_bounded = self.task is not None or self.library.shows_frames(self.loop)
        for each in walk(frame, waiting):
            if self.library.runs_loop(each) or not (is_bounded or _RUNS_LOOP.isdisjoint(each.f_code.co_names)):
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
    """Return whether a running event loop is waiting for the calling code.

    True in tasks, callbacks and async generators of asyncio, uvloop and trio, and in sync code
    called from them at any depth. False in worker threads, in a greenlet that the loop does not wait for, in a
    child process forked from a task, and where no loop runs.
    """
    return async_context() is not None


def current_async_library() -> str | None:
    """Return ``"asyncio"`` or ``"trio"``, whichever waits for the calling code, or ``None``."""
    context = async_context()
    return None if context is None else context.library.name


def _innermost(found: list[AsyncContext]) -> AsyncContext | None:
    """Return the innermost loop on the stack, where one runs inside another."""
    entrances = [(context, context.root()) for context in found]
    for frame in walk(sys._getframe()):
        for context, root in entrances:
            if frame is root or context.library.runs_loop(frame):
                return context
    return found[0] if found else None


def _is_on_this_stack(context: AsyncContext) -> bool:
    """Return whether the loop runs in the current greenlet or in one of its ancestors.

    asyncio and trio record their running loop per thread. A thread with greenlets has several stacks, and the
    loop may be suspended on another one: Playwright's sync API suspends it while user code runs.
    """
    root = context.root()
    if any(frame is root or context.library.runs_loop(frame) for frame in walk(sys._getframe())):
        return True
    if context.library.shows_frames(context.loop):
        return False
    # A loop in C (uvloop) has no Python frame to look for, but it enters a context for each callback, and each greenlet
    # has a context of its own.
    return bool(_entered_contexts(greenlets())) and not _is_parked(context.loop)


def _entered_contexts(greenlets: Iterable[Any]) -> list[Context]:
    """Return the contexts of these greenlets that are entered.

    A context cannot be entered twice, so ``run()`` raises RuntimeError for one that is entered.
    """
    entered = []
    for greenlet in greenlets:
        try:
            context = greenlet.gr_context
        except ValueError:  # the greenlet runs in another thread
            continue
        try:
            if context is not None:
                context.run(int)
        except RuntimeError:
            entered.append(context)
    return entered


def _is_parked(loop: Any) -> bool:  # noqa: ANN401 - as LoopLibrary.running_loop returned it
    """Return whether a callback of a loop in C is suspended in a greenlet that does not wait for this code.

    An entered context alone proves nothing: asyncio.to_thread enters one, too. But the handle or transport of a
    suspended callback refers to both the loop and the context. Finding it is a heap search, which takes milliseconds,
    so this is the last check, and a rare one.
    """
    waiting = list(greenlets())
    others = [each for each in instances(greenlet_type()) if each not in waiting]
    package = type(loop).__module__.partition(".")[0]
    return any(
        str(type(holder).__module__).partition(".")[0] == package
        and any(held is loop for held in gc.get_referents(holder))
        for holder in gc.get_referrers(*_entered_contexts(others))
    )


# -- The probe: a guard's first, cheap check. False positives are allowed, false negatives are not: async_context() gives
#    the exact answer. It is one C call, as long as trio has not been imported.


def _probe_with_trio() -> object | None:
    """Return ``None`` where this thread runs no loop, neither asyncio's nor trio's."""
    loop = _get_running_loop()
    try:
        return True if loop is None and _trio.may_run() else loop
    except Exception as error:  # noqa: BLE001 - no failure in here may stop the program's call
        report_failure("the check whether trio runs", error)
        return loop


probe: Callable[[], object | None] = _get_running_loop
"""The cheap check: returns ``None`` where no loop can be waiting. Replaced once trio is imported."""

_lock = threading.Lock()
_listeners: list[Callable[[], None]] = []


class _TrioIsImported:
    """A meta path finder that finds nothing: it detects that the program imports trio."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        # Submodules, too: trio itself may have been found just before this finder was installed.
        if name == "trio" or name.startswith("trio."):
            _include_trio()
        return None


_finder = _TrioIsImported()


def watch_imports(changed: Callable[[], None]) -> None:
    """Replace :data:`probe` when the program imports trio, and call ``changed`` then.

    Before the first call no finder is installed: importing this library does not change the interpreter. The finder is
    never removed: an import that iterates over ``sys.meta_path`` at that moment, in any thread, would skip a finder.

    Args:
        changed: Called without arguments after the replacement, in the importing thread.
    """
    with _lock:
        _listeners.append(changed)
        if probe is not _probe_with_trio and _finder not in sys.meta_path:
            sys.meta_path.insert(0, _finder)
    if "trio" in sys.modules:
        _include_trio()


def _include_trio() -> None:
    global probe  # noqa: PLW0603 - guards read it by name; it changes only here, once
    if probe is _probe_with_trio:
        return
    probe = _probe_with_trio
    for changed in tuple(_listeners):
        with containing("adding the check for trio to the guards"):
            changed()
