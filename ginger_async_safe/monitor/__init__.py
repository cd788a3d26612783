"""The watch: detects that an event loop is blocked, and reports the blocking line while the loop is blocked there."""

from ginger_async_safe.monitor.reports import BlockedLoop
from ginger_async_safe.monitor.watch import LoopWatch, watch_loops

__all__ = ["BlockedLoop", "LoopWatch", "watch_loops"]
