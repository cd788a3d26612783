"""For test suites: the settings of a new process, and what a test has left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe._config import settings
from ginger_async_safe._runtime import failures
from ginger_async_safe.blocking.in_force import in_force
from ginger_async_safe.policy import configure, escape_hatch, grants, repeats

if TYPE_CHECKING:
    from ginger_async_safe.policy import Grant

__all__ = ["internal_failures", "open_grants", "reset", "rules_in_force"]


def reset() -> None:
    """Reset the settings and counts of this process to those of a new one.

    Settings made with :func:`~ginger_async_safe.configure` are dropped. ``pyproject.toml`` and the environment are read again
    when a setting is next needed, so that a test may change the working directory or a variable. Call sites that were
    reported are reported again, and :func:`internal_failures` is empty.

    Guards, grants, listeners and watches that are on stay on: each has an end of its own.
    """
    configure(**dict.fromkeys(settings.KEYS))
    settings.forget_file()
    escape_hatch.forget_values()
    repeats.clear()
    failures.forget_reported()


def internal_failures() -> tuple[str, ...]:
    """Return what of this library's own code has failed since :func:`reset`, each place once.

    Such a failure is logged and given as an :class:`~ginger_async_safe.InternalErrorWarning`, and the program's call is
    allowed, so a test does not fail by it. Assert that this is empty to have it do so.
    """
    return failures.reported()


def open_grants() -> tuple[Grant, ...]:
    """Return the grants that are open in this thread, the outermost first; after a test, those that it has left open."""
    return grants.grants_here()


def rules_in_force() -> frozenset[str]:
    """Return the ids of the rules for unmarked blocking calls that are in force now, as ``ginger-async-safe rules`` lists them."""
    return frozenset(in_force.ids())
