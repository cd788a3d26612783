"""Grants: permission for guarded calls in one block, of one task, in one thread.

A grant lives in thread-local storage and names its task, so neither a copied context nor an
inherited one carries it anywhere. A task alone does not tell whether the block runs, since code can be
suspended inside it (generators, coroutines, greenlets): the frame that the block is in does.
"""

# ruff: noqa: ANN401 - a decorator of functions passes on what they take and return

from __future__ import annotations

import contextlib
import functools
import inspect
import opcode
import sys
import threading
import warnings
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from ginger_async_safe import _settings
from ginger_async_safe._frames import walk
from ginger_async_safe._patterns import Patterns
from ginger_async_safe.detect import async_context
from ginger_async_safe.exceptions import ConfigurationError, UnusedGrantWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import FrameType, TracebackType

    from ginger_async_safe.detect import AsyncContext

__all__ = ["Grant", "StandingGrant", "allow_async_unsafe", "grants_here", "matching_grant", "name_of_place", "watchers"]

_P = ParamSpec("_P")
_R = TypeVar("_R")

_GENERATOR = inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR


class Grant:
    """One block in which a grant holds now.

    Attributes:
        reason: Why the calls are allowed.
        calls: Which calls are allowed.
        loop: What identifies the loop that ran the code when the block began, or ``None``.
        task: The task that entered the block, or ``None``.
        blocks: The frame that the block is in, and that of the generator which called it, if one did; none
            once the block has ended.
        home: The grants of the thread that entered the block.
        matched: How many calls it has allowed.
    """

    __slots__ = ("blocks", "calls", "home", "loop", "matched", "reason", "task")

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

    def holds(self, context: AsyncContext, frame: FrameType | None) -> bool:
        """Tell whether code that runs now is inside the block.

        Args:
            context: The loop and task that run the code.
            frame: A frame of the code.
        """
        if self.loop is not context.loop or self.task is not context.task:
            return False
        callers = set(context.frames(frame))
        for block in self.blocks:
            if block in callers:
                return True
            if not _has_returned(block):
                return False
        # Functions may leave a block open for those who called them, on an exit stack. For which
        # callback they did, nothing would tell: callbacks have no task.
        return self.task is not None and bool(self.blocks)


class StandingGrant(Grant):
    """A grant that no block bounds: it holds everywhere in the process, from :meth:`open` to :meth:`close`.

    For a test runner, whose tests run code in tasks and threads that are not of its making.
    """

    __slots__ = ()

    def __init__(self, reason: str, calls: Patterns) -> None:
        super().__init__(reason, calls, context=None, blocks=(), home=_standing)

    def holds(self, context: AsyncContext, frame: FrameType | None) -> bool:
        """Return true."""
        del context, frame
        return True

    def open(self) -> None:
        """Let it hold from now on."""
        self.home.append(self)

    def close(self) -> None:
        """Let it hold no longer."""
        self.home.remove(self)


class _Here(threading.local):
    def __init__(self) -> None:
        self.grants: list[Grant] = []


_here = _Here()
_standing: list[Grant] = []

watchers: list[Callable[[Grant, str], object]] = []
"""Told of each block that ends: its grant, and the qualified name of the function that the block is in."""


