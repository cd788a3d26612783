"""How ``acquire`` of a lock is called: with which arguments it may wait for the lock."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from ginger_async_safe.blocking.clauses import Argument, Clause, Immediate, Satisfies

if TYPE_CHECKING:
    from ginger_async_safe.blocking.calls import Shape

__all__ = ["OF_SHAPES", "may_wait_for_lock"]


def may_wait_for_lock(blocking: object, timeout: Any, *, for_ever: float | None) -> bool:  # noqa: ANN401 - programs pass anything
    """Return whether acquiring a lock may wait; invalid arguments are left for the lock to refuse.

    Args:
        blocking: Whether to wait.
        timeout: For how many seconds at most.
        for_ever: The timeout that means no limit.
    """
    if type(blocking) not in {bool, int} or not blocking:
        return False
    is_number = issubclass(type(timeout), (int, float))
    return timeout is for_ever or (is_number and (timeout == for_ever or 0 < timeout <= threading.TIMEOUT_MAX))


def _cases(blocking: str, for_ever: float | None) -> tuple[Immediate, ...]:
    """Return the cases in which it does not wait, each by one argument; wrappers call the function above with both."""
    does_not_block = Satisfies(lambda value: not may_wait_for_lock(value, for_ever, for_ever=for_ever))
    has_no_time = Satisfies(lambda value: not may_wait_for_lock(blocking=True, timeout=value, for_ever=for_ever))
    return (
        Immediate((Clause(Argument(0, blocking, default=True), does_not_block),)),
        Immediate((Clause(Argument(1, "timeout", for_ever), has_no_time),)),
    )


OF_SHAPES: dict[Shape, tuple[Immediate, ...]] = {
    "lock": _cases("blocking", -1),
    "entering": _cases("blocking", -1),
    "process_lock": _cases("block", None),
}
"""The cases in which a call does not wait, of rules whose wrapper evaluates them."""
