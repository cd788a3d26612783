"""What the signals of requests said, where COUNT_SIGNALS is in the environment: how often which was sent by whom."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

from mixed._names import framework

sent: Counter[str] = Counter()


def started(sender: Any, **_: Any) -> None:
    """Count."""
    sent[f"{sender.__name__} started"] += 1


def finished(sender: Any, **_: Any) -> None:
    """Count."""
    sent[f"{sender.__name__} finished"] += 1


if os.environ.get("COUNT_SIGNALS"):
    framework("core.signals").request_started.connect(started)
    framework("core.signals").request_finished.connect(finished)
