"""One event is one violation: guarded calls inside a call that was reported belong to it."""

from __future__ import annotations

import asyncio
import gc
import sys
import weakref
from typing import TYPE_CHECKING, Any

import pytest
from _guarding import called_in_task, listening

from ginger_async_safe import SynchronousOnlyOperation, allow_async_unsafe, async_unsafe, configure
from ginger_async_safe._policy import events

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Thing:
    """Something whose end can be noticed."""


@async_unsafe
def connect(_thing: object = None) -> None:
    """A guarded call that is often inside others."""


@async_unsafe
def query(times: int = 1) -> int:
    """A guarded call that makes others."""
    for _ in range(times):
        connect()
    return times


@async_unsafe
def rows() -> Iterator[int]:
    """A guarded generator that makes guarded calls."""
    connect()
    yield 1
    connect()
    yield 2


@async_unsafe
def failing() -> None:
    """A guarded call that fails after a guarded call."""
    connect()
    raise LookupError


class Connection:
    """Guarded methods and properties."""

    @async_unsafe
    def execute(self) -> None:
        connect()

    @property
    @async_unsafe
    def version(self) -> int:
        self.execute()
        return 1


def helper() -> None:
    """Unguarded code between the project and two guarded calls."""
    query()
    connect()


def fails() -> None:
    """Call one that fails, and then another."""
    with pytest.raises(LookupError):
        failing()
    connect()


def heard_in(function: Callable[[], object], policy: Any = "ignore") -> list[str]:
    """Return the names of the violations of a function that runs in a task."""
    configure(policy=policy)
    with listening() as heard:
        called_in_task(function)
    return [violation.call.rpartition(".")[2] for violation in heard]


@pytest.mark.parametrize(
    ("function", "calls"),
    [
        (query, ["query"]),
        (lambda: query(3), ["query"]),
        (lambda: (query(), query()), ["query", "query"]),
        (lambda: (query(), connect()), ["query", "connect"]),
        (lambda: [query() for _ in range(3)], ["query"] * 3),
        (lambda: [each() for each in (query, connect, helper)], ["query", "connect", "query", "connect"]),
        (lambda: query(query()), ["query", "query"]),
        (helper, ["query", "connect"]),
        (fails, ["failing", "connect"]),
        (Connection().execute, ["execute"]),
        (lambda: Connection().version, ["version"]),
        (lambda: list(rows()), ["rows"] * 4),  # the call, and each resumption
        (lambda: list(map(query, [1, 2])), ["query", "query"]),
    ],
)
def test_violations(function: Callable[[], object], calls: list[str]) -> None:
    """Each event is one violation, however many guarded calls are inside, and each time it happens."""
    assert calls == heard_in(function)


def test_all_tasks() -> None:
    """Two tasks whose steps alternate have events of their own."""

    async def step() -> None:
        for _ in range(2):
            query()
            await asyncio.sleep(0)

    async def main() -> None:
        await asyncio.gather(step(), step())

    configure(policy="ignore")
    with listening() as heard:
        asyncio.run(main())
    assert 4 == len(heard)


def test_allowed_calls_are_no_events() -> None:
    """What is inside an allowed call is reported, unless that is allowed too."""

    def granted() -> None:
        with allow_async_unsafe(calls="*.query", reason="measured"):
            query()

    assert ["connect"] == heard_in(granted)
    configure(allow=["*.query"])
    assert ["connect"] == heard_in(query)


def test_stopped_calls_are_no_events() -> None:
    """A policy that stops one call and allows another decides on each."""

    def stopped() -> None:
        with pytest.raises(SynchronousOnlyOperation):
            query()
        connect()

    policy = lambda violation: "raise" if violation.call.endswith("query") else None  # noqa: E731
    assert ["query", "connect"] == heard_in(stopped, policy)


@pytest.mark.parametrize("policy", ["ignore", "log"])
def test_nothing_is_kept(policy: str) -> None:
    """An event keeps neither the frame nor its variables."""

    def marked(thing: object) -> None:
        connect(thing)

    thing = Thing()
    gone = weakref.ref(thing)
    heard_in(lambda thing=thing: marked(thing), policy)  # type: ignore[misc]
    del thing
    gc.collect()
    assert gone() is None


def test_frame_at_the_same_address() -> None:
    """A later call of a function, whose frame is at the same address, is not inside the earlier event."""

    def begun() -> tuple[int, bool, bool]:
        caller = sys._getframe(1)
        before = events.is_inside([caller])
        events.begin(caller, is_checked=False)
        return id(caller), before, events.is_inside([caller])

    def entry() -> tuple[int, bool, bool]:
        return begun()

    found = [entry() for _ in range(100)]
    assert {(False, True)} == {(before, after) for _, before, after in found}
    assert len({address for address, _, _ in found}) < len(found)
