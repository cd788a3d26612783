"""Which event loops run, in any thread: they are noticed when they start, and no loop is patched.

Every event loop sets its thread's hooks for async generators when it starts, and restores the previous ones when it
ends (PEP 525). So ``sys.set_asyncgen_hooks`` is replaced while a watch is on: loops look it up there when they call it. A
few loops set no hooks. The functions that these call instead, as their library names them, are replaced as well.
"""

from __future__ import annotations

import functools
import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Protocol

from ginger_async_safe._runtime.failures import containing
from ginger_async_safe._runtime.frames import walk
from ginger_async_safe._runtime.greenlets import current_greenlet, waiting_with
from ginger_async_safe.detect import AsyncContext, async_context, libraries
from ginger_async_safe.monitor.clocks import ThreadClock
from ginger_async_safe.policy import grants, logger

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, ModuleType

    from ginger_async_safe.detect import LoopLibrary
    from ginger_async_safe.monitor.clocks import Moment
    from ginger_async_safe.policy import Grant

    class Watch(Protocol):
        """What is notified of loops."""

        def wake(self) -> None:
            """A loop starts in this thread."""

        def after_fork(self) -> None:
            """This is a child process now, without any other thread."""


__all__ = ["RunningLoop", "running_loops"]


class RunningLoop:
    """One loop while it runs; created in its thread.

    Args:
        library: The library that runs it.
        loop: The loop, as :meth:`LoopLibrary.owner` returned it.
        caller: The frame that runs the loop; ``None`` where a greenlet consists of nothing but a loop in C.
    """

    def __init__(self, library: LoopLibrary, loop: Any, caller: FrameType | None) -> None:  # noqa: ANN401 - see LoopLibrary
        self.library = library
        self.loop = loop
        self.thread: int = threading.get_ident()
        self.clock: ThreadClock = ThreadClock()
        self.started: Moment = self.clock.completed(self.clock.read(time.monotonic(), time.process_time()))
        self.grants: Callable[[], tuple[Grant, ...]] = grants.grants_reader()
        self.greenlet: Any = current_greenlet()
        """The greenlet that the loop runs in, as far as the program has greenlets."""
        # A loop in C has no frames; the frame that calls it is taken for the loop's own. There is no reference to it, since
        # its locals are the user's.
        self._shows_frames = library.shows_frames(loop)
        self._caller = None if self._shows_frames else id(caller)

    def waits(self, frame: FrameType) -> bool:
        """Return whether the loop waits for events, given the innermost frame of its thread."""
        return id(frame) == self._caller or self.library.waits(frame)

    def context(self) -> AsyncContext:
        """Return the loop and its running task, for a report."""
        return AsyncContext(self.library, self.loop, self.library.task_seen(self.loop))

    def waiting(self, frame: FrameType) -> list[Any] | None:
        """Return the greenlets through which the loop waits for code of its thread.

        ``None`` means that it does not: it is parked, or it is a guest and its host is at work.

        Args:
            frame: The innermost frame of its thread.
        """
        waiting = [] if self.greenlet is None else waiting_with(self.greenlet)
        if waiting is None or not self._shows_frames:
            return waiting
        return waiting if any(map(self.library.runs_loop, walk(frame, waiting))) else None


