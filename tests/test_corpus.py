"""The corpus: small programs that block their loop, and programs that do not, on each loop that they are for.

Each runs under the guards in a process of its own: the safe ones on all loops, and those that block on asyncio's and,
in turn, on uvloop's or trio's. ``python -m corpus.run --all`` runs all on all loops, also under other libraries'
guards.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from _services import absent
from corpus.nursery import Nursery
from corpus.scenario import ALL_LOOPS, load
from corpus.services import missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.scenario import Scenario

# An iterator in C keeps its function to itself, and so does a cache. From Python 3.13 on there is an audit event.
MISSED = {"references.map_made_earlier", "references.wrapped_by_cache"} if sys.version_info < (3, 13) else set[str]()
SCENARIOS = {scenario.name: scenario for scenario in load()}


def loops_of(at: int, scenario: Scenario) -> tuple[str, ...]:
    """Return the loops on which a scenario runs here: one that blocks is not run on its third loop."""
    if not scenario.rules or scenario.loops != ALL_LOOPS:
        return scenario.loops
    return ("asyncio", ("uvloop", "trio")[at % 2])


RUNS = sorted((loop, name) for at, (name, scenario) in enumerate(SCENARIOS.items()) for loop in loops_of(at, scenario))


@pytest.fixture(scope="session")
def _nurseries() -> Iterator[dict[str, Nursery]]:
    nurseries: dict[str, Nursery] = {}
    yield nurseries
    for each in nurseries.values():
        each.close()


@pytest.fixture
def nursery(_nurseries: dict[str, Nursery], loop: str) -> Nursery:
    """The process from which those of a loop are forked."""
    if loop not in _nurseries:
        _nurseries[loop] = Nursery(loop)
    return _nurseries[loop]


@pytest.mark.parametrize(("loop", "name"), RUNS)
def test_run(nursery: Nursery, loop: str, name: str) -> None:
    """A program that blocks is stopped before it does, with the line and the name of the call; others are not."""
    scenario = SCENARIOS[name]
    _skip_where_it_lacks_something(scenario, loop)
    if scenario.seen_by == "watch":
        # On a busy machine, the watch may take that for the reason: it is tried again until it does not.
        results = (nursery.run(scenario, "ours") for _ in range(10))
        assert any(result["watched"] for result in results)
        return
    result = nursery.run(scenario, "ours")
    if not scenario.rules:
        assert ([], "ok") == (result["reports"], result["outcome"]), result
    elif name in MISSED:
        assert "ok" == result["outcome"], "it is caught now: take it out of MISSED"
    else:
        assert result["before"], result
        assert result["line_right"], result
        assert result["rule_right"], result


def _skip_where_it_lacks_something(scenario: Scenario, loop: str) -> None:
    need = missing(scenario, loop)
    if need is not None and need.startswith("service:"):
        absent(f"{need.removeprefix('service:')} does not answer")
    if need is not None:
        pytest.skip(f"{need} is not installed")


def test_share() -> None:
    """At least 97 % of the runs that block are detected, and there are enough programs of both kinds."""
    blocking = [name for _, name in RUNS if SCENARIOS[name].rules and SCENARIOS[name].seen_by == "call"]
    safe = [name for _, name in RUNS if not SCENARIOS[name].rules]
    assert len(SCENARIOS) >= 150
    assert len(blocking) > 2 * len(safe) > 300
    assert sum(name in MISSED for name in blocking) <= 0.03 * len(blocking)
