"""What is allowed to block a loop: it is counted, and not reported."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ginger_async_safe._config import settings
from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.violation import GuardedCall, origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import FrameType

    from ginger_async_safe.detect import AsyncContext
    from ginger_async_safe.policy import Grant

__all__ = ["allowed_because"]


def allowed_because(context: AsyncContext, frames: list[FrameType], grants: Iterable[Grant]) -> str | None:
    """Return why the code that a loop waits for is allowed to run there; ``None`` if it is not.

    A grant for every call allows all code of its ``with`` block. Other grants, and the setting ``allow``, name calls:
    they allow what runs in a guarded call of such a name; a grant does so in a call that it has allowed itself. The
    escape hatch allows nothing here: it lets code run, and what that costs the loop is still reported.

    Args:
        context: The loop, and its running task.
        frames: The frame that runs in the loop's thread, and its callers up to the loop.
        grants: The open grants of that thread, the outermost first.
    """
    for grant in reversed(tuple(grants)):
        # A frame that is still at the instruction is still in the call.
        applies = "*" in grant.calls.texts or any((id(each), each.f_lasti) == grant.matched_at for each in frames)
        if applies and grant.covers(context.task, frames):
            return grant.reason
    with suppress(ConfigurationError):  # no fault of this code; the first violation reports it
        allow = settings.current("allow")
        if allow.value.texts and any(map(allow.value.match, _guarded(frames))):
            return f"allow from {allow.source}"
    return None


def _guarded(frames: list[FrameType]) -> Iterator[str]:
    """Yield the names of the guarded calls in progress."""
    for frame in frames:
        # A guard is in the code of what it guards, or is a function of this library around it.
        constants = frame.f_code.co_consts
        if origin(frame.f_code.co_filename) == "ours":
            constants = (*constants, *frame.f_locals.values())
        yield from (each.name for each in constants if type(each) is GuardedCall)