class allow_async_unsafe(contextlib.AbstractContextManager["Grant"]):  # noqa: N801 - reads as a statement: with allow_async_unsafe(...)
    """Allow guarded calls in one block: of this task, in this thread, while the block runs.

    Use it with ``with``, with ``async with``, or as a decorator of a sync or async function. It
    does not reach into tasks, threads or callbacks that the block starts, nor past its end. A
    helper that enters it for its caller, with ``contextlib.contextmanager`` or an exit stack,
    grants its caller's block. ``with … as grant`` gives the :class:`Grant`, whose ``matched``
    counts the calls that it has allowed.

    Args:
        reason: Why; shown by :func:`~ginger_async_safe.explain`.
        calls: A pattern of the calls to allow, or several: ``"gingerdj.db.*"``.

    Raises:
        ConfigurationError: Where a pattern is malformed.
    """

    def __init__(self, *, reason: str = "", calls: str | Iterable[str] = "*") -> None:
        self.reason: str = reason
        self.calls: Patterns = Patterns(calls)
        self._open: list[Grant] = []

    def __enter__(self) -> Grant:
        context = async_context()
        blocks = _frames_of_block(context, sys._getframe(1))
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
        blocks, grant.blocks = grant.blocks, ()  # frames keep local variables alive
        for watcher in tuple(watchers):
            watcher(grant, name_of_place(blocks))
        # A block that failed may not have come to the call that it is for.
        if exc_type is None and not grant.matched and _reports_unused():
            _report_unused(grant, _place_of(blocks))

    def _ending(self, frame: FrameType | None) -> Grant:
        """Return the grant whose block ends in ``frame``, of those that this object holds.

        One object may be open in many threads and tasks at once, and a generator may end its block
        in another than it began. The frame of the block tells best, then the thread and the task.
        """
        context = async_context()
        blocks = _frames_of_block(context, frame)
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
        """Hold the grant whenever ``function`` runs.

        Raises:
            TypeError: Where ``function`` is a generator function, a class, or no function.
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
    """Return the innermost grant that allows a call here, after counting the call for it.

    Args:
        call: The qualified name of the guarded call.
        context: The loop and task that make it.
        frame: The frame that makes it.
    """
    for grant in reversed((*_standing, *_here.grants)):
        if grant.calls.match(call) and grant.holds(context, frame):
            grant.matched += 1
            return grant
    return None


def grants_here() -> tuple[Grant, ...]:
    """Return the grants that are open in this thread, the outermost first."""
    return (*_standing, *_here.grants)


def _frames_of_block(context: AsyncContext | None, frame: FrameType | None) -> tuple[FrameType, ...]:
    """Return the frame whose code is inside the block, and that of the generator which called it, if one did.

    No more: a frame that is kept keeps what is in its local variables, such as a forgotten generator
    that would otherwise end its block.
    """
    frames = list(walk(frame) if context is None else context.frames(frame))
    users = [each for each in frames if not _enters_for_caller(each)] or frames[-1:]
    generators = [each for each in users if each.f_code.co_flags & _GENERATOR]
    return (*users[:1], *generators[:1])


def _enters_for_caller(frame: FrameType) -> bool:
    """Tell whether a frame's business is to enter and leave context managers for its caller.

    Such are contextlib's, an ``__enter__`` or ``__exit__``, a generator under ``@contextmanager``.
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
    """Tell whether a frame that is not on the stack is done, and not only suspended."""
    return opcode.opname[frame.f_code.co_code[frame.f_lasti]] in {"RETURN_VALUE", "RETURN_CONST"}


def _reports_unused() -> bool:
    try:
        reports: bool = _settings.current("report_unused_grants").value
    except ConfigurationError:  # no fault of the code in the block; the next violation tells of it
        return False
    return reports


def _place_of(blocks: tuple[FrameType, ...]) -> FrameType | None:
    """Return the frame of the user's code that a block is in."""
    callers = walk(blocks[0] if blocks else None)
    return next((each for each in callers if each.f_globals is not globals()), None)


def name_of_place(blocks: tuple[FrameType, ...]) -> str:
    """Name the function that a block is in, or that a grant decorates."""
    decorated = blocks[0].f_locals.get("function") if blocks and blocks[0].f_globals is globals() else None
    if decorated is not None:
        return f"{decorated.__module__}.{decorated.__qualname__}"
    place = _place_of(blocks)
    if place is None:
        return "a block that is gone"
    return f"{place.f_globals.get('__name__')}.{getattr(place.f_code, 'co_qualname', place.f_code.co_name)}"


def _report_unused(grant: Grant, place: FrameType | None) -> None:
    """Warn of a grant that allowed nothing, at the line of the user's code that its block ends on."""
    warnings.warn_explicit(
        f"allow_async_unsafe(reason={grant.reason!r}, calls={str(grant.calls)!r}) allowed no call: it can go",
        UnusedGrantWarning,
        filename=__file__ if place is None else place.f_code.co_filename,
        lineno=0 if place is None else place.f_lineno or 0,
        registry=None if place is None else place.f_globals.setdefault("__warningregistry__", {}),
    )
