"""The objects behind the fixtures ``assert_async_unsafe`` and ``assert_async_safe``."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
from collections import Counter
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec, TypeVar

import pytest

from ginger_async_safe import policy
from ginger_async_safe._runtime import tested_calls
from ginger_async_safe.detect import async_context, in_async_context
from ginger_async_safe.exceptions import SynchronousOnlyOperation
from ginger_async_safe.policy import grants
from ginger_async_safe.pytest_plugin.reports import headline, in_full
from ginger_async_safe.pytest_plugin.supervisor import RecordingSupervisor

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from ginger_async_safe.policy import PolicyName
    from ginger_async_safe.violation import Place, Violation

__all__ = ["PATIENCE", "AssertAsyncSafe", "AssertAsyncUnsafe", "is_report"]

_P = ParamSpec("_P")
_R = TypeVar("_R")

PATIENCE = 60.0
"""How many seconds ``assert_async_unsafe`` waits for a call in a thread, while it blocks the loop of an async test."""

_REPORT = "reports_violations"
_OUTCOMES = (Exception, pytest.fail.Exception, pytest.skip.Exception)
_ENDS = (KeyboardInterrupt, SystemExit, pytest.exit.Exception)

tested_calls.makers |= {(__name__, "_on_loop"), (__name__, "in_task")}


class _ThreadSupervisor(RecordingSupervisor):
    """Make guarded calls of this thread raise; calls in other threads are not affected."""

    def __init__(self) -> None:
        super().__init__("raise")
        self._thread = threading.get_ident()

    def rule(self, violation: Violation) -> PolicyName | None:
        return super().rule(violation) if threading.get_ident() == self._thread else None

    def allowed(self, call: str, by: str) -> None:
        if threading.get_ident() == self._thread:
            super().allowed(call, by)


class AssertAsyncUnsafe:
    """Assert that a call is guarded, and that it works off the event loop."""

    def __call__(self, call: Callable[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Make a call twice: on a running event loop, where it must raise, and off the loop, where it must succeed.

        In a sync test the first call runs in a task of a new loop, and the second one in the test's thread. In an async
        test the first call runs on the test's loop, and the second one in a new thread, while that loop is blocked.

        Args:
            call: The function to call; not an ``async def`` one.
            *args: Its arguments.
            **kwargs: Its keyword arguments.

        Returns:
            The result of the second call.

        Raises:
            pytest.fail.Exception: If the first call is not stopped, or the second one fails.
        """
        __tracebackhide__ = True
        name = getattr(call, "__qualname__", type(call).__qualname__)
        before = {grant: grant.matched for grant in grants.grants_here()}
        supervisor = _ThreadSupervisor()
        with supervisor:
            try:
                result = _on_loop(call, args, kwargs)
            except SynchronousOnlyOperation:
                is_stopped = bool(supervisor.violations)
            except Exception as error:  # noqa: BLE001 - it is the cause of the failure
                _fail_otherwise(name, error, supervisor)
            else:
                is_stopped = False
                _refuse_coroutine(name, result)
        if not is_stopped:
            used = [grant for grant in grants.grants_here() if grant.matched > before.get(grant, 0)]
            pytest.fail(f"{name} was not stopped on a running event loop: {_why(supervisor, used)}")
        try:
            return _off_loop(name, call, args, kwargs)
        except Exception as error:
            msg = (
                f"{name} is stopped on a running event loop, but does not work off it: {type(error).__name__}: {error}"
            )
            raise pytest.fail.Exception(msg) from error


def _on_loop(call: Callable[..., object], args: tuple[Any, ...], kwargs: dict[str, Any]) -> object:
    if in_async_context():
        return call(*args, **kwargs)

    async def in_task() -> object:
        return call(*args, **kwargs)

    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(in_task())
    finally:
        loop.close()


