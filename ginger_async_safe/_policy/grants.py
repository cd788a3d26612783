"""Grants: permission for guarded calls in one block, of one task, in one thread.

A grant is kept in thread-local storage and records its task, so it does not spread through copied or inherited
contexts. The task alone does not determine whether code is inside the block, since a block can be suspended
(generators, coroutines, greenlets): the frame that contains the block has to be on the stack, too.
"""

# ruff: noqa: ANN401 - a decorator passes on whatever arguments and results the function has

from __future__ import annotations

import contextlib
import functools
import inspect
import opcode
import sys
import threading
import warnings
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from ginger_async_safe._config import settings
from ginger_async_safe._config.patterns import Patterns
from ginger_async_safe._runtime.failures import containing
from ginger_async_safe._runtime.frames import walk
from ginger_async_safe.detect import async_context
from ginger_async_safe.exceptions import ConfigurationError, UnusedGrantWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from types import FrameType, TracebackType

    from ginger_async_safe.detect import AsyncContext

__all__ = [
    "Grant",
    "StandingGrant",
    "allow_async_unsafe",
    "grants_here",
    "grants_reader",
    "matching_grant",
    "name_of_place",
    "watchers",
]

_P = ParamSpec("_P")
_R = TypeVar("_R")

_GENERATOR = inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR


class Grant:
    """The permission for guarded calls in one ``allow_async_unsafe`` block.

    Attributes:
        reason: Why the calls are allowed.
        calls: The patterns of the calls that are allowed.
        loop: The object that identifies the loop that ran the code when the block began, or ``None``.
        task: The task that entered the block, or ``None``.
        blocks: The frame that contains the block, and that of the generator which called it, if one did; empty
            once the block has ended.
        home: The list of open grants of the thread that entered the block.
        matched: The number of calls that it has allowed.
        matched_at: The id of the frame that made the last of them, and the offset of the instruction there.
    """

    __slots__ = ("blocks", "calls", "home", "loop", "matched", "matched_at", "reason", "task")

    def __init__(
        self,
        reason: str,
        calls: Patterns,
        *,
        context: AsyncContext | None,
        blocks: tuple[FrameType, ...],
        home: list[Grant],
    ) -> None:
        self.reason: str = reason
        self.calls: Patterns = calls
        self.loop: Any = None if context is None else context.loop
        self.task: Any = None if context is None else context.task
        self.blocks: tuple[FrameType, ...] = blocks
        self.home: list[Grant] = home
        self.matched: int = 0
        self.matched_at: tuple[int, int] | None = None

    def holds(self, context: AsyncContext, frame: FrameType | None) -> bool:
        """Return whether the running code is inside the block.

        Args:
            context: The loop and task that run the code.
            frame: A frame of the code.
        """
        return self.loop is context.loop and self.covers(context.task, set(context.frames(frame)))

    def covers(self, task: Any, frames: Collection[FrameType]) -> bool:
        """Return whether code of the thread that entered the block is inside it.

        Args:
            task: The task that runs the code, or ``None``.
            frames: The frame that runs, and its callers up to the loop.
        """
        if self.task is not task:
            return False
        for block in self.blocks:
            if block in frames:
                return True
            if not _has_returned(block):
                return False
        # A function may leave a block open for its caller, on an exit stack. In a callback, which has no task, there is
        # no way to find out for which callback it did.
        return self.task is not None and bool(self.blocks)


class StandingGrant(Grant):
    """A grant without a block: it holds everywhere in the process, from :meth:`open` to :meth:`close`.

    For a test runner, whose tests run code in tasks and threads that the runner did not start.
    """

    __slots__ = ()

    def __init__(self, reason: str, calls: Patterns) -> None:
        super().__init__(reason, calls, context=None, blocks=(), home=_standing)

    def holds(self, context: AsyncContext, frame: FrameType | None) -> bool:
        """Return ``True``: the grant holds everywhere."""
        del context, frame
        return True

    def covers(self, task: Any, frames: Collection[FrameType]) -> bool:
        """Return ``True``: the grant holds everywhere."""
        del task, frames
        return True

    def open(self) -> None:
        """Start to allow calls."""
        self.home.append(self)

    def close(self) -> None:
        """Stop allowing calls."""
        self.home.remove(self)


class _Here(threading.local):
    def __init__(self) -> None:
        self.grants: list[Grant] = []


