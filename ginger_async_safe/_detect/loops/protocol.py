"""The protocol that detection requires of an event loop library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

# ruff: noqa: ANN401 - loops and tasks belong to libraries that are not imported here

__all__ = ["AsyncGeneratorHooks", "LoopLibrary"]


class AsyncGeneratorHooks(Protocol):
    """What ``sys.get_asyncgen_hooks()`` returns: PEP 525 has every event loop set them in its thread while it runs."""

    @property
    def firstiter(self) -> Callable[..., object] | None: ...
    @property
    def finalizer(self) -> Callable[..., object] | None: ...


class LoopLibrary(Protocol):
    """One event loop library.

    Loops and tasks are the library's own objects, compared by identity only.
    """

    name: str
    """The value that :func:`~ginger_async_safe.current_async_library` returns for it."""

    def running_loop(self) -> Any | None:
        """Return the object that identifies the loop running in this thread, or ``None``."""
        ...

    def current_task(self, loop: Any, /) -> Any | None:
        """Return the task whose step is running, or ``None`` in a callback."""
        ...

    def task_name(self, task: Any, /) -> str:
        """Return the name of a task for a report."""
        ...

    def task_frame(self, task: Any, /) -> FrameType | None:
        """Return the outermost frame of a running task, or ``None`` where it has no Python frame."""
        ...

    def waiting_tasks(self, loop: Any, task: Any, /) -> list[Any]:
        """Return the tasks of a loop that await a given one, the oldest first; none where the library does not record it.

        Called in the loop's own thread.
        """
        ...

    def waiting_frames(self, task: Any, /) -> list[FrameType]:
        """Return the frames in which a suspended task awaits something, the outermost first."""
        ...

    def runs_loop(self, frame: FrameType, /) -> bool:
        """Return whether a frame belongs to the loop's own code, which runs tasks and callbacks."""
        ...

    def shows_frames(self, loop: Any, /) -> bool:
        """Return whether a running loop always has a Python frame on the stack (a loop in C has none)."""
        ...

    def implementation(self, loop: Any, /) -> str | None:
        """Return the name of the package that provides the loop, or ``None`` for the library's own."""
        ...

    # -- For the monitor, which calls these from a thread of its own, with the loop that owner() returned.

    def owner(self, hooks: AsyncGeneratorHooks, /) -> Any | None:
        """Return the loop that set these hooks, or ``None`` where it is not one of this library."""
        ...

    def call_soon(self, loop: Any, callback: Callable[[], None], /) -> None:
        """Schedule a callback for the loop's next iteration.

        Raises:
            RuntimeError: Where the loop is closed.
        """
        ...

    def task_seen(self, loop: Any, /) -> Any | None:
        """Return the task whose step is running, as :meth:`current_task` does in the loop's own thread."""
        ...

    def waits(self, frame: FrameType, /) -> bool:
        """Return whether a thread's innermost frame is where a loop of this library waits for events."""
        ...
