"""Which event loops run, in whatever thread: they are heard of when they start, and no loop is patched.

Every event loop sets its thread's hooks for async generators when it starts and gives back those that it found when it
ends (PEP 525). So ``sys.set_asyncgen_hooks`` is replaced while a watch is on: asyncio, uvloop and trio look it up there
when they call it. Those few loops that set none, nest_asyncio's, say in ``asyncio.events`` that they run.
"""

from __future__ import annotations

import asyncio.events
import functools
import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, Protocol

from ginger_async_safe._frames import current_greenlet, waiting_with, walk
from ginger_async_safe.detect import AsyncContext, async_context, libraries
from ginger_async_safe.monitor.clocks import ThreadClock
from ginger_async_safe.policy import logger

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, ModuleType

    from ginger_async_safe._loops.protocol import LoopLibrary
    from ginger_async_safe.monitor.clocks import Moment

    class Watch(Protocol):
        """Somebody who wants to hear of loops."""

        def wake(self) -> None:
            """Hear that a loop starts."""

        def after_fork(self) -> None:
            """Hear that this is a child process now, without any other thread."""


__all__ = ["RunningLoop", "running_loops"]


class RunningLoop:
    """One loop while it runs; made in its thread.

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
        self.greenlet: Any = current_greenlet()
        """The greenlet that the loop runs in, as far as the program has greenlets."""
        # Of a loop in C the frame that calls it is all there is to see. No reference: its locals are the user's.
        self._shows_frames = library.shows_frames(loop)
        self._caller = None if self._shows_frames else id(caller)

    def waits(self, frame: FrameType) -> bool:
        """Tell whether a loop waits for events, given the innermost frame of its thread."""
        return id(frame) == self._caller or self.library.waits(frame)

    def context(self) -> AsyncContext:
        """Return the loop and its running task, as a report wants them."""
        return AsyncContext(self.library, self.loop, self.library.task_seen(self.loop))

    def waiting(self, frame: FrameType) -> list[Any] | None:
        """Return the greenlets with which the loop waits for code of its thread.

        ``None`` says that it does not: it is parked, or it is a guest and its host is at work.

        Args:
            frame: The innermost frame of its thread.
        """
        waiting = [] if self.greenlet is None else waiting_with(self.greenlet)
        if waiting is None or not self._shows_frames:
            return waiting
        return waiting if any(map(self.library.turns_loop, walk(frame, waiting))) else None


class _Ear:
    """Stands in for a function that loops call when they start and end, and hears of it.

    Args:
        module: Where the function is looked up.
        name: Its name there.
        hear: Called with the frame of each caller.
    """

    def __init__(self, module: ModuleType, name: str, hear: Callable[[FrameType | None], None]) -> None:
        self._module = module
        self._name = name
        self._original = getattr(module, name)

        @functools.wraps(self._original)
        def heard(*args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as the original takes them
            self._original(*args, **kwargs)
            hear(sys._getframe().f_back)

        self._heard = heard
        self._is_open = False

    def open(self) -> None:
        """Hear from now on."""
        if not self._is_open:
            self._original = getattr(self._module, self._name)
            setattr(self._module, self._name, self._heard)
            self._is_open = True

    def close(self) -> None:
        """Put the function back; where somebody else has replaced it since, theirs calls ours, and it stays."""
        if getattr(self._module, self._name) is self._heard:
            setattr(self._module, self._name, self._original)
            self._is_open = False


class _RunningLoops:
    """The loops that run in each thread, the innermost last, while a watch is on."""

    def __init__(self) -> None:
        self.lock: threading.RLock = threading.RLock()  # a signal handler may start a loop
        self._watches: list[Watch] = []
        self._threads: dict[int, tuple[RunningLoop, ...]] = {}
        self.threads: tuple[tuple[RunningLoop, ...], ...] = ()
        """The loops that run in each thread where one does, the innermost last. Replaced where it changes."""
        self._ears = (
            _Ear(sys, "set_asyncgen_hooks", self._hear),
            _Ear(asyncio.events, "_set_running_loop", self._hear),
        )

    def add(self, watch: Watch) -> None:
        """Tell a watch of the loop that runs in this thread, and of those that start anywhere from now on."""
        with self.lock:
            self._watches.append(watch)
            for ear in self._ears:
                ear.open()
            caller = _caller_of_loop()
            if caller is not None:
                self._hear(caller)
            if self.threads:
                watch.wake()

    def remove(self, watch: Watch) -> None:
        """Tell a watch of nothing any longer."""
        with self.lock:
            self._watches.remove(watch)
            if self._watches:
                return
            self._threads.clear()
            self.threads = ()
            for ear in self._ears:
                ear.close()

    def after_fork(self) -> None:
        """Begin anew in a child process: it runs no loop of its parent's."""
        self._threads.clear()
        self.threads = ()
        for watch in self._watches:
            watch.after_fork()
        self.lock.release()

    def _hear(self, caller: FrameType | None) -> None:
        """Hear which loop runs in this thread from now on."""
        with self.lock:
            if not self._watches:
                return
            if _threads_are_greenlets():
                _tell_of_greenlets()
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
            # Those that ran inside a known one have ended.
            after = (*before, RunningLoop(library, loop, caller)) if known is None else before[:known]
        if len(after) == len(before):
            return
        self._threads[thread] = after
        if not after:
            del self._threads[thread]
        self.threads = tuple(self._threads.values())
        if len(after) > len(before):
            for watch in self._watches:
                watch.wake()


def _threads_are_greenlets() -> bool:
    """Tell whether gevent or its like made greenlets of the threads: none of those can look while a loop stands.

    What names a thread then is none of the operating system's, whose clocks must not be asked about it.
    """
    return threading.get_ident() not in sys._current_frames()


@functools.cache
def _tell_of_greenlets() -> None:
    logger.warning("event loops are not watched: this program's threads are greenlets, which cannot look at each other")


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
