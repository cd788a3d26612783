"""Guards of the shop."""

from ginger_async_safe import async_unsafe
from shop import Order

async_unsafe.guard(Order, "save", "load")
