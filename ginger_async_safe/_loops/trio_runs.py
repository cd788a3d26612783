"""trio, and anyio over trio. trio is never imported here: it is used once the program has."""

# ruff: noqa: ANN401 - trio's types have no names here, because trio is not imported

from __future__ import annotations

import inspect
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from ginger_async_safe._loops.protocol import AsyncGeneratorHooks

__all__ = ["TrioRuns"]


_TURNING = {
    ("trio._core._run", "unrolled_run"),
    ("trio._core._entry_queue", "run_cb"),  # for callbacks, in a system task
}


class TrioRuns:
    """How trio answers :class:`~ginger_async_safe._loops.protocol.LoopLibrary`.

    A run is told apart by its root task. In guest mode trio keeps the run current while the host's
    own code runs, so a run counts only where it turns: inside a task, or below trio's scheduler.
    """

    name = "trio"

    def __init__(self) -> None:
        self._forked_from: Any = None
        self.may_run: Callable[[], bool] = self._may_run
        """Tell cheaply whether a run may be current in this thread; :meth:`running_loop` has the last word."""
        # Not put off until trio is imported: a child process may be the first to ask.
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._leave_run_behind)

    def running_loop(self) -> Any | None:
        lowlevel = getattr(sys.modules.get("trio"), "lowlevel", None)
        current_root_task = getattr(lowlevel, "current_root_task", None)
        if current_root_task is None:  # trio is absent, or half imported
            return None
        in_trio_run = getattr(lowlevel, "in_trio_run", None)  # since trio 0.29, and cheaper than an exception
        if in_trio_run is not None and not in_trio_run():
            return None
        try:
            root = current_root_task()
        except RuntimeError:
            return None
        if root is None or root is self._forked_from:
            return None
        return root if self.current_task(root) is not None or self._turns_here() else None

    def _may_run(self) -> bool:
        lowlevel = getattr(sys.modules.get("trio"), "lowlevel", None)
        in_trio_run = getattr(lowlevel, "in_trio_run", None)
        if in_trio_run is None:
            return self.running_loop() is not None
        self.may_run = in_trio_run  # nothing has to be looked up from now on
        return bool(in_trio_run())

    def _turns_here(self) -> bool:
        frame: FrameType | None = sys._getframe()
        while frame is not None and not self.turns_loop(frame):
            frame = frame.f_back
        return frame is not None

    def _leave_run_behind(self) -> None:
        """Let no run count in a child process that was forked inside it, nor in that one's children."""
        self._forked_from = self.running_loop() or self._forked_from

    def current_task(self, _loop: Any) -> Any | None:
        try:
            return sys.modules["trio"].lowlevel.current_task()
        except RuntimeError:
            return None

    def task_name(self, task: Any) -> str:
        return str(task.name)

    def task_frame(self, task: Any) -> FrameType | None:
        return getattr(task.coro, "cr_frame", None)

    def turns_loop(self, frame: FrameType) -> bool:
        return (frame.f_globals.get("__name__"), frame.f_code.co_name) in _TURNING

    def shows_frames(self, _loop: Any) -> bool:
        return True

    def implementation(self, _loop: Any) -> str | None:
        return None

    def owner(self, hooks: AsyncGeneratorHooks) -> Any | None:
        """Return the runner behind a run: its root task and its token are not there yet when it sets its hooks."""
        finalizer = hooks.finalizer
        if finalizer is None or getattr(finalizer, "__module__", None) != "trio._core._asyncgens":
            return None
        return inspect.getclosurevars(inspect.unwrap(finalizer)).nonlocals.get("runner")

    def call_soon(self, run: Any, callback: Callable[[], None]) -> None:
        run.current_trio_token().run_sync_soon(callback)

    def task_seen(self, run: Any) -> Any | None:
        root = run.current_root_task()
        tasks = [] if root is None else [root]
        while tasks:
            task = tasks.pop()
            if getattr(task.coro, "cr_running", False):
                return task
            tasks += [child for nursery in list(task.child_nurseries) for child in nursery.child_tasks]
        return None

    def waits(self, frame: FrameType) -> bool:
        module = str(frame.f_globals.get("__name__"))
        return frame.f_code.co_name == "get_events" and module.startswith("trio._core._io_")
