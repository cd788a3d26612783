"""Test suites that a test writes, and runs with pytest."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

# pytester removes modules that a suite imports first, while the package would keep references to them.
import ginger_async_safe.decorators
import ginger_async_safe.pytest_plugin.safety
import ginger_async_safe.pytest_plugin.session  # noqa: F401

if TYPE_CHECKING:
    import pytest

__all__ = ["SHOP", "Suite"]

_PLUGINS = ("pytest_asyncio.plugin", "anyio.pytest_plugin", "ginger_async_safe.pytest_plugin")
_QUICK = ["-W", "error", "-p", "no:cacheprovider", *(arg for plugin in _PLUGINS for arg in ("-p", plugin))]

SHOP = """
import asyncio
from ginger_async_safe import SynchronousOnlyOperation, async_unsafe


@async_unsafe
def titles():
    return ["Kindred"]


@async_unsafe
def count(table):
    return len(table)


def report():
    return "; ".join(titles())


def try_report():
    try:
        return report()
    except SynchronousOnlyOperation:
        return "nothing"
"""


class Suite:
    """A small project with tests.

    Args:
        pytester: pytest's own fixture.
        monkeypatch: pytest's own fixture.
    """

    def __init__(self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pytester = pytester
        self._monkeypatch = monkeypatch
        # In CI, pytest repeats the full text of each failure in its short summary.
        for name in ("CI", "BUILD_NUMBER"):
            monkeypatch.delenv(name, raising=False)
        self.ini("")
        pytester.makepyfile(shop=SHOP)

    def ini(self, text: str) -> None:
        """Write the ini file."""
        lines = ["[pytest]", "asyncio_default_fixture_loop_scope = function", *dedent(text).splitlines()]
        self.pytester.makefile(".ini", pytest="\n".join(lines))

    def write(self, source: str, name: str = "test_shop", imports: str = "from shop import *") -> Suite:
        """Write a test file, which begins with some imports."""
        head = f"import asyncio, threading, unittest\nimport pytest\n{imports}\n"
        self.pytester.makepyfile(**{name: head + dedent(source)})
        return self

    def run(self, *options: str) -> pytest.RunResult:
        """Run the suite in this process, with warnings as errors, and only the plugins that it needs."""
        self._monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        return self.pytester.runpytest_inprocess(*_QUICK, *options)

    def run_alone(self, *options: str) -> pytest.RunResult:
        """Run the suite in a process of its own, with all plugins that are installed."""
        self._monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", raising=False)
        return self.pytester.runpytest_subprocess("-p", "no:cacheprovider", *options, timeout=60)
