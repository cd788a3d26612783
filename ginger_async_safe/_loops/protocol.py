"""What detection asks of an event loop library."""

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
    """One event loop library, as detection sees it.

    Loops and tasks are the library's own objects, told apart by identity only.
    """

    name: str
    """What :func:`~ginger_async_safe.current_async_library` answers."""

    def running_loop(self) -> Any | None:
        """Return what identifies the loop that this thread runs, or ``None``."""
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

    def turns_loop(self, frame: FrameType, /) -> bool:
        """Tell whether a frame belongs to the machinery that turns the loop."""
        ...

    def shows_frames(self, loop: Any, /) -> bool:
        """Tell whether a loop that turns always has a frame on the stack (a loop in C has none)."""
        ...

    def implementation(self, loop: Any, /) -> str | None:
        """Return the name of the package that brings the loop, or ``None`` for the library's own."""
        ...

    # -- What the watch asks, from a thread of its own. The loop is what owner() returned.

    def owner(self, hooks: AsyncGeneratorHooks, /) -> Any | None:
        """Return the loop that has set these hooks, or ``None`` where none of this library's has."""
        ...

    def call_soon(self, loop: Any, callback: Callable[[], None], /) -> None:
        """Have a loop call something in its next turn.

        Raises:
            RuntimeError: Where the loop has ended.
        """
        ...

    def task_seen(self, loop: Any, /) -> Any | None:
        """Return the task whose step is running, as :meth:`current_task` does in the loop's own thread."""
        ...

    def waits(self, frame: FrameType, /) -> bool:
        """Tell whether the innermost frame of a thread is where a loop of this library waits for events."""
        ...
