"""Guard a program's event loops against blocking code.

Mark blocking functions with :func:`async_unsafe`. A call of one where a running event loop waits for it is stopped with
a :class:`SynchronousOnlyOperation` that says which call, where, and how to fix it.

PYTEST_DONT_REWRITE: no module here uses ``assert``, and under ``ginger-async-safe run`` they are imported before pytest.
"""

from typing import TYPE_CHECKING, Any

from ginger_async_safe._version import __version__

if TYPE_CHECKING:
    from ginger_async_safe.blocking import BlockingCall, BlockingGuard, guard_blocking_calls
    from ginger_async_safe.contrib.ipython import load_ipython_extension, unload_ipython_extension
    from ginger_async_safe.decorators import async_unsafe
    from ginger_async_safe.detect import current_async_library, in_async_context
    from ginger_async_safe.exceptions import (
        AsyncUnsafeWarning,
        ConfigurationError,
        ConfigurationWarning,
        InternalErrorWarning,
        SynchronousOnlyOperation,
        UnusedGrantWarning,
    )
    from ginger_async_safe.monitor import BlockedLoop, LoopWatch, watch_loops
    from ginger_async_safe.policy import Grant, add_listener, allow_async_unsafe, configure, explain, remove_listener
    from ginger_async_safe.violation import Place, Violation

__all__ = [
    "AsyncUnsafeWarning",
    "BlockedLoop",
    "BlockingCall",
    "BlockingGuard",
    "ConfigurationError",
    "ConfigurationWarning",
    "Grant",
    "InternalErrorWarning",
    "LoopWatch",
    "Place",
    "SynchronousOnlyOperation",
    "UnusedGrantWarning",
    "Violation",
    "__version__",
    "add_listener",
    "allow_async_unsafe",
    "async_unsafe",
    "configure",
    "current_async_library",
    "explain",
    "guard_blocking_calls",
    "in_async_context",
    "load_ipython_extension",
    "remove_listener",
    "unload_ipython_extension",
    "watch_loops",
]

_HOMES = {
    "BlockingCall": "blocking",
    "BlockingGuard": "blocking",
    "guard_blocking_calls": "blocking",
    "load_ipython_extension": "contrib.ipython",
    "unload_ipython_extension": "contrib.ipython",
    "async_unsafe": "decorators",
    "current_async_library": "detect",
    "in_async_context": "detect",
    "AsyncUnsafeWarning": "exceptions",
    "ConfigurationError": "exceptions",
    "ConfigurationWarning": "exceptions",
    "InternalErrorWarning": "exceptions",
    "SynchronousOnlyOperation": "exceptions",
    "UnusedGrantWarning": "exceptions",
    "BlockedLoop": "monitor",
    "LoopWatch": "monitor",
    "watch_loops": "monitor",
    "Grant": "policy",
    "add_listener": "policy",
    "allow_async_unsafe": "policy",
    "configure": "policy",
    "explain": "policy",
    "remove_listener": "policy",
    "Place": "violation",
    "Violation": "violation",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - each name has a type of its own, above
    """Import a public name at its first use: pytest loads the plugin in every project, so importing must be cheap."""
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module  # noqa: PLC0415

    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