_here = _Here()
_standing: list[Grant] = []

watchers: list[Callable[[Grant, str], object]] = []
"""Called when a block ends, with its grant and the qualified name of the function that contains the block."""


class allow_async_unsafe(contextlib.AbstractContextManager["Grant"]):  # noqa: N801 - reads as a statement: with allow_async_unsafe(...)
    """Allow guarded calls in one block: of this task, in this thread, while the block runs.

    Use it with ``with``, with ``async with``, or as a decorator of a sync or async function. It
    has no effect in tasks, threads or callbacks that the block starts, nor after its end. A
    helper that enters it for its caller, with ``contextlib.contextmanager`` or an exit stack,
    allows calls in its caller's block. ``with … as grant`` returns the :class:`Grant`, whose ``matched``
    counts the calls that it has allowed.

    Args:
        reason: Why the calls are allowed; shown by :func:`~ginger_async_safe.explain`.
        calls: A pattern of the calls to allow, such as ``"gingerdj.db.*"``, or several patterns.

    Raises:
        ConfigurationError: Where a pattern is invalid.
    """

    def __init__(self, *, reason: str = "", calls: str | Iterable[str] = "*") -> None:
        self.reason: str = reason
        self.calls: Patterns = Patterns(calls)
        self._open: list[Grant] = []

    def __enter__(self) -> Grant:
        context, blocks = _block_of(sys._getframe(1))
        grant = Grant(self.reason, self.calls, context=context, blocks=blocks, home=_here.grants)
        self._open.append(grant)
        grant.home.append(grant)
        return grant

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        grant = self._open[0] if len(self._open) == 1 else self._ending(sys._getframe(1))
        self._open.remove(grant)
        grant.home.remove(grant)
        blocks, grant.blocks = grant.blocks, ()  # a frame keeps its local variables alive
        for watcher in tuple(watchers):
            with containing("counting what a grant has allowed"):
                watcher(grant, name_of_place(blocks))
        # A block that raised may not have reached the call that the grant is for.
        if exc_type is None and not grant.matched and _reports_unused():
            _report_unused(grant, _place_of(blocks))

    def _ending(self, frame: FrameType | None) -> Grant:
        """Return the grant whose block ends in ``frame``, among the open grants of this object.

        One object may be open in many threads and tasks at once, and a generator may leave its block in another thread
        or task than it entered it. The block's frame identifies it best, then thread and task.
        """
        context, blocks = _block_of(frame)
        task = None if context is None else context.task
        return max(
            reversed(self._open),
            key=lambda each: (each.blocks[:1] == blocks[:1], each.home is _here.grants and each.task is task),
        )

    async def __aenter__(self) -> Grant:
        return self.__enter__()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.__exit__(exc_type, exc_value, traceback)

    def __call__(self, function: Callable[_P, _R]) -> Callable[_P, _R]:
        """Return ``function`` decorated so that each call runs inside this grant.

        Raises:
            TypeError: Where ``function`` is a generator function, a class, or not a function.
        """
        name = getattr(function, "__qualname__", type(function).__name__)
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            msg = (
                f"allow_async_unsafe cannot decorate the generator function {name}, "
                "which runs in pieces; put `with allow_async_unsafe(...):` inside it"
            )
            raise TypeError(msg)
        if isinstance(function, type):
            msg = f"allow_async_unsafe cannot decorate the class {name}; put it above the methods that need it"
            raise TypeError(msg)
        if isinstance(function, (classmethod, staticmethod, property)):
            msg = (
                f"allow_async_unsafe decorates functions, and {type(function).__name__} is not one; "
                f"put it below @{type(function).__name__}"
            )
            raise TypeError(msg)
        if not callable(function):
            msg = f"allow_async_unsafe decorates functions, and {type(function).__name__} is not one"
            raise TypeError(msg)
        held = self._held_while_awaited if inspect.iscoroutinefunction(function) else self._held_while_called
        return cast("Callable[_P, _R]", functools.update_wrapper(held(function), function))

    def _held_while_called(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def granted(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return granted

    def _held_while_awaited(self, function: Callable[..., Any]) -> Callable[..., Any]:
        async def granted(*args: Any, **kwargs: Any) -> Any:
            with self:
                return await function(*args, **kwargs)

        return granted


def matching_grant(call: str, context: AsyncContext, frame: FrameType | None) -> Grant | None:
    """Return the innermost grant that allows a call here, after counting the call in it; ``None`` where none does.

    Args:
        call: The qualified name of the guarded call.
        context: The loop and task that make it.
        frame: The frame that makes it.
    """
    for grant in reversed((*_standing, *_here.grants)):
        if grant.calls.match(call) and grant.holds(context, frame):
            grant.matched += 1
            grant.matched_at = None if frame is None else (id(frame), frame.f_lasti)
            return grant
    return None


def grants_here() -> tuple[Grant, ...]:
    """Return the grants that are open in this thread, the outermost first."""
    return (*_standing, *_here.grants)


def grants_reader() -> Callable[[], tuple[Grant, ...]]:
    """Return a function that returns the open grants of this thread, and may be called in any thread."""
    here = _here.grants
    return lambda: (*_standing, *here)


def _block_of(frame: FrameType | None) -> tuple[AsyncContext | None, tuple[FrameType, ...]]:
    """Return the loop and task that run a block, and its frames; without frames the grant allows nothing."""
    with containing("looking for the block of allow_async_unsafe"):
        context = async_context()
        return context, _frames_of_block(context, frame)
    return None, ()


def _frames_of_block(context: AsyncContext | None, frame: FrameType | None) -> tuple[FrameType, ...]:
    """Return the frame that contains the block, and that of the generator which called it, if one did.

    Only these two: a frame that is kept keeps its local variables alive, such as an abandoned generator whose
    finalization would end its block.
    """
    frames = list(walk(frame) if context is None else context.frames(frame))
    users = [each for each in frames if not _enters_for_caller(each)] or frames[-1:]
    generators = [each for each in users if each.f_code.co_flags & _GENERATOR]
    return (*users[:1], *generators[:1])


def _enters_for_caller(frame: FrameType) -> bool:
    """Return whether a frame enters and leaves context managers on behalf of its caller.

    Those are frames of contextlib, ``__enter__`` and ``__exit__``, and generators under ``@contextmanager``.
    """
    if frame.f_globals.get("__name__") == "contextlib":
        return True
    if frame.f_code.co_name in {"__enter__", "__exit__", "__aenter__", "__aexit__"}:
        return True
    caller = frame.f_back
    return (
        bool(frame.f_code.co_flags & _GENERATOR)
        and caller is not None
        and caller.f_globals.get("__name__") == "contextlib"
    )


def _has_returned(frame: FrameType) -> bool:
    """Return whether a frame that is not on the stack has returned, and is not only suspended."""
    return opcode.opname[frame.f_code.co_code[frame.f_lasti]] in {"RETURN_VALUE", "RETURN_CONST"}


def _reports_unused() -> bool:
    try:
        reports: bool = settings.current("report_unused_grants").value
    except ConfigurationError:  # not a fault of the code in the block; the next violation reports it
        return False
    return reports


def _place_of(blocks: tuple[FrameType, ...]) -> FrameType | None:
    """Return the frame of the user's code that contains a block."""
    callers = walk(blocks[0] if blocks else None)
    return next((each for each in callers if each.f_globals is not globals()), None)


def name_of_place(blocks: tuple[FrameType, ...]) -> str:
    """Return the qualified name of the function that contains a block, or that a grant decorates."""
    decorated = blocks[0].f_locals.get("function") if blocks and blocks[0].f_globals is globals() else None
    if decorated is not None:
        return f"{decorated.__module__}.{getattr(decorated, '__qualname__', type(decorated).__qualname__)}"
    place = _place_of(blocks)
    if place is None:
        return "a block that is gone"
    return f"{place.f_globals.get('__name__')}.{getattr(place.f_code, 'co_qualname', place.f_code.co_name)}"


def _report_unused(grant: Grant, place: FrameType | None) -> None:
    """Warn about a grant that allowed no call, at the line of the user's code where its block ends."""
    warnings.warn_explicit(
        f"allow_async_unsafe(reason={grant.reason!r}, calls={str(grant.calls)!r}) allowed no call: remove it",
        UnusedGrantWarning,
        filename=__file__ if place is None else place.f_code.co_filename,
        lineno=0 if place is None else place.f_lineno or 0,
        registry=None if place is None else place.f_globals.setdefault("__warningregistry__", {}),
    )
