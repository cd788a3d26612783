"""The response: produced in the application's thread, sent on the loop, with a bounded buffer in between."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from typing import TYPE_CHECKING

from ginger_async_safe.asgi.body import WINDOW, ClientDisconnected
from ginger_async_safe.asgi.wakeup import Wakeup

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable

    from ginger_async_safe.asgi.loop_call_queue import LoopCallQueue
    from ginger_async_safe.asgi.response import Message

__all__ = ["Outbox"]

_COST_OF_A_CHUNK = 1024  # bytes added to the size of each chunk, so that the number of tiny chunks is bounded too


class Outbox:
    """A buffer for the messages of a response: the thread adds them, the loop takes them.

    Args:
        call_queue: The call queue of the loop.
        wait: Called in the thread to wait for an event that the loop sets.
    """

    def __init__(self, call_queue: LoopCallQueue, wait: Callable[[threading.Event], None]) -> None:
        self._call_queue = call_queue
        self._wait = wait
        self._messages: deque[Message] = deque()
        # Two counters, each written by one side only: a single one, changed by both threads, would lose updates.
        self._put = 0
        self._sent = 0
        self._in_flight = 0  # the cost of the message that was taken last, and may not be sent yet
        self._room: threading.Event | None = None  # created when the thread has to wait
        self._news: Wakeup | None = None
        self._is_noticed = False  # whether a check for messages is scheduled on the loop, and has not begun
        self.is_complete: bool = False
        """Whether no more messages will be added."""
        self.client_left: bool = False
        """Whether the response is no longer needed."""
        self.error: BaseException | None = None
        """Why the response is incomplete, where the error is to be raised to the server."""

    # On the loop

    def take(self) -> Message | None:
        """Return the next message, or ``None``; queued chunks are joined, since each message costs the server time."""
        if not self._messages:
            return None
        message = self._messages.popleft()
        if message["type"] != "http.response.body":
            self._in_flight = 0
            return message
        if self.is_complete and not self._messages:  # the last message: no thread waits for room
            return message
        cost = len(message["body"]) + _COST_OF_A_CHUNK
        parts = [message["body"]]
        while cost < WINDOW and self._messages and self._messages[0]["type"] == "http.response.body":
            message = self._messages.popleft()
            parts.append(message["body"])
            cost += len(message["body"]) + _COST_OF_A_CHUNK
        self._in_flight = cost
        if len(parts) == 1:
            return message
        return {"type": "http.response.body", "body": b"".join(parts), "more_body": message["more_body"]}

    def make_room(self) -> None:
        """Mark the message that was taken last as sent, and wake the thread that waits for room."""
        self._sent += self._in_flight
        if self._room is not None:
            self._room.set()

    def news(self, loop: asyncio.AbstractEventLoop) -> Wakeup | None:
        """Return what to await until there is a message or the end; ``None`` where there is one already."""
        news = self._news = Wakeup(loop)  # set before the check: the thread adds messages at any time
        if self._messages or self.is_complete:
            self._news = None
            return None
        return news

    def complete(self, messages: Iterable[Message] = ()) -> None:
        """Add the last messages, and mark the response as complete."""
        self._messages.extend(messages)
        self.is_complete = True
        self._forget()
        self.notice()

    def leave(self) -> None:
        """Record that the response is no longer needed, and wake the thread that waits for room."""
        self.client_left = True
        if self._room is not None:
            self._room.set()
        self._forget()

    def _forget(self) -> None:
        # Usually a bound method of the owner of this outbox: drop it to break the reference cycle.
        self._wait = _do_nothing

    def notice(self) -> None:
        """Resume the task that waits for news, so that it checks again."""
        news, self._news = self._news, None
        if news is not None:
            news.set()

    def _look(self) -> None:
        self._is_noticed = False  # reset before the check: messages added from now on need another one
        self.notice()

    # In the thread

    def put(self, message: Message) -> None:
        """Add a message, and wait while more than a window of bytes is unsent.

        A large message is added piece by piece, so that the progress of a client that receives it slowly is measured.

        Raises:
            ClientDisconnected: Where the client has disconnected.
        """
        size = len(message.get("body", b""))
        if size <= WINDOW:
            self._put_piece(message, size)
            return
        body = memoryview(message["body"])
        for start in range(0, size, WINDOW):
            piece = bytes(body[start : start + WINDOW])
            self._put_piece({**message, "body": piece}, len(piece))

    def _put_piece(self, message: Message, size: int) -> None:
        if self.client_left:
            msg = "the client left before it had all of the response"
            raise ClientDisconnected(msg)
        self._messages.append(message)
        if message["type"] == "http.response.body":
            self._put += size + _COST_OF_A_CHUNK
        if not self._is_noticed:
            self._is_noticed = True
            self.call_on_loop(self._look)
        while self._put - self._sent > WINDOW and not self.client_left:
            if self._room is None:
                self._room = threading.Event()
            self._room.clear()
            if self._put - self._sent > WINDOW and not self.client_left:
                self._wait(self._room)

    def put_last(self, messages: Iterable[Message]) -> None:
        """Add messages without waking the loop: it sends them at the latest when the thread is done."""
        self._messages.extend(messages)

    def call_on_loop(self, call: Callable[[], None]) -> None:
        """Schedule a call on the loop; where the loop is closed, the response is no longer needed."""
        try:
            self._call_queue.post(call)
        except RuntimeError:
            self.client_left = True

    def announce(self) -> None:
        """Wake the loop ahead of a message that will be added very soon."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: call_on_loop() handles that
            self._call_queue.announce()


def _do_nothing(_: object) -> None:
    """Do not wait: no more room will be made."""
