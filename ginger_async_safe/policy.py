"""What a violation does: raise, warn, log, nothing, or whatever a callable decides."""

from __future__ import annotations

import functools
import sys
import threading
from typing import TYPE_CHECKING

from ginger_async_safe._config import settings
from ginger_async_safe._policy import escape_hatch, events, grants
from ginger_async_safe._policy.escape_hatch import allowed_by_hatch
from ginger_async_safe._policy.explain import add_explanation, effective_setting, explain, remove_explanation
from ginger_async_safe._policy.grants import Grant, allow_async_unsafe, matching_grant
from ginger_async_safe._policy.notification import (
    PolicyName,
    is_reported_by_supervisor,
    listeners,
    log_raised,
    logger,
    notify_allowed,
    notify_listeners,
    notify_noted,
    repeats,
    report,
    supervisor_decision,
    supervisors,
)
from ginger_async_safe._runtime.failures import report_failure
from ginger_async_safe.detect import async_context, made_by_finalizer
from ginger_async_safe.exceptions import ConfigurationError, ConfigurationWarning, SynchronousOnlyOperation
from ginger_async_safe.violation import (
    frames_that_wait,
    is_first_party,
    made_by_inspection_tool,
    owned,
    record,
    shown_frames,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import EllipsisType, FrameType
    from typing import Literal, TypeAlias

    from ginger_async_safe.detect import AsyncContext
    from ginger_async_safe.violation import GuardedCall, Owned, Violation

    Policy: TypeAlias = PolicyName | Callable[[Violation], PolicyName | None]

__all__ = [
    "ESCAPE_HATCH",
    "Grant",
    "Policy",
    "PolicyName",
    "add_explanation",
    "add_listener",
    "allow_async_unsafe",
    "configure",
    "effective_setting",
    "enforce",
    "escape_hatch",
    "explain",
    "grants",
    "logger",
    "remove_explanation",
    "remove_listener",
    "repeats",
    "supervisors",
]

ESCAPE_HATCH = "the escape hatch"


class _Busy(threading.local):
    """Whether this thread is inside a callable policy, which may itself make guarded calls."""

    deciding = False


_busy = _Busy()


def configure(  # noqa: PLR0913 - one for each setting
    *,
    policy: Policy | EllipsisType | None = ...,
    allow: str | Iterable[str] | EllipsisType | None = ...,
    report_unused_grants: bool | EllipsisType | None = ...,
    first_party: str | Iterable[str] | EllipsisType | None = ...,
    third_party: Literal["raise", "report", "ignore"] | EllipsisType | None = ...,
    log_raised: bool | EllipsisType | None = ...,
) -> None:
    """Change settings for the whole process, above the environment and ``pyproject.toml``.

    A setting that is not given keeps its value; ``None`` resets it to the environment and the file.
    Nothing changes where one value is invalid.

    Args:
        policy: What a violation does: ``"raise"``, ``"warn"``, ``"log"``, ``"ignore"``, or a callable that
            takes the :class:`Violation` and returns one of these names, or ``None`` to allow the call.
        allow: Patterns of calls that are always allowed, such as ``["gingerdj.db.*"]``.
        report_unused_grants: Whether a grant that never allowed a call warns when its block ends.
        first_party: The project's own packages, such as ``["shop"]``; by default all code that is neither installed
            nor part of the standard library. The built-in rules for unmarked blocking calls apply to this code.
        third_party: What a rule does where the project awaits a coroutine of an installed package that makes an unmarked
            blocking call: ``"raise"`` leaves it to the policy, ``"report"`` reports and never stops it, ``"ignore"``
            does nothing.
        log_raised: Whether a violation that is raised is also logged, once per place.

    Raises:
        ConfigurationError: Where a value is invalid.
    """
    given = {
        "policy": policy,
        "allow": allow,
        "report_unused_grants": report_unused_grants,
        "first_party": first_party,
        "third_party": third_party,
        "log_raised": log_raised,
    }
    settings.change({key: value for key, value in given.items() if value is not ...})


def add_listener(listener: Callable[[Violation], object]) -> None:
    """Call ``listener`` with every violation, before the policy decides.

    An exception in a listener does not hide the violation: it is logged, and the first one becomes the ``__cause__`` of
    the :class:`~ginger_async_safe.SynchronousOnlyOperation` where that is raised.

    Args:
        listener: Called with the :class:`Violation`, in the thread that made the call.
    """
    listeners.append(listener)


def remove_listener(listener: Callable[[Violation], object]) -> None:
    """Remove a listener that :func:`add_listener` added.

    Args:
        listener: The same callable.

    Raises:
        ValueError: Where it has not been added.
    """
    listeners.remove(listener)


def enforce(call: GuardedCall, caller: FrameType | None = None) -> None:
    """Decide on a guarded call that is about to run, where a loop may be waiting for it.

    Args:
        call: The guarded call.
        caller: The frame that makes the call; by default the caller of the function that calls this one.

    Raises:
        SynchronousOnlyOperation: Where the call is a violation and the policy is ``raise``.
    """
    __tracebackhide__ = True  # pytest's traceback ends at the call, not in this library
    try:
        called = sys._getframe(1)  # not this function's own frame, which would refer to itself
        stopped = _stopped(call, _called_by(caller, called) if caller else called)
    except Exception as error:  # noqa: BLE001 - no failure in here may stop the program's call
        report_failure(f"the guard of {call.name}", error)
        return
    if stopped is not None:
        raise stopped


def _called_by(caller: FrameType, frame: FrameType | None) -> FrameType | None:
    """Return the frame that a frame has called, among a frame and its callers."""
    while frame is not None and frame.f_back is not caller:
        frame = frame.f_back
    return frame


def _stopped(call: GuardedCall, called: FrameType | None) -> Exception | None:
    """Return the exception that stops a call, or ``None`` where the call is allowed.

    Args:
        call: The guarded call.
        called: The frame of the guarded function, or of what checks its call.
    """
    caller = None if called is None else called.f_back
    events.end(called)
    context = async_context()
    if context is None or made_by_inspection_tool(context.frames(caller)):
        return None
    if matching_grant(call.name, context, caller) is not None:
        return None
    entry = None if call.marking is None else call.marking.entry(context.frames(caller))
    if entry is not None and matching_grant(entry.name, context, caller) is not None:
        return None
    names = (call.name,) if entry is None else (call.name, entry.name)
    policy, settings_error = _policy_for(names)
    if policy is None or events.is_inside(context.frames(caller)):
        return None
    frames, whose = _frames_and_owner(call, context, caller)
    as_reported = functools.partial(record, call, names[-1], context, frames, whose)
    stopped = None
    if call.is_marked or _is_enforced(whose, settings_error):
        stopped = _enforced(call, as_reported(), frames, policy, settings_error)
    else:
        _record_unenforced(as_reported, whose, policy)
    if stopped is None:
        events.begin(called if entry is None else entry.frame, is_checked=entry is None and call.is_marked)
    return stopped


def _enforced(
    call: GuardedCall, violation: Violation, frames: list[FrameType], policy: object, settings_error: Exception | None
) -> Exception | None:
    """Report a violation, and return the exception that stops it, or ``None`` where the policy allows it."""
    decision, failed = _decision(policy, violation)
    stopped: Exception
    if isinstance(decision, SynchronousOnlyOperation):
        stopped = decision
    elif decision != "raise":
        return report(violation, str(decision))
    else:
        error = SynchronousOnlyOperation if call.marking is None else call.marking.error
        stopped = error(call.message, violation)
        stopped.__cause__ = settings_error or failed
    return stopped if _may_stop(violation, frames) else None


def _frames_and_owner(
    call: GuardedCall, context: AsyncContext, caller: FrameType | None
) -> tuple[list[FrameType], Owned]:
    """Return the frames that a report may name, and the owner of the violation."""
    frames = shown_frames(context.frames(caller))
    whose = owned(frames)
    if not call.is_marked and whose.owner == "server":
        # Project code may await the task, as through gather(); asyncio records that from Python 3.14 on.
        waiters = shown_frames(frames_that_wait(context))
        if any(map(is_first_party, waiters)):
            return [*frames, *waiters], whose._replace(owner="third party")
    return frames, whose


def _may_stop(violation: Violation, frames: list[FrameType]) -> bool:
    """Return whether a call may be stopped; log the violation, which ``except Exception`` would hide.

    A finalizer's call is not stopped: the cleanup would never happen. It is logged.
    """
    if made_by_finalizer(frames):
        report(violation, "log")
        return False
    if settings.usable("log_raised") and not is_reported_by_supervisor():
        log_raised(violation)
    return True


def _policy_for(names: tuple[str, ...]) -> tuple[object, Exception | None]:
    """Return the policy for a call, or ``None`` where a setting allows it; and the error of invalid settings."""
    try:
        allowed_by = _allowed_by(names)
        if allowed_by is None:
            return settings.current("policy").value, None
    except (ConfigurationError, ConfigurationWarning) as error:  # the latter under -W error
        return "raise", error
    notify_allowed(names[-1], allowed_by)
    return None, None


def _allowed_by(names: tuple[str, ...]) -> str | None:
    """Return a description of the setting that allows a call by one of its names, or ``None``."""
    hatch = allowed_by_hatch()
    if hatch is not None and any(map(hatch.match, names)):
        return ESCAPE_HATCH
    allow = settings.current("allow")
    return f"allow from {allow.source}" if any(map(allow.value.match, names)) else None


def _is_enforced(whose: Owned, settings_error: Exception | None) -> bool:
    """Return whether the policy applies to an unmarked blocking call of this owner; invalid settings allow nothing."""
    if whose.owner == "third party":
        return settings_error is not None or settings.usable("third_party") == "raise"
    return whose.owner == "first party"


def _record_unenforced(as_reported: Callable[[], Violation], whose: Owned, policy: object) -> None:
    """Report an unmarked blocking call that is not the project's own. It is never stopped.

    Args:
        as_reported: Builds the record of the call.
        whose: The owner of the violation.
        policy: The policy for the project's own violations: unless it is ``ignore``, a third party's are at least logged.
    """
    is_third_party = whose.owner == "third party"
    if is_third_party and settings.usable("third_party") == "ignore":
        return
    is_logged = is_third_party and policy != "ignore"
    if not is_logged and not supervisors:
        return
    violation = as_reported()
    notify_noted(violation)
    if is_logged:
        notify_listeners(violation)
        if not is_reported_by_supervisor():
            report(violation, "warn" if policy == "warn" else "log")


def _decision(policy: object, violation: Violation) -> tuple[object, Exception | None]:
    """Call the listeners, and return what the violation does; and the first error of a listener or of the policy."""
    failed = notify_listeners(violation)
    policy = supervisor_decision(violation) or policy
    if not callable(policy):
        return policy, failed
    decision, failed_too = _call_policy(policy, violation)
    return decision, failed or failed_too


def _call_policy(policy: Callable[[Violation], object], violation: Violation) -> tuple[object, Exception | None]:
    """Return what a callable policy decides or raises; where it fails, ``"raise"`` and its error."""
    if _busy.deciding:  # the policy itself made this call: calling it again would recurse forever
        return "raise", None
    _busy.deciding = True
    try:
        return _checked_decision(policy, policy(violation)), None
    except Exception as error:  # noqa: BLE001 - it is the cause of what is raised
        if isinstance(error, SynchronousOnlyOperation) and error.violation in (None, violation):
            return error, None  # its decision, not a violation of its own
        return "raise", error
    finally:
        _busy.deciding = False


def _checked_decision(policy: object, decision: object) -> object:
    if decision is None:
        return "ignore"
    if decision in settings.POLICIES:
        return decision
    names = ", ".join(settings.POLICIES)
    msg = f"the policy {policy!r} returned {decision!r}; return one of {names}, or None to allow the call"
    raise ConfigurationError(msg)
