"""One request and its response: the part on the loop, and the part in the application's thread."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
import os
import threading
from collections import deque
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from asgiref.sync import SyncToAsync, _restore_context

from ginger_async_safe.asgi.body import WINDOW, BodyTooLarge, ClientDisconnected, Inbox
from ginger_async_safe.asgi.environ import environ_of
from ginger_async_safe.asgi.mailbox import mailbox_of
from ginger_async_safe.asgi.response import Response, plain_response
from ginger_async_safe.asgi.wakeup import Wakeup
from ginger_async_safe.asgi.workers import take_one

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from ginger_async_safe.asgi.response import Message

    WSGIApplication = Callable[[dict[str, Any], Any], Iterable[bytes]]

__all__ = ["Exchange"]

logger: logging.Logger = logging.getLogger("ginger_async_safe.asgi")

_COST_OF_A_CHUNK = 1024  # bytes that a chunk counts for beyond its own, so that tiny ones are bounded too
_LONGEST_LENGTH = 18  # digits; int() refuses thousands of them
_SECONDS_BETWEEN_LOOKS = 1.0


class Exchange:
    """One request and its response.

    The loop receives, sends, and never waits for the thread; the thread posts, and waits only where a window is full.
    A small request costs one hop: its body is there before, and its response is sent after.

    Args:
        application: The WSGI application.
        scope: The scope of the connection.
        receive: The server's.
        send: The server's.
        max_body: How many bytes the request's body may have, or ``None`` for any number.
    """

    def __init__(
        self,
        application: WSGIApplication,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
        *,
        max_body: int | None = None,
    ) -> None:
        self._application = application
        self._scope = scope
        self._method: str = scope["method"]  # a scope without them fails here, where the server hears of it
        self._path: str = scope["path"]
        self._receive = receive
        self._send = send
        self._max_body = max_body
        self._received = 0
        self._loop = asyncio.get_running_loop()
        self._mailbox = mailbox_of(self._loop)
        self._inbox = Inbox(self._resume_listening, self._wait)
        self._listening: asyncio.Task[None] | None = None
        self._has_listened = False
        self._may_listen: asyncio.Event | None = None
        self._tasks: list[asyncio.Task[Any]] = []  # what asgiref's async_to_sync runs for the thread
        self._outbox: deque[Message] = deque()
        self._posted = 0  # written in the thread only
        self._sent = 0  # written on the loop only
        self._room: threading.Event | None = None  # made where the thread has to wait
        self._news: Wakeup | None = None
        self._is_streaming = True
        self._is_watched = False
        self._has_sent = False
        self._has_posted = False
        self._held: list[Message] = []
        self._is_done = False
        self._claim = [True]
        self._context = contextvars.copy_context()
        self.error: BaseException | None = None
        """What the application raised when its response was on its way."""
        self.client_left: bool = False
        """Whether nobody waits for the response any more."""
        self.is_alone: bool = False
        """Whether no other exchange has a thread when this one asks for one."""
        self.on_call_off: Callable[[], None] | None = None
        """Called where the exchange is called off before a thread has begun it."""

    # On the loop

    async def receive_body(self) -> bool:
        """Receive the body, or as much of it as may wait for the thread; tell whether the application is to run.

        A client that expects ``100 Continue`` is answered with that when the server is asked to receive: so its body
        waits until the application reads it, and may be refused before it is sent (RFC 9110 10.1.1).
        """
        expects = False
        for name, value in self._scope.get("headers", ()):
            if name == b"content-length":
                if value.isdigit() and self._is_too_large(int(value[:_LONGEST_LENGTH])):
                    self.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
                    return False
            elif name == b"expect":
                expects = value.lower() == b"100-continue"
        if expects:
            self._inbox.wait_for_reader()
            return True
        while not self._inbox.is_complete and not self._is_done and not self._inbox.is_full():
            self._take_in(await self._receive())
        return not self._is_done

    async def respond(self) -> None:
        """Send what the thread posts, until it is done.

        Raises:
            Exception: What the application raised when its response was on its way: the server then ends the
                connection, and the client sees that the response is not whole. Or what ``receive`` raised.
        """
        if not self._is_done and self._inbox.is_full():
            self._listen()
        while True:
            while self._outbox:
                await self._send_next()
            if self._is_done:
                break
            if self._has_sent:
                self._listen()
            self._news = Wakeup(self._loop)
            if not self._outbox and not self._is_done:
                await self._news
            self._news = None
        self._stop_listening()
        if not self._inbox.is_complete:  # what the application leaves behind must not wait for more
            self._inbox.end(ClientDisconnected("the response has ended, and with it the request's body"))
        _restore_context(self._context)  # what the application has set is there for the server
        error, self.error = self.error, None  # its traceback is to keep this exchange, which must not keep it
        if error is not None:
            try:
                raise error
            finally:
                del error

    def notice_leaving(self) -> None:
        """Listen for the client's leaving although no thread has begun: what nobody waits for need not be done."""
        if not self._inbox.is_paused:
            self._listen()

    def refuse(self, status: HTTPStatus, *headers: tuple[bytes, bytes]) -> bool:
        """Answer with a status instead of running the application; return whether that was still possible."""
        if not self._call_off():
            return False
        self._outbox.extend(plain_response(status, *headers))
        self._finish()
        return True

    def abandon(self) -> None:
        """Have the thread stop at the next piece, or not begin: nobody waits for the response.

        Async code that the application waits for is cancelled, as asgiref's ``sync_to_async`` does.
        """
        self._call_off()
        self._leave()
        if not self._loop.is_closed():
            self._stop_listening()
            for task in self._tasks:
                task.cancel()

    def _call_off(self) -> bool:
        if not self.begin():
            return False
        if self.on_call_off is not None:
            self.on_call_off()
        return True

    async def _send_next(self) -> None:
        message = self._outbox.popleft()
        if message["type"] == "http.response.body":
            size = cost = len(message["body"]) + _COST_OF_A_CHUNK
            if self._outbox and self._outbox[0]["type"] == "http.response.body" and size < WINDOW:
                message, cost = self._joined(message, cost)
            await self._deliver(message)
            self._sent += cost
            if self._room is not None:
                self._room.set()
        else:
            self._has_sent = True
            await self._deliver(message)

    async def _deliver(self, message: Message) -> None:
        try:
            await self._send(message)
        except OSError:  # so a server says that the client has left, from version 2.4 of the ASGI HTTP specification on
            self._send = _send_to_nobody
            self._leave()

    def _joined(self, message: Message, cost: int) -> tuple[Message, int]:
        """Join chunks that wait already: a message costs the server more than the bytes in it."""
        parts = [message["body"]]
        while cost < WINDOW and self._outbox and self._outbox[0]["type"] == "http.response.body":
            message = self._outbox.popleft()
            parts.append(message["body"])
            cost += len(message["body"]) + _COST_OF_A_CHUNK
        return {"type": "http.response.body", "body": b"".join(parts), "more_body": message["more_body"]}, cost

    def _listen(self) -> None:
        """Go on receiving: the rest of the body, and then that the client leaves."""
        if not self._has_listened and not self.client_left:
            self._has_listened = True
            self._listening = self._loop.create_task(self._keep_listening())

    def _stop_listening(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            self._listening = None  # its CancelledError keeps this exchange, which must not keep the task

    async def _keep_listening(self) -> None:
        try:
            while not self.client_left and not self._is_done and not self._is_too_large(self._received):
                while self._inbox.is_full():
                    # Set by a call that the thread posts, which the loop makes when it is done here.
                    self._may_listen = asyncio.Event()
                    await self._may_listen.wait()
                message = await self._receive()
                if self._inbox.is_complete and message["type"] == "http.request":
                    return  # a server that repeats itself: it would without end, and hold up the loop
                self._take_in(message)
        except Exception as error:  # noqa: BLE001 - respond() raises it when the thread has stopped
            self.error = error
            self._leave()

    def _take_in(self, message: Message) -> None:
        if message["type"] == "http.disconnect":
            self._leave()
            if self._call_off():
                self._finish()
            return
        piece = bytes(message.get("body", b""))
        self._received += len(piece)
        if self._is_too_large(self._received):
            if not self.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE):
                self._inbox.end(BodyTooLarge(f"the request's body has more than {self._max_body} bytes"))
            return
        self._inbox.put(piece)
        if not message.get("more_body", False):
            self._inbox.end()

    def _is_too_large(self, size: int) -> bool:
        return self._max_body is not None and size > self._max_body

    def _leave(self) -> None:
        self.client_left = True
        if not self._inbox.is_complete:
            self._inbox.end(ClientDisconnected("the client left before it had sent all of the request's body"))
        if self._room is not None:
            self._room.set()

    def _listen_on(self) -> None:
        if self._may_listen is not None:
            self._may_listen.set()
        self._listen()

    def _notice(self) -> None:
        if self._news is not None:
            self._news.set()

    def _finish(self) -> None:
        self._is_done = True
        self._notice()

    # In the thread

    def begin(self) -> bool:
        """Claim the exchange: for the thread that runs it, or for the loop that calls it off."""
        return take_one(self._claim) is not None

    def run(self) -> None:
        """Run the application from its call to its ``close()``."""
        # What asgiref's sync_to_async says in a thread, so that async_to_sync in a view finds the server's loop,
        # and what it runs there is known here.
        asgiref = SyncToAsync.threadlocal
        asgiref.main_event_loop = self._loop
        asgiref.main_event_loop_pid = os.getpid()
        asgiref.task_context = self._tasks
        try:
            self._context.run(self._run)
        finally:
            asgiref.main_event_loop = asgiref.task_context = None

    def finish(self) -> None:
        """Tell the loop that the thread is done."""
        self._tell(self._finish)

    def call_off(self) -> None:
        """Have the thread stop at the next piece: there is no loop any more."""
        self._leave()

    def _run(self) -> None:
        response = Response(self._method, self._take)
        try:
            _restore_context(self._context)  # asgiref's Locals belong to a thread: from now on, to this one
            start_response = self._early(response.start_response) if self.is_alone else response.start_response
            chunks = self._application(environ_of(self._scope, self._inbox.file()), start_response)
            try:
                self._iterate(chunks, response)
            finally:
                self._close(chunks)
        except BodyTooLarge as error:
            self._fail(error, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except BaseException as error:
            if self.client_left and isinstance(error, (ClientDisconnected, asyncio.CancelledError)):
                logger.info("%s: the client left", self._what)
            else:
                logger.exception("%s failed", self._what)
                self._fail(error, HTTPStatus.INTERNAL_SERVER_ERROR)
        self._outbox.extend(self._held)

    def _early(self, start_response: Callable[..., Any]) -> Callable[..., Any]:
        """Have the loop wake while the application makes its response.

        Where other requests run, it is awake, or has better to do than to wait for the interpreter's lock.
        """

        def announcing(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the application gives
            with contextlib.suppress(RuntimeError):  # the loop is closed: post() says so to whom it matters
                self._mailbox.announce()
            return start_response(*arguments, **named)

        return announcing

    def _fail(self, error: BaseException, status: HTTPStatus) -> None:
        if not self._has_posted:
            self._held = plain_response(status)
        elif isinstance(error, Exception):
            self.error = error
        else:  # SystemExit and its like would end the loop, and CancelledError would pass for the server's own
            self.error = RuntimeError(f"the application raised {type(error).__name__}")
            self.error.__cause__ = error

    def _iterate(self, chunks: Iterable[bytes], response: Response) -> None:
        self._is_streaming = not isinstance(chunks, (list, tuple))
        for chunk in chunks:
            response.write(chunk)
            if self.client_left:
                return
            if response.is_headed_only:  # nobody is to see what else the application makes
                break
            if not self._posted and self._is_streaming:
                self._watch()
        self._is_streaming = False
        response.finish()

    def _watch(self) -> None:
        """Have the loop listen for the client's leaving before there is something to send, lest nothing ever is."""
        if not self._is_watched and not self._inbox.is_paused:
            self._is_watched = True
            self._tell(self._listen_on)

    def _close(self, chunks: Iterable[bytes]) -> None:
        try:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        except BaseException:
            logger.exception("%s: close() failed, the response stands", self._what)

    def _take(self, message: Message) -> None:
        """Have a message sent: at once where more is to be made meanwhile, and else when the thread is done."""
        if not self._is_streaming:
            self._held.append(message)
            return
        if self.client_left:
            msg = "the client left before it had all of the response"
            raise ClientDisconnected(msg)
        self._has_posted = True
        self._outbox.append(message)
        if message["type"] == "http.response.start":
            self._tell(self._notice)
        else:
            self._posted += len(message["body"]) + _COST_OF_A_CHUNK
            self._tell(self._notice)
            while self._posted - self._sent > WINDOW and not self.client_left:
                if self._room is None:
                    self._room = threading.Event()
                self._room.clear()
                if self._posted - self._sent > WINDOW and not self.client_left:
                    self._wait(self._room)

    def _wait(self, event: threading.Event) -> None:
        """Wait until the loop sets an event, or is closed."""
        while not event.wait(_SECONDS_BETWEEN_LOOKS):
            if self._loop.is_closed():
                self._leave()

    def _resume_listening(self) -> None:
        self._tell(self._listen_on)

    def _tell(self, call: Callable[[], None]) -> None:
        try:
            self._mailbox.post(call)
        except RuntimeError:  # the loop is closed: nobody waits for this exchange
            self.client_left = True

    @property
    def _what(self) -> str:
        return f"{self._method} {self._path}"


async def _send_to_nobody(_message: Message) -> None:
    """Send no more."""