class HookWatcher:
    """Wraps a function that loops call when they start and end, and reports each call.

    Args:
        module: The module in which loops look the function up.
        name: Its name there.
        on_call: Called with the frame of each caller, after the function.
    """

    def __init__(self, module: ModuleType, name: str, on_call: Callable[[FrameType | None], None]) -> None:
        self._module = module
        self._name = name
        self._original = getattr(module, name)

        @functools.wraps(self._original)
        def watched(*args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as the original takes them
            self._original(*args, **kwargs)
            on_call(sys._getframe().f_back)

        self._wrapper = watched
        self._is_installed = False

    def install(self) -> None:
        """Put the wrapper in place of the function."""
        if not self._is_installed:
            self._original = getattr(self._module, self._name)
            setattr(self._module, self._name, self._wrapper)
            self._is_installed = True

    def remove(self) -> None:
        """Put the function back; where other code has replaced it since, that calls the wrapper, and the wrapper stays."""
        if getattr(self._module, self._name) is self._wrapper:
            setattr(self._module, self._name, self._original)
            self._is_installed = False


class _RunningLoops:
    """The loops that run in each thread, the innermost last, while a watch is on."""

    def __init__(self) -> None:
        self.lock: threading.RLock = threading.RLock()  # a signal handler may start a loop
        self._watches: list[Watch] = []
        self._threads: dict[int, tuple[RunningLoop, ...]] = {}
        self.threads: tuple[tuple[RunningLoop, ...], ...] = ()
        """The loops that run in each thread where one does, the innermost last. Replaced where it changes."""
        self._hook_watchers = (
            HookWatcher(sys, "set_asyncgen_hooks", self._on_hook),
            *(HookWatcher(*each, self._on_hook) for library in libraries for each in library.announces_in),
        )

    def add(self, watch: Watch) -> None:
        """Notify a watch of the loop that runs in this thread, and of those that start in any thread from now on."""
        with self.lock:
            self._watches.append(watch)
            for watcher in self._hook_watchers:
                watcher.install()
            caller = _caller_of_loop()
            if caller is not None:
                self._on_hook(caller)
            if self.threads:
                watch.wake()

    def remove(self, watch: Watch) -> None:
        """Notify a watch no longer."""
        with self.lock:
            self._watches.remove(watch)
            if self._watches:
                return
            self._threads.clear()
            self.threads = ()
            for watcher in self._hook_watchers:
                watcher.remove()

    def after_fork(self) -> None:
        """Reset in a child process: it runs no loop of its parent's."""
        self._threads.clear()
        self.threads = ()
        for watch in self._watches:
            watch.after_fork()
        self.lock.release()

    def _on_hook(self, caller: FrameType | None) -> None:
        """Record which loop runs in this thread from now on. The loop calls this, so nothing may fail here."""
        with containing("noticing an event loop to watch"):
            if not self._watches:
                return
            if _threads_are_greenlets():
                _warn_of_greenlets()
            else:
                self._note(caller)

    def _note(self, caller: FrameType | None) -> None:
        hooks = sys.get_asyncgen_hooks()
        found = next(((each, loop) for each in libraries if (loop := each.owner(hooks)) is not None), None)
        thread = threading.get_ident()
        before = self._threads.get(thread, ())
        if found is None:
            after: tuple[RunningLoop, ...] = ()
        else:
            library, loop = found
            known = next((index for index, each in enumerate(before, 1) if each.loop is loop), None)
            # Loops that ran inside a known one have ended.
            after = (*before, RunningLoop(library, loop, caller)) if known is None else before[:known]
        if len(after) == len(before):
            return
        with self.lock:  # no earlier: where many loops start and end, each would wait for all the others
            if not self._watches:
                return
            self._threads[thread] = after
            if not after:
                del self._threads[thread]
            self.threads = tuple(self._threads.values())
            if len(after) > len(before):
                for watch in self._watches:
                    watch.wake()


def _threads_are_greenlets() -> bool:
    """Return whether gevent or eventlet turned threads into greenlets: none of those can run while a loop is blocked.

    The identifier of such a thread is not one of the operating system, and must not be passed to its clocks.
    """
    return threading.get_ident() not in sys._current_frames()


@functools.cache
def _warn_of_greenlets() -> None:
    logger.warning(
        "event loops are not watched: this program's threads are greenlets, and none runs while another blocks"
    )


def _caller_of_loop() -> FrameType | None:
    """Return the frame that called into the loop of this thread; ``None`` where no loop waits for this code."""
    context = async_context()
    if context is None:
        return None
    *_, outermost = context.frames(sys._getframe())
    return outermost.f_back


running_loops: _RunningLoops = _RunningLoops()

if hasattr(os, "register_at_fork"):
    # The lock is held while the process forks: another thread that held it would be gone in the child.
    os.register_at_fork(
        before=running_loops.lock.acquire,
        after_in_parent=running_loops.lock.release,
        after_in_child=running_loops.after_fork,
    )
