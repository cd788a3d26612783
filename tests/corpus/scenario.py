"""What a scenario is: the decorators that declare one, and how to find it."""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import shutil
import sys
import tempfile
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["ALL_LOOPS", "ASYNCIO", "CORPUS", "Run", "Scenario", "blocks", "cleanup", "find", "load", "safe", "workdir"]

Run = Callable[[], Coroutine[Any, Any, object]]
"""What runs on the loop, under the guard.

It returns ``False`` if the blocking call did not run and no error shows that, and anything else otherwise.
"""

Prepare = Callable[[], Run]

ASYNCIO = ("asyncio", "uvloop")
ALL_LOOPS = (*ASYNCIO, "trio")
CORPUS = Path(__file__).resolve().parent
HERE = "# HERE"

_NOT_SUBJECTS = frozenset({"__init__", "engines", "helpers", "here", "nursery", "run", "scenario", "services", "table"})
_registry: dict[str, Scenario] = {}

cleanup = contextlib.ExitStack()
"""Closed after the guard was switched off."""


@dataclass(frozen=True)
class Scenario:
    """One small program.

    Attributes:
        name: The module and the function, joined by a dot.
        prepare: Runs before the guard is switched on, and returns what runs under it.
        rules: The calls that a report may name, by the names of this library and of others; none for a program that is
            safe.
        loops: The event loops that it runs on.
        needs: Modules that have to be installed, and services that have to be available, as ``"service:redis"``.
        seen_by: ``"call"``, or ``"watch"`` for what no guard of calls can detect.
        by_the_loop: Whether the loop itself makes the call, so that a report need not name a line.
        since: The oldest Python that it runs on.
    """

    name: str
    prepare: Prepare
    rules: tuple[str, ...]
    loops: tuple[str, ...]
    needs: tuple[str, ...]
    seen_by: str
    by_the_loop: bool
    since: tuple[int, int]

    @property
    def subject(self) -> str:
        """The module that it is in."""
        return self.name.partition(".")[0]

    @property
    def file(self) -> str:
        """The file that it is in."""
        return self.prepare.__code__.co_filename

    @property
    def line(self) -> int | None:
        """The line that a report has to name."""
        lines, first = inspect.getsourcelines(self.prepare)
        marked = [first + offset for offset, text in enumerate(lines) if text.rstrip().endswith(HERE)]
        if len(marked) != bool(self.rules):
            msg = f"{self.name} marks {len(marked)} lines"
            raise ValueError(msg)
        return marked[0] if marked else None


def blocks(
    *rules: str,
    loops: tuple[str, ...] = ALL_LOOPS,
    needs: tuple[str, ...] = (),
    seen_by: str = "call",
    by_the_loop: bool = False,
    since: tuple[int, int] = (3, 10),
) -> Callable[[Prepare], Prepare]:
    """Declare a program that blocks its loop at the marked line."""

    def declare(prepare: Prepare) -> Prepare:
        return _register(Scenario(_name(prepare), prepare, rules, loops, needs, seen_by, by_the_loop, since))

    return declare


def safe(
    *, loops: tuple[str, ...] = ALL_LOOPS, needs: tuple[str, ...] = (), since: tuple[int, int] = (3, 10)
) -> Callable[[Prepare], Prepare]:
    """Declare a program that blocks no loop."""

    def declare(prepare: Prepare) -> Prepare:
        return _register(Scenario(_name(prepare), prepare, (), loops, needs, "call", by_the_loop=False, since=since))

    return declare


def _name(prepare: Prepare) -> str:
    return f"{prepare.__module__.rpartition('.')[2]}.{prepare.__name__}"


def _register(scenario: Scenario) -> Prepare:
    if scenario.name in _registry:
        msg = f"there are two of {scenario.name}"
        raise ValueError(msg)
    _registry[scenario.name] = scenario
    return scenario.prepare


def find(name: str) -> Scenario:
    """Return the scenario of this name, importing only its own module."""
    importlib.import_module(f"corpus.{name.partition('.')[0]}")
    return _registry[name]


def load() -> list[Scenario]:
    """Return all scenarios that this Python can run."""
    for path in sorted(CORPUS.glob("*.py")):
        if path.stem not in _NOT_SUBJECTS:
            importlib.import_module(f"corpus.{path.stem}")
    return [scenario for scenario in _registry.values() if sys.version_info >= scenario.since]


@functools.cache
def workdir() -> Path:
    """Return this process's own directory for files; it is removed at the end."""
    path = Path(tempfile.mkdtemp(prefix="corpus-"))
    cleanup.callback(shutil.rmtree, path, ignore_errors=True)
    return path
