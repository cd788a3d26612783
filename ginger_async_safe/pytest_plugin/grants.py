"""Grants for one test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ginger_async_safe._config.patterns import Patterns
from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.policy import grants
from ginger_async_safe.pytest_plugin.recorder import RECORDER

if TYPE_CHECKING:
    from types import TracebackType

    import pytest
    from typing_extensions import Self

__all__ = ["TestGrant"]


class TestGrant(grants.StandingGrant):
    """A grant for everything that a test does, in any task or thread; the run's summary lists it.

    It holds from its creation to the end of the test, or of the ``with`` block that it is used with.

    Args:
        config: pytest's configuration.
        reason: Why the calls are allowed.
        calls: A pattern of calls, or several.
        where: The marker, fixture or call that created it, for the summary.

    Raises:
        ConfigurationError: If a pattern is malformed, or the reason is missing.
    """

    __slots__ = ("_recorder", "_where")
    __test__ = False  # pytest would collect it because of its name

    def __init__(self, config: pytest.Config, reason: str, calls: Any, where: str) -> None:  # noqa: ANN401 - checked there
        if not isinstance(reason, str) or not reason.strip():
            msg = "reason is missing"
            raise ConfigurationError(msg)
        super().__init__(reason, Patterns(calls))
        self._recorder = config.stash.get(RECORDER, None)
        self._where = where
        self.open()

    def close(self) -> None:
        """End the grant, if it has not ended yet."""
        if self not in self.home:
            return
        super().close()
        if self._recorder is not None:
            self._recorder.add_grant(self, self._where)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
