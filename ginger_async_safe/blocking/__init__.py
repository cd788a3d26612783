"""Guards for unmarked blocking calls: the built-in rules as data, and the engine that applies them."""

from ginger_async_safe.blocking import explained
from ginger_async_safe.blocking.calls import BlockingCall
from ginger_async_safe.blocking.guards import BlockingGuard, guard_blocking_calls
from ginger_async_safe.policy import add_explanation

__all__ = ["BlockingCall", "BlockingGuard", "guard_blocking_calls"]

add_explanation(explained.rows)