def _off_loop(name: str, call: Callable[..., _R], args: tuple[Any, ...], kwargs: dict[str, Any]) -> _R:
    __tracebackhide__ = True
    if not in_async_context():
        return call(*args, **kwargs)
    future: Future[_R] = Future()
    context = contextvars.copy_context()

    def run() -> None:
        try:
            future.set_result(context.run(call, *args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - future.result() raises it
            future.set_exception(error)

    thread = threading.Thread(target=run, name=f"assert_async_unsafe {name}", daemon=True)
    thread.start()
    thread.join(PATIENCE)
    if thread.is_alive():
        pytest.fail(
            f"{name} did not return within {PATIENCE:g} seconds in a thread; "
            "if it needs this test's loop, which is blocked meanwhile, assert this in a sync test"
        )
    return future.result()


def _refuse_coroutine(name: str, result: object) -> None:
    __tracebackhide__ = True
    if inspect.isawaitable(result):
        if inspect.iscoroutine(result):
            result.close()
        pytest.fail(f"{name} returns an awaitable; assert_async_unsafe takes the sync function that blocks")


def _fail_otherwise(name: str, error: Exception, supervisor: _ThreadSupervisor) -> NoReturn:
    __tracebackhide__ = True
    kind = f"{type(error).__module__}.{type(error).__name__}"
    msg = f"{name} raised {kind} on a running event loop, before a guarded call"
    if supervisor.violations:
        msg = (
            f"{name} was stopped on a running event loop, but replaced the error by {kind}; "
            f"let SynchronousOnlyOperation propagate\n{supervisor.violations[0]}"
        )
    elif type(error).__name__ == "SynchronousOnlyOperation":
        msg += "; this is the error of its framework's own guard: add the app of ginger_async_safe.contrib to INSTALLED_APPS"
    raise pytest.fail.Exception(msg) from error


def _why(supervisor: _ThreadSupervisor, used: list[grants.Grant]) -> str:
    if supervisor.violations:
        return f"the error was swallowed\n{supervisor.violations[0]}"
    if used:
        return f"a grant allows it ({used[0].reason or 'no reason given'})"
    if supervisor.allowed_by:
        call, by = next(iter(supervisor.allowed_by.items()))
        return f"{call} is allowed by {by}"
    return "it makes no guarded call; put @async_unsafe on the function that blocks"


def is_report(error: BaseException) -> bool:
    """Return whether an error is a failure of ``assert_async_safe``, whose text is a report of violations."""
    return hasattr(error, _REPORT)


def _failure(text: str) -> BaseException:
    failure = pytest.fail.Exception(text)
    setattr(failure, _REPORT, True)
    return failure


class AssertAsyncSafe:
    """Assert that a block makes no guarded call in an async context.

    Use it with ``with`` or ``async with``. It covers all tasks and threads, errors that the code swallows, and calls that
    a policy or the escape hatch allows. What a grant or the setting ``allow`` permits is not a violation. If the block is
    cancelled, the failure is raised at the end of the test.
    """

    def __init__(self) -> None:
        self._open: dict[tuple[int, object], list[RecordingSupervisor]] = {}
        self._late: list[str] = []

    def __enter__(self) -> None:
        supervisor = RecordingSupervisor()
        supervisor.__enter__()
        self._open.setdefault(_here(), []).append(supervisor)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Fail if the block made a guarded call.

        Raises:
            pytest.fail.Exception: If it did.
        """
        __tracebackhide__ = True
        supervisor = self._open[_here()].pop()
        supervisor.__exit__(kind, error, traceback)
        text = _report(supervisor)
        if text is None or isinstance(error, _ENDS):
            return
        if error is None or isinstance(error, _OUTCOMES):
            raise _failure(text) from error
        self._late.append(text)  # a cancellation must propagate

    async def __aenter__(self) -> None:
        self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        self.__exit__(kind, error, traceback)

    def end(self) -> None:
        """Fail if a block that was cancelled made a guarded call.

        Raises:
            pytest.fail.Exception: If one did.
        """
        __tracebackhide__ = True
        if self._late:
            raise _failure("\n\n".join(self._late))


def _here() -> tuple[int, object]:
    """Return the current thread and task: several of them may have a block open at once."""
    context = async_context()
    return threading.get_ident(), None if context is None else context.task


def _report(supervisor: RecordingSupervisor) -> str | None:
    first: dict[tuple[str, Place | None], Violation] = {}
    for violation in supervisor.violations:
        first.setdefault((violation.call, violation.called_at), violation)
    counts = Counter((violation.call, violation.called_at) for violation in supervisor.violations)
    texts = list(in_full((violation, counts[site]) for site, violation in first.items()))
    if first:
        texts.insert(0, headline(list(first.values())))
    texts += [
        f"{call} was allowed by the escape hatch; close it for this test"
        for call, by in supervisor.allowed_by.items()
        if by == policy.ESCAPE_HATCH
    ]
    return "\n\n".join(texts) if texts else None
