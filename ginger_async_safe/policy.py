"""What a violation does: raise, warn, log, nothing, or what a callable decides."""

from __future__ import annotations

import logging
import sys
import threading
import warnings
from typing import TYPE_CHECKING

from ginger_async_safe import _settings
from ginger_async_safe._grants import Grant, allow_async_unsafe, matching_grant
from ginger_async_safe._hatch import allowed_by_hatch
from ginger_async_safe._onlookers import made_by_onlooker
from ginger_async_safe._repeats import Repeats
from ginger_async_safe.detect import async_context
from ginger_async_safe.exceptions import (
    AsyncUnsafeWarning,
    ConfigurationError,
    ConfigurationWarning,
    SynchronousOnlyOperation,
)
from ginger_async_safe.violation import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import EllipsisType, FrameType
    from typing import Literal, Protocol, TypeAlias

    from ginger_async_safe.violation import GuardedCall, Violation

    class Supervisor(Protocol):
        """Somebody above the settings: a test runner."""

        def allowed(self, call: str, by: str) -> None:
            """Hear of a call that the settings allow, and of which one does."""

        def rule(self, violation: Violation) -> PolicyName | None:
            """Decide on a violation, before the policy can; ``None`` leaves it to the next one, and to the policy."""

    PolicyName: TypeAlias = Literal["raise", "warn", "log", "ignore"]
    Policy: TypeAlias = PolicyName | Callable[[Violation], PolicyName | None]

__all__ = [
    "ESCAPE_HATCH",
    "Grant",
    "Policy",
    "PolicyName",
    "add_listener",
    "allow_async_unsafe",
    "configure",
    "enforce",
    "remove_listener",
    "repeats",
    "supervisors",
]

logger: logging.Logger = logging.getLogger("ginger_async_safe")
repeats: Repeats = Repeats(logger)

_listeners: list[Callable[[Violation], object]] = []

ESCAPE_HATCH = "the escape hatch"

supervisors: list[Supervisor] = []
"""Those that rule before the policy does; the last one first."""


class _Busy(threading.local):
    """What this thread is in the middle of. Listeners and policies may themselves make guarded calls."""

    telling = False
    deciding = False


_busy = _Busy()


def configure(
    *,
    policy: Policy | EllipsisType | None = ...,
    allow: str | Iterable[str] | EllipsisType | None = ...,
    report_unused_grants: bool | EllipsisType | None = ...,
) -> None:
    """Change settings for the whole process, above the environment and ``pyproject.toml``.

    What is not given stays as it is; ``None`` gives a setting back to the environment and the file.
    Nothing is changed where one value is bad.

    Args:
        policy: What a violation does: ``"raise"``, ``"warn"``, ``"log"``, ``"ignore"``, or a callable that
            takes the :class:`Violation` and returns one of these names, or ``None`` to let the call pass.
        allow: Patterns of calls that are always allowed, such as ``["gingerdj.db.*"]``.
        report_unused_grants: Whether a grant that never allowed a call warns when its block ends.

    Raises:
        ConfigurationError: Where a value cannot be used.
    """
    given = {"policy": policy, "allow": allow, "report_unused_grants": report_unused_grants}
    _settings.change({key: value for key, value in given.items() if value is not ...})


def add_listener(listener: Callable[[Violation], object]) -> None:
    """Tell ``listener`` of every violation, before the policy decides.

    A listener that raises does not hide the violation: its error is logged, and the first one is the cause of the
    violation's own where that is raised.

    Args:
        listener: Called with the :class:`Violation`, in the thread that made the call.
    """
    _listeners.append(listener)


def remove_listener(listener: Callable[[Violation], object]) -> None:
    """Tell ``listener`` no longer.

    Args:
        listener: As it was added.

    Raises:
        ValueError: Where it was not added.
    """
    _listeners.remove(listener)


