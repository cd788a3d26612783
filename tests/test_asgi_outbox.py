"""The response on its way from the thread that creates it to the loop that sends it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from ginger_async_safe.asgi.loop_call_queue import LoopCallQueue
from ginger_async_safe.asgi.outbox import Outbox

if TYPE_CHECKING:
    import threading


def chunk(body: bytes) -> dict[str, Any]:
    """Return a message with a part of a response's body."""
    return {"type": "http.response.body", "body": body, "more_body": True}


def never(_: threading.Event) -> None:
    """Fail: in these tests there is always room in the window."""
    raise AssertionError


def test_burst_wakes_the_loop_once() -> None:
    """Chunks that are created faster than the loop sends them cost it one call, and each later one is noticed."""

    async def main() -> tuple[list[int], list[bytes]]:
        calls: list[int] = []

        class Counting(LoopCallQueue):
            def post(self, call: Any) -> None:
                calls.append(len(calls))
                super().post(call)

        outbox = Outbox(Counting(asyncio.get_running_loop()), never)
        counts, bodies = [], []
        for burst in ([b"a", b"b", b"c"], [b"d", b"e"]):
            news = outbox.news(asyncio.get_running_loop())
            for body in burst:
                outbox.put(chunk(body))
            counts.append(len(calls))
            assert news is not None
            await news
            while (message := outbox.take()) is not None:
                bodies.append(message["body"])
        return counts, bodies

    assert ([1, 2], [b"abc", b"de"]) == asyncio.run(main())
