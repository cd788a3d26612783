"""The wrappers that stand in the place of callables written in C, one for each shape of rule.

Most take what the callable's signature says, check, and pass it on. The others are for what loops do at every turn, and
for locks and files, which have to be asked in a way of their own.
"""

# ruff: noqa: ANN401, FBT001, FBT002 - what is wrapped decides what it takes and returns

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any

from ginger_async_safe import _wrapper, detect
from ginger_async_safe.blocking.judge import judge, judge_call
from ginger_async_safe.exceptions import SynchronousOnlyOperation
from ginger_async_safe.violation import origin

if TYPE_CHECKING:
    from collections.abc import Callable

    from ginger_async_safe.blocking.calls import BlockingCall
    from ginger_async_safe.violation import GuardedCall

    Wrapper = Callable[..., Any]

__all__ = ["wrapped"]


def wrapped(rule: BlockingCall, call: GuardedCall, original: Callable[..., Any]) -> Wrapper:
    """Return what checks, and then calls ``original``.

    Args:
        rule: The rule.
        call: What a violation says of it.
        original: A function, or what a class has as one.
    """
    wrapper = _SHAPES[rule.shape](rule, call, original)
    functools.update_wrapper(wrapper, original)
    return wrapper


def _call(rule: BlockingCall, call: GuardedCall, original: Callable[..., Any]) -> Wrapper:
    return _wrapper.wrapper_of(original, functools.partial(judge_call, rule), call)


def _socket(rule: BlockingCall, call: GuardedCall, original: Callable[..., Any]) -> Wrapper:
    """A loop's own sockets do not wait, and are many: that is asked first."""
    timeout_of = sys.modules["_socket"].socket.gettimeout

    def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
        if timeout_of(self) != 0 and detect.probe() is not None:
            judge(rule, call, (self, *args), kwargs, sys._getframe(1))
        return original(self, *args, **kwargs)

    def with_flags(self: Any, data: Any, flags: int = 0, /) -> Any:
        if timeout_of(self) != 0 and detect.probe() is not None:
            judge(rule, call, (self,), {}, sys._getframe(1))
        return original(self, data, flags)

    # Passing on what is named costs half of what *args and **kwargs do, and these two are what a loop is busy with.
    return with_flags if original.__name__ in {"recv", "send"} else guarded


def _poll(rule: BlockingCall, call: GuardedCall, original: Callable[..., Any]) -> Wrapper:
    """A loop that has something to do polls with no time, at every turn: that is asked first."""

    def guarded(self: Any, timeout: Any = None, maxevents: int = -1) -> Any:
        if timeout != 0 and detect.probe() is not None:
            judge(rule, call, (self, timeout), {}, sys._getframe(1))
        return original(self, timeout, maxevents)

    return guarded


def _lock(rule: BlockingCall, call: GuardedCall, original: Callable[..., Any]) -> Wrapper:
    """Whether a lock is held is only known by trying to take it: where that succeeds, all is done."""

    def guarded(self: Any, blocking: bool = True, timeout: float = -1) -> Any:
        if detect.probe() is None or not blocking or timeout == 0:
            return original(self, blocking, timeout)
        if original(self, False):
            return True
        caller = sys._getframe(1)
        if origin(caller.f_code.co_filename) != "stdlib":  # the standard library's own locks are held for moments
            judge(rule, call, (self,), {}, caller)
        return original(self, blocking, timeout)

    return guarded


def _close(_rule: BlockingCall, _call: GuardedCall, original: Callable[..., Any]) -> Wrapper:
    """What a file still has to write is written before it is closed: a refusal then leaves the file open, and loses nothing.

    It is the writing that is judged, which may have nothing to do.
    """

    def close_when_written(self: Any) -> Any:
        if detect.probe() is not None and not self.closed:
            if self._finalizing:  # by the garbage collector: nobody could try again
                return _let_pass(original, self)
            try:
                self.flush()
            except SynchronousOnlyOperation:
                raise
            except Exception:  # noqa: BLE001, S110 - closing meets it again, and says so in its own way
                pass
        return original(self)

    return close_when_written


def _let_pass(call: Callable[[Any], Any], argument: Any) -> Any:
    """Make a call whose further calls are not judged: they are this library's, as their frame tells."""
    return call(argument)


_SHAPES = {"call": _call, "close": _close, "lock": _lock, "poll": _poll, "socket": _socket}
