"""Switching the rules on and off."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from ginger_async_safe.blocking.in_force import in_force
from ginger_async_safe.blocking.selection import choice_of_code, choice_of_file, selected

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from types import TracebackType

    from typing_extensions import Self

    from ginger_async_safe.blocking.calls import BlockingCall

__all__ = ["BlockingGuard", "guard_blocking_calls"]


def guard_blocking_calls(
    *,
    add: Iterable[BlockingCall] = (),
    without: str | Iterable[str] = (),
    only_from: Mapping[str, str | Iterable[str]] | None = None,
) -> BlockingGuard:
    """Guard the blocking calls of the standard library and of drivers, which nobody marked, from now on.

    What a rule covers is a violation where an event loop waits for it, as a call marked with ``@async_unsafe`` is: the
    same report, policies, grants and settings. Calls that would not wait are none.

    Use it as a statement, and :meth:`BlockingGuard.stop` ends it; or with ``with`` or ``async with``, and the block's
    end does. Guards may be nested; a rule holds as long as one of them has it.

    What ``[tool.ginger_async_safe.rules]`` in ``pyproject.toml`` says of the rules holds first, and the arguments change
    what that leaves.

    Args:
        add: More rules. One for a target that has a rule already changes of that what it says differently.
        without: Patterns of the ids of rules to leave out: ``"file.*"``.
        only_from: Patterns of the ids of rules, and for each the packages to whose calls these rules are restricted:
            ``{"file.*": ["shop.*"]}``. Of several patterns that match a rule, the last one counts.

    Returns:
        The guard, which is on.

    Raises:
        ConfigurationError: Where a pattern is malformed or matches no rule, an id is taken, or the table in
            ``pyproject.toml`` cannot be used.
    """
    return BlockingGuard(selected(choice_of_file(), choice_of_code(add, without, only_from)))


class BlockingGuard(AbstractContextManager["BlockingGuard"]):
    """Rules that are in force, until :meth:`stop`.

    Args:
        rules: The rules.
    """

    def __init__(self, rules: Sequence[BlockingCall]) -> None:
        self.rules: tuple[BlockingCall, ...] = tuple(rules)
        self._is_on = True
        in_force.add(self.rules)

    def stop(self) -> None:
        """Switch the rules off, but for those that another guard has on. A second time, it does nothing."""
        if self._is_on:
            self._is_on = False
            in_force.remove(self.rules)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
