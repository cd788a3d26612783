"""Failures of this library's own code inside a program's call: they are reported, and never raised in the program.

Each place is reported once: with its traceback on the logger ``ginger_async_safe``, and as a warning. The program's call
then continues as if it were not guarded.
"""

from __future__ import annotations

import functools
import logging
import signal
import traceback
import warnings
from contextlib import AbstractContextManager, suppress
from typing import TYPE_CHECKING

from ginger_async_safe._runtime.errors import InternalErrorWarning

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["containing", "forget_reported", "report_failure", "reported"]

_OUT_OF_RESOURCES = (RecursionError, MemoryError)
"""The program is out of stack or memory: not a fault of this library, and a report would need more of both."""

_logger = logging.getLogger("ginger_async_safe")
_reported: dict[str, object] = {}


def report_failure(what: str, error: Exception, but: str = "the program's call was allowed") -> None:
    """Report a failure of this library's own code, once per place. Warning filters cannot turn the report into an error.

    Args:
        what: What failed, with the name of the rule or call that was being checked. It identifies the place.
        error: The exception that was caught.
        but: What happened instead, as the end of the message.

    Raises:
        Exception: ``error`` itself, where a signal handler of the program raised it, as for a time limit.
    """
    if _is_of_signal(error):
        raise error
    token = object()
    if isinstance(error, _OUT_OF_RESOURCES) or _reported.setdefault(what, token) is not token:
        return
    message = (
        f"{what} failed ({_in_a_line(error)}), and {but}; unless the code that failed is your own, please report this "
        "to the developers of ginger_async_safe, with the traceback that is logged"
    )
    place = _place_of(error)
    # A log handler or a warning filter may raise. Nothing is left then to report that to.
    with suppress(Exception):
        _logger.error("%s", message, exc_info=error)
    with suppress(Exception):
        warnings.warn_explicit(message, InternalErrorWarning, *place)


def reported() -> tuple[str, ...]:
    """Return the places that were reported, in order."""
    return tuple(_reported)


def forget_reported() -> None:
    """Report each place again."""
    _reported.clear()


class containing(AbstractContextManager[None]):  # noqa: N801 - reads as a statement: with containing("the rule ..."):
    """Report an exception in a block, and continue after it. ``KeyboardInterrupt`` and the like are not caught.

    Args:
        what: As :func:`report_failure` takes it.
        but: As :func:`report_failure` takes it.
    """

    __slots__ = ("_but", "_what")

    def __init__(self, what: str, but: str = "the program went on") -> None:
        self._what = what
        self._but = but

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception) or _is_of_signal(error):
            return False
        report_failure(self._what, error, self._but)
        return True


def _is_of_signal(error: Exception) -> bool:
    """Return whether a signal handler raised an error: it then appears in whatever code was running at the time."""
    handlers = {_code_of(signal.getsignal(each)) for each in signal.valid_signals()} - {None}
    step = error.__traceback__ if handlers else None
    while step is not None and step.tb_frame.f_code not in handlers:
        step = step.tb_next
    return step is not None


def _code_of(handler: object) -> object:
    """Return the code of a signal handler, or ``None`` where it has none in Python."""
    while isinstance(handler, functools.partial):
        handler = handler.func
    function = getattr(handler, "__func__", handler)
    return getattr(function, "__code__", None) or getattr(vars(type(function)).get("__call__"), "__code__", None)


def _in_a_line(error: Exception) -> str:
    """Return class and message of an error in one line, with a placeholder where ``str(error)`` itself fails."""
    return " ".join(traceback.format_exception_only(type(error), error)[-1].split())


def _place_of(error: Exception) -> tuple[str, int]:
    """Return file and line of the code that failed."""
    innermost = error.__traceback__
    while innermost is not None and innermost.tb_next is not None:
        innermost = innermost.tb_next
    if innermost is None:
        return "<ginger_async_safe>", 0
    return innermost.tb_frame.f_code.co_filename, innermost.tb_lineno
