"""Recording the violations of a block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe import policy

if TYPE_CHECKING:
    from types import TracebackType

    from ginger_async_safe.policy import PolicyName
    from ginger_async_safe.violation import Violation

__all__ = ["RecordingSupervisor"]


class RecordingSupervisor:
    """Record the violations of a block, and the calls that the settings allow there.

    The value of ``with`` is the list of violations.

    Args:
        ruling: What a violation does in the block; ``None`` leaves that to other supervisors and the policy.

    Attributes:
        violations: The violations so far.
        allowed_by: The names of the calls that the settings allowed, each with the setting that did.
    """

    reports_to_user = True
    """The failure of a test reports its violations, so they are not logged as well."""

    def __init__(self, ruling: PolicyName | None = None) -> None:
        self._ruling: PolicyName | None = ruling
        self.violations: list[Violation] = []
        self.allowed_by: dict[str, str] = {}

    def rule(self, violation: Violation) -> PolicyName | None:
        """Record a violation, and return what it does."""
        self.violations.append(violation)
        return self._ruling

    def noted(self, violation: Violation) -> None:
        """Record nothing: the violation belongs to an installed package."""

    def allowed(self, call: str, by: str) -> None:
        """Record a call that the settings allowed."""
        self.allowed_by[call] = by

    def __enter__(self) -> list[Violation]:
        policy.supervisors.append(self)
        return self.violations

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        policy.supervisors.remove(self)
