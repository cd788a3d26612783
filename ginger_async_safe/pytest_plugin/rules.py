"""The built-in rules for unmarked blocking calls, while tests run: ``--async-safe-rules``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ginger_async_safe.blocking.guards import guard_blocking_calls
from ginger_async_safe.blocking.selection import choice_of_file, selected

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["RulesInForce"]


class RulesInForce:
    """Enable the rules from the first test's setup to the last one's teardown, in every process of a run.

    Raises:
        ConfigurationError: If the settings of the rules are invalid.
    """

    def __init__(self) -> None:
        selected(choice_of_file())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """Guard while tests run, not while they are collected."""
        with guard_blocking_calls():
            return (yield)
