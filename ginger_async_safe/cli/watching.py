"""Running a check again whenever a file changes: ``--watch``."""

from __future__ import annotations

import sys
import time
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

from ginger_async_safe.cli.output import say, show

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    State = Mapping[Path, tuple[int, int, int]]

__all__ = ["state_of", "watch"]

_CLEAR = "\033[2J\033[H"
_INTERVAL = 0.5  # seconds between two looks at the files
_LONGEST_SHARE = 0.05  # of the time may go into these looks
_TIMEOUT = 1_000  # milliseconds after which files are looked at although watchfiles has reported nothing


def watch(run: Callable[[], object], state: Callable[[], State], folders: Sequence[Path]) -> NoReturn:
    """Run something at once, and again whenever files have changed, for ever.

    What decides is how the files look before and after a wait, so that no change is missed, also while it runs. How long a
    wait lasts is up to ``watchfiles``, where it is installed, which wakes as soon as something happens.

    Args:
        run: What to run.
        state: Returns how the files look.
        folders: The folders that they are in.
    """
    before: State | None = None
    wait = _waiter(folders)
    while True:
        began = time.monotonic()
        now = state()
        took = time.monotonic() - began
        if now != before:
            before = now
            if sys.stdout.isatty():
                show(_CLEAR)
            run()
            say("watching for changes; Ctrl+C ends it")
        wait(took)


def state_of(files: Sequence[Path]) -> State:
    """Return the time of change, size and number of files; a file that is gone is not there."""
    found = {}
    for path in files:
        try:
            status = path.stat()
        except OSError:  # the check reports it
            continue
        found[path] = (status.st_mtime_ns, status.st_size, status.st_ino)
    return found


def _waiter(folders: Sequence[Path]) -> Callable[[float], None]:
    """Return what waits until something may have changed, given how many seconds it takes to look."""
    try:
        watchfiles = import_module("watchfiles")
    except ModuleNotFoundError:
        return lambda took: time.sleep(max(_INTERVAL, took / _LONGEST_SHARE))
    changes = watchfiles.watch(*folders, rust_timeout=_TIMEOUT, yield_on_timeout=True)
    return lambda _: next(changes) and None
