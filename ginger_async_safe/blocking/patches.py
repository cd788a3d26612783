"""Putting a check before a call: into a Python function's own code, or by a wrapper in the place of anything else.

A check in the code is met however the program got hold of the function. A wrapper is met where the attribute is looked
up; what the program took from there earlier is redirected by :mod:`ginger_async_safe.blocking.references`.
"""

from __future__ import annotations

import functools
import warnings
from types import BuiltinFunctionType, FunctionType
from typing import TYPE_CHECKING, Any, Protocol

from ginger_async_safe import detect
from ginger_async_safe._bytecode import with_check
from ginger_async_safe.blocking.audits import Audit, is_raised_here
from ginger_async_safe.blocking.documentation import page_of
from ginger_async_safe.blocking.judge import judge_call
from ginger_async_safe.blocking.wrappers import wrapped
from ginger_async_safe.exceptions import ConfigurationWarning, SynchronousOnlyOperation
from ginger_async_safe.violation import GuardedCall, Owner

if TYPE_CHECKING:
    from types import FrameType

    from ginger_async_safe.blocking.calls import BlockingCall
    from ginger_async_safe.blocking.targets import Target

__all__ = ["CodePatch", "Patch", "Replacement", "patch"]


class Patch(Protocol):
    """A check that is in place."""

    def undo(self) -> None:
        """Leave everything as it was; what somebody else has put on top stays, and a warning says so."""


def patch(rule: BlockingCall, target: Target) -> Patch:
    """Put a check before what a rule names."""
    owner = Owner(SynchronousOnlyOperation, functools.partial(_mend, rule))
    call = GuardedCall(rule.id, owner=owner, more=page_of(rule.id))
    if is_raised_here(rule.event):
        return Audit(rule, call)
    function = getattr(target.value, "__func__", target.value)  # of a class method, or static method
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
        self.is_possible = self.ask_anew()

    def ask_anew(self) -> bool:
        """Ask the question that detection asks now; tell whether the code can hold it."""
        refuse = functools.partial(judge_call, self._rule)
        code = with_check(self._original, detect.probe, refuse, self._call)
        if code is not None and self._function.__code__ is self._guarded:
            self._guarded = self._function.__code__ = code
        return code is not None

    def undo(self) -> None:
        """Give the function its own code back, where nobody has given it another."""
        if self._function.__code__ is self._guarded:
            self._function.__code__ = self._original
        else:
            _tell_of_change(self._rule)


class Replacement:
    """A wrapper is in the place of the callable.

    Attributes:
        target: Where it is, and what was there before.
        original: The callable itself.
        function: What checks before it calls the callable.
        wrapper: What is there now: a function, or in a class what does not bind where a callable in C does not, either.
    """

    def __init__(self, rule: BlockingCall, call: GuardedCall, target: Target) -> None:
        self._rule = rule
        self.target = target
        original: Any = target.value
        if rule.shape == "lock":  # entering one is taking it
            original = vars(target.owner)["acquire"]
            original = getattr(original, "__wrapped__", original)
        self.original: Any = getattr(original, "__func__", original)
        self.function = wrapped(rule, call, self.original)
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

    def undo(self) -> None:
        """Put the callable back, where nobody has put something else in its place."""
        if self.target.current() is self.wrapper:
            self.target.replace(self.target.value)
        else:
            _tell_of_change(self._rule)


def _tell_of_change(rule: BlockingCall) -> None:
    msg = f"{rule.target} was changed while it was guarded, and stays as it is now; switch guards off in reverse order"
    warnings.warn(msg, ConfigurationWarning, stacklevel=2)
