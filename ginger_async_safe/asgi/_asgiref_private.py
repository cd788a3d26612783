"""All undocumented names of asgiref that this library uses, and a check of whether it supports the installed asgiref.

A missing name is ``None`` here, so that importing this module never fails: call :func:`difference` before using one.
"""

from __future__ import annotations

import threading
from types import CodeType
from typing import TYPE_CHECKING, Any, Final

import asgiref
import asgiref.sync
from asgiref.sync import AsyncToSync, SyncToAsync

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asgiref.sync import ThreadSensitiveContext

__all__ = [
    "context_to_thread_executor",
    "difference",
    "executors",
    "forget_exit",
    "restore_context",
    "thread_sensitive_context",
    "threadlocal",
    "version",
]

# Used by the fast hop, which replaces asgiref's sync_to_async.

restore_context: Final[Any] = getattr(asgiref.sync, "_restore_context", None)
"""Sets the variables of a context in the current one, and rebinds asgiref's Locals in it to the current thread."""

threadlocal: Final[Any] = getattr(SyncToAsync, "threadlocal", None)
"""The thread-local state by which ``async_to_sync`` finds the loop."""

# Used by LeasedThreads instead of ThreadSensitiveContext(executor=...), which asgiref has since 3.13.

thread_sensitive_context: Final[Any] = getattr(SyncToAsync, "thread_sensitive_context", None)
"""The context variable that holds the active ThreadSensitiveContext."""

context_to_thread_executor: Final[Any] = getattr(SyncToAsync, "context_to_thread_executor", None)
"""The executor of each ThreadSensitiveContext."""

executors: Final[Any] = getattr(AsyncToSync, "executors", None)
"""Its ``current`` is the executor of the thread that waits in ``async_to_sync``."""

# The functions of asgiref that the fast hop replaces or relies on, with every name that they use in the versions that
# it was written for, 3.12.1 and 3.13.0. The names are the same on every Python version.
_KNOWN: dict[str, frozenset[str]] = {
    "_restore_context": frozenset({"LookupError", "_Storage", "_rehome", "get", "isinstance", "set"}),
    "SyncToAsync.__call__": frozenset(
        {
            *("AsyncToSync", "Callable", "CancelledError", "IndexError", "RuntimeError", "ThreadPoolExecutor", "_R"),
            *("_executor", "_exited", "_restore_context", "_thread_sensitive", "asyncio", "cancel", "context"),
            *("context_to_thread_executor", "contextvars", "copy_context", "deadlock_context", "done", "exc_info"),
            *("executors", "func", "functools", "get", "get_running_loop", "getattr", "loop_thread_executors"),
            *("partial", "run", "run_in_executor", "set", "shield", "single_thread_executor", "sys"),
            *("thread_handler", "thread_sensitive_context"),
        }
    ),
    "SyncToAsync.thread_handler": frozenset(
        {"BaseException", "getpid", "main_event_loop", "main_event_loop_pid", "os", "task_context", "threadlocal"}
    ),
    "AsyncToSync.__call__": frozenset(
        {
            *("CurrentThreadExecutor", "Future", "RuntimeError", "SyncToAsync", "ThreadPoolExecutor"),
            *("_restore_context", "async_single_thread_context", "asyncio", "awaitable", "call_soon_threadsafe"),
            *("context_to_thread_executor", "contextvars", "copy_context", "create_task", "current", "exc_info"),
            *("executors", "force_new_loop", "get", "get_running_loop", "getattr", "getpid", "loop_thread_executors"),
            *("main_wrap", "os", "result", "run", "run_until_future", "submit", "sys", "threadlocal"),
        }
    ),
    "AsyncToSync.main_wrap": frozenset(
        {
            *("BaseException", "_restore_context", "append", "asyncio", "contextvars", "copy_context"),
            *("current_task", "remove", "set_exception", "set_result"),
        }
    ),
}


_NEW = frozenset({"_exited"})  # used by thread-sensitive calls since 3.13.0


def difference() -> str | None:
    """Return how the installed asgiref differs from the versions that the fast hop supports; ``None`` if it does not.

    The check compares the names that asgiref's functions use, and not the version: an asgiref that other tools have
    patched is not supported either.
    """
    for path, known in _KNOWN.items():
        code = getattr(_found(path), "__code__", None)
        if not isinstance(code, CodeType):
            return f"{path} is no plain function there"
        names = set(_names(code))
        if names - known:
            return f"{path} uses {min(names - known)} there"
        if known - names - _NEW:
            return f"{path} does not use {min(known - names - _NEW)} there"
    if not isinstance(threadlocal, threading.local):
        return "SyncToAsync.threadlocal is missing there"
    return None


def forget_exit(context: ThreadSensitiveContext) -> None:
    """Let tasks that outlive a context continue, as after one without an executor; asgiref 3.13 refuses them."""
    context._exited = False


def version() -> str:
    """Return the version of the installed asgiref."""
    return str(getattr(asgiref, "__version__", "of no known version"))


def _found(path: str) -> object:
    found: object = asgiref.sync
    for name in path.split("."):
        found = vars(found).get(name)
    return found


def _names(code: CodeType) -> Iterator[str]:
    """Yield the names that a function and its inner functions use, except local variables."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
