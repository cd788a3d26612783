"""What one process of a test run sees, test by test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ginger_async_safe._reporting.recorder import Recorder

if TYPE_CHECKING:
    from ginger_async_safe._baseline import Baseline
    from ginger_async_safe._reporting.recorder import Finding

__all__ = ["RECORDER", "TestRecorder"]


class TestRecorder(Recorder):
    """Sees every violation of this process, and tells those that a test has to fail of.

    Args:
        fails: Whether a violation that is not known is left to the policy, and fails its test; else all of them pass.
        baseline: The known violations, or ``None``.
    """

    __test__ = False  # no tests in here, whatever its name begins with

    def __init__(self, *, fails: bool, baseline: Baseline | None) -> None:
        super().__init__(ruling=None if fails else "ignore", baseline=baseline)
        self._fails = fails
        self._told: set[int] = set()
        self.test: str | None = None
        """The id of the test that runs."""

    def fresh(self) -> list[Finding]:
        """Return the violations of this test that it has to fail of, each once."""
        if not self._fails:
            return []
        fresh = [each for each in self.findings() if not each.is_known and id(each) not in self._told]
        self._told |= set(map(id, fresh))
        return fresh

    def take(self) -> dict[str, Any]:
        """Return what was seen since the last time, and of which test; nothing where nothing was."""
        plain = super().take()
        self._told.clear()
        return {**plain, "test": self.test} if plain else plain


RECORDER = pytest.StashKey[TestRecorder]()
