"""The toy event loop library as this one's detection knows it: all of it is one object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe._detect import loops
from ginger_async_safe._runtime.modules import attribute

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, ModuleType

    from _toy_loop import Loop, Task

    from ginger_async_safe._detect.loops.protocol import AsyncGeneratorHooks, LoopLibrary

__all__ = ["ToyLoops", "add_to_libraries"]


class ToyLoops:
    """Implement the protocol for the toy library."""

    name = "_toy_loop"
    packages = frozenset({"_toy_loop"})
    calls_back_in = frozenset({("_toy_loop", "call_back")})
    announces_in: tuple[tuple[ModuleType, str], ...] = ()

    def may_run(self) -> Loop | None:
        """Call the library's own function."""
        current = attribute(self.name, "current")
        loop: Loop | None = None if current is None else current.loop
        return loop

    running_loop = may_run

    def current_task(self, loop: Loop) -> Task | None:
        """Read it from the loop."""
        return loop.task

    task_seen = current_task

    def task_frame(self, task: Task) -> FrameType | None:
        """Read it from the coroutine."""
        frame: FrameType | None = getattr(task.coroutine, "cr_frame", None)
        return frame

    def runs_loop(self, frame: FrameType) -> bool:
        """Recognise it by the module and the function."""
        return frame.f_globals.get("__name__") == self.name and frame.f_code.co_name in {"turn", "call_back"}

    def shows_frames(self, _loop: Loop) -> bool:
        """Say that the loop is written in Python."""
        return True

    def starts_loop(self, _frame: FrameType) -> bool:
        """Return that there is none: the loop has frames of its own."""
        return False

    def implementation(self, _loop: Loop) -> None:
        """Say that there is one implementation."""

    def task_name(self, task: Task) -> str:
        """Read it from the task."""
        return task.name

    def waiting_tasks(self, _loop: Loop, _task: Task) -> list[Task]:
        """Say that no task awaits another."""
        return []

    def waiting_frames(self, _task: Task) -> list[FrameType]:
        """Say that no task awaits another."""
        return []

    def to_thread(self, function: str, arguments: str, *, awaits: bool) -> str:
        """Use the library's own function."""
        call = f"_toy_loop.to_thread({', '.join(filter(None, (function, arguments)))})"
        return f"await {call}" if awaits else f'_toy_loop.spawn("blocking", {call})'

    def to_process(self, function: str, arguments: str, *, awaits: bool) -> str:
        """Wait for the process in a thread."""
        return self.to_thread(f"process_pool.submit({function}, {arguments}).result", "", awaits=awaits)

    def owner(self, hooks: AsyncGeneratorHooks) -> Loop | None:
        """Find the loop by its hook."""
        kind = attribute(self.name, "Loop")
        loop = getattr(hooks.firstiter, "__self__", None)
        return loop if kind is not None and isinstance(loop, kind) else None

    def call_soon(self, loop: Loop, callback: Callable[[], None]) -> None:
        """Append it: a deque is safe to use from other threads."""
        loop.callbacks.append(callback)

    def waits(self, frame: FrameType) -> bool:
        """Recognise it by the module and the function."""
        return (frame.f_globals.get("__name__"), frame.f_code.co_name) == (self.name, "wait")


def add_to_libraries() -> None:
    """Add it to the libraries, as a line in their list would: before the modules that read the list are imported."""
    added: LoopLibrary = ToyLoops()
    loops.libraries = (*loops.libraries, added)
