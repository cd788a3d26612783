"""One call of a WSGI application, from its start to ``close()``: the thread's half of an exchange."""

from __future__ import annotations

import asyncio
import logging
import threading
import traceback
from abc import ABC, abstractmethod
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from ginger_async_safe.asgi.body import BodyTooLarge, ClientDisconnected
from ginger_async_safe.asgi.environ import environ_of
from ginger_async_safe.asgi.response import Response, plain_response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ginger_async_safe.asgi.exchange import Exchange
    from ginger_async_safe.asgi.outbox import Outbox
    from ginger_async_safe.asgi.response import Message

    WSGIApplication = Callable[[dict[str, Any], Any], Iterable[bytes]]

__all__ = ["Call"]

logger: logging.Logger = logging.getLogger("ginger_async_safe.asgi")


class Call(ABC):
    """The application's side of an exchange: it reads from the inbox, and writes its response to the outbox.

    Args:
        application: The WSGI application.
        exchange: The loop's half. It does not refer to this call, to avoid a reference cycle.
        is_alone: Whether no other request has a thread.
    """

    def __init__(self, application: WSGIApplication, exchange: Exchange, *, is_alone: bool = False) -> None:
        self._application = application
        self.exchange: Exchange = exchange
        self._is_alone = is_alone
        self.outbox: Outbox = exchange.outbox
        self._is_streaming = True
        self._is_watched = False
        self._has_posted = False
        self._held: list[Message] = []

    # In any thread

    @property
    def name(self) -> str:
        """Method and path."""
        return self.exchange.name

    @property
    def is_given_up(self) -> bool:
        """Whether the server has cancelled the request, or its loop no longer runs."""
        return self.exchange.is_given_up

    def call_off(self) -> None:
        """Make the application stop at the next piece, since no loop can send it."""
        self.exchange.leave()

    # In the thread

    def begin(self) -> bool:
        """Return whether to run the application; if so, the loop can no longer cancel the call."""
        return self.exchange.claim()

    @abstractmethod
    def run(self) -> None:
        """Perform the call in the request's context, with asgiref's thread-local state, as the hop implements it."""

    def finish(self) -> None:
        """Notify the loop that the thread is done."""
        self.outbox.call_on_loop(self.outbox.complete)

    def perform(self) -> None:
        """Run the application from its call to its ``close()``. Raises nothing."""
        self.exchange.thread = threading.current_thread()
        response = Response(self.exchange.method, self._take)
        try:
            start_response = self._early(response.start_response) if self._is_alone else response.start_response
            environ = environ_of(self.exchange.scope, self.exchange.inbox.file())
            chunks = self._application(environ, start_response)
            try:
                self._iterate(chunks, response)
            finally:
                self._close(chunks)
        except BodyTooLarge as error:
            self._fail(error, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, response)
        except BaseException as error:
            if self.outbox.client_left and isinstance(error, (ClientDisconnected, asyncio.CancelledError)):
                logger.info("%s: the client left", self.name)
                # Break the cycle: async_to_sync's frame has a future with this error, whose traceback has that frame.
                traceback.clear_frames(error.__traceback__)
            else:
                logger.exception("%s failed", self.name)
                self._fail(error, HTTPStatus.INTERNAL_SERVER_ERROR, response)
        self.outbox.put_last(self._held)

    def _early(self, start_response: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap ``start_response`` so that the loop wakes up while the application produces its response.

        Not used where other requests run: the loop is awake anyway then, or would only wait for the GIL.
        """

        def announcing(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the application passes
            self.outbox.announce()
            return start_response(*arguments, **named)

        return announcing

    def _fail(self, error: BaseException, status: HTTPStatus, response: Response) -> None:
        if not self._has_posted:
            self._held = plain_response(status)
        elif response.is_whole:  # the client has as many bytes as Content-Length says
            self._is_streaming = False
            response.finish()
        elif isinstance(error, Exception):
            self.outbox.error = error
        else:  # SystemExit and the like would end the loop, and CancelledError would be taken for the server's own
            self.outbox.error = RuntimeError(f"the application raised {type(error).__name__}")
            self.outbox.error.__cause__ = error

    def _iterate(self, chunks: Iterable[bytes], response: Response) -> None:
        self._is_streaming = not isinstance(chunks, (list, tuple))
        for chunk in chunks:
            response.send_body(chunk)
            if self.outbox.client_left:
                return
            if response.takes_no_more:  # further chunks would not be sent
                break
            if not self._has_posted and self._is_streaming:
                self._watch()
        self._is_streaming = False
        response.finish()
        if response.is_too_long:
            logger.warning(
                "%s: the body is longer than its Content-Length; the bytes beyond are not sent (PEP 3333)", self.name
            )

    def _watch(self) -> None:
        """Make the loop listen for a disconnect before the first message: the stream may never send one."""
        if not self._is_watched and not self.exchange.inbox.is_paused:
            self._is_watched = True
            self.outbox.call_on_loop(self.exchange.listen_on)

    def _close(self, chunks: Iterable[bytes]) -> None:
        try:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        except BaseException:
            logger.exception("%s: close() failed, the response stands", self.name)

    def _take(self, message: Message) -> None:
        """Send a message: at once where the application streams, otherwise together with the others at the end."""
        if self._is_streaming:
            self.outbox.put(message)
            self._has_posted = True
        elif self._held and not message.get("body") and self._held[-1]["type"] == "http.response.body":
            self._held[-1]["more_body"] = message["more_body"]  # merge the end into the last message
        else:
            self._held.append(message)
