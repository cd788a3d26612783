"""The violations and grants of one test; recording begins before the test's other fixtures are set up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.pytest_plugin.grants import TestGrant
from ginger_async_safe.pytest_plugin.supervisor import RecordingSupervisor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ginger_async_safe.violation import Violation

__all__ = ["AsyncSafety"]

_FIXTURE = "async_unsafe_allowed"


class AsyncSafety:
    """The violations of one test, and its grants.

    Args:
        test: The test.
        marker: The name of the marker that grants calls to the test.

    Raises:
        pytest.fail.Exception: If the arguments of a marker are invalid.
    """

    def __init__(self, test: pytest.Item, marker: str) -> None:
        self._test = test
        self._supervisor = RecordingSupervisor()
        self._supervisor.__enter__()
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
        """The violations so far, in order, without those inside ``expected()`` or ``assert_async_unsafe``."""
        return tuple(self._supervisor.violations)

    def expected(self) -> RecordingSupervisor:
        """Make guarded calls raise, in every mode and under every policy: ``with async_safety.expected() as violations:``.

        The violations inside are expected: no mode counts them, no baseline lists them, and they fail no test.

        Returns:
            A context manager, whose value is the list of the violations.
        """
        return RecordingSupervisor("raise")

    def allow(self, calls: str | Iterable[str] = "*", *, reason: str) -> TestGrant:
        """Allow guarded calls from now on, until the end of the test, or of the ``with`` block that it is used with.

        Args:
            calls: A pattern of the calls to allow, or several.
            reason: Why they are allowed.

        Raises:
            ConfigurationError: If a pattern is malformed, or the reason is missing.
        """
        grant = TestGrant(self._test.config, reason, calls, f"async_safety.allow in {self._test.nodeid}")
        self._grants.append(grant)
        return grant

    def allow_all(self) -> TestGrant:
        """Allow every guarded call until the end of the test, as the fixture ``async_unsafe_allowed`` does."""
        if self._all is None:
            where = f"fixture of {self._test.nodeid}"
            self._all = TestGrant(self._test.config, f"the fixture {_FIXTURE}", "*", where)
            self._grants.append(self._all)
        return self._all

    def end(self) -> None:
        """End the grants, and stop recording."""
        for grant in self._grants:
            grant.close()
        self._supervisor.__exit__(None, None, None)


def _grant_of(marker: pytest.Mark, node: Any, config: pytest.Config) -> TestGrant:  # noqa: ANN401 - a node of any kind
    def allow_async_unsafe(calls: Any = "*", *, reason: str = "") -> TestGrant:  # noqa: ANN401 - checked where it is read
        return TestGrant(config, reason, calls, f"marker of {node.nodeid}")

    try:
        return allow_async_unsafe(*marker.args, **marker.kwargs)
    except (TypeError, ConfigurationError) as error:
        text = str(error).rpartition("<locals>.")[2]
        msg = (
            f"@pytest.mark.allow_async_unsafe of {node.nodeid} is invalid: {text}; "
            'write it as allow_async_unsafe(calls="gingerdj.db.*", reason="why")'
        )
        raise pytest.fail.Exception(msg, pytrace=False) from None
