"""A process for each run of a scenario, forked from one that has imported the modules that they share.

``python -m corpus.nursery LOOP`` is that one.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import _nursery

from corpus.here import run_here
from corpus.table import evaluated
from ginger_async_safe import guard_blocking_calls

if TYPE_CHECKING:
    from corpus.scenario import Scenario

__all__ = ["Nursery"]

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
        self._nursery = _nursery.Nursery("corpus.nursery", loop)

    def run(self, scenario: Scenario, engine: str) -> dict[str, Any]:
        """Run a scenario, and return its result with an evaluation.

        Args:
            scenario: The scenario.
            engine: One of ``ENGINES``; of this library's own, the one for this scenario.
        """
        if engine == "ours" and scenario.seen_by == "watch":
            engine = "watch"
        result = self._nursery.run(scenario.name, self._loop, engine)
        return {**evaluated(scenario, result), "name": scenario.name, "loop": self._loop, "engine": engine}

    def close(self) -> None:
        """End the process from which the others are forked."""
        self._nursery.close()


def main() -> None:
    """Fork a process for each line of standard input, which names a scenario, a loop and an engine."""
    for module in (*_SHARED, sys.argv[1]):
        import_module(module)
    guard_blocking_calls().stop()  # compiled here once, instead of in each of them
    _nursery.serve(run_here, lambda why: {"outcome": "error", "reports": [], "ran": False, "error": why})


if __name__ == "__main__":
    main()
