"""What a test run has found, from all of its processes."""

from __future__ import annotations

from typing import Any

from ginger_async_safe._reporting.ledger import Ledger

__all__ = ["TestLedger"]


class TestLedger(Ledger):
    """Adds up what the processes of a run send.

    Attributes:
        lost: Why something is missing, or nothing.
        left_out: How many tests were not to run.
        collected: How many tests were to run.
        ran: The ids of those that did.
        failed: The ids of those that failed, or were expected to.
        skipped: The ids of those that were skipped.
    """

    __test__ = False  # no tests in here, whatever its name begins with

    def __init__(self) -> None:
        super().__init__()
        self.left_out: int = 0
        self.collected: int = 0
        self.ran: set[str] = set()
        self.failed: set[str] = set()
        self.skipped: set[str] = set()
        self.lost: str = ""

    def add_rest(self, rest: dict[str, Any]) -> None:
        """Add what a process has left at its end: what each thing was seen in says itself."""
        self.left_out = max(self.left_out, rest["left_out"])
        self.collected = max(self.collected, rest["collected"])
        for seen in rest["seen"]:
            self.add(seen.get("test"), seen)
