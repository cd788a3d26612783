"""Make calls in tasks, and return the errors and records of violations."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from ginger_async_safe import SynchronousOnlyOperation, add_listener, remove_listener

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ginger_async_safe import Violation

__all__ = ["called_in_task", "listening", "refusal_of", "violation_of"]

_T = TypeVar("_T")


def called_in_task(function: Callable[..., _T], /, *arguments: Any, **keywords: Any) -> _T:
    """Call a function in a task of asyncio, and return its result."""

    async def main() -> _T:
        return function(*arguments, **keywords)

    return asyncio.run(main())


def refusal_of(function: Callable[..., object], /, *arguments: Any, **keywords: Any) -> SynchronousOnlyOperation:
    """Call a function in a task, expect that it is stopped there, and return the error."""
    with pytest.raises(SynchronousOnlyOperation) as stopped:
        called_in_task(function, *arguments, **keywords)
    return stopped.value


def violation_of(function: Callable[..., object], /, *arguments: Any, **keywords: Any) -> Violation:
    """Call a function in a task, expect that it is stopped there, and return the record."""
    violation = refusal_of(function, *arguments, **keywords).violation
    assert violation is not None
    return violation


@contextmanager
def listening() -> Iterator[list[Violation]]:
    """Collect the violations of a block."""
    heard: list[Violation] = []
    add_listener(heard.append)
    try:
        yield heard
    finally:
        remove_listener(heard.append)
