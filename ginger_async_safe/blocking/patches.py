"""Putting a check before a call: into a Python function's own code, or by a wrapper in the place of anything else.

A check in the code is met however the program got hold of the function. A wrapper is met where the attribute is looked
up, and by those names in modules that held the same object when the guard was switched on.
"""

# ruff: noqa: ANN401 - what is wrapped may take and return anything

from __future__ import annotations

import functools
import inspect
import sys
import warnings
from types import BuiltinFunctionType, FunctionType
from typing import TYPE_CHECKING, Any, Protocol

from ginger_async_safe import detect
from ginger_async_safe._bytecode import with_check
from ginger_async_safe.blocking.audits import Audit, is_raised_here
from ginger_async_safe.blocking.judge import is_loops_own, judge
from ginger_async_safe.exceptions import ConfigurationWarning, SynchronousOnlyOperation
from ginger_async_safe.violation import GuardedCall, Owner, origin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import FrameType

    from ginger_async_safe.blocking.calls import BlockingCall
    from ginger_async_safe.blocking.targets import Target

__all__ = ["Patch", "patch", "replace_references"]


class Patch(Protocol):
    """A check that is in place."""

    def undo(self) -> None:
        """Leave everything as it was; what somebody else has put on top stays, and a warning says so."""


def patch(rule: BlockingCall, target: Target) -> Patch:
    """Put a check before what a rule names."""
    if is_raised_here(rule.event):
        return Audit(rule, _call_of(rule))
    function = getattr(target.value, "__func__", target.value)  # of a class method, or static method
    if isinstance(function, FunctionType) and with_check(function.__code__, detect.probe, _never, rule):
        return _CodePatch(rule, function)
    return Replacement(rule, target)


def _never(_: object) -> None:
    """Stand for a refusal, where it is only asked whether the code can hold one."""


class _CodePatch:
    """The check is in the function's own code."""

    def __init__(self, rule: BlockingCall, function: FunctionType) -> None:
        self._rule = rule
        self._call = _call_of(rule)
        self._function = function
        self._original = function.__code__
        self._guarded = self._original
        self.ask_anew()

    def ask_anew(self) -> None:
        """Ask the question that detection asks now."""
        code = with_check(self._original, detect.probe, self._refuse, self._call)
        if code is not None and self._function.__code__ is self._guarded:
            self._guarded = self._function.__code__ = code

    def undo(self) -> None:
        if self._function.__code__ is self._guarded:
            self._function.__code__ = self._original
        else:
            _tell_of_change(self._rule)
        self._guarded = (
            self._original
        )  # the garbage collector does not look into code, and ours leads back to this object

    def _refuse(self, call: GuardedCall) -> None:
        frame = sys._getframe(1)
        judge(self._rule, call, frame.f_locals, frame.f_back)


class Replacement:
    """A wrapper is in the place of the callable.

    Attributes:
        original: The callable.
        wrapper: What is in its place.
    """

    def __init__(self, rule: BlockingCall, target: Target) -> None:
        self._rule = rule
        self._target = target
        self._references: list[tuple[dict[str, Any], str]] = []
        self.original: Any = target.value
        if rule.category == "locks":
            self.wrapper: Any = _wrapped_lock(rule, vars(target.owner)["acquire"], self.original)
        else:
            wrapped = _wrapped(rule, self.original)
            # In a class, a Python function binds, and one that is written in C does not.
            is_static = isinstance(target.owner, type) and isinstance(self.original, BuiltinFunctionType)
            self.wrapper = staticmethod(wrapped) if is_static else wrapped
        target.replace(self.wrapper)

    def add_reference(self, namespace: dict[str, Any], name: str) -> None:
        """Put the wrapper in the place of the callable in a module that has it under a name of its own."""
        namespace[name] = self.wrapper
        self._references.append((namespace, name))

    def undo(self) -> None:
        for namespace, name in self._references:
            if namespace.get(name) is self.wrapper:
                namespace[name] = self.original
        if self._target.current() is self.wrapper:
            self._target.replace(self.original)
        else:
            _tell_of_change(self._rule)


def replace_references(replacements: Iterable[Replacement]) -> None:
    """Have modules that imported a callable by name hold its wrapper, too."""
    wanted = {id(each.original): each for each in replacements}
    for name, module in list(sys.modules.items()):
        namespace = getattr(module, "__dict__", None)
        if not isinstance(namespace, dict) or name.partition(".")[0] in _UNTOUCHED:
            continue
        for key, value in list(namespace.items()):
            if id(value) in wanted:
                wanted[id(value)].add_reference(namespace, key)


_UNTOUCHED = frozenset({"ginger_async_safe", "asyncio", "uvloop", "trio", "_io", "posix", "_thread"})
"""Packages whose own names stay: what they call is no violation, and is called often."""


def _call_of(rule: BlockingCall) -> GuardedCall:
    return GuardedCall(rule.id, owner=Owner(SynchronousOnlyOperation, functools.partial(_mend, rule)))


def _mend(rule: BlockingCall, _call: GuardedCall, inner: list[FrameType]) -> str | None:
    """Say how async code says it, where the async function itself makes the call."""
    return rule.mend or None if not inner else None


def _wrapped(rule: BlockingCall, original: Callable[..., Any]) -> Callable[..., Any]:
    call = _call_of(rule)
    parameters = inspect.signature(original) if isinstance(original, FunctionType) else None

    def guarded(*args: Any, **kwargs: Any) -> Any:
        if detect.probe() is not None and not is_loops_own(sys._getframe(1)):
            if parameters is None:
                arguments = {**dict(zip(map(str, range(len(args))), args, strict=True)), **kwargs}
            else:
                bound = parameters.bind(*args, **kwargs)
                bound.apply_defaults()
                arguments = bound.arguments
            judge(rule, call, arguments, sys._getframe(1))
        return original(*args, **kwargs)

    functools.update_wrapper(guarded, original)
    return guarded


def _wrapped_lock(rule: BlockingCall, acquire: Callable[..., Any], method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a wrapper for a lock's ``acquire`` or ``__enter__``: only where it would wait is it judged.

    Args:
        rule: The rule.
        acquire: The lock's ``acquire``.
        method: What is wrapped.
    """
    call = _call_of(rule)
    original = getattr(acquire, "__wrapped__", acquire)

    def guarded(self: Any, blocking: bool = True, timeout: float = -1) -> Any:  # noqa: FBT001, FBT002 - as the lock's own
        if detect.probe() is None or not blocking or timeout == 0:
            return original(self, blocking, timeout)
        if original(self, False):
            return True
        caller = sys._getframe(1)
        if origin(caller.f_code.co_filename) != "stdlib":  # the standard library's own locks are held for moments
            judge(rule, call, {}, caller)
        return original(self, blocking, timeout)

    functools.update_wrapper(guarded, method)
    return guarded


def _tell_of_change(rule: BlockingCall) -> None:
    msg = f"{rule.target} was changed while it was guarded, and stays as it is now; switch guards off in reverse order"
    warnings.warn(msg, ConfigurationWarning, stacklevel=2)
