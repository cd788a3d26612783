"""The errors and warnings of this library, one class for each thing a caller would do differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self

    from ginger_async_safe.violation import Violation

__all__ = [
    "AsyncUnsafeWarning",
    "ConfigurationError",
    "ConfigurationWarning",
    "SynchronousOnlyOperation",
    "UnusedGrantWarning",
]


class SynchronousOnlyOperation(Exception):  # noqa: N818 - the name that GingerDJ and Django users know
    """A guarded call was made in an async context, and was stopped before it ran.

    ``str(error)`` starts with the bare message, so code that matches on it keeps working; the
    lines after it say which call, where, on whose behalf, and how to mend it.

    Args:
        message: What is wrong, in one sentence.
        violation: The record of the call, or ``None`` where the error was built by hand.

    Attributes:
        message: As given.
        violation: As given.
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


class ConfigurationError(ValueError):
    """A setting, a pattern or an environment variable cannot be used as it stands."""


class AsyncUnsafeWarning(RuntimeWarning):
    """A guarded call ran in an async context, and the policy is ``warn``."""


class ConfigurationWarning(UserWarning):
    """A value was not understood, and the safe reading of it was taken."""


class UnusedGrantWarning(UserWarning):
    """An ``allow_async_unsafe`` block ended without having allowed any call, and ``report_unused_grants`` is on."""
