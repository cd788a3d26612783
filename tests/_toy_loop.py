"""A tiny event loop library: tasks are coroutines that yield for how long they pause. It imports nothing of this one."""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from types import coroutine
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Generator

__all__ = ["Loop", "Task", "call_soon", "current", "run", "sleep", "spawn", "to_thread"]

_T = TypeVar("_T")


class Task:
    """A coroutine that a loop runs."""

    def __init__(self, name: str, coroutine: Coroutine[float, None, Any]) -> None:
        self.name = name
        self.coroutine = coroutine
        self.due = 0.0


class Loop:
    """Runs tasks and callbacks until the first task has ended."""

    def __init__(self) -> None:
        self.task: Task | None = None
        self.tasks: list[Task] = []
        self.callbacks: deque[Callable[[], object]] = deque()

    def first_iteration(self, generator: AsyncGenerator[Any, Any]) -> None:
        """Do nothing. That this method is set as the hook for async generators shows which loop runs (PEP 525)."""

    def turn(self, main: Coroutine[float, None, _T]) -> _T:
        """Run a coroutine, and what it starts, and return its result."""
        self.tasks.append(Task("main", main))
        while True:
            while self.callbacks:
                self.call_back(self.callbacks.popleft())
            for task in [each for each in self.tasks if each.due <= time.monotonic()]:
                self.task = task
                try:
                    task.due = time.monotonic() + task.coroutine.send(None)
                except StopIteration as end:
                    self.tasks.remove(task)
                    if task.coroutine is main:
                        result: _T = end.value
                        return result
                finally:
                    self.task = None
            self.wait()

    def call_back(self, callback: Callable[[], object]) -> None:
        """Call a callback."""
        callback()

    def wait(self) -> None:
        """Wait for the next task."""
        if not self.callbacks:
            time.sleep(min(max(min(each.due for each in self.tasks) - time.monotonic(), 0.0), 0.001))


class _Current(threading.local):
    loop: Loop | None = None


current = _Current()


def run(main: Coroutine[float, None, _T]) -> _T:
    """Run a coroutine on a new loop."""
    loop = current.loop = Loop()
    hooks = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(firstiter=loop.first_iteration)
    try:
        return loop.turn(main)
    finally:
        sys.set_asyncgen_hooks(*hooks)
        current.loop = None


def _loop() -> Loop:
    assert current.loop is not None, "no loop runs in this thread"
    return current.loop


def call_soon(callback: Callable[[], object]) -> None:
    """Have the loop call a function."""
    _loop().callbacks.append(callback)


def spawn(name: str, started: Coroutine[float, None, Any]) -> None:
    """Start a task."""
    _loop().tasks.append(Task(name, started))


@coroutine
def sleep(seconds: float) -> Generator[float, None, None]:
    """Pause a task."""
    yield seconds


async def to_thread(function: Callable[..., _T], *arguments: object) -> _T:
    """Call a function in a thread."""
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(function, *arguments)
        while not future.done():
            await sleep(0.001)
        return future.result()
