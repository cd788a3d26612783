"""The protocol of an event loop library: what detection, reports, rules and the watch need to know about one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, ModuleType

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

    Loops and tasks are the library's own objects, compared by identity only. No method imports the library. What takes
    neither a loop nor a task is called before the program has imported it, too, and in the middle of its import.
    """

    name: str
    """The library's import name, which :func:`~ginger_async_safe.current_async_library` returns. No loop of it runs before
    the program imports it."""

    # -- Detection. These are called in the thread in question.

    def may_run(self) -> object | None:
        """Return something true where a loop of this library may be running in this thread, and ``None`` or ``False`` elsewhere.

        This is the quick question that every guarded call asks: it must be as fast as possible. It may be wrong where no
        loop runs, as :meth:`running_loop` gives the exact answer, but never where one does.
        """
        ...

    def running_loop(self) -> Any | None:
        """Return the object that identifies the loop running in this thread, or ``None``."""
        ...

    def current_task(self, loop: Any, /) -> Any | None:
        """Return the task whose step is running, or ``None`` in a callback."""
        ...

    def task_frame(self, task: Any, /) -> FrameType | None:
        """Return the outermost frame of a running task, or ``None`` where it has no Python frame."""
        ...

    # -- Frames: which of them belong to the library, and not to the code that it runs.

    packages: frozenset[str]
    """The top-level packages of the library, of its loops and of its adapters. Their own calls are no violations."""

    calls_back_in: frozenset[tuple[str, str]]
    """The functions in which loops and adapters call a callback, each as its module and name. The code that scheduled the
    callback has no frame there."""

    def runs_loop(self, frame: FrameType, /) -> bool:
        """Return whether a frame belongs to the loop's own code, which runs tasks and callbacks."""
        ...

    def shows_frames(self, loop: Any, /) -> bool:
        """Return whether a running loop always has a Python frame on the stack (a loop in C has none)."""
        ...

    def starts_loop(self, frame: FrameType, /) -> bool:
        """Return whether a frame may be the one that has called a loop without frames."""
        ...

    # -- Reports.

    def implementation(self, loop: Any, /) -> str | None:
        """Return the name of the package that provides the loop, or ``None`` for the library's own."""
        ...

    def task_name(self, task: Any, /) -> str:
        """Return the name of a task."""
        ...

    def waiting_tasks(self, loop: Any, task: Any, /) -> list[Any]:
        """Return the tasks of a loop that await a given one, the oldest first; none where the library does not record it.

        Called in the loop's own thread.
        """
        ...

    def waiting_frames(self, task: Any, /) -> list[FrameType]:
        """Return the frames in which a suspended task awaits something, the outermost first."""
        ...

    def to_thread(self, function: str, arguments: str, /, *, awaits: bool) -> str:
        """Return the statement that calls a function in a thread: the fix of a violation.

        Args:
            function: The function, as source code.
            arguments: Its arguments, as source code; empty where it takes none.
            awaits: Whether the code can use ``await``; a callback cannot.
        """
        ...

    def to_process(self, function: str, arguments: str, /, *, awaits: bool) -> str:
        """Return the statement that calls a function in an executor of processes, which is called ``process_pool``.

        Args:
            function: As :meth:`to_thread` takes it.
            arguments: As :meth:`to_thread` takes them.
            awaits: As :meth:`to_thread` takes it.
        """
        ...

    # -- The watch. It calls these from a thread of its own, with the loop that owner() returned.

    announces_in: tuple[tuple[ModuleType, str], ...]
    """The functions that loops call when they start and end, if they do not set hooks as PEP 525 requires, each as its
    module and name. The watch wraps these."""

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
