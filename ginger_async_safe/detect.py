"""Is an event loop waiting for this code right now?

The answer depends on thread and loop state alone. Context variables would give wrong answers: they are copied into
worker threads, where no loop waits.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from ginger_async_safe._detect.finalizers import made_by_finalizer
from ginger_async_safe._detect.loop_frames import LOOP_PACKAGES, calls_back, is_machinery
from ginger_async_safe._detect.loops import libraries
from ginger_async_safe._detect.loops.asyncio_loops import AsyncioLoops
from ginger_async_safe._detect.loops.protocol import LoopLibrary
from ginger_async_safe._runtime.failures import containing, report_failure
from ginger_async_safe._runtime.frames import walk
from ginger_async_safe._runtime.greenlets import contexts_elsewhere, current_greenlet, has_entered_context
from ginger_async_safe._runtime.heap import identity, ids_of_referents, referrers, subclasses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from types import FrameType, ModuleType

__all__ = [
    "LOOP_PACKAGES",
    "AsyncContext",
    "AsyncioLoops",
    "LoopLibrary",
    "async_context",
    "calls_back",
    "current_async_library",
    "in_async_context",
    "is_machinery",
    "libraries",
    "made_by_finalizer",
    "probe",
    "watch_imports",
]

_module_of = vars(type)["__module__"].__get__


class AsyncContext(NamedTuple):
    """The event loop that waits for the code at hand.

    Attributes:
        library: The event loop library that runs the code.
        loop: The object that identifies the loop, as its library defines it.
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
        # A loop in C has no frame of its own: a callback seems to be called by the function that starts the loop.
        is_bounded = self.task is not None or self.library.shows_frames(self.loop)
        for each in walk(frame, waiting):
            if self.library.runs_loop(each) or (not is_bounded and self.library.starts_loop(each)):
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
    """Return the event loop library that waits for the calling code, as ``"asyncio"`` or ``"trio"``, or ``None``."""
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
    # A loop in C has no Python frame to look for, but it enters a context for each callback, and each greenlet has a
    # context of its own.
    return has_entered_context() and not _is_parked(context.loop)


def _is_parked(loop: Any) -> bool:  # noqa: ANN401 - as LoopLibrary.running_loop returned it
    """Return whether a callback of a loop in C is suspended in a greenlet that does not wait for this code.

    An entered context alone proves nothing: asyncio.to_thread enters one, too. But the handle or transport of a
    suspended callback refers to both the loop and the context. Finding it is a heap search, which takes milliseconds,
    so this is the last check, and a rare one.
    """
    contexts = contexts_elsewhere()
    if not contexts:
        return False
    package = _package_of(type(loop))
    kinds = [kind for kind in subclasses(object) if _package_of(kind) == package]
    return any(identity(loop) in ids_of_referents([holder]) for holder in referrers(contexts, kinds))


def _package_of(kind: type) -> str:
    """Return the top-level package of a class, without calling code of its metaclass; empty where it has none."""
    try:
        module = _module_of(kind)
    except AttributeError:  # it was deleted
        return ""
    return module.partition(".")[0] if type(module) is str else ""


# -- The probe: a guard's first, cheap check. False positives are allowed, false negatives are not: async_context() gives
#    the exact answer. It is one C call, as long as asyncio is the only event loop library that has been imported.

_lock = threading.RLock()  # a signal handler may import a library
_listeners: list[Callable[[], None]] = []
_imported: tuple[LoopLibrary, ...] = tuple(library for library in libraries if library.name in sys.modules)


def _probe_for(checked: Sequence[LoopLibrary]) -> Callable[[], object | None]:
    """Return a probe that asks some libraries whether a loop of theirs may run in this thread: asyncio, then others."""
    probe: Callable[[], object | None] = checked[0].may_run
    for library in checked[1:]:
        probe = _either(probe, library)
    return probe


def _either(before: Callable[[], object | None], library: LoopLibrary) -> Callable[[], object | None]:
    """Return a probe that asks another one, and then a library. Nested, two libraries take less time than in a loop."""

    def probe() -> object | None:
        found = before()
        try:
            return True if found is None and library.may_run() else found
        except Exception as error:  # noqa: BLE001 - no failure in here may stop the program's call
            report_failure(f"the check whether {library.name} runs", error)
            return found

    return probe


probe: Callable[[], object | None] = _probe_for(_imported)
"""The cheap check: returns ``None`` where no loop can be waiting. Replaced when an event loop library is imported."""


class _ImportFinder:
    """A meta path finder that finds nothing: it detects that the program imports an event loop library."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        # Submodules, too: the library itself may have been found just before this finder was installed.
        _include(name.partition(".")[0])
        return None


_finder = _ImportFinder()


def watch_imports(changed: Callable[[], None]) -> None:
    """Replace :data:`probe` when the program imports an event loop library, and call ``changed`` then.

    Before the first call no finder is installed: importing this library does not change the interpreter. The finder is
    never removed: an import that iterates over ``sys.meta_path`` at that moment, in any thread, would skip a finder.

    Args:
        changed: Called without arguments after the replacement, in the importing thread.
    """
    with _lock:
        _listeners.append(changed)
        if len(_imported) < len(libraries) and _finder not in sys.meta_path:
            sys.meta_path.insert(0, _finder)
    for library in libraries:
        if library.name in sys.modules:
            _include(library.name)


def _include(package: str) -> None:
    """Have the probe ask the event loop library of this name from now on, if there is one that it does not ask yet."""
    global probe, _imported  # noqa: PLW0603 - guards read the probe by name; both change only here
    if all(package != library.name or library in _imported for library in libraries):
        return
    with _lock:
        _imported = tuple(library for library in libraries if library in _imported or library.name == package)
        probe = _probe_for(_imported)
    for changed in tuple(_listeners):
        with containing(f"adding the check for {package} to the guards"):
            changed()
