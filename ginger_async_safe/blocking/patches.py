"""Putting a check before a call: into a Python function's own code, or by a wrapper in the place of anything else.

A check in the code is met however the program got hold of the function. A wrapper is met where the attribute is looked
up; what the program took from there earlier is redirected by :mod:`ginger_async_safe.blocking.references`.
"""

from __future__ import annotations

import functools
import weakref
from types import BuiltinFunctionType, FunctionType
from typing import TYPE_CHECKING, Any, Protocol

from ginger_async_safe import detect
from ginger_async_safe._bytecode import with_check
from ginger_async_safe.blocking.audits import Audit, is_raised_here
from ginger_async_safe.blocking.documentation import page_of
from ginger_async_safe.blocking.judge import judge_call
from ginger_async_safe.blocking.wrappers import wrapped
from ginger_async_safe.exceptions import SynchronousOnlyOperation
from ginger_async_safe.violation import GuardedCall, Owner

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from ginger_async_safe.blocking.calls import BlockingCall
    from ginger_async_safe.blocking.targets import Target

__all__ = ["CodePatch", "Patch", "Replacement", "patch"]


_ended: weakref.WeakKeyDictionary[Callable[..., Any], Any] = weakref.WeakKeyDictionary()
"""Wrappers whose guards are off, with what they stood for."""


class Patch(Protocol):
    """A check that is in place."""

    def undo(self) -> bool:
        """Leave everything as it was; tell whether nobody else has put anything on top, which would stay."""
        ...


def patch(rule: BlockingCall, target: Target) -> Patch:
    """Put a check before what a rule names."""
    owner = Owner(SynchronousOnlyOperation, functools.partial(_mend, rule))
    function = getattr(target.value, "__func__", target.value)  # of a class method, or static method
    if function in _ended:  # somebody has put it back
        target = target._replace(value=_ended[function])
        target.replace(target.value)
        function = getattr(target.value, "__func__", target.value)
    call = GuardedCall(rule.id, owner=owner, more=page_of(rule.id))
    if is_raised_here(rule.event):
        return Audit(rule, call)
    if isinstance(function, FunctionType):
        made = CodePatch(rule, call, function)
        if made.is_possible:
            return made
    return Replacement(rule, call, target)


def _mend(rule: BlockingCall, _call: GuardedCall, inner: list[FrameType]) -> str | None:
    """Say how async code says it, where the async function itself makes the call."""
    return rule.mend or None if not inner else None


class CodePatch:
    """The check is in the function's own code.

    Attributes:
        is_possible: Whether it is; not every function's code can hold one.
    """

    def __init__(self, rule: BlockingCall, call: GuardedCall, function: FunctionType) -> None:
        self._rule = rule
        self._call = call
        self._function = function
        self._original = function.__code__
        self._guarded = self._original
        self.is_possible: bool = self.ask_anew()

    def ask_anew(self) -> bool:
        """Ask the question that detection asks now; tell whether the code can hold it."""
        refuse = functools.partial(judge_call, self._rule)
        code = with_check(self._original, detect.probe, refuse, self._call)
        if code is not None and self._function.__code__ is self._guarded:
            self._guarded = self._function.__code__ = code
        return code is not None

    def undo(self) -> bool:
        """Give the function its own code back, where nobody has given it another; tell whether that is so."""
        is_ours = self._function.__code__ is self._guarded
        if is_ours:
            self._function.__code__ = self._original
        return is_ours


class Replacement:
    """A wrapper is in the place of the callable.

    Attributes:
        target: Where it is, and what was there before.
        original: The callable itself.
        function: What checks before it calls the callable.
        wrapper: What is there now: a function, or in a class what does not bind where a callable in C does not, either.
    """

    __slots__ = ("function", "original", "target", "wrapper")  # so that what it refers to can be counted exactly

    def __init__(self, rule: BlockingCall, call: GuardedCall, target: Target) -> None:
        self.target: Target = target
        original: Any = target.value
        if rule.shape == "lock":  # entering one is taking it
            original = vars(target.owner)["acquire"]
            original = getattr(original, "__wrapped__", original)
        self.original: Any = getattr(original, "__func__", original)
        self.function: Callable[..., Any] = wrapped(rule, call, self.original)
        kind = type(target.value)
        if kind in {classmethod, staticmethod}:
            self.wrapper: Any = kind(self.function)
        elif isinstance(target.owner, type) and kind is BuiltinFunctionType:
            self.wrapper = staticmethod(self.function)
        else:
            self.wrapper = self.function
        target.replace(self.wrapper)

    @property
    def is_handed_about(self) -> bool:
        """Whether programs take hold of it: they do of functions, and of methods only when they are bound to an object."""
        return not isinstance(self.target.owner, type) or isinstance(self.target.value, FunctionType)

    @property
    def change(self) -> tuple[object, object]:
        """The callable, and what takes its place."""
        return self.original, self.function

    def undo(self) -> bool:
        """Put the callable back, where nobody has put something else in its place; tell whether that is so."""
        _ended[self.function] = self.target.value
        is_ours = self.target.current() is self.wrapper
        if is_ours:
            self.target.replace(self.target.value)
        return is_ours
