"""Grants: permission for guarded calls in one block, of one task, in one thread.

A grant lives in thread-local storage and names its task, so neither a copied context nor an
inherited one carries it anywhere. Where a task alone does not tell (generators and callbacks), the
frame that holds the block does.
"""

# ruff: noqa: ANN401 - a decorator of functions passes on what they take and return

from __future__ import annotations

import contextlib
import functools
import inspect
import sys
import threading
import warnings
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from ginger_async_safe import _settings
from ginger_async_safe._frames import walk
from ginger_async_safe._patterns import Patterns
from ginger_async_safe.detect import async_context
from ginger_async_safe.exceptions import UnusedGrantWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import FrameType, TracebackType

    from ginger_async_safe.detect import AsyncContext

__all__ = ["Grant", "allow_async_unsafe", "grants_here", "matching_grant"]

_P = ParamSpec("_P")
_R = TypeVar("_R")

_SUSPENDABLE = inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR


class Grant:
    """One block in which a grant holds now.

    Attributes:
        reason: Why the calls are allowed.
        calls: Which calls are allowed.
        loop: What identifies the loop that ran the code when the block began, or ``None``.
        task: The task that entered the block, or ``None``.
        block: The frame that the block is in.
        home: The grants of the thread that entered the block.
        matched: How many calls it has allowed.
    """

    __slots__ = ("block", "calls", "home", "loop", "matched", "reason", "task")

    def __init__(
        self,
        reason: str,
        calls: Patterns,
        *,
        context: AsyncContext | None,
        block: FrameType | None,
        home: list[Grant],
    ) -> None:
        self.reason = reason
        self.calls = calls
        self.loop = None if context is None else context.loop
        self.task = None if context is None else context.task
        self.block = block
        self.home = home
        self.matched = 0

    def holds(self, context: AsyncContext, frame: FrameType | None) -> bool:
        """Tell whether code that runs now is inside the block.

        Args:
            context: The loop and task that run the code.
            frame: A frame of the code.
        """
        if self.loop is not context.loop or self.task is not context.task:
            return False
        if self.task is not None and not (self.block and self.block.f_code.co_flags & _SUSPENDABLE):
            return True
        # A generator may be suspended inside its block, and callbacks have no task to tell them
        # apart: there, the block must be among the callers.
        return any(each is self.block for each in walk(frame))


class _Here(threading.local):
    def __init__(self) -> None:
        self.grants: list[Grant] = []


_here = _Here()


class allow_async_unsafe(contextlib.AbstractContextManager["Grant"]):  # noqa: N801 - reads as a statement: with allow_async_unsafe(...)
    """Allow guarded calls in one block: of this task, in this thread, while the block runs.

    Use it with ``with``, with ``async with``, or as a decorator of a sync or async function. It
    does not reach into tasks, threads or callbacks that the block starts, nor past its end.

    Args:
        reason: Why; shown by :func:`~ginger_async_safe.explain`.
        calls: A pattern of the calls to allow, or several: ``"gingerdj.db.*"``.

    Raises:
        ConfigurationError: Where a pattern is malformed.
    """

    def __init__(self, *, reason: str = "", calls: str | Iterable[str] = "*") -> None:
        self.reason = reason
        self.calls = Patterns(calls)
        self._open: list[Grant] = []

    def __enter__(self) -> Grant:
        grant = Grant(
            self.reason,
            self.calls,
            context=async_context(),
            block=_frame_of_block(sys._getframe(1)),
            home=_here.grants,
        )
        self._open.append(grant)
        grant.home.append(grant)
        return grant

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # One object may be open in several threads: the block that ends is this thread's last one.
        grant = next((each for each in reversed(self._open) if each.home is _here.grants), self._open[-1])
        self._open.remove(grant)
        grant.home.remove(grant)
        grant.block = None
        if not grant.matched and _settings.current("report_unused_grants").value:
            what = f"allow_async_unsafe(reason={grant.reason!r}, calls={str(grant.calls)!r})"
            warnings.warn(f"{what} allowed no call: it can go", UnusedGrantWarning, stacklevel=2)

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
            TypeError: Where ``function`` is a generator function, or no function.
        """
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            msg = (
                f"allow_async_unsafe cannot decorate the generator function {function.__qualname__}, "
                "which runs in pieces; put `with allow_async_unsafe(...):` inside it"
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
    for grant in reversed(_here.grants):
        if grant.calls.match(call) and grant.holds(context, frame):
            grant.matched += 1
            return grant
    return None


def grants_here() -> tuple[Grant, ...]:
    """Return the grants that are open in this thread, the outermost first."""
    return tuple(_here.grants)


def _frame_of_block(frame: FrameType | None) -> FrameType | None:
    """Return the frame whose code is inside the block.

    That is not this library's own frame, nor one whose business is to enter context managers for
    its caller: contextlib's, an ``__enter__``, a generator under ``@contextmanager``.
    """
    while frame is not None:
        enters_for_caller = (
            frame.f_globals.get("__name__") in {__name__, "contextlib"}
            or frame.f_code.co_name in {"__enter__", "__aenter__"}
            or (
                frame.f_code.co_flags & _SUSPENDABLE
                and frame.f_back is not None
                and frame.f_back.f_globals.get("__name__") == "contextlib"
            )
        )
        if not enters_for_caller:
            return frame
        frame = frame.f_back
    return None
