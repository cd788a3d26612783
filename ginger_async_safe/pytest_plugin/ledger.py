"""The results of a test run, from all of its processes."""

from __future__ import annotations

from typing import Any

from ginger_async_safe._reporting.ledger import Ledger

__all__ = ["TestLedger"]


class TestLedger(Ledger):
    """Add up what the processes of a run send.

    Attributes:
        lost: Why results are missing; empty if none are.
        deselected: How many tests were deselected.
        collected: How many tests were selected to run.
        ran: The ids of the tests that ran.
        failed: The ids of the tests that failed or were marked ``xfail``.
        skipped: The ids of the tests that were skipped.
    """

    __test__ = False  # pytest would collect it because of its name

    def __init__(self) -> None:
        super().__init__()
        self.deselected: int = 0
        self.collected: int = 0
        self.ran: set[str] = set()
        self.failed: set[str] = set()
        self.skipped: set[str] = set()
        self.lost: str = ""

    def add_rest(self, rest: dict[str, Any]) -> None:
        """Add what a process has left at its end; each record names the test that it belongs to."""
        self.deselected = max(self.deselected, rest["deselected"])
        self.collected = max(self.collected, rest["collected"])
        for seen in rest["seen"]:
            self.add(seen.get("test"), seen)
