"""One request and its response: the loop's half."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import logging
import math
import sys
import threading
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol

from ginger_async_safe.asgi.body import BodyTooLarge, ClientDisconnected, Inbox
from ginger_async_safe.asgi.environ import request_name
from ginger_async_safe.asgi.loop_call_queue import call_queue_of
from ginger_async_safe.asgi.outbox import Outbox
from ginger_async_safe.asgi.pooled_thread import take_one
from ginger_async_safe.asgi.response import plain_response
from ginger_async_safe.asgi.wakeup import current_task
from ginger_async_safe.asgi.workers import Worker

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from ginger_async_safe.asgi.response import Message

__all__ = ["CLIENT_TIMEOUT", "Exchange"]

logger: logging.Logger = logging.getLogger("ginger_async_safe.asgi")

CLIENT_TIMEOUT = 60.0
"""Seconds that a thread waits for a client that makes no progress, as in nginx."""

_STALLED = "the client made no progress, and was disconnected"
_WITH_STREAMS = {"2", "3"}  # HTTP versions in which no header announces a body or closes the connection
_NO_CONTEXT = contextvars.Context()
_WITHOUT_BODY = {"GET", "HEAD"}
_LONGEST_LENGTH = 18  # digits; int() refuses numbers of several thousand
_SECONDS_BETWEEN_LOOKS = 1.0


class Supervisor(Protocol):
    """Supervises exchanges that wait for a thread, or for the rest of their body."""

    @property
    def may_start_early(self) -> bool:
        """Whether a request may get a thread before its body is complete."""
        ...

    def count_stalled(self) -> None:
        """Count a client that was disconnected before its request had a thread."""
        ...

    def look_after_body(self, exchange: Exchange) -> None:
        """Supervise a request whose body is arriving: it gets a thread anyway after a while."""
        ...

    def forget_body(self, exchange: Exchange) -> None:
        """Stop supervising the body of a request."""
        ...

    def forget(self, exchange: Exchange) -> None:
        """Stop supervising a request that waited for a thread."""
        ...


class Starter(Protocol):
    """Provides threads for exchanges; implemented by the handler."""

    def start(self, exchange: Exchange) -> Coroutine[Any, Any, None]:
        """Request a thread to run the application, and return the coroutine that sends the response.

        Raises:
            RuntimeError: Where the operating system cannot start a thread.
        """
        ...

    def lookout(self) -> Supervisor:
        """Return the supervisor of waiting requests for the running loop."""
        ...


class Exchange:
    """One request and its response: the state and the operations on the event loop.

    The loop receives and sends, and is never blocked by the thread; the thread reads from the inbox and writes to the
    outbox, and waits only where the inbox is empty or the outbox is full. A small request takes one hop to its thread
    and back: its body is received before, and its response is sent after.

    Args:
        scope: The scope of the connection.
        receive: The server's ``receive``.
        send: The server's ``send``.
        max_body: How many bytes the request body may have, or ``None`` for no limit.
        client_timeout: Seconds that the thread waits for a client that makes no progress, or ``None`` for no limit.
        may_start_early: Whether the application may be called before the body, or a window of it, has been received.
    """

    # Class attributes, since most requests never set these: to set them all for each request would double its cost.
    _listening: asyncio.Task[None] | None = None
    _has_listened = False
    _may_listen: asyncio.Event | None = None
    # The task that responds while serve() still receives; returns the context as the application has left it.
    _responding: asyncio.Task[contextvars.Context] | None = None
    _context = _NO_CONTEXT  # that of the task of serve() when supervision of the body began
    _starter: Starter | None = None  # set while the body is supervised
    _receiver: asyncio.Task[Any] | None = None  # the task of serve(), while it may be interrupted
    _sender: asyncio.Task[Any] | None = None  # the task that sends, while it may be interrupted
    _receives_no_more = False
    _sends_no_more = False
    _cancellations = 0  # of the receiver, before it is interrupted
    _progressed = (0, 0.0)  # the bytes of the body received at the last check with progress, and the time of that check
    _received = 0
    _has_body = False
    _has_begun = False
    _is_disconnected = False
    _is_abandoned = False
    on_call_off: Callable[[], None] | None = None
    """Called when the exchange is cancelled before a thread has begun it."""
    lookout: Supervisor | None = None
    """The supervisor, where the exchange had to wait for a thread or for its body."""
    thread: threading.Thread | None = None
    """The thread that runs the application."""

    def __init__(  # noqa: PLR0913 - each is a setting, and is given by name
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
        *,
        max_body: int | None = None,
        client_timeout: float | None = None,
        may_start_early: bool = True,
    ) -> None:
        self.scope: dict[str, Any] = scope
        self.method: str = scope["method"]  # a scope without these keys raises here, so that the server logs the error
        self._path: str = scope["path"]
        self._receive = receive
        self._send = send
        self._max_body = max_body
        self._client_timeout = client_timeout
        self._may_start_early = may_start_early
        self.loop: asyncio.AbstractEventLoop = asyncio.get_running_loop()
        self.inbox: Inbox = Inbox(self._ask_for_more, self._wait_for_client)
        self.outbox: Outbox = Outbox(call_queue_of(self.loop), self._wait_for_client)
        self._claim = [True]

    # On the loop

    async def serve(self, starter: Starter) -> None:
        """Receive the body, request a thread, and send the response that it produces.

        The thread is requested when the body is complete, when a window of it is buffered, or when the rest is delayed.

        Args:
            starter: Provides the thread.

        Raises:
            Exception: Whatever the application raised after its response had begun: the server then ends the
                connection, so that the client sees an incomplete response. Or what ``receive`` or ``start`` raised.
            ClientDisconnected: Where a client that made no progress was disconnected, for the same reason.
        """
        if self._body_may_come():
            if not self._has_body:  # no header announces a body, so the first message is usually the last
                self._take_in(await self._receive())
                self._has_body = not (self.inbox.is_complete or self.outbox.is_complete)
            if self._has_body:
                await self._receive_body(starter)
        if self._responding is not None:
            self._take_over(await self._end_of(self._responding))
        elif self.outbox.is_complete:
            await self.respond()
        else:
            await starter.start(self)
        error, self.outbox.error = self.outbox.error, None  # its traceback refers to this exchange: avoid a cycle
        if error is not None:
            try:
                raise error
            finally:
                del error

    def _body_may_come(self) -> bool:
        """Return whether to receive the body before a thread is requested; refuse a body that is too large.

        To a client that expects ``100 Continue``, the server sends it when ``receive`` is called. Its body is therefore
        not received before the application reads it, and can be refused before it is sent (RFC 9110 10.1.1).
        """
        expects = False
        self._has_body = self.scope.get("http_version") in _WITH_STREAMS and self.method not in _WITHOUT_BODY
        for name, value in self.scope.get("headers", ()):
            if name == b"content-length":
                self._has_body = value != b"0"
                if value.isdigit() and self._is_too_large(int(value[:_LONGEST_LENGTH])):
                    self.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
                    return False
            elif name == b"transfer-encoding":
                self._has_body = True
            elif name == b"expect":
                expects = value.lower() == b"100-continue"
        if expects:
            self.inbox.wait_for_reader()
        return not expects

    async def _receive_body(self, starter: Starter) -> None:
        """Receive the body, or a window of it; all of it where a thread has begun meanwhile."""
        inbox, outbox = self.inbox, self.outbox
        self._look_after_body(starter)
        try:
            while not (inbox.is_complete or outbox.is_complete or inbox.is_full()):
                self._take_in(await self._receive())
            if self._responding is not None:
                await self._keep_listening()
        except BaseException:
            if not self._receives_no_more or not _take_back_cancellation(self._receiver, self._cancellations):
                self._stop_responding()
                raise
        finally:
            if self.lookout is not None:
                self.lookout.forget_body(self)
            self._receiver = self._starter = None

    def _look_after_body(self, starter: Starter) -> None:
        self._starter = starter
        self._receiver = current_task(self.loop)
        self._cancellations = _cancellations_of(self._receiver)
        self._context = contextvars.copy_context()
        self._progressed = (0, time.monotonic())
        self.lookout = starter.lookout()
        self.lookout.look_after_body(self)

    def starts_early(self) -> bool:
        """Request a thread although the body is incomplete; return whether that was done or is no longer needed."""
        starter, lookout = self._starter, self.lookout
        if starter is None or lookout is None:
            return True
        if not (self._may_start_early and lookout.may_start_early):
            if self._is_overdue() and self._refuse_to_wait():
                lookout.count_stalled()
            return self.outbox.is_complete
        with contextlib.suppress(RuntimeError):  # no thread can be started now: retry when the body is complete
            self._context.copy().run(self._start_early, starter)
            return True
        return False

    def _start_early(self, starter: Starter) -> None:
        response = starter.start(self)
        self._has_listened = True
        self._responding = self.loop.create_task(_context_after(response))
        self._responding.add_done_callback(functools.partial(self._note_end, response))

    def _is_overdue(self) -> bool:
        """Return whether no byte of the body was received for ``client_timeout``, as if a thread waited for it."""
        received, since = self._progressed
        if received != self._received:
            self._progressed = (self._received, time.monotonic())
            return False
        return self._client_timeout is not None and time.monotonic() - since > self._client_timeout

    def _stop_receiving(self) -> None:
        if self._receiver is not None:
            self._receives_no_more = True
            self._receiver.cancel()

    def _note_end(self, response: Coroutine[Any, Any, None], responding: asyncio.Task[contextvars.Context]) -> None:
        """Stop receiving in the task of :meth:`serve`, since the response has ended."""
        response.close()  # a task that is cancelled before its first step leaves the coroutine unstarted
        self._stop_receiving()
        if not responding.cancelled():
            responding.exception()  # mark it as retrieved: serve() does not where its task was cancelled

    async def _end_of(self, responding: asyncio.Task[contextvars.Context]) -> contextvars.Context:
        """Wait for the end of the task that responds, and return its final context."""
        try:
            return await responding
        finally:
            self._responding = None  # avoid a cycle: task, error, traceback, exchange
            del responding

    def _take_over(self, context: contextvars.Context) -> None:
        """Copy context variables that the application has set from the responding task's context, for the server."""
        before, self._context = self._context, _NO_CONTEXT
        for variable, value in context.items():
            if before.get(variable, before) is not value:  # before itself marks an unset variable
                variable.set(value)

    def _stop_responding(self) -> None:
        if self._responding is not None:
            self._responding.cancel()
            self._responding = None

    async def respond(  # noqa: C901, PLR0912 - a coroutine for a part of it would cost each request more than it does
        self, *, while_waiting: Callable[[], object] | None = None
    ) -> None:
        """Send the messages that the thread adds to the outbox, until it is done.

        Args:
            while_waiting: Called before each wait for the thread.
        """
        outbox = self.outbox
        is_whole = False
        if not outbox.is_complete and self.inbox.is_full():
            self._listen()
        while True:
            while (message := outbox.take()) is not None:
                if not self._has_begun and not self._begins(message):
                    continue
                is_whole = not message.get("more_body", True)
                if outbox.is_complete:  # no thread waits any more, so the client is never disconnected
                    try:
                        await self._send(message)
                    except OSError:
                        self._lose_client()
                else:
                    await self._deliver(message)
                    outbox.make_room()
            if outbox.is_complete:
                break
            if self._has_begun:
                self._listen()
            if while_waiting is not None:
                while_waiting()
            news = outbox.news(self.loop)
            if news is not None:
                await news
        self._stop_listening()
        if not self.inbox.is_complete:  # threads of the application that outlive it must not wait for more
            self.inbox.end(ClientDisconnected("the response has ended, and with it the request's body"))
        if self._is_disconnected and (self._send is _discard or not is_whole):
            outbox.error = await self._end_disconnected()

    def _begins(self, message: Message) -> bool:
        """Return whether to begin the application's response: a client that was disconnected does not get it."""
        self._has_begun = not self._is_disconnected and message["type"] == "http.response.start"
        return not self._is_disconnected

    async def _end_disconnected(self) -> ClientDisconnected | None:
        """End the connection to a stalled client: send 408, or return an error to raise to the server."""
        if self._has_begun:
            return ClientDisconnected(f"{self.name}: {_STALLED}")
        for message in plain_response(HTTPStatus.REQUEST_TIMEOUT, *self._fields_that_end()):
            await self._deliver(message)
        return None

    def _fields_that_end(self) -> list[tuple[bytes, bytes]]:
        """Return the header that makes the server close the connection after the response (RFC 9110 15.5.9)."""
        return [] if self.scope.get("http_version") in _WITH_STREAMS else [(b"connection", b"close")]

    def _refuse_to_wait(self) -> bool:
        """Answer 408 to a client that stopped sending its body and has no thread; return whether that was possible."""
        logger.info("%s: %s", self.name, _STALLED)
        is_refused = self.refuse(HTTPStatus.REQUEST_TIMEOUT, *self._fields_that_end())
        if is_refused:
            self._stop_receiving()
        return is_refused

    def notice_leaving(self) -> None:
        """Listen for a disconnect before a thread has begun, so that an abandoned request is dropped."""
        if not self.inbox.is_paused:
            self._listen()

    def refuse(self, status: HTTPStatus, *headers: tuple[bytes, bytes]) -> bool:
        """Send this status instead of running the application; return whether that was still possible."""
        if not self._call_off():
            return False
        self.outbox.complete(plain_response(status, *headers))
        return True

    def abandon(self) -> None:
        """Make the thread stop at the next piece, or not begin: the response is no longer needed."""
        self._is_abandoned = True
        self._call_off()
        self.leave()
        if not self.loop.is_closed():
            self._stop_listening()

    def _call_off(self) -> bool:
        if not self.claim():
            return False
        if self.on_call_off is not None:
            self.on_call_off()
        return True

    async def _deliver(self, message: Message) -> None:
        """Send a message; :meth:`_stop_sending` can cancel that."""
        sender = self._sender = current_task(self.loop)
        cancellations = _cancellations_of(sender)
        try:
            await self._send(message)
        except OSError:
            self._lose_client()
        except asyncio.CancelledError:
            if not self._sends_no_more or not _take_back_cancellation(sender, cancellations):
                raise
            self._send = _discard
        finally:
            self._sender = sender = None  # avoid a cycle: task, error, traceback, this frame

    def _lose_client(self) -> None:
        """Stop sending: an OSError of ``send`` means a disconnect since version 2.4 of ASGI's HTTP specification."""
        self._send = _discard
        self.leave()

    def _stop_sending(self) -> None:
        """Cancel the ``send`` that waits for a stalled client."""
        logger.info("%s: %s", self.name, _STALLED)
        if self._sender is not None:
            self._sends_no_more = True
            self._sender.cancel()

    def _listen(self) -> None:
        """Start a task that receives the rest of the body, and then the disconnect."""
        if not self._has_listened and not self.outbox.client_left:
            self._has_listened = True
            self._listening = self.loop.create_task(self._keep_listening())

    def _stop_listening(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            self._listening = None  # its CancelledError refers to this exchange: avoid a cycle

    async def _keep_listening(self) -> None:
        inbox, outbox = self.inbox, self.outbox
        try:
            while not outbox.client_left and not outbox.is_complete and not self._is_too_large(self._received):
                while inbox.is_full():
                    # Set by listen_on(), which the thread schedules on this loop.
                    self._may_listen = asyncio.Event()
                    await self._may_listen.wait()
                message = await self._receive()
                if inbox.is_complete and message["type"] == "http.request":
                    return  # some servers repeat the last message, which would block the loop for ever
                self._take_in(message)
        except Exception as error:  # noqa: BLE001 - respond() raises it when the thread has stopped
            outbox.error = error
            self.leave()

    def _take_in(self, message: Message) -> None:
        if message["type"] == "http.disconnect":
            self.leave()
            if self._call_off():
                self.outbox.complete()
            return
        piece = bytes(message.get("body", b""))
        self._received += len(piece)
        if self._is_too_large(self._received):
            if not self.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE):
                self.inbox.end(BodyTooLarge(f"the request's body has more than {self._max_body} bytes"))
            return
        self.inbox.put(piece)
        if not message.get("more_body", False):
            self.inbox.end()

    def _is_too_large(self, size: int) -> bool:
        return self._max_body is not None and size > self._max_body

    def listen_on(self) -> None:
        """Listen on behalf of the thread: for more of the body, or for a disconnect."""
        if self._may_listen is not None:
            self._may_listen.set()
        self._listen()

    # In any thread

    @property
    def name(self) -> str:
        """Method and path."""
        return request_name(self.method, self._path)

    @property
    def is_claimed(self) -> bool:
        """Whether a thread has begun the exchange, or it was cancelled."""
        return not self._claim

    @property
    def is_given_up(self) -> bool:
        """Whether the server has cancelled the request, or its loop no longer runs."""
        return self._is_abandoned or self.outbox.is_complete or not self.loop.is_running()

    def claim(self) -> bool:
        """Return ``True`` for the first caller only: the thread that runs the application, or the loop that cancels."""
        return take_one(self._claim) is not None

    def leave(self) -> None:
        """Record that the response is no longer needed, and end the thread's wait for the client."""
        if not self.inbox.is_complete:
            self.inbox.end(ClientDisconnected("the client left before it had sent all of the request's body"))
        self.outbox.leave()

    def disconnect(self) -> None:
        """Disconnect a client that makes no progress; the application sees an ordinary disconnect."""
        self._is_disconnected = True  # set before the thread resumes
        self.leave()
        self.outbox.call_on_loop(self._stop_sending)

    # In the thread

    def _wait_for_client(self, event: threading.Event) -> None:
        """Wait until the loop sets an event, or is closed. All waits of a thread for its client go through this."""
        thread = self.thread
        if thread is not threading.current_thread() or not isinstance(thread, Worker):  # a helper thread
            self._wait_until_set(event)
            return
        with thread.waiting(self.disconnect):
            self._wait_until_set(event)
        thread.stalled += self._is_disconnected

    def _wait_until_set(self, event: threading.Event) -> None:
        limit = math.inf if self._client_timeout is None else time.monotonic() + self._client_timeout
        while not event.wait(min(_SECONDS_BETWEEN_LOOKS, limit - time.monotonic())):
            if self.loop.is_closed():
                self.leave()
            elif time.monotonic() >= limit:
                self.disconnect()

    def _ask_for_more(self) -> None:
        self.outbox.call_on_loop(self.listen_on)


async def _context_after(responding: Coroutine[Any, Any, None]) -> contextvars.Context:
    """Respond, and return a copy of the context at the end."""
    await responding
    return contextvars.copy_context()


async def _discard(_message: Message) -> None:
    """Discard the message."""


def _cancellations_of(task: asyncio.Task[Any] | None) -> int:
    """Return a task's count of pending cancellations; before Python 3.11 tasks have none, and it is 0."""
    if sys.version_info >= (3, 11) and task is not None:
        return task.cancelling()
    return 0


def _take_back_cancellation(task: asyncio.Task[Any] | None, before: int) -> bool:
    """Undo one cancellation of a task; return whether no other cancellation is pending.

    Args:
        task: The task.
        before: What :func:`_cancellations_of` returned before.
    """
    if sys.version_info >= (3, 11) and task is not None:
        return task.uncancel() <= before
    return True
