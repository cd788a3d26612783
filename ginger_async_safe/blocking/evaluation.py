"""Evaluating a rule for a call that is about to run: whether the call is a violation."""

from __future__ import annotations

import re
import sys
from inspect import CO_VARARGS, CO_VARKEYWORDS
from typing import TYPE_CHECKING, Any

from ginger_async_safe._runtime import tested_calls
from ginger_async_safe._runtime.failures import report_failure
from ginger_async_safe._runtime.frames import is_async
from ginger_async_safe.blocking.locks import LOCKS, called, may_not_wait, qualified_name, taker_of
from ginger_async_safe.blocking.machinery import ON_REQUEST, is_loops_own
from ginger_async_safe.blocking.restrictions import is_in_scope
from ginger_async_safe.blocking.tracebacks import shows_source
from ginger_async_safe.decorators import CHECKING_MODULES
from ginger_async_safe.detect import async_context, calls_back, is_machinery
from ginger_async_safe.policy import enforce
from ginger_async_safe.violation import GuardedCall, is_first_party, origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import FrameType

    from ginger_async_safe.blocking.calls import BlockingCall

__all__ = ["CLOSING_WRAPPER", "evaluate_rule", "evaluate_rule_at_entry", "evaluate_rule_for_inner_lock"]

_STARTING_A_THREAD = ("threading", "start")

_LOADING = re.compile(r"(importlib|_frozen_importlib|_frozen_importlib_external|zipimport|ginger_async_safe)(\..*)?")
"""The modules that import the program's code; whatever that does during its import is exempt."""

_DESCRIBING = re.compile(
    r"(inspect|linecache|pkgutil|traceback|warnings|tokenize|faulthandler|tracemalloc|_pytest|pluggy)(\..*)?"
)
"""Modules that read source files of the program, for messages and inspection."""

_GUARDS = CHECKING_MODULES | {"ginger_async_safe.blocking.wrappers"}
"""The modules through which a guarded call passes, below which the project's own code may run."""

_LOGGING = {("logging", "handle"), ("logging", "callHandlers")}
"""The functions that pass a record to handlers: handlers that wait have rules of their own."""

CLOSING_WRAPPER = "flush_and_close"
"""The name of the wrapper of ``close()``, whose frame counts as its caller's."""


def evaluate_rule(
    rule: BlockingCall, call: GuardedCall, args: Iterable[Any], kwargs: Mapping[str, Any], caller: FrameType | None
) -> None:
    """Evaluate a rule for a call that it covers, and enforce the policy if the call is a violation.

    Args:
        rule: The rule.
        call: The guarded call, as violations report it.
        args: The call's positional arguments, including the object of a method.
        kwargs: The call's keyword arguments.
        caller: The frame that makes the call.

    Raises:
        SynchronousOnlyOperation: If the call is a violation and the policy is to raise.
    """
    __tracebackhide__ = True  # pytest shows the call itself
    try:
        is_violation = _is_violation(rule, args, kwargs, caller)
    except Exception as error:  # noqa: BLE001 - whatever fails in a rule, the program's call runs
        report_failure(f"the rule {rule.id!r}", error)
        return
    if is_violation:
        enforce(call, caller)


def _is_violation(rule: BlockingCall, args: Iterable[Any], kwargs: Mapping[str, Any], caller: FrameType | None) -> bool:
    if caller is not None and is_loops_own(caller):
        return False
    if caller is not None and shows_source(rule, tuple(args), caller):
        return False
    if (
        rule.shape == "entering" and not taker_of(caller).is_direct
    ):  # the rule of the lock itself measures how long it is waited for
        return False
    if rule.blocks is not None and not rule.blocks(*args, **kwargs):
        return False
    context = async_context()
    if context is None or _is_exempt(rule, context.frames(caller)):
        return False
    return is_in_scope(rule, context.frames(caller))


def evaluate_rule_for_inner_lock(rule: BlockingCall, call: GuardedCall, lock: object, taker: FrameType) -> None:
    """Evaluate a rule for a lock that a library acquires internally, and that was waited for.

    The violation names the function that the project called.

    Args:
        rule: The rule for such locks.
        call: The guarded call, as violations report it.
        lock: The lock.
        taker: The frame that acquires it.

    Raises:
        SynchronousOnlyOperation: As :func:`evaluate_rule`.
    """
    __tracebackhide__ = True
    try:
        is_violation = _is_violation(rule, (lock,), {}, taker)
        outer = called(taker)
        named = call._replace(name=qualified_name(outer) or call.name, marking=None)
    except Exception as error:  # noqa: BLE001 - as above
        report_failure(f"the rule {rule.id!r}", error)
        return
    if is_violation:
        enforce(named, outer.f_back)


def evaluate_rule_at_entry(rule: BlockingCall, call: GuardedCall) -> None:
    """Evaluate a rule at the start of a function or wrapper, for the call of it.

    Args:
        rule: The rule.
        call: The guarded call, as violations report it.

    Raises:
        SynchronousOnlyOperation: As :func:`evaluate_rule`.
    """
    __tracebackhide__ = True
    frame = sys._getframe(1)
    caller = frame.f_back
    try:
        if caller is not None and is_loops_own(caller):
            return
        args, kwargs = _arguments(frame)
    except Exception as error:  # noqa: BLE001 - as above
        report_failure(f"the rule {rule.id!r}", error)
        return
    evaluate_rule(rule, call, args, kwargs, caller)


def _arguments(frame: FrameType) -> tuple[list[Any], dict[str, Any]]:
    """Return the arguments that a function was called with, at its start."""
    code, values = frame.f_code, frame.f_locals
    names = code.co_varnames
    end = code.co_argcount + code.co_kwonlyargcount
    args = [values[name] for name in names[: code.co_argcount]]
    kwargs = {name: values[name] for name in names[code.co_argcount : end]}
    if code.co_flags & CO_VARARGS:
        args += values[names[end]]
        end += 1
    if code.co_flags & CO_VARKEYWORDS:
        kwargs |= values[names[end]]
    return args, kwargs


def _is_exempt(rule: BlockingCall, frames: Iterable[FrameType]) -> bool:
    """Return whether a call is made by code that may make it, or within an allowed guarded call."""
    is_nearest = True
    is_projects = False  # whether the project's own code is called in between, by a log handler or for an error's text
    is_lock = rule.shape in LOCKS
    frame = None
    for frame in frames:
        name, module = frame.f_code.co_name, str(frame.f_globals.get("__name__"))
        if name == CLOSING_WRAPPER:
            continue
        if (module, name) in tested_calls.makers or (is_nearest and calls_back(frame)):
            return False
        if is_lock and (module.startswith("logging") or may_not_wait(frame)):
            continue
        is_projects = is_projects or is_first_party(frame)
        if is_projects and module in _GUARDS:
            continue
        if not rule.target.startswith(f"{module}.") and (
            _LOADING.fullmatch(module)
            or (not is_projects and (_DESCRIBING.fullmatch(module) or (module, name) in _LOGGING))
        ):
            return True
        if not is_projects and any(type(each) is GuardedCall for each in frame.f_code.co_consts):
            return True
        is_requested = rule.id in ON_REQUEST and is_machinery(frame)
        if is_nearest and not is_requested and (is_machinery(frame) or (module, name) == _STARTING_A_THREAD):
            return True
        if is_async(frame):
            return False
        is_nearest = is_nearest and origin(frame.f_code.co_filename) == "stdlib"
    # Only the standard library below the loop: the loop's own call, unless the callable itself is its callback.
    return is_nearest and frame is not None
