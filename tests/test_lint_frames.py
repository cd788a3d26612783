"""Frames: what becomes of the blocking calls that are met while a function is evaluated."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from _values import Program

from ginger_async_safe._config.patterns import Patterns
from ginger_async_safe.lint.domain.findings import Finding, Step, nearest
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
    return [
        f"{event.id} at {', '.join(str(step.line) for step in event.chain)}{' and more' if event.has_more else ''}"
        for event in frame.events.values()
    ]


@pytest.mark.parametrize(
    ("grants", "events", "expected"),
    [
        # Each blocking call once a line, by its shortest call chain.
        ([], [("time.sleep", 1), ("time.sleep", 1)], ["time.sleep at 1"]),
        ([], [("time.sleep", 1), ("time.sleep", 2)], ["time.sleep at 1", "time.sleep at 2"]),
        ([], [("time.sleep", 1), ("os.stat", 1)], ["time.sleep at 1", "os.stat at 1"]),
        ([], [("time.sleep", 1, 9), ("time.sleep", 1, 7, 9)], ["time.sleep at 1, 9"]),
        ([], [("time.sleep", 1, 7, 9), ("time.sleep", 1, 9)], ["time.sleep at 1, 9"]),
        ([], [("time.sleep", 1, 9), ("time.sleep", 1, 8)], ["time.sleep at 1, 9", "time.sleep at 1, 8"]),
        # Of more than three, the nearest ones.
        (
            [],
            [("time.sleep", 1, 7, 4), ("time.sleep", 1, 5), ("time.sleep", 1, 6), ("time.sleep", 1, 7)],
            ["time.sleep at 1, 5", "time.sleep at 1, 6", "time.sleep at 1, 7 and more"],
        ),
        (
            [],
            [*(("time.sleep", 1, line) for line in (8, 7, 6, 5)), ("os.stat", 1, 8), ("time.sleep", 2, 8)],
            [
                "time.sleep at 1, 5",
                "time.sleep at 1, 6",
                "time.sleep at 1, 7 and more",
                "os.stat at 1, 8",
                "time.sleep at 2, 8",
            ],
        ),
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


def test_absorbed_more() -> None:
    """What a function says of further calls is kept for those that call it, whatever replaces the call that said it."""
    frame = new_frame()
    node = ast.parse("f()", mode="eval").body
    frame.absorb(Result(events=(replace(call_of("time.sleep", 8, 9), has_more=True),)), node, "shop.f")
    frame.absorb(Result(events=(call_of("time.sleep", 9),)), node, "shop.g")
    assert ["time.sleep at 1, 9 and more"] == blocking_calls(frame)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], []),
        ([(1, 9), (1, 8)], ["1, 8", "1, 9"]),
        ([(1, 7, 9), (1, 9)], ["1, 9"]),
        ([(1, 9), (1, 8), (1, 7), (1, 6)], ["1, 6", "1, 7", "1, 8 and more"]),
    ],
)
def test_nearest(lines: list[tuple[int, ...]], expected: list[str]) -> None:
    """Of the findings of one rule in one line, the three nearest calls are reported."""
    found = nearest(call_of("time.sleep", *each) for each in lines)
    texts = [", ".join(str(step.line) for step in each.chain) + " and more" * each.has_more for each in found]
    assert expected == texts


@pytest.mark.parametrize(("is_async", "events", "findings"), [(False, ["time.sleep"], []), (True, [], ["time.sleep"])])
def test_result(*, is_async: bool, events: list[str], findings: list[str]) -> None:
    """The blocking calls of an async function are findings; those of others are for their callers."""
    frame = new_frame(is_async=is_async)
    frame.record(call_of("time.sleep", 1))
    result = frame.result(Program().value("None"))
    assert events == [event.id for event in result.events]
    assert findings == [finding.id for finding in result.findings]
