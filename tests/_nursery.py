"""A process for each of many runs, forked from one that has imported the modules that they share."""
# ruff: noqa: T201 - it prints its results

from __future__ import annotations

import atexit
import faulthandler
import json
import os
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Nursery", "serve"]

TIMEOUT = 30  # seconds


class Nursery:
    """Runs jobs of a module, each in a new process.

    Args:
        arguments: The module, which calls :func:`serve`, and its arguments.
    """

    def __init__(self, *arguments: str) -> None:
        paths = [str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str) -> dict[str, Any]:
        """Run one job, and return its result."""
        asks, answers = self._process.stdin, self._process.stdout
        assert asks is not None
        assert answers is not None
        print(*words, file=asks, flush=True)
        answer: dict[str, Any] = json.loads(answers.readline())
        return answer

    def close(self) -> None:
        """End the process from which the others are forked."""
        self._process.communicate()


def serve(run: Callable[..., dict[str, Any]], failed: Callable[[str], dict[str, Any]]) -> None:
    """Fork a process for each line of standard input.

    Args:
        run: Runs the job that the words of a line name, and returns its result.
        failed: Returns the result for a process that ended without one; its argument is the reason.
    """
    for line in sys.stdin:
        with tempfile.TemporaryFile("w+") as answer, tempfile.TemporaryFile("w+") as printed:
            child = os.fork()
            if not child:
                _run(run, line.split(), answer, printed)
            _, status = os.waitpid(child, 0)
            for each in (answer, printed):
                each.seek(0)
            text = answer.read().strip()
            if not text:
                why = f"it ended with {os.waitstatus_to_exitcode(status)}: {printed.read()[-2000:]}"
                text = json.dumps(failed(why))
            print(text, flush=True)


def _run(run: Callable[..., dict[str, Any]], words: list[str], answer: IO[str], printed: IO[str]) -> NoReturn:
    """Run one job, in the forked process."""
    sys.stdin = open(os.devnull)  # noqa: SIM115, PTH123 - it stays open
    os.dup2(sys.stdin.fileno(), 0)
    os.dup2(printed.fileno(), 1)
    os.dup2(printed.fileno(), 2)
    faulthandler.dump_traceback_later(TIMEOUT, exit=True)
    status = 1
    try:
        print(json.dumps(run(*words)), file=answer, flush=True)
        atexit._run_exitfuncs()
        status = 0
    except BaseException:  # noqa: BLE001 - the forked process must not do the cleanup of its parent
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(status)  # no matter which threads the run has left
