"""Serve sync code under an ASGI server, in dedicated threads, where every marked call is allowed."""

from ginger_async_safe.asgi import hops
from ginger_async_safe.asgi.application import get_asgi_application
from ginger_async_safe.asgi.handler import ASGIHandler
from ginger_async_safe.asgi.leased import LeasedThreads
from ginger_async_safe.asgi.threads import Stats
from ginger_async_safe.policy import add_explanation

__all__ = ["ASGIHandler", "LeasedThreads", "Stats", "get_asgi_application"]

add_explanation(hops.rows)
