"""The errors and warnings of this library, one class for each case that a caller would handle differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe._runtime.errors import ConfigurationError, InternalErrorWarning

if TYPE_CHECKING:
    from typing_extensions import Self

    from ginger_async_safe.violation import Violation

__all__ = [
    "AsyncUnsafeWarning",
    "ConfigurationError",
    "ConfigurationWarning",
    "InternalErrorWarning",
    "SynchronousOnlyOperation",
    "UnusedGrantWarning",
]

ConfigurationError.__module__ = InternalErrorWarning.__module__ = __name__  # tracebacks show the public module


class SynchronousOnlyOperation(Exception):  # noqa: N818 - the name that GingerDJ and Django users know
    """A guarded call was made in an async context, and was stopped before it ran.

    ``str(error)`` starts with the message, so code that matches on it keeps working; the lines after it are the
    report: which call, where, in which async function and task, and how to fix it.

    Args:
        message: What is wrong, in one sentence.
        violation: The record of the call, or ``None`` where the error was created by hand.

    Attributes:
        message: The message, without the report.
        violation: The record of the call, or ``None``.
    """

    message: str
    violation: Violation | None

    def __init__(self, message: str = "", violation: Violation | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.violation = violation

    def __str__(self) -> str:
        if self.violation is None:
            return self.message
        return "\n".join((self.message, *self.violation.lines()))

    def __reduce__(self) -> tuple[type[Self], tuple[str, Violation | None]]:
        return type(self), (self.message, self.violation)


class AsyncUnsafeWarning(RuntimeWarning):
    """A guarded call ran in an async context, and the policy is ``warn``."""


class ConfigurationWarning(UserWarning):
    """The escape hatch has an invalid value, which allows nothing; or a guard found its calls replaced at removal."""


class UnusedGrantWarning(UserWarning):
    """An ``allow_async_unsafe`` block ended without having allowed any call, and ``report_unused_grants`` is on."""
