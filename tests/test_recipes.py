"""The recipes of the documentation: they work without an environment variable, and fail without this library."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from _running import TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Sequence

EXAMPLES = Path(__file__).parent.parent / "examples"
PAGES = {"test_list", "test_count", "test_mistake_in_a_view", "test_mistake_in_a_handler", "test_loop"}
GUARD = '"ginger_async_safe.contrib.gingerdj"'
THEIR_ERROR = "gingerdj.core.exceptions.SynchronousOnlyOperation"

# Without this library, the suite's own tests cannot query: they fail before, where their tables are emptied.
TEST_QUERY = """
import pytest
from bookshelf.books.models import Book


@pytest.fixture
def database(migrated_database):
    pass


def test_query(page, live_server):
    page.goto(live_server)
    Book.objects.count()
"""

browsers = pytest.mark.parametrize("browser", ["stand-in", "chromium"])


def run(command: Sequence[str | Path], directory: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python without any variable of this library's or the frameworks'.

    pytest's plugins are not loaded, either, which would take long: the page runs the suite with them.
    """
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("GINGER_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, *command],
        cwd=directory,
        env=environment | {"PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **variables},
        capture_output=True,
        text=True,
        timeout=3 * TIMEOUT,
        check=False,
    )


def outcomes(browser: str, directory: Path, **variables: str) -> dict[str, tuple[str, str]]:
    """Run a suite of browser tests and return the outcome of each test, with the reason; skip if there is no browser.

    Args:
        browser: What opens the pages.
        directory: The directory with the folders ``browser_tests`` and ``bookshelf``.
        variables: Environment variables to set.
    """
    report = Path.cwd() / "report.xml"
    options = ["-p", "no:cacheprovider", f"--basetemp={Path.cwd() / 'temporary'}", f"--junitxml={report}"]
    done = run(["-m", "pytest", *options, f"--pages-by={browser}", "browser_tests"], directory, **variables)
    assert report.exists(), done.stdout + done.stderr
    found = {}
    for test in ET.parse(report).iter("testcase"):
        fault = next(iter(test), None)
        found[test.attrib["name"]] = ("passed", "") if fault is None else (fault.tag, fault.attrib["message"])
    if {kind for kind, _ in found.values()} == {"skipped"}:
        pytest.skip("; ".join({why for _, why in found.values()}))
    return found


def unguarded_project(directory: Path) -> None:
    """Copy the browser tests and the project, and remove this library's line from the project's settings."""
    for folder in ("browser_tests", "bookshelf"):
        shutil.copytree(EXAMPLES / folder, directory / folder)
    settings = directory / "bookshelf" / "bookshelf" / "settings.py"
    text = settings.read_text(encoding="utf-8")
    assert 1 == text.count(GUARD)
    settings.write_text(text.replace(f"{GUARD},", ""), encoding="utf-8")


@browsers
def test_browser_tests(browser: str) -> None:
    """Tests of a live server query between the page's actions; violations in a view or a handler are stopped."""
    assert dict.fromkeys(PAGES, ("passed", "")) == outcomes(browser, EXAMPLES)


@browsers
def test_browser_tests_under_their_guard(browser: str, tmp_path: Path) -> None:
    """Under GingerDJ's own guard, none of them gets past its first query, in a fixture or in the test itself."""
    unguarded_project(tmp_path)
    (tmp_path / "browser_tests" / "test_query.py").write_text(TEST_QUERY, encoding="utf-8")
    found = outcomes(browser, tmp_path)
    assert dict.fromkeys(PAGES, "error") | {"test_query": "failure"} == {
        name: kind for name, (kind, _) in found.items()
    }
    assert all(THEIR_ERROR in why for _, why in found.values())


def test_browser_tests_with_settings_of_their_own(tmp_path: Path) -> None:
    """A project that does not want this library in production can enable it in the settings of its tests."""
    unguarded_project(tmp_path)
    settings = f"from bookshelf.settings import *\n\nINSTALLED_APPS = [{GUARD}, *INSTALLED_APPS]\n"
    (tmp_path / "bookshelf" / "bookshelf" / "test_settings.py").write_text(settings, encoding="utf-8")
    found = outcomes("stand-in", tmp_path, GINGER_SETTINGS_MODULE="bookshelf.test_settings")
    assert dict.fromkeys(PAGES, ("passed", "")) == found


@pytest.mark.parametrize("stopped", ["dashboard", "view"])
def test_gevent_under_their_guard(stopped: str, tmp_path: Path) -> None:
    """GingerDJ's own guard also stops the fixed query; and without it, the view's in the other greenlet."""
    text = (EXAMPLES / "gevent_example.py").read_text(encoding="utf-8")
    fixed = "await sync_to_async(title)()"
    assert (1, 1) == (text.count(GUARD), text.count(fixed))
    text = text.replace(GUARD, "")
    example = tmp_path / "gevent_example.py"
    example.write_text(text if stopped == "dashboard" else text.replace(fixed, "None"), encoding="utf-8")
    done = run([example.name], tmp_path)
    last = done.stderr.strip().splitlines()[-1]
    assert (1, True) == (done.returncode, last.startswith(THEIR_ERROR)), done.stderr
    assert f"in {stopped}\n" in done.stderr


def test_no_variable() -> None:
    """No recipe sets a variable that opens an escape hatch, nor uses a grant."""
    files = [
        EXAMPLES / "gevent_example.py",
        *(path for path in (EXAMPLES / "browser_tests").glob("*.*") if path.is_file()),
    ]
    assert [] == [path.name for path in files if "allow_async_unsafe" in path.read_text(encoding="utf-8").lower()]
