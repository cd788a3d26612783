"""Recording the violations of one process of a test run, test by test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ginger_async_safe._reporting.recorder import Recorder

if TYPE_CHECKING:
    from ginger_async_safe._reporting.baseline import Baseline
    from ginger_async_safe._reporting.recorder import SeenViolation

__all__ = ["RECORDER", "TestRecorder"]


class TestRecorder(Recorder):
    """Record every violation of this process, and select those that fail a test.

    Args:
        fails: Whether a violation that the baseline does not list is left to the policy, and fails its test; otherwise
            all violations are allowed.
        baseline: The known violations, or ``None``.
    """

    __test__ = False  # pytest would collect it because of its name

    def __init__(self, *, fails: bool, baseline: Baseline | None) -> None:
        super().__init__(ruling=None if fails else "ignore", baseline=baseline)
        self._fails = fails
        self._returned: set[int] = set()
        self.test: str | None = None
        """The id of the test that runs."""

    def new_violations(self) -> list[SeenViolation]:
        """Return the violations that fail this test, without those that an earlier call returned."""
        if not self._fails:
            return []
        new = [
            each
            for each in self.seen()
            if not (each.is_known or each.is_only_reported) and id(each) not in self._returned
        ]
        self._returned |= set(map(id, new))
        return new

    def take(self) -> dict[str, Any]:
        """Return what was recorded since the last call, and the test it belongs to; an empty dict if nothing was."""
        plain = super().take()
        self._returned.clear()
        return {**plain, "test": self.test} if plain else plain


RECORDER = pytest.StashKey[TestRecorder]()
