"""Every rule has a section in the documentation, and every report of a rule links to it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import pytest
from _guarding import listening

from ginger_async_safe import BlockingCall, async_unsafe, configure, guard_blocking_calls
from ginger_async_safe.blocking.documentation import anchor, by_id
from ginger_async_safe.blocking.rules import ALL_RULES

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "rules.md"


@pytest.mark.skipif(sys.version_info < (3, 11) or sys.platform != "linux", reason="not all rules are there")
def test_page_is_current() -> None:
    """The page is up to date with the rules; ``python scripts/_rules_page.py > docs/rules.md`` writes it."""
    command = [sys.executable, str(ROOT / "scripts" / "_rules_page.py")]
    printed = subprocess.run(command, check=True, capture_output=True, encoding="utf-8", env={"PYTHONUTF8": "1"}).stdout
    assert printed == PAGE.read_text(encoding="utf-8")


def test_anchors() -> None:
    """Each rule has a heading of its own, and links to headings are made as GitHub and Sphinx make them."""
    headings = [line[5:-1] for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("### ")]
    assert set(by_id(ALL_RULES)) <= set(headings)
    assert len(headings) == len({anchor(each) for each in headings})
    assert ("timesleep", "imaplibimap4_simple_command") == (
        anchor("time.sleep"),
        anchor("imaplib.IMAP4._simple_command"),
    )


def test_reports() -> None:
    """A report of a built-in rule has a line with the link; reports of other rules have none."""

    @async_unsafe
    def marked() -> None:
        pass

    async def main() -> None:
        time.sleep(0.001)  # noqa: ASYNC251 - that is what is reported
        marked()
        asyncio.iscoroutine(1)

    configure(policy="ignore")
    added = BlockingCall("asyncio.iscoroutine", id="shop.own")
    with guard_blocking_calls(add=[added]), listening() as heard:
        asyncio.run(main())
    more = {violation.call.rpartition(".")[2]: violation.more for violation in heard}
    assert {"sleep": "docs/rules.md#timesleep", "marked": "", "own": ""} == more
    texts = {violation.call: str(violation) for violation in heard}
    assert texts["time.sleep"].endswith("\n  fix       await asyncio.sleep(...)\n  more      docs/rules.md#timesleep")
    assert "  more " not in texts["shop.own"]
    assert "docs/rules.md#timesleep" == next(each for each in heard if each.more).to_dict()["more"]
