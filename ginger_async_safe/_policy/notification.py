"""Where violations are reported: listeners, supervisors such as a test runner, and the log, once per place."""

from __future__ import annotations

import logging
import threading
import warnings
from typing import TYPE_CHECKING, Literal

from ginger_async_safe._policy.repeats import Repeats
from ginger_async_safe._runtime.failures import containing
from ginger_async_safe.exceptions import AsyncUnsafeWarning

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from ginger_async_safe.violation import Violation

    class Supervisor(Protocol):
        """Decides on violations before the settings do, as a test runner."""

        @property
        def reports_to_user(self) -> bool:
            """Whether it reports violations to the user itself; then they are not logged as well."""
            ...

        def allowed(self, call: str, by: str) -> None:
            """Receive a call that the settings allow, and the setting that allows it."""

        def rule(self, violation: Violation) -> PolicyName | None:
            """Decide on a violation before the policy; ``None`` leaves it to the next supervisor, and then to the policy."""

        def noted(self, violation: Violation) -> None:
            """Receive a violation that is not the project's own; it is never stopped."""


__all__ = [
    "PolicyName",
    "is_reported_by_supervisor",
    "listeners",
    "log_raised",
    "logger",
    "notify_allowed",
    "notify_listeners",
    "notify_noted",
    "repeats",
    "report",
    "supervisor_decision",
    "supervisors",
]

PolicyName = Literal["raise", "warn", "log", "ignore"]

logger: logging.Logger = logging.getLogger("ginger_async_safe")
repeats: Repeats = Repeats(logger)

listeners: list[Callable[[Violation], object]] = []
supervisors: list[Supervisor] = []
"""The supervisors that decide before the policy; the one added last is called first."""


class _Busy(threading.local):
    """Whether this thread is inside a listener, which may itself make guarded calls."""

    notifying = False


_busy = _Busy()


def notify_listeners(violation: Violation) -> Exception | None:
    """Call every listener; log the errors that they raise, and return the first."""
    if _busy.notifying:  # a listener itself made this call: calling it again would recurse forever
        return None
    failed = None
    _busy.notifying = True
    try:
        for listener in tuple(listeners):
            try:
                listener(violation)
            except Exception as error:  # noqa: PERF203 - one failure must not skip the others
                logger.exception("a listener failed on %s", violation.summary())
                failed = failed or error
    finally:
        _busy.notifying = False
    return failed


def notify_allowed(name: str, by: str) -> None:
    """Pass a call that the settings allow to every supervisor."""
    for supervisor in tuple(supervisors):
        with containing(_description(supervisor)):
            supervisor.allowed(name, by)


def notify_noted(violation: Violation) -> None:
    """Pass a violation that is never stopped to every supervisor."""
    for supervisor in tuple(supervisors):
        with containing(_description(supervisor)):
            supervisor.noted(violation)


def supervisor_decision(violation: Violation) -> PolicyName | None:
    """Return the decision of the first supervisor that decides on a violation; ``None`` where none does."""
    for supervisor in reversed(tuple(supervisors)):
        ruling: PolicyName | None = "ignore"  # the decision where the supervisor fails
        with containing(_description(supervisor)):
            ruling = supervisor.rule(violation)
        if ruling is not None:
            return ruling
    return None


def is_reported_by_supervisor() -> bool:
    """Return whether a supervisor reports violations to the user itself."""
    return any(supervisor.reports_to_user for supervisor in supervisors)


def _description(supervisor: Supervisor) -> str:
    kind = type(supervisor)
    return f"the supervisor {kind.__module__}.{kind.__qualname__}"


def report(violation: Violation, policy: str) -> Exception | None:
    """Report a violation by a policy; return the warning where the program's filters turn it into an error."""
    emit = _REPORTS.get(policy)
    try:
        if emit is not None:
            repeats.report(violation, emit)
    except AsyncUnsafeWarning as error:
        return error
    return None


def log_raised(violation: Violation) -> None:
    """Log a violation that is raised, since ``except Exception`` would hide it."""
    repeats.report(violation, _log_as_error)


def _warn(violation: Violation) -> None:
    place = violation.called_at
    warnings.warn_explicit(
        violation.summary(),
        AsyncUnsafeWarning,
        filename="<event loop>" if place is None else place.file,
        lineno=0 if place is None else place.line,
    )


def _log(violation: Violation) -> None:
    logger.warning("%s", violation.summary(), extra={"violation": violation})


def _log_as_error(violation: Violation) -> None:
    logger.error("%s (it was stopped)", violation.summary(), extra={"violation": violation})


_REPORTS = {"warn": _warn, "log": _log}
