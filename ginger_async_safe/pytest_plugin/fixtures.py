"""The fixtures. What they give is made where a test asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ginger_async_safe.pytest_plugin.running import asks, begin, end

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ginger_async_safe import Grant
    from ginger_async_safe.pytest_plugin.asserting import AssertAsyncSafe, AssertAsyncUnsafe
    from ginger_async_safe.pytest_plugin.safety import AsyncSafety

__all__ = ["assert_async_safe", "assert_async_unsafe", "async_safety", "async_unsafe_allowed"]


@pytest.fixture
def assert_async_unsafe() -> AssertAsyncUnsafe:
    """Call it as ``assert_async_unsafe(function, *args, **kwargs)``: the call is stopped on an event loop, and works off it."""
    from ginger_async_safe.pytest_plugin.asserting import AssertAsyncUnsafe  # noqa: PLC0415

    return AssertAsyncUnsafe()


@pytest.fixture
def assert_async_safe() -> Iterator[AssertAsyncSafe]:
    """Use it as ``with assert_async_safe:`` or ``async with``: nothing inside makes a guarded call on an event loop."""
    from ginger_async_safe.pytest_plugin.asserting import AssertAsyncSafe  # noqa: PLC0415

    asserting = AssertAsyncSafe()
    yield asserting
    asserting.end()


@pytest.fixture
def async_safety(request: pytest.FixtureRequest) -> AsyncSafety:
    """The violations of this test so far, and what it may: ``allow(calls, reason=...)``, ``expected()``."""
    if not asks(request.node):  # a test that asks for it only while it runs is not followed
        request.addfinalizer(lambda: end(request.config))  # noqa: PT021 - only where it is needed
    return begin(request.node)


@pytest.fixture
def async_unsafe_allowed(request: pytest.FixtureRequest) -> Grant:
    """Allow every guarded call in this test and its fixtures."""
    if not asks(request.node):
        request.addfinalizer(lambda: end(request.config))  # noqa: PT021 - only where it is needed
    return begin(request.node).allow_all()