def enforce(call: GuardedCall, caller: FrameType | None = None) -> None:
    """Decide on a guarded call that is about to run, where a loop may be waiting for it.

    Args:
        call: The guarded call.
        caller: The frame that makes it; where it is not given, the guarded callable itself calls this function.

    Raises:
        SynchronousOnlyOperation: Where the call is a violation and the policy is to raise.
    """
    __tracebackhide__ = True  # pytest shows the call, and not what stopped it
    context = async_context()
    if context is None:
        return
    caller = caller or sys._getframe(1).f_back
    if made_by_onlooker(context.frames(caller)) or matching_grant(call.name, context, caller) is not None:
        return
    trouble: Exception | None = None
    try:
        allowed_by = _allowed_by(call.name)
        if allowed_by is not None:
            for supervisor in tuple(supervisors):
                supervisor.allowed(call.name, allowed_by)
            return
        policy = _settings.current("policy").value
    except (ConfigurationError, ConfigurationWarning) as error:  # the latter under -W error
        policy, trouble = "raise", error
    violation = record(call, context, caller)
    failed = _tell_listeners(violation)
    trouble = trouble or failed
    policy = _ruled(violation) or policy
    if callable(policy):
        policy, failed = _decided(policy, violation)
        trouble = trouble or failed
    if policy == "raise":
        kind = SynchronousOnlyOperation if call.owner is None else call.owner.error
        raise kind(call.message, violation) from trouble
    report = _REPORTS.get(str(policy))
    if report is not None:
        repeats.report(violation, report)


def _allowed_by(name: str) -> str | None:
    """Say what lets a call pass, or return ``None``."""
    hatch = allowed_by_hatch()
    if hatch is not None and hatch.match(name):
        return ESCAPE_HATCH
    allow = _settings.current("allow")
    return f"allow from {allow.source}" if allow.value.match(name) else None


def _ruled(violation: Violation) -> PolicyName | None:
    for supervisor in reversed(tuple(supervisors)):
        ruling = supervisor.rule(violation)
        if ruling is not None:
            return ruling
    return None


def _tell_listeners(violation: Violation) -> Exception | None:
    """Tell every listener; log the errors that they raise, and return the first."""
    if _busy.telling:  # a listener made this call: to tell it of itself would never end
        return None
    failed = None
    _busy.telling = True
    try:
        for listener in tuple(_listeners):
            try:
                listener(violation)
            except Exception as error:  # noqa: PERF203 - all are to be told
                logger.exception("a listener failed on %s", violation.summary())
                failed = failed or error
    finally:
        _busy.telling = False
    return failed


def _decided(policy: Callable[[Violation], object], violation: Violation) -> tuple[object, Exception | None]:
    """Return what a callable policy decides; where it fails, the decision to raise, and why."""
    if _busy.deciding:  # the policy made this call: to ask it about itself would never end
        return "raise", None
    _busy.deciding = True
    try:
        return _named(policy, policy(violation)), None
    except Exception as error:
        if isinstance(error, SynchronousOnlyOperation) and error.violation in (None, violation):
            raise  # that is its decision, and not a call of its own
        return "raise", error
    finally:
        _busy.deciding = False


def _named(policy: object, decision: object) -> object:
    if decision is None:
        return "ignore"
    if decision in _settings.POLICIES:
        return decision
    names = ", ".join(_settings.POLICIES)
    msg = f"the policy {policy!r} returned {decision!r}; return one of {names}, or None to let the call pass"
    raise ConfigurationError(msg)


def _warn(violation: Violation) -> None:
    place = violation.made_at
    warnings.warn_explicit(
        violation.summary(),
        AsyncUnsafeWarning,
        filename="<event loop>" if place is None else place.file,
        lineno=0 if place is None else place.line,
    )


def _log(violation: Violation) -> None:
    logger.warning("%s", violation.summary(), extra={"violation": violation})


_REPORTS = {"warn": _warn, "log": _log}
