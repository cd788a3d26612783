"""What the fixtures give that assert: ``assert_async_unsafe`` and ``assert_async_safe``."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
from collections import Counter
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec, TypeVar

import pytest

from ginger_async_safe import _grants, policy
from ginger_async_safe.detect import async_context, in_async_context
from ginger_async_safe.exceptions import SynchronousOnlyOperation
from ginger_async_safe.pytest_plugin.listening import Listener
from ginger_async_safe.pytest_plugin.reports import headline, in_full

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from ginger_async_safe.policy import PolicyName
    from ginger_async_safe.violation import Place, Violation

__all__ = ["PATIENCE", "AssertAsyncSafe", "AssertAsyncUnsafe", "is_report"]

_P = ParamSpec("_P")
_R = TypeVar("_R")

PATIENCE = 60.0
"""Seconds until ``assert_async_unsafe`` gives up on a call in a thread, while the loop of an async test waits for it."""

_REPORT = "reports_violations"
_OUTCOMES = (Exception, pytest.fail.Exception, pytest.skip.Exception)
_ENDS = (KeyboardInterrupt, SystemExit, pytest.exit.Exception)


class _Trial(Listener):
    """Has guarded calls of this thread raise, and leaves those of others alone."""

    def __init__(self) -> None:
        super().__init__("raise")
        self._thread = threading.get_ident()

    def rule(self, violation: Violation) -> PolicyName | None:
        return super().rule(violation) if threading.get_ident() == self._thread else None

    def allowed(self, call: str, by: str) -> None:
        if threading.get_ident() == self._thread:
            super().allowed(call, by)


class AssertAsyncUnsafe:
    """Asserts that a call is guarded, and works all the same where it may."""

    def __call__(self, call: Callable[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Make a call on a running event loop, where it must be stopped, and off it, where it must not.

        In a sync test the first one runs in a task of a new loop, and the second one here. In an async test
        the first one runs here, and the second one in a new thread, while the test's loop waits.

        Args:
            call: What is to be called: a function, not an ``async def`` one.
            *args: Its arguments.
            **kwargs: Its keyword arguments.

        Returns:
            What it returns off the loop.

        Raises:
            pytest.fail.Exception: Where one of the two goes otherwise.
        """
        __tracebackhide__ = True
        name = getattr(call, "__qualname__", type(call).__qualname__)
        before = {grant: grant.matched for grant in _grants.grants_here()}
        trial = _Trial()
        with trial:
            try:
                result = _on_loop(call, args, kwargs)
            except SynchronousOnlyOperation:
                is_stopped = bool(trial.violations)
            except Exception as error:  # noqa: BLE001 - told as the cause
                _fail_otherwise(name, error, trial)
            else:
                is_stopped = False
                _refuse_coroutine(name, result)
        if not is_stopped:
            used = [grant for grant in _grants.grants_here() if grant.matched > before.get(grant, 0)]
            pytest.fail(f"{name} was not stopped on a running event loop: {_why(trial, used)}")
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
        except BaseException as error:  # noqa: BLE001 - raised where the result is asked for
            future.set_exception(error)

    thread = threading.Thread(target=run, name=f"assert_async_unsafe {name}", daemon=True)
    thread.start()
    thread.join(PATIENCE)
    if thread.is_alive():
        pytest.fail(
            f"{name} did not return within {PATIENCE:g} seconds in a thread; "
            "if it waits for this test's loop, which waits for it, assert this in a sync test"
        )
    return future.result()


def _refuse_coroutine(name: str, result: object) -> None:
    __tracebackhide__ = True
    if inspect.isawaitable(result):
        if inspect.iscoroutine(result):
            result.close()
        pytest.fail(f"{name} returns an awaitable; assert_async_unsafe takes the sync function that blocks")


def _fail_otherwise(name: str, error: Exception, trial: _Trial) -> NoReturn:
    __tracebackhide__ = True
    kind = f"{type(error).__module__}.{type(error).__name__}"
    msg = f"{name} raised {kind} before this library could stop it"
    if trial.violations:
        msg = f"{name} was stopped on a running event loop, and made {kind} of the error: let it through\n{trial.violations[0]}"
    elif type(error).__name__ == "SynchronousOnlyOperation":
        msg += "; that is its framework's own guard: put ginger_async_safe.contrib's into INSTALLED_APPS"
    raise pytest.fail.Exception(msg) from error


def _why(trial: _Trial, used: list[_grants.Grant]) -> str:
    if trial.violations:
        return f"the error was swallowed\n{trial.violations[0]}"
    if used:
        return f"a grant allows it ({used[0].reason or 'no reason given'})"
    if trial.let_through:
        call, by = next(iter(trial.let_through.items()))
        return f"{call} is let through by {by}"
    return "it makes no guarded call; put @async_unsafe on what blocks"


def is_report(error: BaseException) -> bool:
    """Tell whether an error is a failure of ``assert_async_safe``, which reports violations and no more."""
    return hasattr(error, _REPORT)


def _failure(text: str) -> BaseException:
    failure = pytest.fail.Exception(text)
    setattr(failure, _REPORT, True)
    return failure


class AssertAsyncSafe:
    """Asserts that a block makes no guarded call where an event loop waits for it.

    Use it with ``with`` or ``async with``. It sees all tasks and threads, errors that the code swallows, and calls that
    a policy or the escape hatch would let through. What a grant or the setting ``allow`` permits is no violation. A
    block that is cancelled is judged at the end of the test.
    """

    def __init__(self) -> None:
        self._open: dict[tuple[int, object], list[Listener]] = {}
        self._late: list[str] = []

    def __enter__(self) -> None:
        listener = Listener()
        listener.__enter__()
        self._open.setdefault(_here(), []).append(listener)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Judge the block.

        Raises:
            pytest.fail.Exception: Where it made a guarded call.
        """
        __tracebackhide__ = True
        listener = self._open[_here()].pop()
        listener.__exit__(kind, error, traceback)
        text = _report(listener)
        if text is None or isinstance(error, _ENDS):
            return
        if error is None or isinstance(error, _OUTCOMES):
            raise _failure(text) from error
        self._late.append(text)  # a cancellation has to go on to where it belongs

    async def __aenter__(self) -> None:
        self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        self.__exit__(kind, error, traceback)

    def end(self) -> None:
        """Judge the blocks that were cancelled.

        Raises:
            pytest.fail.Exception: Where one made a guarded call.
        """
        __tracebackhide__ = True
        if self._late:
            raise _failure("\n\n".join(self._late))


def _here() -> tuple[int, object]:
    """Return the thread and the task: blocks of several may be open at once."""
    context = async_context()
    return threading.get_ident(), None if context is None else context.task


def _report(listener: Listener) -> str | None:
    first: dict[tuple[str, Place | None], Violation] = {}
    for violation in listener.violations:
        first.setdefault((violation.call, violation.made_at), violation)
    counts = Counter((violation.call, violation.made_at) for violation in listener.violations)
    texts = list(in_full((violation, counts[site]) for site, violation in first.items()))
    if first:
        texts.insert(0, headline(list(first.values())))
    texts += [
        f"{call} was let through by the escape hatch; shut it for this test"
        for call, by in listener.let_through.items()
        if by == policy.ESCAPE_HATCH
    ]
    return "\n\n".join(texts) if texts else None
