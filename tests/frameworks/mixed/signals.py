"""Counts of the requests' signals by their senders, if COUNT_SIGNALS is in the environment."""

from __future__ import annotations

import os
import threading
from collections import Counter
from typing import Any

from mixed._names import framework

sent: Counter[str] = Counter()
_lock = threading.Lock()  # signals are sent in the loop's thread and in those of requests


def _count(name: str) -> None:
    with _lock:
        sent[name] += 1


def started(sender: Any, **_: Any) -> None:
    """Count a request that begins."""
    _count(f"{sender.__name__} started")


def finished(sender: Any, **_: Any) -> None:
    """Count a request that has ended."""
    _count(f"{sender.__name__} finished")


if os.environ.get("COUNT_SIGNALS"):
    framework("core.signals").request_started.connect(started)
    framework("core.signals").request_finished.connect(finished)
