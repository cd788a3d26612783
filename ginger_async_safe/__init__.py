"""Guard a program's event loops against blocking code.

Mark what blocks with :func:`async_unsafe`; where a running event loop waits for such a call, it is stopped with a
:class:`SynchronousOnlyOperation` that says which call, where, and how to mend it.
"""

from ginger_async_safe._explain import explain
from ginger_async_safe._version import __version__
from ginger_async_safe.decorators import async_unsafe
from ginger_async_safe.detect import current_async_library, in_async_context
from ginger_async_safe.exceptions import (
    AsyncUnsafeWarning,
    ConfigurationError,
    ConfigurationWarning,
    SynchronousOnlyOperation,
    UnusedGrantWarning,
)
from ginger_async_safe.policy import Grant, add_listener, allow_async_unsafe, configure, remove_listener
from ginger_async_safe.violation import Place, Violation

__all__ = [
    "AsyncUnsafeWarning",
    "ConfigurationError",
    "ConfigurationWarning",
    "Grant",
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
    "in_async_context",
    "remove_listener",
]
