"""One request and its response: the part on the loop, and the part in the application's thread."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any, TypeVar

from ginger_async_safe.asgi.body import ClientDisconnected, RequestBody
from ginger_async_safe.asgi.environ import environ_of
from ginger_async_safe.asgi.response import Response, server_error

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable
    from concurrent.futures import Future

    from ginger_async_safe.asgi.response import Message

__all__ = ["Exchange"]

logger = logging.getLogger("ginger_async_safe.asgi")

_T = TypeVar("_T")


class Exchange:
    """One request and its response.

    A small request costs one hop to the thread: its body is there before, and a response in one piece is sent after.
    Larger ones cross piece by piece, each waiting for the server to take it.

    Args:
        scope: The scope of the connection.
        receive: The server's.
        send: The server's.
    """

    def __init__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._first = b""
        self._more_to_receive = True
        self._waits_to_be_sent: list[Message] = []
        self._is_streaming = True
        self._has_sent = False
        self._crossing: Future[Any] | None = None
        self._watch: asyncio.Task[None] | None = None
        self.client_left = False
        """Whether nobody waits for the response any more."""

    # On the loop

    async def receive_first(self) -> None:
        """Receive the first piece of the body, which for most requests is all of it."""
        self._first = await self._next_piece()

    async def finish(self) -> None:
        """Send what the thread has left to send."""
        await self._send_waiting()
        if self._watch is not None:
            self._watch.cancel()

    def abandon(self) -> None:
        """Have the thread stop at the next piece: nobody waits for the response."""
        self.client_left = True
        for waiting in (self._crossing, self._watch):
            if waiting is not None:
                waiting.cancel()

    async def _next_piece(self) -> bytes:
        while self._more_to_receive:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self.client_left = True
                self._more_to_receive = False
            else:
                self._more_to_receive = message.get("more_body", False)
                if piece := message.get("body", b""):
                    return bytes(piece)
        return b""

    async def _send_waiting(self) -> None:
        messages, self._waits_to_be_sent = self._waits_to_be_sent, []
        for message in messages:
            self._has_sent = True
            await self._send(message)

    async def _send_piece(self) -> None:
        # Once the body is received, the next thing to receive is that the client leaves.
        if self._watch is None and not self._more_to_receive:
            self._watch = self._loop.create_task(self._watch_client())
        await self._send_waiting()

    async def _watch_client(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.client_left = True

    # In the thread

    def run(self, application: Callable[[dict[str, Any], Any], Iterable[bytes]]) -> None:
        """Run a WSGI application from its call to its ``close()``.

        Raises:
            Exception: What the application raised, where its response is on its way already: then the server ends
                the connection, and the client sees that the response is not whole.
        """
        what = f"{self._scope['method']} {self._scope['path']}"
        response = Response(self._scope["method"], self._take)
        try:
            chunks = application(environ_of(self._scope, RequestBody(self._read)), response.start_response)
            try:
                self._iterate(chunks, response)
            finally:
                self._close(chunks, what)
        except (ClientDisconnected, CancelledError):
            logger.info("%s: the client left", what)
        except Exception:
            logger.exception("%s failed", what)
            if self._has_sent:
                raise
            self._waits_to_be_sent = server_error()

    def _iterate(self, chunks: Iterable[bytes], response: Response) -> None:
        self._is_streaming = not isinstance(chunks, (list, tuple))
        for chunk in chunks:
            response.write(chunk)
            if self.client_left:
                return
        self._is_streaming = False
        response.finish()

    def _close(self, chunks: Iterable[bytes], what: str) -> None:
        close = getattr(chunks, "close", None)
        if close is not None:
            try:
                close()
            except Exception:
                logger.exception("%s: close() failed, the response stands", what)

    def _take(self, message: Message) -> None:
        """Have a message sent: at once, and waiting for the client, where more is to be made meanwhile."""
        self._waits_to_be_sent.append(message)
        if self._is_streaming and message["type"] == "http.response.body":
            self._cross(self._send_piece())

    def _read(self) -> bytes:
        piece, self._first = self._first, b""
        if not piece and self._more_to_receive:
            piece = self._cross(self._next_piece())
        if not piece and self.client_left:
            msg = "the client left before it had sent all of the request's body"
            raise ClientDisconnected(msg)
        return piece

    def _cross(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        """Run a coroutine on the loop, and wait for it here."""
        crossing = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        self._crossing = crossing
        if self.client_left:  # abandoned between two crossings
            crossing.cancel()
        return crossing.result()
