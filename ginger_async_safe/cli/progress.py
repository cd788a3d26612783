"""A progress bar on the terminal."""

from __future__ import annotations

import os
import shutil
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

    from typing_extensions import Self

__all__ = ["Progress"]

_DELAY = 1.0  # seconds before it is shown
_EVERY = 0.1  # seconds between updates
_WIDTH = 30


class Progress:
    """A progress bar on standard error, if that is a terminal; shown after one second, removed when the block ends.

    Args:
        what: The noun for what is counted.
        stream: Where to draw it; standard error by default.
    """

    def __init__(self, what: str, stream: TextIO | None = None) -> None:
        self._what = what
        self._stream = sys.stderr if stream is None else stream
        is_plain = bool(os.environ.get("CI")) or os.environ.get("TERM") == "dumb"
        self._is_shown = self._stream.isatty() and not is_plain
        self._next = time.monotonic() + _DELAY
        self._is_drawn = False
        self._counts = (0, 1)
        self._part = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_drawn:
            self._write("")

    def __call__(self, done: int, total: int) -> None:
        """Update the bar, at most ten times a second."""
        self._counts, self._part = (done, total), ""
        self._draw()

    def begin_part(self, name: str) -> None:
        """Say that a part that is not counted begins, until the next update: the version of an installed package."""
        self._part = f", reading {name}"
        self._draw()

    def _draw(self) -> None:
        now = time.monotonic()
        if not self._is_shown or now < self._next:
            return
        self._next = now + _EVERY
        done, total = self._counts
        full = _WIDTH * done // max(total, 1)
        bar = f"{'█' * full}{'░' * (_WIDTH - full)}" if self._can_draw() else f"{'#' * full}{'.' * (_WIDTH - full)}"
        self._write(f"{bar} {done}/{total} {self._what}{self._part}"[: shutil.get_terminal_size().columns - 1])
        self._is_drawn = True

    def _can_draw(self) -> bool:
        return "utf" in (getattr(self._stream, "encoding", None) or "").lower()

    def _write(self, text: str) -> None:
        self._stream.write(f"\r{text}\033[K")
        self._stream.flush()
