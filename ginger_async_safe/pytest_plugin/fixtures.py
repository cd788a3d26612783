"""The fixtures. Their implementation is imported only when a test uses them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ginger_async_safe.pytest_plugin.running import begin, end, uses_plugin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ginger_async_safe.policy import Grant
    from ginger_async_safe.pytest_plugin.asserting import AssertAsyncSafe, AssertAsyncUnsafe
    from ginger_async_safe.pytest_plugin.safety import AsyncSafety

__all__ = ["assert_async_safe", "assert_async_unsafe", "async_safety", "async_unsafe_allowed"]


@pytest.fixture
def assert_async_unsafe() -> AssertAsyncUnsafe:
    """Assert that a call raises on an event loop and works off it: ``assert_async_unsafe(function, *args, **kwargs)``."""
    from ginger_async_safe.pytest_plugin.asserting import AssertAsyncUnsafe  # noqa: PLC0415

    return AssertAsyncUnsafe()


@pytest.fixture
def assert_async_safe() -> Iterator[AssertAsyncSafe]:
    """Assert that a block makes no guarded call on an event loop: ``with assert_async_safe:``, or ``async with``."""
    from ginger_async_safe.pytest_plugin.asserting import AssertAsyncSafe  # noqa: PLC0415

    asserting = AssertAsyncSafe()
    yield asserting
    asserting.end()


@pytest.fixture
def async_safety(request: pytest.FixtureRequest) -> AsyncSafety:
    """The ``violations`` of this test so far, with ``allow(calls, reason=...)`` and ``expected()``."""
    if not uses_plugin(request.node):  # it was requested dynamically, and the hooks do not run for this test
        request.addfinalizer(lambda: end(request.config))  # noqa: PT021 - only where it is needed
    return begin(request.node)


@pytest.fixture
def async_unsafe_allowed(request: pytest.FixtureRequest) -> Grant:
    """Allow every guarded call in this test and its fixtures."""
    if not uses_plugin(request.node):
        request.addfinalizer(lambda: end(request.config))  # noqa: PT021 - only where it is needed
    return begin(request.node).allow_all()
