"""A process for each run of a scenario, forked from one that has imported what they share.

``python -m corpus.nursery LOOP`` is that one.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import _nursery

from corpus.here import run_here
from corpus.table import judged
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
        """Run a scenario and return what came of it, judged.

        Args:
            scenario: The scenario.
            engine: One of ``ENGINES``; of this library's own, the one that is for such a scenario.
        """
        if engine == "ours" and scenario.seen_by == "watch":
            engine = "watch"
        result = self._nursery.ask(scenario.name, self._loop, engine)
        return {**judged(scenario, result), "name": scenario.name, "loop": self._loop, "engine": engine}

    def close(self) -> None:
        """End the process that the others come from."""
        self._nursery.close()


def main() -> None:
    """Fork a process for each line of standard input, which names a scenario, a loop and an engine."""
    for module in (*_SHARED, sys.argv[1]):
        import_module(module)
    guard_blocking_calls().stop()  # what is compiled the first time, none of them has to
    _nursery.serve(run_here, lambda why: {"outcome": "error", "reports": [], "ran": False, "error": why})


if __name__ == "__main__":
    main()
