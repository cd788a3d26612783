"""Guards for blocking calls that nobody marked: the rules as data, and what applies them."""

from ginger_async_safe import _explain
from ginger_async_safe.blocking import explained
from ginger_async_safe.blocking.calls import BlockingCall
from ginger_async_safe.blocking.guards import BlockingGuard, guard_blocking_calls

__all__ = ["BlockingCall", "BlockingGuard", "guard_blocking_calls"]

_explain.add_section(explained.rows)
