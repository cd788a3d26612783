"""The wrappers that replace callables written in C, one for each shape of rule.

The general one has the callable's signature, checks, and calls it. The others are for what loops call in every iteration,
and for locks and files.
"""

# ruff: noqa: ANN401, FBT001, FBT002 - the wrapped callables determine parameters and return types

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any

from ginger_async_safe import detect
from ginger_async_safe._runtime.failures import report_failure
from ginger_async_safe.blocking.acquiring import may_wait_for_lock
from ginger_async_safe.blocking.evaluation import evaluate_rule, evaluate_rule_at_entry, evaluate_rule_for_inner_lock
from ginger_async_safe.blocking.locks import LONGEST_WAIT, is_released_soon, taker_of
from ginger_async_safe.decorators import copy_metadata, wrapper_of
from ginger_async_safe.exceptions import SynchronousOnlyOperation

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from ginger_async_safe.blocking.calls import BlockingCall
    from ginger_async_safe.violation import GuardedCall

    Wrapper = Callable[..., Any]


__all__ = ["wrapped"]


def wrapped(rule: BlockingCall, call: GuardedCall, original: Callable[..., Any]) -> Wrapper:
    """Return a wrapper that checks, and then calls ``original``.

    Args:
        rule: The rule.
        call: The guarded call, as violations report it.
        original: A function, or an unbound method.
    """
    wrapper = _SHAPES[rule.shape](rule, call, original)
    return copy_metadata(wrapper, original)


def _call(rule: BlockingCall, call: GuardedCall, original: Callable[..., Any]) -> Wrapper:
    return wrapper_of(original, functools.partial(evaluate_rule_at_entry, rule), call)


def _socket(rule: BlockingCall, call: GuardedCall, original: Callable[..., Any]) -> Wrapper:
    """Sockets of loops do not wait, and are used often: that is checked first."""
    may_wait = sys.modules["_socket"].socket.getblocking  # it costs half of what comparing the timeout does

    def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
        if may_wait(self) and detect.probe() is not None:
            evaluate_rule(rule, call, (self, *args), kwargs, sys._getframe().f_back)
        return original(self, *args, **kwargs)

    def with_flags(self: Any, data: Any, flags: int = 0, /) -> Any:
        if may_wait(self) and detect.probe() is not None:
            evaluate_rule(rule, call, (self, data, flags), {}, sys._getframe().f_back)
        return original(self, data, flags)

    # Named parameters cost half of what *args and **kwargs do, and a loop calls these two most.
    return with_flags if original.__name__ in {"recv", "send"} else guarded


def _poll(rule: BlockingCall, call: GuardedCall, original: Callable[..., Any]) -> Wrapper:
    """A loop with ready callbacks polls with a timeout of 0 in every iteration: that is checked first."""

    def guarded(self: Any, timeout: Any = None, maxevents: int = -1) -> Any:
        if (type(timeout) is not int or timeout) and detect.probe() is not None:
            evaluate_rule(rule, call, (self, timeout), {}, sys._getframe().f_back)
        return original(self, timeout, maxevents)

    return guarded


def _lock(rule: BlockingCall, call: GuardedCall, original: Callable[..., Any]) -> Wrapper:
    """Whether a lock is held is only known by trying to acquire it: if that succeeds, nothing else is to be done."""

    def guarded(self: Any, blocking: bool = True, timeout: float = -1) -> Any:
        if detect.probe() is None or not may_wait_for_lock(blocking, timeout, for_ever=-1):
            return original(self, blocking, timeout)
        if original(self, False):
            return True
        return _taken_in_time(rule, call, functools.partial(original, self, True), timeout, sys._getframe().f_back)

    return guarded


def _process_lock(rule: BlockingCall, call: GuardedCall, original: Callable[..., Any]) -> Wrapper:
    """As :func:`_lock`, for a lock that processes share."""

    def guarded(self: Any, block: bool = True, timeout: float | None = None) -> Any:
        if detect.probe() is None or not may_wait_for_lock(block, timeout, for_ever=None):
            return original(self, block, timeout)
        if original(self, False):
            return True
        return _taken_in_time(rule, call, functools.partial(original, self, True), timeout, sys._getframe().f_back)

    return guarded


def _taken_in_time(
    rule: BlockingCall,
    call: GuardedCall,
    take: functools.partial[bool],
    timeout: float | None,
    caller: FrameType | None,
) -> bool:
    """Acquire a lock that is held. Evaluate the rule at once if the project acquires it, and after a wait if a library does.

    Args:
        rule: The rule.
        call: The guarded call, as violations report it.
        take: Waits for the lock, at most for so many seconds.
        timeout: How many seconds to wait; without limit if it is ``None`` or negative.
        caller: The frame that calls the lock.
    """
    __tracebackhide__ = True
    lock = take.args[0]
    try:
        taker = taker_of(caller)
        is_soon = (
            not taker.is_direct and (timeout is None or not 0 <= timeout <= LONGEST_WAIT) and is_released_soon(take)
        )
    except Exception as error:  # noqa: BLE001 - whatever fails in here, the program acquires its lock
        report_failure(f"the rule {rule.id!r}", error)
        return take() if timeout is None else take(timeout)
    if is_soon:
        return True
    if taker.frame is not None and not taker.is_direct:
        evaluate_rule_for_inner_lock(rule, call, lock, taker.frame)
    elif not taker.has_own_rule:
        evaluate_rule(rule, call, (lock,), {}, taker.frame)
    return take() if timeout is None else take(timeout)


def _close(_rule: BlockingCall, _call: GuardedCall, original: Callable[..., Any]) -> Wrapper:
    """A file is flushed before it is closed: a violation that raises leaves the file open, and loses nothing.

    The rule for writing is evaluated, if there is anything to write.
    """

    def flush_and_close(self: Any) -> Any:
        if detect.probe() is not None and not self.closed:
            if self._finalizing:  # by the garbage collector: no caller could try again
                return _call_unguarded(original, self)
            try:
                self.flush()
            except SynchronousOnlyOperation:
                raise
            except Exception:  # noqa: BLE001, S110 - close() raises it again
                pass
        return original(self)

    return flush_and_close


def _call_unguarded(call: Callable[[Any], Any], argument: Any) -> Any:
    """Make a call within which no rules are evaluated: its caller is a frame of this library."""
    return call(argument)


_SHAPES = {
    "call": _call,
    "close": _close,
    "entering": _call,
    "lock": _lock,
    "poll": _poll,
    "process_lock": _process_lock,
    "socket": _socket,
}
