"""The watch: notices that an event loop does not turn, and reports where it stands, while it stands there."""

from ginger_async_safe.monitor.reports import BlockedLoop
from ginger_async_safe.monitor.watch import LoopWatch, watch_loops

__all__ = ["BlockedLoop", "LoopWatch", "watch_loops"]
