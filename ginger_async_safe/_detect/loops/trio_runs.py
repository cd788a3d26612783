"""trio, and anyio on trio. trio is never imported here; it is used once the program has imported it."""

# ruff: noqa: ANN401 - trio's types have no names here, because trio is not imported

from __future__ import annotations

import inspect
import os
import sys
from typing import TYPE_CHECKING, Any

from ginger_async_safe._runtime.modules import attribute

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, ModuleType

    from ginger_async_safe._detect.loops.protocol import AsyncGeneratorHooks

__all__ = ["TrioRuns"]


_RUNNING = "trio._core._run"
"""The module that runs tasks. It is loaded wherever a task runs, even while ``trio.lowlevel`` is still a lazy import."""

_LOOP_FUNCTIONS = {
    ("trio._core._run", "unrolled_run"),
    ("trio._core._entry_queue", "run_cb"),  # for callbacks, in a system task
}


def _function(name: str) -> Callable[[], Any] | None:
    """Return a function of trio; ``None`` where it does not exist, and while trio is only partly imported.

    trio's functions read ``GLOBAL_RUN_CONTEXT``. While that is still a lazy import, no run has started, and calling them
    would import it in the middle of the program's own code.
    """
    found: Callable[[], Any] | None = attribute(_RUNNING, name)
    return None if attribute(_RUNNING, "GLOBAL_RUN_CONTEXT") is None else found


class TrioRuns:
    """Implement :class:`~ginger_async_safe._detect.loops.protocol.LoopLibrary` for trio.

    A run is identified by its root task. In guest mode trio keeps the run current while the host loop's own code runs,
    so a run counts only inside a task or below trio's scheduler on the stack.
    """

    name: str = "trio"
    packages: frozenset[str] = frozenset({"trio", "outcome", "anyio", "sniffio"})
    calls_back_in: frozenset[tuple[str, str]] = frozenset(
        {
            ("trio._core._entry_queue", "run_cb"),
            # Calls that a thread schedules on the loop.
            ("trio._threads", "run_sync"),
            ("trio._threads", "unprotected_fn"),
        }
    )
    announces_in: tuple[tuple[ModuleType, str], ...] = ()

    def __init__(self) -> None:
        self._forked_from: Any = None
        self.may_run: Callable[[], bool] = self._may_run
        # Registered before trio is imported: the first check may happen in a child process.
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forget_run_after_fork)

    def running_loop(self) -> Any | None:
        current_root_task = _function("current_root_task")
        if current_root_task is None:
            return None
        in_trio_run = _function("in_trio_run")  # since trio 0.29, and cheaper than an exception
        if in_trio_run is not None and not in_trio_run():
            return None
        try:
            root = current_root_task()
        except RuntimeError:
            return None
        if root is None or root is self._forked_from:
            return None
        return root if self.current_task(root) is not None or self._runs_here() else None

    def _may_run(self) -> bool:
        in_trio_run = _function("in_trio_run")
        if in_trio_run is None:
            return self.running_loop() is not None
        self.may_run = in_trio_run  # saves the lookup from now on
        return bool(in_trio_run())

    def _runs_here(self) -> bool:
        frame: FrameType | None = sys._getframe()
        while frame is not None and not self.runs_loop(frame):
            frame = frame.f_back
        return frame is not None

    def _forget_run_after_fork(self) -> None:
        """In a forked child process, ignore the run that the fork happened in; its own children ignore it too."""
        self._forked_from = self.running_loop() or self._forked_from

    def current_task(self, _loop: Any) -> Any | None:
        try:
            return sys.modules[_RUNNING].current_task()
        except RuntimeError:
            return None

    def task_name(self, task: Any) -> str:
        return str(task.name)

    def task_frame(self, task: Any) -> FrameType | None:
        return getattr(task.coro, "cr_frame", None)

    def waiting_tasks(self, _loop: Any, _task: Any) -> list[Any]:
        return []  # nothing awaits a trio task: its nursery's block waits for it to finish

    def waiting_frames(self, _task: Any) -> list[FrameType]:
        return []

    def runs_loop(self, frame: FrameType) -> bool:
        return (frame.f_globals.get("__name__"), frame.f_code.co_name) in _LOOP_FUNCTIONS

    def shows_frames(self, _loop: Any) -> bool:
        return True

    def starts_loop(self, _frame: FrameType) -> bool:
        return False

    def to_thread(self, function: str, arguments: str, *, awaits: bool) -> str:
        del awaits  # there is no other way
        return f"await trio.to_thread.run_sync({function}{', ' * bool(arguments)}{arguments})"

    def to_process(self, function: str, arguments: str, *, awaits: bool) -> str:
        result = f"process_pool.submit({function}{', ' * bool(arguments)}{arguments}).result"
        return self.to_thread(result, "", awaits=awaits)

    def implementation(self, _loop: Any) -> str | None:
        return None

    def owner(self, hooks: AsyncGeneratorHooks) -> Any | None:
        """Return the runner of a run: the run sets its hooks before it has a root task or a token."""
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
