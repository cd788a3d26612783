"""The error and the warning that this library's lowest modules use; :mod:`ginger_async_safe.exceptions` exports them."""

from __future__ import annotations

__all__ = ["ConfigurationError", "InternalErrorWarning"]


class ConfigurationError(ValueError):
    """A setting, a pattern or an environment variable has an invalid value."""


class InternalErrorWarning(RuntimeWarning):
    """Code of this library, or code given to it, failed inside a program's call: a rule, its condition, a supervisor.

    The call was allowed, as if it were not guarded. Each place warns once, and logs the traceback to the logger
    ``ginger_async_safe``. The warning is never raised as an exception, not even under ``-W error``.
    """
