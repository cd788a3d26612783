"""Run one scenario in this process, or all of them, each in its own process.

``python -m corpus.run NAME LOOP ENGINE`` prints one line of JSON. ``python -m corpus.run --all --engine ENGINE`` prints
a table.
"""
# ruff: noqa: T201 - this is a command, and prints

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.engines import ENGINES
from corpus.here import run_here
from corpus.nursery import Nursery
from corpus.scenario import ALL_LOOPS, load
from corpus.services import missing
from corpus.table import misses, table

if TYPE_CHECKING:
    from corpus.scenario import Scenario


def run_all(
    engine: str, loops: tuple[str, ...] = ALL_LOOPS, jobs: int = 2, only: str = ""
) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """Run all scenarios, and return the results, and the skipped ones with what each needs."""
    wanted = [
        (scenario, loop) for scenario in load() for loop in loops if loop in scenario.loops and only in scenario.name
    ]
    lacking = [(scenario.name, missing(scenario, loop)) for scenario, loop in wanted]
    skipped = [(name, need) for name, need in lacking if need is not None]
    able = [pair for pair, (_, need) in zip(wanted, lacking, strict=True) if need is None]
    parts = [(loop, job) for loop in loops for job in range(jobs)]
    with ThreadPoolExecutor(jobs) as pool:
        shares = pool.map(lambda part: _run(able, part[0], part[1], jobs, engine), parts)
        return [result for share in shares for result in share], skipped


def _run(pairs: list[tuple[Scenario, str]], loop: str, job: int, jobs: int, engine: str) -> list[dict[str, Any]]:
    """Run one job's share of the scenarios on a loop."""
    with closing(Nursery(loop)) as nursery:
        return [nursery.run(scenario, engine) for scenario, _ in [pair for pair in pairs if pair[1] == loop][job::jobs]]


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m corpus.run", description=__doc__)
    parser.add_argument("one", nargs="*", metavar="NAME LOOP ENGINE", help="run one scenario in this process")
    parser.add_argument("--all", action="store_true", help="run every scenario in a process of its own")
    parser.add_argument("--engine", choices=ENGINES, default="ours")
    parser.add_argument("--loops", nargs="+", choices=ALL_LOOPS, default=ALL_LOOPS)
    parser.add_argument("--jobs", type=int, default=2, help="how many processes at a time")
    parser.add_argument("--json", type=Path, help="a file for all results")
    parser.add_argument("--only", default="", help="scenarios whose name holds this")
    parser.add_argument("--verbose", action="store_true", help="list what was missed, and why others were skipped")
    given = parser.parse_args()
    if not given.all:
        if len(given.one) != len(("NAME", "LOOP", "ENGINE")):
            parser.error("give the name of a scenario, a loop and an engine, or --all")
        print(json.dumps(run_here(*given.one)), flush=True)
        return 0
    results, skipped = run_all(given.engine, tuple(given.loops), given.jobs, given.only)
    print(table(results))
    print(f"skipped: {len(skipped)}")
    if given.verbose:
        print("\n".join([*(f"  {name} needs {need}" for name, need in skipped), *misses(results)]))
    if given.json is not None:
        given.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return int(given.engine == "none" and any(result["outcome"] != "ok" for result in results))


if __name__ == "__main__":
    sys.exit(main())
