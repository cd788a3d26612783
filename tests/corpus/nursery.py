"""A process for each run of a scenario, forked from one that has imported what they share.

``python -m corpus.nursery LOOP`` is that one.
"""
# ruff: noqa: T201 - what is printed is what it answers

from __future__ import annotations

import atexit
import faulthandler
import json
import os
import subprocess
import sys
import tempfile
from importlib import import_module
from typing import IO, TYPE_CHECKING, Any, NoReturn

from corpus.here import run_here
from corpus.scenario import CORPUS
from corpus.table import judged
from ginger_async_safe import guard_blocking_calls

if TYPE_CHECKING:
    from corpus.scenario import Scenario

__all__ = ["Nursery"]

TIMEOUT = 30  # seconds

_SHARED = [
    "asyncio",
    "concurrent.futures.process",
    "concurrent.futures.thread",
    "csv",
    "http.client",
    "http.server",
    "logging.handlers",
    "multiprocessing.connection",
    "multiprocessing.pool",
    "multiprocessing.queues",
    "sqlite3",
    "ssl",
    "subprocess",
    "urllib.request",
    "corpus.helpers",
    "ginger_async_safe.blocking",
]


class Nursery:
    """Runs scenarios on one event loop, each in a process of its own.

    Args:
        loop: ``"asyncio"``, ``"uvloop"`` or ``"trio"``.
    """

    def __init__(self, loop: str) -> None:
        self._loop = loop
        paths = [str(CORPUS.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "corpus.nursery", loop],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, scenario: Scenario, engine: str) -> dict[str, Any]:
        """Run a scenario and return what came of it, judged.

        Args:
            scenario: The scenario.
            engine: One of ``ENGINES``; of this library's own, the one that is for such a scenario.
        """
        if engine == "ours" and scenario.seen_by == "watch":
            engine = "watch"
        asks, answers = self._process.stdin, self._process.stdout
        assert asks is not None
        assert answers is not None
        print(scenario.name, self._loop, engine, file=asks, flush=True)
        result: dict[str, Any] = json.loads(answers.readline())
        return {**judged(scenario, result), "name": scenario.name, "loop": self._loop, "engine": engine}

    def close(self) -> None:
        """End the process that the others come from."""
        self._process.communicate()


def main() -> None:
    """Fork a process for each line of standard input, which names a scenario, a loop and an engine."""
    for module in (*_SHARED, sys.argv[1]):
        import_module(module)
    guard_blocking_calls().stop()  # what is compiled the first time, none of them has to
    for line in sys.stdin:
        with tempfile.TemporaryFile("w+") as answer, tempfile.TemporaryFile("w+") as printed:
            child = os.fork()
            if not child:
                _run(line.split(), answer, printed)
            _, status = os.waitpid(child, 0)
            for each in (answer, printed):
                each.seek(0)
            print(_read(answer.read(), status, printed), flush=True)


def _run(words: list[str], answer: IO[str], printed: IO[str]) -> NoReturn:
    """Be the process of one run."""
    sys.stdin = open(os.devnull)  # noqa: SIM115, PTH123 - it stays open
    os.dup2(sys.stdin.fileno(), 0)
    os.dup2(printed.fileno(), 1)
    os.dup2(printed.fileno(), 2)
    faulthandler.dump_traceback_later(TIMEOUT, exit=True)
    print(json.dumps(run_here(*words)), file=answer, flush=True)
    atexit._run_exitfuncs()
    os._exit(0)  # whatever threads the scenario has left


def _read(answer: str, status: int, printed: IO[str]) -> str:
    if answer:
        return answer.strip()
    why = f"it ended with {os.waitstatus_to_exitcode(status)}: {printed.read()[-2000:]}"
    return json.dumps({"outcome": "error", "reports": [], "ran": False, "error": why})


if __name__ == "__main__":
    main()
