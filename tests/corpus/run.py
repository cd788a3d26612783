"""Run one scenario in this process, or all of them, each in a process of its own.

``python -m corpus.run NAME LOOP ENGINE`` prints one line of JSON. ``python -m corpus.run --all --engine ENGINE`` prints
a table.
"""
# ruff: noqa: T201 - this is a command, and prints

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.engines import ENGINES
from corpus.scenario import ALL_LOOPS, CORPUS, cleanup, find, load
from corpus.services import missing
from corpus.table import judged, misses, table

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from corpus.engines import Engine
    from corpus.scenario import Run, Scenario

    Loop = Callable[[Callable[[], Coroutine[Any, Any, None]]], None]

TIMEOUT = 30  # seconds


def run_here(name: str, loop: str, engine_name: str) -> dict[str, Any]:
    """Run one scenario in this process and return what came of it.

    Args:
        name: The scenario, as ``"sleeping.time_sleep"``.
        loop: ``"asyncio"``, ``"uvloop"`` or ``"trio"``.
        engine_name: One of ``ENGINES``.

    Returns:
        The outcome (``ok``, ``stopped`` or ``error``), the reports, whether the blocking call ran, and the error.
    """
    scenario = find(name)
    on_loop = _loops()[loop]  # imports the loop's library
    engine = ENGINES[engine_name]()
    with cleanup:
        run = scenario.prepare()
        return _outcome(engine, loop, on_loop, run)


def _outcome(engine: Engine, loop: str, on_loop: Loop, run: Run) -> dict[str, Any]:
    result: list[object] = []
    stray: list[BaseException] = []  # errors that reach nobody
    raised: list[BaseException] = []

    async def main() -> None:
        if loop != "trio":
            handler = asyncio.get_running_loop()
            handler.set_exception_handler(lambda _, context: _keep(stray, context.get("exception")))
        await engine.on_loop(loop)
        try:
            result.append(await run())
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the outcome
            raised.append(error)
        await engine.off_loop(loop)

    unraisable, sys.unraisablehook = sys.unraisablehook, lambda hook: _keep(stray, hook.exc_value)
    try:
        with engine.switched_on():
            on_loop(main)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the outcome
        raised.append(error)
    finally:
        sys.unraisablehook = unraisable
    heard = [engine.hear(error) for error in (*raised, *stray)]
    ran = bool(result) and result[0] is not False
    others = [error for error, was_report in zip((*raised, *stray), heard, strict=True) if not was_report]
    stopped = bool(engine.reports) and not ran
    outcome = "stopped" if stopped else "ok" if ran and not others else "error"
    why = f"{type(others[0]).__name__}: {others[0]}" if others else "it did not run" if outcome == "error" else None
    return {"outcome": outcome, "reports": engine.reports, "ran": ran, "error": why}


def _keep(errors: list[BaseException], error: BaseException | None) -> None:
    if error is not None:
        errors.append(error)


def _loops() -> dict[str, Loop]:
    return {"asyncio": lambda main: asyncio.run(main()), "uvloop": _on_uvloop, "trio": _on_trio}


def _on_uvloop(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    import_module("uvloop").run(main())


def _on_trio(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    import_module("trio").run(main)


def run_apart(scenario: Scenario, loop: str, engine: str) -> dict[str, Any]:
    """Run one scenario in a process of its own and return what came of it, judged."""
    paths = [str(CORPUS.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    started = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "corpus.run", scenario.name, loop, engine],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            text=True,
            timeout=TIMEOUT,
        )
    except subprocess.TimeoutExpired:
        result = _broken("it did not end in time")
    else:
        result = _read(done)
    result["seconds"] = round(time.monotonic() - started, 3)
    return {**judged(scenario, result), "name": scenario.name, "loop": loop, "engine": engine}


def _read(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    try:
        result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        return _broken(f"it ended with {done.returncode}: {done.stderr[-2000:]}")
    return result


def _broken(error: str) -> dict[str, Any]:
    return {"outcome": "error", "reports": [], "ran": False, "error": error}


def run_all(
    engine: str, loops: tuple[str, ...] = ALL_LOOPS, jobs: int = 2, only: str = ""
) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """Run all scenarios, and return the results and what was skipped: its name, and what it needs."""
    wanted = [
        (scenario, loop) for scenario in load() for loop in loops if loop in scenario.loops and only in scenario.name
    ]
    lacking = [(scenario.name, missing(scenario, loop)) for scenario, loop in wanted]
    skipped = [(name, need) for name, need in lacking if need is not None]
    able = [pair for pair, (_, need) in zip(wanted, lacking, strict=True) if need is None]
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(lambda pair: run_apart(pair[0], pair[1], engine), able)), skipped


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
