"""Switching the rules on and off."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from ginger_async_safe.blocking.in_force import in_force
from ginger_async_safe.blocking.selection import choice_of_code, choice_of_file, guarded

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
    """Guard unmarked blocking calls of the standard library and of drivers from now on.

    A call that a rule covers is a violation in an async context, as a call marked with ``@async_unsafe`` is, with the
    same report, policies, grants and settings. Calls that would not wait are allowed.

    Call it as a statement and end the guard with :meth:`BlockingGuard.stop`; or use it in a ``with`` or ``async with``
    statement, whose end stops it. Guards may be nested; a rule is in force as long as one of them has it.

    The table ``[tool.ginger_async_safe.rules]`` in ``pyproject.toml`` is applied first, and the arguments change the
    result.

    Args:
        add: More rules. A rule for a target that has one already changes those of its fields that it sets.
        without: Patterns of the ids of rules to leave out: ``"file.*"``.
        only_from: Patterns of the ids of rules, and for each the packages to whose calls these rules are restricted:
            ``{"file.*": ["shop.*"]}``. Of several patterns that match a rule, the last one counts.

    Returns:
        The guard, which is on.

    Raises:
        ConfigurationError: If a pattern is malformed or matches no rule, an id is taken, or the table in
            ``pyproject.toml`` is invalid.
    """
    guard = BlockingGuard(guarded(choice_of_file(), choice_of_code(add, without, only_from)))
    try:
        in_force.add(guard, guard.rules)
        return guard  # noqa: TRY300 - if something is raised before the caller has the guard, it is stopped here
    except BaseException:
        guard.stop()
        raise


class BlockingGuard(AbstractContextManager["BlockingGuard"]):
    """Rules that are in force until :meth:`stop`; made by :func:`guard_blocking_calls`.

    Args:
        rules: The rules.
    """

    def __init__(self, rules: Sequence[BlockingCall]) -> None:
        self.rules: tuple[BlockingCall, ...] = tuple(rules)

    def stop(self) -> None:
        """Switch the rules off, except those of other guards. A second call does nothing.

        An exception of a signal handler is raised once everything is switched off.
        """
        try:
            in_force.remove(self)
        except BaseException:
            in_force.remove(self)
            raise

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
