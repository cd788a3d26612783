"""Which tests run in a sample of the suite (``--sample=5``): a fifth of the slow tests, and all others."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["SLOW", "sampled"]

SLOW = frozenset(
    {
        "test_asgi_frameworks",
        "test_asgi_leased_frameworks",
        "test_asgi_postgresql",
        "test_asgi_properties",
        "test_asgi_protocol",
        "test_asgi_shutdown",
        "test_asgi_slow_clients",
        "test_blocking_interrupted",
        "test_blocking_lazy",
        "test_blocking_locks",
        "test_blocking_selection",
        "test_blocking_sqlite",
        "test_blocking_switching",
        "test_blocking_unnoticed",
        "test_cli_run",
        "test_contrib",
        "test_contrib_application",
        "test_corpus",
        "test_detect",
        "test_detect_greenlets",
        "test_detect_imports",
        "test_detect_loop_libraries",
        "test_docs",
        "test_failures",
        "test_finalizers",
        "test_guarded_servers",
        "test_interpreter",
        "test_lint_corpus",
        "test_monitor",
        "test_monitor_busy",
        "test_notebooks",
        "test_owners",
        "test_pytest_baseline",
        "test_pytest_modes",
        "test_pytest_plugins",
        "test_pytest_rules",
        "test_recipes",
        "test_servers",
    }
)
"""The files whose tests take most of the suite's time: they start processes, and serve real projects."""


def sampled(node_ids: Iterable[str], one_in: int, salt: str) -> frozenset[str]:
    """Return which of the slow tests run: in each group one out of so many, and at least one.

    A group is all tests of one parametrised function, or all tests of a file that are not parametrised. The choice
    depends on the tests' names and the salt alone, so each process of a run makes the same one.

    Args:
        node_ids: The tests, by pytest's names for them.
        one_in: Out of how many tests one is run.
        salt: Changes the choice: with another Python's salt, other tests run.
    """
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for node_id in node_ids:
        file, _, name = node_id.partition("::")
        function, is_parametrised, _ = name.partition("[")
        groups[f"{file}::{function}" if is_parametrised else file].append(node_id)
    return frozenset(
        node_id
        for group in groups.values()
        for node_id in sorted(group, key=lambda each: _place(each, salt))[: -(-len(group) // one_in)]
    )


def _place(node_id: str, salt: str) -> bytes:
    return hashlib.sha256(f"{salt} {node_id}".encode()).digest()
