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
SCRIPT = ROOT / "scripts" / "_rules_page.py"


@pytest.mark.skipif(sys.version_info < (3, 11) or sys.platform != "linux", reason="not all rules are there")
def test_page_is_current() -> None:
    """The page is up to date with the rules; ``scripts/rules-page`` writes it."""
    command = [sys.executable, str(SCRIPT)]
    printed = subprocess.run(command, check=True, capture_output=True, encoding="utf-8", env={"PYTHONUTF8": "1"}).stdout
    assert printed == PAGE.read_text(encoding="utf-8")


@pytest.mark.skipif(sys.version_info < (3, 11) or sys.platform != "linux", reason="not all rules are there")
def test_page_is_kept(tmp_path: Path) -> None:
    """The script writes the page once it is made; after an error the file is as it was."""
    page = tmp_path / "rules.md"
    subprocess.run([sys.executable, SCRIPT, page], check=True)
    written = page.read_text(encoding="utf-8")
    assert set(by_id(ALL_RULES)) <= {line[5:-1] for line in written.splitlines() if line.startswith("### ")}
    program = f"""
import runpy, sys
from ginger_async_safe.blocking import BlockingCall, rules
rules.ALL_RULES = (*rules.ALL_RULES, BlockingCall("os.getcwd", category="untitled"))
sys.argv = [{str(SCRIPT)!r}, {str(page)!r}]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
    failed = subprocess.run([sys.executable, "-c", program], check=False, stderr=subprocess.PIPE, encoding="utf-8")
    assert (1, "give each category a title in _rules_page.py: untitled\n") == (failed.returncode, failed.stderr)
    assert written == page.read_text(encoding="utf-8")


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
