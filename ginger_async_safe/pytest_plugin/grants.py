"""Grants for one test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ginger_async_safe._grants import StandingGrant
from ginger_async_safe._patterns import Patterns
from ginger_async_safe.exceptions import ConfigurationError
from ginger_async_safe.pytest_plugin.recorder import RECORDER

if TYPE_CHECKING:
    from types import TracebackType

    import pytest
    from typing_extensions import Self

__all__ = ["TestGrant"]


class TestGrant(StandingGrant):
    """A grant for what a test does, in whichever task or thread; the run's summary lists it.

    It holds from the start; with ``with`` it ends before the test does.

    Args:
        config: pytest's configuration.
        reason: Why the calls are allowed.
        calls: A pattern of calls, or several.
        where: What in the test asks for it.

    Raises:
        ConfigurationError: Where a pattern is malformed, or the reason is not there.
    """

    __slots__ = ("_recorder", "_where")
    __test__ = False  # no tests in here, whatever its name begins with

    def __init__(self, config: pytest.Config, reason: str, calls: Any, where: str) -> None:  # noqa: ANN401 - checked there
        if not isinstance(reason, str) or not reason.strip():
            msg = "it gives no reason"
            raise ConfigurationError(msg)
        super().__init__(reason, Patterns(calls))
        self._recorder = config.stash.get(RECORDER, None)
        self._where = where
        self.open()

    def close(self) -> None:
        """End it, where it has not ended yet."""
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
