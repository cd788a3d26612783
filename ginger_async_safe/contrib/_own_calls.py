"""Run the framework's own sync calls of an async request on the event loop, where they do not block.

At the start of each request the framework sends a signal, whose sync receivers it runs in a thread; at the end it
closes the response in a thread, which sends another signal. The framework's own receivers clean up database
connections, caches and the URLconf *of the thread*. A request that has no thread yet has none of these, so leasing a
thread would be useless; and while all threads are busy, an async view would have to wait for one.

These calls are internals of the framework. A call that this library does not recognise runs in a thread like any other,
and so does one that involves a receiver, a response class or a resource of the project.
"""

# ruff: noqa: ANN401 - the frameworks have no types

from __future__ import annotations

import asyncio
import functools
from concurrent.futures import Executor
from types import CodeType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any, TypeVar

from asgiref.sync import SyncToAsync
from typing_extensions import ParamSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ginger_async_safe.contrib._framework import Framework

__all__ = ["OwnCalls"]

_P = ParamSpec("_P")
_R = TypeVar("_R")


class OwnCalls:
    """Recognises the calls of a framework that need no thread.

    Args:
        framework: The framework.
    """

    def __init__(self, framework: Framework) -> None:
        signals, dispatch = framework.module("core.signals"), framework.module("dispatch.dispatcher")
        database, cache = framework.module("db"), framework.module("core.cache")
        self._finished = signals.request_finished
        self._caches = cache.caches
        self._request_closes = {
            framework.module("http").HttpRequest.close,
            framework.module("core.handlers.asgi").ASGIRequest.close,
        }
        self._close: object = framework.module("http.response").HttpResponseBase.close
        self._send: CodeType | None = _inner_code(dispatch.Signal.asend, "sync_send")
        self._receivers = {
            database.reset_queries,
            database.close_old_connections,
            cache.close_caches,
            framework.module("core.handlers.base").reset_urlconf,
        }

    def divert(self) -> None:
        """Run the framework's own calls of the current request on the loop, until the request has a thread."""
        context = SyncToAsync.thread_sensitive_context.get()
        executors = SyncToAsync.context_to_thread_executor
        executors[context] = _LoopFirst(executors[context], self)

    def is_signal(self, call: Any) -> bool:
        """Return whether a call sends a signal whose receivers are all the framework's own."""
        function = getattr(call, "func", None)
        if not isinstance(function, FunctionType) or function.__code__ is not self._send:
            return False
        cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
        return "sync_receivers" in cells and self._are_own(cells["sync_receivers"].cell_contents)

    def is_close(self, call: Any) -> bool:
        """Return whether a call closes a response that has nothing to close except a request without files."""
        method = getattr(call, "func", None)
        if not isinstance(method, MethodType) or method.__func__ is not self._close:
            return False
        response: Any = method.__self__
        try:
            sync_receivers, async_receivers = self._finished._live_receivers(response._handler_class)
            return (
                not async_receivers
                and self._are_own(sync_receivers)
                and all(map(self._closes_nothing, response._resource_closers))
                and not self._caches.all(initialized_only=True)
            )
        except (AttributeError, TypeError):  # a version of the framework with other internals
            return False

    def _are_own(self, receivers: Iterable[object]) -> bool:
        return all(receiver in self._receivers for receiver in receivers)

    def _closes_nothing(self, closer: Any) -> bool:
        is_of_request = isinstance(closer, MethodType) and closer.__func__ in self._request_closes
        return is_of_request and not hasattr(closer.__self__, "_files")


class _LoopFirst(Executor):
    """An executor that runs the framework's own calls on the loop until the first other call.

    Args:
        executor: Runs the other calls in a thread.
        own: Recognises the framework's own calls.
    """

    def __init__(self, executor: Executor, own: OwnCalls) -> None:
        self._executor = executor
        self._own = own
        self._has_thread = False
        self._beginning: list[Callable[[], object]] = []

    def submit(self, function: Callable[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> Any:
        """Run a call: on the loop, or in a thread."""
        call = _call_in(function)
        if not self._has_thread:
            if self._own.is_signal(call):
                self._beginning.append(call)
                return _made(call)
            if self._own.is_close(call):
                return _made(call)
            self._has_thread = True
            for each in self._beginning:  # again in the thread, for its connections of earlier requests
                self._executor.submit(each)
        return self._executor.submit(function, *args, **kwargs)


def _call_in(function: Any) -> Any:
    """Return the call inside the function that asgiref passes to an executor: the last argument of its wrapper."""
    if isinstance(function, functools.partial) and function.args:
        return function.args[-1]
    return None


def _made(call: Callable[[], object]) -> asyncio.Future[object]:
    """Make a call, and return a future with its result or error."""
    future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
    try:
        future.set_result(call())
    except Exception as error:  # noqa: BLE001 - raised where the future is awaited
        future.set_exception(error)
    return future


def _inner_code(function: FunctionType, name: str) -> CodeType | None:
    """Return the code of the named inner function of a function, or ``None``."""
    codes = (each for each in function.__code__.co_consts if isinstance(each, CodeType))
    return next((each for each in codes if each.co_name == name and "sync_receivers" in each.co_freevars), None)
