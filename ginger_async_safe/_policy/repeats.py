"""Report each call site once, and count its repeats."""

from __future__ import annotations

import atexit
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

    from ginger_async_safe.violation import Place, Violation

__all__ = ["Repeats"]


class Repeats:
    """Counts violations by the guarded call and the line that made it.

    Args:
        logger: Receives one line at interpreter exit for each site that was seen more than once.
    """

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, Place | None], int] = {}
        self._is_registered_at_exit = False

    def report(self, violation: Violation, emit: Callable[[Violation], None]) -> None:
        """Count a violation, and call ``emit`` for the first one of its site.

        Where ``emit`` raises, as a warning does under ``-W error``, the next violation of the site is emitted again.
        """
        site = (violation.call, violation.called_at)
        with self._lock:  # not held while emitting: a log handler may itself make a guarded call
            seen = self._counts.get(site, 0)
            self._counts[site] = seen + 1
            if seen and not self._is_registered_at_exit:
                self._is_registered_at_exit = True
                atexit.register(self._log_counts)
        if seen:
            return
        try:
            emit(violation)
        except BaseException:
            with self._lock:
                self._counts.pop(site, None)
            raise

    def counts(self) -> dict[tuple[str, str], int]:
        """Return the number of violations of each site, by call and place."""
        with self._lock:
            counts = dict(self._counts)
        return {(call, str(place or "the event loop itself")): count for (call, place), count in counts.items()}

    def clear(self) -> None:
        """Forget every site."""
        with self._lock:
            self._counts.clear()

    def _log_counts(self) -> None:
        for (call, place), count in self.counts().items():
            if count > 1:
                self._logger.warning("%s was called %d times at %s, reported once", call, count, place)
