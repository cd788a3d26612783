"""Putting a check before a call: in a Python function's own code, or in a wrapper that replaces any other callable.

A check in the code runs whatever reference the program calls. A wrapper runs where the attribute is looked up; references
taken before the guard was on are redirected by :mod:`ginger_async_safe.blocking.references`.
"""

from __future__ import annotations

import functools
import sys
import weakref
from types import BuiltinFunctionType, FunctionType, MethodDescriptorType
from typing import TYPE_CHECKING, Any, Protocol

from ginger_async_safe import detect
from ginger_async_safe._runtime.failures import containing
from ginger_async_safe._runtime.interpreter import is_main, module_if_allowed
from ginger_async_safe.blocking.audits import Audit, is_raised_here
from ginger_async_safe.blocking.documentation import page_of
from ginger_async_safe.blocking.evaluation import evaluate_rule_at_entry
from ginger_async_safe.blocking.machinery import ON_REQUEST
from ginger_async_safe.blocking.targets import IS_IMMUTABLE
from ginger_async_safe.blocking.wrappers import wrapped
from ginger_async_safe.decorators import with_check
from ginger_async_safe.exceptions import SynchronousOnlyOperation
from ginger_async_safe.policy import logger
from ginger_async_safe.violation import GuardedCall, Marking

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

    from ginger_async_safe.blocking.calls import BlockingCall
    from ginger_async_safe.blocking.targets import Target

__all__ = ["CodePatch", "NoPatch", "Patch", "Replacement", "patch"]


_OF_LOCKS = frozenset({"_multiprocessing", "_thread"})

_ended: weakref.WeakKeyDictionary[Callable[..., Any], Any] = weakref.WeakKeyDictionary()
"""Wrappers of guards that are off, each with what it replaced."""


class Patch(Protocol):
    """A check."""

    def apply(self) -> None:
        """Put it in place."""
        ...

    def undo(self) -> bool:
        """Restore everything; return whether no other code has replaced the check, whose replacement would stay.

        It may be called again, and while the check is not in place, or only partly.
        """
        ...


def patch(rule: BlockingCall, target: Target, keep: Callable[[Patch], object]) -> None:
    """Put a check before the target of a rule; if that fails, log it, and skip the rule.

    Args:
        rule: The rule.
        target: Its target.
        keep: Called with the check before it is put in place, and with one that does nothing if that fails.
    """
    if not _may_be_replaced(target):
        _warn_of_classes()
        keep(NoPatch())
        return
    with containing(f"putting the rule {rule.id!r} in force", but="it is skipped"):
        made = _made(rule, target)
        keep(made)
        made.apply()
        return
    keep(NoPatch())


def _made(rule: BlockingCall, target: Target) -> Patch:
    marking = Marking(SynchronousOnlyOperation, functools.partial(_fix, rule))
    function = getattr(target.value, "__func__", target.value)  # of a class method, or static method
    if function in _ended:  # other code has put a wrapper back
        target = target._replace(value=_ended[function])
        target.replace(target.value)
        function = getattr(target.value, "__func__", target.value)
    fix = rule.fix if rule.id in ON_REQUEST else None
    call = GuardedCall(rule.id, fix=fix, marking=marking, more=page_of(rule.id), is_marked=False)
    if is_raised_here(rule.event):
        return Audit(rule, call)
    if isinstance(function, FunctionType) and _HOLDS_CODE:
        made = CodePatch(rule, call, function)
        if made.is_possible:
            return made
    return Replacement(rule, call, target)


_HOLDS_CODE = sys.version_info >= (3, 12) or is_main()
"""Whether functions may be given other code: after a subinterpreter of Python 3.11 has done so and ended, the main
interpreter may find functions of the other one in its own classes."""


def _fix(rule: BlockingCall, _call: GuardedCall, inner: list[FrameType]) -> str | None:
    """Return the rule's fix if the async function itself makes the call."""
    return rule.fix or None if not inner else None


