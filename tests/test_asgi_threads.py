"""Leased threads, where a test needs event loops of its own."""

from __future__ import annotations

import asyncio
from typing import Any

from _asgi import exchange

from ginger_async_safe.asgi import ASGIHandler


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answer every request alike."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"again"]


def test_several_loops_in_turn() -> None:
    """One handler serves several event loops, one after the other."""
    handler = ASGIHandler(application, threads=1)
    assert [b"again"] * 3 == [asyncio.run(exchange(handler)).body for _ in range(3)]
