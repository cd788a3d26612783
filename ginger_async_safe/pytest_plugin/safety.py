"""What one test asks of the plugin by its markers and fixtures: it begins before the test's other fixtures do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.pytest_plugin.grants import TestGrant
from ginger_async_safe.pytest_plugin.listening import Listener

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ginger_async_safe.violation import Violation

__all__ = ["AsyncSafety"]

_FIXTURE = "async_unsafe_allowed"


class AsyncSafety:
    """The violations of one test, and what it may.

    Args:
        test: The test.
        marker: The name of the marker whose grants the test has.

    Raises:
        pytest.fail.Exception: Where a marker cannot be used.
    """

    def __init__(self, test: pytest.Item, marker: str) -> None:
        self._test = test
        self._listener = Listener()
        self._listener.__enter__()
        self._grants: list[TestGrant] = []
        try:
            for node, mark in test.iter_markers_with_node(marker):
                self._grants.append(_grant_of(mark, node, test.config))
        except BaseException:
            self.end()
            raise
        self._all: TestGrant | None = None
        if _FIXTURE in getattr(test, "fixturenames", ()):
            self.allow_all()

    @property
    def violations(self) -> tuple[Violation, ...]:
        """The violations so far, the first one first; without those that ``expected`` or an assertion has caught."""
        return tuple(self._listener.violations)

    def expected(self) -> Listener:
        """Have guarded calls raise, in every mode and under every policy: ``with async_safety.expected() as violations:``.

        The violations inside are meant: no mode counts them, no baseline gets them, and they fail no test.

        Returns:
            A context manager, which gives the list that the violations go to.
        """
        return Listener("raise")

    def allow(self, calls: str | Iterable[str] = "*", *, reason: str) -> TestGrant:
        """Allow guarded calls from now on, to the end of the test, or of the block if it is used with ``with``.

        Args:
            calls: A pattern of the calls to allow, or several.
            reason: Why.

        Raises:
            ConfigurationError: Where a pattern is malformed, or the reason is not there.
        """
        grant = TestGrant(self._test.config, reason, calls, f"async_safety.allow in {self._test.nodeid}")
        self._grants.append(grant)
        return grant

    def allow_all(self) -> TestGrant:
        """Allow every guarded call to the end of the test: what the fixture ``async_unsafe_allowed`` does."""
        if self._all is None:
            where = f"fixture of {self._test.nodeid}"
            self._all = TestGrant(self._test.config, f"the fixture {_FIXTURE}", "*", where)
            self._grants.append(self._all)
        return self._all

    def end(self) -> None:
        """End what was allowed, and see no more."""
        for grant in self._grants:
            grant.close()
        self._listener.__exit__(None, None, None)


def _grant_of(marker: pytest.Mark, node: Any, config: pytest.Config) -> TestGrant:  # noqa: ANN401 - a node of any kind
    def allow_async_unsafe(calls: Any = "*", *, reason: str = "") -> TestGrant:  # noqa: ANN401 - checked where it is read
        return TestGrant(config, reason, calls, f"marker of {node.nodeid}")

    try:
        return allow_async_unsafe(*marker.args, **marker.kwargs)
    except (TypeError, ConfigurationError) as error:
        text = str(error).rpartition("<locals>.")[2]
        msg = (
            f"@pytest.mark.allow_async_unsafe of {node.nodeid} cannot be used: {text}; "
            'write it as allow_async_unsafe(calls="gingerdj.db.*", reason="why")'
        )
        raise pytest.fail.Exception(msg, pytrace=False) from None