def _may_be_replaced(target: Target) -> bool:
    """Return whether an attribute may be set; in a subinterpreter, those of some classes written in C may not.

    Setting them needs ctypes, which Python 3.12 loads in no subinterpreter; and classes that are not allocated on the heap
    are shared by all interpreters, which may outlive this one.
    """
    flags = target.holder.__flags__ if isinstance(target.holder, type) else 0
    if is_main() or not flags & IS_IMMUTABLE:
        return True
    return bool(flags & _IS_ON_HEAP) and module_if_allowed("ctypes") is not None


_IS_ON_HEAP = 1 << 9
"""``Py_TPFLAGS_HEAPTYPE``."""


@functools.cache
def _warn_of_classes() -> None:
    logger.warning(
        "rules for methods of classes written in C (locks, sockets, files) are skipped in this interpreter: before "
        "Python 3.13, a subinterpreter may not change them; the other rules are in force"
    )


class NoPatch:
    """The patch of a rule that is skipped."""

    def apply(self) -> None:
        """Do nothing."""

    def undo(self) -> bool:
        """Do nothing."""
        return True


class CodePatch:
    """The check is in the function's own code.

    Attributes:
        is_possible: Whether that is possible for this function's code.
    """

    def __init__(self, rule: BlockingCall, call: GuardedCall, function: FunctionType) -> None:
        self._rule = rule
        self._call = call
        self._function = function
        self._original = function.__code__
        self._guarded = self._original
        self._code = self._made()
        self.is_possible: bool = self._code is not None

    def apply(self) -> None:
        """Give the function its guarded code, unless other code has replaced it."""
        if self._code is not None and self._function.__code__ is self._guarded:
            self._guarded = self._code  # first, so that it can be undone if it is interrupted here
            self._function.__code__ = self._code

    def refresh_probe(self) -> None:
        """Use the current quick check of ``detect``."""
        self._code = self._made()
        self.apply()

    def _made(self) -> CodeType | None:
        refuse = functools.partial(evaluate_rule_at_entry, self._rule)
        with containing(f"putting the check of the rule {self._rule.id!r} into code", but="a wrapper is used"):
            return with_check(self._original, detect.probe, refuse, self._call)
        return None

    def undo(self) -> bool:
        """Restore the function's own code, unless other code has replaced it; return whether it is restored."""
        if self._function.__code__ is self._guarded:
            self._function.__code__ = self._original
        return self._function.__code__ is self._original


class Replacement:
    """A wrapper replaces the callable.

    Attributes:
        target: Where the callable is, and its original value there.
        original: The callable itself.
        function: The wrapper's function, which checks and then calls the callable.
        wrapper: The new value of the target: the function, or a descriptor that binds in a class as the original does.
    """

    __slots__ = ("function", "original", "target", "wrapper")  # so that its references can be counted exactly

    def __init__(self, rule: BlockingCall, call: GuardedCall, target: Target) -> None:
        self.target: Target = target
        original: Any = target.value
        if rule.shape in {"lock", "process_lock"}:  # entering a lock is acquiring it
            original = vars(target.holder)["acquire"]
            original = getattr(original, "__wrapped__", original)
        self.original: Any = getattr(original, "__func__", original)
        self.function: Callable[..., Any] = wrapped(rule, call, self.original)
        kind = type(target.value)
        if kind in {classmethod, staticmethod}:
            self.wrapper: Any = kind(self.function)
        elif isinstance(target.holder, type) and kind is BuiltinFunctionType:
            self.wrapper = staticmethod(self.function)
        else:
            self.wrapper = self.function

    def apply(self) -> None:
        """Replace the callable by the wrapper."""
        self.target.replace(self.wrapper)

    @property
    def may_be_referenced(self) -> bool:
        """Whether references to it are searched for: to functions and unbound methods, except those of locks."""
        if not isinstance(self.target.holder, type) or isinstance(self.target.value, FunctionType):
            return True
        return isinstance(self.target.value, MethodDescriptorType) and self.target.holder.__module__ not in _OF_LOCKS

    @property
    def change(self) -> tuple[object, object]:
        """The callable and its replacement."""
        return self.original, self.function

    def undo(self) -> bool:
        """Restore the callable, unless other code has replaced the wrapper; return whether it is restored."""
        _ended[self.function] = self.target.value
        if self.target.current() is self.wrapper:
            self.target.replace(self.target.value)
        return self.target.current() is self.target.value
