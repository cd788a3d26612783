"""What test suites call so that each test starts like a new process."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from ginger_async_safe import (
    InternalErrorWarning,
    SynchronousOnlyOperation,
    allow_async_unsafe,
    async_unsafe,
    configure,
    guard_blocking_calls,
    testing,
)
from ginger_async_safe._runtime.failures import report_failure

if TYPE_CHECKING:
    from pathlib import Path


@async_unsafe
def connect() -> str:
    """Represent a blocking call."""
    return "connected"


async def connecting() -> str:
    """Call it on a loop."""
    return connect()


class TestReset:
    """Settings and counts become those of a new process."""

    def test_code(self) -> None:
        """Settings of code are no longer in force."""
        configure(policy="ignore")
        assert "connected" == asyncio.run(connecting())
        testing.reset()
        with pytest.raises(SynchronousOnlyOperation):
            asyncio.run(connecting())

    def test_file(self, tmp_path: Path) -> None:
        """A file that was written after settings were first read is read."""
        with pytest.raises(SynchronousOnlyOperation):
            asyncio.run(connecting())
        (tmp_path / "pyproject.toml").write_text('[tool.ginger_async_safe]\npolicy = "ignore"\n', encoding="utf-8")
        testing.reset()
        assert "connected" == asyncio.run(connecting())

    def test_repeats(self, caplog: pytest.LogCaptureFixture) -> None:
        """A call site that was already reported is reported again."""
        for _ in range(2):
            testing.reset()
            configure(policy="log")
            for _ in range(3):
                asyncio.run(connecting())
        assert 2 == len([each for each in caplog.records if hasattr(each, "violation")])

    @pytest.mark.usefixtures("failures_are_expected")
    def test_failures(self) -> None:
        """Failures of this library's own code are remembered until then, each place once."""
        for _ in range(2):
            with pytest.warns(InternalErrorWarning):
                report_failure("the rule 'shop.open'", ValueError("no shelf"))
            report_failure("the rule 'shop.open'", ValueError("no shelf"))
            assert ("the rule 'shop.open'",) == testing.internal_failures()
            testing.reset()
            assert () == testing.internal_failures()


def test_what_is_left() -> None:
    """Grants that are open here, and rules that are in force, are distinguished from those that have ended."""
    assert ((), frozenset()) == (testing.open_grants(), testing.rules_in_force())
    with allow_async_unsafe(reason="a migration", calls="shop.*") as grant, guard_blocking_calls():
        assert (grant,) == testing.open_grants()
        assert "time.sleep" in testing.rules_in_force()
    assert ((), frozenset()) == (testing.open_grants(), testing.rules_in_force())
