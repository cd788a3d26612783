"""The pytest plugin: fixtures and a marker for async safety, and modes that check a whole run.

pytest loads it with the package. It does nothing unless a test uses one of its fixtures or its marker, or an option
switches on a mode.
"""

from __future__ import annotations

import pytest

from ginger_async_safe.pytest_plugin.fixtures import (
    assert_async_safe,
    assert_async_unsafe,
    async_safety,
    async_unsafe_allowed,
)
from ginger_async_safe.pytest_plugin.options import MODES, options_of
from ginger_async_safe.pytest_plugin.running import MARKER, begin, end, prepare, uses_plugin

__all__ = [
    "assert_async_safe",
    "assert_async_unsafe",
    "async_safety",
    "async_unsafe_allowed",
    "pytest_addoption",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_unconfigure",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("async-safe", "async safety (ginger_async_safe)")
    group.addoption(
        "--async-safe",
        choices=MODES,
        dest="async_safe_mode",
        help="what a guarded call in an async context does: fail its test (fail), appear in a report at the end of the run "
        "(report), or nothing beyond raising its error (off) (default: async_safe_mode of the ini file, else off)",
    )
    group.addoption(
        "--async-safe-baseline",
        metavar="FILE",
        help="allow the known violations listed in FILE (default: async_safe_baseline of the ini file); implies "
        "--async-safe=fail",
    )
    group.addoption(
        "--async-safe-update-baseline",
        action="store_true",
        help="write the violations of this run to the baseline, and fail no test because of them",
    )
    group.addoption(
        "--async-safe-strict-baseline",
        action="store_true",
        help="fail the run if the baseline lists violations that no longer occur",
    )
    group.addoption("--async-safe-json", metavar="FILE", help="write the report of the run to FILE, as JSON")
    group.addoption(
        "--async-safe-rules",
        action="store_true",
        help="enable the built-in rules for unmarked blocking calls while tests run (default: async_safe_rules of the ini "
        "file); implies --async-safe=fail",
    )
    parser.addini("async_safe_mode", "default of --async-safe: off, report or fail", default="")
    parser.addini("async_safe_baseline", "default of --async-safe-baseline", default="")
    parser.addini("async_safe_rules", "default of --async-safe-rules", type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and check the run if its options say so."""
    config.addinivalue_line(
        "markers",
        f'{MARKER}(calls="*", *, reason): allow these guarded calls in the test, also on an event loop; the reason is '
        "shown at the end of a run with --async-safe",
    )
    prepare(config)
    options = options_of(config)
    if options is not None:
        from ginger_async_safe.pytest_plugin.session import check_run  # noqa: PLC0415 - an inert plugin imports little

        check_run(config, options)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Close what an interrupted test has left open."""
    end(config)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Register the hooks that run for each test only if one of the tests uses the plugin."""
    if any(map(uses_plugin, items)):
        config.pluginmanager.register(_TestHooks(), "ginger_async_safe test hooks")


class _TestHooks:
    """Open what a test's markers and fixtures request before the test, and close it afterwards."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Begin before the test's other fixtures."""
        if uses_plugin(item):
            end(item.config)  # an earlier attempt, where a plugin reruns a test
            begin(item)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """End before the test's last report is made."""
        if call.when == "teardown":
            end(item.config)
