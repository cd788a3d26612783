"""The pytest plugin: fixtures and a marker for async safety, and modes that watch a whole run.

pytest loads it with the package. Until a test or an option asks for something, it does nothing.
"""

from __future__ import annotations

import pytest

from ginger_async_safe.pytest_plugin.fixtures import (
    assert_async_safe,
    assert_async_unsafe,
    async_safety,
    async_unsafe_allowed,
)
from ginger_async_safe.pytest_plugin.options import MODES, asked
from ginger_async_safe.pytest_plugin.running import MARKER, asks, begin, end, prepare

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
        help="what guarded calls on a running event loop do to a run: fail the test that makes one, be reported at the "
        "end, or nothing beyond the error that they raise (default: async_safe_mode of the ini file, else off)",
    )
    group.addoption(
        "--async-safe-baseline",
        metavar="FILE",
        help="let the violations pass that FILE lists (default: async_safe_baseline of the ini file); implies "
        "--async-safe=fail",
    )
    group.addoption(
        "--async-safe-update-baseline",
        action="store_true",
        help="write the violations of this run into the baseline, and let all of them pass",
    )
    group.addoption(
        "--async-safe-strict-baseline",
        action="store_true",
        help="fail the run where the baseline lists violations that are no longer made",
    )
    group.addoption("--async-safe-json", metavar="FILE", help="write what a run found into FILE, as JSON")
    group.addoption(
        "--async-safe-rules",
        action="store_true",
        help="put the rules for blocking calls that nobody marked in force while tests run (default: async_safe_rules of "
        "the ini file); implies --async-safe=fail",
    )
    parser.addini("async_safe_mode", "what --async-safe is where it is not given: off, report or fail", default="")
    parser.addini("async_safe_baseline", "what --async-safe-baseline is where it is not given", default="")
    parser.addini(
        "async_safe_rules", "whether --async-safe-rules is meant where it is not given", type="bool", default=False
    )


def pytest_configure(config: pytest.Config) -> None:
    """Watch the run, where that is asked for."""
    config.addinivalue_line(
        "markers",
        f'{MARKER}(calls="*", *, reason): let the test make these guarded calls where an event loop waits for them; '
        "the reason is shown at the end of a run with --async-safe",
    )
    prepare(config)
    options = asked(config)
    if options is not None:
        from ginger_async_safe.pytest_plugin.session import watch  # noqa: PLC0415 - an inert plugin imports little

        watch(config, options)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what a test has left open that was interrupted."""
    end(config)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Follow the tests one by one only where one of them asks for something."""
    if any(map(asks, items)):
        config.pluginmanager.register(_Follower(), "ginger_async_safe follower")


class _Follower:
    """Begins what a test's markers and fixtures ask for, and ends it."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Begin before the test's other fixtures."""
        if asks(item):
            end(item.config)  # of an earlier try, where a plugin runs a test again
            begin(item)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """End before the test's last report is made."""
        if call.when == "teardown":
            end(item.config)
