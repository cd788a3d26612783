"""Seeing the violations of a block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe import policy

if TYPE_CHECKING:
    from types import TracebackType

    from ginger_async_safe.policy import PolicyName
    from ginger_async_safe.violation import Violation

__all__ = ["Listener"]


class Listener:
    """Keeps what is violated in a block, and what the settings let through; ``with`` gives the list of the first.

    Args:
        ruling: What a violation does meanwhile; ``None`` leaves that to those below, and to the policy.
    """

    def __init__(self, ruling: PolicyName | None = None) -> None:
        self._ruling: PolicyName | None = ruling
        self.violations: list[Violation] = []
        self.let_through: dict[str, str] = {}

    def rule(self, violation: Violation) -> PolicyName | None:
        """Keep a violation, and rule on it."""
        self.violations.append(violation)
        return self._ruling

    def allowed(self, call: str, by: str) -> None:
        """Keep what the settings let through."""
        self.let_through[call] = by

    def __enter__(self) -> list[Violation]:
        policy.supervisors.append(self)
        return self.violations

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        policy.supervisors.remove(self)
