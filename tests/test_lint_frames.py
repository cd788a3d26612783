"""Frames: what becomes of the blocking calls that are met while a function is evaluated."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from _values import Program

from ginger_async_safe._config.patterns import Patterns
from ginger_async_safe.lint.domain.findings import Finding, Step
from ginger_async_safe.lint.domain.frames import Frame
from ginger_async_safe.lint.domain.scopes import Result

SHOP = Path("shop.py")


def call_of(rule: str, *lines: int) -> Finding:
    """Return a blocking call, with the lines of its call chain, the outermost first."""
    return Finding(tuple(Step(SHOP, line, 1, "shop.function", "f") for line in lines), rule, rule, "a fix")


def new_frame(*, is_async: bool = False) -> Frame:
    """Return a frame in which nothing has been met."""
    return Frame(Program().frame.scope, "shop.function", is_async=is_async)


def blocking_calls(frame: Frame) -> list[str]:
    """Return the blocking calls of a frame, each with the lines of its call chain."""
    return [f"{event.id} at {', '.join(str(step.line) for step in event.chain)}" for event in frame.events.values()]


@pytest.mark.parametrize(
    ("grants", "events", "expected"),
    [
        # Each rule once a line, by its shortest call chain.
        ([], [("time.sleep", 1), ("time.sleep", 1)], ["time.sleep at 1"]),
        ([], [("time.sleep", 1), ("time.sleep", 2)], ["time.sleep at 1", "time.sleep at 2"]),
        ([], [("time.sleep", 1), ("os.stat", 1)], ["time.sleep at 1", "os.stat at 1"]),
        ([], [("time.sleep", 1, 5), ("time.sleep", 1, 7, 9)], ["time.sleep at 1, 5"]),
        ([], [("time.sleep", 1, 7, 9), ("time.sleep", 1, 5)], ["time.sleep at 1, 5"]),
        # Calls that a grant allows are not recorded.
        (["*"], [("time.sleep", 1), ("os.stat", 1)], []),
        (["time.*"], [("time.sleep", 1), ("os.stat", 1)], ["os.stat at 1"]),
        (["time.*", "os.*"], [("time.sleep", 1), ("os.stat", 1)], []),
    ],
)
def test_recorded(grants: list[str], events: list[tuple[str, int]], expected: list[str]) -> None:
    """A frame keeps the blocking calls that are not granted."""
    frame = new_frame()
    frame.grants += [None if pattern == "*" else Patterns(pattern) for pattern in grants]
    for rule, *lines in events:
        frame.record(call_of(rule, *lines))
    assert expected == blocking_calls(frame)


@pytest.mark.parametrize(
    ("merge", "expected"),
    [(Frame.merge, ["time.sleep at 1", "os.stat at 2"]), (Frame.merge_findings, ["time.sleep at 1"])],
)
def test_merged(merge: object, expected: list[str]) -> None:
    """Code that runs here adds its blocking calls; code that runs elsewhere or later adds its findings only."""
    here, other = new_frame(), new_frame()
    here.record(call_of("time.sleep", 1))
    other.record(call_of("os.stat", 2))
    other.findings.add(call_of("file.open", 3))
    assert callable(merge)
    merge(here, other)
    assert expected == blocking_calls(here)
    assert {call_of("file.open", 3)} == here.findings


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((), []),
        ((8,), ["time.sleep at 1, 8"]),
        ((8, 9), ["time.sleep at 1, 8, 9"]),
    ],
)
def test_absorbed(lines: tuple[int, ...], expected: list[str]) -> None:
    """A call adds what is met in the called function, with the line of the call in front."""
    frame = new_frame()
    events = (call_of("time.sleep", *lines),) if lines else ()
    frame.absorb(Result(events=events), ast.parse("f()", mode="eval").body, "shop.f")
    assert expected == blocking_calls(frame)


@pytest.mark.parametrize(("is_async", "events", "findings"), [(False, ["time.sleep"], []), (True, [], ["time.sleep"])])
def test_result(*, is_async: bool, events: list[str], findings: list[str]) -> None:
    """The blocking calls of an async function are findings; those of others are for their callers."""
    frame = new_frame(is_async=is_async)
    frame.record(call_of("time.sleep", 1))
    result = frame.result(Program().value("None"))
    assert events == [event.id for event in result.events]
    assert findings == [finding.id for finding in result.findings]
